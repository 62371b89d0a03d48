"""When could it be shown? Looks, days and records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.assurance.rules import (
    Counts,
    Direction,
    ImpactPlan,
    Kind,
    Window,
    alpha_at,
    best_possible_p,
    outlook,
    reaches,
)
from saferpractice.assurance.rules.reach import best_p, in_words, nothing_to_gain

from .builders import (
    CONSULTATIONS,
    FIRST_LOOK,
    LAST_LOOK,
    LATE_ESCALATIONS,
    NO_NEXT_REVIEW,
    SAME_DAY_CONSULT,
    counts,
    judged,
    plans,
)

pytestmark = pytest.mark.requirement("R4", "R16")

MONTHLY = tuple(date(2025 + month // 12, month % 12 + 1, 28) for month in range(1, 61))


class TestRates:
    def test_enough_for_the_first_look(self) -> None:
        found = outlook(LATE_ESCALATIONS, counts(40, 12))
        assert (found.look, found.expected_on, found.alpha) == (FIRST_LOOK, FIRST_LOOK, 0.001)

    def test_enough_for_the_last_look_only(self) -> None:
        found = outlook(LATE_ESCALATIONS, counts(10, 12))
        assert (found.look, found.alpha) == (LAST_LOOK, 0.05)
        assert found.needed == pytest.approx(12 * (40 ** (1 / 10) - 1))

    def test_never_within_the_plan(self) -> None:
        found = outlook(LATE_ESCALATIONS, counts(2, 12))
        assert found.look is None
        assert found.needed == pytest.approx(63.894663844)
        # 63.9 months at 12 in 366 days, after the last day of the roll-in
        assert found.expected_on == LATE_ESCALATIONS.roll_in.to_on + timedelta(days=1949)

    def test_a_day_beyond_the_calendar_is_no_day(self) -> None:
        plan = replace(LATE_ESCALATIONS, baseline=Window(date(1990, 1, 1), date(2024, 12, 31)))
        found = outlook(plan, counts(1, 0.001), so_far=(LAST_LOOK, counts(0, 0.000_001)))
        assert (found.look, found.expected_on) == (None, None)
        assert found.needed is not None

    def test_events_so_far_put_it_off(self) -> None:
        plan = replace(LATE_ESCALATIONS, looks=MONTHLY)
        at = MONTHLY[2]
        none, one = (outlook(plan, counts(3, 12), so_far=(at, counts(events, 2.9))) for events in (0, 1))
        assert none.needed is not None
        assert one.needed is not None
        assert one.needed > none.needed

    def test_goes_on_at_the_pace_of_the_follow_up(self) -> None:
        """A service that has doubled its contacts gets there in half the time."""
        plan = replace(LATE_ESCALATIONS, exposure="contacts", looks=(FIRST_LOOK,))
        slow, quick = (outlook(plan, counts(4, 1000), so_far=(FIRST_LOOK, counts(0, pace))) for pace in (300, 600))
        assert slow.expected_on is not None
        assert quick.expected_on is not None
        begun = plan.follow_up_from_on
        assert (slow.expected_on - begun).days == pytest.approx(2 * (quick.expected_on - begun).days, abs=2)

    def test_only_looks_still_ahead_count(self) -> None:
        found = outlook(LATE_ESCALATIONS, counts(40, 12), so_far=(FIRST_LOOK, counts(0, 0.1)))
        assert found.look != FIRST_LOOK

    def test_a_rise_could_be_shown_at_any_look(self) -> None:
        assert outlook(CONSULTATIONS, counts(3, 12)).look == FIRST_LOOK
        assert outlook(CONSULTATIONS, counts(3, 12), so_far=(FIRST_LOOK, counts(3, 6))).look == LAST_LOOK
        assert outlook(CONSULTATIONS, counts(3, 12), so_far=(LAST_LOOK, counts(3, 12))).look is None

    def test_incidents_left_out_of_the_baseline_do_not_help(self) -> None:
        with_it, without = (outlook(LATE_ESCALATIONS, counts(4, 12, index_events=left_out)) for left_out in (0, 2))
        assert with_it.needed is not None
        assert without.needed is not None
        assert without.needed > with_it.needed

    def test_a_day_makes_the_difference(self) -> None:
        """Six in 366 days: 310.85 days without one are needed, so 310 are too few and 311 enough."""
        begun = LATE_ESCALATIONS.roll_in.to_on
        for days_on, enough in ((310, False), (311, True)):
            look = begun + timedelta(days=days_on)
            plan = replace(LATE_ESCALATIONS, exposure="days", looks=(look,))
            assert outlook(plan, counts(6, 366)).look == (look if enough else None)

    @given(plans(), st.integers(1, 40))
    def test_the_look_named_is_the_first_that_could(self, plan: ImpactPlan, before: int) -> None:
        assume(plan.kind is Kind.RATE and plan.direction is Direction.REDUCE)
        baseline = counts(before, float(plan.baseline.days))
        found = outlook(plan, baseline)
        # Exposure is in days here, so that each look has as many as it has days.
        could = [
            look
            for look in plan.looks
            if reaches(best_possible_p(before, baseline.out_of, (look - plan.roll_in.to_on).days), alpha_at(plan, look))
        ]
        assert found.look == (could[0] if could else None)


class TestRecords:
    def test_how_many_by_the_last_look(self) -> None:
        found = outlook(SAME_DAY_CONSULT, counts(12, 20))
        assert (found.needed, found.look, found.alpha) == (9, LAST_LOOK, 0.05)

    def test_records_that_missed_ask_for_more(self) -> None:
        some = outlook(SAME_DAY_CONSULT, counts(12, 20), so_far=(FIRST_LOOK, counts(5, 6)))
        assert some.needed is not None
        assert some.needed > 9

    def test_a_fall_counts_the_other_way_round(self) -> None:
        rise = outlook(SAME_DAY_CONSULT, counts(12, 20), so_far=(FIRST_LOOK, counts(5, 6)))
        fall = outlook(NO_NEXT_REVIEW, counts(8, 20), so_far=(FIRST_LOOK, counts(1, 6)))
        assert fall == rise

    def test_no_look_is_left(self) -> None:
        found = outlook(SAME_DAY_CONSULT, counts(1, 3), so_far=(LAST_LOOK, counts(3, 3)))
        assert (found.needed, found.look, found.expected_on) == (9, None, None)

    def test_a_perfect_baseline_has_no_answer(self) -> None:
        found = outlook(SAME_DAY_CONSULT, counts(10, 10))
        assert (found.needed, found.look) == (None, None)


class TestNothingToGain:
    @pytest.mark.parametrize(
        ("plan", "baseline", "expected"),
        [
            (LATE_ESCALATIONS, counts(0, 12), True),
            (LATE_ESCALATIONS, counts(1, 12), False),
            (LATE_ESCALATIONS, counts(1, 12, index_events=1), True),
            (CONSULTATIONS, counts(0, 12), False),
            (SAME_DAY_CONSULT, counts(10, 10), True),
            (SAME_DAY_CONSULT, counts(0, 10), False),
            (NO_NEXT_REVIEW, counts(0, 10), True),
            (NO_NEXT_REVIEW, counts(10, 10), False),
        ],
    )
    def test_when_it_is_as_good_as_it_can_be(self, plan: ImpactPlan, baseline: Counts, expected: bool) -> None:
        assert nothing_to_gain(plan, baseline) is expected

    @given(judged())
    def test_then_the_best_result_shows_nothing(self, case: tuple[ImpactPlan, Counts, Counts, date]) -> None:
        plan, before, after, _ = case
        if nothing_to_gain(plan, before):
            assert best_p(plan, before, after.out_of) == 1.0


class TestInWords:
    def test_no_planned_look_is_late_enough(self) -> None:
        words = in_words(LATE_ESCALATIONS, outlook(LATE_ESCALATIONS, counts(2, 12)), so_far=False)
        assert words == (
            "It would take 63.9 months after the change in all, with none counted. That is about 3 June 2030."
            " No planned look is late enough. Let a process measure, such as a records audit or the time to escalation,"
            " be the main evidence."
        )

    def test_a_whole_number_of_months_stays_whole(self) -> None:
        words = in_words(LATE_ESCALATIONS, outlook(LATE_ESCALATIONS, counts(1, 12)), so_far=False)
        assert "take 468 months" in words

    def test_the_look_that_could(self) -> None:
        words = in_words(LATE_ESCALATIONS, outlook(LATE_ESCALATIONS, counts(10, 12)), so_far=True)
        assert words.endswith("with no more counted. The look on 31 January 2026 could be the first to show it.")

    def test_records(self) -> None:
        words = in_words(SAME_DAY_CONSULT, outlook(SAME_DAY_CONSULT, counts(12, 20)), so_far=False)
        assert words == (
            "It would take 9 records read after the change, with every one meeting the standard."
            " Read that many by the look on 31 January 2026."
        )
        late = outlook(NO_NEXT_REVIEW, counts(2, 3), so_far=(LAST_LOOK, counts(0, 3)))
        assert in_words(NO_NEXT_REVIEW, late, so_far=True) == (
            "It would take 9 records read after the change, with no further one counted."
            " No planned look is left: plan another check with more records."
        )

    @given(judged())
    def test_is_a_sentence_or_nothing(self, case: tuple[ImpactPlan, Counts, Counts, date]) -> None:
        plan, before, after, look = case
        reach = outlook(plan, before, so_far=(look, after))
        words = in_words(plan, reach, so_far=True)
        assert words.endswith(".") == (reach.needed is not None)
        assert reach.look is None or reach.look > look
