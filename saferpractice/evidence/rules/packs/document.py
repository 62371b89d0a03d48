"""An evidence pack as data, before anybody draws it: what it says, which record each statement came from, to whom.

Three kinds of readers see three kinds of packs. What a reader may not see is not hidden in the drawing: a pack that
holds it cannot be made (``Pack`` raises ``Discloses``). So a drawing (PDF, page, file) needs no rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from saferpractice.evidence.rules.thematic.small import Guarded


class Disclosure(StrEnum):
    """To whom a pack speaks, and so what it may hold."""

    FULL = "full"
    INSPECTOR = "inspector"
    COMMISSIONER = "commissioner"

    @property
    def label(self) -> str:
        """The level in words."""
        return {
            "full": "Inside the service",
            "inspector": "For an inspector",
            "commissioner": "For a commissioner",
        }[self.value]


class Kind(StrEnum):
    """Kinds of records that a statement can come from."""

    INCIDENT = "incident"
    TRIAGE = "triage"
    REVIEW = "review"
    FINDING = "finding"
    CHANGE = "change"
    TRACKED_ACTION = "tracked_action"
    AUDIT = "audit"
    IMPACT = "impact"
    SUPERVISION = "supervision"
    THEMATIC = "thematic"
    CASE = "case"
    MEASURE = "measure"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Source:
    """The record a statement came from: its kind and the reference people know it by."""

    kind: Kind
    reference: str


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who works here. Without ``name`` the role alone."""

    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person supported, by name. ``basis``: the law that allows an inspector to know; ``why``: why it is told."""

    name: str
    basis: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """Words somebody typed. They may name anybody."""

    text: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """Words somebody typed, looked through for what tells who a person is, and confirmed by a person."""

    text: str
    confirmed_by: str
    confirmed_at: datetime


Cell = str | int | float | date | datetime | None | Who | Subject | Typed | Cleared | Guarded
"""A value in a pack. ``str`` is for the product's own words (labels, references, statuses), never for typed ones; a
bare number is exact, ``Guarded`` is one that is safe to publish."""


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph that states something, and the record it came from."""

    text: Cell
    source: Source


@dataclass(frozen=True, slots=True)
class Note:
    """The product's own explanation of what follows; it states nothing about anybody."""

    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a summary."""

    label: str
    value: Cell


@dataclass(frozen=True, slots=True)
class Facts:
    """A summary of one record."""

    facts: tuple[Fact, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``name`` is its name in attached data: lower case, underscores."""

    name: str
    heading: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row, and the record it came from. The first cell heads the row."""

    cells: tuple[Cell, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``name`` names its attached files. With no rows, ``empty`` says so in a sentence."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    empty: str

    def __post_init__(self) -> None:
        """Hold every row to the columns.

        Raises:
            ValueError: a row has more or fewer cells than there are columns.
        """
        for row in self.rows:
            if len(row.cells) != len(self.columns):
                raise ValueError(f"table {self.name}: {len(row.cells)} cells in {len(self.columns)} columns")


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing (SVG text), what it shows in words for those who do not see it, and the table of the same numbers."""

    svg: str
    title: str
    description: str
    table: Table


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a story: when, who, what, and why where a reason was given."""

    when: datetime | date
    who: Who
    what: Cell
    why: Cell
    source: Source


@dataclass(frozen=True, slots=True)
class Story:
    """What happened and was decided, in order."""

    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still missing, and why; nothing missing is said too."""

    items: tuple[Words, ...]


Block = Words | Note | Facts | Table | Chart | Story | Missing


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a pack with its heading. ``level`` 1 stands under the title, 2 under a section of level 1."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 1


class Discloses(ValueError):
    """A pack was to hold what its readers may not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A whole pack. ``about`` is the reference or the period it is about; ``made_at`` is UTC.

    Raises:
        Discloses: it holds what its level does not allow.
    """

    title: str
    about: str
    provider: str
    disclosure: Disclosure
    made_at: datetime
    made_by: Who
    sections: tuple[Section, ...]

    MAY_CITE: ClassVar[frozenset[Kind]] = frozenset(
        {Kind.MEASURE, Kind.CHANGE, Kind.AUDIT, Kind.IMPACT, Kind.SUPERVISION, Kind.THEMATIC, Kind.PUBLISHED}
    )
    """What a commissioner's pack may refer to: nothing that leads to one person."""

    def __post_init__(self) -> None:
        """Refuse what the level does not allow."""
        for place, cell in self.cells():
            if problem := _problem(cell, self.disclosure):
                raise Discloses(f"{place}: {problem}")
        if self.disclosure is Disclosure.COMMISSIONER:
            for source in self.sources():
                if source.kind not in self.MAY_CITE:
                    raise Discloses(f"a commissioner's pack refers to {source.kind.value} {source.reference}")

    def tables(self) -> Iterator[Table]:
        """Every table, those beside charts too, in the order of the pack."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block
                elif isinstance(block, Chart):
                    yield block.table

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Every value and the section or table it stands in."""
        yield self.title, self.made_by
        for section in self.sections:
            for block in section.blocks:
                for cell in _cells(block):
                    yield section.title, cell

    def sources(self) -> Iterator[Source]:
        """The source of every statement, in the order of the pack; one record as often as it is cited."""
        for section in self.sections:
            for block in section.blocks:
                yield from _sources(block)


def _cells(block: Block) -> Iterator[Cell]:
    match block:
        case Words():
            yield block.text
        case Facts():
            yield from (fact.value for fact in block.facts)
        case Table():
            yield from (cell for row in block.rows for cell in row.cells)
        case Chart():
            yield from _cells(block.table)
        case Story():
            for moment in block.moments:
                yield from (moment.who, moment.what, moment.why)
        case Missing():
            yield from (item.text for item in block.items)


def _sources(block: Block) -> Iterator[Source]:
    match block:
        case Words() | Facts():
            yield block.source
        case Table():
            yield from (row.source for row in block.rows)
        case Chart():
            yield from _sources(block.table)
        case Story():
            yield from (moment.source for moment in block.moments)
        case Missing():
            yield from (item.source for item in block.items)


def _problem(cell: Cell, disclosure: Disclosure) -> str:
    """Why a value may not stand in a pack of this level, or nothing."""
    if disclosure is Disclosure.FULL:
        return ""
    if isinstance(cell, Typed):
        return "words that nobody confirmed"
    if isinstance(cell, Who) and cell.name:
        return "a member of staff by name"
    if isinstance(cell, Subject) and not (disclosure is Disclosure.INSPECTOR and cell.basis and cell.why):
        return "a person supported by name"
    if disclosure is Disclosure.COMMISSIONER and isinstance(cell, int | float):
        return "an exact number"
    return ""
