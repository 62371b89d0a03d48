"""Who answers for what is held about somebody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import SENIOR, Place, Role
from saferpractice.home.models import GatheredRecords
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

GATHERS = frozenset({Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
"""Who may put everything together: those who may also know a person's name and a reporter's who is withheld."""


def sees_looks_at_people(person: Person, at: datetime) -> bool:
    """Whether ``person`` may see who looked at the records of somebody: senior, and for the whole provider."""
    return bool(person.roles(Place(person.provider_id), at) & SENIOR)


def check_can_gather(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` may gather all that is held about somebody, for their request."""
    check_has_role(
        by=by, at=at, place=Place(provider_id), among=GATHERS, to_do="gather what is held about somebody"
    )  # fmt: skip


def check_is_theirs(*, by: By, gathered: GatheredRecords) -> None:
    """Refuse unless ``by`` gathered it: it holds what they may read, and another may not read as much.

    Raises:
        Refused: somebody else gathered it.
    """
    if not isinstance(by, Person) or gathered.decided_by_id != by.pk:
        raise Refused("Only who gathered these records may work on them. Gather them yourself.")


def sees_schedule(person: Person, at: datetime) -> bool:
    """Whether ``person`` may read how long records are kept: senior, or administrator, for the whole provider."""
    return bool(person.roles(Place(person.provider_id), at) & (SENIOR | {Role.ADMINISTRATOR}))


def check_can_retain(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` sees which records have had their time, holds them, and ends holds.

    Who leads or directs the whole provider: records of one person lie in several services. An administrator reads no
    incident, and this makes no exception for them.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(
        by=by, at=at, place=Place(provider_id), among=SENIOR, to_do="decide how long records are kept"
    )  # fmt: skip
