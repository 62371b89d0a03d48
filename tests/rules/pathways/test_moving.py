"""An open case moves to a new version: nothing open disappears or comes due later, and the past is not judged anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import ENGLAND, end_of_day, local_day
from saferpractice.lists.rules.mistakes import ListMistakes
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.moving import Carried, Move, as_data, from_data
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.pathways.rules.state import Owed, PathwayState
from saferpractice.pathways.rules.timeline import Record
from tests.rules.pathways.cases import SMALL, hours, record, small, state_of
from tests.rules.pathways.test_engine_properties import DEFINITIONS, cases

pytestmark = pytest.mark.requirement("R14", "R18", "R30")

SIGN = {"id": "o", "when": {"records": {"record": "sign"}}}
OLD = small({**SIGN, "within": "4 hours"})
FALLEN = {"level_fallen": {"record": "answer", "field": "level"}}
WEEKLY = {**SIGN, "repeats": {"every": "1 week", "until": FALLEN}}
EACH = {**SIGN, "again": "for each record", "met_by": [{"record": "answer", "about": "sign"}]}
OTHER = small({"id": "other", "when": {"indicators": {"at_least": 1}}})


def sign(key: str, happened: float, **more: Any) -> Record:
    return record(key, "sign", happened, **more)


def answer(key: str, happened: float, said: str = "Yes.", **more: Any) -> Record:
    return record(key, "answer", happened, said=said, **more)


def moved(old: Definition, records: list[Record], at: datetime, before: Move | None = None) -> Move:
    """The move of a case worked by ``old`` at ``at``, as it is kept and read back."""
    state = assess(old, records, at, ENGLAND, move=before)
    return Move(at, tuple(from_data(as_data(Carried(each, old), "v1"), old) for each in state.owed))


def after(new: Definition, *records: Record, at: float, move: float, old: Definition = OLD) -> PathwayState:
    """The case at hour ``at`` under ``new``, having moved from ``old`` at hour ``move``."""
    return state_of(new, *records, at=at, move=moved(old, list(records), hours(move)))


class TestWhatIsOpen:
    """It stays owed, due when it was or sooner."""

    @pytest.mark.parametrize(
        ("within", "due"),
        [
            pytest.param("8 hours", 4, id="a longer time does not help what is already due"),
            pytest.param("2 hours", 2, id="a shorter one counts"),
        ],
    )
    def test_its_deadline(self, within: str, due: float) -> None:
        [owed] = after(small({**SIGN, "within": within}), sign("s", 0), at=1.5, move=1).owed
        assert (owed.due_at, owed.opened_at, owed.is_open) == (hours(due), hours(0), True)

    def test_what_the_new_one_does_not_ask_for_stays(self) -> None:
        [owed] = after(OTHER, sign("s", 0), at=2, move=1).owed
        assert (owed.obligation.id, owed.due_at, owed.is_open) == ("o", hours(4), True)

    @pytest.mark.parametrize(
        ("written", "met"),
        [
            pytest.param(answer("a", 3), True, id="written afterwards"),
            pytest.param(answer("a", 3, said=""), False, id="lacking what it needs"),
            pytest.param(answer("a", -3, written=3), False, id="of the time before it was owed"),
            pytest.param(answer("a", 0, written=3), True, id="of the very moment"),
            pytest.param(answer("a", 0.5, written=3), True, id="of the time before the move, written after it"),
        ],
    )
    def test_and_is_met_as_it_would_have_been(self, written: Record, met: bool) -> None:
        [owed] = after(OTHER, sign("s", 0), written, at=5, move=1).owed
        assert (owed.met_by, owed.met_at) == (("a", hours(3)) if met else (None, None))

    def test_the_answer_must_be_about_the_very_record(self) -> None:
        each = small({**SIGN, "again": "for each record", "met_by": [{"record": "answer", "about": "sign"}]})
        records = [sign("s", 0), sign("t", 0.5), answer("a", 3, sign="t")]
        state = after(OTHER, *records, at=5, move=1, old=each)
        assert {owed.because: owed.met_by for owed in state.owed} == {("s",): None, ("t",): "a"}

    @pytest.mark.parametrize(
        ("answered", "met_by"), [pytest.param(3, "a", id="since the move"), pytest.param(1, None, id="not before it")]
    )
    def test_a_test_of_a_field_that_is_gone_is_passed_over(self, answered: float, met_by: str | None) -> None:
        old = small({**SIGN, "met_by": [{"record": "answer", "with": [{"field": "level", "is": "low"}]}]})
        data = OTHER.model_dump(mode="json", by_alias=True, exclude_unset=True)
        data["records"][2]["fields"] = data["records"][2]["fields"][:1]
        new = definition_from_data(data, name="n")
        [owed] = after(new, sign("s", 0), answer("a", answered), at=5, move=1, old=old).owed
        assert owed.met_by == met_by

    @pytest.mark.parametrize(("level", "met_by"), [("low", "a"), ("high", None)])
    def test_and_of_one_that_is_there_counts(self, level: str, met_by: str | None) -> None:
        old = small({**SIGN, "met_by": [{"record": "answer", "with": [{"field": "level", "is": "low"}]}]})
        [owed] = after(OTHER, sign("s", 0), answer("a", 3, level=level), at=5, move=1, old=old).owed
        assert owed.met_by == met_by

    @pytest.mark.parametrize(("kept", "met_by"), [("yes", "v"), ("no", None)])
    def test_so_does_every_test_of_a_record_that_the_new_version_does_not_know(
        self, kept: str, met_by: str | None
    ) -> None:
        visit = {"id": "visit", "label": "Visit", "made_by": ["support_worker"]}
        kinds = [*SMALL["records"], {**visit, "fields": [{"id": "kept", "label": "Kept", "type": "yes-no"}]}]
        way = {"record": "visit", "with": [{"field": "kept", "is": "yes"}]}
        old = small({**SIGN, "met_by": [way]}, records=kinds)
        [owed] = after(OTHER, sign("s", 0), record("v", "visit", 3, kept=kept), at=5, move=1, old=old).owed
        assert owed.met_by == met_by

    def test_nor_does_it_name_what_it_is_about_in_a_field_that_is_gone(self) -> None:
        data = OTHER.model_dump(mode="json", by_alias=True, exclude_unset=True)
        data["records"][2]["fields"] = data["records"][2]["fields"][:2]
        new = definition_from_data(data, name="n")
        [owed] = after(new, sign("s", 0), answer("a", 3), at=5, move=1, old=small(EACH)).owed
        assert owed.met_by == "a"

    @pytest.mark.parametrize(("first", "second"), [(3, 4), (4, 3)])
    def test_the_first_answer_to_be_known_meets_it(self, first: float, second: float) -> None:
        answers = [answer("a", 2, written=first), answer("b", 2.5, written=second)]
        [owed] = after(OTHER, sign("s", 0), *answers, at=5, move=1).owed
        assert (owed.met_by, owed.met_at) == ("a" if first < second else "b", hours(3))

    def test_what_the_new_version_finds_answered_for_something_else_meets_nothing(self) -> None:
        ticked = record("c", "checklist", 0, values={"present": ("a",)})
        [owed] = after(OTHER, ticked, answer("a", 1), sign("s", 1.5), at=5, move=2).owed
        assert (owed.obligation.id, owed.is_open) == ("o", True)

    def test_the_record_that_asked_for_it_does_not_answer_it_when_it_is_put_right(self) -> None:
        itself = small({**SIGN, "when": {"records": {"record": "answer"}}})
        right = answer("x", 0, written=3, corrects="a")
        [owed] = after(OTHER, answer("a", 0, said=""), right, at=5, move=1, old=itself).owed
        assert (owed.because, owed.is_open) == (("a",), True)

    def test_met_under_the_new_version_it_is_not_there_twice(self) -> None:
        [owed] = after(OLD, sign("s", 0), answer("a", 3), at=5, move=1).owed
        assert (owed.met_by, owed.occurrence) == ("a", 1)

    def test_asked_for_by_both_for_another_reason_it_is_one_thing(self) -> None:
        either = {**SIGN, "when": {"any_of": [{"indicators": {"at_least": 1}}, SIGN["when"]]}, "within": "9 hours"}
        ticked = record("c", "checklist", -1, values={"present": ("a",)})
        [owed] = after(small(either), ticked, sign("s", 0), at=2, move=1).owed
        assert (owed.because, owed.due_at) == (("s", "c"), hours(4))

    @pytest.mark.parametrize(
        ("answers", "told"),
        [
            pytest.param([], {("s", "c"): (4, None)}, id="open"),
            pytest.param([answer("a", 3)], {("s", "c"): (4, "a")}, id="answered after it"),
            pytest.param([answer("a", 1.5)], {("s",): (4, "a"), ("c",): (11, None)}, id="answered before it"),
            pytest.param([answer("a", 2)], {("s",): (4, "a"), ("c",): (11, "a")}, id="answered when it became known"),
        ],
    )
    def test_a_further_reason_joins_what_is_still_open(
        self, answers: list[Record], told: dict[tuple[str, ...], tuple[float, str | None]]
    ) -> None:
        of_a_tick = small({**SIGN, "when": {"indicators": {"at_least": 1}}, "within": "9 hours"})
        ticked = record("c", "checklist", 2, values={"present": ("a",)})
        found = after(of_a_tick, sign("s", 0), ticked, *answers, at=5, move=1).owed
        assert {each.because: (each.due_at, each.met_by) for each in found} == {
            because: (hours(due), met) for because, (due, met) in told.items()
        }

    def test_each_of_several_keeps_its_own_time(self) -> None:
        dated = small({**EACH, "within": "the moment in by"})
        found = after(dated, sign("s", 0, by=hours(10)), sign("t", 0.5, by=hours(5)), at=3, move=1, old=dated).owed
        assert sorted((each.because, each.due_at) for each in found) == [(("s",), hours(10)), (("t",), hours(5))]

    def test_what_the_new_version_finds_later_for_the_same_record_is_one_with_it(self) -> None:
        two = small({**EACH, "when": {"records": {"record": "sign", "at_least": 2}}})
        [owed] = after(two, sign("s", 0, by=hours(9)), sign("t", 2), at=3, move=1, old=small(EACH)).owed
        assert (owed.because, owed.opened_at) == (("s", "t"), hours(0))

    def test_what_is_owed_for_each_record_is_not_one_with_another(self) -> None:
        old, new = (
            small({**EACH, "when": {"records": {"record": "sign", "with": [{"field": "sort", "is": sort}]}}})
            for sort in ("real", "other")
        )
        found = after(new, sign("s", 0, sort="real"), sign("t", 0.5, sort="other"), at=3, move=1, old=old).owed
        assert sorted(each.because for each in found) == [("s",), ("t",)]

    def test_of_two_that_the_new_version_takes_for_one_each_is_met_as_it_was_asked(self) -> None:
        """The answer is about neither of the two records of the second."""
        two = {"records": {"record": "sign", "at_least": 2}}
        old, new = small({**EACH, "when": two}), small({**SIGN, "again": "every time", "when": two})
        records = [sign("s", 0), sign("t", 0.5), sign("u", 0.7), answer("a", 3)]
        found = after(new, *records, at=5, move=1, old=old).owed
        assert {each.because: each.met_by for each in found} == {("s", "t", "u"): "a", ("t", "u"): None}

    def test_beside_it_what_is_new_has_its_whole_time(self) -> None:
        ticked = record("c", "checklist", 0, values={"present": ("a",)})
        found = after(OTHER, sign("s", 0), ticked, at=50, move=48).owed
        assert {each.because: (each.opened_at, each.due_at) for each in found} == {
            ("s",): (hours(0), hours(4)),
            ("c",): (hours(48), end_of_day(local_day(hours(48)))),
        }

    def test_what_only_a_deadline_made_due_stays_and_any_answer_meets_it(self) -> None:
        late = {"not": {"not": {"obligation": {"id": "p", "is": "late"}}}}
        first = {**SIGN, "id": "p", "within": "4 hours", "met_by": [{"record": "checklist"}]}
        state = after(OTHER, sign("s", 0), answer("a", 6), at=8, move=5, old=small(first, {**SIGN, "when": late}))
        assert {each.obligation.id: (each.because, each.met_by) for each in state.owed} == {
            "p": (("s",), None),
            "o": ((), "a"),
        }

    def test_it_ends_when_a_record_written_after_the_move_says_so(self) -> None:
        ends = small({**SIGN, "repeats": {"every": "1 week", "until": {"indicators": {"at_least": 1}}}})
        ticked = record("c", "checklist", 3, values={"present": ("a",)})
        [owed] = after(ends, sign("s", 0), ticked, at=5, move=1, old=ends).owed
        assert (owed.ended_by, owed.ended_at) == ("c", hours(3))

    @pytest.mark.parametrize(
        ("within", "first", "second"),
        [pytest.param("9 hours", 4, 4, id="more time does not help"), pytest.param("2 hours", 2, 3, id="less counts")],
    )
    def test_two_reasons_of_one_thing_that_turn_out_to_be_two_things_keep_their_time(
        self, within: str, first: float, second: float
    ) -> None:
        """An answer written late met the first: the second stays owed, and not from the move on only."""
        every = {**SIGN, "again": "every time", "within": "4 hours"}
        records = [sign("s", 0), sign("t", 1), answer("a", 0.5, written=3)]
        state = after(small({**every, "within": within}), *records, at=5, move=2, old=small(every))
        assert {each.because: (each.met_by, each.opened_at, each.due_at) for each in state.owed} == {
            ("s", "t"): ("a", hours(0), hours(first)),
            ("t",): (None, hours(1), hours(second)),
        }

    @pytest.mark.parametrize("answered", [1, 3])
    def test_a_record_that_was_not_enough_and_now_is_counts_from_the_move_on(self, answered: float) -> None:
        strict = small({**SIGN, "met_by": [{"record": "answer", "with": [{"field": "level", "is": "low"}]}]})
        [owed] = after(small(SIGN), sign("s", 0), answer("a", answered), at=5, move=3, old=strict).owed
        assert (owed.met_by, owed.met_at, owed.done_at) == ("a", hours(3), hours(answered))

    def test_it_does_not_end_because_the_new_version_would_have_ended_it(self) -> None:
        weekly = {
            **SIGN,
            "repeats": {"every": "1 week", "until": {"field": {"record": "sign", "field": "sort", "is": "real"}}},
        }
        other = {**SIGN, "repeats": {"every": "1 week", "until": {"records": {"record": "sign"}}}}
        records = [sign("s", 0), sign("t", 0.5)]
        state = after(small(other), *records, at=2, move=1, old=small(weekly))
        assert [owed.is_open for owed in state.owed] == [True]


class TestWhatIsPast:
    """It was judged by the version in force then."""

    def test_what_was_met_stays_met_though_the_new_version_asks_for_more(self) -> None:
        more = small({**SIGN, "met_by": [{"record": "answer", "with": [{"field": "level", "present": True}]}]})
        [owed] = after(more, sign("s", 0), answer("a", 1), at=9, move=2).owed
        assert (owed.met_by, owed.met_at) == ("a", hours(1))

    def test_a_record_keeps_the_note_standard_it_was_written_by(self) -> None:
        data = OLD.model_dump(mode="json", by_alias=True, exclude_unset=True)
        data["records"][2]["fields"][1]["required"] = True
        stricter = definition_from_data(data, name="n")
        written = answer("a", 1)
        earlier = replace(written, standard=OLD.kinds["answer"])
        assert state_of(stricter, written, at=2).lacking == {"a": ("Level",)}
        assert state_of(stricter, earlier, at=2).lacking == {}
        assert not assess(stricter, [sign("s", 0), earlier], hours(2), ENGLAND).open

    def test_nothing_is_asked_for_in_the_past(self) -> None:
        ticked = record("c", "checklist", 0, values={"present": ("a",)})
        [owed] = after(
            small({"id": "other", "when": {"indicators": {"at_least": 1}}, "within": "3 hours"}), ticked, at=60, move=48
        ).owed
        assert (owed.opened_at, owed.due_at) == (hours(48), hours(51))

    def test_what_becomes_known_at_the_very_moment_of_the_move_is_asked_for_once(self) -> None:
        ticked = record("c", "checklist", 2, values={"present": ("a",)})
        [owed] = after(OTHER, ticked, at=9, move=2).owed
        assert (owed.obligation.id, owed.opened_at) == ("other", hours(2))

    @pytest.mark.parametrize("answered", [1, 2])
    def test_what_the_new_version_finds_done_before_is_not_invented(self, answered: float) -> None:
        ticked = record("c", "checklist", 0, values={"present": ("a",)})
        assert after(OTHER, ticked, answer("a", answered), at=9, move=2).owed == ()

    def test_what_was_done_for_something_else_or_ended_undone_is_asked_for(self) -> None:
        ticked = {"id": "o", "when": {"indicators": {"at_least": 1}}, "met_by": [{"record": "sign"}]}
        ends = {"every": "1 week", "until": {"records": {"record": "answer"}}}
        records = [record("c", "checklist", 0, values={"present": ("a",)}), answer("a", 1)]
        for old in ({**ticked, "id": "p", "met_by": [{"record": "answer"}]}, {**ticked, "repeats": ends}):
            [owed] = after(small(ticked), *records, at=9, move=2, old=small(old)).open
            assert (owed.obligation.id, owed.because, owed.opened_at) == ("o", ("c",), hours(2))

    def test_what_was_done_once_is_begun_anew_where_it_is_regular_now(self) -> None:
        more = {**WEEKLY, "met_by": [{"record": "answer", "with": [{"field": "level", "present": True}]}]}
        [owed] = after(small(more), sign("s", 0), answer("a", 1), at=9, move=2).open
        assert (owed.because, owed.occurrence, owed.opened_at) == (("s",), 1, hours(2))

    def test_a_dated_return_keeps_its_day_or_is_due_on_the_day_of_the_move(self) -> None:
        dated = small({**SIGN, "id": "back", "within": "the moment in by"})
        nothing = small({"id": "none", "when": {"indicators": {"at_least": 3}}})
        for named, due in (
            (hours(90), hours(90)),
            (hours(24), datetime(2026, 3, 4, 0, 0, tzinfo=hours(0).tzinfo)),
            (hours(2), datetime(2026, 3, 4, 0, 0, tzinfo=hours(0).tzinfo)),
        ):
            records = [sign("s", 0, values={"by": named})]
            [owed] = after(dated, *records, at=30, move=24, old=nothing).owed
            assert (owed.opened_at, owed.due_at) == (hours(24), due)

    def test_regular_reviews_go_on_from_the_last(self) -> None:
        records = [sign("s", 0), answer("a", 24), answer("b", 24 * 7)]
        slower = {**SIGN, "repeats": {"every": "3 weeks", "until": FALLEN}}
        state = after(small(slower), *records, at=24 * 8, move=24 * 3, old=small(WEEKLY))
        told = [(owed.because, owed.met_by, owed.is_open) for owed in state.owed]
        assert told == [(("s",), "a", False), (("a",), "b", False), (("b",), None, True)]
        assert state.open[0].due_at == end_of_day(local_day(hours(24 * 7 + 24 * 21)))

    @pytest.mark.parametrize(
        ("move", "due"),
        [
            pytest.param(72, 121, id="its turn is still to come"),
            pytest.param(120, 121, id="an hour before its turn"),
            pytest.param(121, 217, id="its turn is now"),
            pytest.param(150, 246, id="its turn was before anybody asked"),
        ],
    )
    def test_regular_reviews_that_only_the_new_version_asks_for_go_on_from_the_last_that_was_held(
        self, move: float, due: float
    ) -> None:
        """The first is not invented; the next has its whole time between two, not that of the first."""
        regular = {**SIGN, "within": "2 hours", "repeats": {"every": "96 hours", "until": FALLEN}}
        ticked, held = record("c", "checklist", 24, values={"present": ("a",)}), answer("a", 25)
        of_a_tick = {**regular, "id": "regular", "when": {"indicators": {"at_least": 1}}}
        [owed] = after(small(of_a_tick), ticked, held, at=move, move=move).owed
        assert (owed.because, owed.occurrence, owed.opened_at, owed.due_at) == (("a",), 2, hours(move), hours(due))

    def test_the_first_of_them_has_its_own_time_and_not_that_between_two(self) -> None:
        regular = {**SIGN, "within": "2 hours", "repeats": {"every": "96 hours", "until": FALLEN}}
        ticked = record("c", "checklist", 24, values={"present": ("a",)})
        of_a_tick = {**regular, "id": "regular", "when": {"indicators": {"at_least": 1}}}
        for move in (25, 26, 40):
            [owed] = after(small(of_a_tick), ticked, at=move, move=move).owed
            assert (owed.occurrence, owed.opened_at, owed.due_at) == (1, hours(move), hours(move + 2))

    def test_regular_reviews_that_are_no_longer_asked_for_are_owed_once_more(self) -> None:
        records = [sign("s", 0), answer("a", 24)]
        for more, still in (([], 1), ([answer("b", 24 * 5)], 0)):
            state = after(OTHER, *records, *more, at=24 * 6, move=24 * 3, old=small(WEEKLY))
            assert len(state.open) == still


class TestPutRightAfterwards:
    """A correction counts as it would have without the move."""

    def test_a_reason_taken_back(self) -> None:
        back = sign("x", 0, written=3, corrects="s", withdrawn=True)
        for new in (OLD, OTHER):
            assert [owed.obligation.id for owed in after(new, sign("s", 0), back, at=5, move=1).owed] == []

    def test_a_reason_taken_back_though_the_earlier_version_still_asks_for_something_else(self) -> None:
        old = small(
            {**SIGN, "again": "for each record", "met_by": [{"record": "answer", "about": "sign"}]},
            {**SIGN, "id": "p", "when": {"indicators": {"at_least": 1}}},
        )
        ticked = record("c", "checklist", 0, values={"present": ("a",)})
        back = sign("x", 0, written=3, corrects="s", withdrawn=True)
        state = after(OTHER, sign("s", 0), sign("t", 0.5), ticked, back, at=5, move=1, old=old)
        assert {(owed.obligation.id, owed.because) for owed in state.owed} >= {("o", ("t",)), ("p", ("c",))}
        assert ("o", ("s",)) not in {(owed.obligation.id, owed.because) for owed in state.owed}

    @pytest.mark.parametrize(
        ("own", "still"),
        [
            pytest.param({"how-many": 1}, True, id="by the value the service set"),
            pytest.param({}, False, id="by the default"),
            pytest.param({"how-many": 1, "new": 5}, True, id="passing by a value that only the new version has"),
            pytest.param({"how-many": 5}, False, id="passing by a value that the earlier version does not allow"),
        ],
    )
    def test_the_earlier_version_is_asked_with_the_service_s_values(self, own: dict[str, Any], still: bool) -> None:
        """The checklist was put right after the move, and one indicator stays."""
        old = small({"id": "o", "when": {"indicators": {"at_least": "local how-many"}}})
        data = OTHER.model_dump(mode="json", by_alias=True, exclude_unset=True)
        data["local"][0]["highest"] = 9
        data["local"].append({**data["local"][0], "id": "new"})
        data["obligations"][0]["when"] = {"indicators": {"at_least": 3}}
        ticked = record("c", "checklist", 0, values={"present": ("a", "b")})
        right = record("x", "checklist", 0, written=3, corrects="c", values={"present": ("a",)})
        state = state_of(
            definition_from_data(data, name="n"), ticked, right, at=5, move=moved(old, [ticked], hours(1)), local=own
        )
        assert bool(state.owed) is still

    def test_a_reason_put_right_that_stays_one_of_something_else_only(self) -> None:
        old = small(
            {**SIGN, "when": {"indicators": {"at_least": 2}}},
            {**SIGN, "id": "p", "when": {"indicators": {"at_least": 1}}},
        )
        many = small({"id": "many", "when": {"indicators": {"at_least": 3}}})
        ticked = record("c", "checklist", 0, values={"present": ("a", "b")})
        right = record("x", "checklist", 0, written=3, corrects="c", values={"present": ("a",)})
        assert [each.obligation.id for each in after(many, ticked, right, at=5, move=1, old=old).owed] == ["p"]

    def test_a_record_written_late_takes_nothing_back(self) -> None:
        """Only a correction does: the earlier version would not ask for it with this record known in time."""
        unless = {"all_of": [{"records": {"record": "sign"}}, {"not": {"indicators": {"at_least": 1}}}]}
        many = small({"id": "many", "when": {"indicators": {"at_least": 3}}})
        late = record("c", "checklist", -1, written=3, values={"present": ("a",)})
        [owed] = after(many, sign("s", 0), late, at=5, move=1, old=small({**SIGN, "when": unless})).owed
        assert (owed.obligation.id, owed.is_open) == ("o", True)

    def test_one_of_two_reasons_taken_back_where_both_are_needed(self) -> None:
        two = small({**SIGN, "when": {"records": {"record": "sign", "at_least": 2}}})
        back = sign("x", 0, written=3, corrects="s", withdrawn=True)
        assert after(OTHER, sign("s", 0), sign("t", 0.5), back, at=5, move=1, old=two).owed == ()

    def test_a_reason_taken_back_joins_nothing(self) -> None:
        of_a_tick = small({**SIGN, "when": {"indicators": {"at_least": 1}}, "within": "9 hours"})
        ticked = record("c", "checklist", 2, values={"present": ("a",)})
        back = sign("x", 0, written=3, corrects="s", withdrawn=True)
        [owed] = after(of_a_tick, sign("s", 0), ticked, back, at=5, move=1).owed
        assert (owed.because, owed.due_at) == (("c",), hours(11))

    def test_a_reason_put_right_that_stays_one(self) -> None:
        right = sign("x", 0, written=3, corrects="s", sort="other")
        assert [owed.is_open for owed in after(OTHER, sign("s", 0), right, at=5, move=1).owed] == [True]

    def test_a_reason_put_right_that_is_none_any_more(self) -> None:
        real = {"records": {"record": "sign", "with": [{"field": "sort", "is": "real"}]}}
        old = small({**SIGN, "when": real})
        right = sign("x", 0, written=3, corrects="s", sort="other")
        assert after(OTHER, sign("s", 0, sort="real"), right, at=5, move=1, old=old).owed == ()

    def test_the_proof_taken_back_it_is_owed_again(self) -> None:
        back = answer("x", 1, written=3, corrects="a", withdrawn=True)
        for new in (OLD, OTHER):
            [owed] = after(new, sign("s", 0), answer("a", 1), back, at=5, move=2).owed
            assert (owed.is_open, owed.due_at) == (True, hours(4))


def spans() -> st.SearchStrategy[str]:
    return st.sampled_from(["same day", "2 hours", "4 working hours", "3 days", "5 working days", "2 weeks"])


@st.composite
def changed(draw: st.DrawFn, definition: Definition) -> Definition:
    """Another version of ``definition``: some things changed in it, or another definition altogether."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(DEFINITIONS))
    data = definition.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for _ in range(draw(st.integers(1, 4))):
        owed = draw(st.sampled_from(data["obligations"]))
        kind = draw(st.sampled_from(data["records"]))
        match draw(st.integers(0, 7)):
            case 0:
                owed["within"] = draw(spans())
            case 1:
                owed["again"] = draw(st.sampled_from(["once", "every time"]))
            case 2:
                owed.pop("repeats", None)
            case 3:
                owed["repeats"] = {
                    "every": draw(spans().filter(lambda span: span != "same day")),
                    "until": draw(st.sampled_from(data["obligations"]))["when"],
                }
            case 4:
                draw(st.sampled_from(kind["fields"]))["required"] = draw(st.booleans())
            case 5:
                owed["when"] = draw(st.sampled_from(data["obligations"]))["when"]
            case 6:
                owed["met_by"] = [{"record": kind["id"]}]
            case 7 if len(data["obligations"]) > 1:
                data["obligations"].remove(owed)
    try:
        return definition_from_data(data, name="changed")
    except ListMistakes:
        assume(False)
        raise


