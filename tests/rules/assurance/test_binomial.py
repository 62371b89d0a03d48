"""Exact tails: held against sums of fractions, which have no rounding at all."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.binomial import (
    MOST_TRIALS,
    central_p,
    chance_at_least,
    chance_at_most,
    check_trials,
    log_odds_limits,
    mid_p,
    point_chance,
    share_of,
    sum_outward,
)

pytestmark = pytest.mark.requirement("R4", "R16")

odds = st.tuples(st.integers(1, 200), st.integers(1, 200)).map(lambda pair: Fraction(*pair))


@st.composite
def count_of(draw: st.DrawFn, most: int = 60) -> tuple[int, int]:
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


def exact_point(k: int, n: int, odds: Fraction) -> Fraction:
    share = odds / (1 + odds)
    return math.comb(n, k) * share**k * (1 - share) ** (n - k)


def exact_at_most(k: int, n: int, odds: Fraction) -> Fraction:
    return sum((exact_point(j, n, odds) for j in range(k + 1)), Fraction(0))


class TestTails:
    @given(count_of(), odds)
    def test_equal_the_sum_of_fractions(self, seen: tuple[int, int], odds: Fraction) -> None:
        k, n = seen
        at_most = exact_at_most(k, n, odds)
        at_least = 1 - at_most + exact_point(k, n, odds)
        assert chance_at_most(k, n, math.log(odds)) == pytest.approx(float(at_most), rel=1e-11)
        assert chance_at_least(k, n, math.log(odds)) == pytest.approx(float(at_least), rel=1e-11)
        assert point_chance(k, n, math.log(odds)) == pytest.approx(float(exact_point(k, n, odds)), rel=1e-11)

    @given(count_of(), odds)
    def test_p_equals_the_fraction(self, seen: tuple[int, int], odds: Fraction) -> None:
        k, n = seen
        at_most, point = exact_at_most(k, n, odds), exact_point(k, n, odds)
        at_least = 1 - at_most + point
        central = min(Fraction(1), 2 * min(at_most, at_least))
        mid = min(Fraction(1), 2 * min(at_most, at_least) - point)
        assert central_p(k, n, math.log(odds)) == pytest.approx(float(central), rel=1e-11)
        assert mid_p(k, n, math.log(odds)) == pytest.approx(float(mid), rel=1e-11)

    @given(count_of(5_000), st.floats(-12, 12))
    def test_are_chances_that_add_up(self, seen: tuple[int, int], log_odds: float) -> None:
        k, n = seen
        below, above = chance_at_most(k - 1, n, log_odds), chance_at_least(k, n, log_odds)
        assert 0 <= below <= 1
        assert 0 <= above <= 1
        assert below + above == pytest.approx(1, abs=1e-9)

    @given(count_of(2_000), st.floats(-6, 6), st.floats(0.001, 3))
    def test_more_likely_shares_make_few_rarer(self, seen: tuple[int, int], log_odds: float, more: float) -> None:
        k, n = seen
        assert chance_at_most(k, n, log_odds + more) <= chance_at_most(k, n, log_odds) + 1e-12

    @given(count_of(2_000), st.floats(-6, 6))
    def test_at_most_one_more_is_never_rarer(self, seen: tuple[int, int], log_odds: float) -> None:
        k, n = seen
        assert chance_at_most(k, n, log_odds) >= chance_at_most(k - 1, n, log_odds) - 1e-12

    @pytest.mark.parametrize(("k", "expected"), [(-1, 0.0), (-5, 0.0), (10, 1.0), (11, 1.0)])
    def test_beyond_the_ends(self, k: int, expected: float) -> None:
        assert chance_at_most(k, 10, 0.3) == expected

    def test_a_tiny_tail_keeps_its_digits(self) -> None:
        """One minus a large tail would be 0 here."""
        assert chance_at_most(0, 900, 0.0) == pytest.approx(2.0**-900, rel=1e-9)
        assert chance_at_least(900, 900, 0.0) == pytest.approx(2.0**-900, rel=1e-9)

    def test_nothing_tried(self) -> None:
        assert chance_at_most(0, 0, 1.0) == chance_at_least(0, 0, 1.0) == central_p(0, 0, 1.0) == 1.0

    @pytest.mark.parametrize("log_odds", [-90.0, -40.0, 0.0, 40.0, 90.0])
    def test_extreme_shares_do_not_overflow(self, log_odds: float) -> None:
        assert 0 <= share_of(log_odds) <= 1
        assert 0 <= chance_at_most(3, 10, log_odds) <= 1

    def test_a_rare_share_keeps_its_digits(self) -> None:
        assert share_of(math.log(1e-12)) == pytest.approx(1e-12, rel=1e-9)


class TestLimits:
    @given(count_of(), st.sampled_from([0.001, 0.05, 0.2]))
    def test_each_end_leaves_half_of_alpha_beyond_it(self, seen: tuple[int, int], alpha: float) -> None:
        k, n = seen
        low, high = log_odds_limits(k, n, alpha)
        if k > 0:
            beyond = 1 - exact_at_most(k - 1, n, Fraction(math.exp(low)))
            assert float(beyond) == pytest.approx(alpha / 2, rel=1e-9)
        if k < n:
            beyond = exact_at_most(k, n, Fraction(math.exp(high)))
            assert float(beyond) == pytest.approx(alpha / 2, rel=1e-9)

    @given(st.integers(1, 400), st.sampled_from([0.001, 0.05]))
    def test_closed_forms_at_none_and_at_all(self, n: int, alpha: float) -> None:
        root = (alpha / 2) ** (1 / n)
        low, high = log_odds_limits(0, n, alpha)
        assert low == -math.inf
        assert share_of(high) == pytest.approx(1 - root, rel=1e-9)
        low, high = log_odds_limits(n, n, alpha)
        assert high == math.inf
        assert share_of(low) == pytest.approx(root, rel=1e-9)

    @given(count_of(300), st.sampled_from([0.001, 0.05]))
    def test_mid_p_limits_lie_inside_the_exact_ones(self, seen: tuple[int, int], alpha: float) -> None:
        k, n = seen
        low, high = log_odds_limits(k, n, alpha)
        mid_low, mid_high = log_odds_limits(k, n, alpha, mid=True)
        assert low <= mid_low < mid_high <= high

    def test_no_trials_leave_everything_open(self) -> None:
        assert log_odds_limits(0, 0, 0.05) == (-math.inf, math.inf)

    @pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, 1.5, math.nan])
    def test_a_level_outside_zero_to_one_is_refused(self, alpha: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            log_odds_limits(3, 10, alpha)

    @pytest.mark.parametrize("n", [5, 20, 45])
    @pytest.mark.parametrize("alpha", [0.05, 0.2])
    def test_hold_the_truth_at_least_as_often_as_they_say(self, n: int, alpha: float) -> None:
        limits = [log_odds_limits(k, n, alpha) for k in range(n + 1)]
        for percent in range(2, 100, 3):
            truth = math.log(percent / (100 - percent))
            held = sum(point_chance(k, n, truth) for k, (low, high) in enumerate(limits) if low <= truth <= high)
            assert held >= 1 - alpha


class TestSize:
    @pytest.mark.timeout(30)
    def test_two_million_events_take_a_moment(self) -> None:
        low, high = log_odds_limits(1_000_000, 2_000_000, 0.05)
        # For so many the normal curve is as good as exact.
        assert share_of(high) - share_of(low) == pytest.approx(2 * 1.959964 * 0.5 / math.sqrt(2_000_000), rel=1e-3)

    @pytest.mark.parametrize(("k", "n"), [(0, 2_000_000), (3, 2_000_000), (1_999_990, 2_000_000)])
    def test_rare_among_many(self, k: int, n: int) -> None:
        low, high = log_odds_limits(k, n, 0.05)
        assert share_of(low) <= k / n <= share_of(high)

    @pytest.mark.timeout(30)
    def test_far_from_the_truth_is_quick_too(self) -> None:
        assert central_p(1_900_000, 2_000_000, 0.0) == 0.0

    def test_more_than_any_provider_has_is_refused(self) -> None:
        check_trials(MOST_TRIALS)
        with pytest.raises(ValueError, match="10,000,000"):
            check_trials(MOST_TRIALS + 1)

    def test_summing_stops_when_terms_no_longer_count(self) -> None:
        taken = []

        def ratios() -> object:
            for place in range(10_000):
                taken.append(place)
                yield 0.5

        assert sum_outward(ratios()) == pytest.approx(2)  # type: ignore[arg-type]
        assert len(taken) < 100
