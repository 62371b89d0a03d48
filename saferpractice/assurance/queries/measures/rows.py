"""The rows behind a number, those of them that the reader may open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.assurance.models import AuditResult
from saferpractice.assurance.queries.audits import audit_plans_seen
from saferpractice.assurance.queries.measures import audited, incidents, owed, records, supervised
from saferpractice.assurance.queries.measures.buckets import Where
from saferpractice.assurance.queries.supervision import GridFilter, grid
from saferpractice.assurance.rules.measures.defined import AGAIN, OF_OBLIGATIONS, Defined, Shows
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import end_of_day
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import CaseObligation, PathwayCase, PathwayRecord

PAGE = 50
COUNTS_AS = {
    owed.IN_TIME: "In time",
    owed.NOT_IN_TIME: "Not in time",
    owed.WAITING: "Not due yet",
    owed.LEFT_OUT: "Left out: cancelled before it was late",
    owed.NEVER: "Left out: it should not have been asked for",
}


@dataclass(frozen=True, slots=True)
class Behind:
    """One row behind a number: its words, its moments (UTC), how it counts, and the case, incident, audit or worker."""

    text: str
    began_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    counts_as: str
    case_id: UUID | None = None
    incident_id: UUID | None = None
    audit_id: UUID | None = None
    worker_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows the reader may open, newest first: those of one page, how many there are, and how many may not be."""

    rows: list[Behind]
    opened: int
    kept_back: int


def rows_behind(defined: Defined, where: Where, by: Person, page: int | None = 0) -> Rows:
    """The rows of a number counted by ``where``, from ``page`` (0 is the first; None reads them all)."""
    shows = defined.source.shows
    if shows is Shows.SUPERVISED:
        return _supervised(where, by, page)
    show: Callable[[Defined, list[Any]], Iterable[Behind]]
    if shows in OF_OBLIGATIONS:
        found, seen = _obligations(defined, where, by)
        show = _of_obligations
    elif shows is Shows.COMPLETE:
        found, seen = _records(defined, where, by)
        show = _of_records
    elif shows is Shows.AUDITED:
        found, seen = _audits(where, by)
        show = partial(_of_audits, where)
    else:
        found, seen = _incidents(defined, where, by)
        show = _of_incidents
    opened, every = seen.count(), found.count()
    some = seen if page is None else seen[page * PAGE : (page + 1) * PAGE]
    return Rows(list(show(defined, list(some))), opened, every - opened)


def _cases(by: Person, at: datetime) -> QuerySet[PathwayCase]:
    return PathwayCase.objects.visible_to(by, at)


def _obligations(defined: Defined, where: Where, by: Person) -> tuple[QuerySet[Any], QuerySet[Any]]:
    source = defined.source
    found = owed.opened(where, [owed.kind_of(defined)])
    if source.shows in AGAIN:
        found = found.exclude(state=owed.NEVER)
        found = found.annotate(again=owed.came_again(source.shows, source.within_days, where.at))
    if source.shows is Shows.LATE_AGAIN_RATE:
        found = found.filter(state=owed.NOT_IN_TIME)
    if source.pathway:
        of_cases = CaseObligation.objects.filter(case__in=_cases(by, where.at)).values("pk")
        seen = found.filter(subject_id__in=of_cases)
    else:
        seen = found.filter(story_id__in=Incident.objects.visible_to(by, where.at).values("pk"))
    return found, seen.order_by("-opened_at", "-pk")


def _of_obligations(defined: Defined, rows: list[Obligation]) -> Iterable[Behind]:
    subjects = [row.subject_id for row in rows] if defined.source.pathway else []
    cases = dict(CaseObligation.objects.filter(pk__in=subjects).values_list("pk", "case_id"))
    for row in rows:
        counts_as = COUNTS_AS[row.state]  # type: ignore[attr-defined]
        if defined.source.shows in AGAIN:
            counts_as = "Again" if row.again else "Not again"  # type: ignore[attr-defined]
        elif defined.source.shows is Shows.TIME and row.state == owed.WAITING:  # type: ignore[attr-defined]
            counts_as = "Still open"
        yield Behind(
            text=row.title,
            began_at=row.opened_at,
            due_at=row.due_at,
            ended_at=row.met_at or row.cancelled_at,
            counts_as=counts_as,
            case_id=cases.get(row.subject_id),
            incident_id=None if defined.source.pathway else row.story_id,
        )


