"""Which places in somebody's records may tell of somebody else, and the records without them."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.home.rules.gathered import (
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

STAFF = ("Lark Penrose", "Wren Ashdown")


def gathered(*texts: str, name: str = "Maud Ellery", known: tuple[str, ...] = STAFF) -> Gathered:
    records = tuple(
        GatheredRecord(f"record-{number}", "Report", (Part("What happened", text),))
        for number, text in enumerate(texts)
    )
    return Gathered("P-1042", name, known, records)


def marked(*texts: str, added: tuple[str, ...] = (), **about: object) -> list[str]:
    return [mark.text for mark in marks_in(gathered(*texts, **about), added)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lark Penrose called.", ["Lark Penrose"]),
        ("PENROSE called; Wren was there.", ["PENROSE", "Wren"]),
        ("Maud was at home. P-1042 is her reference.", []),
        ("Maud Ellery said so.", []),
        ("Her brother, Mr Tom Ellery, called.", ["Mr Tom Ellery"]),
        ("Ring 01632 960123.", ["01632 960123"]),
        ("Nothing happened.", []),
        ("", []),
        (f"{NAME_WITHHELD} reported it.", []),
    ],
)
def test_what_is_marked(text: str, found: list[str]) -> None:
    assert marked(text) == found


def test_a_name_that_the_person_shares_with_somebody_is_asked_about() -> None:
    assert marked("Ellery was on duty.", known=("Tom Ellery",)) == ["Ellery"]
    assert marked("Ellery was at home.") == []


def test_no_name_goes_on_from_one_text_into_the_next() -> None:
    found = marks_in(gathered("He spoke to Lark", "Penrose was late"))
    assert [(mark.record, mark.start, mark.end) for mark in found] == [("record-0", 12, 16), ("record-1", 0, 7)]


def test_each_mark_is_where_it_says() -> None:
    content = gathered("a", "Wren Ashdown saw Wren.", "", "then Lark Penrose", "x" * 500, "Penrose")
    texts = {record.key: record.parts[0].text for record in content.records}
    marks = marks_in(content)
    assert [mark.text for mark in marks] == ["Wren Ashdown", "Wren", "Lark Penrose", "Penrose"]
    assert all(texts[mark.record][mark.start : mark.end] == mark.text for mark in marks)


class TestNamesThatStandByThemselves:
    CONTENT = Gathered(
        "P-1042",
        "",
        STAFF,
        (
            GatheredRecord("a", "Triage record", (Part("Decided by", "Somebody Unknown", True), Part("Why", "Wren."))),
            GatheredRecord(
                "b", "Trail entry", (Part("By", "somebody  unknown", True), Part("By", NAME_WITHHELD, True))
            ),
        ),
    )

    def test_are_marked_whole_whatever_they_are(self) -> None:
        assert [mark.text for mark in marks_in(self.CONTENT)] == ["Somebody Unknown", "Wren", "somebody  unknown"]

    def test_are_asked_about_once_with_where_they_stand(self) -> None:
        first, second = questions(self.CONTENT, marks_in(self.CONTENT))
        assert [mark.record for mark in first.marks] == ["a", "b"]
        assert first.where == "Trail entry (1), Triage record (1)"
        assert (second.before, second.marks[0].text, second.after) == ("", "Wren", ".")
        assert second.where == "Triage record, why"


class TestAddedWords:
    def test_are_marked_wherever_they_stand_in_whatever_case(self) -> None:
        assert marked("The postman. POSTMAN! postman", added=("Postman",)) == ["postman", "POSTMAN", "postman"]

    def test_are_found_over_line_ends_and_beside_letters_that_grow(self) -> None:
        assert marked("ß İ: the  old\npostman (x)", added=("The old Postman", "(x)")) == ["the  old\npostman", "(x)"]

    def test_join_what_is_marked_already(self) -> None:
        assert marked("Nurse Lark Penrose spoke.", added=("nurse lark",)) == ["Nurse Lark Penrose"]

    def test_nothing_is_marked_by_no_words(self) -> None:
        assert marked("Nothing.", added=("",)) == []


class TestTakenOut:
    CONTENT = gathered("Lark Penrose and Wren met. Lark left.", "Wren stayed.")
    MARKS = marks_in(CONTENT)

    def texts(self, kept: set[str]) -> list[str]:
        return [record.parts[0].text for record in without(self.CONTENT, self.MARKS, kept).records]

    def test_is_every_place_that_is_not_kept(self) -> None:
        assert self.texts(set()) == [f"{REMOVED} and {REMOVED} met. {REMOVED} left.", f"{REMOVED} stayed."]

    def test_a_place_kept_is_that_place_only(self) -> None:
        (first,) = [mark.key for mark in self.MARKS if mark.record == "record-0" and mark.text == "Wren"]
        assert self.texts({first}) == [f"{REMOVED} and Wren met. {REMOVED} left.", f"{REMOVED} stayed."]

    def test_a_decision_about_other_words_at_the_place_does_not_count(self) -> None:
        mark = self.MARKS[0]
        other = Mark(mark.record, mark.part, mark.start, mark.end, "Other words!", mark.kind)
        assert other.key != mark.key
        assert "Lark" not in self.texts({other.key})[0]

    def test_no_list_of_names_leaves_with_it(self) -> None:
        assert without(self.CONTENT, self.MARKS, set()).known == ()

    @given(st.data())
    def test_whatever_is_decided_no_marked_word_stays_that_was_not_kept(self, data: st.DataObject) -> None:
        words = st.sampled_from([*STAFF, "Penrose", "Wren", "Maud", "walked", "to", "the", ".", "\n", "é", "𝒳", "ß"])
        texts = data.draw(st.lists(st.lists(words, max_size=8).map(" ".join), min_size=1, max_size=4))
        content = gathered(*texts)
        marks = marks_in(content)
        kept = set(data.draw(st.lists(st.sampled_from([mark.key for mark in marks]), unique=True))) if marks else set()
        left = [record.parts[0].text for record in without(content, marks, kept).records]
        assert sum(text.count(REMOVED) for text in left) == len(marks) - len(kept)
        for number, text in enumerate(left):
            own = [mark for mark in marks if mark.record == f"record-{number}"]
            rest = texts[number]
            for mark in reversed(own):
                rest = rest[: mark.start] + (mark.text if mark.key in kept else REMOVED) + rest[mark.end :]
            assert text == rest


def test_what_was_gathered_reads_back() -> None:
    content = TestNamesThatStandByThemselves.CONTENT
    assert Gathered.read(json.loads(json.dumps(content.plain()))) == content


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a", "b", ("a", "b")),
        ("x" * 61, "y" * 61, ("… " + "x" * 60, "y" * 60 + " …")),
        ("x" * 60, "y" * 60, ("x" * 60, "y" * 60)),
    ],
)
def test_what_is_shown_around_a_place(before: str, after: str, shown: tuple[str, str]) -> None:
    part = Part("What", f"{before}Wren{after}")
    assert around(part, Mark("a", 0, len(before), len(before) + 4, "Wren", "name")) == shown


@pytest.mark.parametrize(
    ("asked", "last"),
    [
        (date(2026, 3, 4), date(2026, 4, 4)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 12, 15), date(2027, 1, 15)),
        (date(2026, 11, 30), date(2026, 12, 30)),
        (date(2026, 5, 31), date(2026, 6, 30)),
    ],
)
def test_an_answer_is_due_a_month_later(asked: date, last: date) -> None:
    assert answer_by(asked) == last
