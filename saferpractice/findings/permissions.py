"""Who may record and correct findings: whoever may write in the review they belong to."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, Role
from saferpractice.findings.models import Finding
from saferpractice.reviews.models import Review
from saferpractice.reviews.permissions import check_can_correct, check_can_review
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

COUNTS = SEES_INCIDENTS_OF_PLACE | {Role.REVIEWER}
"""Roles that see which conditions come up most, over the incidents each may open."""


def check_can_record_finding(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` carries out ``review`` at present.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_review(by=by, at=at, review=review)


def check_can_correct_finding(*, by: By, at: datetime, finding: Finding) -> None:
    """Refuse unless ``by`` carries out the review of ``finding``, or is senior at its place."""
    check_can_correct(by=by, at=at, review=finding.review)


def check_can_count_conditions(*, by: Person, at: datetime) -> None:
    """Refuse unless ``by`` holds a role that looks across incidents."""
    if not by.roles_anywhere(at) & COUNTS:
        raise Refused("Only people who lead, supervise or review see which conditions come up most.")
