"""Pages of stage 2."""

from saferpractice.triage.views.decisions import (
    acknowledge,
    hand_over,
    referral,
    safety_action_done,
    telling,
    threshold,
    tier,
)
from saferpractice.triage.views.whole import record

__all__ = [
    "acknowledge",
    "hand_over",
    "record",
    "referral",
    "safety_action_done",
    "telling",
    "threshold",
    "tier",
]
