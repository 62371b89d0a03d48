"""Times before and after, ended and still open: against counting every deal, and against what cannot be otherwise."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.survival import (
    Limits,
    Watched,
    curve,
    first_at_half,
    log_rank,
    median_limits,
    median_time,
    restricted_mean,
)
from saferpractice.assurance.rules.times import gap_ratio, midranks, shift_of

pytestmark = pytest.mark.requirement("R4", "R20", "R25")

some_times = st.lists(st.integers(0, 12).map(float), min_size=1, max_size=6)
long_times = st.lists(st.floats(0.5, 400), min_size=1, max_size=25)
watched = st.builds(Watched, st.integers(0, 30).map(float), st.booleans())
groups = st.lists(watched, min_size=1, max_size=25)


class TestAllEnded:
    @given(some_times, some_times)
    def test_the_p_is_that_of_dealing_the_times_out_in_every_way(self, before: list[float], after: list[float]) -> None:
        pooled = [*before, *after]
        ranks = [midranks(pooled)[value] for value in pooled]
        middle = len(after) * (len(pooled) + 1)
        seen = abs(sum(ranks[len(before) :]) - middle)
        deals = [abs(sum(deal) - middle) >= seen for deal in combinations(ranks, len(after))]
        assert shift_of(before, after).p == pytest.approx(sum(deals) / len(deals))

    @given(some_times, some_times)
    def test_swapping_the_periods_mirrors_the_answer(self, before: list[float], after: list[float]) -> None:
        one, other = shift_of(before, after), shift_of(after, before)
        assert other.shift == -one.shift
        assert (other.low, other.high) == (-one.high, -one.low)
        assert other.p == pytest.approx(one.p)
        assert one.sooner + other.sooner == pytest.approx(1)

    @given(some_times, some_times, st.integers(-5, 5))
    def test_later_by_so_much_moves_the_shift_by_so_much(
        self, before: list[float], after: list[float], by: int
    ) -> None:
        one, other = shift_of(before, after), shift_of(before, [value + by for value in after])
        assert other.shift == one.shift + by
        assert (other.low, other.high) == (one.low + by, one.high + by)

    @given(long_times, long_times)
    def test_the_interval_holds_the_shift_and_the_shift_is_the_middle_difference(
        self, before: list[float], after: list[float]
    ) -> None:
        found = shift_of(before, after)
        assert found.low <= found.shift <= found.high
        assert found.shift == median([later - earlier for later in after for earlier in before])
        assert 0 <= found.p <= 1
        assert found.p_normal <= found.p_normal_corrected <= 1

    @pytest.mark.parametrize(("size", "least"), [(3, 0.1), (4, 2 / 70), (5, 2 / 252)])
    def test_few_times_can_never_show_much(self, size: int, least: float) -> None:
        found = shift_of([float(10 + i) for i in range(size)], [float(i) for i in range(size)])
        assert found.p == pytest.approx(least)
        assert found.sooner == 1

    def test_times_that_are_all_the_same_show_nothing(self) -> None:
        found = shift_of([4.0] * 5, [4.0] * 6)
        assert (found.shift, found.p, found.p_normal, found.sooner, found.ties) == (0, 1, 1, 0.5, True)

    def test_a_wider_confidence_is_wider(self) -> None:
        before, after = [20.5, 33, 41, 15, 28, 37, 50, 22], [9.0, 14, 25, 11, 18, 7, 16]
        narrow, wide = shift_of(before, after, confidence=0.8), shift_of(before, after, confidence=0.99)
        assert wide.low < narrow.low <= narrow.high < wide.high
        assert wide.achieved >= 0.99

    @pytest.mark.parametrize(("before", "after"), [([], [1.0]), ([1.0], []), ([1.0] * 501, [1.0] * 501)])
    def test_nothing_or_too_much_is_refused(self, before: list[float], after: list[float]) -> None:
        with pytest.raises(ValueError, match=r"at least one|too many"):
            shift_of(before, after)


class TestGaps:
    @given(long_times, long_times)
    def test_the_interval_holds_the_ratio_exactly_when_the_p_is_above_its_error(
        self, before: list[float], after: list[float]
    ) -> None:
        ratio, low, high, p = gap_ratio(before, after)
        assert low < ratio < high
        assert ratio == pytest.approx(fmean(after) / fmean(before))
        if abs(p - 0.05) > 1e-6:
            assert (low <= 1 <= high) is (p > 0.05)

    @given(long_times, long_times)
    def test_swapping_turns_the_ratio_over(self, before: list[float], after: list[float]) -> None:
        ratio, low, high, p = gap_ratio(before, after)
        turned = gap_ratio(after, before)
        assert turned == pytest.approx((1 / ratio, 1 / high, 1 / low, p), rel=1e-6)

    @pytest.mark.parametrize(("before", "after"), [([], [1.0]), ([1.0], []), ([0.0], [1.0]), ([1.0], [-1.0])])
    def test_a_gap_lies_above_nothing(self, before: list[float], after: list[float]) -> None:
        with pytest.raises(ValueError, match="above 0"):
            gap_ratio(before, after)


class TestStillOpen:
    @given(st.lists(st.integers(0, 20).map(float), min_size=1, max_size=30))
    def test_with_all_ended_the_curve_is_the_share_that_took_longer(self, times: list[float]) -> None:
        for step in curve(Watched(time, ended=True) for time in times):
            assert step.still_open == Fraction(sum(time > step.time for time in times), len(times))

    @given(groups)
    def test_the_curve_only_falls_and_counts_everybody_who_was_watched(self, rows: list[Watched]) -> None:
        steps = curve(rows)
        shares = [Fraction(1), *(step.still_open for step in steps)]
        assert shares == sorted(shares, reverse=True)
        assert [step.at_risk for step in steps] == [sum(row.time >= step.time for row in rows) for step in steps]
        assert sum(step.ended for step in steps) == sum(row.ended for row in rows)

    @given(groups, st.integers(0, 40).map(float))
    def test_one_that_is_still_open_never_makes_times_look_better(self, rows: list[Watched], time: float) -> None:
        before, now = curve(rows), curve([*rows, Watched(time, ended=False)])
        for step, later in zip(before, now, strict=True):
            assert later.still_open >= step.still_open
        assert restricted_mean(now, 40)[0] >= restricted_mean(before, 40)[0] - 1e-9

    @given(groups)
    def test_leaving_the_open_ones_out_never_makes_times_look_worse(self, rows: list[Watched]) -> None:
        only = [row for row in rows if row.ended]
        if only:
            assert restricted_mean(curve(only), 30)[0] <= restricted_mean(curve(rows), 30)[0] + 1e-9

    @given(st.lists(st.integers(0, 20).map(float), min_size=1, max_size=30), st.integers(1, 25))
    def test_with_all_ended_the_restricted_mean_is_the_mean_of_times_cut_at_the_horizon(
        self, times: list[float], horizon: int
    ) -> None:
        found, error = restricted_mean(curve(Watched(time, ended=True) for time in times), horizon)
        assert found == pytest.approx(fmean(min(time, horizon) for time in times))
        assert error >= 0

    def test_an_open_one_counts_as_long_as_it_was_watched(self) -> None:
        rows = [Watched(2, ended=True), Watched(5, ended=False), Watched(9, ended=True)]
        assert [(step.time, step.at_risk, step.still_open) for step in curve(rows)] == [
            (2, 3, Fraction(2, 3)),
            (9, 1, 0),
        ]

    def test_one_that_ended_at_the_moment_another_was_last_seen_comes_first(self) -> None:
        rows = [Watched(4, ended=False), Watched(4, ended=True)]
        assert curve(rows)[0].at_risk == 2

    @pytest.mark.parametrize(
        ("times", "ended", "middle", "first"),
        [
            ([1, 2, 3, 4], [1, 1, 1, 1], 2.5, 2),  # exactly half: the middle of the flat step
            ([1, 2, 3], [1, 1, 1], 2, 2),
            ([1, 2, 3, 4], [1, 0, 0, 0], None, None),  # fewer than half have ended: not reached
            ([1, 2], [1, 0], 1, 1),  # half, and no step after it
            ([], [], None, None),
        ],
    )
    def test_the_median(self, times: list[int], ended: list[int], middle: float | None, first: float | None) -> None:
        steps = curve(Watched(float(time), bool(end)) for time, end in zip(times, ended, strict=True))
        assert (median_time(steps), first_at_half(steps)) == (middle, first)

    def test_half_that_is_half_only_up_to_rounding_is_half(self) -> None:
        rows = [Watched(float(i), ended=True) for i in range(1, 7)]
        rows += [Watched(10.0, ended=False)] * 6
        share = math.prod((12 - i) / (13 - i) for i in range(1, 7))
        assert curve(rows)[-1].still_open == Fraction(1, 2)
        assert share == pytest.approx(0.5)
        assert first_at_half(curve(rows)) == 6

    @given(groups, st.sampled_from(list(Limits)))
    def test_the_limits_of_the_median_hold_it(self, rows: list[Watched], limits: Limits) -> None:
        steps = curve(rows)
        low, high = median_limits(steps, limits=limits)
        first = first_at_half(steps)
        if first is not None and low is None:
            assert [step.still_open for step in steps if step.time <= first][-1] == 0, "there R has no limit either"
        elif first is not None:
            assert low is not None
            assert low <= first
        if high is not None:
            assert first is not None
            assert first <= high

    def test_a_time_before_the_beginning_is_refused(self) -> None:
        with pytest.raises(ValueError, match="below 0"):
            curve([Watched(-1, ended=True)])


class TestTheLogRankTest:
    @given(groups, groups)
    def test_what_ended_and_what_was_expected_add_up(self, before: list[Watched], after: list[Watched]) -> None:
        if not any(row.ended for row in [*before, *after]):
            with pytest.raises(ValueError, match="Nothing has ended"):
                log_rank(before, after)
            return
        found = log_rank(before, after)
        assert sum(found.ended) == sum(row.ended for row in [*before, *after])
        assert sum(found.expected) == pytest.approx(sum(found.ended))
        assert 0 <= found.p <= 1

    @given(groups, groups)
    def test_it_does_not_matter_which_period_comes_first(self, before: list[Watched], after: list[Watched]) -> None:
        if any(row.ended for row in [*before, *after]):
            one, other = log_rank(before, after), log_rank(after, before)
            assert other.chi_squared == pytest.approx(one.chi_squared, abs=1e-9)
            assert other.early == pytest.approx(one.early, abs=1e-9)
            assert other.ended == one.ended[::-1]

    @given(groups)
    def test_the_same_times_in_both_periods_show_nothing(self, rows: list[Watched]) -> None:
        if any(row.ended for row in rows):
            assert log_rank(rows, rows).chi_squared == pytest.approx(0, abs=1e-9)

    def test_much_sooner_is_shown(self) -> None:
        slow = [Watched(float(20 + i), ended=True) for i in range(12)]
        fast = [Watched(float(1 + i), ended=True) for i in range(12)]
        assert log_rank(slow, fast).p < 0.001
