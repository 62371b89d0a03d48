"""What was written down, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.deadlines.rules import local_time_label
from saferpractice.incidents.rules import ContactMethod
from saferpractice.lists.queries import labels_of
from saferpractice.pathways.beside import partners_of, written_by_others
from saferpractice.pathways.models import CaseObligation, PathwayCase, PathwayRecord
from saferpractice.pathways.queries import Worked, lists_named, worked_by
from saferpractice.pathways.rules.definition import Definition, RecordField, RecordKind
from saferpractice.pathways.rules.state import PathwayState
from saferpractice.pathways.rules.values import read_values


def known_of(
    kind: RecordKind, case: PathwayCase, owed: CaseObligation | None, person: Person, at: datetime
) -> dict[str, Any]:
    """What a new record of ``kind`` begins with because it is known: whoever writes it and is consulted, and the record
    that is answered where one is owed for each."""
    roles = person.roles(case.team.place, at)
    own = {
        part.id: next((role for role in part.may_name if role in roles), None)
        for part in kind.fields
        if part.type == "role" and part.roles
    }
    found: dict[str, Any] = {name: role for name, role in own.items() if role}
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
    labels = Labels.of(case.provider_id, worked, records)
    roots, theirs = _roots(records), written_by_others(case)
    shown = []
    for record in records:
        definition = worked.when_written(record)
        kind = definition.kinds.get(record.kind)
        stands = record.pk not in corrected and not record.withdrawn and record.pk not in theirs
        role = f", {record.decided_by_role}" if record.decided_by_role else ""
        shown.append(
            {
                "when": local_time_label(record.happened_at),
                "who": f"{record.decided_by_name}{role}",
                "label": kind.label if kind else record.kind,
                "values": values_shown(definition, kind, record, labels) if kind else [],
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


@dataclass(frozen=True, slots=True)
class Labels:
    """The words for what a record names by code: partners, entries of dated lists, other records of the case."""

    partners: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]
    records: Mapping[str, str]

    @classmethod
    def of(cls, provider_id: UUID, worked: Worked, records: Iterable[PathwayRecord]) -> Labels:
        """The words for the records of one case, ``records``, by the versions it was worked by."""
        return cls(
            {partner.code: partner.name for partner in partners_of(provider_id)},
            {code: labels_of(code, provider_id=provider_id) for code in sorted(lists_named(worked))},
            {str(record.pk): record_label(record, worked) for record in records},
        )


def values_shown(
    definition: Definition, kind: RecordKind, record: PathwayRecord, labels: Labels
) -> list[dict[str, str]]:
    """What a record says, field by field, in words."""
    values = read_values(kind, record.values)
    return [
        {"key": part.label, "value": _in_words(definition, part, values[part.id], labels)}
        for part in kind.fields
        if part.id in values
    ]


def _in_words(definition: Definition, part: RecordField, value: Any, labels: Labels) -> str:
    options = {option.id: option.label for option in part.options}
    match part.type:
        case "moment":
            return local_time_label(value)
        case "indicators":
            ticked = {indicator.id: indicator.label for indicator in definition.indicators}
            return "; ".join(ticked.get(code, code) for code in value) or "None of these"
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
        case "partner":
            return labels.partners.get(str(value), str(value))
        case "partners":
            return "; ".join(labels.partners.get(code, code) for code in value)
        case "listed":
            return labels.lists.get(part.from_list or "", {}).get(str(value), str(value))
        case "record":
            return labels.records.get(str(value), "A record that is not here")
    return str(value)


def record_label(record: PathwayRecord, worked: Worked) -> str:
    """A record in a line: what it is, when it happened, and the beginning of what it says."""
    kind = worked.when_written(record).kinds.get(record.kind)
    if kind is None:
        return f"{record.kind}, {local_time_label(record.happened_at)}"
    texts = [str(record.values[part.id]) for part in kind.fields if part.type == "text" and part.id in record.values]
    start = f": {texts[0][:60]}" if texts else ""
    return f"{kind.label}, {local_time_label(record.happened_at)}{start}"


def moves_shown(worked: Worked) -> list[str]:
    """A sentence for each move of a case to another version, oldest first."""
    return [
        f"Moved to version {move.to_version.number} on {local_time_label(move.decided_at)}. What was owed stayed owed."
        for move in worked.moves
    ]
