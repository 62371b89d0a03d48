"""Texts that somebody wrote badly or on purpose: no marked word leaves, and nothing else is lost on the way."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.typed import as_written
from saferpractice.home.rules.gathered import (
    REMOVED,
    Gathered,
    GatheredRecord,
    Part,
    answer_by,
    around,
    marks_in,
    questions,
    without,
)
from saferpractice.trail.rules import NAME_WITHHELD

pytestmark = pytest.mark.requirement("R34")

STAFF = ("Lark Penrose", "Wren Ashdown")
ODD = [
    "\u200b", "\u202e", "\u00a0", "é", "e\u0301", "ß", "İ", "🙂", "¶", "\n¶\n", "\0", "[removed]", "<b>", "{{", "\\1",
    "$&",
]  # fmt: skip
WORDS = st.sampled_from([*STAFF, "PENROSE", "penrose", "WREN", "Maud", "P-1042", "came", "to", ".", "\n", *ODD])
TEXTS = st.lists(st.lists(WORDS, max_size=10).map(" ".join), min_size=1, max_size=4)


def gathered(*texts: str, known: tuple[str, ...] = STAFF, is_name: bool = False) -> Gathered:
    parts = [Part("What happened", text, is_name) for text in texts]
    records = tuple(GatheredRecord(f"record-{number}", "Report", (part,)) for number, part in enumerate(parts))
    return Gathered("P-1042", "Maud Ellery", known, records)


def left(content: Gathered, added: tuple[str, ...] = (), kept: frozenset[str] = frozenset()) -> list[str]:
    return [one.parts[0].text for one in without(content, marks_in(content, added), kept).records]


@given(TEXTS)
def test_no_name_of_staff_leaves_whatever_stands_around_it(texts: list[str]) -> None:
    for text in left(gathered(*texts)):
        assert not {"lark", "penrose", "wren", "ashdown"} & set(text.casefold().split())


@given(TEXTS)
def test_each_mark_lies_in_its_text_and_none_in_another(texts: list[str]) -> None:
    content = gathered(*texts)
    marks, last = marks_in(content), ("", 0)
    for mark in marks:
        text = content.records[int(mark.record.removeprefix("record-"))].parts[mark.part].text
        assert 0 <= mark.start < mark.end <= len(text)
        assert text[mark.start : mark.end] == mark.text
        if last[0] == mark.record:
            assert last[1] <= mark.start, "none overlaps another"
        last = mark.record, mark.end
    assert len({mark.key for mark in marks}) == len(marks)


@given(TEXTS)
def test_what_is_kept_everywhere_is_every_text_as_it_was(texts: list[str]) -> None:
    content = gathered(*texts)
    assert left(content, kept=frozenset(mark.key for mark in marks_in(content))) == texts


@given(TEXTS, st.lists(WORDS, min_size=1, max_size=2).map(" ".join))
def test_added_words_leave_nowhere(texts: list[str], words: str) -> None:
    """Whatever signs are in them: they are words to look for, and no pattern."""
    content = gathered(*texts)
    added = marks_in(content, (words,))
    rest = [piece for text in left(content, (words,)) for piece in text.split(REMOVED)]
    wanted = as_written(words).casefold().split()
    if not wanted or {*wanted} <= {"maud", "p-1042"} or "[removed]" in wanted:
        return  # the person's own, and what stands where something was taken out
    for text in rest:
        found = text.casefold().split()
        assert not any(found[at : at + len(wanted)] == wanted for at in range(len(found)))
    assert {(mark.record, mark.start) for mark in marks_in(content)} <= {
        (mark.record, at) for mark in added for at in range(mark.start, mark.end)
    }, "more words to take out never mark less"


@given(TEXTS)
def test_every_mark_is_asked_about_once(texts: list[str]) -> None:
    content = gathered(*texts)
    marks = marks_in(content)
    asked = questions(content, marks)
    assert sorted(mark.key for one in asked for mark in one.marks) == sorted(mark.key for mark in marks)
    assert len({one.key for one in asked}) == len(asked)
    for one in asked:
        (mark,) = one.marks
        text = content.records[int(mark.record.removeprefix("record-"))].parts[0].text
        assert one.before.removeprefix("… ") + mark.text + one.after.removesuffix(" …") in text
        assert (one.before, one.after) == around(Part("", text), mark)


@given(TEXTS)
def test_it_is_kept_and_read_back_as_it_was(texts: list[str]) -> None:
    content = gathered(*texts)
    assert Gathered.read(json.loads(json.dumps(content.plain(), ensure_ascii=False))) == content


@given(st.lists(st.sampled_from(["Somebody Unknown", "SOMEBODY  unknown", "Maud Ellery", NAME_WITHHELD, " ", "J."])))
def test_what_is_a_name_by_itself_is_marked_whole_but_ones_own(texts: list[str]) -> None:
    content = gathered(*texts, is_name=True)
    expected = [text for text in texts if text.strip() and text not in ("Maud Ellery", NAME_WITHHELD)]
    assert [mark.text for mark in marks_in(content)] == expected
    same = {" ".join(text.casefold().split()) for text in expected}
    assert len(questions(content, marks_in(content))) == len(same), "one question for each name"


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("Lark\u00a0Penrose came.", f"{REMOVED} came."),
        ("Lark\nPenrose came.", f"{REMOVED} came."),
        ("(Lark Penrose)", f"({REMOVED})"),
        ("Lark Penrose’s car", f"{REMOVED}’s car"),
        ("“Wren”, she said", f"“{REMOVED}”, she said"),
        ("Wren/Lark", REMOVED),
        ("a" * 5000 + " Wren " + "b" * 5000, "a" * 5000 + f" {REMOVED} " + "b" * 5000),
        ("🙂🙂 Wren 🙂", f"🙂🙂 {REMOVED} 🙂"),
    ],
    ids=["hard space", "line end", "brackets", "possessive", "quotes", "slash", "long", "emoji"],
)
def test_how_a_name_is_written_does_not_save_it(text: str, leaves: str) -> None:
    assert left(gathered(text)) == [leaves]


@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)))
def test_an_answer_is_due_within_a_calendar_month_and_never_sooner_than_four_weeks(asked: date) -> None:
    last = answer_by(asked)
    assert timedelta(28) <= last - asked <= timedelta(31)
    assert (last.year * 12 + last.month) - (asked.year * 12 + asked.month) == 1
    assert last.day == asked.day or (last + timedelta(1)).day == 1
    assert answer_by(asked + timedelta(1)) >= last, "who asks later is not answered sooner"
