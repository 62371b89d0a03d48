"""Pathways in use and cases on them, made through operations."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from saferpractice.access.models import Person, Team
from saferpractice.incidents.models import Incident
from saferpractice.pathways import operations
from saferpractice.pathways.models import (
    PathwayCase,
    PathwayDraft,
    PathwayRecord,
    PathwayVersion,
    VersionProposal,
)
from saferpractice.pathways.queries import definition_of_draft, library, newest_version
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import content_of, definition_from_data
from tests.personas import LONG_AGO, NOW, SET_UP, Cast
from tests.rules.pathways.cases import CONSULTATION, NOTE, REVIEW

_keys = itertools.count(1)
__all__ = [
    "CONSULTATION",
    "CONSULT_SOONER",
    "NOTE",
    "REVIEW",
    "a_case",
    "a_draft",
    "a_proposal",
    "a_record",
    "approved",
    "edited",
    "hours",
    "used",
    "within",
    "without",
]


def hours(number: float) -> datetime:
    """So many hours after the usual "now" of a test, a Wednesday at five past two in the morning."""
    return NOW + timedelta(hours=number)


def used(cast: Cast, code: str = "self-neglect", definition: Definition | None = None) -> PathwayVersion:
    """A pathway in use at the provider of ``cast`` since long ago."""
    return operations.put_in_use(
        by=SET_UP, at=LONG_AGO, provider=cast.provider, definition=definition or library()[code]
    )


def a_case(
    cast: Cast,
    code: str = "self-neglect",
    *,
    by: Person | None = None,
    team: Team | None = None,
    person: str = "P-1042",
    incident: Incident | None = None,
    at: datetime = NOW,
    version: PathwayVersion | None = None,
) -> PathwayCase:
    """A case of North team, opened by the worker; on the pathway that ships unless another ``version`` is in use."""
    return operations.open_case(
        by=by or cast.worker,
        at=at,
        team=team or cast.north,
        version=version or used(cast, code),
        person_reference=person,
        submission_key=f"case-{next(_keys)}",
        incident=incident,
    )


Edit = Callable[[dict[str, Any]], None]


def edited(definition: Definition, *edits: Edit) -> Definition:
    """``definition`` with its content changed by ``edits``, each given the plain data."""
    content = copy.deepcopy(content_of(definition))
    for edit in edits:
        edit(content)
    return definition_from_data(content, name="edited")


def within(code: str, span: str) -> Edit:
    """Another timescale for an obligation."""

    def edit(content: dict[str, Any]) -> None:
        next(each for each in content["obligations"] if each["id"] == code)["within"] = span

    return edit


def without(code: str) -> Edit:
    """An obligation taken out, with the measures read from it."""

    def edit(content: dict[str, Any]) -> None:
        content["obligations"] = [each for each in content["obligations"] if each["id"] != code]
        content["measures"] = [each for each in content["measures"] if each["of"] != code]

    return edit


CONSULT_SOONER = within("consult", "2 hours")


def a_draft(
    cast: Cast, *edits: Edit, by: Person | None = None, at: datetime = NOW, code: str = "self-neglect"
) -> PathwayDraft:
    """A draft of a pathway in use, by the safeguarding lead: the consultation within two hours, unless ``edits``."""
    if newest_version(cast.provider.pk, code) is None:
        used(cast, code)
    author = by or cast.lead
    draft = operations.begin_draft(by=author, at=at, provider=cast.provider, pathway=code)
    definition = edited(definition_of_draft(draft), *(edits or [CONSULT_SOONER]))
    return operations.change_draft(by=author, at=at, draft=draft, revision=draft.revision, definition=definition)


def a_proposal(cast: Cast, *edits: Edit, by: Person | None = None, at: datetime = NOW, **more: Any) -> VersionProposal:
    """A draft, proposed by its author."""
    draft = a_draft(cast, *edits, by=by, at=at, **more)
    return operations.propose(by=by or cast.lead, at=at, draft=draft, revision=draft.revision, why="Two hours matter.")


def approved(
    cast: Cast, *edits: Edit, at: datetime = NOW, live_from: datetime | None = None, **more: Any
) -> PathwayVersion:
    """A version drafted by the safeguarding lead and approved by the quality lead."""
    proposal = a_proposal(cast, *edits, at=at, **more)
    return operations.approve(
        by=cast.quality_lead, at=at, proposal=proposal, reason="It is right.", live_from=live_from
    )


def a_record(
    case: PathwayCase,
    kind: str,
    happened: float,
    *,
    by: Person,
    written: float | None = None,
    values: dict[str, Any] | None = None,
    **more: Any,
) -> PathwayRecord:
    """Something written down so many hours after NOW."""
    return operations.write_record(
        by=by,
        at=hours(happened if written is None else written),
        case=case,
        kind=kind,
        happened_at=hours(happened),
        values={**(values or {}), **{name.replace("_", "-"): value for name, value in more.items()}},
        submission_key=f"record-{next(_keys)}",
    )
