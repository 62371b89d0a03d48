"""Inspections for tests, made through the operations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from saferpractice.evidence.models import Inspection, InspectionDraw, InspectionPopulation
from saferpractice.evidence.operations import Disclosure, draw_incidents, freeze_incidents, open_inspection
from saferpractice.evidence.queries.inspections import Wanted
from saferpractice.trail.rules import By
from tests.personas import NOW, Cast

OPENED_AT = NOW + timedelta(days=3)
LOOKED_AT = OPENED_AT + timedelta(hours=2)
ENDS_AT = OPENED_AT + timedelta(days=14)
SEED = "4 2 6 1 1 5"
IDENTITY = Disclosure(power="hsca-2008-64", because="They compare the care records of three people with what we wrote.")


def an_inspection(cast: Cast, *, by: By | None = None, at: datetime = OPENED_AT, **changes: Any) -> Inspection:
    """An inspection of Riverside, opened by the director: incidents of a year, open for two weeks."""
    given: dict[str, Any] = {
        "provider": cast.provider,
        "inspector": cast.inspector,
        "services": [cast.riverside],
        "authority": "hsca-2008-62",
        "reference": "INS-117",
        "period_from": date(2025, 3, 5),
        "period_to": at.date(),
        "ends_at": at + timedelta(days=14),
        "submission_key": f"inspection-{uuid4()}",
    }
    return open_inspection(by=by or cast.director, at=at, **(given | changes))


def a_list(
    inspection: Inspection, *, by: By | None = None, at: datetime = LOOKED_AT, size: int = 5, **wanted: Any
) -> InspectionPopulation:
    """A list of incidents to draw from, frozen by the inspector."""
    return freeze_incidents(
        by=by or inspection.inspector,
        at=at,
        inspection=inspection,
        wanted=Wanted(**wanted),
        size=size,
        submission_key=f"list-{uuid4()}",
    )


def drawn(inspection: Inspection, *, seed: str = SEED, at: datetime = LOOKED_AT, **more: Any) -> InspectionDraw:
    """A draw from a list of the inspection."""
    population = a_list(inspection, at=at, **more)
    return draw_incidents(by=inspection.inspector, at=at, population=population, seed=seed)
