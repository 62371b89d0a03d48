"""Who shares lessons with other providers, publishes one, and adopts one of theirs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place, Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.permissions import check_can_see_change
from saferpractice.pathways.permissions import check_can_draft as check_can_draft_pathway
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

SHARES = frozenset({Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles that decide what is shared with other providers."""


def check_can_share(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads quality or directs, over the whole provider: who decides whether it takes part in the
    library of lessons, publishes and withdraws lessons, takes them in and accepts the key of others.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=SHARES, to_do="share lessons with other providers")


def check_can_publish_lesson(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` may share lessons and may open the change, and no incident behind it is restricted.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_see_change(by=by, at=at, change=change)
    check_can_share(by=by, at=at, provider_id=change.provider_id)
    if change.findings.filter(incident__restricted=True).exists():
        raise Refused("This change answers a restricted incident. What few may know here is not published.")


def check_can_adopt(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` may change pathways: what is adopted becomes a draft, which somebody else approves.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_draft_pathway(by=by, at=at, provider_id=provider_id)