@st.composite
def moves(draw: st.DrawFn) -> tuple[Definition, Definition, list[Record], datetime, datetime]:
    """Two versions, the records of a case, the moment of the move, and a moment after it."""
    old, records = draw(cases())
    new = draw(changed(old))
    at = hours(draw(st.integers(0, 24 * 50)))
    return old, new, records, at, at + timedelta(hours=draw(st.integers(0, 24 * 10)))


def stands_for(later: Owed, before: Owed) -> bool:
    return later.obligation.id == before.obligation.id and bool(set(later.because) & set(before.because))


@given(moves())
def test_nothing_open_disappears_or_comes_due_later_because_of_the_move(
    case: tuple[Definition, Definition, list[Record], datetime, datetime],
) -> None:
    old, new, records, at, then = case
    before = assess(old, records, at, ENGLAND).open
    move = moved(old, records, at)
    past = [each.owed for each in move.carried if not each.owed.is_open]
    for moment in (at, then):
        state = assess(new, records, moment, ENGLAND, move=move)
        for each in before:
            same = [later for later in state.owed if stands_for(later, each) and later not in past]
            assert any(later.due_at <= each.due_at for later in same), each
            for later in same:
                settled = later.met_at or later.ended_at
                # what is done is done by a record, and what ends is ended by one written after the move
                assert settled is None or settled >= at, later
                assert later.ended_at is None or later.ended_at > at, later


