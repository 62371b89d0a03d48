"""Thematic reviews for tests, made through the operations, and facts for the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from saferpractice.access.models import Person
from saferpractice.evidence.models import MeetingDecision, QualityMeeting, ThematicDraft, ThematicReview
from saferpractice.evidence.operations import (
    There,
    ToDo,
    draw_review,
    keep_commentary,
    record_decision,
    record_meeting,
    sign_review,
)
from saferpractice.evidence.queries.thematic import hash_to_sign
from saferpractice.evidence.rules.thematic.draft import NEEDS_COMMENTARY
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.trail.rules import By
from tests.personas import Cast

QUARTER = Quarter(2025, 3)
"""October to December 2025."""
IN_QUARTER = datetime(2025, 11, 5, 10, 0, tzinfo=UTC)
DRAWN_AT = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
MET_AT = datetime(2026, 1, 20, 15, 0, tzinfo=UTC)


def a_draft(cast: Cast, *, by: By | None = None, at: datetime = DRAWN_AT, **more: Any) -> ThematicDraft:
    """The numbers of the quarter, drawn by the quality lead."""
    return draw_review(
        by=by or cast.quality_lead, at=at, provider=cast.provider, quarter=more.pop("quarter", QUARTER), **more
    )


def commented(
    cast: Cast, review: ThematicReview, *, by: By | None = None, at: datetime = DRAWN_AT, but: str = ""
) -> ThematicReview:
    """The review with a commentary on every section that needs one, except ``but``."""
    for section in NEEDS_COMMENTARY:
        if section != but:
            keep_commentary(
                by=by or cast.quality_lead, at=at, review=review, section=section, words=f"On {section}.", based_on=0
            )
    return review


def a_meeting(
    cast: Cast,
    review: ThematicReview,
    *,
    by: By | None = None,
    chair: Person | None = None,
    at: datetime = MET_AT,
    **more: Any,
) -> QualityMeeting:
    """A meeting chaired by the director, with the quality lead there and the safeguarding lead's apologies."""
    chair = chair or cast.director
    given: dict[str, Any] = {
        "held_on": at.date(),
        "chaired_by": chair,
        "there": [
            There(person=chair),
            *([There(person=cast.quality_lead)] if chair != cast.quality_lead else []),
            There(person=cast.lead, present=False) if chair != cast.lead else There(person=cast.reviewer),
            There(name="Ash Fielding", role="Expert by experience"),
        ],
        "submission_key": f"meeting-{uuid4()}",
    }
    return record_meeting(by=by or cast.quality_lead, at=at, review=review, **(given | more))


def a_meeting_decision(
    cast: Cast,
    meeting: QualityMeeting,
    *,
    by: By | None = None,
    words: str = "Night cover is looked at again in the spring.",
    to_do: ToDo | None = None,
    at: datetime = MET_AT,
    key: str = "",
) -> MeetingDecision:
    """What the meeting decided, written down by the quality lead."""
    return record_decision(
        by=by or cast.quality_lead,
        at=at,
        meeting=meeting,
        words=words,
        submission_key=key or f"decision-{uuid4()}",
        to_do=to_do,
    )


def something_to_do(
    owner: Person, *, due_on: date | None = None, what: str = "Count the nights without cover."
) -> ToDo:
    """An action for ``owner``, due four weeks after the meeting."""
    return ToDo(what=what, owner=owner, due_on=due_on or MET_AT.date() + timedelta(days=28))


def ready(cast: Cast, **more: Any) -> ThematicReview:
    """A review with everything but its signature."""
    review = commented(cast, a_draft(cast, **more).review)
    a_meeting_decision(cast, a_meeting(cast, review))
    return review


def signed(cast: Cast, *, at: datetime = MET_AT, **more: Any) -> ThematicReview:
    """A review signed by the director."""
    review = ready(cast, **more)
    sign_review(by=cast.director, at=at, review=review, sha256=hash_to_sign(review))
    return ThematicReview.objects.get(pk=review.pk)
