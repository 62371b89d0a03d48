"""Who may see the dated lists, and who may keep a provider's own entries in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place, Role
from saferpractice.trail.rules import By

KEEPERS = frozenset({Role.QUALITY_LEAD, Role.SAFEGUARDING_LEAD, Role.ADMINISTRATOR})


def can_see_lists(person: Person, at: datetime) -> bool:
    """Whether ``person`` is a quality lead, safeguarding lead or administrator anywhere in their provider."""
    return bool(person.roles_anywhere(at) & KEEPERS)


def check_can_keep_lists(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` holds such a role over the whole provider: the lists are for all of it.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=KEEPERS, to_do="keep the lists of the whole provider")
