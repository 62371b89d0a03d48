"""Steps of the example on pathways, each through its operation."""

from __future__ import annotations

from typing import Any

from saferpractice.changes.operations import carry_out
from saferpractice.exchange.example import shapes
from saferpractice.exchange.example.world import Here, UnknownKey, World
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase
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
    used = {version.pathway: version for version in in_use(world.provider.pk, here.at)}
    if says.pathway not in used:
        raise UnknownKey(f'The pathway "{says.pathway}" is not in use at that moment.')
    world.cases[says.key] = operations.open_case(
        by=here.by,
        at=here.at,
        team=here.team,
        version=used[says.pathway],
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
        values=_values(world, case, says),
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


def _values(world: World, case: PathwayCase, says: shapes.WroteStep) -> dict[str, Any]:
    """What was filled in; a moment is written in a file like every other moment of the example."""
    kind = definition_of(case).kinds.get(says.kind)
    moments = {part.id for part in kind.fields if part.type == "moment"} if kind else set()
    return {name: world.moment(value) if name in moments else value for name, value in says.values.items()}
