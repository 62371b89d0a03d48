"""The engine, mode by mode, on a small definition and on cases told as they happen."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from saferpractice.deadlines.rules import ENGLAND, OutOfHours, late_from
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.timeline import Record
from saferpractice.pathways.rules.values import local_values
from tests.rules.pathways.cases import (
    MONDAY,
    hours,
    owed_for,
    record,
    small,
    standing_of,
    state_of,
    ticks,
)

pytestmark = pytest.mark.requirement("R18")
SIGN = {"id": "o", "when": {"records": {"record": "sign"}}}
END_OF_MONDAY = datetime(2026, 3, 3, 0, 0, tzinfo=UTC)


def sign(key: str, happened: float, **more: Any) -> Record:
    return record(key, "sign", happened, **more)


def answer(key: str, happened: float, *, said: str = "Something was said.", **more: Any) -> Record:
    return record(key, "answer", happened, said=said, **more)


def standing(definition: Definition, *records: Record, at: float = 100) -> list[str]:
    return standing_of(state_of(definition, *records, at=at)).get("o", [])


class TestOwed:
    def test_nothing_before_anything_happened(self) -> None:
        state = state_of(small(SIGN), at=1)
        assert state.owed == ()
        assert state.next_step == "An answer."

    def test_from_when_it_is_known_not_from_when_it_happened(self) -> None:
        [owed] = state_of(small(SIGN), sign("s", 0, written=30), at=31).owed
        assert owed.opened_at == hours(30)
        assert owed.due_at == datetime(2026, 3, 4, 0, 0, tzinfo=UTC)
        assert owed.because == ("s",)

    def test_not_before_it_was_written(self) -> None:
        assert state_of(small(SIGN), sign("s", 0, written=30), at=29).owed == ()

    def test_met_by_a_record_since(self) -> None:
        [owed] = state_of(small(SIGN), sign("s", 0), answer("a", 2, written=5), at=9).owed
        assert (owed.met_by, owed.met_at, owed.done_at) == ("a", hours(5), hours(2))

    def test_what_happened_before_does_not_count(self) -> None:
        assert standing(small(SIGN), sign("s", 3), answer("a", 2, written=9), at=9) == ["due_today"]

    def test_at_the_very_moment_counts(self) -> None:
        assert standing(small(SIGN), sign("s", 3), answer("a", 3), at=9) == ["met"]

    def test_one_written_before_the_sign_was_meets_it_at_once(self) -> None:
        [owed] = state_of(small(SIGN), sign("s", 0, written=6), answer("a", 2), at=9).owed
        assert owed.met_at == owed.opened_at == hours(6)

    def test_two_of_one_moment_do_not_answer_each_other(self) -> None:
        definition = small({**SIGN, "again": "every time", "met_by": [{"record": "sign"}]})
        for order in ((1, 2), (2, 1)):
            records = [sign("s", 0, written=order[0]), sign("t", 0, written=order[1])]
            assert len(state_of(definition, *records, at=3).open) == 1

    def test_an_incomplete_one_does_not_count_and_says_what_lacks(self) -> None:
        state = state_of(small(SIGN), sign("s", 0), answer("a", 2, said="  "), at=9)
        [owed] = state.owed
        assert (owed.attempt, owed.lacking) == ("a", ("Said",))
        assert "does not count yet: Said is still empty" in state.next_step
        assert state.lacking == {"a": ("Said",)}

    def test_before_anybody_tried_nothing_is_said_to_lack(self) -> None:
        assert state_of(small(SIGN), sign("s", 0), at=9).next_step == "Answer. Due by the end of today."

    def test_it_counts_from_when_it_was_completed(self) -> None:
        done = [sign("s", 0), answer("a", 2, said=""), answer("b", 2, written=7, corrects="a")]
        assert state_of(small(SIGN), *done, at=9).owed[0].met_at == hours(7)

    def test_it_counts_from_when_it_passed_the_test(self) -> None:
        definition = small({**SIGN, "met_by": [{"record": "answer", "with": [{"field": "level", "is": "low"}]}]})
        records = [sign("s", 0), answer("a", 1, level="high"), answer("x", 1, written=3, corrects="a", level="low")]
        [owed] = state_of(definition, *records, at=9).owed
        assert (owed.met_by, owed.met_at) == ("a", hours(3))

    def test_an_incomplete_one_of_the_very_moment_is_an_attempt(self) -> None:
        [owed] = state_of(small(SIGN), sign("s", 0), answer("a", 0, said=""), at=1).owed
        assert (owed.attempt, owed.lacking) == ("a", ("Said",))

    def test_a_correction_elsewhere_in_it_changes_nothing(self) -> None:
        done = [sign("s", 0), answer("a", 2), answer("b", 2, written=70, corrects="a", level="low")]
        assert state_of(small(SIGN), *done, at=90).owed[0].met_at == hours(2)

    def test_tests_of_the_answer(self) -> None:
        definition = small({**SIGN, "met_by": [{"record": "answer", "with": [{"field": "level", "is": "high"}]}]})
        state = state_of(definition, sign("s", 0), answer("a", 1, level="low"), at=2)
        assert state.owed[0].lacking == ("Level",)
        assert standing(definition, sign("s", 0), answer("a", 1, level="low"), answer("b", 2, level="high"), at=3) == [
            "met"
        ]

    def test_either_of_two_kinds(self) -> None:
        definition = small({**SIGN, "met_by": [{"record": "checklist"}, {"record": "answer"}]})
        assert standing(definition, sign("s", 0), ticks("c", 1)) == ["met"]
        assert standing(definition, sign("s", 0), answer("a", 1)) == ["met"]

    @pytest.mark.parametrize(
        ("ticked", "answered", "met_by"),
        [
            pytest.param(1, 2, "c", id="the first way"),
            pytest.param(2, 1, "a", id="the second way"),
            pytest.param(2, 2, "c", id="written at one moment, the one that stands first"),
        ],
    )
    def test_of_two_kinds_the_first_to_be_known_meets_it(self, ticked: float, answered: float, met_by: str) -> None:
        definition = small({**SIGN, "met_by": [{"record": "checklist"}, {"record": "answer"}]})
        records = [sign("s", 0), ticks("c", 0.5, written=ticked), answer("a", 0.8, written=answered)]
        for written in (records, records[::-1]):
            assert [owed.met_by for owed in state_of(definition, *written, at=9).owed] == [met_by]

    @pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
    def test_the_first_to_be_known_meets_it(self, first: str, second: str) -> None:
        records = [sign("s", 0), answer(first, 5, written=6), answer(second, 2, written=8)]
        assert state_of(small(SIGN), *records, at=9).owed[0].met_by == first

    def test_late_and_done_in_time_but_written_late(self) -> None:
        state = state_of(small(SIGN), sign("s", 0), answer("a", 10, written=30), at=31)
        [owed] = state.owed
        assert owed.state(state.at).value == "met_late"
        assert owed.was_written_late
        assert "It was done in time, on Monday 2 March 2026, 7pm, and written down late." in owed.sentence(state.at)
        assert not state_of(small(SIGN), sign("s", 0), answer("a", 29, written=30), at=31).owed[0].was_written_late

    @pytest.mark.parametrize(
        ("done", "written", "late", "written_late"),
        [
            pytest.param(2, 4, False, False, id="written at the very moment it is due"),
            pytest.param(4, 5, True, True, id="done at that moment and written after it"),
            pytest.param(4.5, 5, True, False, id="done after it"),
        ],
    )
    def test_in_time_is_up_to_the_moment_it_is_due(
        self, done: float, written: float, late: bool, written_late: bool
    ) -> None:
        answered = answer("a", done, written=written)
        [owed] = state_of(small({**SIGN, "within": "4 hours"}), sign("s", 0), answered, at=9).owed
        assert (owed.was_late, owed.was_written_late) == (late, written_late)
        assert ("It was done in time" in owed.sentence(hours(9))) is written_late

    def test_a_day_between_happening_and_writing_is_shown(self) -> None:
        state = state_of(small(SIGN), sign("s", 0, written=24), sign("t", 0, written=25), at=30)
        assert state.written_late == {"t": timedelta(hours=25)}


class TestAgain:
    RECORDS = (sign("s", 0), answer("a", 1), sign("t", 2))

    @pytest.mark.parametrize(("again", "found"), [("once", ["met"]), ("every time", ["met", "due_today"])])
    def test_once_or_every_time(self, again: str, found: list[str]) -> None:
        assert standing(small({**SIGN, "again": again}), *self.RECORDS, at=3) == found

    def test_a_second_reason_joins_what_is_open(self) -> None:
        [owed] = state_of(small({**SIGN, "again": "every time"}), sign("s", 0), sign("t", 30), at=31).owed
        assert owed.because == ("s", "t")
        assert (owed.opened_at, owed.due_at) == (MONDAY, END_OF_MONDAY)

    def test_one_that_was_known_sooner_brings_its_moment(self) -> None:
        [owed] = state_of(small({**SIGN, "again": "every time"}), sign("s", 0, written=50), sign("t", 2), at=51).owed
        assert owed.opened_at == hours(2)
        assert owed.due_at == END_OF_MONDAY

    @pytest.mark.parametrize("again", ["once", "every time"])
    def test_one_written_late_that_happened_before_gives_no_more_time(self, again: str) -> None:
        """It was owed because of the second, and it stays so, from when that was known."""
        definition = small({"id": "o", "when": {"indicators": {"at_least": 1}}, "again": again})
        [before] = state_of(definition, ticks("2", 2, "a"), at=3).owed
        [after] = state_of(definition, ticks("2", 2, "a"), ticks("1", 1, "a", written=50), at=51).owed
        assert (after.because, after.opened_at, after.due_at) == (("1", "2"), hours(2), before.due_at)

    def test_one_that_was_known_no_sooner_is_no_further_reason_of_what_is_owed_once(self) -> None:
        definition = small({"id": "o", "when": {"indicators": {"at_least": 1}}})
        [owed] = state_of(definition, ticks("1", 1, "a", written=4), ticks("2", 2, "a", written=4), at=5).owed
        assert owed.because == ("1",)

    def test_what_was_known_sooner_but_after_the_answer_gives_no_other_moment(self) -> None:
        definition = small({"id": "o", "when": {"indicators": {"at_least": 1}}})
        records = [ticks("1", 1, "a", written=50), answer("a", 2), ticks("3", 3, "a")]
        [owed] = state_of(definition, *records, at=51).owed
        assert (owed.because, owed.opened_at, owed.met_by) == (("1",), hours(50), "a")

    def test_reasons_before_the_answer_are_answered_and_the_next_is_not(self) -> None:
        records = [sign("s", 0), sign("t", 1), answer("a", 2), sign("u", 3)]
        state = state_of(small({**SIGN, "again": "every time"}), *records, at=4)
        assert [(each.because, each.met_by) for each in state.owed] == [(("s", "t"), "a"), (("u",), None)]

    @pytest.mark.parametrize("again", ["once", "every time"])
    def test_a_condition_that_stays_true_is_one_reason(self, again: str) -> None:
        """What is known first of any is the reason; the other adds nothing."""
        either = [{"records": {"record": "sign"}}, {"records": {"record": "checklist"}}]
        definition = small({"id": "o", "when": {"any_of": either}, "again": again})
        assert standing(definition, sign("s", 0), answer("a", 1), ticks("c", 2, "a"), at=3) == ["met"]

    def test_once_is_once_also_after_it_was_false(self) -> None:
        definition = small({"id": "o", "when": {"indicators": {"at_least": 1}}})
        records = [ticks("1", 0, "a"), answer("a", 1), ticks("2", 2), ticks("3", 3, "a")]
        assert standing(definition, *records, at=4) == ["met"]

    class TestForEachRecord:
        EACH = small(
            {
                **SIGN,
                "again": "for each record",
                "within": "the moment in by",
                "met_by": [{"record": "answer", "about": "sign"}],
            }
        )

        def test_each_is_answered_by_itself(self) -> None:
            records = [sign("s", 0, by=hours(10)), sign("t", 1, by=hours(5)), answer("a", 2, sign="s")]
            state = state_of(self.EACH, *records, at=4)
            assert {each.because: (each.due_at, each.met_by) for each in state.owed} == {
                ("s",): (hours(10), "a"),
                ("t",): (hours(5), None),
            }

        def test_an_answer_of_the_very_moment_counts(self) -> None:
            assert standing(self.EACH, sign("s", 0), answer("a", 0, sign="s"), at=4) == ["met"]

        def test_an_answer_about_nothing_answers_nothing(self) -> None:
            assert standing(self.EACH, sign("s", 0), answer("a", 2), answer("b", 3, sign="x"), at=4) == ["due_today"]

        def test_an_incomplete_answer_is_an_attempt_at_its_own_only(self) -> None:
            state = state_of(self.EACH, sign("s", 0), sign("t", 1), answer("a", 2, said="", sign="s"), at=4)
            assert {each.because[0]: each.attempt for each in state.owed} == {"s": "a", "t": None}


class TestMoments:
    BY = {**SIGN, "again": "every time", "within": "the moment in by"}

    def test_the_moment_that_was_written(self) -> None:
        assert state_of(small(self.BY), sign("s", 0, by=hours(50)), at=1).owed[0].due_at == hours(50)

    def test_the_earliest_when_reasons_join(self) -> None:
        records = [sign("s", 0, by=hours(50)), sign("t", 1, by=hours(20))]
        assert state_of(small(self.BY), *records, at=2).owed[0].due_at == hours(20)

    def test_the_end_of_the_day_when_nothing_was_written(self) -> None:
        assert state_of(small(self.BY), sign("s", 0), at=1).owed[0].due_at == END_OF_MONDAY

    @pytest.mark.parametrize(
        ("within", "due"),
        [
            ("same day", datetime(2026, 3, 3, tzinfo=UTC)),
            ("4 hours", hours(4)),
            ("10 working hours", datetime(2026, 3, 3, 11, tzinfo=UTC)),
            ("1 working day", datetime(2026, 3, 4, tzinfo=UTC)),
            ("2 days", datetime(2026, 3, 5, tzinfo=UTC)),
            ("1 week", datetime(2026, 3, 10, tzinfo=UTC)),
            ("local window", datetime(2026, 3, 10, tzinfo=UTC)),
        ],
    )
    def test_each_way_to_say_how_long(self, within: str, due: datetime) -> None:
        assert state_of(small({**SIGN, "within": within}), sign("s", 0), at=1).owed[0].due_at == due

    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            # the night on which the clocks go forward: Saturday 11pm to midnight, and 23 hours on Sunday
            (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 0, 0, tzinfo=UTC)),
            (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
            # the night on which they go back: 25 hours
            (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 26, 0, 0, tzinfo=UTC)),
            # a leap day
            (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), datetime(2028, 3, 1, 0, 0, tzinfo=UTC)),
        ],
    )
    def test_the_same_day_over_clock_changes(self, asked: datetime, due: datetime) -> None:
        made = Record(id="s", kind="sign", happened_at=asked, recorded_at=asked)
        assert assess(small(SIGN), [made], asked, ENGLAND).owed[0].due_at == due

    def test_the_evening_rule_of_the_provider(self) -> None:
        rule = OutOfHours(after=time(20), due_by=time(10))
        [owed] = state_of(small(SIGN), sign("s", 12), at=13, out_of_hours=rule).owed
        assert owed.due_at == datetime(2026, 3, 3, 10, tzinfo=UTC)

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            assess(small(SIGN), [], datetime(2026, 3, 2), ENGLAND)  # noqa: DTZ001


class TestRepeats:
    WEEKLY = small(
        {
            **SIGN,
            "repeats": {"every": "1 week", "until": {"level_fallen": {"record": "answer", "field": "level"}}},
        }
    )

    def test_owed_again_so_long_after_it_was_done(self) -> None:
        state = state_of(self.WEEKLY, sign("s", 0), answer("a", 5, written=6, level="high"), at=7)
        first, second = state.owed
        assert (first.occurrence, first.met_by) == (1, "a")
        assert (second.occurrence, second.because, second.opened_at) == (2, ("a",), hours(6))
        assert second.due_at == datetime(2026, 3, 10, 0, 0, tzinfo=UTC)

    def test_until_the_record_that_meets_it_says_so(self) -> None:
        records = [sign("s", 0), answer("a", 5, level="high"), answer("b", 100, level="low")]
        assert standing(self.WEEKLY, *records, at=300) == ["met", "met"]

    def test_ended_by_another_record(self) -> None:
        definition = small(
            {
                **SIGN,
                "repeats": {"every": "1 week", "until": {"field": {"record": "sign", "field": "sort", "is": "other"}}},
            }
        )
        state = state_of(definition, sign("s", 0), answer("a", 5), sign("t", 20, sort="other"), at=30)
        ended = state.owed[1]
        assert (ended.ended_by, ended.ended_at, ended.is_open) == ("t", hours(20), False)
        assert ended.state(state.at).value == "cancelled"

    def test_what_ended_it_comes_before_what_would_have_met_it(self) -> None:
        until = {"field": {"record": "sign", "field": "sort", "is": "real"}}
        definition = small({**SIGN, "repeats": {"every": "1 week", "until": until}})
        [owed] = state_of(definition, sign("s", 0), sign("t", 2, sort="real"), answer("a", 5), at=9).owed
        assert (owed.met_by, owed.ended_by, owed.ended_at) == (None, "t", hours(2))

    def test_it_is_ended_when_its_condition_holds_and_not_when_it_is_only_looked_at(self) -> None:
        definition = small({**SIGN, "repeats": {"every": "1 week", "until": {"indicators": {"at_least": 1}}}})
        [owed] = state_of(definition, sign("s", 0), ticks("1", 1), ticks("2", 2, "a"), at=9).owed
        assert (owed.ended_by, owed.ended_at) == ("2", hours(2))

    def test_a_deadline_that_passes_can_end_it(self) -> None:
        late = {"not": {"not": {"obligation": {"id": "p", "is": "late"}}}}
        first = {**SIGN, "id": "p", "within": "4 hours", "met_by": [{"record": "checklist"}]}
        definition = small(first, {**SIGN, "repeats": {"every": "1 week", "until": late}})
        [owed] = owed_for(state_of(definition, sign("s", 0), at=9), "o")
        assert (owed.ended_at, owed.ended_by, owed.met_at) == (hours(4), None, None)

    def test_never_owed_when_it_is_over_from_the_start(self) -> None:
        definition = small({**SIGN, "repeats": {"every": "1 week", "until": {"records": {"record": "checklist"}}}})
        assert standing(definition, ticks("c", 0), sign("s", 1), at=2) == []

    def test_further_reasons_join_the_run(self) -> None:
        records = [sign("s", 0), answer("a", 5, level="high"), sign("t", 6), sign("u", 7)]
        assert standing(self.WEEKLY, *records, at=8) == ["met", "open"]

    def test_a_missed_week_is_one_late_thing_not_several(self) -> None:
        state = state_of(self.WEEKLY, sign("s", 0), answer("a", 5, level="high"), at=24 * 40)
        assert [each.state(state.at).value for each in state.owed] == ["met", "late"]


class TestConditions:
    def due(self, when: dict[str, Any], *records: Record, at: float = 100, **more: Any) -> list[tuple[str, ...]]:
        return [
            each.because for each in owed_for(state_of(small({"id": "o", "when": when}), *records, at=at, **more), "o")
        ]

    @pytest.mark.parametrize(
        ("present", "due"), [((), []), (("a",), []), (("a", "b"), [("c",)]), (("a", "b", "c"), [("c",)])]
    )
    def test_indicators_at_once(self, present: tuple[str, ...], due: list[tuple[str, ...]]) -> None:
        assert self.due({"indicators": {"at_least": 2}}, ticks("c", 0, *present)) == due

    def test_indicators_of_two_days_do_not_add_up(self) -> None:
        assert self.due({"indicators": {"at_least": 2}}, ticks("c", 0, "a"), ticks("d", 30, "b")) == []

    def test_indicators_of_some_only(self) -> None:
        when = {"indicators": {"at_least": 1, "of": ["b"]}}
        assert self.due(when, ticks("c", 0, "a", "c")) == []
        assert self.due(when, ticks("c", 0, "a", "b")) == [("c",)]

    def test_a_number_of_the_service_s_own(self) -> None:
        when = {"indicators": {"at_least": "local how-many"}}
        assert self.due(when, ticks("c", 0, "a")) == []
        assert self.due(when, ticks("c", 0, "a"), local={"how-many": 1}) == [("c",)]

    @pytest.mark.parametrize(
        ("second", "due"),
        [(1, [("s", "t")]), (24 * 7, [("s", "t")]), (24 * 7 + 14.9, [("s", "t")]), (24 * 7 + 15.1, [])],
    )
    def test_two_records_within_a_window(self, second: float, due: list[tuple[str, ...]]) -> None:
        when = {"records": {"record": "sign", "at_least": 2, "within": "local window"}}
        assert self.due(when, sign("s", 0), sign("t", second), at=400) == due

    def test_any_two_within_the_window_of_three(self) -> None:
        when = {"records": {"record": "sign", "at_least": 2, "within": "2 hours"}}
        assert self.due(when, sign("s", 0), sign("t", 10), sign("u", 12)) == [("t", "u")]

    def test_the_window_is_of_what_happened_not_of_what_was_written(self) -> None:
        when = {"records": {"record": "sign", "at_least": 2, "within": "2 hours"}}
        assert self.due(when, sign("s", 0, written=50), sign("t", 1)) == [("s", "t")]
        assert self.due(when, sign("s", 0, written=50), sign("t", 49)) == []

    def test_only_records_that_pass_a_test(self) -> None:
        when = {"records": {"record": "sign", "at_least": 2, "with": [{"field": "sort", "is": "real"}]}}
        assert self.due(when, sign("s", 0, sort="real"), sign("t", 1, sort="other")) == []
        assert self.due(when, sign("s", 0, sort="real"), sign("t", 1), sign("u", 2, sort="real")) == [("s", "u")]

    def test_the_newest_record_s_field(self) -> None:
        when = {"field": {"record": "sign", "field": "sort", "is": "real"}}
        assert self.due(when, sign("s", 0, sort="other")) == []
        assert self.due(when, sign("s", 0, sort="other"), sign("t", 1, sort="real")) == [("t",)]

    @pytest.mark.parametrize(
        ("levels", "due"),
        [
            (["high"], []),
            (["high", "high"], []),
            (["high", "low"], [("1",)]),
            (["low", "high", "low"], []),
            (["high", None, "low"], [("2",)]),
        ],
    )
    def test_a_level_has_fallen_below_the_first(self, levels: list[str | None], due: list[tuple[str, ...]]) -> None:
        records = [answer(str(number), number, level=level) for number, level in enumerate(levels)]
        assert self.due({"level_fallen": {"record": "answer", "field": "level"}}, *records) == due

    @pytest.mark.parametrize(
        ("first", "known"), [pytest.param("low", 5, id="it stood before"), pytest.param("high", 9, id="it did not")]
    )
    def test_a_level_put_right_has_fallen_since_that_was_written(self, first: str, known: float) -> None:
        definition = small({"id": "o", "when": {"level_fallen": {"record": "answer", "field": "level"}}})
        records = [
            answer("1", 0, level="high"),
            answer("2", 1, written=5, level=first),
            answer("3", 1, written=9, corrects="2", level="low"),
        ]
        [owed] = state_of(definition, *records, at=10).owed
        assert (owed.because, owed.opened_at) == (("2",), hours(known))

    def test_all_of(self) -> None:
        when = {"all_of": [{"records": {"record": "sign"}}, {"indicators": {"at_least": 1}}]}
        assert self.due(when, sign("s", 0)) == []
        assert self.due(when, sign("s", 0), ticks("c", 1, "a")) == [("s", "c")]

    def test_all_of_is_known_when_the_last_part_is(self) -> None:
        when = {"all_of": [{"records": {"record": "sign"}}, {"indicators": {"at_least": 1}}]}
        [owed] = state_of(small({"id": "o", "when": when}), sign("s", 0, written=9), ticks("c", 1, "a"), at=20).owed
        assert owed.opened_at == hours(9)

    def test_any_of_is_known_when_the_first_part_is(self) -> None:
        when = {"any_of": [{"records": {"record": "sign"}}, {"indicators": {"at_least": 1}}]}
        [owed] = state_of(
            small({"id": "o", "when": when}), sign("s", 0, written=9), ticks("c", 0, "a", written=3), at=20
        ).owed
        assert owed.opened_at == hours(3)

    def test_not_is_judged_when_something_happens(self) -> None:
        when = {"all_of": [{"records": {"record": "sign"}}, {"not": {"indicators": {"at_least": 1}}}]}
        assert self.due(when, sign("s", 0)) == [("s",)]
        assert self.due(when, ticks("c", 0, "a"), sign("s", 1)) == []
        assert self.due(when, ticks("c", 0, "a"), sign("s", 1), ticks("d", 2)) == [("s", "d")]

    def test_not_is_known_when_it_was_written(self) -> None:
        when = {"all_of": [{"not": {"indicators": {"at_least": 1}}}, {"records": {"record": "sign"}}]}
        records = [ticks("c", 0, "a"), sign("s", 1), ticks("d", 2, written=30)]
        [owed] = state_of(small({"id": "o", "when": when}), *records, at=31).owed
        assert owed.opened_at == hours(30)

    def test_what_one_record_changes_in_several_parts_is_judged_once(self) -> None:
        real = {"field": {"record": "sign", "field": "sort", "is": "real"}}
        for parts in (
            [{"records": {"record": "sign"}}, {"not": real}],
            [{"not": real}, {"records": {"record": "sign"}}],
        ):
            assert self.due({"all_of": parts}, sign("s", 0, sort="real")) == []
            assert self.due({"all_of": parts}, sign("s", 0, sort="other")) == [("s",)]

    def test_nor_by_halves_when_something_came_before(self) -> None:
        two = {"records": {"record": "sign", "at_least": 2}}
        parts = [two, {"not": {"field": {"record": "sign", "field": "sort", "is": "real"}}}]
        earlier = sign("r", 0, sort="other")
        assert self.due({"all_of": parts}, earlier, sign("s", 1, sort="real")) == []
        assert self.due({"all_of": parts}, earlier, sign("s", 1, sort="other")) == [("r", "s")]

    def test_what_is_present_is_what_the_newest_checklist_says(self) -> None:
        for newest, present in ((ticks("d", 1, "b"), ("b",)), (ticks("d", 1), ()), (record("d", "checklist", 1), ())):
            assert state_of(small(SIGN), ticks("c", 0, "a"), newest, at=2).present == present
        assert state_of(small(SIGN), at=2).present == ()

    def test_not_alone_is_no_reason_by_itself(self) -> None:
        assert self.due({"not": {"indicators": {"at_least": 1}}}, sign("s", 0)) == []
        assert self.due({"not": {"indicators": {"at_least": 1}}}, ticks("c", 0)) == []


class TestObligationsOfObligations:
    FIRST = {**SIGN, "again": "every time", "within": "4 hours"}

    def definition(self, state: str) -> Definition:
        return small(
            self.FIRST,
            {
                "id": "then",
                "when": {"obligation": {"id": "o", "is": state}},
                "again": "every time",
                "met_by": [{"record": "checklist"}],
            },
        )

    def test_met(self) -> None:
        state = state_of(self.definition("met"), sign("s", 0), answer("a", 1, written=2), at=3)
        [owed] = owed_for(state, "then")
        assert (owed.because, owed.opened_at) == (("a",), hours(2))

    def test_met_no_longer_once_it_is_owed_anew(self) -> None:
        both = {"all_of": [{"obligation": {"id": "o", "is": "met"}}, {"records": {"record": "checklist"}}]}
        definition = small(self.FIRST, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        records = [sign("s", 0), answer("a", 1), sign("t", 2), ticks("c", 3)]
        assert owed_for(state_of(definition, *records, at=4), "then") == []
        assert len(owed_for(state_of(definition, *records, answer("b", 5), at=6), "then")) == 1

    def test_what_repeats_is_met_once_it_is_over(self) -> None:
        """Until then the next is owed as soon as one is met."""
        weekly = {**TestRepeats.WEEKLY.owed["o"].model_dump(by_alias=True, exclude_unset=True)}
        both = {"all_of": [{"obligation": {"id": "o", "is": "met"}}, {"records": {"record": "checklist"}}]}
        definition = small(weekly, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        records = [sign("s", 0), answer("a", 1, level="high"), ticks("c", 3)]
        assert owed_for(state_of(definition, *records, at=4), "then") == []
        over = answer("b", 5, level="low")
        assert [each.because for each in owed_for(state_of(definition, *records, over, at=6), "then")] == [("b", "c")]

    def test_of_several_the_first_that_is_late_is_the_reason(self) -> None:
        """Whichever happened first."""
        each = {**TestAgain.TestForEachRecord.EACH.owed["o"].model_dump(by_alias=True, exclude_unset=True)}
        definition = small(each, {"id": "then", "when": {"obligation": {"id": "o", "is": "late"}}})
        [owed] = owed_for(state_of(definition, sign("s", 0, by=hours(10)), sign("t", 1, by=hours(5)), at=12), "then")
        assert (owed.because, owed.opened_at) == (("t",), late_from(hours(5)))

    def test_not_met(self) -> None:
        assert owed_for(state_of(self.definition("met"), sign("s", 0), at=3), "then") == []

    @pytest.mark.parametrize(("at", "due"), [(4, 0), (4.01, 1), (99, 1)])
    def test_late_from_the_first_late_moment(self, at: float, due: int) -> None:
        assert len(owed_for(state_of(self.definition("late"), sign("s", 0), at=at), "then")) == due

    def test_late_in_its_very_first_moment(self) -> None:
        assert owed_for(assess(self.definition("late"), [sign("s", 0)], late_from(hours(4)), ENGLAND), "then")

    @pytest.mark.parametrize(
        ("answered", "due"), [pytest.param([], 1, id="still late"), pytest.param([answer("a", 5)], 0, id="met since")]
    )
    def test_late_no_longer_once_it_is_met(self, answered: list[Record], due: int) -> None:
        both = {"all_of": [{"obligation": {"id": "o", "is": "late"}}, {"records": {"record": "checklist"}}]}
        definition = small(self.FIRST, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        assert len(owed_for(state_of(definition, sign("s", 0), *answered, ticks("c", 6), at=9), "then")) == due

    def test_not_late_when_it_ended_in_time(self) -> None:
        ends = {**SIGN, "within": "4 hours", "repeats": {"every": "1 week", "until": {"indicators": {"at_least": 1}}}}
        definition = small(ends, {"id": "then", "when": {"obligation": {"id": "o", "is": "late"}}})
        assert owed_for(state_of(definition, sign("s", 0), ticks("c", 1, "a"), at=9), "then") == []
        assert owed_for(state_of(definition, sign("s", 0), ticks("c", 8, "a"), at=9), "then")

    def test_late_though_another_was_done_in_time_and_written_late(self) -> None:
        each = {**TestAgain.TestForEachRecord.EACH.owed["o"].model_dump(by_alias=True, exclude_unset=True)}
        both = {"all_of": [{"obligation": {"id": "o", "is": "late"}}, {"records": {"record": "checklist"}}]}
        definition = small(each, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        records = [
            sign("s", 0, by=hours(5)),
            sign("t", 1, by=hours(20)),
            answer("a", 10, written=30, sign="t"),
            ticks("c", 12),
        ]
        [owed] = owed_for(state_of(definition, *records, at=40), "then")
        assert (owed.because, owed.opened_at) == (("s", "c"), hours(12))

    @pytest.mark.parametrize(
        ("also", "due"),
        [
            pytest.param([], [("s", "c")], id="the other is"),
            pytest.param([answer("b", 11, sign="s")], [], id="not once the other is met too"),
            pytest.param([answer("b", 13, sign="s")], [("s", "c")], id="the other still was"),
            pytest.param([answer("b", 4, written=30, sign="s")], [], id="the other was done in time"),
        ],
    )
    def test_late_while_any_of_several_is(self, also: list[Record], due: list[tuple[str, ...]]) -> None:
        """That one was met, if late, does not say that nothing is late."""
        each = {**TestAgain.TestForEachRecord.EACH.owed["o"].model_dump(by_alias=True, exclude_unset=True)}
        both = {"all_of": [{"obligation": {"id": "o", "is": "late"}}, {"records": {"record": "checklist"}}]}
        definition = small(each, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        two = [sign("s", 0, by=hours(5)), sign("t", 1, by=hours(8)), answer("a", 10, sign="t")]
        found = owed_for(state_of(definition, *two, ticks("c", 12), *also, at=40), "then")
        assert [owed.because for owed in found] == due

    def test_not_late_before_its_own_deadline_because_another_was(self) -> None:
        """The first was met late at six; a checklist before the second is due cannot answer what comes of it."""
        each = {**TestAgain.TestForEachRecord.EACH.owed["o"].model_dump(by_alias=True, exclude_unset=True)}
        both = {"all_of": [{"obligation": {"id": "o", "is": "late"}}, {"records": {"record": "checklist"}}]}
        definition = small(each, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        two = [sign("s", 0, by=hours(5)), sign("t", 1, by=hours(20)), answer("a", 6, sign="s")]
        [owed] = owed_for(state_of(definition, *two, ticks("c", 12), ticks("d", 14), at=30), "then")
        assert (owed.because, owed.met_by) == (("t", "d"), None)

    def test_what_was_written_late_is_late_from_its_deadline_on_whatever_another_is(self) -> None:
        each = {**TestAgain.TestForEachRecord.EACH.owed["o"].model_dump(by_alias=True, exclude_unset=True)}
        both = {"all_of": [{"obligation": {"id": "o", "is": "late"}}, {"records": {"record": "checklist"}}]}
        definition = small(each, {"id": "then", "when": both, "met_by": [{"record": "checklist"}]})
        in_time = [answer("a", 4, written=30, sign="s"), answer("b", 10, written=30, sign="t")]
        two = [sign("s", 0, by=hours(5)), sign("t", 1, by=hours(20))]
        [owed] = owed_for(state_of(definition, *two, *in_time, ticks("c", 12), at=40), "then")
        assert (owed.because, owed.opened_at) == (("s", "c"), hours(12))

    def test_late_though_met_since(self) -> None:
        state = state_of(self.definition("late"), sign("s", 0), answer("a", 5), at=9)
        [owed] = owed_for(state, "then")
        assert owed.because == ("s",)

    def test_what_only_a_deadline_makes_due_has_no_record_for_a_reason(self) -> None:
        """It is owed once the second is late as well as the first, and an answer to anything meets it."""
        late = [{"obligation": {"id": code, "is": "late"}} for code in ("o", "p")]
        definition = small(
            self.FIRST,
            {**self.FIRST, "id": "p", "within": "8 hours"},
            {
                "id": "then",
                "when": {"not": {"all_of": [late[0], {"not": late[1]}]}},
                "met_by": [{"record": "checklist"}],
            },
        )
        [owed] = owed_for(state_of(definition, sign("s", 0), ticks("c", 1), at=9), "then")
        assert (owed.because, owed.opened_at, owed.is_open) == ((), hours(8), True)
        [owed] = owed_for(state_of(definition, sign("s", 0), ticks("c", 10), at=11), "then")
        assert owed.met_by == "c"

    def test_what_only_a_deadline_made_due_is_met_like_anything_else(self) -> None:
        late = {"not": {"not": {"obligation": {"id": "o", "is": "late"}}}}
        definition = small(
            self.FIRST,
            {"id": "then", "when": late, "met_by": [{"record": "checklist"}]},
            {"id": "last", "when": {"obligation": {"id": "then", "is": "met"}}},
        )
        assert owed_for(state_of(definition, sign("s", 0), at=9), "last") == []
        [owed] = owed_for(state_of(definition, sign("s", 0), ticks("c", 10), at=11), "last")
        assert owed.because == ("c",)

    def test_not_late_when_met_in_time(self) -> None:
        assert owed_for(state_of(self.definition("late"), sign("s", 0), answer("a", 4), at=9), "then") == []


class TestClosing:
    def test_only_when_its_condition_holds(self) -> None:
        state = state_of(small(SIGN), sign("s", 0), at=1)
        assert (state.may_close, state.why_not_close) == (False, "An answer.")

    def test_not_while_something_is_owed(self) -> None:
        state = state_of(small({**SIGN, "again": "every time"}), sign("s", 0), answer("a", 1), sign("t", 2), at=3)
        assert not state.may_close
        assert state.why_not_close == "Something is still owed: Answer."

    def test_then_it_may(self) -> None:
        state = state_of(small(SIGN), sign("s", 0), answer("a", 1), at=3)
        assert state.may_close
        assert state.next_step == "This case may be closed."

    def test_what_repeats_does_not_stand_in_its_way(self) -> None:
        definition = small({**SIGN, "repeats": {"every": "1 week", "until": {"records": {"record": "checklist"}}}})
        assert state_of(definition, sign("s", 0), answer("a", 1), at=3).may_close


class TestLocalValues:
    def test_defaults_hold(self) -> None:
        assert local_values(small(SIGN)) == {"how-many": 2, "window": "7 days"}

    @pytest.mark.parametrize(
        ("own", "message"),
        [
            ({"how-many": 4}, "from 1 to 3"),
            ({"how-many": 0}, "from 1 to 3"),
            ({"how-many": "two"}, "whole number"),
            ({"how-many": True}, "whole number"),
            ({"window": "29 days"}, "from 1 day to 28 days"),
            ({"window": "4 hours"}, "unit of its bounds"),
            ({"window": "soon"}, "such as"),
            ({"other": 1}, "no local value"),
        ],
    )
    def test_a_value_outside_the_bounds_is_refused(self, own: dict[str, Any], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            local_values(small(SIGN), own)

    def test_one_of_its_own(self) -> None:
        assert local_values(small(SIGN), {"window": "28 days"})["window"] == "28 days"
