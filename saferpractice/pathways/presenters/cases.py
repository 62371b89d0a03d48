"""What the pages of cases show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Role
from saferpractice.deadlines.presenters import MEANING
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.words import tag
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import WORKS_ON_CASES, PathwayCase
from saferpractice.pathways.permissions import check_can_write
from saferpractice.pathways.queries import cases_seen, in_use, kinds_to_write, worked_by
from saferpractice.pathways.rules.definition import Obligation, RecordKind
from saferpractice.pathways.rules.state import Owed, PathwayState

CASES_HEADER = ["Person", "Pathway", "Version", "Team", "Opened", "State"]


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
        worked = worked_by(case)
        yield [
            case.person_supported.reference,
            worked.version.title,
            worked.version.number,
            case.team.name,
            local_time_label(case.decided_at),
            case_state(case),
        ]


def case_rows(cases: Iterable[PathwayCase]) -> list[list[Any]]:
    """A row for each case, linked."""
    rows = []
    for case, line in zip(cases, case_lines(cases), strict=True):
        state = tag(line[5], "quiet" if line[5] == "Closed" else "working")
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


def to_write(case: PathwayCase, person: Person, at: datetime) -> list[ToWrite]:
    """Each kind of record that can be written on a case: those of its version, and what something carried needs."""
    found = []
    for code, definition in kinds_to_write(case, at).items():
        kind = definition.kinds[code]
        may, why_not = allowed(check_can_write, by=person, at=at, case=case, kind=kind)
        found.append(ToWrite(kind, reverse("pathways:write", args=[case.pk, kind.id]), may, why_not))
    return found


def form_to_meet(case: PathwayCase, asked: Obligation, person: Person, at: datetime) -> str | None:
    """The address of the form that meets what is asked: the first record that ``person`` may make; None when none."""
    definition, roles = worked_by(case).definition, person.roles(case.team.place, at)
    for way in asked.met_by:
        if roles & frozenset(map(Role, definition.kinds[way.record].made_by)):
            return reverse("pathways:write", args=[case.pk, way.record])
    return None


def owed_shown(state: PathwayState, ways: list[ToWrite]) -> list[dict[str, Any]]:
    """What is still to be done, soonest first, each with its state and the first of ``ways`` by which the reader may
    do it. Somebody else's has no address: its form would be a page that the reader may not open."""
    mine = {way.kind.id: way.href for way in ways if way.may}
    return [
        _shown(each, state)
        | {"href": next((mine[way.record] for way in each.obligation.met_by if way.record in mine), None)}
        for each in state.open
    ]


def owed_before(state: PathwayState) -> list[dict[str, Any]]:
    """What was owed and is not any more."""
    return [_shown(each, state) for each in state.owed if not each.is_open]


def _shown(owed: Owed, state: PathwayState) -> dict[str, Any]:
    found = owed.state(state.at)
    return {
        "title": owed.obligation.title,
        "sentence": owed.sentence(state.at).removeprefix(f"{owed.obligation.title}. "),
        "who": Role(owed.obligation.who).label,
        "tag": tag(found.label, MEANING[found]),
        "attempt": owed.attempt,
    }
