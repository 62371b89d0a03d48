"""Tables as rows of values with their sources beside them, for whoever draws them."""

from __future__ import annotations

from dataclasses import dataclass

from saferpractice.evidence.rendering.wording import cited
from saferpractice.evidence.rules.packs.document import Cell, Table

SOURCE = "Source"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table to draw. ``source``: the one source of all rows; else the last column says each row's."""

    caption: str
    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str


def as_grid(table: Table) -> Grid:
    """A table with where its rows came from."""
    headings = tuple(column.heading for column in table.columns)
    numeric = tuple(column.numeric for column in table.columns)
    words = [cited(row.source) for row in table.rows]
    if len(set(words)) == 1:
        return Grid(table.caption, headings, numeric, tuple(row.cells for row in table.rows), words[0])
    rows = tuple((*row.cells, word) for row, word in zip(table.rows, words, strict=True))
    return Grid(table.caption, (*headings, SOURCE), (*numeric, False), rows, "")
