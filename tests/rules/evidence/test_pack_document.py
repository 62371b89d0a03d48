"""A pack that holds what its readers may not see cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from saferpractice.evidence.rules.packs.document import (
    Block,
    Cell,
    Chart,
    Cleared,
    Column,
    Discloses,
    Disclosure,
    Fact,
    Facts,
    Kind,
    Missing,
    Moment,
    Pack,
    Section,
    Source,
    Story,
    Subject,
    Table,
    TableRow,
    Typed,
    Who,
    Words,
)
from saferpractice.evidence.rules.thematic.small import guarded

pytestmark = pytest.mark.requirement("R32", "R34")

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
MEASURE = Source(Kind.MEASURE, "triaged-in-time")
INCIDENT = Source(Kind.INCIDENT, "2026-0014")
FULL, INSPECTOR, COMMISSIONER = Disclosure.FULL, Disclosure.INSPECTOR, Disclosure.COMMISSIONER


def a_pack(disclosure: Disclosure, *blocks: Block, made_by: Who | None = None) -> Pack:
    return Pack(
        title="What was learned",
        about="July to September 2026",
        provider="Example provider",
        disclosure=disclosure,
        made_at=AT,
        made_by=made_by or Who("Quality lead"),
        sections=(Section("Reviews", blocks),),
    )


def a_table(cell: Cell, source: Source = MEASURE) -> Table:
    columns = (Column("team", "Team"), Column("reviews", "Reviews", numeric=True))
    return Table("reviews", "Reviews by team", columns, (TableRow(("East team", cell), source),), "No reviews.")


HOLDERS: dict[str, Callable[[Cell], Block]] = {
    "words": lambda cell: Words(cell, MEASURE),
    "a summary": lambda cell: Facts((Fact("Rationale", cell),), MEASURE),
    "a table": a_table,
    "the table of a chart": lambda cell: Chart("<svg/>", "Reviews", "One bar", a_table(cell)),
    "what was done": lambda cell: Story((Moment(AT, Who("Reviewer"), cell, None, MEASURE),)),
    "the reason it was done": lambda cell: Story((Moment(AT, Who("Reviewer"), "Decided", cell, MEASURE),)),
    "what is missing": lambda cell: Missing((Words(cell, MEASURE),)),
}
CELLS: dict[str, tuple[Cell, frozenset[Disclosure]]] = {
    "the product's own words": ("In time", frozenset({FULL, INSPECTOR, COMMISSIONER})),
    "nothing": (None, frozenset({FULL, INSPECTOR, COMMISSIONER})),
    "a day": (AT.date(), frozenset({FULL, INSPECTOR, COMMISSIONER})),
    "a guarded number": (guarded(12), frozenset({FULL, INSPECTOR, COMMISSIONER})),
    "confirmed words": (Cleared("Call twice", "Quality lead", AT), frozenset({FULL, INSPECTOR, COMMISSIONER})),
    "a role": (Who("Duty manager"), frozenset({FULL, INSPECTOR, COMMISSIONER})),
    "an exact number": (3, frozenset({FULL, INSPECTOR})),
    "an exact share": (0.75, frozenset({FULL, INSPECTOR})),
    "none at all": (0, frozenset({FULL, INSPECTOR})),
    "a name of staff": (Who("Duty manager", "Rowan Ash"), frozenset({FULL})),
    "typed words": (Typed("Call twice"), frozenset({FULL})),
    "a person supported": (Subject("Wren Ives"), frozenset({FULL})),
    "one whom the law allows to know, no reason": (Subject("Wren Ives", basis="s.64"), frozenset({FULL})),
    "one told for a reason, no law": (Subject("Wren Ives", why="Asked for"), frozenset({FULL})),
    "one whom the law allows to know": (Subject("Wren Ives", "s.64", "Asked for"), frozenset({FULL, INSPECTOR})),
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("level", list(Disclosure))
@pytest.mark.parametrize("name", CELLS)
def test_a_pack_holds_only_what_its_readers_may_see(name: str, level: Disclosure, holder: str) -> None:
    cell, allowed = CELLS[name]
    block = HOLDERS[holder](cell)
    if level in allowed:
        assert list(a_pack(level, block).cells())
    else:
        with pytest.raises(Discloses, match="Reviews: "):
            a_pack(level, block)


@pytest.mark.parametrize("level", [INSPECTOR, COMMISSIONER])
def test_who_made_a_pack_that_goes_outside_is_told_by_role(level: Disclosure) -> None:
    with pytest.raises(Discloses, match="a member of staff by name"):
        a_pack(level, made_by=Who("Quality lead", "Rowan Ash"))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_commissioners_pack_refers_to_nothing_that_leads_to_one_person(kind: Kind) -> None:
    block = a_table(guarded(12), Source(kind, "2026-0014"))
    a_pack(INSPECTOR, block)
    if kind in Pack.MAY_CITE:
        a_pack(COMMISSIONER, block)
    else:
        with pytest.raises(Discloses, match=f"refers to {kind.value} 2026-0014"):
            a_pack(COMMISSIONER, block)


@pytest.mark.parametrize("holder", HOLDERS)
def test_every_statement_has_its_source(holder: str) -> None:
    pack = a_pack(FULL, HOLDERS[holder]("In time"))
    assert list(pack.sources()) == [MEASURE]


def test_tables_are_found_also_beside_charts() -> None:
    table = a_table(3)
    assert list(a_pack(FULL, table, Chart("<svg/>", "Reviews", "One bar", table)).tables()) == [table, table]


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="table reviews: 2 cells in 1 columns"):
        Table("reviews", "Reviews", (Column("team", "Team"),), (TableRow(("East team", 3), INCIDENT),), "None.")
