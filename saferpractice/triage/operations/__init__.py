"""Writes of stage 2: triage, the threshold and its referral, telling others, the tier, handing over."""

from saferpractice.triage.operations.handover import hand_over
from saferpractice.triage.operations.obligations import (
    ACKNOWLEDGEMENT,
    DECIDE_THRESHOLD,
    DECIDE_TIER,
    HANDOVER,
    MORE_INFORMATION,
    OPEN_REVIEW,
    SAFETY_ACTION,
    SEND_REFERRAL,
    TELL,
    TRIAGE,
)
from saferpractice.triage.operations.telling import decide_telling
from saferpractice.triage.operations.threshold import (
    decide_threshold,
    record_acknowledgement,
    send_referral,
    tests_known,
)
from saferpractice.triage.operations.tier import decide_tier, propose_tier_again
from saferpractice.triage.operations.triage import (
    Worked,
    problems_of_triage,
    record_safety_action_done,
    record_triage,
    work_out,
)

__all__ = [
    "ACKNOWLEDGEMENT",
    "DECIDE_THRESHOLD",
    "DECIDE_TIER",
    "HANDOVER",
    "MORE_INFORMATION",
    "OPEN_REVIEW",
    "SAFETY_ACTION",
    "SEND_REFERRAL",
    "TELL",
    "TRIAGE",
    "Worked",
    "decide_telling",
    "decide_threshold",
    "decide_tier",
    "hand_over",
    "problems_of_triage",
    "propose_tier_again",
    "record_acknowledgement",
    "record_safety_action_done",
    "record_triage",
    "send_referral",
    "tests_known",
    "work_out",
]
