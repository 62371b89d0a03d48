"""Moments, counts and typed text, as the pages say them."""

from __future__ import annotations

import ast
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from saferpractice.design import words

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class TestMoments:
    @pytest.mark.parametrize(
        ("moment", "said"),
        [
            (datetime(2026, 11, 23, 2, 5, tzinfo=UTC), "23 November 2026, 2:05am"),
            (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "2 July 2026, 12:30am"),
            (datetime(2026, 7, 1, 11, 0, tzinfo=UTC), "1 July 2026, 12pm"),
            (datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "1 January 2026, 12am"),
            (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 October 2026, 1:30am BST"),
            (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 October 2026, 1:30am GMT"),
            (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 March 2026, 2am"),
        ],
    )
    def test_in_london(self, moment: datetime, said: str) -> None:
        assert words.localtime(moment) == said

    def test_days(self) -> None:
        assert words.localday(date(2026, 2, 3)) == "3 February 2026"
        assert words.localday(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), short=True) == "2 Jul 2026"
        assert words.localtime(NOW, short=True) == "23 Nov 2026, 12pm"

    def test_nothing_to_say(self) -> None:
        assert words.localday(None) == words.localtime(None) == words.ago(None, NOW) == ""
        assert words.localday(None, none="not yet") == "not yet"

    def test_a_moment_without_a_zone_is_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="without a time zone"):
            words.localtime(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(hours=-2), "in 2 hours"),
        (timedelta(hours=25), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=-1, hours=-1), "tomorrow"),
        (timedelta(days=-9), "in 9 days"),
    ],
)
def test_how_long_ago(gap: timedelta, said: str) -> None:
    assert words.ago(NOW - gap, NOW) == said


def test_days_ago() -> None:
    assert [words.ago(date(2026, 11, day), NOW) for day in (22, 23, 24, 30)] == [
        "yesterday",
        "today",
        "tomorrow",
        "in 7 days",
    ]


@pytest.mark.parametrize(
    ("count", "nouns", "said"),
    [
        (0, ("day",), "0 days"),
        (1, ("day",), "1 day"),
        (1200, ("day",), "1,200 days"),
        (2, ("enquiry", "enquiries"), "2 enquiries"),
    ],
)
def test_counts(count: int, nouns: tuple[str, ...], said: str) -> None:
    assert words.plural(count, *nouns) == said


@given(st.text(max_size=40) | st.text(alphabet="'\"\\\n\u200b\u202e{}", max_size=12))
def test_a_text_in_a_program_that_is_shown_is_that_text(text: str) -> None:
    written = words.python_text(text)
    assert ast.literal_eval(written) == text
    assert "\n" not in written
    assert written.isprintable()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        (None, ""),
        ("one", "<p>one</p>"),
        ("one\ntwo\r\n\r\n\r\nthree\n", "<p>one<br>two</p><p>three</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a & b\n \nc", "<p>a &amp; b</p><p>c</p>"),
    ],
)
def test_typed_text_as_paragraphs(typed: str | None, shown: str) -> None:
    assert words.lines(typed) == shown


def test_a_meaning_without_a_colour_is_a_mistake() -> None:
    assert words.tag_colour("bad") == "red"
    with pytest.raises(KeyError):
        words.tag_colour("rde")


@pytest.mark.parametrize(
    ("cell", "breaks"),
    [
        ("Elm House", " sp-short"),
        ({"text": "2026-014", "href": "/x"}, " sp-short"),
        ("x" * 30, " sp-long"),
        ("A text of several words that needs some room", " sp-prose"),
        ("x" * 50, " sp-long sp-prose"),
        (12, " sp-short"),
        (None, ""),
        (Markup("<b>x</b>"), ""),
    ],
)
def test_how_a_cell_may_break(cell: Any, breaks: str) -> None:
    assert words.width_class(cell) == breaks


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 7), ("0", 0), ("12", 12), ("99999", 99_999), ("100000", 7), ("-1", 7), ("1.5", 7), ("٣", 7), ("9" * 5000, 7)],
)
def test_a_number_in_an_address_is_read_or_left(text: str, number: int) -> None:
    assert words.number_asked(text, 7) == number


def test_how_long_a_number_may_be_is_said() -> None:
    assert words.number_asked("123456789", 0, digits=9) == 123_456_789
    assert words.number_asked("1234567890", 0, digits=9) == 0
