"""What must be declared before results are seen, and what is refused with a sentence."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import (
    ALPHA_AT_LAST_LOOK,
    ALPHA_BEFORE_LAST_LOOK,
    CautionKind,
    Counts,
    ImpactPlan,
    Window,
    alpha_at,
    check_baseline,
    check_plan,
    check_result,
    is_exploratory,
    last_look_come,
    plan_cautions,
)
from saferpractice.assurance.rules.binomial import chance_at_most
from saferpractice.assurance.rules.plan import MOST_COUNTED

from .builders import (
    BASELINE,
    CONSULTATIONS,
    FIRST_LOOK,
    LAST_LOOK,
    LATE_ESCALATIONS,
    NO_NEXT_REVIEW,
    PLANS,
    ROLL_IN,
    SAME_DAY_CONSULT,
    counts,
    plans,
)

pytestmark = pytest.mark.requirement("R4", "R16")


class TestGoodPlans:
    @pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.measure)
    def test_nothing_is_wrong(self, plan: ImpactPlan) -> None:
        assert check_plan(plan) == {}

    @given(plans())
    def test_whatever_their_dates(self, plan: ImpactPlan) -> None:
        assert check_plan(plan) == {}

    def test_cannot_be_altered(self) -> None:
        with pytest.raises(FrozenInstanceError):
            LATE_ESCALATIONS.smallest_effect = 0.9  # type: ignore[misc]

    def test_a_roll_in_of_one_day(self) -> None:
        one_day = Window(date(2025, 1, 1), date(2025, 1, 1))
        assert check_plan(replace(LATE_ESCALATIONS, roll_in=one_day)) == {}
        assert one_day.days == 1


class TestRefusedPlans:
    @pytest.mark.parametrize(
        ("wrong", "field", "words"),
        [
            ({"measure": "  "}, "measure", "what is counted"),
            ({"exposure": ""}, "exposure", "months, or contacts"),
            ({"baseline": Window(date(2024, 12, 31), date(2024, 1, 1))}, "baseline_to", "must end on or after"),
            ({"roll_in": Window(date(2025, 2, 1), date(2025, 1, 1))}, "roll_in_to", "last team"),
            ({"roll_in": Window(date(2024, 12, 31), date(2025, 1, 31))}, "roll_in_from", "overlaps the roll-in"),
            ({"roll_in": Window(date(2024, 6, 1), date(2024, 7, 1))}, "roll_in_from", "before the first team"),
            ({"looks": ()}, "looks", "at least one day"),
            ({"looks": (LAST_LOOK, FIRST_LOOK)}, "looks", "in order"),
            ({"looks": (FIRST_LOOK, FIRST_LOOK)}, "looks", "a day of its own"),
            ({"looks": (ROLL_IN.to_on, LAST_LOOK)}, "looks", "after the roll-in"),
            ({"edited_on": date(2024, 1, 1)}, "edited_on", "before it was declared"),
        ],
    )
    def test_says_what_to_do_beside_the_field(self, wrong: dict[str, Any], field: str, words: str) -> None:
        problems = check_plan(replace(LATE_ESCALATIONS, **wrong))
        assert list(problems) == [field]
        assert words in problems[field]
        assert problems[field].endswith(".")

    @pytest.mark.parametrize("size", [0, -0.1, 1, 1.3, math.nan, math.inf])
    def test_a_fall_in_a_rate_needs_a_ratio_below_one(self, size: float) -> None:
        assert "0.7 is a fall of 30%" in check_plan(replace(LATE_ESCALATIONS, smallest_effect=size))["smallest_effect"]

    @pytest.mark.parametrize("size", [0, 0.7, 1, -2, math.nan, math.inf])
    def test_a_rise_in_a_rate_needs_a_ratio_above_one(self, size: float) -> None:
        assert "1.3 is a rise of 30%" in check_plan(replace(CONSULTATIONS, smallest_effect=size))["smallest_effect"]

    @pytest.mark.parametrize("size", [0, -0.1, 10, 1.01, math.nan, math.inf])
    @pytest.mark.parametrize("plan", [SAME_DAY_CONSULT, NO_NEXT_REVIEW], ids=["rise", "fall"])
    def test_a_proportion_needs_a_fraction(self, plan: ImpactPlan, size: float) -> None:
        """Ten, meant as percent, would be a thousand percentage points."""
        assert "0.1 is ten percentage points" in check_plan(replace(plan, smallest_effect=size))["smallest_effect"]

    def test_the_unit_read_is_asked_for_in_its_own_words(self) -> None:
        assert "records, or referrals" in check_plan(replace(SAME_DAY_CONSULT, exposure=" "))["exposure"]

    def test_every_problem_is_told_at_once(self) -> None:
        wrong = replace(
            LATE_ESCALATIONS,
            measure="",
            exposure="",
            looks=(),
            smallest_effect=3,
            roll_in=Window(date(2024, 5, 1), date(2024, 4, 1)),
        )
        fields = {"measure", "exposure", "looks", "smallest_effect", "roll_in_to", "roll_in_from"}
        assert set(check_plan(wrong)) == fields


class TestLooks:
    @given(plans())
    def test_strict_before_the_last_and_usual_at_the_last(self, plan: ImpactPlan) -> None:
        assert [alpha_at(plan, look) for look in plan.looks] == [
            *[ALPHA_BEFORE_LAST_LOOK] * (len(plan.looks) - 1),
            ALPHA_AT_LAST_LOOK,
        ]

    def test_the_levels_are_those_of_haybittle_and_peto(self) -> None:
        assert (ALPHA_BEFORE_LAST_LOOK, ALPHA_AT_LAST_LOOK) == (0.001, 0.05)

    def test_another_day_has_no_level(self) -> None:
        with pytest.raises(ValueError, match="2025-08-01 is not a planned look"):
            alpha_at(LATE_ESCALATIONS, date(2025, 8, 1))

    @pytest.mark.parametrize(
        ("today", "expected"),
        [
            (FIRST_LOOK - timedelta(days=1), None),
            (FIRST_LOOK, FIRST_LOOK),
            (LAST_LOOK - timedelta(days=1), FIRST_LOOK),
            (LAST_LOOK, LAST_LOOK),
            (date(2040, 1, 1), LAST_LOOK),
        ],
    )
    def test_which_look_has_come(self, today: date, expected: date | None) -> None:
        assert last_look_come(LATE_ESCALATIONS, today) == expected

    def test_looking_every_month_triples_false_claims_and_these_levels_do_not(self) -> None:
        """Nothing changes, two a month, a year before and twelve monthly looks: exact, no simulation."""
        once = _false_falls([0.0] * 11 + [0.05])
        every_month = _false_falls([0.05] * 12)
        planned = _false_falls([0.001] * 11 + [0.05])
        assert once == pytest.approx(0.018, abs=0.002)
        assert every_month == pytest.approx(0.051, abs=0.003)
        assert planned < once + 0.001 < 0.025


def _false_falls(levels: list[float], a_month: float = 2.0, most: int = 60) -> float:
    """Chance that a fall is called at any of the monthly looks, though the rate has stayed the same."""
    month = [math.exp(-a_month) * a_month**k / math.factorial(k) for k in range(20)]
    total = 0.0
    for before in range(most):
        weight = math.exp(-12 * a_month + before * math.log(12 * a_month) - math.lgamma(before + 1))
        still = {0: 1.0}
        for place, alpha in enumerate(levels, start=1):
            grown: dict[int, float] = {}
            for count, chance in still.items():
                for more, of_more in enumerate(month):
                    grown[count + more] = grown.get(count + more, 0.0) + chance * of_more
            line = math.log(place / 12)
            called = {
                count for count in grown if count < before and 2 * chance_at_most(count, before + count, line) <= alpha
            }
            total += weight * sum(grown[count] for count in called)
            still = {count: chance for count, chance in grown.items() if count not in called and count < most}
    return total


class TestExploratory:
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({}, False),
            ({"exploratory": True}, True),
            ({"edited_on": date(2025, 7, 30)}, False),
            ({"edited_on": FIRST_LOOK}, True),
            ({"edited_on": date(2025, 9, 1)}, True),
            ({"declared_on": date(2025, 9, 1)}, True),
            ({"declared_on": FIRST_LOOK}, True),
            ({"looks": ()}, False),
        ],
    )
    def test_a_plan_shaped_after_results_may_have_been_seen(self, facts: dict[str, Any], expected: bool) -> None:
        plan = replace(LATE_ESCALATIONS, **facts)
        assert is_exploratory(plan) is expected
        kinds = {caution.kind for caution in plan_cautions(plan)}
        assert (CautionKind.EXPLORATORY in kinds) is expected


class TestBaselineCounts:
    @pytest.mark.parametrize("index_events", [None, 0, 1, 20])
    def test_good(self, index_events: int | None) -> None:
        assert check_baseline(LATE_ESCALATIONS, counts(20, 12, index_events=index_events)) == {}
        assert check_baseline(LATE_ESCALATIONS, counts(20, 12, window=BASELINE)) == {}

    @pytest.mark.parametrize(
        ("baseline", "field", "words"),
        [
            (counts(-1, 12), "count", "below zero"),
            (counts(MOST_COUNTED + 1, 12), "count", "check the number"),
            (counts(3, 0), "out_of", "exposure (months)"),
            (counts(3, -1), "out_of", "exposure (months)"),
            (counts(3, math.nan), "out_of", "exposure (months)"),
            (counts(3, math.inf), "out_of", "exposure (months)"),
            (counts(3, 1e13), "out_of", "not plausible"),
            (counts(3, 1e-7), "out_of", "not plausible"),
            (counts(3, 12, index_events=4), "index_events", "more than were counted"),
            (counts(3, 12, index_events=-1), "index_events", "more than were counted"),
            (counts(3, 12, window=Window(date(2024, 2, 1), date(2024, 12, 31))), "window", "declared"),
        ],
    )
    def test_refused_for_a_rate(self, baseline: Counts, field: str, words: str) -> None:
        problems = check_baseline(LATE_ESCALATIONS, baseline)
        assert list(problems) == [field]
        assert words in problems[field]

    @pytest.mark.parametrize(
        ("baseline", "field", "words"),
        [
            (counts(11, 10), "count", "than were read"),
            (counts(0, 0), "out_of", "at least one"),
            (counts(3, 10.5), "out_of", "whole number"),
            (counts(3, MOST_COUNTED + 1), "out_of", "not plausible"),
            (counts(3, 10, index_events=1), "index_events", "out of the sample"),
        ],
    )
    def test_refused_for_a_proportion(self, baseline: Counts, field: str, words: str) -> None:
        problems = check_baseline(SAME_DAY_CONSULT, baseline)
        assert list(problems) == [field]
        assert words in problems[field]


class TestResultCounts:
    @pytest.mark.parametrize(
        ("window", "words"),
        [
            (None, None),
            (Window(date(2025, 2, 1), LAST_LOOK), None),
            (Window(date(2025, 3, 1), date(2025, 12, 31)), None),
            (Window(date(2025, 1, 31), LAST_LOOK), "inside the roll-in"),
            (Window(date(2024, 12, 31), LAST_LOOK), "overlaps the baseline"),
            (Window(date(2025, 2, 1), LAST_LOOK + timedelta(days=1)), "after the day of the look"),
            (Window(date(2025, 4, 1), date(2025, 3, 1)), "must end on or after"),
        ],
    )
    def test_days_of_another_side_are_refused(self, window: Window | None, words: str | None) -> None:
        problems = check_result(LATE_ESCALATIONS, LAST_LOOK, counts(3, 12, window=window))
        assert words is None if not problems else words is not None and words in problems["window"]
        assert bool(problems) == bool(words)

    @given(plans(), st.integers(0, 400))
    def test_all_days_up_to_the_look_are_good(self, plan: ImpactPlan, count: int) -> None:
        for look in plan.looks:
            assert check_result(plan, look, counts(min(count, 50), 50)) == {}

    def test_counts_are_checked_as_before(self) -> None:
        assert "count" in check_result(LATE_ESCALATIONS, LAST_LOOK, counts(-1, 12))
        assert "out_of" in check_result(SAME_DAY_CONSULT, LAST_LOOK, counts(0, 0))


class TestCautionsOfThePlan:
    @pytest.mark.parametrize(
        ("plan", "facts", "kind", "expected"),
        [
            (LATE_ESCALATIONS, {}, CautionKind.SHORT_BASELINE, False),
            (
                LATE_ESCALATIONS,
                {"baseline": Window(date(2024, 1, 3), date(2024, 12, 31))},
                CautionKind.SHORT_BASELINE,
                True,
            ),
            (
                LATE_ESCALATIONS,
                {"baseline": Window(date(2023, 3, 1), date(2024, 2, 28))},
                CautionKind.SHORT_BASELINE,
                False,
            ),
            (LATE_ESCALATIONS, {"primary": False}, CautionKind.SUPPORTING, True),
            (LATE_ESCALATIONS, {}, CautionKind.SUPPORTING, False),
            (LATE_ESCALATIONS, {"counts_incidents": True}, CautionKind.MORE_REPORTING, True),
            (LATE_ESCALATIONS, {"counts_incidents": True}, CautionKind.SAME_PERSON, True),
            (LATE_ESCALATIONS, {}, CautionKind.MORE_REPORTING, False),
            (SAME_DAY_CONSULT, {"counts_incidents": True}, CautionKind.MORE_REPORTING, False),
            (LATE_ESCALATIONS, {}, CautionKind.TIME_AS_EXPOSURE, True),
            (LATE_ESCALATIONS, {"exposure": " Weeks "}, CautionKind.TIME_AS_EXPOSURE, True),
            (LATE_ESCALATIONS, {"exposure": "contacts"}, CautionKind.TIME_AS_EXPOSURE, False),
            (SAME_DAY_CONSULT, {"exposure": "weeks"}, CautionKind.TIME_AS_EXPOSURE, False),
        ],
    )
    def test_stand_when_they_apply_and_only_then(
        self, plan: ImpactPlan, facts: dict[str, Any], kind: CautionKind, expected: bool
    ) -> None:
        found = plan_cautions(replace(plan, **facts))
        assert (kind in {caution.kind for caution in found}) is expected
        assert all(caution.sentence.endswith(".") for caution in found)
