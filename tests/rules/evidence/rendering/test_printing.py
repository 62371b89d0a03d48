"""Text for paper: what the fonts can print is printed, what they cannot is told, nothing is let through."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rendering import pdf
from saferpractice.evidence.rendering.printing import (
    LONGEST_WORD,
    lines_of,
    printable,
    printable_characters,
    readable,
)
from saferpractice.evidence.rules.packs.document import Fact, Facts, Note, Typed
from tests.factories.packs_drawn import INCIDENT, a_drawn_pack, opened

pytestmark = pytest.mark.requirement("R32")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Nobody answered.", "Nobody answered."),
        (
            "caf\u00e9 \u20ac5 \u2013 \u201cquoted\u201d \u2265 \u0142\u00f3\u017a",
            "caf\u00e9 \u20ac5 \u2013 \u201cquoted\u201d \u2265 \u0142\u00f3\u017a",
        ),
        ("cafe\u0301", "caf\u00e9"),
        ("\u0645\u0631\u062d\u0628\u0627", "\u0645\u0631\u062d\u0628\u0627"),
        ("ok \U0001f600", "ok [grinning face]"),
        ("\U0001f600\U0001f600\U0001f600!", "[grinning face] (3 times)!"),
        ("\U0001f44d\U0001f3fd", "[thumbs up sign]"),
        ("\U0001f468‍\U0001f469", "[man][woman]"),
        ("\u2764\ufe0f", "\u2764"),
        ("a \u4e2d\u6587 b", "a [Chinese or Japanese text, 2 characters: see the attached data] b"),
        (
            "\u0939\u093f\u0928\u094d\u0926\u0940 \u092a\u093e\u0920",
            "[Devanagari text, 10 characters: see the attached data]",
        ),
        ("\ud55c\uad6d", "[Korean text, 2 characters: see the attached data]"),
        ("a\tb\u00a0c", "a b c"),
        ("a\x00b\x1b[0m\ufeff\u200b\u00adc", "ab[0mc"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("\ue000", "[character U+E000]"),
        ("", ""),
    ],
)
def test_what_is_printed(typed: str, printed: str) -> None:
    assert printable(typed) == printed


@given(st.text())
def test_nothing_without_a_shape_is_let_through(text: str) -> None:
    assert printable_characters().issuperset(printable(text))
    assert printable(printable(text)) == printable(text)


def test_every_character_that_counts_as_printable_can_be_printed() -> None:
    """Typst refuses a PDF/A with a character that no font has a shape for, so that one drawing proves them all."""
    characters = sorted(printable_characters())
    assert len(characters) > 3_500
    rows = ["".join(f"q{c}" for c in characters[at : at + 40]) for at in range(0, len(characters), 40)]
    every = [line for row in rows for line in lines_of(row)]
    assert {c for c in characters if not c.isspace() and unicodedata.normalize("NFC", c) == c} <= set("".join(every))
    facts = tuple(Fact(line, Typed(line)) for line in every)  # labels are bold, values are not
    assert len(opened(pdf(a_drawn_pack(Facts(facts, INCIDENT)))).pages) > 5


def test_no_font_of_the_machine_is_used() -> None:
    file = opened(pdf(a_drawn_pack(Note("Nobody \u0645\u0631\u062d\u0628\u0627"))))
    names = {str(font.BaseFont).split("+")[1] for page in file.pages for font in page.Resources.Font.values()}
    assert {name.split("-")[0] for name in names} == {"LiberationSans", "DejaVuSansMono"}


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("One\r\ntwo\n\n\nthree", ["One", "two", "three"]),
        ("a\u2028b\x85c\vd", ["a", "b", "c", "d"]),
        ("  \n\t\n", []),
        ("\u200b\n\ufeff", []),
        ("w" * LONGEST_WORD, ["w" * LONGEST_WORD]),
        ("w" * 25, ["w" * 12 + "\u200b" + "w" * 12 + "\u200bw"]),
    ],
)
def test_lines(typed: str, lines: list[str]) -> None:
    assert lines_of(typed) == lines


def test_a_long_word_does_not_break_before_a_mark() -> None:
    (line,) = lines_of("x\u0323\u0331\u0323\u0331" * 30)
    assert "\u200b" in line
    assert "\u200b\u0323" not in line
    assert "\u200b\u0331" not in line
    assert line.replace("\u200b", "") == printable("x\u0323\u0331\u0323\u0331" * 30)


@given(st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp"])))
def test_breaking_changes_no_letter(text: str) -> None:
    assert "".join(lines_of(text)).replace("\u200b", "") == printable(text).strip()


@given(st.text())
def test_a_page_shows_every_letter_and_no_control(text: str) -> None:
    shown = readable(text)
    letters = [c for c in text if unicodedata.category(c)[0] in "LMNPS"]
    assert [c for c in shown if unicodedata.category(c)[0] in "LMNPS"] == letters
    assert not {c for c in shown if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"}


def test_turning_marks_are_found_by_what_they_do() -> None:
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    marks = [chr(n) for n in range(sys.maxunicode + 1) if unicodedata.bidirectional(chr(n)) in turning]
    assert len(marks) == 9
    assert readable("a" + "".join(marks) + "b") == "ab" == printable("a" + "".join(marks) + "b")
