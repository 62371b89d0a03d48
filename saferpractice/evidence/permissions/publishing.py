"""Who publishes to commissioners."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place, Role
from saferpractice.trail.rules import By

PUBLISHES = frozenset({Role.QUALITY_LEAD, Role.DIRECTOR})


def check_can_publish(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads quality or directs over the whole provider: who answers for what commissioners read,
    and agrees targets with them.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=PUBLISHES, to_do="publish to commissioners")
