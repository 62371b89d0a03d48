"""CSV files as spreadsheets and other systems really write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.rules.table import MOST_COLUMNS, Table, TableRow, open_table
from saferpractice.exchange.rules.text import FileProblem
from tests.factories.exchange import QUOTES, csv_text

pytestmark = pytest.mark.requirement("R6")


def pieces(text: str, size: int = 5) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def table(text: str, **kwargs: str) -> Table:
    return open_table(pieces(text), **kwargs)


def rows(text: str) -> list[TableRow]:
    return list(table(text).rows)


class TestDelimiters:
    @pytest.mark.parametrize("sign", [",", ";", "\t"])
    def test_it_is_found(self, sign: str) -> None:
        found = table(csv_text(["a", "b", "c"], [["1", "two, 2; zwei", "3"]], delimiter=sign))
        assert (found.delimiter, found.columns) == (sign, ("a", "b", "c"))
        assert [row.cells for row in found.rows] == [("1", "two, 2; zwei", "3")]

    def test_commas_in_a_narrative_do_not_outvote_the_heading(self) -> None:
        found = table("ref;story\n1;one, two, three, four\n2;five, six, seven, eight\n")
        assert found.columns == ("ref", "story")

    def test_a_file_of_one_column(self) -> None:
        assert table("story\nShe left.\n").columns == ("story",)

    def test_what_the_mapping_says_counts(self) -> None:
        assert table("a,b;c\n1,2;3\n", delimiter=";").columns == ("a,b", "c")


class TestRows:
    def test_numbers_are_those_of_a_spreadsheet(self) -> None:
        text = 'ref,story\n1,"two\nlines\nand a third"\n\n,\n4,here\n'
        assert [row.number for row in rows(text)] == [2, 5]

    def test_line_ends_and_quotes_inside_quotes_stay(self) -> None:
        story = f'{QUOTES}\n\nHe said ""no"".\n'
        text = f'ref,story\n1,"{story}"\n'
        assert rows(text)[0].cells == ("1", story.replace('""', '"'))

    def test_formulas_are_text(self) -> None:
        assert rows("ref,story\n1,=cmd|' /C calc'!A0\n")[0].cells == ("1", "=cmd|' /C calc'!A0")

    @pytest.mark.parametrize(("row", "cells"), [("1,2", 2), ("1,2,3,4", 4), ("1", 1)])
    def test_a_ragged_row_is_kept_and_says_so(self, row: str, cells: int) -> None:
        ragged, after = rows(f"a,b,c\n{row}\n7,8,9\n")
        assert f"This row has {cells} cell" in ragged.trouble
        assert "the heading has 3" in ragged.trouble
        assert (len(ragged.cells), after.trouble, after.cells) == (cells, "", ("7", "8", "9"))

    def test_empty_cells_past_the_heading_are_nothing(self) -> None:
        assert rows("a,b\n1,2,,\n")[0] == TableRow(2, ("1", "2"))

    def test_unseen_characters_go_and_are_owned_up_to(self) -> None:
        row = rows("a,b\n1,be\x00fore\x07\n")[0]
        assert (row.cells, row.cleaned, row.trouble) == (("1", "before"), True, "")

    def test_a_quote_in_the_middle_spoils_only_its_row(self) -> None:
        spoilt, after = rows('a,b\n1,"he said "no" to me"\n2,fine\n')
        assert "quote" in spoilt.trouble
        assert after.cells == ("2", "fine")

    def test_a_quote_never_closed_is_a_problem_of_the_file(self) -> None:
        with pytest.raises(FileProblem, match="row 3"):
            rows('a,b\n1,2\n3,"never closed\n4,5\n6,7\n')

    def test_a_very_long_cell(self) -> None:
        long = "word " * 100_000
        assert rows(f'a,b\n1,"{long}"\n')[0].cells[1] == long

    @given(
        st.lists(
            st.lists(
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=3, max_size=3
            ).filter(lambda row: any(cell.strip() for cell in row)),
            max_size=8,
        ),
        st.sampled_from(",;\t"),
        st.integers(1, 40),
    )
    def test_what_a_spreadsheet_writes_comes_back(self, cells: list[list[str]], sign: str, size: int) -> None:
        text = csv_text(["one", "two", "three"], cells, delimiter=sign, end="\n")
        found = open_table(pieces(text, size), sign)
        assert [list(row.cells) for row in found.rows] == cells

    def test_it_streams(self) -> None:
        taken = 0

        def endless() -> Iterator[str]:
            nonlocal taken
            yield "a,b\n"
            while True:
                taken += 1
                yield "1,2\n" * 1000

        found = open_table(endless())
        assert next(found.rows).number == 2
        assert taken < 200

    def test_too_many_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.exchange.rules.table.MOST_ROWS", 3)
        with pytest.raises(FileProblem, match="more than 3 rows"):
            rows("a\n1\n2\n3\n4\n")


class TestHeadings:
    def test_blank_lines_before_it(self) -> None:
        found = table("\n\na,b\n1,2\n")
        assert (found.columns, [row.number for row in found.rows]) == (("a", "b"), [4])

    def test_twice_the_same(self) -> None:
        found = table("date,story,date\n1,2,3\n")
        assert found.columns == ("date", "story", "date (2)")
        assert found.repeated == {"date"}

    def test_one_without_a_name(self) -> None:
        assert table("ref,,story\n1,2,3\n").columns == ("ref", "Column 2", "story")

    def test_empty_ends_are_left_out(self) -> None:
        found = table("ref,story,,\n1,2,,\n")
        assert found.columns == ("ref", "story")
        assert [row.trouble for row in found.rows] == [""]

    def test_spaces_around_and_line_ends_within(self) -> None:
        assert table('" ref ","what\nhappened"\n1,2\n').columns == ("ref", "what happened")

    @pytest.mark.parametrize("text", ["", "\n\n", " , \n"])
    def test_none(self, text: str) -> None:
        with pytest.raises(FileProblem, match="heading"):
            table(text)

    def test_too_many(self) -> None:
        text = ",".join(f"c{n}" for n in range(MOST_COLUMNS + 1))
        with pytest.raises(FileProblem, match=f"{MOST_COLUMNS} at most"):
            table(f"{text}\n")

    def test_one_that_cannot_be_read(self) -> None:
        with pytest.raises(FileProblem, match="heading row cannot be read"):
            table('"a"b,c\n1,2\n')


def test_the_module_leaves_python_s_own_reader_usable() -> None:
    assert next(csv.reader(io.StringIO("a,b"))) == ["a", "b"]
