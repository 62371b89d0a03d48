"""An XmR chart says what the rules say and no more: each rule at its edge, and a slow reading of the same rules."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.charts import (
    Assurance,
    Better,
    ChartRefused,
    Reading,
    Signal,
    TwoInThree,
    XmrChart,
    place,
    read_xmr,
    reading_of,
)
from saferpractice.assurance.rules.charts.means import mean_of, median_of

pytestmark = pytest.mark.requirement("R4", "R20", "R25", "R31")
BEGIN = date(2024, 4, 1)
Values = list[float | None]


def days(number: int) -> list[date]:
    return [BEGIN + timedelta(days=7 * i) for i in range(number)]


def chart(values: Values, **more: object) -> XmrChart:
    return read_xmr(days(len(values)), values, **({"better": Better.LOWER} | more))  # type: ignore[arg-type]


def labels(values: Values, **more: object) -> list[Signal]:
    return [one.label for one in chart(values, **more).points]


def calm(number: int, *, about: float = 10.0) -> Values:
    """Ordinary weeks: now a little above, now a little below."""
    return [about + (1 if i % 2 else -1) * (0.5 + 0.1 * (i % 3)) for i in range(number)]


some = st.integers(-40, 40).map(lambda n: n / 4)
series = st.lists(st.one_of(some, some, some, some, some, st.none()), min_size=1, max_size=45)


class TestMeans:
    @given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
    def test_the_mean_is_the_float_nearest_to_the_exact_one(self, values: list[float]) -> None:
        exact = sum(map(Fraction, values), Fraction(0)) / len(values)
        assert mean_of(values) == pytest.approx(float(exact), rel=1e-15, abs=1e-12)

    @pytest.mark.parametrize("value", [0.1, 0.3, 2.675, 1e-9, 1e15 + 0.3])
    @pytest.mark.parametrize("times", [2, 7, 24, 36])
    def test_equal_values_lie_on_their_mean(self, value: float, times: int) -> None:
        assert mean_of([value] * times) == value
        points, _ = place(days(times), [value] * times)
        assert {point.side for point in points} == {0}

    @pytest.mark.parametrize(("values", "middle"), [([3.0], 3), ([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([5, 5, 1, 1], 3)])
    def test_the_median(self, values: list[float], middle: float) -> None:
        assert median_of(values) == middle

    @pytest.mark.parametrize("what", [mean_of, median_of])
    def test_nothing_has_neither(self, what: object) -> None:
        with pytest.raises(ValueError, match="of nothing"):
            what([])  # type: ignore[operator]


class TestLimits:
    def test_a_range_never_bridges_a_gap(self) -> None:
        points, _ = place(days(4), [1, None, 5, 6])
        assert [point.moving_range for point in points] == [None, None, None, 1]

    def test_no_range_crosses_a_rebase(self) -> None:
        points, groups = place(days(4), [1, 2, 50, 51], rebase_on=[days(4)[2]])
        assert [point.moving_range for point in points] == [None, 1, None, 1]
        assert [(group.mean, group.points) for group in groups] == [(1.5, 2), (50.5, 2)]

    def test_a_rebase_on_the_first_date_changes_nothing(self) -> None:
        assert place(days(14), calm(14), rebase_on=[BEGIN]) == place(days(14), calm(14))

    def test_screening_drops_a_range_at_its_bound_and_keeps_the_mean(self) -> None:
        values: Values = [*calm(12), 60.0, *calm(12)]
        screened, plain = place(days(25), values), place(days(25), values, screen=False)
        assert screened[1][0].mean == plain[1][0].mean
        assert screened[1][0].range_used < screened[1][0].range_all == plain[1][0].range_used
        assert [point.range_counts for point in screened[0][12:14]] == [False, False]

    def test_a_range_of_exactly_the_bound_does_not_count(self) -> None:
        # One range of r among n - 1 of a: r is 3.267 times the average when r = 3.267 (n - 1) a / (n - 3.267).
        ranges, a = 33, 1000 * (33 - 3.267)
        values: Values = [0.0]
        for i in range(ranges - 1):
            values.append(a if i % 2 == 0 else 0.0)
        values.append((values[-1] or 0.0) + 3267 * (ranges - 1))
        points, groups = place(days(len(values)), values)
        assert points[-1].moving_range == pytest.approx(3.267 * groups[0].range_all, rel=1e-12)
        if points[-1].moving_range >= 3.267 * groups[0].range_all:
            assert points[-1].range_counts is False

    def test_limits_are_not_cut_at_nothing(self) -> None:
        _, (group,) = place(days(14), [0, 3] * 7)
        assert group.lower is not None
        assert group.lower < 0

    @pytest.mark.parametrize("values", [[4.0], [4.0] * 20, [None, 4.0, None]])
    def test_without_a_range_that_counts_there_are_no_limits(self, values: Values) -> None:
        points, (group,) = place(days(len(values)), values)
        assert (group.lower, group.upper) == (None, None)
        assert not any(point.outside or point.near for point in points)

    def test_nothing_but_missing_values_has_no_mean(self) -> None:
        points, (group,) = place(days(3), [None, None, None])
        assert group.mean is None
        assert [point.side for point in points] == [None, None, None]

    def test_fixed_limits_do_not_follow_later_points(self) -> None:
        before = place(days(12), calm(12), fix_after=12)[1][0]
        _, (after,) = place(days(30), [*calm(12), *calm(18, about=90)], fix_after=12)
        assert (after.mean, after.upper, after.base) == (before.mean, before.upper, 12)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"dates": [BEGIN, BEGIN]}, "Two points have the same date"),
            ({"dates": [BEGIN]}, "one date for each value"),
            ({"rebase_on": [date(2024, 4, 2)]}, "No point has the date 02/04/2024"),
            ({"fix_after": 11}, "fixed after 12 points or more"),
        ],
    )
    def test_what_cannot_be_a_chart_is_refused_in_words(self, change: dict[str, object], words: str) -> None:
        given_: dict[str, object] = {"dates": days(2), "values": [1, 2]} | change
        with pytest.raises(ChartRefused, match=words):
            place(**given_)  # type: ignore[arg-type]

    @given(series, st.randoms(use_true_random=False))
    def test_the_order_in_which_points_are_given_does_not_matter(self, values: Values, random: object) -> None:
        pairs = list(zip(days(len(values)), values, strict=True))
        random.shuffle(pairs)  # type: ignore[attr-defined]
        mixed = place([on for on, _ in pairs], [value for _, value in pairs])
        assert mixed == place(days(len(values)), values)


class TestTheFourRules:
    def test_a_value_on_the_limit_is_inside(self) -> None:
        points, (group,) = place(days(14), calm(14))
        at = place(days(14), [*calm(13), group.upper])[0][-1]
        assert points[0].outside is False
        assert at.outside is (at.value > at.group.upper)

    @pytest.mark.parametrize(
        ("steps", "flagged"),
        [([1] * 6, True), ([1] * 5, False), ([1, 1, 1, 0, 1, 1, 1], False), ([1] * 9, True), ([-1] * 6, True)],
    )
    def test_a_trend_is_six_steps_one_way(self, steps: list[int], flagged: bool) -> None:
        # Within wide limits, so that no other rule hides it.
        wild: Values = [10, 30] * 8
        at = 20 - 0.5 * sum(steps) / 2
        run: Values = [at]
        for step in steps:
            at += 0.5 * step
            run.append(at)
        signal = Signal.RISING if sum(steps) > 0 else Signal.FALLING
        found = [signal in one.signals for one in chart([*wild, *run]).points][len(wild) :]
        assert any(found) is flagged
        if flagged and 0 not in steps:
            assert all(found[-7:])

    def test_the_peak_between_a_rise_and_a_fall_takes_the_step_to_its_right(self) -> None:
        rise, fall = [float(i) for i in range(7)], [float(6 - i) for i in range(1, 7)]
        found = chart([*rise, *fall]).points
        assert Signal.RISING in found[5].signals
        assert Signal.FALLING in found[6].signals
        assert Signal.FALLING in found[12].signals

    def test_a_missing_value_ends_every_run(self) -> None:
        run: Values = [1, 2, 3, None, 4, 5, 6, 7]
        assert Signal.RISING not in labels(run)
        low: Values = [*([9.0, 9.1] * 3), None, 9.0, *([20.0] * 7)]
        assert Signal.SHIFT_BELOW not in labels(low)

    def test_no_run_crosses_a_rebase(self) -> None:
        values: Values = [1, 2, 3, 4, 5, 6, 7, 8]
        assert Signal.RISING in labels(values)
        assert Signal.RISING not in labels(values, rebase_on=[days(8)[4]])

    @pytest.mark.parametrize(("number", "flagged"), [(6, False), (7, True), (8, True)])
    def test_a_shift_is_seven_on_one_side(self, number: int, flagged: bool) -> None:
        low: Values = [9.0 + 0.1 * (i % 2) for i in range(number)]
        values = [*low, *([13.0, 12.6] * 3), 9.9, 12.5, 9.8, 13.0]
        assert [Signal.SHIFT_BELOW in one.signals for one in chart(values).points[:number]] == [flagged] * number

    def test_a_point_on_the_mean_ends_a_shift(self) -> None:
        exact: Values = [9, 9, 9, 10, 9, 9, 9, 11, 11, 11, 11, 11, 11]
        found = chart(exact)
        assert found.points[3].point.side == 0
        assert not any(Signal.SHIFT_BELOW in one.signals for one in found.points)

    def near_and_outside(self) -> tuple[Values, float, float]:
        _, (group,) = place(days(40), calm(40))
        assert group.upper is not None
        assert group.near_upper is not None
        return calm(40), (group.near_upper + group.upper) / 2, group.upper * 1.2

    def test_two_in_three_flags_only_the_near_ones(self) -> None:
        base, near, _ = self.near_and_outside()
        found = chart([*base, near, 10.2, near], fix_after=40).points[-3:]
        assert [Signal.TWO_IN_THREE_ABOVE in one.signals for one in found] == [True, False, True]

    @pytest.mark.parametrize(
        ("rule", "flags"), [(TwoInThree.OF_THE_TOOL, [False] * 3), (TwoInThree.OF_2023, [True, True, False])]
    )
    def test_a_point_outside_counts_only_by_the_rule_of_2023(self, rule: TwoInThree, flags: list[bool]) -> None:
        base, near, outside = self.near_and_outside()
        found = chart([*base, outside, near, 10.2], fix_after=40, two_in_three=rule).points[-3:]
        assert [Signal.TWO_IN_THREE_ABOVE in one.signals for one in found] == flags
        assert found[0].label is Signal.ABOVE_LIMIT, "the label keeps the order of the rules"

    def test_all_three_lie_on_one_side(self) -> None:
        base, near, _ = self.near_and_outside()
        found = chart([*base, near, 9.8, near], fix_after=40).points[-3:]
        assert not any(Signal.TWO_IN_THREE_ABOVE in one.signals for one in found)

    def test_a_point_keeps_every_rule_that_holds(self) -> None:
        values: Values = [float(i) for i in range(20)]
        first = chart(values).points[0]
        assert first.label is Signal.BELOW_LIMIT
        assert set(first.signals) >= {Signal.BELOW_LIMIT, Signal.RISING, Signal.SHIFT_BELOW}


def slowly(values: Values, **how: object) -> list[set[Signal]]:
    """The four rules read word by word from one group's marks, every window of every rule by itself."""
    points, _ = place(days(len(values)), values, **how)  # type: ignore[arg-type]
    found: list[set[Signal]] = [set() for _ in points]
    for i, point in enumerate(points):
        if point.outside:
            found[i].add(Signal.ABOVE_LIMIT if point.side == 1 else Signal.BELOW_LIMIT)
    for i in range(len(points) - 6):
        window = points[i : i + 7]
        present = [point.value for point in window if point.value is not None]
        if len({id(point.group) for point in window}) > 1 or len(present) < 7:
            continue
        if {point.side for point in window} in ({1}, {-1}):
            for j in range(i, i + 7):
                found[j].add(Signal.SHIFT_ABOVE if window[0].side == 1 else Signal.SHIFT_BELOW)
        pairs = list(pairwise(present))
        if all(one < other for one, other in pairs) or all(one > other for one, other in pairs):
            for j in range(i, i + 7):
                found[j].add(Signal.RISING if present[0] < present[1] else Signal.FALLING)
    for i in range(len(points) - 2):
        window = points[i : i + 3]
        if len({id(point.group) for point in window}) > 1 or {point.side for point in window} not in ({1}, {-1}):
            continue
        near = [point.near for point in window]
        if sum(bool(each) for each in near) >= 2:
            for j in range(3):
                if near[j]:
                    up = window[0].side == 1
                    found[i + j].add(Signal.TWO_IN_THREE_ABOVE if up else Signal.TWO_IN_THREE_BELOW)
    return found


