"""Who keeps the register of what learning means for training and service specifications, and writes bulletins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.permissions import check_can_see_change
from saferpractice.evidence.permissions.thematic import DRAFTS
from saferpractice.trail.rules import By


def check_can_keep_register(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` leads quality over the whole provider and may open the change: who records what it means
    for training and for the service specification.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_see_change(by=by, at=at, change=change)
    check_has_role(by=by, at=at, place=Place(change.provider_id), among=DRAFTS, to_do="keep the register")


def check_can_write_bulletin(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads quality over the whole provider: who writes and publishes the learning bulletin.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=DRAFTS, to_do="publish the learning bulletin")
