"""Learning bulletins for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from saferpractice.access.decisions import decided
from saferpractice.access.models import Provider
from saferpractice.evidence.models import Bulletin
from saferpractice.evidence.operations import publish_bulletin
from saferpractice.evidence.rules.thematic.quarters import Quarter
from tests.personas import NOW, SET_UP, Cast

QUARTER = Quarter(2025, 4)
"""January to March 2026, in which the usual "now" of a test lies."""
AFTER = datetime(2026, 4, 8, 10, 0, tzinfo=UTC)
WORDS = {
    "learned": "We look for five signs.\nAt two signs we ring the boss on duty.",
    "different": "The form now asks five things each time we call.",
    "worked": "Yes. We rang in time more often.",
    "ask": "",
}


def a_bulletin(cast: Cast, *, edition: int = 1, at: datetime = AFTER, **given: Any) -> Bulletin:
    """The bulletin of the quarter, published by the quality lead; ``given`` replaces parts of what is asked."""
    asked: dict[str, Any] = {
        "by": cast.quality_lead,
        "provider": cast.provider,
        "quarter": QUARTER,
        "words": WORDS,
        "stays": (),
        "read": True,
        "submission_key": f"bulletin-{uuid4()}",
    }
    return publish_bulletin(at=at, edition=edition, **(asked | given))


def a_bulletin_on_record(provider: Provider) -> Bulletin:
    """A bulletin as it would stand there."""
    return Bulletin.objects.create(
        provider=provider, year=2025, number=3, edition=1, words=WORDS, submission_key=f"bulletin-{uuid4()}",
        **decided(SET_UP, NOW),
    )  # fmt: skip