@given(moves())
def test_the_past_is_not_judged_anew_and_nothing_is_late_from_the_start(
    case: tuple[Definition, Definition, list[Record], datetime, datetime],
) -> None:
    old, new, records, at, _ = case
    move = moved(old, records, at)
    state = assess(new, records, at, ENGLAND, move=move)
    for each in move.carried:
        assert each.owed.is_open or each.owed in state.owed
    carried = {(each.owed.obligation.id, root) for each in move.carried for root in each.owed.because}
    for owed in state.owed:
        if not {(owed.obligation.id, root) for root in owed.because} & carried:
            assert owed.opened_at == at
            assert owed.due_at >= at


@given(moves())
def test_a_move_to_the_very_same_version_changes_nothing_that_is_open(
    case: tuple[Definition, Definition, list[Record], datetime, datetime],
) -> None:
    old, _, records, at, then = case

    stayed = assess(old, records, then, ENGLAND).open
    went = assess(old, records, then, ENGLAND, move=moved(old, records, at)).open
    assert sorted(each.obligation.id for each in went) == sorted(each.obligation.id for each in stayed)
    for each in stayed:
        # a record written late, of before the one that made it due, would have put its own moment in the place of it
        assert any(
            set(each.because) <= set(one.because) and one.due_at <= each.due_at and one.opened_at <= each.opened_at
            for one in went
            if one.obligation.id == each.obligation.id
        ), each


@given(moves(), st.data())
def test_a_second_move_keeps_what_the_first_carried(
    case: tuple[Definition, Definition, list[Record], datetime, datetime], data: st.DataObject
) -> None:
    old, new, records, at, then = case
    third = data.draw(changed(new))
    first = moved(old, records, at)
    between = assess(new, records, then, ENGLAND, move=first)
    second = Move(then, tuple(Carried(each, new) for each in between.owed))
    state = assess(third, records, then, ENGLAND, move=second)
    for each in between.open:
        assert any(stands_for(later, each) and later.due_at <= each.due_at for later in state.owed), each
    for each in between.owed:
        assert each.is_open or each in state.owed


@given(moves())
def test_what_is_kept_of_a_move_is_read_back_as_it_was(
    case: tuple[Definition, Definition, list[Record], datetime, datetime],
) -> None:
    old, _, records, at, _ = case
    for each in assess(old, records, at, ENGLAND).owed:
        kept = each._replace(attempt=None, lacking=())
        assert from_data(as_data(Carried(each, old), "v"), old).owed == kept
