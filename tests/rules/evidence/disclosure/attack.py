"""Somebody who wants to know what is held back: what they know, and three ways of working at it.

None of them uses the product's own way of finding ranges.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from saferpractice.evidence.rules.disclosure.tables import WHOLE, Cell, Counts
from saferpractice.evidence.rules.thematic.small import Guard, Guarded

Range = tuple[int, int]
Relation = tuple[Any, Sequence[Any]]
"""A count, and those that it is the sum of."""
FAR = 10**6


def said(one: Guarded | None) -> Range:
    """What a published cell says of its count by the national rule; nothing of one that is hidden or not there."""
    if one is None or one.guard is not Guard.ROUNDED:
        return 0, FAR
    return max(5, one.value - 2), one.value + 2


def relations_of(table: Counts) -> list[Relation]:
    """Every sum in a table: places to the whole, parts to all."""
    places, parts = list(table.places), list(table.parts)
    found: list[Relation] = [((WHOLE, part), [(place, part) for place in places]) for part in (WHOLE, *parts)]
    return found + [((place, WHOLE), [(place, part) for part in parts]) for place in (WHOLE, *places)]


def squeezed(ranges: Mapping[Any, Range], relations: Iterable[Relation]) -> dict[Any, Range]:
    """The ranges after every sum was used on them over and over, until nothing moves (a solver for tables)."""
    known, moved = dict(ranges), True
    relations = list(relations)
    while moved:
        moved = False
        for total, parts in relations:
            low, high = sum(known[part][0] for part in parts), sum(known[part][1] for part in parts)
            moved |= _narrow(known, total, low, high)
            for part in parts:
                rest_low, rest_high = low - known[part][0], high - known[part][1]
                moved |= _narrow(known, part, known[total][0] - rest_high, known[total][1] - rest_low)
                low, high = rest_low + known[part][0], rest_high + known[part][1]
    return known


def _narrow(known: dict[Any, Range], cell: Any, low: int, high: int) -> bool:
    before = known[cell]
    known[cell] = max(before[0], low), min(before[1], high)
    return known[cell] != before


def every_table(places: int, largest: int, parts: int = 2) -> Iterable[tuple[tuple[int, ...], ...]]:
    """Every table of so many places whose places count at most ``largest``."""
    rows = [row for row in itertools.product(range(largest + 1), repeat=parts) if sum(row) <= largest]
    return itertools.product(rows, repeat=places)


def alike(tables: Iterable[Counts], publish: Callable[[Counts], Any]) -> dict[Any, list[Counts]]:
    """The tables that are published the same way: whoever knows the rule knows that it is one of them."""
    found: dict[Any, list[Counts]] = defaultdict(list)
    for table in tables:
        found[publish(table)].append(table)
    return found


def fits(table: Counts, shown: Mapping[Cell, Guarded]) -> bool:
    """Whether a table could be the one behind what is shown."""
    return all(said(one)[0] <= table.of(cell) <= said(one)[1] for cell, one in shown.items())


def exact_ranges(ranges: Mapping[Cell, Range], places: int, largest: int) -> dict[Cell, Range]:
    """What each cell can be in whole numbers, of a table of two parts: every table there is, place by place.

    Nobody thinks of more than ``largest`` in one cell. No bounds are moved and no equations solved: for each place all
    its rows, and of the places together all sums, kept as a set.
    """
    rows = [
        [
            (met, missed)
            for met in _within(ranges[place, 0], largest)
            for missed in _within(ranges[place, 1], largest)
            if ranges[place, WHOLE][0] <= met + missed <= ranges[place, WHOLE][1]
        ]
        for place in range(places)
    ]
    sums = [_sums([each for place, each in enumerate(rows) if place != left]) for left in range(places)]
    found: dict[Cell, list[int]] = defaultdict(list)
    for place in range(places):
        for row in rows[place]:
            wholes = [one for one in sums[place] if _fits_whole(ranges, row[0] + one[0], row[1] + one[1])]
            if wholes:
                for part, count in ((0, row[0]), (1, row[1]), (WHOLE, sum(row))):
                    found[place, part].append(count)
                found[WHOLE, 0] += [row[0] + one[0] for one in wholes]
                found[WHOLE, 1] += [row[1] + one[1] for one in wholes]
                found[WHOLE, WHOLE] += [sum(row) + sum(one) for one in wholes]
    return {cell: (min(values), max(values)) for cell, values in found.items()}


def _within(known: Range, largest: int) -> range:
    return range(known[0], min(known[1], largest) + 1)


def _sums(rows: Sequence[Sequence[tuple[int, int]]]) -> set[tuple[int, int]]:
    found = {(0, 0)}
    for each in rows:
        found = {(met + here, missed + there) for met, missed in found for here, there in each}
    return found


def _fits_whole(ranges: Mapping[Cell, Range], met: int, missed: int) -> bool:
    counts = ((0, met), (1, missed), (WHOLE, met + missed))
    return all(ranges[WHOLE, part][0] <= count <= ranges[WHOLE, part][1] for part, count in counts)
