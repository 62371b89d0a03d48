"""CSV files: whole, exact, and never run by the spreadsheet that opens them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.exports import BOM, FORMULA_SIGNS, csv_lines, csv_response, safe_cell

pytestmark = pytest.mark.requirement("R35")

ATTACKS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+441632960000",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    '\u00a0=HYPERLINK("https://example.org")',
    "\u200b=1+1",
    "\u202e=1+1",
    "\ufeff@A1",
    "＝1+1",
    "－1",
]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.mark.parametrize("typed", ATTACKS)
def test_a_formula_is_marked_as_text(typed: str) -> None:
    assert safe_cell(typed) == f"'{typed}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        (True, "Yes"),
        (False, "No"),
        (12, "12"),
        (-3, "-3"),
        (-0.5, "-0.5"),
        (0.75, "0.75"),
        ("5 - 3 = 2", "5 - 3 = 2"),
        ("Asked: what = changed?", "Asked: what = changed?"),
        ("O'Neil", "O'Neil"),
        ("nul\x00byte", "nulbyte"),
        ("\x00=1+1", "'=1+1"),
    ],
)
def test_other_values_stay_as_they_are(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text(max_size=30))
def test_no_text_begins_like_a_formula(typed: str) -> None:
    assert safe_cell(typed)[:1] not in FORMULA_SIGNS


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=8))
def test_what_went_in_comes_out_whole(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(["a", "b", "c"], rows))
    assert read(text) == [["a", "b", "c"], *[[safe_cell(cell) for cell in row] for row in rows]]


def test_lines_end_and_quote_as_the_standard_says() -> None:
    text = "".join(csv_lines(["Title"], [['He said "now", twice\nand left']], bom=False))
    assert text == '"Title"\r\n"He said ""now"", twice\nand left"\r\n'


def test_a_semicolon_cannot_cut_a_formula_out_of_a_sentence() -> None:
    text = "".join(csv_lines(["Title"], [["stop;=1+1"]], bom=False))
    assert '"stop;=1+1"' in text


def test_the_mark_for_excel_is_an_option() -> None:
    assert "".join(csv_lines(["a"], [])).startswith(BOM)
    assert not "".join(csv_lines(["a"], [], bom=False)).startswith(BOM)


def test_headers_are_made_safe_too() -> None:
    assert read("".join(csv_lines(["=1+1"], []))) == [["'=1+1"]]


def test_rows_are_read_as_the_file_is_written() -> None:
    taken = 0

    def rows():
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield [number]

    pieces = csv_lines(["n"], rows())
    first = next(pieces)
    assert taken < 1000
    assert len(read(first + "".join(pieces))) == 1001


@pytest.mark.parametrize("name", ["changes", "changes.csv"])
def test_the_response_is_a_file_nobody_keeps_on_the_way(name: str) -> None:
    response = csv_response(name, ["Title"], [["=1+1"]])
    assert response["Content-Disposition"] == 'attachment; filename="changes.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert read(b"".join(response.streaming_content).decode()) == [["Title"], ["'=1+1"]]
