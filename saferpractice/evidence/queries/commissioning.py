"""Reads of what commissioners see. Every number here was guarded when it was published: nothing is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Provider, Service
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.models.commissioning import places_commissioned
from saferpractice.evidence.rules.commissioning.published import Published, from_data
from saferpractice.evidence.rules.thematic.quarters import Quarter

QUARTERS_SHOWN = 12
"""So many quarters stand beside each other: three years."""


@dataclass(frozen=True, slots=True)
class Commissioned:
    """What somebody commissions: a whole provider, or one of its services (``place`` is its id, ``service`` its name
    today)."""

    provider: Provider
    place: str | None
    service: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.provider.name if self.place is None else f"{self.service}, {self.provider.name}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A published quarter of a provider, as one reader sees it: of the whole, or of one service."""

    about: Commissioned
    quarter: Quarter
    published: Published
    published_at: datetime

    @property
    def provider(self) -> Provider:
        """The provider that published it."""
        return self.about.provider

    @property
    def place(self) -> str | None:
        """The id of the service that is read of, None for the whole."""
        return self.about.place

    @property
    def name(self) -> str:
        """Whose numbers they are."""
        return self.provider.name if self.place is None else f"{self.service}, {self.provider.name}"

    @property
    def service(self) -> str:
        """The name of the service, as it was when the quarter was published (as it is today for one that came later);
        "" for the whole provider."""
        return "" if self.place is None else self.published.services.get(self.place, self.about.service)


def is_commissioner(person: Person, at: datetime) -> bool:
    """Whether ``person`` commissions anything at ``at``: the pages of commissioners exist for them."""
    return bool(places_commissioned(person, at))


def commissioned(person: Person, at: datetime) -> list[Commissioned]:
    """Everything that ``person`` commissions, by the provider's name and the service's."""
    places = places_commissioned(person, at)
    providers = Provider.objects.in_bulk(list(places))
    ids = [one.service_id for each in places.values() for one in each if one.service_id]
    names = dict(Service.objects.filter(pk__in=ids).values_list("pk", "name"))
    found = [
        Commissioned(providers[pk], str(service), names[service]) if service else Commissioned(providers[pk], None)
        for pk, each in places.items()
        for service in (one.service_id for one in each)
    ]
    return sorted(found, key=lambda one: (one.provider.name, one.service, one.place or ""))


def quarters_read(person: Person, at: datetime) -> list[Standing]:
    """Every published quarter that ``person`` may read, newest first, then as ``commissioned`` has them."""
    rows: dict[UUID, list[PublishedQuarter]] = defaultdict(list)
    for row in PublishedQuarter.objects.visible_to(person, at):
        rows[row.provider_id].append(row)
    found = [standing(about, row) for about in commissioned(person, at) for row in rows[about.provider.pk]]
    return sorted(found, key=lambda one: one.quarter, reverse=True)


def quarters_of(person: Person, at: datetime, about: Commissioned) -> list[Standing]:
    """The published quarters of one thing that ``person`` commissions, newest first."""
    return [one for one in quarters_read(person, at) if one.about == about]


def standing(about: Commissioned, row: PublishedQuarter) -> Standing:
    """What is read of ``about`` in a published quarter."""
    return Standing(about, row.quarter, from_data(row.data), row.decided_at)


def published_of(provider: Provider) -> dict[Quarter, PublishedQuarter]:
    """What was published of a provider, by quarter: for its own pages of publishing."""
    return {one.quarter: one for one in PublishedQuarter.objects.filter(provider=provider)}


def standing_targets(provider_id: UUID, quarter: Quarter) -> list[ContractTarget]:
    """The targets that hold in a quarter, by title: of each measure the newest row that had begun."""
    rows = ContractTarget.objects.filter(provider_id=provider_id).order_by("from_year", "from_number", "decided_at")
    return _newest(row for row in rows if row.from_quarter <= quarter)


def targets_agreed(provider_id: UUID) -> list[ContractTarget]:
    """The newest target of each measure, whenever it begins, by title; those that were ended left out."""
    return _newest(ContractTarget.objects.filter(provider_id=provider_id).order_by("decided_at", "pk"))


def _newest(rows: Iterable[ContractTarget]) -> list[ContractTarget]:
    found = {row.measure: row for row in rows}
    return sorted((row for row in found.values() if row.target is not None), key=lambda row: (row.title, row.measure))
