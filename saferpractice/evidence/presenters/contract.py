"""The contract's measures as a document: made for commissioners, so that it can hold published numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from saferpractice.evidence.presenters.commissioning import SAID_OF_NUMBERS, schedule_numbers
from saferpractice.evidence.queries.schedule import Line
from saferpractice.evidence.rules.commissioning.judging import Kept
from saferpractice.evidence.rules.packs.document import (
    Column,
    Disclosure,
    Fact,
    Facts,
    Kind,
    Note,
    Pack,
    Section,
    Source,
    Table,
    TableRow,
    Who,
)

COLUMNS = (
    Column("measure", "Measure"),
    Column("target", "Target"),
    Column("share", "Share", numeric=True),
    Column("count", "Count", numeric=True),
    Column("out_of", "Out of", numeric=True),
    Column("met", "Met?"),
)


def schedule_pack(provider: str, lines: Sequence[Line], *, at: datetime, role: str) -> Pack:
    """The schedule of a provider, quarter by quarter, as a pack that is drawn as a PDF.

    Args:
        lines: newest quarter first, as ``queries.schedule`` has them.
        role: what whoever asked for it is.

    Raises:
        Discloses: never, as long as it is made of published numbers.
    """
    return Pack(
        title="The contract's measures",
        about="Targets as they were agreed, held against the published quarters",
        provider=provider,
        disclosure=Disclosure.COMMISSIONER,
        made_at=at,
        made_by=Who(role),
        sections=(Section("What the words mean", (Note(SAID_OF_NUMBERS), _words())), *_quarters(lines)),
    )


def _words() -> Facts:
    return Facts(tuple(Fact(one.value, one.words) for one in Kept), Source(Kind.MEASURE, "contract"))


def _quarters(lines: Sequence[Line]) -> Iterator[Section]:
    for quarter, held in groupby(lines, key=lambda one: one.quarter):
        rows = tuple(_row(one) for one in held)
        name = f"contract-{quarter.code}"
        table = Table(name, f"Targets held against {quarter.short}", COLUMNS, rows, "No target held in this quarter.")
        yield Section(quarter.label, (table,))


def _row(one: Line) -> TableRow:
    numbers = [number or "" for number in schedule_numbers(one)]
    cells = (one.target.title, one.asked, *numbers, one.kept.value)
    return TableRow(cells, Source(Kind.MEASURE, one.target.measure))
