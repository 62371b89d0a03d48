"""Who reads which measures, and who begins new limits on their charts."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, Place, Role
from saferpractice.trail.rules import By

READS_EVERYTHING = SEES_INCIDENTS_OF_PLACE
"""Roles that read every measure of the place where they hold the role, and the places within it."""
READS_OWN_TEAM = frozenset({Role.SUPPORT_WORKER})
"""Roles that read how their own team works by its pathways: no incidents, and no number of fewer than five."""


def can_read_measures(person: Person, at: datetime) -> bool:
    """Whether ``person`` reads measures of any place."""
    return bool(person.roles_anywhere(at) & (READS_EVERYTHING | READS_OWN_TEAM))


def check_can_rebase(*, by: By, at: datetime, place: Place) -> None:
    """Refuse unless ``by`` is a quality lead over ``place``: new limits can hide what got worse.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(
        by=by, at=at, place=place, among=frozenset({Role.QUALITY_LEAD}), to_do="decide that new limits begin"
    )
