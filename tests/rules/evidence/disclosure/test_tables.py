"""Tables with totals, attacked: nobody works a hidden count out, whoever they are and whatever they add up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.disclosure.tables import WHOLE, Cell, Counts, every_cell, guard_table, known, pairs
from saferpractice.evidence.rules.thematic.small import HIDDEN, Guard, guarded
from tests.rules.evidence.disclosure.attack import (
    alike,
    every_table,
    exact_ranges,
    fits,
    relations_of,
    said,
    squeezed,
)

pytestmark = pytest.mark.requirement("R32")
ALL: Cell = (WHOLE, WHOLE)
MET: Cell = (WHOLE, 0)


@st.composite
def tables(draw: st.DrawFn, largest: int = 60) -> Counts:
    """Places with those that met something and those that did not, some with a rest that belongs to no place."""
    out_of = draw(st.lists(st.integers(0, largest), min_size=1, max_size=6))
    met = [draw(st.integers(0, one)) for one in out_of]
    return pairs(met, out_of, rest=draw(st.booleans()) if len(out_of) > 1 else False)


def shown_as(table: Counts) -> dict[Cell, str]:
    return {cell: f"{one.value}" if one != HIDDEN else "[c]" for cell, one in guard_table(table).items()}


def read(shown: dict[Cell, str]) -> list[str]:
    """The numbers of the whole, then of each place: met, out of."""
    return [shown[cell] for place in sorted({cell[0] for cell in shown}) for cell in ((place, 0), (place, WHOLE))]


@pytest.mark.parametrize(
    ("met", "out_of", "expected"),
    [
        ([30, 20], [40, 22], ["50", "60", "30", "40", "20", "20"]),
        ([30, 4], [40, 22], ["35", "60", "[c]", "40", "[c]", "20"]),
        ([30, 0], [40, 0], ["30", "40", "[c]", "[c]", "[c]", "[c]"]),
        ([2, 1], [4, 3], ["[c]", "5", "[c]", "[c]", "[c]", "[c]"]),
        ([0, 0], [0, 0], ["[c]"] * 6),
        ([12, 12, 4], [12, 12, 4], ["30", "30", "[c]", "[c]", "[c]", "[c]", "[c]", "[c]"]),
        ([7], [9], ["5", "10", "5", "10"]),
    ],
    ids=[
        "all large",
        "one met few",
        "one place with none",
        "all small",
        "nothing at all",
        "rounded apart",
        "one place",
    ],
)
def test_what_a_table_shows(met: list[int], out_of: list[int], expected: list[str]) -> None:
    assert read(shown_as(pairs(met, out_of))) == expected


@given(tables())
def test_no_count_under_five_is_shown_and_no_other_is_off_by_more_than_two(table: Counts) -> None:
    for cell, one in guard_table(table).items():
        assert one.guard is not Guard.FEW, "a cell must not say that it is a small one"
        if one != HIDDEN:
            assert table.of(cell) >= 5
            assert abs(one.value - table.of(cell)) <= 2
            assert one.value % 5 == 0


@given(tables())
def test_places_are_shown_together_or_not_at_all(table: Counts) -> None:
    shown = guard_table(table)
    for part in (WHOLE, 0):
        assert len({one == HIDDEN for cell, one in shown.items() if cell[0] != WHOLE and cell[1] == part}) == 1


@given(tables())
def test_nobody_works_a_hidden_count_out_by_adding_and_subtracting(table: Counts) -> None:
    """With every sum there is: three values at least for each count that is not on show and could be a small one."""
    shown = guard_table(table)
    ranges = squeezed({cell: said(shown.get(cell)) for cell in every_cell(table)}, relations_of(table))
    for cell, (low, high) in ranges.items():
        assert low <= table.of(cell) <= high
        if shown.get(cell, HIDDEN) == HIDDEN:
            assert high - low >= 2 or low >= 5, (cell, low, high)


@given(tables())
def test_nor_does_somebody_who_knows_the_rest_that_belongs_to_no_place(table: Counts) -> None:
    if not table.rest:
        return
    shown, last = guard_table(table), table.places[-1]
    ranges = {
        cell: (table.of(cell), table.of(cell)) if cell[0] == last else said(shown.get(cell))
        for cell in every_cell(table)
    }
    for cell, (low, high) in squeezed(ranges, relations_of(table)).items():
        if cell[0] != last and shown.get(cell, HIDDEN) == HIDDEN:
            assert high - low >= 2 or low >= 5, (cell, low, high)


@given(tables(largest=5))
def test_the_ranges_are_those_that_trying_every_table_finds(table: Counts) -> None:
    """Exactly: of two places, whatever is shown. With ten in all, nobody thinks of more than twelve in one."""
    if len(table.places) != 2 or table.rest:
        return
    shown = guard_table(table)
    possible = [one for rows in every_table(2, 12) if fits(one := Counts(rows, table.shown_parts), shown)]
    for cell in every_cell(table):
        found = [one.of(cell) for one in possible]
        low, high = known(table, shown, cell)
        assert low == min(found)
        assert high == max(found) or high > 10, "only tables up to twelve were tried"


@pytest.mark.parametrize(("places", "largest"), [(1, 40), (2, 12)])
def test_nor_does_somebody_who_knows_the_rule_and_tries_every_table(places: int, largest: int) -> None:
    """What was hidden, and that it had to be hidden, tells too: of all tables published the same way, three values."""
    every = (Counts(rows, frozenset({0})) for rows in every_table(places, largest))
    for published, possible in alike(every, lambda one: tuple(guard_table(one).items())).items():
        shown = dict(published)
        if any(one == HIDDEN or one.value + 2 > largest for cell, one in published if cell[1] == WHOLE) and (
            shown[ALL] == HIDDEN or shown[ALL].value + 2 > largest
        ):
            continue  # larger tables are published the same way, and were not tried
        for cell in every_cell(possible[0]):
            if shown.get(cell, HIDDEN) == HIDDEN:
                values = {one.of(cell) for one in possible}
                assert len(values) >= 3 or min(values) >= 5, (shown, cell, values)


@st.composite
def three_parts(draw: st.DrawFn, largest: int = 40) -> Counts:
    """Places with those done in time, done late and not done, of which the last are not published."""
    row = st.tuples(st.integers(0, largest), st.integers(0, largest), st.integers(0, largest))
    rows = draw(st.lists(row, min_size=1, max_size=5))
    return Counts(tuple(rows), frozenset({0, 1}), draw(st.booleans()) if len(rows) > 1 else False)


@given(three_parts())
def test_nor_from_a_table_of_three_parts(table: Counts) -> None:
    """What is left of all when two published parts are taken away is no way to the third."""
    shown = guard_table(table)
    ranges = squeezed({cell: said(shown.get(cell)) for cell in every_cell(table)}, relations_of(table))
    for cell, (low, high) in ranges.items():
        assert low <= table.of(cell) <= high
        if shown.get(cell, HIDDEN) == HIDDEN:
            assert high - low >= 2 or low >= 5, (cell, low, high)


@pytest.mark.parametrize("largest", [15])
def test_nor_by_trying_every_table_of_three_parts(largest: int) -> None:
    every = (Counts(rows, frozenset({0, 1})) for rows in every_table(1, largest, parts=3))
    for published, possible in alike(every, lambda one: tuple(guard_table(one).items())).items():
        shown = dict(published)
        if shown[ALL] == HIDDEN or shown[ALL].value + 2 > largest:
            continue  # larger tables are published the same way, and were not tried
        for cell in every_cell(possible[0]):
            if shown.get(cell, HIDDEN) == HIDDEN:
                values = {one.of(cell) for one in possible}
                assert len(values) >= 3 or min(values) >= 5, (shown, cell, values)


def test_more_that_met_it_than_there_were_is_no_table() -> None:
    with pytest.raises(ValueError, match="below zero"):
        pairs([3], [2])


def test_a_table_has_every_part_of_every_place() -> None:
    with pytest.raises(ValueError, match="each part"):
        Counts(((1, 2), (3,)), frozenset({0}))


SMALL_ROWS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6)), min_size=3, max_size=3)


@settings(max_examples=12)
@given(SMALL_ROWS)
def test_nor_by_thinking_of_every_table_of_three_places(rows: list[tuple[int, int]]) -> None:
    """In whole numbers, and by a way of its own: no range is narrower than the product thinks, and none too narrow."""
    table = Counts(tuple(rows), frozenset({0}))
    shown, largest = guard_table(table), 11
    ranges = exact_ranges({cell: said(shown.get(cell)) for cell in every_cell(table)}, 3, largest)
    for cell in every_cell(table):
        low, high = ranges[cell]
        thought = known(table, shown, cell)
        assert low <= table.of(cell) <= high
        assert thought[0] <= low
        assert high <= thought[1]
        assert low == thought[0] or low + largest > thought[1]
        if shown.get(cell, HIDDEN) == HIDDEN:
            assert high - low >= 2 or low >= 5, (cell, low, high)


@given(tables())
def test_a_share_narrows_no_count(table: Counts) -> None:
    """Somebody who takes a share for the true one, to the nearest per cent, learns nothing that the counts do not say:
    all counts that the two numbers leave open make the same share of rounded numbers."""
    shown = guard_table(table)
    for place in {cell[0] for cell in shown}:
        share = Share(shown[place, 0], shown[place, WHOLE])
        if not share.published:
            assert share.words == "[c]"
            continue
        (met_low, met_high), (low, high) = said(shown[place, 0]), said(shown[place, WHOLE])
        ends = [(met, of) for met in (met_low, met_high) for of in (low, high) if met <= of]
        assert ends
        for met, of in ends:
            again = Share(guarded(met), guarded(of))
            assert again.words == share.words
            assert share.least <= met / of <= share.most
