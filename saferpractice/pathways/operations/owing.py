"""Keep the obligations of a case as the engine finds them: opened, brought forward, met, ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import NOT_DUE_AFTER_ALL, Timescale
from saferpractice.pathways import following
from saferpractice.pathways.models import CaseObligation, PathwayCase, PathwayRecord
from saferpractice.pathways.queries import (
    OwedRow,
    definition_of_version,
    owed_rows,
    state_of,
    values_of,
    worked_by,
)
from saferpractice.pathways.rules.definition import Value, span_of
from saferpractice.pathways.rules.escalating import chain_of
from saferpractice.pathways.rules.pairing import Thing, paired
from saferpractice.pathways.rules.spans import field_named
from saferpractice.pathways.rules.standards import standard_of
from saferpractice.pathways.rules.state import Owed
from saferpractice.pathways.rules.values import local_values

KIND = "pathways.owed"


def bring_up_to_date(case: PathwayCase, at: datetime) -> list[str]:
    """Make the rows say what the engine says; the titles of what became owed. Call inside an operation.

    What a correction shows was never due, or a record written late of what happened before, is cancelled with that
    reason. What was met stays met: where a correction takes back the record that met it, it is owed anew. Other rooms
    are told of what was met that came about under the version in force (see ``following``).
    """
    state = state_of(case, at)
    rows = owed_rows(case)
    places = _places(state.owed, rows)
    opened: list[str] = []
    met: list[str] = []
    moves = worked_by(case).moves
    since = moves[-1].decided_at if moves else None
    for owed, place in zip(state.owed, places, strict=True):
        row = None if place is None else rows[place]
        if row is None and owed.ended_at is not None and _ended_already(owed, rows):
            continue
        newly = owed.met_by is not None and (row is None or row.obligation.met_at is None)
        if newly and (since is None or owed.opened_at >= since):
            met.append(owed.obligation.id)
        if row is None or (row.obligation.met_at is not None and owed.is_open):
            if owed.is_open or row is None:
                _settle(_opened(case, owed), owed)
                opened += [owed.obligation.title] if owed.is_open else []
            continue
        _follow(row, owed)
    for number, row in enumerate(rows):
        if number not in places and row.obligation.met_at is None and row.obligation.cancelled_at is None:
            ledger.cancel(subject=row.row, kind=KIND, because=NOT_DUE_AFTER_ALL, at=at)
    if met:
        following.tell_met(case, met, at)
    return opened


def _places(owed: Sequence[Owed], rows: list[OwedRow]) -> list[int | None]:
    """For each of ``owed`` the place of the row that stands for it, None where there is none yet."""
    return paired(
        [each.thing for each in owed],
        [Thing(row.row.code, row.row.occurrence, row.row.because) for row in rows],
        over={number for number, row in enumerate(rows) if row.obligation.cancelled_at is not None},
    )


def _ended_already(owed: Owed, rows: Iterable[OwedRow]) -> bool:
    """Whether a row says that ``owed`` is over: such a row is cancelled, and there is nothing to do for it again."""
    return any(
        row.obligation.cancelled_at is not None
        and (row.row.code, row.row.occurrence) == (owed.obligation.id, owed.occurrence)
        and row.row.because[:1] == list(owed.because[:1])
        for row in rows
    )


def _opened(case: PathwayCase, owed: Owed) -> CaseObligation:
    row = CaseObligation.objects.create(
        case=case,
        provider_id=case.provider_id,
        code=owed.obligation.id,
        occurrence=owed.occurrence,
        because=list(owed.because),
    )
    version = worked_by(case).version
    ledger.open_with_due(
        provider_id=case.provider_id,
        subject=row,
        kind=KIND,
        title=f"{owed.obligation.title}: {version.title}, {case.person_supported.reference}",
        opened_at=owed.opened_at,
        due_at=owed.due_at,
        clock_source=f"Pathway “{version.title}”, version {version.number}",
        role=Role(owed.obligation.who),
        team=case.team,
        story_id=case.incident_id,
        restricted=case.incident is not None and case.incident.restricted,
        chain=chain_of(owed.obligation, _values(case)),
        timescale=_timescale(owed, _values(case)),
        standard=standard_of(version.pathway, owed.obligation.id),
        person_supported_id=case.person_supported_id,
    )
    return row


def _timescale(owed: Owed, values: dict[str, Value]) -> Timescale | None:
    """How long it has, where that counts from its opening: not for a repeat, nor for a moment somebody wrote down."""
    if owed.occurrence > 1 or field_named(owed.obligation.within) is not None:
        return None
    return span_of(owed.obligation.within, values)


def _values(case: PathwayCase) -> dict[str, Value]:
    """The local values in force, with those of earlier versions that something carried still names."""
    found: dict[str, Value] = {}
    for version in worked_by(case).versions:
        definition = definition_of_version(version)
        found |= local_values(definition, values_of(case.team.service_id, definition))
    return found


def _follow(row: OwedRow, owed: Owed) -> None:
    if row.row.because != list(owed.because):
        row.row.because = list(owed.because)
        row.row.save(update_fields=["because"])
    if row.obligation.met_at is None and row.obligation.cancelled_at is None:
        ledger.bring_forward(subject=row.row, kind=KIND, due_at=owed.due_at)
        _settle(row.row, owed)


def _settle(row: CaseObligation, owed: Owed) -> None:
    if owed.met_by is not None and owed.met_at is not None:
        record = PathwayRecord.objects.get(pk=owed.met_by)
        ledger.meet(subject=row, kind=KIND, record=record, at=owed.met_at)
    elif owed.ended_at is not None:
        ledger.cancel(subject=row, kind=KIND, because="Its pathway says that it is over", at=owed.ended_at)
