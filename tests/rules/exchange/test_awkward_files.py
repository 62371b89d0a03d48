"""Files as they really come: every cell word for word, or a sentence that says what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.rules.table import MOST_COLUMNS, Table, open_table
from saferpractice.exchange.rules.text import UTF_8, UTF_16, WINDOWS, FileProblem, decoded, encoding_of

pytestmark = pytest.mark.requirement("R6")

ENCODINGS = [("utf-8", UTF_8), ("utf-8-sig", UTF_8), ("utf-16", UTF_16), ("cp1252", WINDOWS)]
WORDS = "She said “I’m fine” – £5, café"
CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
WINDOWS_CELLS = st.text(st.sampled_from("abc ,;\"'£€“”’–é½ÿ"), max_size=30)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data: bytes, size: int = 1 << 18) -> Table:
    return open_table(decoded(cut(data, size), encoding_of(cut(data, size))))


def cells(data: bytes, size: int = 1 << 18) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data, size).rows]


def written(rows: list[list[str]], *, sign: str = ",", end: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=sign, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


class TestEveryWayToSaveOne:
    @pytest.mark.parametrize(("encoding", "found"), ENCODINGS)
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
    @pytest.mark.parametrize("sign", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
    def test_gives_the_same_table(self, encoding: str, found: str, end: str, sign: str) -> None:
        data = written([["Ref", "Story", "Note"], ["1", f"{WORDS}\ntwo lines", 'a "b"']], sign=sign, end=end)
        data = data.replace("\ntwo", f"{end}two")
        encoded = data.encode(encoding)
        assert encoding_of([encoded]) == found
        table = read(encoded, 7)
        assert (table.columns, table.delimiter) == (("Ref", "Story", "Note"), sign)
        assert [row.cells for row in table.rows] == [("1", f"{WORDS}\ntwo lines", 'a "b"')]

    @pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
    def test_utf_16_in_either_order_of_bytes(self, order: str) -> None:
        assert cells(f"\ufeffa\tb\n1\t{WORDS} 😀\n".encode(order), 3) == [("1", f"{WORDS} 😀")]

    def test_utf_16_that_ends_in_the_middle_of_a_letter(self) -> None:
        with pytest.raises(FileProblem, match="The letters of this file are not UTF-16"):
            cells("a,b\n1,2\n".encode("utf-16") + b"\x00")

    def test_a_mark_in_the_middle_of_a_file_is_a_letter_like_others(self) -> None:
        assert cells("a,b\n1,x\ufeffy\n".encode()) == [("1", "x\ufeffy")]


class TestAwkwardCells:
    @pytest.mark.parametrize(
        "cell",
        [
            '=HYPERLINK("https://example.org","click")',
            "+44 20 7946 0000",
            "-1",
            "@SUM(A1)",
            "' quoted",
            "🧍‍♀️👩🏽‍⚕️ 😀",
            "\u202eright to left\u202c",
            "שלום, مرحبا",
            "e\u0301 and é",
            "\u00a0hard spaces\u00a0in it\u2003",
            "zero\u200bwidth\u2060joiner\u200d",
            "tab\there",
            '"" two quotes',
            "a,b;c\td|e",
            "ends with a backslash\\",
            "# not a comment",
            "NULL",
            "000123",
            "1E5",
            "x" * 10_000,
            "line\n\n\nline",
            "“curly” ‘quotes’",
            "<script>alert(1)</script>",
        ],
        ids=lambda cell: ascii(cell)[:24],
    )
    @pytest.mark.parametrize("size", [1, 1 << 18])
    def test_come_back_word_for_word(self, cell: str, size: int) -> None:
        data = written([["Ref", "Story"], ["1", cell], ["2", "after"]], end="\n").encode()
        assert cells(data, size) == [("1", cell), ("2", "after")]

    def test_a_nul_is_taken_out_and_said(self) -> None:
        (row,) = read(b"a,b\n1,x\x00y\n").rows
        assert (row.cells, row.cleaned) == (("1", "xy"), True)

    @pytest.mark.parametrize("code", [*range(9), 11, 12, *range(14, 32), 127])
    def test_so_is_every_control_character_but_tabs_and_line_ends(self, code: int) -> None:
        (row,) = open_table(["a,b\n", f'1,"x{chr(code)}y"\n']).rows
        assert (row.cells, row.cleaned) == (("1", "xy"), True)

    def test_a_cell_of_five_megabytes(self) -> None:
        long = "word " * 1_000_000
        assert cells(f"a,b\n1,{long}\n".encode())[0][1] == long


class TestAwkwardTables:
    def test_as_many_columns_as_are_allowed(self) -> None:
        names = [f"c{n}" for n in range(MOST_COLUMNS)]
        assert read(written([names, names]).encode()).columns == tuple(names)

    @pytest.mark.parametrize(
        ("heading", "columns", "repeated"),
        [
            ("a,a,a", ("a", "a (2)", "a (3)"), {"a"}),
            ("a,a (2),a", ("a", "a (2)", "a (3)"), {"a"}),
            ("a,a,a (2)", ("a", "a (2)", "a (2) (2)"), {"a", "a (2)"}),
            (" a ,A", ("a", "A"), set()),
            (",,x", ("Column 1", "Column 2", "x"), set()),
            ("Column 2,,x", ("Column 2", "Column 2 (2)", "x"), {"Column 2"}),
        ],
    )
    def test_headings_are_told_apart(self, heading: str, columns: tuple[str, ...], repeated: set[str]) -> None:
        found = open_table([f"{heading}\n1,2,3\n"])
        assert (found.columns, found.repeated) == (columns, repeated)

    @pytest.mark.parametrize("row", ["1", "1,2", "1,2,3,4", '"1,2,3"', "1;2;3"])
    def test_a_ragged_row_is_kept_apart_and_the_rest_goes_on(self, row: str) -> None:
        ragged, after = open_table([f"a,b,c\n{row}\n7,8,9\n"], ",").rows
        assert ragged.trouble.endswith("Put each text under its own heading.")
        assert ",".join(ragged.cells).replace('"', "") == row.replace('"', "")
        assert (after.number, after.cells, after.trouble) == (3, ("7", "8", "9"), "")

    @pytest.mark.parametrize("blank", ["", ",,", " , , ", '"",,', "\t,,"])
    def test_a_blank_row_is_counted_and_left_out(self, blank: str) -> None:
        found = open_table([f"a,b,c\n1,2,3\n{blank}\n4,5,6\n"], ",")
        assert [row.number for row in found.rows] == [2, 4]

    def test_a_heading_of_unseen_characters_is_none(self) -> None:
        with pytest.raises(FileProblem, match="no heading row"):
            open_table(["\x01,\x02\n"])

    @pytest.mark.parametrize("text", ["a,b", "a,b\n", "a,b\n\n\n", "a,b\n,\n"])
    def test_a_heading_alone_has_no_rows(self, text: str) -> None:
        assert list(open_table([text], ",").rows) == []

    def test_a_last_line_without_an_end(self) -> None:
        assert cells(b"a,b\n1,2") == [("1", "2")]

    @pytest.mark.parametrize(
        ("spoilt", "kept"),
        [
            ('1,"he said "no" to me"', '1,"he said "no" to me"'),
            ('"x"y,2', '"x"y,2'),
            ('1,"two\nlines" and more', '1,"two\nlines" and more'),
            ('1,"bell\x07" more', '1,"bell" more'),
        ],
    )
    def test_a_stray_quote_spoils_its_row_and_keeps_its_words(self, spoilt: str, kept: str) -> None:
        first, bad, after = open_table([f"a,b\n0,0\n{spoilt}\n2,fine\n"]).rows
        assert (first.cells, after.cells) == (("0", "0"), ("2", "fine"))
        assert bad.cells == (kept,)
        assert bad.trouble == "A quote stands in the middle of a cell. Double it, or take it out."

    def test_an_inch_sign_in_a_plain_cell_is_no_stray_quote(self) -> None:
        assert cells(b'a,b\n1,a 5" pipe\n') == [("1", 'a 5" pipe')]


class TestWhateverIsInIt:
    @given(
        st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        st.sampled_from(",;\t"),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.integers(1, 64),
    )
    def test_what_was_typed_comes_back_word_for_word(
        self, rows: list[list[str]], encoding: str, sign: str, end: str, size: int
    ) -> None:
        typed = [["one", "two", "three"], *rows]
        table = read(written(typed, sign=sign, end=end).encode(encoding), size)
        assert [list(row.cells) for row in table.rows] == [row for row in rows if any(cell.strip() for cell in row)]

    @given(st.lists(WINDOWS_CELLS, min_size=1, max_size=6), st.integers(1, 64))
    def test_in_windows_letters_too(self, stories: list[str], size: int) -> None:
        typed = [["ref", "story é"], *([str(n), story] for n, story in enumerate(stories))]
        assert [list(row) for row in cells(written(typed).encode("cp1252"), size)] == typed[1:]

    @given(st.binary(max_size=200))
    def test_any_bytes_are_rows_or_a_sentence(self, data: bytes) -> None:
        try:
            table = read(data, 16)
            rows = list(table.rows)
        except FileProblem as problem:
            assert problem.sentence.endswith(".")
            return
        assert table.columns
        assert all(row.trouble or len(row.cells) == len(table.columns) for row in rows)
        assert [row.number for row in rows] == sorted({row.number for row in rows})

    @given(st.text(st.sampled_from('ab,;"\n\t '), max_size=60))
    def test_any_arrangement_of_signs_loses_no_letter(self, text: str) -> None:
        try:
            table = open_table([f"h,i\n{text}"], ",")
            rows = list(table.rows)
        except FileProblem:
            return
        kept = "".join("".join(row.cells) for row in rows)
        assert [kept.count(letter) for letter in "ab"] == [text.count(letter) for letter in "ab"]
