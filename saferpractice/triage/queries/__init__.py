"""Reads of stage 2: the state of triage, the repeats found, what the written rules say."""

from saferpractice.triage.queries.judging import (
    REFERRAL_DUTY,
    duties_of,
    facts_of,
    proposal_for,
)
from saferpractice.triage.queries.patterns import FoundPattern, SeenPattern, find_patterns, seen
from saferpractice.triage.queries.state import (
    TellingStanding,
    TriageState,
    newest,
    reporter_line,
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
    "duties_of",
    "facts_of",
    "find_patterns",
    "newest",
    "proposal_for",
    "reporter_line",
    "seen",
    "state_of",
    "submitted",
    "tellings_of",
    "tier_of",
]
