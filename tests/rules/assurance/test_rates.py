"""Two counts with exposure: the exact conditional ratio, what it can show at best, and how often it is wrong."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, asdict
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.assurance.rules import (
    RateRatio,
    best_possible_p,
    chance_of_showing_fall,
    exposure_needed,
    rate_ratio,
    reaches,
)
from saferpractice.assurance.rules.binomial import chance_at_most

from .builders import alphas, exposures, small_counts, wide_counts

pytestmark = pytest.mark.requirement("R4", "R16")


class TestRatio:
    @given(wide_counts, exposures, wide_counts, exposures, alphas)
    def test_the_interval_holds_the_ratio_seen(
        self, before: int, t_before: float, after: int, t_after: float, alpha: float
    ) -> None:
        assume(before + after > 0)
        found = rate_ratio(before, t_before, after, t_after, alpha=alpha)
        seen = math.inf if found.ratio is None else found.ratio
        high = math.inf if found.high is None else found.high
        assert found.low <= seen * (1 + 1e-9)
        assert seen <= high * (1 + 1e-9)

    @given(wide_counts, exposures, wide_counts, exposures, alphas)
    def test_p_is_below_alpha_exactly_when_the_interval_leaves_out_one(
        self, before: int, t_before: float, after: int, t_after: float, alpha: float
    ) -> None:
        found = rate_ratio(before, t_before, after, t_after, alpha=alpha)
        assume(abs(found.p - alpha) > 1e-9)
        leaves_out_one = found.low > 1 or (found.high is not None and found.high < 1)
        assert (found.p < alpha) == leaves_out_one == bool(found.moved)

    @given(st.integers(1, 3_000), exposures, st.integers(1, 3_000), exposures)
    def test_swapping_the_periods_inverts(self, before: int, t_before: float, after: int, t_after: float) -> None:
        one = rate_ratio(before, t_before, after, t_after)
        other = rate_ratio(after, t_after, before, t_before)
        assert one.ratio is not None
        assert other.ratio == pytest.approx(1 / one.ratio, rel=1e-9)
        assert one.high is not None
        assert other.low == pytest.approx(1 / one.high, rel=1e-9)
        assert other.high == pytest.approx(1 / one.low, rel=1e-9)
        assert other.p == pytest.approx(one.p, rel=1e-9)
        assert other.p_mid == pytest.approx(one.p_mid, rel=1e-9)
        assert other.moved == -one.moved

    @given(small_counts, exposures, small_counts, exposures, st.floats(0.01, 100))
    def test_the_unit_of_exposure_does_not_matter(
        self, before: int, t_before: float, after: int, t_after: float, unit: float
    ) -> None:
        months, other = (rate_ratio(before, t_before * by, after, t_after * by) for by in (1.0, unit))
        assert other.p == pytest.approx(months.p, rel=1e-7)
        assert other.low == pytest.approx(months.low, rel=1e-7)

    @given(wide_counts, exposures, st.integers(0, 4_000), exposures)
    def test_more_after_raises_ratio_and_both_ends(
        self, before: int, t_before: float, after: int, t_after: float
    ) -> None:
        fewer = rate_ratio(before, t_before, after, t_after)
        more = rate_ratio(before, t_before, after + 1, t_after)
        assert more.low >= fewer.low
        assert more.high is None or (fewer.high is not None and more.high > fewer.high)

    @given(small_counts, exposures, small_counts, exposures)
    def test_a_stricter_level_gives_a_wider_interval(
        self, before: int, t_before: float, after: int, t_after: float
    ) -> None:
        usual, strict = (rate_ratio(before, t_before, after, t_after, alpha=alpha) for alpha in (0.05, 0.001))
        assert strict.low <= usual.low
        assert strict.high is None or (usual.high is not None and strict.high >= usual.high)
        assert strict.p == usual.p

    @given(small_counts, exposures, small_counts, exposures)
    def test_mid_p_is_less_cautious(self, before: int, t_before: float, after: int, t_after: float) -> None:
        found = rate_ratio(before, t_before, after, t_after)
        assert found.p_mid <= found.p + 1e-12
        assert found.low <= found.mid_low * (1 + 1e-9)

    @pytest.mark.parametrize(
        ("before", "after", "t_before", "t_after"), [(20, 9, 12, 12), (15, 8, 10.2, 9.7), (2, 0, 12, 12)]
    )
    def test_mid_p_limits_in_exact_fractions(self, before: int, after: int, t_before: float, t_after: float) -> None:
        """The reference's own are good to about 1e-4 only; this is the equation that they solve."""
        found, total = rate_ratio(before, t_before, after, t_after), before + after

        def point(k: int, share: Fraction) -> Fraction:
            return math.comb(total, k) * share**k * (1 - share) ** (total - k)

        assert found.mid_high is not None
        odds = Fraction(found.mid_high) * Fraction(t_after) / Fraction(t_before)
        share = odds / (1 + odds)
        fewer = sum((point(k, share) for k in range(after)), Fraction(0)) + point(after, share) / 2
        assert float(fewer) == pytest.approx(0.025, rel=1e-9)
        if after:
            odds = Fraction(found.mid_low) * Fraction(t_after) / Fraction(t_before)
            share = odds / (1 + odds)
            more = sum((point(k, share) for k in range(after + 1, total + 1)), Fraction(0)) + point(after, share) / 2
            assert float(more) == pytest.approx(0.025, rel=1e-9)

    def test_the_minimum_likelihood_trap(self) -> None:
        """The usual exact test of other tools gives 0.043 here while its interval holds 1. The central p does not."""
        trap = [
            (before, after)
            for before in range(1, 40)
            for after in range(before)
            if _minimum_likelihood_p(after, before + after, Fraction(1, 3)) < 0.05
            and not rate_ratio(before, 2, after, 1).moved
            and rate_ratio(before, 2, after, 1).low < 1 < (rate_ratio(before, 2, after, 1).high or math.inf)
        ]
        assert trap
        for before, after in trap:
            assert rate_ratio(before, 2, after, 1).p >= 0.05


