"""Impact plans that read the product's own measures, and rows for them to read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from saferpractice.access.models import Team
from saferpractice.access.rules import Place
from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.operations import Declared, Own, declare_plan, read_numbers
from saferpractice.assurance.rules import Direction
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.trail.rules import By
from tests.factories.assurance import DECLARED_AT, declared
from tests.factories.incidents import an_incident
from tests.factories.measures import obligation
from tests.personas import Cast

ALL_INCIDENTS = "incidents.all"
IN_TIME = "self-neglect.same-day-consultation"


def own_declared(
    place: Place, key: str = IN_TIME, *, length: Length = Length.MONTH, compared: UUID | None = None, **changes: Any
) -> Declared:
    """A plan on an own measure; ``changes`` replace parts. What is counted is left to the measure."""
    fewer = key.startswith("incidents.")
    parts: dict[str, Any] = {
        "measure": "",
        "definition": "",
        "exposure": "",
        "serves": "outcome",
        "direction": Direction.REDUCE if fewer else Direction.INCREASE,
        "smallest_effect": Decimal("0.7") if fewer else Decimal("0.1"),
        "own": Own(measure_key=key, place=place, length=length, compared_with=compared),
    }
    return declared(**(parts | changes))


def an_own_plan(
    *, by: By, change: OperationalChange, place: Place, key: str = IN_TIME, at: datetime = DECLARED_AT, **changes: Any
) -> ImpactPlan:
    """Such a plan declared for ``change``."""
    return declare_plan(
        by=by, at=at, change=change, declared=own_declared(place, key, **changes), submission_key=f"own-{uuid4()}"
    )


def read_at(plan: ImpactPlan, day: date, *, by: By) -> None:
    """Read on the morning of a day what is over."""
    read_numbers(by=by, at=datetime(day.year, day.month, day.day, 10, 0, tzinfo=UTC), plan=plan)


def asked(team: Team, month: date, *, in_time: int = 0, late: int = 0, story: UUID | None = None) -> list[Obligation]:
    """So many consultations asked for in a month, met in time or too late."""
    found = []
    for number in range(in_time + late):
        opened = datetime(month.year, month.month, 2 + number % 26, 9, 0, tzinfo=UTC)
        row = obligation(team, opened, met=4 if number < in_time else 40)
        row.story_id = story
        found.append(row)
    return Obligation.objects.bulk_create(found)


def happened(cast: Cast, team: Team, month: date, how_many: int, **words: Any) -> list[Incident]:
    """So many incidents on different days of a month."""
    return [
        an_incident(
            by=cast.worker,
            team=team,
            at=datetime(month.year, month.month, 2 + number, 12, 0, tzinfo=UTC),
            **words,
        )
        for number in range(how_many)
    ]
