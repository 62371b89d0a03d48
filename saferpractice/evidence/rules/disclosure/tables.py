"""Tables of places and parts with their totals, of which nobody can work a hidden count out.

What is published keeps to the national rule: under five, none included, is hidden, and the rest is rounded to five.
Then the table is read back the way somebody would who knows this rule, every published number, and which totals are
sums of what. While any count that they should not know can be narrowed to fewer than three values, more is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saferpractice.evidence.rules.disclosure.flows import ENDLESS, Line, possible
from saferpractice.evidence.rules.thematic.small import FEW, FEWEST_VALUES, HIDDEN, HIDE_BELOW, Guarded, guarded

WHOLE = -1
"""The place or the part that stands for all of them: a total."""
Cell = tuple[int, int]
"""A place and a part, each its number from 0, or ``WHOLE``."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The true counts of a table, ``counts[place][part]``: what is guarded, and never shown.

    ``shown_parts`` are the parts that are published beside the total of all. The last place is the rest when ``rest``
    says so: what belongs to no place of its own, counted in the totals and never published by itself.

    Raises:
        ValueError: the rows differ in length, or a count is below zero.
    """

    counts: tuple[tuple[int, ...], ...]
    shown_parts: frozenset[int]
    rest: bool = False

    def __post_init__(self) -> None:
        if len({len(row) for row in self.counts}) != 1 or any(count < 0 for row in self.counts for count in row):
            raise ValueError("every place needs each part, and no count below zero")

    @property
    def places(self) -> range:
        """The places, the rest among them."""
        return range(len(self.counts))

    @property
    def parts(self) -> range:
        """The parts."""
        return range(len(self.counts[0]))

    def of(self, cell: Cell) -> int:
        """The count of one cell, a total among them."""
        place, part = cell
        rows = self.counts if place == WHOLE else (self.counts[place],)
        return sum(sum(row) if part == WHOLE else row[part] for row in rows)

    def published(self) -> list[Cell]:
        """The cells that are published unless they are hidden: totals of the whole first, then place by place."""
        places = [WHOLE, *self.places[: -1 if self.rest else None]]
        return [(place, part) for place in places for part in (WHOLE, *sorted(self.shown_parts))]


def guard_table(table: Counts) -> Mapping[Cell, Guarded]:
    """Every published cell as everybody may read it: rounded, or ``HIDDEN``.

    The numbers of the places are shown together or not at all, part by part: where one of them is small, none is on
    show. So a hidden cell does not say whether it is small, and that something had to be hidden says little of which.
    """
    places = [cell for cell in table.published() if cell[0] != WHOLE]
    small = {part for place, part in places if table.of((place, part)) < HIDE_BELOW}
    opened = frozenset({*table.shown_parts, WHOLE} - small)
    for kept in (opened, opened & {WHOLE}, frozenset[int]()):
        shown = _shown(table, kept)
        if not _weak(table, shown):
            return shown
    for parts in (table.shown_parts, frozenset({*table.shown_parts, WHOLE})):
        shown = {cell: HIDDEN if cell[1] in parts else one for cell, one in shown.items()}
        if not _weak(table, shown):
            break
    return shown


def _shown(table: Counts, opened: frozenset[int]) -> dict[Cell, Guarded]:
    """What the table would show with these parts of its places open."""
    one_by_one = {cell: guarded(table.of(cell)) for cell in table.published()}
    return {
        cell: one if one != FEW and (cell[0] == WHOLE or cell[1] in opened) else HIDDEN
        for cell, one in one_by_one.items()
    }


def _weak(table: Counts, shown: Mapping[Cell, Guarded]) -> bool:
    """Whether some count that is not on show can be narrowed too far, and may be small."""
    for cell in every_cell(table):
        if shown.get(cell, HIDDEN) == HIDDEN:
            low, high = known(table, shown, cell)
            if high - low + 1 < FEWEST_VALUES and low < HIDE_BELOW:
                return True
    return False


def every_cell(table: Counts) -> list[Cell]:
    """Every cell, published or not, the totals first."""
    return [(place, part) for place in (WHOLE, *table.places) for part in (WHOLE, *table.parts)]


def known(table: Counts, shown: Mapping[Cell, Guarded], about: Cell) -> tuple[int, int]:
    """The least and the most that ``about`` can be for somebody who knows what is shown.

    What belongs to no place of its own is taken to be known to them, but where it is what they ask about.
    """
    cells = every_cell(table)
    open_rest = not table.rest or about[0] == table.places[-1]
    lines = []
    for cell in cells:
        least, most = _limits(table, shown, cell, open_rest=open_rest)
        start, end = _way(cell)
        lines.append(Line(start, end, table.of(cell), least, most))
    return possible(lines, cells.index(about))


def _way(cell: Cell) -> tuple[str, str]:
    """The nodes between which a count flows: from all to its part, to its place, and back to all."""
    place, part = cell
    if part == WHOLE:
        return ("all places", "all parts") if place == WHOLE else (f"place {place}", "all places")
    return ("all parts", f"part {part}") if place == WHOLE else (f"part {part}", f"place {place}")


def _limits(table: Counts, shown: Mapping[Cell, Guarded], cell: Cell, *, open_rest: bool) -> tuple[int, int]:
    count, one = table.of(cell), shown.get(cell)
    if table.rest and cell[0] == table.places[-1] and not open_rest:
        return count, count
    if one is None or one == HIDDEN:
        return 0, ENDLESS
    return one.least, one.most(ENDLESS)


def pairs(met: Sequence[int], out_of: Sequence[int], *, rest: bool = False) -> Counts:
    """A table of two parts, those that met something and those that did not, of which the first is published.

    Raises:
        ValueError: more met it than there were.
    """
    rows = tuple((one, all_of - one) for one, all_of in zip(met, out_of, strict=True))
    return Counts(rows, frozenset({0}), rest)
