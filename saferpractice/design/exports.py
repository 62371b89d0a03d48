"""Tables as CSV files that a spreadsheet opens without running anything somebody typed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV injection), and the wide forms it reads alike."""
_UNSEEN = re.compile(r"^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
BOM = "\ufeff"
"""What tells Excel that the file is UTF-8."""
_AT_ONCE = 200


def safe_cell(value: Any) -> str:
    """``value`` as the text of a cell; one that a spreadsheet could run is marked as text with an apostrophe.

    Space or unseen characters before a formula sign do not hide it. Numbers stay numbers, None is empty.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\x00", "")
    begins = {text[:1], _UNSEEN.sub("", text)[:1]}
    return f"'{text}" if begins & FORMULA_SIGNS else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool = True) -> Iterator[str]:
    """The file in pieces (RFC 4180: commas, CRLF, quotes doubled), read from ``rows`` as they come.

    Every cell is quoted: a spreadsheet that splits at semicolons would otherwise cut a formula out of a sentence.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write(BOM if bom else "")
    writer.writerow([safe_cell(cell) for cell in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) for cell in row])
        if number % _AT_ONCE == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool = True
) -> StreamingHttpResponse:
    """A CSV file to save, written as it is read. ``name`` is plain letters, with its ending or without."""
    response = StreamingHttpResponse(csv_lines(header, rows, bom=bom), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name.removesuffix(".csv")}.csv"'
    response["Cache-Control"] = "no-store"
    return response
