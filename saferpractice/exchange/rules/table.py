"""A CSV file as a heading and rows, read as it streams; a row that cannot be read says why, and the rest goes on."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from saferpractice.exchange.rules.text import FileProblem, without_controls

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
MOST_COLUMNS = 200
MOST_ROWS = 100_000
LARGEST_BYTES = 50 * 1024 * 1024
_SAMPLE_CHARACTERS = 200_000
_SAMPLE_ROWS = 50
csv.field_size_limit(LARGEST_BYTES)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. ``number`` is the one a spreadsheet shows (the heading is usually row 1).

    ``trouble`` says why its cells cannot be relied on: then they may be more or fewer than the columns, or the whole
    row in one. ``cleaned`` says that unseen control characters were taken out.
    """

    number: int
    cells: tuple[str, ...]
    trouble: str = ""
    cleaned: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The heading, and the rows that follow it. The rows can be read once.

    ``repeated`` are headings that stand more than once; each after the first is called "name (2)" in ``columns``.
    """

    columns: tuple[str, ...]
    repeated: frozenset[str]
    delimiter: str
    rows: Iterator[TableRow]


def open_table(pieces: Iterable[str], delimiter: str | None = None) -> Table:
    """Read ``pieces`` of text (line ends as "\\n") as a table. Blank rows are counted and left out.

    Args:
        pieces: the text, cut anywhere.
        delimiter: what stands between cells; found out when None.

    Raises:
        FileProblem: there is no heading, or too many columns. Reading ``rows`` raises it when a quote is never
            closed or there are too many rows.
    """
    stream = iter(pieces)
    sample, taken = "", []
    while len(sample) < _SAMPLE_CHARACTERS:
        piece = next(stream, None)
        if piece is None:
            break
        taken.append(piece)
        sample += piece
    chosen = delimiter or _delimiter_of(sample)
    rows = _rows(_lines(itertools.chain(taken, stream)), chosen)
    heading = next(rows, None)
    if heading is None:
        raise FileProblem("The file has no heading row. The first row must name the columns.")
    if heading.trouble:
        raise FileProblem(f"The heading row cannot be read. {heading.trouble}")
    if len(heading.cells) > MOST_COLUMNS:
        raise FileProblem(f"The file has {len(heading.cells)} columns. Keep {MOST_COLUMNS} at most.")
    columns, repeated = _named(_without_empty_end(heading.cells))
    return Table(columns, repeated, chosen, _fitted(rows, len(columns)))


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    held: list[str] = []  # joined once for each line: a narrative may be as long as the file
    for piece in pieces:
        first, *others = piece.split("\n")
        held.append(first)
        for other in others:
            yield "".join([*held, "\n"])
            held = [other]
    rest = "".join(held)
    if rest:
        yield rest


def _noted(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """``lines``, each added to ``taken`` as it is read, so that a row that cannot be read is kept as it stands."""
    for line in lines:
        taken.append(line)
        yield line


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[TableRow]:
    taken: list[str] = []
    reader = csv.reader(_noted(lines, taken), delimiter=delimiter, strict=True)
    for number in itertools.count(1):
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise FileProblem(
                    f"In row {number} a quote opens and is never closed, so everything after it reads as one cell. "
                    "Close the quote in the file, then upload it again."
                ) from error
            whole = without_controls("".join(taken).rstrip("\n"))
            yield TableRow(number, (whole,), "A quote stands in the middle of a cell. Double it, or take it out.")
            continue
        clean = tuple(without_controls(cell) for cell in cells)
        if any(cell.strip() for cell in clean):
            yield TableRow(number, clean, cleaned=clean != tuple(cells))


def _fitted(rows: Iterator[TableRow], width: int) -> Iterator[TableRow]:
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise FileProblem(f"The file has more than {MOST_ROWS:,} rows. Split it and import the parts.")
        cells = row.cells
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        trouble = row.trouble
        if not trouble and len(cells) != width:
            trouble = (
                f"This row has {len(cells)} {'cell' if len(cells) == 1 else 'cells'} and the heading has {width}. "
                "Put each text under its own heading."
            )
        yield TableRow(row.number, cells, trouble, row.cleaned)


def _without_empty_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _named(cells: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    names: list[str] = []
    repeated: set[str] = set()
    for place, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"Column {place}"
        if name in names:
            repeated.add(name)
            name = next(new for n in itertools.count(2) if (new := f"{name} ({n})") not in names)
        names.append(name)
    return tuple(names), frozenset(repeated)


def _delimiter_of(sample: str) -> str:
    """The sign that gives the widest heading, and then the most rows of that width."""
    return max(DELIMITERS, key=lambda sign: _score(sample, sign))


def _score(sample: str, sign: str) -> tuple[int, int]:
    reader = csv.reader(_lines([sample]), delimiter=sign)
    try:
        found = [row for row in itertools.islice(reader, _SAMPLE_ROWS) if row]
    except csv.Error:
        return 0, 0
    width = len(found[0]) if found else 0
    return width, sum(1 for row in found if len(row) == width)