def _minimum_likelihood_p(seen: int, total: int, share: Fraction) -> float:
    points = [math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)]
    return float(sum(point for point in points if point <= points[seen]))


class TestWithoutInfinity:
    def test_none_after(self) -> None:
        found = rate_ratio(4, 12, 0, 12)
        assert (found.ratio, found.ratio_is_infinite, found.low) == (0.0, False, 0.0)
        assert found.high is not None

    def test_none_before(self) -> None:
        found = rate_ratio(0, 12, 4, 12)
        assert (found.ratio, found.ratio_is_infinite) == (None, True)
        assert (found.high, found.high_is_infinite) == (None, True)
        assert (found.mid_high, found.mid_high_is_infinite) == (None, True)
        assert found.low > 0

    def test_none_in_either(self) -> None:
        found = rate_ratio(0, 6, 0, 6)
        assert (found.ratio, found.ratio_is_infinite, found.p, found.moved) == (None, False, 1.0, 0)
        assert (found.low, found.high, found.high_is_infinite) == (0.0, None, True)

    @given(wide_counts, exposures, wide_counts, exposures)
    def test_every_answer_can_be_written_as_json(
        self, before: int, t_before: float, after: int, t_after: float
    ) -> None:
        found = asdict(rate_ratio(before, t_before, after, t_after))
        assert json.loads(json.dumps(found, allow_nan=False)) == found

    def test_cannot_be_altered(self) -> None:
        with pytest.raises(FrozenInstanceError):
            rate_ratio(4, 12, 2, 12).p = 0.01  # type: ignore[misc]


class TestRefusals:
    @pytest.mark.parametrize("exposure", [0, -3, math.nan, math.inf, 1e-9, 1e15])
    def test_an_exposure_that_is_none(self, exposure: float) -> None:
        with pytest.raises(ValueError, match="Exposure"):
            rate_ratio(3, 12, 3, exposure)
        with pytest.raises(ValueError, match="Exposure"):
            rate_ratio(3, exposure, 3, 12)

    @pytest.mark.parametrize(("before", "after"), [(-1, 3), (3, -1)])
    def test_a_count_below_zero(self, before: int, after: int) -> None:
        with pytest.raises(ValueError, match="below zero"):
            rate_ratio(before, 12, after, 12)

    def test_more_than_could_be(self) -> None:
        with pytest.raises(ValueError, match="At most"):
            rate_ratio(9_000_000, 12, 9_000_000, 12)


class TestBestPossible:
    @given(small_counts, exposures, exposures)
    def test_is_the_p_of_none_after(self, before: int, t_before: float, t_after: float) -> None:
        assert best_possible_p(before, t_before, t_after) == pytest.approx(
            rate_ratio(before, t_before, 0, t_after).p, rel=1e-9
        )

    @given(small_counts, exposures, exposures, small_counts)
    def test_no_fall_has_a_smaller_p(self, before: int, t_before: float, t_after: float, after: int) -> None:
        found = rate_ratio(before, t_before, after, t_after)
        assume(found.rate_after <= found.rate_before)
        assert found.p >= best_possible_p(before, t_before, t_after) * (1 - 1e-9)

    @given(st.integers(1, 60), exposures, exposures, st.floats(1.01, 10))
    def test_longer_follow_up_can_show_more(self, before: int, t_before: float, t_after: float, longer: float) -> None:
        assert best_possible_p(before, t_before, t_after * longer) <= best_possible_p(before, t_before, t_after)


