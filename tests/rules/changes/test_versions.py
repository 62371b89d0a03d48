"""Two versions of a template, line by line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules import Line, LineKind, as_text, comparable, compare, is_text

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


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("text/plain; charset=utf-8", True),
        ("text/csv", True),
        ("TEXT/MARKDOWN", True),
        ("text/html", False),
        ("application/pdf", False),
        ("", False),
    ],
)
def test_only_plain_text_is_compared(content_type: str, text: bool) -> None:
    assert is_text(content_type) is text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Naïve – yes".encode(), "Naïve – yes"),
        (b"\xef\xbb\xbfName", "Name"),
        ("It’s risk – now".encode("cp1252"), "It’s risk – now"),
        (b"\x81\x8d", "\ufffd\ufffd"),
    ],
)
def test_text_is_read_as_offices_save_it(content: bytes, text: str) -> None:
    assert as_text(content) == text


def test_what_is_too_long_is_not_compared() -> None:
    assert comparable(b"a\n" * 2_000)
    assert not comparable(b"a\n" * 2_001)
    assert not comparable(b"a" * 200_001)


def test_a_hostile_text_does_not_hold_up_the_page() -> None:
    old = "\n".join(str(n % 7) for n in range(2_000))
    new = "\n".join(str(n % 11) for n in range(2_000))
    started = time.perf_counter()
    assert compare(old, new)
    assert time.perf_counter() - started < 10
