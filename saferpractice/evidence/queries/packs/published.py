"""The published quarters that a pack for a commissioner is made of. Nothing is counted here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from saferpractice.evidence.models import EvidencePack, PublishedQuarter
from saferpractice.evidence.queries.packs.gathering import period_of
from saferpractice.evidence.rules.commissioning.published import from_data
from saferpractice.evidence.rules.packs.of_quarters import Quarterly


def published_within(provider_id: UUID, first: date, last: date) -> list[PublishedQuarter]:
    """The published quarters that lie whole between two days, oldest first."""
    rows = PublishedQuarter.objects.filter(provider_id=provider_id).order_by("year", "number")
    return [one for one in rows if first <= one.quarter.first and one.quarter.last <= last]


def quarters_told(pack: EvidencePack) -> tuple[list[Quarterly], list[Quarterly]]:
    """The quarters of a pack, oldest first, and every one that was published, for what came before each."""
    rows = PublishedQuarter.objects.filter(provider_id=pack.provider_id).order_by("year", "number")
    chosen = {str(one.pk) for one in pack.services.all()}
    every = [_told(row, chosen) for row in rows]
    within = {row.quarter for row in published_within(pack.provider_id, *period_of(pack))}
    return [one for one in every if one.quarter in within], every


def _told(row: PublishedQuarter, chosen: set[str]) -> Quarterly:
    published = from_data(row.data)
    whole = set(published.services) <= chosen
    places = None if whole else tuple(place for place in published.services if place in chosen)
    return Quarterly(
        quarter=row.quarter, published=published, by_role=row.decided_by_role, at=row.decided_at, places=places
    )
