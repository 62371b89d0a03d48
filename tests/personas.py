"""Who the tests are told with: one provider, two services, a person for every role, and a stranger.

Everybody is invented. Built through operations, so each could have been set up by an administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model

from saferpractice.access.models import Person, Provider, RoleAssignment, Service, Team
from saferpractice.access.operations import assign_role, create_person, create_provider, create_service, create_team
from saferpractice.access.rules import Place, Role
from saferpractice.trail.models import TrailEntry, TrailHead
from saferpractice.trail.rules import Process

SET_UP = Process("set-up for tests")
LONG_AGO = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
"""When everybody started: a Monday morning in winter."""
NOW = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
"""The usual "now" of a test: a Wednesday, five past two in the morning."""
PASSWORD = "a quiet river at night"


@dataclass(frozen=True)
class Cast:
    """The provider, its places and its people. ``stranger`` leads safeguarding at another provider."""

    provider: Provider
    riverside: Service
    harbour: Service
    north: Team
    south: Team
    east: Team
    worker: Person
    colleague: Person
    worker_elsewhere: Person
    duty_manager: Person
    duty_manager_elsewhere: Person
    supervisor: Person
    lead: Person
    reviewer: Person
    quality_lead: Person
    director: Person
    administrator: Person
    commissioner: Person
    inspector: Person
    stranger: Person

    def people(self) -> dict[str, Person]:
        """Every person by the name the tables use."""
        return {name: value for name, value in self.__dict__.items() if isinstance(value, Person)}


def build_cast(at: datetime = LONG_AGO) -> Cast:
    """Set the provider up at ``at``. ``worker`` and ``colleague`` are in North team of Riverside service."""
    provider = create_provider(by=SET_UP, at=at, name="Example Care")
    riverside = create_service(by=SET_UP, at=at, provider=provider, name="Riverside community service")
    harbour = create_service(by=SET_UP, at=at, provider=provider, name="Harbour crisis service")
    north = create_team(by=SET_UP, at=at, service=riverside, name="North team")
    south = create_team(by=SET_UP, at=at, service=riverside, name="South team")
    east = create_team(by=SET_UP, at=at, service=harbour, name="East team")
    other = create_provider(by=SET_UP, at=at, name="Another Provider")
    everywhere, in_riverside, in_harbour = (
        Place(provider.pk),
        Place(provider.pk, riverside.pk),
        Place(provider.pk, harbour.pk),
    )

    def person(email: str, name: str, role: Role, place: Place, of: Provider = provider) -> Person:
        made = create_person(by=SET_UP, at=at, provider=of, name=name, email=f"{email}@example.org", password=PASSWORD)
        assign_role(by=SET_UP, at=at, person=made, role=role, place=place)
        return made

    return Cast(
        provider=provider,
        riverside=riverside,
        harbour=harbour,
        north=north,
        south=south,
        east=east,
        worker=person("worker", "Wren Ashdown", Role.SUPPORT_WORKER, north.place),
        colleague=person("colleague", "Corin Vale", Role.SUPPORT_WORKER, north.place),
        worker_elsewhere=person("worker.elsewhere", "Esme Holt", Role.SUPPORT_WORKER, east.place),
        duty_manager=person("duty", "Dale Marlow", Role.DUTY_MANAGER, in_riverside),
        duty_manager_elsewhere=person("duty.elsewhere", "Dinah Frost", Role.DUTY_MANAGER, in_harbour),
        supervisor=person("supervisor", "Sorrel Beck", Role.SUPERVISOR, north.place),
        lead=person("lead", "Lark Penrose", Role.SAFEGUARDING_LEAD, everywhere),
        reviewer=person("reviewer", "Rowan Thwaite", Role.REVIEWER, everywhere),
        quality_lead=person("quality", "Quill Harker", Role.QUALITY_LEAD, everywhere),
        director=person("director", "Drew Castell", Role.DIRECTOR, everywhere),
        administrator=person("admin", "Alder Finch", Role.ADMINISTRATOR, everywhere),
        commissioner=person("commissioner", "Cass Wyre", Role.COMMISSIONER, everywhere),
        inspector=person("inspector", "Indigo Marsh", Role.INSPECTOR, everywhere),
        stranger=person("stranger", "Sage Norwood", Role.SAFEGUARDING_LEAD, Place(other.pk), of=other),
    )


_KEPT: list[tuple[type[Model], list[dict[str, Any]]]] = []
_NAMES: dict[str, Any] = {}


def usual_cast() -> Cast:
    """The cast of ``build_cast()``, made through operations once for a run and written as the same rows after that.

    What a test finds in its database is the same either way; forty operations for each test would be most of its time.
    """
    if not _KEPT:
        cast = build_cast()
        _keep(cast)
        return cast
    found: dict[Any, Any] = {}
    for model, rows in _KEPT:
        made = [model(**row) for row in rows]
        model._base_manager.bulk_create(made)
        found |= {(model, one.pk): one for one in made}
    return Cast(**{name: found[key] for name, key in _NAMES.items()})


def _keep(cast: Cast) -> None:
    providers = [cast.provider.pk, cast.stranger.provider_id]
    for model in (Provider, Service, Team, Person, RoleAssignment, TrailHead, TrailEntry):
        key = "pk" if model is Provider else "provider_id"
        rows = model._base_manager.filter(**{f"{key}__in": providers})
        columns = [field.attname for field in model._meta.concrete_fields]
        _KEPT.append((model, [{name: getattr(row, name) for name in columns} for row in rows]))
    _NAMES.update({name: (type(value), value.pk) for name, value in cast.__dict__.items() if isinstance(value, Model)})
