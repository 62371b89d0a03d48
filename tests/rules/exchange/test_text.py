"""Which encoding a file is in, and its text with nothing garbled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.rules.text import FileProblem, decoded, encoding_of, without_controls
from tests.factories.exchange import QUOTES

pytestmark = pytest.mark.requirement("R6")


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data: bytes, size: int = 7) -> str:
    return "".join(decoded(cut(data, size), encoding_of(cut(data, size))))


class TestWhichEncoding:
    @pytest.mark.parametrize(
        ("data", "encoding"),
        [
            (QUOTES.encode(), "utf-8-sig"),
            (b"\xef\xbb\xbf" + QUOTES.encode(), "utf-8-sig"),
            (b"plain letters", "utf-8-sig"),
            ("She said “I’m fine” – £5½".encode("cp1252"), "cp1252"),
            (QUOTES.encode("utf-16"), "utf-16"),
        ],
    )
    def test_it_is_found(self, data: bytes, encoding: str) -> None:
        assert encoding_of([data]) == encoding

    def test_a_letter_cut_in_two_is_still_utf_8(self) -> None:
        assert encoding_of(cut(QUOTES.encode(), 1)) == "utf-8-sig"

    def test_a_letter_cut_off_at_the_end_is_not(self) -> None:
        assert encoding_of([b"caf\xc3"]) == "cp1252"

    def test_windows_after_a_long_plain_beginning(self) -> None:
        assert encoding_of([b"a" * 100_000, "it’s".encode("cp1252")]) == "cp1252"


class TestNothingIsGarbled:
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff\x00")), st.integers(1, 9))
    def test_utf_8_comes_back_however_it_is_cut(self, text: str, size: int) -> None:
        data = text.encode()
        if data and not data.startswith((b"PK\x03\x04", b"%PDF-")):
            assert read(data, size) == text

    def test_windows_quotes_come_back(self) -> None:
        text = "She said “I’m fine” – £5½"
        assert read(text.encode("cp1252")) == text

    def test_the_mark_is_not_part_of_the_first_heading(self) -> None:
        assert read(b"\xef\xbb\xbfid,date\n") == "id,date\n"

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends_become_one_kind(self, end: str) -> None:
        assert read(f"a{end}b{end}".encode(), 2) == "a\nb\n"


class TestWhatIsNoText:
    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "empty"),
            (b"PK\x03\x04rest of a spreadsheet", "spreadsheet"),
            (b"\xd0\xcf\x11\xe0 an old spreadsheet", "spreadsheet"),
            (b"%PDF-1.7", "PDF"),
            ("a,b\n1,2\n".encode("utf-16-le"), "not plain text"),
            (b"caf\x81 \x8d \xff\xfe", "neither UTF-8 nor Windows-1252"),
        ],
    )
    def test_it_says_so_and_what_to_do(self, data: bytes, says: str) -> None:
        with pytest.raises(FileProblem, match=says) as problem:
            encoding_of([data])
        assert problem.value.sentence.count(".") >= 2

    def test_bytes_that_do_not_fit_after_all(self) -> None:
        with pytest.raises(FileProblem, match="UTF-8"):
            list(decoded([b"\xff\xfe\xfd"], "utf-8-sig"))


def test_control_characters_go_and_the_rest_stays() -> None:
    assert without_controls("a\x00b\x07\tc\nd 😀’\x7f") == "ab\tc\nd 😀’"