def _records(defined: Defined, where: Where, by: Person) -> tuple[QuerySet[Any], QuerySet[Any]]:
    source = defined.source
    found = records.first_written(where, [(source.pathway, kind) for kind in source.records])
    seen = found.filter(case__in=_cases(by, where.at)).select_related("case__person_supported")
    return found, seen.order_by("-happened_at", "-pk")


def _of_records(defined: Defined, rows: list[PathwayRecord]) -> Iterable[Behind]:
    for row in rows:
        yield Behind(
            text=row.case.person_supported.reference,
            began_at=row.happened_at,
            due_at=None,
            ended_at=row.decided_at,
            counts_as="Complete" if row.complete else "Something was missing",
            case_id=row.case_id,
        )


def _audits(where: Where, by: Person) -> tuple[QuerySet[Any], QuerySet[Any]]:
    found = audited.results(where)
    plans = audit_plans_seen(by, where.at).order_by().values("pk")
    seen = found.filter(population__plan__in=plans).select_related("population__plan")
    return found, seen.order_by("-decided_at", "-pk")


def _of_audits(where: Where, _: Defined, rows: list[AuditResult]) -> Iterable[Behind]:
    for row in rows:
        met, read = audited.counted_of(where, row)
        yield Behind(
            text=str(row.population),
            began_at=row.population.decided_at,
            due_at=None,
            ended_at=row.decided_at,
            counts_as=f"{met} of {read} meet the standard",
            audit_id=row.population_id,
        )


def _supervised(where: Where, by: Person, page: int | None) -> Rows:
    """The discussions owed, those of the workers whose supervision the reader may see."""
    found = supervised.owed(where)
    if not found:
        return Rows([], 0, 0)
    seen = grid(by, where.at, GridFilter(first=min(one.month for one in found), last=max(one.month for one in found)))
    mine = {(one.worker, one.month) for one in seen.cells}
    opened = [one for one in found if (one.worker, one.month) in mine]
    opened.sort(key=lambda one: (-one.month.toordinal(), seen.people[one.worker].name, str(one.worker)))
    some = opened if page is None else opened[page * PAGE : (page + 1) * PAGE]
    rows = [
        Behind(
            text=f"{seen.people[one.worker].name}, {one.month:%B %Y}",
            began_at=end_of_day(one.month - timedelta(days=1)),
            due_at=None,
            ended_at=None,
            counts_as=one.state.label,
            worker_id=one.worker,
        )
        for one in some
    ]
    return Rows(rows, len(opened), len(found) - len(opened))


def _incidents(defined: Defined, where: Where, by: Person) -> tuple[QuerySet[Any], QuerySet[Any]]:
    source = defined.source
    if source.shows is Shows.REPORTING:
        found = incidents.reported_in(where)
    elif source.shows is Shows.UNMANAGED:
        found = incidents.with_person(where, source.pathway, source.within_days)
    else:
        found = incidents.happened(where, source.theme, source.level)
    seen = found.filter(pk__in=Incident.objects.visible_to(by, where.at).values("pk"))
    return found, seen.order_by("-happened", "-pk")


def _of_incidents(defined: Defined, rows: list[Any]) -> Iterable[Behind]:
    for row in rows:
        counts_as = "Counted"
        if defined.source.shows is Shows.UNMANAGED:
            counts_as = "Something was done before" if row.managed else "Nothing was done before"
        yield Behind(row.reference, row.happened, None, row.recorded_at, counts_as, incident_id=row.pk)
