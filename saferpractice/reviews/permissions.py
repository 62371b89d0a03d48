"""Who may open, staff, carry out, oversee and correct reviews."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import SENIOR, Role
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_open, check_can_work_on
from saferpractice.reviews.models import Review
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process

OPENS = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles that open a review over the places where they hold the role, and say who carries it out."""

CARRIES_OUT = OPENS | {Role.REVIEWER, Role.SUPERVISOR}
"""Roles that may be asked to carry out a review, wherever held: somebody from elsewhere is more independent."""


def check_can_open_review(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may open ``incident`` and holds one of the roles that open reviews over its team.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_work_on(by=by, at=at, incident=incident, among=OPENS, to_do="open a review")


def check_can_assign(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` may say who carries out ``review`` (the roles that open reviews)."""
    check_can_work_on(by=by, at=at, incident=review.incident, among=OPENS, to_do="say who reviews")


def check_can_review(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` carries out ``review`` at present.

    Raises:
        Refused: naming who does, to those who may open the incident.
    """
    check_can_open(by=by, at=at, incident=review.incident)
    if isinstance(by, Process):
        return
    current = review.reviewers.filter(until_at__isnull=True).select_related("person").first()
    if current is None:
        raise Refused("Nobody carries out this review yet. Say who reviews first.")
    if not isinstance(by, Person) or current.person_id != by.pk:
        raise Refused(f"Only {current.person.name}, who carries out this review, may do this.")


def check_can_record_involved(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` opens reviews here, or carries out a review of ``incident``."""
    check_can_open(by=by, at=at, incident=incident)
    if isinstance(by, Person) and incident.reviews.filter(reviewers__person=by, reviewers__until_at=None).exists():
        return
    check_has_role(by=by, at=at, place=incident.team.place, among=OPENS, to_do="record who was involved")


def check_can_offer_support(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` opens reviews here, or carries out ``review``: support must not wait for a reviewer."""
    check_can_open(by=by, at=at, incident=review.incident)
    if isinstance(by, Person) and review.reviewers.filter(person=by, until_at__isnull=True).exists():
        return
    check_has_role(by=by, at=at, place=review.incident.team.place, among=OPENS, to_do="record support")


def check_can_oversee(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` is senior at the place of the incident. Whether they are independent is a rule."""
    check_can_work_on(by=by, at=at, incident=review.incident, among=SENIOR, to_do="sign off a formal investigation")


def check_can_correct(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` carries out ``review`` (or did when it was completed), or is senior at the place."""
    check_can_open(by=by, at=at, incident=review.incident)
    if isinstance(by, Person) and review.reviewers.filter(person=by, until_at__isnull=True).exists():
        return
    check_has_role(by=by, at=at, place=review.incident.team.place, among=SENIOR, to_do="correct a review")
