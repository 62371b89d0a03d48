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
from saferpractice.deadlines.rules import local_day
from saferpractice.lists.queries import choices
from saferpractice.pathways.beside import partners_of
from saferpractice.pathways.models import (
    CaseObligation,
    PathwayCase,
    PathwayRecord,
)
from saferpractice.pathways.queries.practice import Worked, definition_of_version, values_of, worked_by
from saferpractice.pathways.rules.definition import Definition, RecordKind
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.moving import Move, from_data
from saferpractice.pathways.rules.pairing import Thing
from saferpractice.pathways.rules.state import Kept, PathwayState, as_on_record
from saferpractice.pathways.rules.timeline import Entry, Record, entries
from saferpractice.pathways.rules.values import Known, read_values


def record_of(record: PathwayRecord, worked: Worked) -> Record:
    """A row as the engine reads it, by the note standard that held when it was written."""
    written_by = worked.when_written(record)
    kind = written_by.kinds.get(record.kind)
    return Record(
        id=str(record.pk),
        kind=record.kind,
        happened_at=record.happened_at,
        recorded_at=record.decided_at,
        values=read_values(kind, record.values) if kind else record.values,
        corrects=str(record.corrects_id) if record.corrects_id else None,
        withdrawn=record.withdrawn,
        standard=kind if written_by is not worked.definition else None,
    )


def known_of(case: PathwayCase, at: datetime) -> Known:
    """What a record of ``case`` may name at ``at``: partners, what stands on dated lists, other records."""
    wanted = lists_named(worked_by(case))
    return Known(
        partners={partner.code: partner.name for partner in partners_of(case.provider_id)},
        lists={
            code: {
                choice.code: choice.label for choice in choices(code, provider_id=case.provider_id, on=local_day(at))
            }
            for code in sorted(wanted)
        },
        records={entry.root: entry.stands.kind for entry in standing_entries(case, at)},
    )


def standing_entries(case: PathwayCase, at: datetime) -> list[Entry]:
    """The records of ``case`` that stand at ``at``, each with its corrections; not those that never happened."""
    worked = worked_by(case)
    return entries([record_of(record, worked) for record in case.records.all()], at)


def lists_named(worked: Worked) -> set[str]:
    """The dated lists that a field of any version of a case is chosen from."""
    definitions = [definition_of_version(version) for version in worked.versions]
    kinds = [kind for definition in definitions for kind in definition.records]
    return {part.from_list for kind in kinds for part in kind.fields if part.from_list}


def state_of(case: PathwayCase, at: datetime) -> PathwayState:
    """Where ``case`` stands at ``at``."""
    worked = worked_by(case)
    records = [record_of(record, worked) for record in case.records.all()]
    values = values_of(case.team.service_id, worked.definition)
    calendar, evening = calendar_for(case.provider_id), evening_of(provider_id=case.provider_id, at=at)
    state = assess(worked.definition, records, at, calendar, local=values, out_of_hours=evening, move=_move(worked))
    kept = _kept(case)
    owed = sorted(as_on_record(state.owed, kept), key=lambda one: (one.due_at, one.obligation.id))
    return replace(state, owed=tuple(owed))


def _kept(case: PathwayCase) -> list[Kept]:
    """The deadlines on record of what is or was owed on ``case``, oldest first, without what was cancelled."""
    rows = {row.pk: row for row in case.obligations.all()}
    if not rows:
        return []
    found = Obligation.objects.filter(subject_id__in=list(rows), cancelled_at__isnull=True).order_by("opened_at", "pk")
    kept = []
    for one in found.prefetch_related("moves"):
        row, moves = rows[one.subject_id], list(one.moves.all())
        moved = any(move.now_due_at == one.due_at for move in moves)
        thing = Thing(row.code, row.occurrence, row.because)
        kept.append(Kept(thing, one.due_at, moved, is_open=one.met_at is None))
    return kept


def _move(worked: Worked) -> Move | None:
    """The newest move of the case, with what it carried: each as the version that asked for it says."""
    if not worked.moves:
        return None
    asked = {str(version.pk): version for version in worked.versions}
    newest = worked.moves[-1]
    carried = (from_data(kept, definition_of_version(asked[kept["version"]])) for kept in newest.carried)
    return Move(newest.decided_at, tuple(carried))


def kinds_to_write(case: PathwayCase, at: datetime) -> dict[str, Definition]:
    """The kinds of record that can be written on ``case`` at ``at``, each with the definition that has it.

    Those of its version, and those of an earlier one that something still owed is met by.
    """
    worked = worked_by(case)
    found = dict.fromkeys(worked.definition.kinds, worked.definition)
    if worked.moves:
        for owed in state_of(case, at).open:
            for way in owed.obligation.met_by:
                asking = worked.asking_for(way.record)
                if asking is not None:
                    found.setdefault(way.record, asking)
    return found


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
