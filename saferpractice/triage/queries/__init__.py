"""Reads of stage 2: the state of triage, the repeats found, what the written rules say."""

from saferpractice.triage.queries.judging import (
    REFERRAL_DUTY,
    duties_of,
    facts_of,
    kinds_of,
    proposal_for,
)
from saferpractice.triage.queries.patterns import FoundPattern, SeenPattern, find_patterns, seen
from saferpractice.triage.queries.state import (
    TellingStanding,
    TriageState,
    decided_for,
    newest,
    referral_of,
    reporter_line,
    safety_action_of,
    since_not_referred,
    state_of,
    submitted,
    tellings_of,
    tier_of,
)

__all__ = [
    "REFERRAL_DUTY",
    "FoundPattern",
    "SeenPattern",
    "TellingStanding",
    "TriageState",
    "decided_for",
    "duties_of",
    "facts_of",
    "find_patterns",
    "kinds_of",
    "newest",
    "proposal_for",
    "referral_of",
    "reporter_line",
    "safety_action_of",
    "seen",
    "since_not_referred",
    "state_of",
    "submitted",
    "tellings_of",
    "tier_of",
]
