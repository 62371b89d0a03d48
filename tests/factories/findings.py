"""Findings for tests, made through the operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.findings.models import Finding
from saferpractice.findings.operations import FindingWords, record_finding
from saferpractice.reviews.models import Review, TimelineEntry
from tests.factories.reviews import an_entry
from tests.personas import NOW, Cast

STATEMENT = "Duty cover ended at midnight, so the second missed visit reached nobody who could decide."
MORE_LIKELY = "One person held the duty phone for three teams, and nothing said who takes over at midnight."
REDUCES = "A named handover at midnight that the rota will not close without."
BLAMING = "The worker should have called the duty manager, because the protocol asks for it."
KEPT = "These are the sister's own words, and the review answers them in the next line."


def finding_words(review: Review | None = None, **changes: Any) -> FindingWords:
    """A usable finding about duty cover, resting on whatever stands in the timeline of ``review``."""
    evidence = tuple(TimelineEntry.objects.standing().filter(review=review).values_list("pk", flat=True))
    words: dict[str, Any] = {
        "condition": "no-duty-cover",
        "statement": STATEMENT,
        "made_more_likely": MORE_LIKELY,
        "reduces_recurrence": REDUCES,
        "evidence": evidence,
    }
    return FindingWords(**(words | changes))


def a_finding(review: Review, cast: Cast, *, at: datetime = NOW, **changes: Any) -> Finding:
    """A finding of ``review`` by its reviewer, with a timeline entry to rest on."""
    if not TimelineEntry.objects.standing().filter(review=review).exists():
        an_entry(review, by=cast.reviewer, at=at)
    return record_finding(by=cast.reviewer, at=at, review=review, words=finding_words(review, **changes))
