"""Whatever somebody uploads, reading its words gives words or nothing: it never fails, hangs, fetches or expands."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules import LineKind, comparable, compare, words_of_file

pytestmark = pytest.mark.requirement("R3")

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN = "application/vnd.oasis.opendocument.text"
PARTS = {WORD: "word/document.xml", OPEN: "content.xml"}
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
T = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def office(kind: str, xml: str | bytes) -> bytes:
    return zipped(**{PARTS[kind]: xml.encode() if isinstance(xml, str) else xml})


def word(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    return office(WORD, f"<w:document {W}><w:body>{body}</w:body></w:document>")


def open_text(*paragraphs: str) -> bytes:
    body = "".join(f"<text:p>{escape(text)}</text:p>" for text in paragraphs)
    return office(OPEN, f"<office {T}>{body}</office>")


printable = st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40)
lines = st.lists(printable.filter(lambda text: "￾" not in text and "￿" not in text), max_size=8)
kinds = st.sampled_from([WORD, OPEN, "text/plain", "application/pdf", "image/png", "", "text/plain; charset=utf-16"])


class TestNothingFails:
    @given(st.binary(max_size=400), kinds)
    def test_any_bytes(self, content: bytes, kind: str) -> None:
        found = words_of_file(content, kind)
        assert found is None or isinstance(found, str)

    @given(st.binary(max_size=300), st.sampled_from([WORD, OPEN]))
    def test_any_bytes_inside_an_office_file(self, part: bytes, kind: str) -> None:
        found = words_of_file(office(kind, part), kind)
        assert found is None or isinstance(found, str)

    @given(lines, st.integers(0, 2_000), st.integers(0, 255), st.sampled_from([WORD, OPEN]))
    def test_a_good_file_with_one_byte_spoilt(self, typed: list[str], place: int, byte: int, kind: str) -> None:
        content = bytearray((word if kind == WORD else open_text)(*typed))
        content[place % len(content)] = byte
        found = words_of_file(bytes(content), kind)
        assert found is None or isinstance(found, str)

    @pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_a_good_file_with_its_packing_spoilt(self, method: int) -> None:
        content, typed = io.BytesIO(), "One two three. " * 9
        with zipfile.ZipFile(content, "w", method) as archive:
            archive.writestr(PARTS[OPEN], f"<office {T}><text:p>{typed}</text:p></office>")
        packed = content.getvalue()
        start = packed.index(b"content.xml") + len(b"content.xml")
        found = set()
        for place in range(start, start + 40):
            spoilt = bytearray(packed)
            spoilt[place] ^= 0xFF
            found.add(words_of_file(bytes(spoilt), OPEN))
        assert None in found
        assert found <= {None, typed}, "what is read is what was typed"

    @given(lines, st.integers(0, 2_000), st.sampled_from([WORD, OPEN]))
    def test_a_file_cut_off(self, typed: list[str], length: int, kind: str) -> None:
        content = (word if kind == WORD else open_text)(*typed)
        cut = words_of_file(content[: length % len(content)], kind)
        assert cut is None

    @pytest.mark.parametrize("kind", [WORD, OPEN])
    def test_elements_within_elements_without_end(self, kind: str) -> None:
        deep = 20_000
        found = words_of_file(office(kind, "<a>" * deep + "</a>" * deep), kind)
        assert found in {None, ""}

    @pytest.mark.parametrize(
        "xml",
        [
            '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            '<!DOCTYPE a [<!ENTITY b SYSTEM "http://example.org/">]><a>&b;</a>',
            "<a>&b;</a>",
            '<?xml version="1.0" encoding="utf-7"?><a/>',
            "<a><b></a></b>",
            "",
            " ",
        ],
    )
    @pytest.mark.parametrize("kind", [WORD, OPEN])
    def test_what_could_define_fetch_or_mislead_is_not_read(self, kind: str, xml: str) -> None:
        assert words_of_file(office(kind, xml), kind) is None

    @pytest.mark.parametrize("kind", [WORD, OPEN])
    def test_what_only_looks_like_a_definition_is_read(self, kind: str) -> None:
        """A comment, and words that a person typed."""
        typed = "Write <!DOCTYPE> here & there"
        content = (word if kind == WORD else open_text)(typed)
        assert words_of_file(content, kind) == typed
        commented = zipfile.ZipFile(io.BytesIO(content)).read(PARTS[kind]).replace(b"</", b"<!-- note --></", 1)
        assert words_of_file(office(kind, commented), kind) == typed

    @pytest.mark.parametrize("name", ["../word/document.xml", "word/document.xml/", "WORD/DOCUMENT.XML", "content"])
    def test_a_part_under_another_name_is_not_taken_for_it(self, name: str) -> None:
        assert words_of_file(zipped(**{name: b"<a/>"}), WORD) is None

    def test_a_file_of_one_kind_that_says_it_is_another(self) -> None:
        assert words_of_file(word("One"), OPEN) is None
        assert words_of_file(open_text("One"), WORD) is None
        assert words_of_file(b"%PDF-1.7", WORD) is None


class TestWords:
    @given(lines)
    def test_every_paragraph_comes_back_as_typed(self, typed: list[str]) -> None:
        assert words_of_file(word(*typed), WORD) == "\n".join(typed)
        assert words_of_file(open_text(*typed), OPEN) == "\n".join(typed)

    @given(lines, lines)
    def test_a_comparison_gives_back_both_versions(self, old: list[str], new: list[str]) -> None:
        before, after = (words_of_file(word(*typed), WORD) for typed in (old, new))
        assert before is not None
        assert after is not None
        found = compare(before, after)
        if not found:
            assert before.splitlines() == after.splitlines()
            return
        assert not any(line.kind is LineKind.SKIPPED for line in found) or max(len(old), len(new)) > 4
        if not any(line.kind is LineKind.SKIPPED for line in found):
            kept_and = {
                kind: [line.text for line in found if line.kind in {LineKind.KEPT, kind}]
                for kind in (LineKind.ADDED, LineKind.REMOVED)
            }
            assert kept_and[LineKind.ADDED] == after.splitlines()
            assert kept_and[LineKind.REMOVED] == before.splitlines()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\xef\xbb\xbfOne", "One"),
            (b"caf\xc3\xa9", "café"),
            (b"caf\xe9 \x93quoted\x94", "café “quoted”"),
            (b"", ""),
            (b"\x81\x8d", "��"),
        ],
    )
    def test_text_of_either_encoding(self, content: bytes, words: str) -> None:
        assert words_of_file(content, "text/plain") == words

    @pytest.mark.parametrize(
        ("text", "fits"),
        [("x" * 200_000, True), ("x" * 200_001, False), ("\n" * 2_000, True), ("\n" * 2_001, False), ("", True)],
    )
    def test_what_fits_on_a_page(self, text: str, fits: bool) -> None:
        assert comparable(text) is fits
