"""Quarters to publish for tests: many duties at once, and the publishing itself through the operation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from saferpractice.access.models import Person, Provider, Team
from saferpractice.access.operations import assign_role, create_person, create_provider, create_service, create_team
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import Obligation
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.operations import agree_target, publish_quarter
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.trail.rules import By
from tests.factories.measures import obligation
from tests.personas import LONG_AGO, PASSWORD, SET_UP, Cast

QUARTER = Quarter(2025, 3)
"""October to December 2025."""
IN_QUARTER = datetime(2025, 11, 5, 10, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 1, 26, 10, 0, tzinfo=UTC)
TRIAGE = "loop.triage.in-time"


def duties(
    team: Team,
    in_time: int,
    late: int = 0,
    *,
    at: datetime = IN_QUARTER,
    kind: str = "triage.decide",
    about: UUID | None = None,
    **more: Any,
) -> list[Obligation]:
    """So many duties that were met in time and so many that were met late, all opened at ``at``."""
    made = [obligation(team, at, met=1, kind=kind, standard="", **more) for _ in range(in_time)]
    made += [obligation(team, at, met=9, kind=kind, standard="", **more) for _ in range(late)]
    for one in made:
        one.subject_id = about or uuid4()
    return Obligation.objects.bulk_create(made)


def published(
    cast: Cast,
    *,
    quarter: Quarter = QUARTER,
    at: datetime = PUBLISHED_AT,
    by: By | None = None,
    provider: Provider | None = None,
    changes: Collection[UUID] = (),
) -> PublishedQuarter:
    """The quarter, published by the quality lead."""
    provider = provider or cast.provider
    return publish_quarter(by=by or cast.quality_lead, at=at, provider=provider, quarter=quarter, changes=changes)


def a_target(cast: Cast, **more: Any) -> ContractTarget:
    """At least 80% of triage in time, from the quarter on."""
    given: dict[str, Any] = {
        "by": cast.director,
        "at": PUBLISHED_AT,
        "provider": cast.provider,
        "measure": TRIAGE,
        "title": "From incident to triage: in time",
        "target": 80,
        "at_least": True,
        "from_quarter": QUARTER,
        "submission_key": f"target-{uuid4()}",
    }
    return agree_target(**(given | more))


def another_provider(name: str) -> Team:
    """A further provider with one service and one team."""
    provider = create_provider(by=SET_UP, at=LONG_AGO, name=name)
    service = create_service(by=SET_UP, at=LONG_AGO, provider=provider, name=f"Service of {name}")
    return create_team(by=SET_UP, at=LONG_AGO, service=service, name=f"Team of {name}")


def somebody(email: str, role: Role, place: Place, *, name: str = "Somebody Else") -> Person:
    """A further person with one role."""
    provider = Provider.objects.get(pk=place.provider_id)
    address = f"{email}@example.org"
    made = create_person(by=SET_UP, at=LONG_AGO, provider=provider, name=name, email=address, password=PASSWORD)
    assign_role(by=SET_UP, at=LONG_AGO, person=made, role=role, place=place)
    return made
