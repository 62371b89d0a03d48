"""What rooms above add: to a case its partners, a panel and what follows from a record; to a draft what they show.

Pathways may not know them; they say it here when Django starts. Without them a case works as before, alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.pathways.models import PathwayCase, PathwayDraft, PathwayRecord
from saferpractice.trail.rules import By

FindPartners = Callable[[UUID], Sequence["Partner"]]
BuildPanel = Callable[[PathwayCase, Person, datetime], dict[str, Any] | None]
FindTheirs = Callable[[PathwayCase], Collection[UUID]]
AfterRecord = Callable[[By, datetime, PathwayCase, PathwayRecord], None]

_partners: list[FindPartners] = []
_panels: list[tuple[str, BuildPanel]] = []
_after: list[AfterRecord] = []
_theirs: list[FindTheirs] = []


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as records name it: the code they keep, its name, and whether it is offered for new ones."""

    code: str
    name: str
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Beside:
    """A part of a page that another room shows: its template, and what that reads as ``panel``."""

    template: str
    content: dict[str, Any]


def register_partners(find: FindPartners) -> None:
    """Say who the partners of a provider are, for fields that name one."""
    _partners[:] = [find]


def register_panel(template: str, build: BuildPanel) -> None:
    """Add a panel to the page of a case; ``build`` gives what ``template`` reads, or None to show nothing."""
    _panels[:] = [(name, other) for name, other in _panels if name != template] + [(template, build)]


def register_after_record(do: AfterRecord) -> None:
    """Let ``do`` follow every record, inside its operation: together they are written, or nothing is."""
    if do not in _after:
        _after.append(do)


def register_written_by_others(find: FindTheirs) -> None:
    """Say which records of a case somebody who is nobody here wrote: only they put them right."""
    _theirs[:] = [find]


def written_by_others(case: PathwayCase) -> Collection[UUID]:
    """The records of ``case`` that staff may not put right, because they are somebody else's words."""
    return _theirs[0](case) if _theirs else ()


def partners_of(provider_id: UUID) -> Sequence[Partner]:
    """The partners a record may name; also those no longer worked with, for what was written before."""
    return _partners[0](provider_id) if _partners else ()


def panels_of(case: PathwayCase, by: Person, at: datetime) -> list[Beside]:
    """What other rooms show on the page of ``case``."""
    built = ((template, build(case, by, at)) for template, build in _panels)
    return [Beside(template, content) for template, content in built if content is not None]


def after_record(by: By, at: datetime, case: PathwayCase, record: PathwayRecord) -> None:
    """Do what other rooms do when something was written down. Call inside an operation."""
    for do in _after:
        do(by, at, case, record)


Source = Callable[[PathwayDraft, Person, datetime], Beside | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let ``source`` add a part to the page of every draft and version; it may answer None."""
    if source not in _sources:
        _sources.append(source)


def beside(draft: PathwayDraft, by: Person, at: datetime) -> list[Beside]:
    """What later stages show of ``draft``, or of the version made from it, to ``by``."""
    parts = (source(draft, by, at) for source in _sources)
    return [part for part in parts if part is not None]
