"""What the day a change went live, and what led to it, do to its verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import Circumstances, Counts, ImpactPlan, VerdictWord, index_problem, judge
from saferpractice.assurance.rules.cautions import CautionKind

from .builders import (
    AFTER_ALL,
    BASELINE,
    FIRST_LOOK,
    LAST_LOOK,
    LATE_ESCALATIONS,
    PLANS,
    ROLL_IN,
    counts,
    judged,
    plans,
)

pytestmark = pytest.mark.requirement("R4", "R16")


def said(plan: ImpactPlan, live_on: date | None, *, look: date = LAST_LOOK) -> list[str]:
    found = judge(
        plan, counts(20, 30), counts(12, 30), look, today=AFTER_ALL, circumstances=Circumstances(live_on=live_on)
    )
    return [caution.sentence for caution in found.cautions if caution.kind is CautionKind.LIVE_OUTSIDE_PLAN]


class TestOutsideThePlan:
    @pytest.mark.parametrize(
        ("live_on", "words"),
        [
            (None, None),
            (BASELINE.from_on, "inside the baseline"),
            (BASELINE.to_on, "inside the baseline"),
            (BASELINE.to_on + timedelta(days=1), None),
            (ROLL_IN.from_on, None),
            (ROLL_IN.to_on, None),
            (ROLL_IN.to_on + timedelta(days=1), "after the last team was to start"),
            (LAST_LOOK, "after the last team was to start"),
        ],
    )
    @pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.measure)
    def test_days_on_the_wrong_side_are_said(self, plan: ImpactPlan, live_on: date | None, words: str | None) -> None:
        sentences = said(plan, live_on)
        assert len(sentences) == (words is not None)
        assert not sentences or (words or "") in sentences[0]

    @given(plans(), st.integers(-900, 900))
    def test_it_is_said_exactly_when_a_day_was_counted_on_the_wrong_side(self, plan: ImpactPlan, days: int) -> None:
        live_on = plan.roll_in.from_on + timedelta(days=days)
        look = plan.looks[-1]
        before = plan.baseline.to_on >= live_on
        after = plan.roll_in.to_on < live_on
        found = judge(
            plan, counts(20, 30), counts(12, 30), look, today=look, circumstances=Circumstances(live_on=live_on)
        )
        kinds = [caution.kind for caution in found.cautions]
        assert (CautionKind.LIVE_OUTSIDE_PLAN in kinds) is (before or after)

    @given(judged(), st.integers(-900, 900))
    def test_it_never_moves_the_verdict(self, case: tuple[ImpactPlan, Counts, Counts, date], days: int) -> None:
        plan, before, after, look = case
        circumstances = Circumstances(live_on=look + timedelta(days=days))
        one = judge(plan, before, after, look, today=look)
        other = judge(plan, before, after, look, today=look, circumstances=circumstances)
        assert (one.word, one.reason) == (other.word, other.reason)


class TestNotLive:
    @given(judged())
    def test_there_is_no_effect_of_a_change_nobody_made(self, case: tuple[ImpactPlan, Counts, Counts, date]) -> None:
        plan, before, after, look = case
        found = judge(plan, before, after, look, today=look, circumstances=Circumstances(not_live=True))
        assert found.word is VerdictWord.CANNOT_BE_JUDGED
        assert found.numbers is None

    def test_it_is_said_which_look_it_was(self) -> None:
        circumstances = Circumstances(not_live=True)
        found = judge(
            LATE_ESCALATIONS, counts(20, 12), counts(1, 12), LAST_LOOK, today=AFTER_ALL, circumstances=circumstances
        )
        assert found.reason == (
            "The change was not live by the look of 31 January 2026, so there is no effect of it to judge."
        )

    def test_before_the_look_it_may_still_go_live(self) -> None:
        found = judge(
            LATE_ESCALATIONS,
            counts(20, 12),
            None,
            FIRST_LOOK,
            today=FIRST_LOOK - timedelta(days=1),
            circumstances=Circumstances(not_live=True),
        )
        assert found.word is VerdictWord.TOO_EARLY

    def test_what_makes_the_counts_useless_is_said_first(self) -> None:
        circumstances = Circumstances(not_live=True, definition_changed=True)
        found = judge(
            LATE_ESCALATIONS, counts(20, 12), counts(1, 12), LAST_LOOK, today=AFTER_ALL, circumstances=circumstances
        )
        assert "defined differently" in found.reason


class TestWhatLedToTheChange:
    PLAN = replace(LATE_ESCALATIONS, index_incidents_on=(date(2024, 11, 3),))

    @pytest.mark.parametrize(
        ("days", "index_events", "asked"),
        [
            ((), None, False),
            ((date(2024, 11, 3),), None, True),
            ((date(2024, 11, 3),), 0, False),
            ((date(2024, 11, 3),), 5, False),
            ((BASELINE.from_on,), None, True),
            ((BASELINE.to_on,), None, True),
            ((BASELINE.from_on - timedelta(days=1), BASELINE.to_on + timedelta(days=1)), None, False),
            ((date(2025, 2, 1), date(2024, 11, 3)), None, True),
        ],
    )
    def test_inside_the_baseline_somebody_must_say(
        self, days: tuple[date, ...], index_events: int | None, asked: bool
    ) -> None:
        plan = replace(LATE_ESCALATIONS, index_incidents_on=days)
        assert list(index_problem(plan, counts(20, 12, index_events=index_events))) == ["index_events"] * asked

    @pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.measure)
    def test_of_records_nobody_is_asked(self, plan: ImpactPlan) -> None:
        """They are taken out of the sample instead."""
        asked = index_problem(replace(plan, index_incidents_on=(date(2024, 11, 3),)), counts(20, 30))
        assert bool(asked) is (plan.kind == "rate")

    def test_the_days_are_named_in_order(self) -> None:
        plan = replace(LATE_ESCALATIONS, index_incidents_on=(date(2024, 11, 3), date(2024, 10, 1), date(2025, 2, 1)))
        assert "(1 October 2024, 3 November 2024)" in index_problem(plan, counts(20, 12))["index_events"]

    @given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
    def test_the_more_of_it_is_left_out_the_less_is_claimed(self, count: int, out: int, after: int) -> None:
        """Leaving events out of the baseline can only take an improvement away, never make one."""
        out = min(out, count)
        whole = judge(self.PLAN, counts(count, 12, index_events=0), counts(after, 12), LAST_LOOK, today=AFTER_ALL)
        less = judge(self.PLAN, counts(count, 12, index_events=out), counts(after, 12), LAST_LOOK, today=AFTER_ALL)
        if less.word is VerdictWord.IMPROVED:
            assert whole.word is VerdictWord.IMPROVED
        if whole.word is VerdictWord.GOT_WORSE:
            assert less.word is VerdictWord.GOT_WORSE
