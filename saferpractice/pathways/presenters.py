"""What the pages of pathways and cases show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Role
from saferpractice.deadlines.rules import ObligationState, local_time_label
from saferpractice.design.words import tag_colour
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import WORKS_ON_CASES, PathwayCase, PathwayRecord, PathwayVersion
from saferpractice.pathways.permissions import check_can_write
from saferpractice.pathways.queries import cases_seen, in_use
from saferpractice.pathways.rules.definition import Definition, RecordField, RecordKind
from saferpractice.pathways.rules.state import Owed, PathwayState
from saferpractice.pathways.rules.values import read_values
from saferpractice.pathways.rules.words import Said, in_words

PARTS = {
    "indicators": "What staff look for",
    "records": "What is written down",
    "obligations": "What must be done, by whom, by when",
    "escalation": "Who is told when it is late",
    "closing": "When a case may be closed",
    "supervision": "Supervision",
    "measures": "How it is shown to work",
    "local": "What a service sets for itself",
}
"""The parts of a definition in the order in which they are read, with their headings."""
MEANING = {
    ObligationState.OPEN: "working",
    ObligationState.DUE_TODAY: "warning",
    ObligationState.LATE: "bad",
    ObligationState.MET: "good",
    ObligationState.MET_LATE: "quiet",
    ObligationState.CANCELLED: "quiet",
}
CASES_HEADER = ["Person", "Pathway", "Version", "Team", "Opened", "State"]


def _tag(text: str, meaning: str) -> Markup:
    return Markup('<strong class="nhsuk-tag nhsuk-tag--{}">{}</strong>').format(tag_colour(meaning), text)


def index_rows(definitions: Iterable[Definition], used: Iterable[PathwayVersion]) -> list[list[Any]]:
    """A row for each pathway: its name, whom it is for, which version is in use."""
    link = Markup('<a href="{}">{}</a>')
    numbers = {version.pathway: version.number for version in used}
    return [
        [
            link.format(reverse("pathways:one", args=[definition.pathway]), definition.title),
            definition.applies_to,
            f"Version {numbers[definition.pathway]}" if definition.pathway in numbers else "Not in use",
        ]
        for definition in definitions
    ]


def parts(definition: Definition) -> list[tuple[str, str, list[Said]]]:
    """The definition in plain English: code, heading and sentences of each part that says something."""
    said = in_words(definition)
    found = [(part, heading, [each for each in said if each.part == part]) for part, heading in PARTS.items()]
    return [part for part in found if part[2]]


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """The cases opened from an incident, as its page shows them; None where none was and none can be."""
    cases = list(cases_seen(by, at).filter(incident=incident))
    may = bool(by.roles(incident.team.place, at) & WORKS_ON_CASES) and bool(in_use(incident.provider_id, at))
    if not cases and not may:
        return None
    return {"incident": incident, "rows": case_rows(cases), "may": may}


def case_state(case: PathwayCase) -> str:
    """Open or closed, in a word."""
    return "Closed" if hasattr(case, "closing") else "Open"


def case_lines(cases: Iterable[PathwayCase]) -> Iterator[list[Any]]:
    """A line of plain text for each case, as the file and the list show it."""
    for case in cases:
        yield [
            case.person_supported.reference,
            case.version.title,
            case.version.number,
            case.team.name,
            local_time_label(case.decided_at),
            case_state(case),
        ]


def case_rows(cases: Iterable[PathwayCase]) -> list[list[Any]]:
    """A row for each case, linked."""
    rows = []
    for case, line in zip(cases, case_lines(cases), strict=True):
        state = _tag(line[5], "quiet" if line[5] == "Closed" else "working")
        rows.append(
            [{"text": line[0], "href": reverse("pathways:case", args=[case.pk])}, line[1], line[3], line[4], state]
        )
    return rows


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A kind of record that can be written on a case, and whether this person may."""

    kind: RecordKind
    href: str
    may: bool
    why_not: str


def to_write(case: PathwayCase, definition: Definition, person: Person, at: datetime) -> list[ToWrite]:
    """Each kind of record of the pathway."""
    found = []
    for kind in definition.records:
        may, why_not = allowed(check_can_write, by=person, at=at, case=case, kind=kind)
        found.append(ToWrite(kind, reverse("pathways:write", args=[case.pk, kind.id]), may, why_not))
    return found


def owed_shown(state: PathwayState, case: PathwayCase) -> list[dict[str, Any]]:
    """What is still to be done, soonest first, each with its state and the way to do it."""
    return [_shown(each, state, case) for each in state.open]


def owed_before(state: PathwayState, case: PathwayCase) -> list[dict[str, Any]]:
    """What was owed and is not any more."""
    return [_shown(each, state, case) for each in state.owed if not each.is_open]


def _shown(owed: Owed, state: PathwayState, case: PathwayCase) -> dict[str, Any]:
    found = owed.state(state.at)
    way = owed.obligation.met_by[0].record
    return {
        "title": owed.obligation.title,
        "sentence": owed.sentence(state.at).removeprefix(f"{owed.obligation.title}. "),
        "who": Role(owed.obligation.who).label,
        "tag": _tag(found.label, MEANING[found]),
        "href": reverse("pathways:write", args=[case.pk, way]),
        "attempt": owed.attempt,
    }


def timeline(
    records: list[PathwayRecord], case: PathwayCase, definition: Definition, state: PathwayState, may: set[str]
) -> list[dict[str, Any]]:
    """Everything written down, as the story on the case's page; what was put right stands there too, marked."""
    corrected = {record.corrects_id for record in records if record.corrects_id}
    roots = _roots(records)
    shown = []
    for record in records:
        kind = definition.kinds.get(record.kind)
        stands = record.pk not in corrected and not record.withdrawn
        role = f", {record.decided_by_role}" if record.decided_by_role else ""
        shown.append(
            {
                "when": local_time_label(record.happened_at),
                "who": f"{record.decided_by_name}{role}",
                "label": kind.label if kind else record.kind,
                "values": _values(definition, kind, record, records) if kind else [],
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
    definition: Definition, kind: RecordKind, record: PathwayRecord, records: list[PathwayRecord]
) -> list[dict[str, str]]:
    values = read_values(kind, record.values)
    labels = {str(other.pk): record_label(other, definition) for other in records}
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
        case "yes-no":
            return str(value).capitalize()
        case "role":
            return Role(value).label if value in set(Role) else str(value)
        case "record":
            return records.get(str(value), "A record that is not here")
    return str(value)


def record_label(record: PathwayRecord, definition: Definition) -> str:
    """A record in a line: what it is, when it happened, and the beginning of what it says."""
    kind = definition.kinds.get(record.kind)
    if kind is None:
        return f"{record.kind}, {local_time_label(record.happened_at)}"
    texts = [str(record.values[part.id]) for part in kind.fields if part.type == "text" and part.id in record.values]
    start = f": {texts[0][:60]}" if texts else ""
    return f"{kind.label}, {local_time_label(record.happened_at)}{start}"
