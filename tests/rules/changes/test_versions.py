"""Two versions of a template, line by line."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules import Line, LineKind, comparable, compare, words_of_file
from saferpractice.changes.rules.documents import LARGEST_PART

pytestmark = pytest.mark.requirement("R3")

texts = st.lists(st.sampled_from(["", "Hydration", "Nutrition", "Seen by", "Why", "é"]), max_size=25).map("\n".join)


def side(lines: tuple[Line, ...], *kinds: LineKind) -> list[str]:
    return [line.text for line in lines if line.kind in kinds]


def test_what_was_added_and_removed_is_told() -> None:
    lines = compare("Name\nRisk\nSigned", "Name\nRisk now\nDuty manager told at\nSigned")
    assert lines == (
        Line(LineKind.KEPT, "Name"),
        Line(LineKind.REMOVED, "Risk"),
        Line(LineKind.ADDED, "Risk now"),
        Line(LineKind.ADDED, "Duty manager told at"),
        Line(LineKind.KEPT, "Signed"),
    )


def test_the_same_text_has_no_differences() -> None:
    assert compare("a\nb", "a\r\nb") == ()


def test_long_stretches_that_stayed_the_same_are_skipped() -> None:
    old = [f"line {n}" for n in range(100)]
    new = [*old[:50], "new line", *old[50:]]
    lines = compare("\n".join(old), "\n".join(new))
    assert side(lines, LineKind.ADDED) == ["new line"]
    assert side(lines, LineKind.SKIPPED) == ["47 lines are the same", "47 lines are the same"]
    assert side(lines, LineKind.KEPT) == ["line 47", "line 48", "line 49", "line 50", "line 51", "line 52"]


@given(texts, texts)
def test_nothing_is_lost_between_the_versions(old: str, new: str) -> None:
    lines = compare(old, new)
    if old.splitlines() == new.splitlines():
        assert lines == ()
    elif LineKind.SKIPPED not in {line.kind for line in lines}:
        assert side(lines, LineKind.KEPT, LineKind.ADDED) == new.splitlines()
        assert side(lines, LineKind.KEPT, LineKind.REMOVED) == old.splitlines()


@given(texts, texts)
def test_skipped_lines_are_counted_exactly(old: str, new: str) -> None:
    lines = compare(old, new)
    skipped = sum(int(text.split()[0]) for text in side(lines, LineKind.SKIPPED))
    if lines:
        assert len(side(lines, LineKind.KEPT, LineKind.ADDED)) + skipped == len(new.splitlines())
        assert len(side(lines, LineKind.KEPT, LineKind.REMOVED)) + skipped == len(old.splitlines())


def an_office_file(part: str, xml: str | bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, xml)
    return kept.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPEN = "application/vnd.oasis.opendocument.text"
WORD_XML = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "<w:p><w:r><w:t>Food and </w:t></w:r><w:r><w:t>drink</w:t></w:r></w:p>"
    "<w:p><w:r><w:t>Seen</w:t><w:tab/><w:t>by</w:t><w:br/><w:t>whom</w:t></w:r></w:p></w:body></w:document>"
)
OPEN_XML = (
    '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body>'
    "<t:h>Visit note</t:h><t:p>Food and <t:span>drink</t:span></t:p></o:body></o:document-content>"
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:t>&b;</w:t></w:p>'
    "</w:document>"
)


@pytest.mark.parametrize(
    ("content", "content_type", "words"),
    [
        ("Naïve – yes".encode(), "text/plain; charset=utf-8", "Naïve – yes"),
        (b"\xef\xbb\xbfName", "text/csv", "Name"),
        ("It’s risk – now".encode("cp1252"), "TEXT/MARKDOWN", "It’s risk – now"),
        (b"\x81\x8d", "text/plain", "\ufffd\ufffd"),
        (an_office_file("word/document.xml", WORD_XML), WORD, "Food and drink\nSeen\tby whom"),
        (an_office_file("content.xml", OPEN_XML), OPEN, "Visit note\nFood and drink"),
    ],
)
def test_words_are_read_as_offices_save_them(content: bytes, content_type: str, words: str) -> None:
    assert words_of_file(content, content_type) == words


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"<p>Hello</p>", "text/html"),
        (b"%PDF-1.7", "application/pdf"),
        (b"anything", ""),
        (b"not a zip file", WORD),
        (an_office_file("elsewhere.xml", WORD_XML), WORD),
        (an_office_file("word/document.xml", "<w:document"), WORD),
        (an_office_file("word/document.xml", BOMB), WORD),
        (an_office_file("word/document.xml", BOMB.encode("utf-16")), WORD),
        (an_office_file("word/document.xml", b"<?xml version='1.0' encoding='cp037'?>" + BOMB.encode("cp037")), WORD),
        (an_office_file("content.xml", " " * (LARGEST_PART + 1)), OPEN),
    ],
)
def test_what_cannot_be_read_safely_is_not(content: bytes, content_type: str) -> None:
    assert words_of_file(content, content_type) is None


def test_a_file_that_lies_about_its_size_is_not_unpacked_whole() -> None:
    honest = an_office_file("content.xml", " " * (LARGEST_PART + 1))
    size = (LARGEST_PART + 1).to_bytes(4, "little")
    assert words_of_file(honest.replace(size, (10).to_bytes(4, "little")), OPEN) is None


def test_what_is_too_long_is_not_compared() -> None:
    assert comparable("a\n" * 2_000)
    assert not comparable("a\n" * 2_001)
    assert not comparable("a" * 200_001)


@pytest.mark.timeout(30)
def test_a_hostile_text_does_not_hold_up_the_page() -> None:
    old = "\n".join(str(n % 7) for n in range(2_000))
    new = "\n".join(str(n % 11) for n in range(2_000))
    assert compare(old, new)
