"""Who draws thematic reviews, minutes quality meetings and signs, and who reads the numbers as they are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, SENIOR, Place, Role
from saferpractice.evidence.models import ThematicReview
from saferpractice.evidence.rules.thematic.signing import signer_problem
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

DRAFTS = frozenset({Role.QUALITY_LEAD})


def check_can_draft(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads quality over the whole provider: who draws the numbers and comments on them.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=DRAFTS, to_do="draft the thematic review")


def check_can_minute(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over the whole provider: who writes down what a
    quality meeting was and decided, and who may chair one.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=SENIOR, to_do="write down a quality meeting")


def check_can_sign(*, by: By, at: datetime, review: ThematicReview) -> None:
    """Refuse unless ``by`` chaired the newest meeting that the review was put before, leads there, and did not draw it.

    No process signs.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Person):
        raise Refused("A person signs a thematic review.")
    meeting = review.meetings.filter(replaced_by__isnull=True).order_by("-decided_at", "-pk").first()
    draft = review.drafts.order_by("-number").first()
    problem = signer_problem(
        signer=by.pk,
        chair=meeting.chaired_by_id if meeting else None,
        drawn_by=draft.decided_by_id if draft else None,
    )
    if problem:
        raise Refused(problem)
    check_has_role(by=by, at=at, place=Place(review.provider_id), among=SENIOR, to_do="sign a thematic review")


def sees_numbers(person: Person, at: datetime) -> bool:
    """Whether ``person`` leads somewhere and so reads the numbers as they are; everybody else reads them guarded."""
    return bool(person.roles_anywhere(at) & SEES_INCIDENTS_OF_PLACE)
