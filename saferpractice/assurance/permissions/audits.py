"""Who may plan an audit and read records for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.permissions import check_can_carry, check_can_see_change
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

AUDITS = frozenset({Role.QUALITY_LEAD, Role.REVIEWER, Role.SAFEGUARDING_LEAD})
"""Roles that read records for an audit, at the place where they hold the role."""


def check_can_plan_audit(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` may carry the change: they plan its audits, freeze a list and enter the seed.

    The owner may: whoever reads is somebody else, and the draw is nobody's choice.
    """
    check_can_carry(by=by, at=at, change=change)


def check_can_audit(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` is an auditor of a team the change must reach, and neither owns the change nor ever did.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Person):
        raise Refused("A person reads the records of an audit.")
    check_can_see_change(by=by, at=at, change=change)
    if by.pk == change.owner_id or change.handovers.filter(previous_owner=by).exists():
        raise Refused("You own this change, or did. Somebody else audits it.")
    if not teams_covered(by, at, AUDITS).filter(pk__in=change.reach.values("pk")).exists():
        raise Refused("Only a quality lead, reviewer or safeguarding lead of a team it reaches may audit this.")


def check_can_read_sample(
    *, by: By, at: datetime, change: OperationalChange, team_id: UUID, made_by: Collection[UUID], opens: bool
) -> None:
    """Refuse unless ``by`` may audit a record: of a team they audit, that they may open, and did not make.

    Args:
        made_by: who wrote it, or wrote what it is about.
        opens: whether ``by`` may open the record, or nobody can any more.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_audit(by=by, at=at, change=change)
    if isinstance(by, Person):
        if by.pk in made_by:
            raise Refused("You made this record. Somebody else audits it.")
        if not opens or not teams_covered(by, at, AUDITS).filter(pk=team_id).exists():
            raise Refused("This record is not among those you may open. Another auditor reads it.")
