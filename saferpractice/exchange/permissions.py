"""Who may bring incidents in, and who may have triage recorded on the way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Team
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place, Role
from saferpractice.trail.rules import By
from saferpractice.triage.permissions import TRIAGES

IMPORTS = frozenset({Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.ADMINISTRATOR})
"""Roles that bring files of incidents in, when they hold the role for the whole provider."""


def check_can_import(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or administers, for the whole provider.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=IMPORTS, to_do="import incidents")


def can_import(*, by: Person, at: datetime) -> bool:
    """Whether ``by`` may import for their own provider at ``at``."""
    return bool(by.roles(Place(by.provider_id), at) & IMPORTS)


def check_can_triage_on_import(*, by: By, at: datetime, provider_id: UUID, team: Team | None) -> None:
    """Refuse unless ``by`` may triage where the file's incidents happened: in ``team``, or anywhere when None.

    Raises:
        Refused: with the reason as a sentence.
    """
    place = team.place if team else Place(provider_id)
    check_has_role(by=by, at=at, place=place, among=TRIAGES, to_do="have triage recorded on import")


def check_can_integrate(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` is an administrator of the provider.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(
        by=by, at=at, place=Place(provider_id), among=frozenset({Role.ADMINISTRATOR}), to_do="set up integrations"
    )


def can_integrate(*, by: Person, at: datetime) -> bool:
    """Whether ``by`` may set up integrations of their own provider at ``at``."""
    return Role.ADMINISTRATOR in by.roles(Place(by.provider_id), at)
