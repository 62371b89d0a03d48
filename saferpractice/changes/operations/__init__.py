"""Writes of stage 5: agree, brief, take live, prove, withdraw; give out, evidence and accept actions."""

from saferpractice.changes.operations.actions import (
    add_action,
    add_meeting_action,
    decide_evidence,
    give_evidence,
    hand_over_action,
)
from saferpractice.changes.operations.agreeing import (
    agree_change,
    go_live,
    hand_over_change,
    keep_briefing,
    withdraw_change,
)
from saferpractice.changes.operations.carrying_out import (
    BY_ITSELF,
    carry_out,
    go_live_with_version,
    prove_by_use,
    take_off,
)
from saferpractice.changes.operations.planning import supply_action_plan
from saferpractice.changes.operations.proving import record_proof
from saferpractice.changes.operations.shared import ACCEPT, ACTION, GO_LIVE, PLAN, PROOF

__all__ = [
    "ACCEPT",
    "ACTION",
    "BY_ITSELF",
    "GO_LIVE",
    "PLAN",
    "PROOF",
    "add_action",
    "add_meeting_action",
    "agree_change",
    "carry_out",
    "decide_evidence",
    "give_evidence",
    "go_live",
    "go_live_with_version",
    "hand_over_action",
    "hand_over_change",
    "keep_briefing",
    "prove_by_use",
    "record_proof",
    "supply_action_plan",
    "take_off",
    "withdraw_change",
]
