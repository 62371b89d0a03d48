"""For whom somebody may say who supervises them, place by place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, RoleAssignment, Service, Team
from saferpractice.access.rules import REPORTS, Place, Role
from saferpractice.assurance.queries.supervision.facts import needs_now, supervisors_of
from saferpractice.deadlines.rules import local_day

ARRANGES = frozenset({Role.DUTY_MANAGER, Role.ADMINISTRATOR})
"""Roles that say who supervises whom and who is away: whoever runs a service, and who looks after people."""


@dataclass(frozen=True, slots=True)
class ArrangedPlace:
    """A team, or (``kind`` service) those who work over a whole service: who needs supervision, and by whom."""

    kind: str
    id: UUID
    name: str
    people: tuple[tuple[Person, Person | None], ...]


def _places(person: Person, at: datetime) -> list[Place]:
    held = [h.place for h in person.holdings() if h.role in ARRANGES and h.holds(at)]
    return held if person.is_active else []


def may_arrange_somebody(person: Person, at: datetime) -> bool:
    """Whether ``person`` runs a service, or looks after people at the provider."""
    return bool(_places(person, at))


def places_to_arrange(person: Person, at: datetime) -> list[ArrangedPlace]:
    """The teams and services that ``person`` arranges, by name, each with whoever needs supervision there now."""
    needs = needs_now(person.provider_id, local_day(at).replace(day=1))
    rows = RoleAssignment.objects.filter(provider_id=person.provider_id, role__in=sorted(needs.roles)).current(at)
    here = [
        row
        for row in rows.filter(person__is_active=True).select_related("person").order_by("person__name", "person_id")
        if any(place.covers(Place(row.provider_id, row.service_id, row.team_id)) for place in _places(person, at))
    ]
    who = supervisors_of({row.person_id for row in here}, local_day(at))
    found = []
    for service in Service.objects.filter(provider_id=person.provider_id).prefetch_related("teams").order_by("name"):
        over = [row for row in here if row.service_id == service.pk and row.team_id is None]
        found.append(_arranged("service", service, f"{service.name}, all teams", over, who))
        for team in service.teams.all():
            inside = [row for row in here if row.team_id == team.pk]
            found.append(_arranged("team", team, f"{team.name}, {service.name}", inside, who))
    return found


def _arranged(
    kind: str, place: Service | Team, name: str, rows: list[RoleAssignment], who: dict[UUID, Person]
) -> ArrangedPlace:
    people = {row.person_id: row.person for row in rows}
    return ArrangedPlace(kind, place.pk, name, tuple((one, who.get(pk)) for pk, one in people.items()))


def supervisors_to_choose(person: Person, at: datetime) -> QuerySet[Person]:
    """Whoever works at the provider of ``person`` and can sign in, by name."""
    works = Q(role__in=sorted(REPORTS - {Role.ADMINISTRATOR}))
    held = RoleAssignment.objects.filter(works, provider_id=person.provider_id).current(at)
    return Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("name", "pk")
