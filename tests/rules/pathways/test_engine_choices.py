"""Where several records or obligations could be meant, which one the engine takes."""

from __future__ import annotations

import pytest

from saferpractice.pathways.rules.timeline import Record
from tests.rules.pathways.cases import LIBRARY, NOTE, hours, owed_for, record, small, state_of

pytestmark = pytest.mark.requirement("R18", "R22", "R30")
ANSWERED = {"id": "answer", "when": {"records": {"record": "sign"}}, "again": "every time"}
SIMPLE = small(ANSWERED)


def answer(key: str, happened: float, *, written: float | None = None, said: str = "Seen.", **more: object) -> Record:
    return record(key, "answer", happened, written=written, said=said, **more)


def met_by(*records: Record, at: float = 99) -> list[tuple[str | None, float | None]]:
    found = owed_for(state_of(SIMPLE, *records, at=at), "answer")
    return [
        (each.met_by, None if each.met_at is None else (each.met_at - hours(0)).total_seconds() / 3600)
        for each in found
    ]


class TestWhatMetIt:
    @pytest.mark.parametrize(
        ("written", "winner"),
        [
            ((10, 20, 30), "a"),
            ((30, 20, 25), "b"),
            ((40, 30, 20), "c"),
            ((40, 20, 30), "b"),
            # Known at one moment: the one that happened first.
            ((20, 20, 20), "a"),
            ((30, 20, 20), "b"),
        ],
    )
    def test_is_the_first_known_of_several(self, written: tuple[int, int, int], winner: str) -> None:
        answers = [answer(key, 4 + place, written=written[place]) for place, key in enumerate("abc")]
        assert met_by(record("s", "sign", 0), *answers) == [(winner, min(written))]

    def test_of_two_in_turn_each_has_its_own(self) -> None:
        found = met_by(record("s", "sign", 0), answer("a", 1), record("t", "sign", 5), answer("b", 6), answer("c", 7))
        assert found == [("a", 1), ("b", 6)]

    def test_the_last_answer_is_not_the_first(self) -> None:
        found = met_by(record("s", "sign", 0), answer("a", 1), record("t", "sign", 5), answer("b", 6))
        assert found == [("a", 1), ("b", 6)]

    def test_where_the_record_that_asked_could_answer_it_is_the_first_known_of_the_others(self) -> None:
        itself = small({**ANSWERED, "again": "once", "when": {"records": {"record": "answer"}}})
        records = [
            answer("asks", 1),
            answer("b", 2, written=30),
            answer("c", 3, written=20),
            answer("d", 4, written=40),
        ]
        (found,) = owed_for(state_of(itself, *records, at=50), "answer")
        assert (found.because, found.met_by) == (("asks",), "c")

    def test_for_each_record_it_is_the_first_known_about_it(self) -> None:
        each = small({**ANSWERED, "again": "for each record", "met_by": [{"record": "answer", "about": "sign"}]})
        records = [
            record("s", "sign", 0),
            answer("late", 2, written=30, sign="s"),
            answer("other", 3, sign="t"),
            answer("first", 4, sign="s"),
        ]
        (found,) = owed_for(state_of(each, *records, at=50), "answer")
        assert (found.met_by, found.met_at) == ("first", hours(4))

    def test_what_happened_before_it_was_asked_is_no_answer(self) -> None:
        assert met_by(answer("early", 1, written=9), record("s", "sign", 2)) == [(None, None)]

    @pytest.mark.parametrize("also", [1, 2, 3])
    def test_a_review_of_one_moment_is_one_review(self, also: int) -> None:
        """Other notes of the moment at which it was met do not at once meet the next."""
        weekly = small(
            {
                **ANSWERED,
                "again": "once",
                "repeats": {"every": "1 week", "until": {"level_fallen": {"record": "answer", "field": "level"}}},
            }
        )
        # the newest of one moment is the one known first, so the others stand before it
        notes = [answer(f"n{number}", 5, written=30 + number) for number in range(also)]
        first = answer("first", 5, written=34 + also)
        found = owed_for(state_of(weekly, record("s", "sign", 0), *notes, first, at=99), "answer")
        assert found[0].met_by == "n0"
        assert len({each.met_by for each in found}) == len(found), "no note meets two"

    def test_reasons_that_join_are_named_once(self) -> None:
        missed = [record(f"m{number}", "missed-contact", 10 * number, what="no-reply") for number in range(3)]
        (found,) = owed_for(state_of(LIBRARY["lost-contact"], *missed, at=25), "tell-leadership")
        assert found.because == ("m0", "m1", "m2")


class TestWhatItStillLacks:
    def test_is_said_of_the_newest_attempt(self) -> None:
        note = {**NOTE, "actions-taken": "", "partner-contacts": ""}
        records = [
            *(record(f"m{number}", "missed-contact", number, what="no-reply") for number in range(2)),
            record("old", "escalation-note", 3, values=note),
            record("new", "escalation-note", 4, values={**note, "actions-taken": "Two visits."}),
        ]
        (found,) = owed_for(state_of(LIBRARY["lost-contact"], *records, at=9), "tell-leadership")
        assert (found.attempt, found.lacking) == ("new", ("Partner contacts",))

    def test_an_attempt_before_it_was_asked_is_none(self) -> None:
        (found,) = owed_for(state_of(SIMPLE, answer("a", 1, said=""), record("s", "sign", 2), at=9), "answer")
        assert (found.attempt, found.lacking) == (None, ())

    def test_nor_is_the_record_that_asked(self) -> None:
        itself = small({**ANSWERED, "when": {"records": {"record": "answer"}}})
        (found,) = owed_for(state_of(itself, answer("a", 1, said=""), at=9), "answer")
        assert (found.attempt, found.lacking) == (None, ())


class TestOrder:
    def test_what_is_due_soonest_comes_first_whatever_the_definition_says(self) -> None:
        both = small(
            {**ANSWERED, "id": "slow", "title": "Slow", "within": "5 days"},
            {**ANSWERED, "id": "quick", "title": "Quick", "within": "1 hour"},
        )
        state = state_of(both, record("s", "sign", 0), at=0.5)
        assert [each.obligation.id for each in state.owed] == ["quick", "slow"]
        assert state.next_step.startswith("Quick.")