class TestProperties:
    @given(series, st.booleans(), st.integers(0, 44))
    def test_the_slow_reading_finds_the_same(self, values: Values, screen: bool, at: int) -> None:
        how: dict[str, object] = {"screen": screen, "rebase_on": [days(45)[at]] if at < len(values) else []}
        both = {Signal.RISING, Signal.FALLING}
        for one, expected in zip(chart(values, **how).points, slowly(values, **how), strict=True):
            hidden = both - set(one.signals) if both <= expected else set()  # a peak or a trough shows one of the two
            assert set(one.signals) == expected - hidden

    @given(series)
    def test_a_mirror_turns_high_into_low(self, values: Values) -> None:
        turned = chart([None if value is None else -value for value in values], better=Better.HIGHER)
        pairs = {
            Reading.CONCERN_HIGH: Reading.CONCERN_LOW,
            Reading.CONCERN_LOW: Reading.CONCERN_HIGH,
            Reading.IMPROVEMENT_HIGH: Reading.IMPROVEMENT_LOW,
            Reading.IMPROVEMENT_LOW: Reading.IMPROVEMENT_HIGH,
            Reading.ORDINARY: Reading.ORDINARY,
        }
        plain = chart(values, better=Better.LOWER)
        assert [one.reading for one in turned.points] == [pairs[one.reading] for one in plain.points]

    @given(series, series)
    def test_what_comes_before_a_rebase_does_not_touch_what_comes_after(self, before: Values, after: Values) -> None:
        both = [*before, *after]
        at = days(len(both))[len(before)]
        joined = read_xmr(days(len(both)), both, better=Better.LOWER, rebase_on=[at]).points[len(before) :]
        alone = read_xmr(days(len(both))[len(before) :], after, better=Better.LOWER).points
        assert [one.signals for one in joined] == [one.signals for one in alone]


