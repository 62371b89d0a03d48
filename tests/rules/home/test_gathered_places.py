"""Whatever is gathered for somebody: every place that tells of another is asked about once, and goes or stays whole."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.home.rules.gathered import (
    AROUND,
    REMOVED,
    Gathered,
    GatheredRecord,
    Mark,
    Part,
    answer_by,
    around,
    marks_in,
    questions,
    without,
)
from saferpractice.trail.rules import NAME_WITHHELD

pytestmark = pytest.mark.requirement("R34")
OWN, REFERENCE = "Maud Ellery", "P-1042"
OTHERS = ("Lark Penrose", "Wren Ashdown", "Tom Ellery", "P-9", "Siân O'Brien-Smith")
WORDS = [*OTHERS, OWN, REFERENCE, "Wren", "PENROSE", "Ellery", "Maud", "O’Brien", "rang", "her", "01632 960123", "\n",
         "¶", "[removed]", "Mrs Abernathy", "sp\u200bace", "💙", ""]  # fmt: skip

TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
PARTS = st.builds(Part, st.sampled_from(["By", "Why"]), TEXTS | st.just(NAME_WITHHELD), st.booleans())


@st.composite
def gatherings(draw: st.DrawFn) -> Gathered:
    """Records of a few parts, some of them somebody's whole name."""
    kinds = draw(st.lists(st.sampled_from(["Incident", "Trail entry", "Look"]), max_size=4))
    records = tuple(
        GatheredRecord(f"record-{number}", kind, tuple(draw(st.lists(PARTS, max_size=3))))
        for number, kind in enumerate(kinds)
    )
    return Gathered(REFERENCE, draw(st.sampled_from([OWN, ""])), draw(st.permutations(OTHERS).map(tuple)), records)


ADDED = st.lists(st.sampled_from(["rang", "HER", "ang he", "(", " ", "¶", "wren ashdown"]), max_size=3)


def texts(content: Gathered) -> dict[tuple[str, int], str]:
    return {(one.key, place): part.text for one in content.records for place, part in enumerate(one.parts)}


@given(gatherings(), ADDED)
def test_each_place_is_what_it_says_where_it_says_and_no_two_overlap(content: Gathered, added: list[str]) -> None:
    written, marks = texts(content), marks_in(content, added)
    assert all(written[one.record, one.part][one.start : one.end] == one.text != "" for one in marks)
    assert len({one.key for one in marks}) == len(marks)
    for first, second in pairwise(marks):
        if (first.record, first.part) == (second.record, second.part):
            assert first.end <= second.start


@given(gatherings(), ADDED)
def test_each_place_is_asked_about_once(content: Gathered, added: list[str]) -> None:
    marks = marks_in(content, added)
    asked = questions(content, marks)
    assert sorted(mark.key for one in asked for mark in one.marks) == sorted(mark.key for mark in marks)
    assert len({one.key for one in asked}) == len(asked)
    written = texts(content)
    for one in asked:
        if len(one.marks) == 1 and one.before + one.after:
            (mark,) = one.marks
            whole = written[mark.record, mark.part]
            assert f"{one.before}{mark.text}{one.after}".replace("… ", "").replace(" …", "") in whole + " …"


@given(gatherings(), ADDED)
def test_taken_out_nothing_of_another_is_left_and_all_else_stays(content: Gathered, added: list[str]) -> None:
    marks = marks_in(content, added)
    left = without(content, marks, set())
    assert left.known == ()
    for (record, place), text in texts(content).items():
        here = [one for one in marks if (one.record, one.part) == (record, place)]
        out = texts(left)[record, place]
        starts, ends = [one.start for one in here], [one.end for one in here]
        rest = [text[at:until] for at, until in zip([0, *ends], [*starts, len(text)], strict=True)]
        assert out == REMOVED.join(rest)
        for name in ("Penrose", "Ashdown", "Abernathy", "960123"):
            assert name.casefold() not in out.casefold()
    assert {one.key for one in left.records} == {one.key for one in content.records}


@given(gatherings(), st.data())
def test_what_is_kept_is_kept_there_and_nowhere_else(content: Gathered, data: st.DataObject) -> None:
    marks = marks_in(content)
    kept = data.draw(st.sets(st.sampled_from([one.key for one in marks]))) if marks else set()
    out = texts(without(content, marks, kept))
    everything = texts(without(content, marks, {one.key for one in marks}))
    assert everything == texts(content)
    for place, text in texts(content).items():
        here = [one for one in marks if (one.record, one.part) == place]
        rebuilt, at = "", 0
        for one in here:
            rebuilt += text[at : one.start] + (one.text if one.key in kept else REMOVED)
            at = one.end
        assert out[place] == rebuilt + text[at:]


@given(gatherings())
def test_it_is_kept_as_data_and_read_back_the_same(content: Gathered) -> None:
    assert Gathered.read(json.loads(json.dumps(content.plain()))) == content


@given(gatherings(), ADDED, st.sampled_from(["Tibor Lindqvist", "KX-77"]))
def test_knowing_more_or_adding_words_takes_nothing_back(content: Gathered, added: list[str], more: str) -> None:
    def covered(one: Gathered, words: list[str]) -> set[tuple[str, int, int]]:
        return {(mark.record, mark.part, at) for mark in marks_in(one, words) for at in range(mark.start, mark.end)}

    wider = Gathered(content.reference, content.name, (*content.known, more), content.records)
    assert covered(content, []) <= covered(content, added)
    assert covered(content, added) <= covered(wider, added)


@given(st.text(max_size=200), st.integers(0, 200), st.integers(0, 200))
def test_around_a_place_a_little_is_shown_and_it_fits_the_text(text: str, one: int, two: int) -> None:
    start, end = sorted((min(one, len(text)), min(two, len(text))))
    before, after = around(Part("Why", text), Mark("a", 0, start, end, text[start:end], "name"))
    assert len(before) <= AROUND + 2
    assert len(after) <= AROUND + 2
    assert text[:start].endswith(before.removeprefix("… ") if start > AROUND else before)
    assert text[end:].startswith(after.removesuffix(" …") if len(text) - end > AROUND else after)


@given(st.dates(date(2000, 1, 1), date(2099, 11, 30)))
def test_a_month_is_never_shorter_than_february_nor_longer_than_31_days(asked: date) -> None:
    last = answer_by(asked)
    assert timedelta(days=28) <= last - asked <= timedelta(days=31)
    assert last.day <= asked.day
    assert answer_by(asked + timedelta(days=1)) >= last
