"""What was written down on a case, what is owed on it, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.deadlines.ledger import calendar_for
from saferpractice.deadlines.local_times import evening_of
from saferpractice.deadlines.models import Obligation
from saferpractice.pathways.models import (
    CaseObligation,
    PathwayCase,
    PathwayRecord,
)
from saferpractice.pathways.queries.practice import definition_of, values_of
from saferpractice.pathways.rules.definition import Definition, RecordKind
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.state import Kept, PathwayState, as_on_record
from saferpractice.pathways.rules.timeline import Record
from saferpractice.pathways.rules.values import read_values


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


def state_of(case: PathwayCase, at: datetime) -> PathwayState:
    """Where ``case`` stands at ``at``."""
    definition = definition_of(case)
    records = [record_of(record, definition) for record in case.records.all()]
    values = values_of(case.team.service_id, definition)
    calendar, evening = calendar_for(case.provider_id), evening_of(provider_id=case.provider_id, at=at)
    state = assess(definition, records, at, calendar, local=values, out_of_hours=evening)
    kept = _kept(case)
    owed = sorted((as_on_record(one, kept) for one in state.owed), key=lambda one: (one.due_at, one.obligation.id))
    return replace(state, owed=tuple(owed))


def _kept(case: PathwayCase) -> list[Kept]:
    """The deadlines on record of what is still owed on ``case``, oldest first."""
    rows = {row.pk: row for row in case.obligations.all()}
    if not rows:
        return []
    found = Obligation.objects.open().filter(subject_id__in=list(rows)).order_by("opened_at", "pk")
    kept = []
    for one in found.prefetch_related("moves"):
        row, moves = rows[one.subject_id], list(one.moves.all())
        moved = any(move.now_due_at == one.due_at for move in moves)
        kept.append(Kept(row.code, row.occurrence, frozenset(row.because), one.due_at, moved))
    return kept


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


def owed_on(case: PathwayCase, text: str) -> CaseObligation | None:
    """What an address says is owed on ``case``; None when it says nothing of the kind."""
    try:
        owed_id = UUID(text)
    except ValueError:
        return None
    return case.obligations.filter(pk=owed_id).first()


def records_newest_first(case: PathwayCase) -> QuerySet[PathwayRecord]:
    """Everything written down on ``case``, by when it happened, the newest first."""
    return case.records.select_related("corrects").order_by("-happened_at", "-decided_at", "-pk")


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
