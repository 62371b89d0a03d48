"""Pathways in use and cases on them, made through operations."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from saferpractice.access.models import Person, Team
from saferpractice.incidents.models import Incident
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayRecord, PathwayVersion
from saferpractice.pathways.queries import library
from saferpractice.pathways.rules.definition import Definition
from tests.personas import LONG_AGO, NOW, SET_UP, Cast
from tests.rules.pathways.cases import CONSULTATION, NOTE, REVIEW

_keys = itertools.count(1)
__all__ = ["CONSULTATION", "NOTE", "REVIEW", "a_case", "a_record", "hours", "used"]


def hours(number: float) -> datetime:
    """So many hours after the usual "now" of a test, a Wednesday at five past two in the morning."""
    return NOW + timedelta(hours=number)


def used(cast: Cast, code: str = "self-neglect", definition: Definition | None = None) -> PathwayVersion:
    """A pathway in use at the provider of ``cast`` since long ago."""
    return operations.put_in_use(
        by=SET_UP, at=LONG_AGO, provider=cast.provider, definition=definition or library()[code]
    )


def a_case(
    cast: Cast,
    code: str = "self-neglect",
    *,
    by: Person | None = None,
    team: Team | None = None,
    person: str = "P-1042",
    incident: Incident | None = None,
    at: datetime = NOW,
) -> PathwayCase:
    """A case of North team, opened by the worker."""
    return operations.open_case(
        by=by or cast.worker,
        at=at,
        team=team or cast.north,
        version=used(cast, code),
        person_reference=person,
        submission_key=f"case-{next(_keys)}",
        incident=incident,
    )


def a_record(
    case: PathwayCase,
    kind: str,
    happened: float,
    *,
    by: Person,
    written: float | None = None,
    values: dict[str, Any] | None = None,
    **more: Any,
) -> PathwayRecord:
    """Something written down so many hours after NOW."""
    return operations.write_record(
        by=by,
        at=hours(happened if written is None else written),
        case=case,
        kind=kind,
        happened_at=hours(happened),
        values={**(values or {}), **{name.replace("_", "-"): value for name, value in more.items()}},
        submission_key=f"record-{next(_keys)}",
    )
