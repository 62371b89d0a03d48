"""What was written down, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.deadlines.rules import local_time_label
from saferpractice.incidents.rules import ContactMethod
from saferpractice.pathways.models import CaseObligation, PathwayCase, PathwayRecord
from saferpractice.pathways.queries import Worked, worked_by
from saferpractice.pathways.rules.definition import Definition, RecordField, RecordKind
from saferpractice.pathways.rules.state import PathwayState
from saferpractice.pathways.rules.values import read_values

CONSULTED = (Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.SUPERVISOR, Role.DIRECTOR)
"""Roles that a field of type role offers, in the order in which a person's own is taken."""


def known_of(
    kind: RecordKind, case: PathwayCase, owed: CaseObligation | None, person: Person, at: datetime
) -> dict[str, Any]:
    """What a new record of ``kind`` begins with because it is known: whoever writes it and is consulted, and the record
    that is answered where one is owed for each."""
    roles = person.roles(case.team.place, at)
    own = next((role.value for role in CONSULTED if role in roles), None)
    found: dict[str, Any] = {part.id: own for part in kind.fields if part.type == "role" and own}
    asked = worked_by(case).definition.owed.get(owed.code) if owed else None
    for way in asked.met_by if asked else ():
        if owed and way.about and way.record == kind.id:
            found[way.about] = owed.because[0]
    return found


def timeline(
    records: list[PathwayRecord], case: PathwayCase, worked: Worked, state: PathwayState, may: set[str]
) -> list[dict[str, Any]]:
    """Everything written down, as the story on the case's page; what was put right stands there too, marked.

    Each record is read by the version that was in force when it was written, whichever it is now. ``may`` names the
    kinds that the reader may put right.
    """
    corrected = {record.corrects_id for record in records if record.corrects_id}
    roots = _roots(records)
    shown = []
    labels = {str(other.pk): record_label(other, worked) for other in records}
    for record in records:
        definition = worked.when_written(record)
        kind = definition.kinds.get(record.kind)
        stands = record.pk not in corrected and not record.withdrawn
        role = f", {record.decided_by_role}" if record.decided_by_role else ""
        shown.append(
            {
                "when": local_time_label(record.happened_at),
                "who": f"{record.decided_by_name}{role}",
                "label": kind.label if kind else record.kind,
                "values": _values(definition, kind, record, labels) if kind else [],
                "notes": list(_notes(record, str(roots[record.pk]), state, put_right=record.pk in corrected)),
                "correct": reverse("pathways:correct", args=[case.pk, record.pk])
                if stands and record.kind in may
                else "",
            }
        )
    return shown


def _notes(record: PathwayRecord, root: str, state: PathwayState, *, put_right: bool) -> Iterator[str]:
    """What a reader must know of a record beside what it says."""
    if record.reason:
        yield f"Put right because: {record.reason}"
    if record.withdrawn:
        yield "This did not happen."
    elif put_right:
        yield "Put right later; this is what was written first."
    else:
        if root in state.lacking:
            yield f"Does not count yet. Still empty: {', '.join(state.lacking[root])}."
        if root in state.written_late:
            yield f"Written down late, on {local_time_label(record.decided_at)}."


def _roots(records: list[PathwayRecord]) -> dict[UUID, UUID]:
    before = {record.pk: record.corrects_id for record in records}
    found: dict[UUID, UUID] = {}
    for pk in before:
        root = pk
        while (earlier := before.get(root)) is not None:
            root = earlier
        found[pk] = root
    return found


def _values(
    definition: Definition, kind: RecordKind, record: PathwayRecord, labels: dict[str, str]
) -> list[dict[str, str]]:
    values = read_values(kind, record.values)
    return [
        {"key": part.label, "value": _in_words(definition, part, values[part.id], labels)}
        for part in kind.fields
        if part.id in values
    ]


def _in_words(definition: Definition, part: RecordField, value: Any, records: dict[str, str]) -> str:
    options = {option.id: option.label for option in part.options}
    match part.type:
        case "moment":
            return local_time_label(value)
        case "indicators":
            labels = {indicator.id: indicator.label for indicator in definition.indicators}
            return "; ".join(labels.get(code, code) for code in value)
        case "choices":
            return "; ".join(options.get(code, code) for code in value)
        case "choice" | "level":
            return str(options.get(value, value))
        case "contact-method":
            return ContactMethod(value).label if value in set(ContactMethod) else str(value)
        case "yes-no":
            return str(value).capitalize()
        case "role":
            return Role(value).label if value in set(Role) else str(value)
        case "record":
            return records.get(str(value), "A record that is not here")
    return str(value)


def moves_shown(worked: Worked) -> list[str]:
    """A sentence for each move of a case to another version, oldest first."""
    return [
        f"Moved to version {move.to_version.number} on {local_time_label(move.decided_at)}. What was owed stayed owed."
        for move in worked.moves
    ]


def record_label(record: PathwayRecord, worked: Worked) -> str:
    """A record in a line: what it is, when it happened, and the beginning of what it says."""
    kind = worked.when_written(record).kinds.get(record.kind)
    if kind is None:
        return f"{record.kind}, {local_time_label(record.happened_at)}"
    texts = [str(record.values[part.id]) for part in kind.fields if part.type == "text" and part.id in record.values]
    start = f": {texts[0][:60]}" if texts else ""
    return f"{kind.label}, {local_time_label(record.happened_at)}{start}"