class TestWhatIsConcluded:
    @pytest.mark.parametrize(
        ("signal", "better", "reading"),
        [
            (Signal.ABOVE_LIMIT, Better.HIGHER, Reading.IMPROVEMENT_HIGH),
            (Signal.ABOVE_LIMIT, Better.LOWER, Reading.CONCERN_HIGH),
            (Signal.FALLING, Better.HIGHER, Reading.CONCERN_LOW),
            (Signal.FALLING, Better.LOWER, Reading.IMPROVEMENT_LOW),
            (Signal.SHIFT_ABOVE, Better.NEITHER, Reading.NEUTRAL_HIGH),
            (Signal.TWO_IN_THREE_BELOW, Better.NEITHER, Reading.NEUTRAL_LOW),
            (Signal.NONE, Better.HIGHER, Reading.ORDINARY),
            (Signal.NONE, Better.NEITHER, Reading.ORDINARY),
        ],
    )
    def test_high_and_low_mean_what_the_direction_says(self, signal: Signal, better: Better, reading: Reading) -> None:
        assert reading_of(signal, better) is reading

    @pytest.mark.parametrize(
        ("target", "better", "assurance"),
        [
            (99, Better.HIGHER, Assurance.WILL_MISS),
            (99, Better.LOWER, Assurance.WILL_MEET),
            (1, Better.HIGHER, Assurance.WILL_MEET),
            (1, Better.LOWER, Assurance.WILL_MISS),
            (10, Better.HIGHER, Assurance.HIT_OR_MISS),
            ("upper", Better.HIGHER, Assurance.HIT_OR_MISS),
            ("lower", Better.LOWER, Assurance.HIT_OR_MISS),
            (99, Better.NEITHER, None),
            (None, Better.HIGHER, None),
        ],
    )
    def test_the_target_is_held_against_the_limits(
        self, target: float | str | None, better: Better, assurance: Assurance | None
    ) -> None:
        _, (group,) = place(days(20), calm(20))
        at = {"upper": group.upper, "lower": group.lower}.get(str(target), target)
        assert chart(calm(20), better=better, target=at).assurance is assurance

    def test_without_limits_a_target_says_nothing(self) -> None:
        assert chart([4.0] * 20, target=9).assurance is None

    def test_the_last_group_decides(self) -> None:
        values: Values = [*calm(15, about=90), *calm(15, about=10)]
        found = chart(values, target=50, rebase_on=[days(30)[15]])
        assert found.assurance is Assurance.WILL_MEET

    @pytest.mark.parametrize(
        ("values", "counts", "words"),
        [
            (calm(12), False, "12 points"),
            (calm(13), False, ""),
            ([*calm(14), None], False, "no value for the last period"),
            ([*([0.0] * 12), 1.0, *([0.0] * 8)], False, "Nearly all values are the same"),
            ([1.0, 2.0, 1.0, 3.0] * 5, True, "fewer than two events"),
            ([1.0, 2.0, 1.0, 3.0] * 5, False, ""),
            ([2.0, 3.0, 1.0, 2.0] * 5, True, ""),
            ([], False, "no points yet"),
        ],
    )
    def test_where_nothing_may_be_concluded_it_says_why(self, values: Values, counts: bool, words: str) -> None:
        found = chart(values, counts=counts)
        assert (words in found.why_not) if words else not found.why_not

    @pytest.mark.parametrize(("mean", "weak"), [(3.0, True), (4.9, True), (6.0, False)])
    def test_few_events_are_said_to_be_weak(self, mean: float, weak: bool) -> None:
        values: Values = [mean - 1, mean + 1] * 8
        assert bool(chart(values, counts=True).cautions) is weak
        assert not chart(values, counts=False).cautions

    def test_a_fixed_baseline_that_later_points_have_left_is_named(self) -> None:
        left = chart([*calm(12), *calm(10, about=90)], fix_after=12, target=95, better=Better.HIGHER)
        assert "later points have left them" in left.cautions[0]
        assert not chart(calm(22), fix_after=12, target=95, better=Better.HIGHER).cautions

    def test_the_rules_in_force_are_kept_with_it(self) -> None:
        found = chart(calm(14), screen=False, two_in_three=TwoInThree.OF_2023)
        assert (found.screened, found.two_in_three) == (False, TwoInThree.OF_2023)

    def test_every_signal_has_words_of_its_own(self) -> None:
        assert len({signal.words for signal in Signal}) == len(Signal)
