"""Reads of people and places, scoped to the person asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models

from saferpractice.access.models import Person, RoleAssignment, Service, Team
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE, Place, Role
from saferpractice.trail.models import TrailEntry


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """Which people a list is asked to show. ``state``: "open", "closed", "no-role" or "" for everybody."""

    words: str = ""
    role: Role | None = None
    service_id: UUID | None = None
    team_id: UUID | None = None
    state: str = ""


def people_listed(by: Person, at: datetime, wanted: PeopleFilter) -> models.QuerySet[Person]:
    """The people of the provider of ``by`` that fit, by name, with their roles and places read along."""
    held = RoleAssignment.objects.filter(provider_id=by.provider_id).current(at)
    if wanted.role is not None:
        held = held.filter(role=wanted.role)
    if wanted.team_id is not None:
        held = held.filter(team_id=wanted.team_id)
    elif wanted.service_id is not None:
        held = held.filter(service_id=wanted.service_id)
    found = _everybody(by)
    if wanted.role or wanted.service_id or wanted.team_id:
        found = found.filter(pk__in=held.values("person_id"))
    if wanted.state in {"open", "closed"}:
        found = found.filter(is_active=wanted.state == "open")
    elif wanted.state == "no-role":
        found = found.exclude(pk__in=held.values("person_id"))
    for word in wanted.words.split()[:6]:
        found = found.filter(models.Q(name__icontains=word) | models.Q(email__icontains=word))
    return found


def _everybody(by: Person) -> models.QuerySet[Person]:
    # What somebody may read at another provider is no business of their own.
    roles = RoleAssignment.objects.filter(provider_id=by.provider_id)
    roles = roles.select_related("provider", "service", "team").order_by("from_at")
    return (
        Person.objects.filter(provider_id=by.provider_id)
        .prefetch_related(models.Prefetch("role_assignments", queryset=roles))
        .order_by("name", "pk")
    )


def commissioners_from_outside(by: Person, at: datetime) -> models.QuerySet[RoleAssignment]:
    """The roles that commissioners of other providers hold at the provider of ``by``, by name."""
    held = RoleAssignment.objects.filter(provider_id=by.provider_id).exclude(person__provider_id=by.provider_id)
    return held.current(at).select_related("person", "service", "team").order_by("person__name", "pk")


def person_listed(by: Person, person_id: UUID) -> Person | None:
    """One person of the provider of ``by``, with their roles; None when there is no such person there."""
    return _everybody(by).filter(pk=person_id).first()


def service_of(by: Person, service_id: UUID) -> Service | None:
    """One service of the provider of ``by``, or None."""
    return Service.objects.filter(provider_id=by.provider_id, pk=service_id).first()


def places_of(by: Person) -> models.QuerySet[Service]:
    """The services of the provider of ``by`` with their teams, by name."""
    return Service.objects.filter(provider_id=by.provider_id).prefetch_related("teams").order_by("name")


def trail_of_person(person: Person) -> list[TrailEntry]:
    """What was done about somebody's sign-in and roles, newest first; the newest 50."""
    subjects = [person.pk, *(held.pk for held in person.role_assignments.all())]
    found = TrailEntry.objects.filter(provider_id=person.provider_id, subject_id__in=subjects)
    return list(found.filter(operation__startswith="access.").order_by("-at", "-sequence")[:50])


def last_access_review(by: Person) -> TrailEntry | None:
    """The newest record that somebody reviewed who holds which role."""
    found = TrailEntry.objects.filter(provider_id=by.provider_id, operation="access.record_access_review")
    return found.order_by("-at").first()
