"""What is published to commissioners, once a quarter, and the targets of the contract (R32)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import Place, Role
from saferpractice.evidence.rules.thematic.quarters import Quarter


def places_commissioned(person: Person, at: datetime) -> dict[UUID, tuple[Place, ...]]:
    """By provider: the whole of it alone, or each of the services, that ``person`` commissions at ``at``.

    At another provider than their own only while they are a commissioner at their own.
    """
    held = {
        each.place
        for each in (person.holdings() if person.is_active else ())
        if each.role is Role.COMMISSIONER and each.holds(at) and each.place.team_id is None
    }
    found: dict[UUID, tuple[Place, ...]] = {}
    for place in sorted(held, key=lambda one: (str(one.provider_id), str(one.service_id))):
        if not any(other != place and other.covers(place) for other in held):
            found[place.provider_id] = (*found.get(place.provider_id, ()), place)
    return found if person.provider_id in found else {}


class PublishedQuarters(models.QuerySet["PublishedQuarter"]):
    """Named reads of published quarters. ``visible_to`` is the only way to reach one from a page of commissioners."""

    def visible_to(self, person: Person, at: datetime) -> PublishedQuarters:
        """Those of the providers that ``person`` commissions, whole or services of."""
        return self.filter(provider_id__in=list(places_commissioned(person, at)))


class PublishedQuarter(Decided):
    """A finished quarter as it was published to commissioners, once: guarded numbers and confirmed titles.

    ``data`` is ``rules.commissioning.published.as_data``: no true count is in it. ``sha256`` is that of ``data`` as
    canonical text.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)

    objects = PublishedQuarters.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "year", "number"], name="published_quarter_once"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=4), name="published_quarter_of_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"published {self.quarter.short}"

    @property
    def quarter(self) -> Quarter:
        """The quarter it is about."""
        return Quarter(self.year, self.number)


class ContractTarget(Decided):
    """A target agreed with commissioners for one measure, from a quarter on. A newer row stands before an older.

    ``target`` is in whole per cent: at least so much where ``at_least``, else at most. None ends it.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    measure = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    target = models.PositiveSmallIntegerField(null=True)
    at_least = models.BooleanField(default=True)
    from_year = models.PositiveSmallIntegerField()
    from_number = models.PositiveSmallIntegerField()
    submission_key = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(target__isnull=True) | Q(target__lte=100), name="contract_target_share"),
            models.CheckConstraint(
                condition=Q(from_number__gte=1, from_number__lte=4), name="contract_target_from_a_quarter"
            ),
        ]

    def __str__(self) -> str:
        return f"target for {self.title}"

    @property
    def from_quarter(self) -> Quarter:
        """The quarter from which on it holds."""
        return Quarter(self.from_year, self.from_number)
