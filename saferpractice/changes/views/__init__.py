"""Pages of stage 5."""

from saferpractice.changes.views.actions import (
    action,
    action_plan,
    decide,
    evidence,
    evidence_file,
    give_evidence,
    hand_over_action,
    new_action,
    new_review_action,
)
from saferpractice.changes.views.agreeing import answer, new
from saferpractice.changes.views.carrying_out import carry_out, take_off
from saferpractice.changes.views.changes import (
    briefing,
    change,
    changes,
    changes_file,
    go_live,
    hand_over,
    withdraw,
)
from saferpractice.changes.views.proving import proof, proof_file, versions

__all__ = [
    "action",
    "action_plan",
    "answer",
    "briefing",
    "carry_out",
    "change",
    "changes",
    "changes_file",
    "decide",
    "evidence",
    "evidence_file",
    "give_evidence",
    "go_live",
    "hand_over",
    "hand_over_action",
    "new",
    "new_action",
    "new_review_action",
    "proof",
    "proof_file",
    "take_off",
    "versions",
    "withdraw",
]
