"""The pathways there are, and the cases on them, scoped to the person asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person, Service, Team
from saferpractice.access.queries import teams_covered
from saferpractice.deadlines.ledger import calendar_for
from saferpractice.deadlines.local_times import evening_of
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import (
    WORKS_ON_CASES,
    CaseObligation,
    LocalValues,
    PathwayCase,
    PathwayCases,
    PathwayRecord,
    PathwayVersion,
)
from saferpractice.pathways.rules.definition import Definition, RecordKind, Value
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.reading import definition_from_data, load_library
from saferpractice.pathways.rules.state import PathwayState
from saferpractice.pathways.rules.timeline import Record
from saferpractice.pathways.rules.values import read_values


@cache
def library() -> dict[str, Definition]:
    """The pathways that ship with the product, by their codes, read once.

    Raises:
        ListMistakes: a file cannot be used.
    """
    return load_library()


@lru_cache(maxsize=256)
def _definition(version_id: UUID) -> Definition:
    version = PathwayVersion.objects.get(pk=version_id)
    return definition_from_data(version.content, name=str(version))


def definition_of(case: PathwayCase) -> Definition:
    """The definition a case is worked by."""
    return _definition(case.version_id)


def in_use(provider_id: UUID, at: datetime) -> list[PathwayVersion]:
    """The newest version of each pathway that the provider had put in use by ``at``, by title."""
    found: dict[str, PathwayVersion] = {}
    for version in PathwayVersion.objects.filter(provider_id=provider_id, live_from__lte=at).order_by("number"):
        found[version.pathway] = version
    return sorted(found.values(), key=lambda version: version.title)


def teams_worked_in(person: Person, at: datetime) -> QuerySet[Team]:
    """The teams in or for which ``person`` works at ``at``, by service and name."""
    found = teams_covered(person, at, WORKS_ON_CASES)
    return found.select_related("service").order_by("service__name", "name")


def cases_seen(person: Person, at: datetime) -> PathwayCases:
    """The cases ``person`` may open, newest first, with what a list shows of each."""
    found = PathwayCase.objects.visible_to(person, at)
    return found.select_related("team", "person_supported", "version", "closing").order_by("-decided_at", "-pk")


def case_seen(person: Person, at: datetime, case_id: UUID) -> PathwayCase | None:
    """One case ``person`` may open, or None: the same for "not yours" and "no such case"."""
    found = cases_seen(person, at).select_related("team__service", "incident", "provider")
    return found.filter(pk=case_id).first()


def record_of(record: PathwayRecord, definition: Definition) -> Record:
    """A row as the engine reads it."""
    kind = definition.kinds.get(record.kind)
    return Record(
        id=str(record.pk),
        kind=record.kind,
        happened_at=record.happened_at,
        recorded_at=record.decided_at,
        values=read_values(kind, record.values) if kind else record.values,
        corrects=str(record.corrects_id) if record.corrects_id else None,
        withdrawn=record.withdrawn,
    )


def values_of(service_id: UUID, definition: Definition) -> dict[str, Value]:
    """The values a service set for itself on a pathway, those that its definition still allows."""
    newest = (
        LocalValues.objects.filter(service_id=service_id, pathway=definition.pathway).order_by("-decided_at").first()
    )
    return {
        name: value
        for name, value in (newest.values if newest else {}).items()
        if name in definition.locals and definition.locals[name].problem_with(value) is None
    }


def service_to_set(person: Person, service_id: UUID) -> Service | None:
    """A service of the provider of ``person``, or None."""
    return Service.objects.filter(provider_id=person.provider_id, pk=service_id).first()


def services_of(person: Person) -> QuerySet[Service]:
    """The services of the provider of ``person``, by name."""
    return Service.objects.filter(provider_id=person.provider_id).order_by("name")


def state_of(case: PathwayCase, at: datetime) -> PathwayState:
    """Where ``case`` stands at ``at``."""
    definition = definition_of(case)
    records = [record_of(record, definition) for record in case.records.all()]
    values = values_of(case.team.service_id, definition)
    calendar, evening = calendar_for(case.provider_id), evening_of(provider_id=case.provider_id, at=at)
    return assess(definition, records, at, calendar, local=values, out_of_hours=evening)


@dataclass(frozen=True, slots=True)
class OwedRow:
    """What is owed on a case as a row, and the obligation that stands for it."""

    row: CaseObligation
    obligation: Obligation


def owed_rows(case: PathwayCase) -> list[OwedRow]:
    """Everything ever owed on ``case``, oldest first."""
    rows = {row.pk: row for row in case.obligations.all()}
    found = Obligation.objects.filter(subject_id__in=list(rows)).order_by("opened_at", "pk")
    return [OwedRow(rows[obligation.subject_id], obligation) for obligation in found]


def records_newest_first(case: PathwayCase) -> QuerySet[PathwayRecord]:
    """Everything written down on ``case``, by when it happened, the newest first."""
    return case.records.select_related("corrects").order_by("-happened_at", "-decided_at", "-pk")


def filtered(cases: PathwayCases, state: str = "", pathway: str = "", person: str = "") -> PathwayCases:
    """``cases`` narrowed: "open" or "closed", on one pathway, of a person whose reference begins so."""
    if state:
        cases = cases.filter(closing__isnull=state == "open")
    if pathway:
        cases = cases.filter(version__pathway=pathway)
    if person:
        cases = cases.filter(person_supported__reference__istartswith=" ".join(person.split()))
    return cases


def versions_in_use(provider_id: UUID, at: datetime) -> QuerySet[PathwayVersion]:
    """The versions in use, as a form offers them."""
    newest = [version.pk for version in in_use(provider_id, at)]
    return PathwayVersion.objects.filter(pk__in=newest).order_by("title")


def incident_to_open_from(person: Person, at: datetime, text: str) -> Incident | None:
    """The incident an address names, when ``person`` may open it; else None."""
    try:
        incident_id = UUID(text)
    except ValueError:
        return None
    found = Incident.objects.visible_to(person, at).select_related("team", "person_supported")
    return found.filter(pk=incident_id).first()


def record_on(case: PathwayCase, record_id: UUID) -> PathwayRecord | None:
    """A record of ``case`` that stands: neither put right already nor withdrawn."""
    return case.records.filter(pk=record_id, withdrawn=False, corrections__isnull=True).select_related("case").first()


def record_values(record: PathwayRecord, kind: RecordKind) -> dict[str, Any]:
    """What a record holds, as pages and forms read it."""
    return read_values(kind, record.values)


def ticked_last(case: PathwayCase, kind: RecordKind) -> dict[str, Any]:
    """The ticks of the newest record of ``kind`` that stands, for the next one to begin with."""
    ticks = [part.id for part in kind.fields if part.type == "indicators"]
    standing = case.records.filter(kind=kind.id, withdrawn=False, corrections__isnull=True)
    newest = standing.order_by("-happened_at", "-decided_at").first() if ticks else None
    return {name: newest.values[name] for name in ticks if name in newest.values} if newest else {}


def case_of_owed(person: Person, at: datetime, owed_id: UUID) -> PathwayCase | None:
    """The case of something owed, when ``person`` may open it; else None."""
    return PathwayCase.objects.visible_to(person, at).filter(obligations__pk=owed_id).first()
