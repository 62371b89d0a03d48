"""Who makes evidence packs and goes on with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from saferpractice.access.models import Person, Service
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place
from saferpractice.evidence.models import PACKS, EvidencePack
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By


def check_can_make_packs(*, by: By, at: datetime, services: Iterable[Service]) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over every one of ``services``.

    Raises:
        Refused: with the reason as a sentence.
    """
    for service in services:
        place = Place(service.provider_id, service.pk)
        check_has_role(by=by, at=at, place=place, among=PACKS, to_do="make an evidence pack")


def check_asked_for(*, by: By, pack: EvidencePack) -> None:
    """Refuse unless ``by`` asked for the pack: what it holds is what they may read, so they alone go on with it.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Person) or pack.decided_by_id != by.pk:
        raise Refused("Only whoever asked for this pack may go on with it.")
