"""The file of rows held back: what it holds, and how it comes back word for word when it is uploaded again.

On the way out a cell that a spreadsheet could run is marked with an apostrophe. On the way in the mark goes again,
and so do the two columns put before the source's own: what is left is the file as it was, with fewer rows.
"""

from __future__ import annotations

from dataclasses import replace

from saferpractice.design.exports import safe_cell
from saferpractice.exchange.rules.table import Table, TableRow

BEFORE = ("Row", "Why it was held back")
"""The headings put before the source's own."""


def kept_apart(cell: str) -> str:
    """A cell on its way out: one that begins with an apostrophe of its own gets another, to be told from the mark."""
    return f"'{cell}" if cell.startswith("'") and _would_be_marked(cell) else cell


def as_uploaded(table: Table) -> Table:
    """``table`` as the source wrote it, when it is a file of rows held back; else ``table`` itself."""
    if table.columns[: len(BEFORE)] != BEFORE or len(table.columns) == len(BEFORE):
        return table
    columns = tuple(_unmarked(name) for name in table.columns[len(BEFORE) :])
    return replace(table, columns=columns, rows=map(_row, table.rows))


def _row(row: TableRow) -> TableRow:
    if row.trouble and len(row.cells) <= len(BEFORE):
        return row
    return replace(row, cells=tuple(map(_unmarked, row.cells[len(BEFORE) :])))


def _would_be_marked(cell: str) -> bool:
    bare = cell.lstrip("'")
    return safe_cell(bare) != bare


def _unmarked(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _would_be_marked(cell) else cell
