"""Steps of the example on pathways, each through its operation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from saferpractice.changes.operations import carry_out
from saferpractice.exchange.example import shapes
from saferpractice.exchange.example.world import Here, UnknownKey, World
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayVersion
from saferpractice.pathways.queries import definition_of, in_use, library
from saferpractice.pathways.rules.editing import with_values
from saferpractice.pathways.rules.reading import definition_from_data


def put_in_use(world: World, here: Here, says: shapes.PathwayStep) -> None:
    """Put a pathway that ships in use."""
    if says.code not in library():
        raise UnknownKey(f'No pathway "{says.code}" ships.')
    operations.put_in_use(by=here.by, at=here.at, provider=world.provider, definition=library()[says.code])


def open_case(world: World, here: Here, says: shapes.CaseStep) -> None:
    """Open a case."""
    world.cases[says.key] = operations.open_case(
        by=here.by,
        at=here.at,
        team=here.team,
        version=in_use_at(world, says.pathway, here.at),
        person_reference=says.reference,
        submission_key=here.submission_key,
    )


def write_down(world: World, here: Here, says: shapes.WroteStep) -> None:
    """Write something down on a case."""
    case = world.cases[says.case]
    operations.write_record(
        by=here.by,
        at=here.at,
        case=case,
        kind=says.kind,
        happened_at=world.moment(says.when) or here.at,
        values=values_of(world, case, says.kind, says.values),
        submission_key=here.submission_key,
    )


def close_case(world: World, here: Here, says: shapes.ClosedCaseStep) -> None:
    """Close a case."""
    operations.close_case(by=here.by, at=here.at, case=world.cases[says.case], reason=says.reason)


def new_version(world: World, here: Here, says: shapes.VersionStep) -> None:
    """Draft, propose and approve a version that carries out a change; it is live at once."""
    draft = operations.begin_draft(by=here.by, at=here.at, provider=world.provider, pathway=says.pathway)
    definition = definition_from_data(with_values(draft.content, says.says), name=says.pathway)
    draft = operations.change_draft(by=here.by, at=here.at, draft=draft, revision=draft.revision, definition=definition)
    carry_out(by=here.by, at=here.at, change=world.changes[says.change], draft=draft)
    proposal = operations.propose(by=here.by, at=here.at, draft=draft, revision=draft.revision, why=says.why)
    operations.approve(by=world.people[says.approved_by], at=here.at, proposal=proposal, reason=says.reason)


def in_use_at(world: World, pathway: str, at: datetime) -> PathwayVersion:
    """The version of a pathway that is in use at a moment."""
    used = {version.pathway: version for version in in_use(world.provider.pk, at)}
    if pathway not in used:
        raise UnknownKey(f'The pathway "{pathway}" is not in use at that moment.')
    return used[pathway]


def values_of(world: World, case: PathwayCase, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in; a moment is written in a file like every other moment of the example."""
    found = definition_of(case).kinds.get(kind)
    moments = {part.id for part in found.fields if part.type == "moment"} if found else set()
    return {name: world.moment(value) if name in moments else value for name, value in values.items()}
