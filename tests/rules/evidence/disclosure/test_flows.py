"""What a count can be for somebody who knows others: exact, and the same wherever the search starts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.disclosure.flows import ENDLESS, Line, possible

pytestmark = pytest.mark.requirement("R32")


def a_sum(total: tuple[int, int, int], *parts: tuple[int, int, int]) -> list[Line]:
    """A total and its parts, each (count, least, most)."""
    return [Line("all", "parts", *total), *(Line("parts", "all", *part) for part in parts)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (a_sum((10, 10, 10), (3, 0, ENDLESS), (7, 5, 7)), (3, 5)),
        (a_sum((10, 8, 12), (3, 0, ENDLESS), (7, 5, 7)), (1, 7)),
        (a_sum((10, 8, 12), (3, 0, 4), (7, 0, ENDLESS)), (0, 4)),
        (a_sum((10, 0, ENDLESS), (3, 0, ENDLESS), (7, 7, 7)), (0, ENDLESS - 7)),
        (a_sum((28, 28, 32), (4, 0, ENDLESS), (12, 8, 12), (12, 8, 12)), (4, 16)),
    ],
    ids=["exact total", "rounded total", "only its own limits", "no total", "rounded down together"],
)
def test_the_range_of_the_first_part(lines: list[Line], expected: tuple[int, int]) -> None:
    assert possible(lines, 1) == expected


@given(st.data())
def test_it_is_what_trying_every_table_finds(data: st.DataObject) -> None:
    """Two places and two parts with all their totals, each known within limits: against every table there is."""
    shape = [("p0", "s0"), ("p0", "s1"), ("p1", "s0"), ("p1", "s1")]
    counts = data.draw(st.tuples(*[st.integers(0, 4)] * 4))
    totals = [counts[0] + counts[1], counts[2] + counts[3], counts[0] + counts[2], counts[1] + counts[3], sum(counts)]
    ways = [*shape, ("all", "p0"), ("all", "p1"), ("s0", "end"), ("s1", "end"), ("end", "all")]
    slack = data.draw(st.tuples(*[st.tuples(st.integers(0, 3), st.integers(0, 3))] * 9))
    lines = [
        Line(start, end, count, max(0, count - down), count + up)
        for (start, end), count, (down, up) in zip(ways, [*counts, *totals], slack, strict=True)
    ]
    possible_tables = [
        values
        for each in itertools.product(*[range(line.least, line.most + 1) for line in lines[:4]])
        for values in [(*each, each[0] + each[1], each[2] + each[3], each[0] + each[2], each[1] + each[3], sum(each))]
        if all(line.least <= value <= line.most for line, value in zip(lines, values, strict=True))
    ]
    for which in range(9):
        found = {values[which] for values in possible_tables}
        assert possible(lines, which) == (min(found), max(found))


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.data())
def test_where_the_search_starts_does_not_matter(counts: list[int], data: st.DataObject) -> None:
    """The truth leaves no trace in a range: other counts of which the same is known have the same ends."""
    here, there = data.draw(st.permutations(range(len(counts))))[:2]
    others = list(counts)
    others[here], others[there] = others[here] + others[there], 0
    total = sum(counts)

    def ranges(values: list[int]) -> list[tuple[int, int]]:
        lines = a_sum((total, max(0, total - 2), total + 2), *((one, 0, 60) for one in values))
        return [possible(lines, which) for which in range(len(lines))]

    assert ranges(counts) == ranges(others)


def test_what_is_known_must_hold_the_count() -> None:
    with pytest.raises(ValueError, match="must hold it"):
        Line("all", "parts", 3, 4, 9)


def test_counts_that_do_not_add_up_are_no_table() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        possible(a_sum((10, 0, 20), (3, 0, 20), (6, 0, 20)), 1)
