"""What the page of a person supported shows: their cases, and each pathway in use as a tile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.pathways.models import PathwayCase, PathwayVersion
from saferpractice.pathways.permissions import check_can_write
from saferpractice.pathways.presenters.ticking import LastTime, last_time
from saferpractice.pathways.queries import (
    case_to_tick,
    definition_of,
    definition_of_version,
    in_use,
    last_ticked,
    latest_case_on,
    state_of,
    teams_worked_in,
)
from saferpractice.pathways.rules.definition import RecordKind


@dataclass(frozen=True, slots=True)
class Tile:
    """A pathway for one person: where it stands, and the way to write the next thing down."""

    title: str
    about: str
    kind: str
    href: str
    case: PathwayCase | None
    next_step: str
    last: LastTime | None
    last_is_of_closed: bool


def tiles(person: Person, at: datetime, reference: str) -> list[Tile]:
    """A tile for each pathway in use on which ``person`` may write something down about this person supported."""
    roles = {role for team in teams_worked_in(person, at) for role in person.roles(team.place, at)}
    found = []
    for version in in_use(person.provider_id, at):
        kind = definition_of_version(version).begins_with
        case = case_to_tick(person, at, reference, version.pathway)
        if case is None and not roles & set(kind.made_by):
            continue
        found.append(_tile(person, at, reference, version, case))
    return found


def _tile(person: Person, at: datetime, reference: str, version: PathwayVersion, case: PathwayCase | None) -> Tile:
    definition = definition_of(case) if case else definition_of_version(version)
    kind = definition.begins_with
    newest = last_ticked(case or latest_case_on(person, at, reference, version.pathway))
    return Tile(
        title=version.title,
        about=definition.applies_to,
        kind=kind.label,
        href=_way(person, at, case, kind) if case else begin_address(version.pathway, reference),
        case=case,
        next_step=state_of(case, at).next_step if case else "",
        last=last_time(newest),
        last_is_of_closed=case is None,
    )


def begin_address(pathway: str, reference: str) -> str:
    """Where the first thing is written down about somebody on a pathway."""
    return f"{reverse('pathways:begin', args=[pathway])}?{urlencode({'person': reference})}"


def _way(person: Person, at: datetime, case: PathwayCase, kind: RecordKind) -> str:
    if not allowed(check_can_write, by=person, at=at, case=case, kind=kind)[0]:
        return ""
    return reverse("pathways:write", args=[case.pk, kind.id])
