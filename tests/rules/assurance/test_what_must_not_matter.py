"""What must not change an answer, and which way it must change: comparisons of times, odds, rates and series."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import clopper_pearson, newcombe, rate_ratio, wilson
from saferpractice.assurance.rules.hazard import hazard_ratio
from saferpractice.assurance.rules.interrupted import count_segments, segments
from saferpractice.assurance.rules.odds import odds_ratio
from saferpractice.assurance.rules.survival import Watched, curve, log_rank, median_time, restricted_mean
from saferpractice.assurance.rules.times import gap_ratio, shift_of

from .builders import exposures, shares, small_counts

pytestmark = pytest.mark.requirement("R4", "R20", "R25")

times = st.lists(st.integers(0, 30).map(float), min_size=2, max_size=12)
gaps = st.lists(st.integers(1, 60).map(float), min_size=2, max_size=15)
watched = st.lists(st.builds(Watched, st.integers(1, 30).map(float), st.booleans()), min_size=2, max_size=20)
rises = st.integers(-20, 20)
COUNTS = [9, 12, 8, 11, 10, 13, 9, 12, 11, 10, 12, 9, 5, 6, 4, 7, 5, 3, 6, 4]
SOONER = [Watched(float(2 + i), ended=True) for i in range(8)]
LATER = [Watched(float(12 + 2 * i), ended=True) for i in range(8)]


class TestTheOrderOfEntries:
    """Lists come in the order in which records were opened: it says nothing."""

    @given(times, times, st.randoms(use_true_random=False))
    def test_of_times(self, before: list[float], after: list[float], random: object) -> None:
        found = shift_of(before, after)
        random.shuffle(before)  # type: ignore[attr-defined]
        random.shuffle(after)  # type: ignore[attr-defined]
        assert shift_of(before, after) == found

    @given(gaps, gaps)
    def test_of_gaps(self, before: list[float], after: list[float]) -> None:
        assert gap_ratio(before[::-1], sorted(after)) == gap_ratio(before, after)

    @given(watched, watched, st.randoms(use_true_random=False))
    def test_of_cases_some_of_which_are_open(self, before: list[Watched], after: list[Watched], random: object) -> None:
        if not any(one.ended for one in [*before, *after]):
            return
        found = curve(before), log_rank(before, after), hazard_ratio(before, after)
        random.shuffle(before)  # type: ignore[attr-defined]
        random.shuffle(after)  # type: ignore[attr-defined]
        assert (curve(before), log_rank(before, after), hazard_ratio(before, after)) == found


class TestTheUnitOfTime:
    """Hours or days: what is compared stays the same."""

    @given(watched, watched, st.sampled_from([2.0, 24.0, 64.0]))
    def test_of_open_cases(self, before: list[Watched], after: list[Watched], unit: float) -> None:
        if not any(one.ended for one in [*before, *after]):
            return
        hours = [[replace(one, time=one.time * unit) for one in rows] for rows in (before, after)]
        assert log_rank(*hours) == log_rank(before, after)
        assert hazard_ratio(*hours) == hazard_ratio(before, after)
        assert restricted_mean(curve(hours[0]), 20 * unit)[0] == pytest.approx(
            unit * restricted_mean(curve(before), 20)[0]
        )

    @given(times, times)
    def test_of_times_that_have_ended(self, before: list[float], after: list[float]) -> None:
        days, hours = shift_of(before, after), shift_of([24 * one for one in before], [24 * one for one in after])
        assert (hours.p, hours.sooner, hours.achieved) == (days.p, days.sooner, days.achieved)
        assert (hours.low, hours.shift, hours.high) == (24 * days.low, 24 * days.shift, 24 * days.high)

    @given(gaps, gaps)
    def test_of_gaps(self, before: list[float], after: list[float]) -> None:
        hours = gap_ratio([24 * one for one in before], [24 * one for one in after])
        assert hours == pytest.approx(gap_ratio(before, after))


class TestOpenCases:
    """A case that is still open was watched so long: it is neither an end nor nothing."""

    @given(watched, st.integers(1, 20), st.integers(1, 30))
    def test_watching_one_for_longer_never_makes_times_look_shorter(
        self, rows: list[Watched], time: int, longer: int
    ) -> None:
        sooner, later = (curve([*rows, Watched(float(t), ended=False)]) for t in (time, time + longer))
        assert restricted_mean(later, 60)[0] >= restricted_mean(sooner, 60)[0] - 1e-9

    @given(watched, st.integers(1, 30).map(float))
    def test_ended_on_a_day_is_no_longer_than_open_on_that_day(self, rows: list[Watched], time: float) -> None:
        ended, still = (curve([*rows, Watched(time, ended=end)]) for end in (True, False))
        assert restricted_mean(ended, 40)[0] <= restricted_mean(still, 40)[0] + 1e-9

    @given(watched)
    def test_the_median_without_the_open_ones_is_never_later(self, rows: list[Watched]) -> None:
        only = [one for one in rows if one.ended]
        whole = median_time(curve(rows))
        if only and whole is not None:
            without = median_time(curve(only))
            assert without is not None
            assert without <= whole

    @given(watched, watched)
    def test_one_left_before_anything_ended_changes_no_comparison(
        self, before: list[Watched], after: list[Watched]
    ) -> None:
        if any(one.ended for one in [*before, *after]):
            more = [*after, Watched(0.5, ended=False)]
            assert log_rank(before, more) == log_rank(before, after)
            assert hazard_ratio(before, more) == hazard_ratio(before, after)

    def test_open_ones_hold_a_hazard_back(self) -> None:
        open_ones = [Watched(40.0, ended=False)] * 4
        bare, held = hazard_ratio(LATER, SOONER), hazard_ratio(LATER, [*SOONER, *open_ones])
        assert bare.ratio is None, "all were over before any was: there is no finite ratio"
        assert held.ratio is not None
        assert log_rank(LATER, [*SOONER, *open_ones]).p > log_rank(LATER, SOONER).p


class TestWidth:
    """More confidence is wider, and holds the narrower; more records are narrower."""

    @given(shares(), shares())
    def test_odds(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        narrow, wide = (odds_ratio(*before, *after, alpha=alpha) for alpha in (0.2, 0.01))
        assert wide.ratio == narrow.ratio
        assert wide.low <= narrow.low
        assert (wide.high or math.inf) >= (narrow.high or math.inf)

    @given(small_counts, exposures, small_counts, exposures)
    def test_rates(self, before: int, t_before: float, after: int, t_after: float) -> None:
        narrow, wide = (rate_ratio(before, t_before, after, t_after, alpha=alpha) for alpha in (0.2, 0.01))
        assert (wide.ratio, wide.p, wide.p_mid) == (narrow.ratio, narrow.p, narrow.p_mid)
        assert wide.mid_low <= narrow.mid_low

    @given(watched, watched)
    def test_hazards(self, before: list[Watched], after: list[Watched]) -> None:
        if not any(one.ended for one in [*before, *after]):
            return
        narrow, wide = (hazard_ratio(before, after, confidence=level) for level in (0.8, 0.99))
        if narrow.ratio and narrow.low is not None and narrow.high is not None:
            assert wide.ratio == narrow.ratio
            assert wide.low is not None
            assert wide.high is not None
            assert wide.low < narrow.low < narrow.ratio < narrow.high < wide.high

    @given(gaps, gaps)
    def test_gaps(self, before: list[float], after: list[float]) -> None:
        (ratio, low, high, p), wide = (gap_ratio(before, after, confidence=level) for level in (0.8, 0.99))
        assert wide[1] < low < ratio < high < wide[2]
        assert (wide[0], wide[3]) == (ratio, p)

    @given(st.integers(0, 20), st.integers(1, 20), st.sampled_from([2, 5, 20]))
    def test_more_records_of_the_same_share_are_narrower(self, met: int, missed: int, times: int) -> None:
        read = met + missed
        for interval in (wilson, clopper_pearson):
            few, many = interval(met, read), interval(times * met, times * read)
            assert many.high - many.low < few.high - few.low

    @given(shares(), st.integers(2, 6))
    def test_more_records_on_both_sides_narrow_a_difference(self, seen: tuple[int, int], times: int) -> None:
        met, read = seen
        few = newcombe(met, read, read - met, read)
        many = newcombe(times * met, times * read, times * (read - met), times * read)
        assert many.high - many.low < few.high - few.low

    @pytest.mark.parametrize("times", [2, 4, 10])
    def test_more_events_of_the_same_rate_narrow_the_ratio(self, times: int) -> None:
        few, many = rate_ratio(12, 12, 6, 12), rate_ratio(12 * times, 12 * times, 6 * times, 12 * times)
        assert few.high is not None
        assert many.high is not None
        assert few.low < many.low < 0.5 < many.high < few.high
        assert many.p < few.p


class TestOneTruthSeenTwoWays:
    @given(shares(), shares())
    def test_counting_what_was_missed_turns_the_odds_over(
        self, before: tuple[int, int], after: tuple[int, int]
    ) -> None:
        met = odds_ratio(*before, *after)
        missed = odds_ratio(before[1] - before[0], before[1], after[1] - after[0], after[1])
        if met.ratio and missed.ratio and met.high and missed.high:
            assert missed.ratio == pytest.approx(1 / met.ratio, rel=1e-6)
            assert missed.low == pytest.approx(1 / met.high, rel=1e-6)

    def test_odds_of_a_table_worked_by_hand(self) -> None:
        """1 of 2, then 1 of 2: three tables 1, 4, 1; the middle one is expected at odds of 1."""
        found = odds_ratio(1, 2, 1, 2, alpha=0.05)
        assert found.ratio == pytest.approx(1)
        assert found.high is not None
        assert found.low * found.high == pytest.approx(1)
        weights = 1, 4 * found.high, found.high**2
        assert sum(weights[:2]) / sum(weights) == pytest.approx(0.025)


class TestInterruptedSeries:
    @given(rises, rises, st.integers(3, 14), st.integers(3, 14))
    def test_a_trend_that_goes_on_is_no_change(self, start: int, slope: int, before: int, after: int) -> None:
        found = segments([float(start + slope * t) for t in range(1, before + after + 1)], before + 1, lag=1)
        assert found.coefficients == pytest.approx((start, slope, 0, 0), abs=1e-9)
        assert found.would_have_been == pytest.approx(found.is_now)
        assert found.freedom == before + after - 4

    @pytest.mark.parametrize(("level", "bend"), [(0, 0), (-5, 0), (0, -1), (7, 2), (-3, 1)])
    def test_the_step_is_at_the_first_point_after_and_the_bend_begins_with_the_next(
        self, level: int, bend: int
    ) -> None:
        values = [20.0 + t + (level + bend * (t - 13) if t >= 13 else 0) for t in range(1, 25)]
        found = segments(values, 13, lag=2)
        assert found.coefficients == pytest.approx((20, 1, level, bend), abs=1e-9)
        assert found.is_now - found.would_have_been == pytest.approx(level + 11 * bend)

    @given(st.lists(st.integers(0, 40).map(float), min_size=8, max_size=24), st.integers(-50, 50))
    def test_the_same_trend_added_throughout_leaves_level_and_bend(self, values: list[float], slope: int) -> None:
        first = len(values) // 2 + 1
        here = segments(values, first, lag=1)
        there = segments([one + slope * t for t, one in enumerate(values, start=1)], first, lag=1)
        assert there.coefficients[1] - here.coefficients[1] == pytest.approx(slope)
        assert there.coefficients[2:] == pytest.approx(here.coefficients[2:], abs=1e-8)
        assert there.se_plain == pytest.approx(here.se_plain, abs=1e-8)

    @pytest.mark.parametrize("place", [0, 5, 11, 12, 19])
    def test_a_period_without_a_value_is_not_a_period_of_none(self, place: int) -> None:
        straight: list[float | None] = [float(3 * t) for t in range(20)]
        missing, zero = [*straight], [*straight]
        missing[place], zero[place] = None, -30.0
        assert segments(missing, 13, lag=0).coefficients == pytest.approx((-3, 3, 0, 0), abs=1e-9)
        assert segments(zero, 13, lag=0).coefficients != pytest.approx((-3, 3, 0, 0), abs=1e-3)

    def test_more_confidence_is_wider_about_the_same_line(self) -> None:
        narrow, wide = (segments(COUNTS, 13, lag=2, confidence=level) for level in (0.8, 0.99))
        assert wide.coefficients == narrow.coefficients
        assert wide.p == narrow.p
        for i in range(4):
            assert wide.low[i] < narrow.low[i] < narrow.coefficients[i] < narrow.high[i] < wide.high[i]

    def test_the_fall_is_seen_by_lines_and_by_rates(self) -> None:
        lines, rates = segments(COUNTS, 13, lag=2), count_segments(COUNTS, 13, lag=2)
        assert lines.high[2] < 0
        assert lines.is_now < lines.would_have_been
        assert math.exp(rates.coefficients[2]) < 0.7

    def test_an_exposure_that_grew_with_the_counts_leaves_no_change_of_rate(self) -> None:
        exposure = [2.0] * 12 + [6.0] * 8
        found = count_segments([5.0 * one for one in exposure], 13, lag=1, exposure=exposure)
        assert found.coefficients == pytest.approx((math.log(5), 0, 0, 0), abs=1e-8)
        bare = count_segments([5.0 * one for one in exposure], 13, lag=1)
        assert bare.coefficients[2] == pytest.approx(math.log(3), abs=1e-8)