class TestExposureNeeded:
    @pytest.mark.parametrize(("before", "months"), [(1, 468), (2, 64), (3, 30), (4, 19), (6, 11), (11, 5)])
    def test_whole_months_without_an_event_after_twelve_of_baseline(self, before: int, months: int) -> None:
        needed = exposure_needed(before, 12)
        assert needed is not None
        assert math.ceil(round(needed, 9)) == months
        assert reaches(best_possible_p(before, 12, months), 0.05)
        assert not reaches(best_possible_p(before, 12, months - 1), 0.05)

    @given(st.integers(1, 60), exposures, alphas, st.integers(0, 40))
    def test_is_just_enough(self, before: int, t_before: float, alpha: float, after: int) -> None:
        needed = exposure_needed(before, t_before, alpha=alpha, events_after=after)
        assert needed is not None
        assume(1e-4 < needed < 1e9)
        assert rate_ratio(before, t_before, after, needed * 1.0001, alpha=alpha).moved == -1
        assert rate_ratio(before, t_before, after, needed * 0.9999, alpha=alpha).moved != -1

    @given(st.integers(1, 60), exposures, st.integers(0, 40))
    def test_events_and_strictness_ask_for_more(self, before: int, t_before: float, after: int) -> None:
        usual, one_more, strict = (
            exposure_needed(before, t_before, alpha=alpha, events_after=events)
            for alpha, events in ((0.05, after), (0.05, after + 1), (0.001, after))
        )
        assert usual is not None
        assert one_more is not None
        assert strict is not None
        assert usual < one_more
        assert usual < strict

    def test_no_follow_up_shows_a_fall_from_none(self) -> None:
        assert exposure_needed(0, 12) is None


class TestHowOftenItIsWrong:
    @pytest.mark.parametrize("mean", [0.5, 2, 6, 24, 80])
    @pytest.mark.parametrize("longer", [0.5, 1, 2])
    def test_false_falls_stay_below_two_and_a_half_percent(self, mean: float, longer: float) -> None:
        assert chance_of_showing_fall(mean, mean * longer, 12, 12 * longer) <= 0.025

    @pytest.mark.parametrize(("a_month", "percent"), [(1, 22), (4, 78)])
    def test_chance_of_showing_a_true_halving_in_a_year(self, a_month: int, percent: int) -> None:
        assert round(100 * chance_of_showing_fall(12 * a_month, 6 * a_month, 12, 12)) == percent

    @given(st.integers(0, 8), st.integers(0, 8))
    def test_is_the_sum_over_every_pair_of_counts(self, mean_before: int, mean_after: int) -> None:
        def poisson(count: int, mean: int) -> float:
            return math.exp(-mean) * mean**count / math.factorial(count)

        slow = sum(
            poisson(before, mean_before) * poisson(after, mean_after)
            for before in range(45)
            for after in range(before)
            if 2 * chance_at_most(after, before + after, 0.0) <= 0.05
        )
        assert chance_of_showing_fall(mean_before, mean_after, 12, 12) == pytest.approx(slow, abs=1e-9)

    def test_a_larger_effect_and_more_events_are_seen_more_often(self) -> None:
        chances = [chance_of_showing_fall(24, 24 * ratio, 12, 12) for ratio in (1, 0.8, 0.6, 0.4, 0.2, 0)]
        assert chances == sorted(chances)
        sizes = [chance_of_showing_fall(mean, mean / 2, 12, 12) for mean in (6, 12, 24, 48, 96)]
        assert sizes == sorted(sizes)

    def test_a_strict_level_is_reached_less_often(self) -> None:
        assert chance_of_showing_fall(24, 6, 12, 12, alpha=0.001) < chance_of_showing_fall(24, 6, 12, 12)


class TestSize:
    @pytest.mark.timeout(30)
    def test_a_million_on_each_side_take_a_moment(self) -> None:
        found = rate_ratio(1_000_000, 12, 990_000, 12)
        spread = 1.959964 * math.sqrt(1 / 1_000_000 + 1 / 990_000)
        assert found.low == pytest.approx(0.99 * math.exp(-spread), rel=1e-5)
        assert found.high == pytest.approx(0.99 * math.exp(spread), rel=1e-5)

    @pytest.mark.parametrize("exposure", [1e-6, 1e12])
    def test_extreme_exposures_stay_finite(self, exposure: float) -> None:
        found = rate_ratio(5, exposure, 7, 1.0)
        assert isinstance(found, RateRatio)
        assert found.high is not None
        assert 0 < found.low < found.high < math.inf


@pytest.mark.parametrize(
    ("p", "alpha", "expected"),
    [(0.05, 0.05, True), (0.05 + 1e-15, 0.05, True), (0.0501, 0.05, False), (0.001, 0.001, True), (0.2, 0.05, False)],
)
def test_a_p_at_the_level_reaches_it(p: float, alpha: float, expected: bool) -> None:
    """So that "468 months are needed" and the verdict at 468 months say the same."""
    assert reaches(p, alpha) is expected
