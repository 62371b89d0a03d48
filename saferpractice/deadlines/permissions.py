"""Who may arrange which director is on call. Days off and chains are an administrator's, as people and places are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Service
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place, Role
from saferpractice.trail.rules import By

ARRANGES_COVER = frozenset({Role.ADMINISTRATOR, Role.DIRECTOR})


def check_can_arrange_cover(*, by: By, at: datetime, provider_id: UUID, service: Service | None) -> None:
    """Refuse unless ``by`` is an administrator or a director over ``service`` (None: over the provider).

    Raises:
        Refused: with the reason as a sentence.
    """
    place = Place(provider_id, service.pk if service else None)
    check_has_role(by=by, at=at, place=place, among=ARRANGES_COVER, to_do="say which director is on call")


def can_see_cover(person: Person, at: datetime) -> bool:
    """Whether the rota is for ``person``: administrators and directors, wherever they hold the role."""
    return bool(person.roles_anywhere(at) & ARRANGES_COVER)
