"""Reads of people and places, scoped to the person asking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, Place, Role


def teams_covered(person: Person, at: datetime, among: frozenset[Role]) -> models.QuerySet[Team]:
    """The teams over which ``person`` holds one of the roles ``among`` at ``at``."""
    places = [h.place for h in person.holdings() if h.role in among and h.holds(at)] if person.is_active else []
    where = models.Q(pk__in=[])
    for place in places:
        where |= _within(place)
    return Team.objects.filter(where, provider_id=person.provider_id)


def _within(place: Place) -> models.Q:
    if place.team_id:
        return models.Q(pk=place.team_id)
    if place.service_id:
        return models.Q(service_id=place.service_id)
    return models.Q(provider_id=place.provider_id)


def team_ids_seen(person: Person, at: datetime) -> frozenset[UUID]:
    """The teams whose unrestricted incidents ``person`` sees at ``at``. Read once for each ``Person`` object."""
    cached: dict[datetime, frozenset[UUID]] = person.__dict__.setdefault("_team_ids_seen", {})
    if at not in cached:
        cached[at] = frozenset(teams_covered(person, at, SEES_INCIDENTS_OF_PLACE).values_list("pk", flat=True))
    return cached[at]


def teams_to_report_from(person: Person) -> models.QuerySet[Team]:
    """The teams of the person's provider, their own first is up to the page: an incident may be seen anywhere."""
    return (
        Team.objects.filter(provider_id=person.provider_id).select_related("service").order_by("service__name", "name")
    )


def own_team(person: Person, at: datetime) -> Team | None:
    """The team where ``person`` works, when their roles name exactly one."""
    teams = {h.place.team_id for h in person.holdings() if h.holds(at) and h.place.team_id}
    return Team.objects.filter(pk__in=teams).first() if len(teams) == 1 else None


def colleagues(person: Person) -> models.QuerySet[Person]:
    """Everybody who works for the same provider and can sign in, by name."""
    return Person.objects.filter(provider_id=person.provider_id, is_active=True).order_by("name")
