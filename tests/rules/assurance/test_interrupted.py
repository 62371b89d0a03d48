"""The interrupted series: what straight lines say of a trend that was already there (R4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.distributions import t_for, t_two_sided
from saferpractice.assurance.rules.interrupted import SeriesRefused, count_segments, segments, usual_lag

pytestmark = pytest.mark.requirement("R4")

FALLING = [14, 11, 16, 13, 15, 12, 17, 14, 13, 16, 12, 15, 9, 10, 7, 8, 9, 6, 8, 7, 9, 6, 7, 8]
series = st.lists(st.integers(1, 60), min_size=10, max_size=18)


def rows(n: int, first: int) -> list[tuple[float, ...]]:
    return [(1.0, float(t), float(t >= first), float(max(0, t - first))) for t in range(1, n + 1)]


def slow_newey_west(values: Sequence[float], first: int, lag: int, terms: Sequence[float]) -> list[list[float]]:
    """The middle of the sandwich, from the definition: every pair of points within the lag."""
    left = [
        value - sum(b * x for b, x in zip(terms, row, strict=True))
        for value, row in zip(values, rows(len(values), first), strict=True)
    ]
    at = rows(len(values), first)
    middle = [[0.0] * 4 for _ in range(4)]
    for s in range(len(values)):
        for t in range(len(values)):
            if abs(s - t) <= lag:
                weight = 1 - abs(s - t) / (lag + 1)
                for i in range(4):
                    for j in range(4):
                        middle[i][j] += weight * at[s][i] * left[s] * at[t][j] * left[t]
    return middle


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss, with the largest pivot."""
    work = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(4):
        best = max(range(i, 4), key=lambda r: abs(work[r][i]))
        work[i], work[best] = work[best], work[i]
        for r in range(4):
            if r != i:
                times = work[r][i] / work[i][i]
                work[r] = [a - times * b for a, b in zip(work[r], work[i], strict=True)]
    return [work[i][4] / work[i][i] for i in range(4)]


class TestStraightLines:
    @given(
        st.tuples(*[st.integers(-50, 50)] * 4),
        st.integers(2, 15),
        st.integers(3, 15),
    )
    def test_lines_without_noise_are_found_exactly(self, terms: tuple[int, ...], before: int, after: int) -> None:
        values = [sum(b * x for b, x in zip(terms, row, strict=True)) for row in rows(before + after, before + 1)]
        found = segments(values, before + 1, lag=1)
        assert found.coefficients == terms
        assert found.would_have_been == terms[0] + terms[1] * (before + after)
        assert found.is_now == values[-1]
        assert set(found.se_small_sample) == {0.0}

    @given(series, st.integers(3, 7))
    def test_what_is_left_over_leans_neither_way(self, values: list[int], first: int) -> None:
        """The lines are those of least squares: what is left is at right angles to each of the four terms."""
        found = segments(values, first, lag=0)
        left = [
            value - sum(b * x for b, x in zip(found.coefficients, row, strict=True))
            for value, row in zip(values, rows(len(values), first), strict=True)
        ]
        for i in range(4):
            leaning = math.fsum(one * row[i] for one, row in zip(left, rows(len(values), first), strict=True))
            assert leaning == pytest.approx(0, abs=1e-7)

    @given(series, st.integers(3, 7), st.integers(0, 5))
    def test_the_error_that_allows_for_points_that_hang_together(self, values: list[int], first: int, lag: int) -> None:
        found = segments(values, first, lag=lag)
        middle = slow_newey_west(values, first, lag, found.coefficients)
        at = rows(len(values), first)
        cross = [[math.fsum(row[i] * row[j] for row in at) for j in range(4)] for i in range(4)]
        for i in range(4):
            column = solved(cross, [float(i == j) for j in range(4)])
            variance = math.fsum(column[a] * middle[a][b] * column[b] for a in range(4) for b in range(4))
            assert found.se_newey_west[i] ** 2 == pytest.approx(variance, rel=1e-6, abs=1e-7)
            wider = math.sqrt(len(values) / (len(values) - 4))
            assert found.se_small_sample[i] == pytest.approx(found.se_newey_west[i] * wider)

    @given(series, st.integers(3, 7), st.integers(-5, 5), st.integers(1, 9))
    def test_another_unit_or_another_zero_changes_no_p(
        self, values: list[int], first: int, shift: int, scale: int
    ) -> None:
        plain = segments(values, first, lag=1)
        moved = segments([shift + scale * value for value in values], first, lag=1)
        for i in (1, 2, 3):
            assert moved.coefficients[i] == pytest.approx(scale * plain.coefficients[i], abs=1e-9)
            if plain.se_small_sample[i] > 1e-6:
                assert moved.p[i] == pytest.approx(plain.p[i], rel=1e-6, abs=1e-12)

    @given(series, st.integers(3, 7))
    def test_upside_down_turns_every_change_over(self, values: list[int], first: int) -> None:
        plain, turned = segments(values, first, lag=2), segments([-value for value in values], first, lag=2)
        assert turned.coefficients == pytest.approx([-one for one in plain.coefficients])
        assert turned.low == pytest.approx([-one for one in plain.high])
        assert turned.durbin_watson == pytest.approx(plain.durbin_watson) or math.isnan(plain.durbin_watson)

    def test_a_missing_period_keeps_its_place_in_time(self) -> None:
        values = [2.0 * t for t in range(1, 13)]
        gapped = [None if t in (3, 9) else value for t, value in enumerate(values, start=1)]
        assert segments(gapped, 7, lag=1).coefficients == pytest.approx((0, 2, 0, 0))
        assert segments(gapped, 7, lag=1).freedom == 12 - 2 - 4

    def test_a_fall_beyond_the_trend_is_seen_and_the_trend_alone_is_none(self) -> None:
        fell = segments(FALLING, 13, lag=2)
        assert fell.high[2] < 0
        assert fell.is_now < fell.would_have_been
        drifting = segments([40 - t + (t * 7 % 3) for t in range(24)], 13, lag=2)
        assert drifting.low[2] < 0 < drifting.high[2], "it fell all the time, and no faster afterwards"

    @pytest.mark.parametrize(
        ("values", "first", "words"),
        [
            ([1, 2, 3, 4], 3, "five in all"),
            ([1, 2, 3, 4, 5, 6], 2, "two points"),
            ([1, 2, 3, 4, 5, 6], 6, "two points"),
            ([1, 2, 3, 4, 5, 6], 40, "two points"),
            ([1, None, None, 4, 5, 6], 4, "two points"),
            ([1, 2, math.inf, 4, 5, 6], 3, "a number"),
            ([1.0] * 5001, 300, "5,000"),
        ],
    )
    def test_too_little_to_draw_two_lines_is_refused(self, values: list[float | None], first: int, words: str) -> None:
        with pytest.raises(SeriesRefused, match=words):
            segments(values, first, lag=1)

    def test_a_lag_below_nothing_is_refused(self) -> None:
        with pytest.raises(SeriesRefused, match="0 periods"):
            segments(FALLING, 13, lag=-1)

    @pytest.mark.parametrize(("points", "lag"), [(8, 2), (24, 2), (36, 3), (60, 3), (100, 4), (120, 4)])
    def test_the_usual_lag(self, points: int, lag: int) -> None:
        assert usual_lag(points) == lag


class TestCounts:
    @given(st.integers(5, 80), st.integers(5, 80), st.integers(3, 12), st.integers(3, 12))
    def test_two_level_rates_are_found_and_so_is_their_ratio(
        self, one: int, other: int, before: int, after: int
    ) -> None:
        found = count_segments([one] * before + [other] * after, before + 1, lag=0)
        assert math.exp(found.coefficients[0]) == pytest.approx(one)
        assert math.exp(found.coefficients[2]) == pytest.approx(other / one)
        assert found.coefficients[1] == pytest.approx(0, abs=1e-8)
        assert found.deviance == pytest.approx(0, abs=1e-6)

    @given(st.lists(st.integers(1, 40), min_size=10, max_size=16), st.floats(0.1, 9))
    def test_the_fit_meets_its_own_equations(self, values: list[int], counted_in: float) -> None:
        """The likelihood is at its top: what was seen less what was fitted is at right angles to the four terms."""
        exposure = [counted_in * (1 + i % 3) for i in range(len(values))]
        found = count_segments(values, 5, lag=1, exposure=exposure)
        at = rows(len(values), 5)
        fitted = [
            size * math.exp(math.fsum(b * x for b, x in zip(found.coefficients, row, strict=True)))
            for size, row in zip(exposure, at, strict=True)
        ]
        for i in range(4):
            leaning = math.fsum((y - m) * row[i] for y, m, row in zip(values, fitted, at, strict=True))
            assert leaning == pytest.approx(0, abs=1e-5 * sum(values))
        off = math.fsum((y - m) ** 2 / m for y, m in zip(values, fitted, strict=True)) / (len(values) - 4)
        assert found.dispersion == pytest.approx(off)
        assert found.se_quasi == pytest.approx([one * math.sqrt(off) for one in found.se_model])

    @given(st.lists(st.integers(1, 40), min_size=10, max_size=16), st.integers(2, 9))
    def test_ten_times_the_exposure_is_a_tenth_of_the_rate_and_no_other_change(
        self, values: list[int], times: int
    ) -> None:
        one, other = (count_segments(values, 5, lag=1, exposure=[size] * len(values)) for size in (1.0, float(times)))
        assert other.coefficients[0] == pytest.approx(one.coefficients[0] - math.log(times), abs=1e-7)
        assert other.coefficients[1:] == pytest.approx(one.coefficients[1:], abs=1e-7)
        assert other.se_model == pytest.approx(one.se_model, rel=1e-6)

    @pytest.mark.parametrize(
        ("values", "exposure", "words"),
        [
            ([3, 4, -1, 3, 2, 4, 3, 2], None, "below 0"),
            ([3, 4, 2, 3, 2, 4, 3, 2], [1.0] * 7, "one exposure for each"),
            ([3, 4, 2, 3, 2, 4, 3, 2], [1.0] * 7 + [0.0], "above 0"),
            ([3, 4, 2, 3, 0, 0, 0, 0], None, "no rate can be fitted"),
        ],
    )
    def test_what_has_no_rate_is_refused(self, values: list[int], exposure: list[float] | None, words: str) -> None:
        with pytest.raises(SeriesRefused, match=words):
            count_segments(values, 5, lag=1, exposure=exposure)


class TestStudentsT:
    """Against the closed forms that there are for one and two degrees of freedom."""

    @given(st.floats(0, 1e6))
    def test_one_degree_is_cauchys(self, t: float) -> None:
        assert t_two_sided(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), rel=1e-9, abs=1e-12)

    @given(st.floats(0, 1e3))
    def test_two_degrees_have_a_root(self, t: float) -> None:
        assert t_two_sided(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), rel=1e-8, abs=1e-12)

    @given(st.floats(0.5, 0.9999), st.integers(1, 300))
    def test_the_quantile_turns_the_chance_back(self, confidence: float, freedom: int) -> None:
        assert t_two_sided(t_for(confidence, freedom), freedom) == pytest.approx(1 - confidence, rel=1e-9)

    @pytest.mark.parametrize(("freedom", "wanted"), [(1, 12.706205), (5, 2.570582), (20, 2.085963), (120, 1.979930)])
    def test_printed_tables(self, freedom: int, wanted: float) -> None:
        assert t_for(0.95, freedom) == pytest.approx(wanted, abs=1e-6)


def test_the_same_series_gives_the_same_answer() -> None:
    assert astuple(segments(FALLING, 13, lag=2)) == astuple(segments(list(FALLING), 13, lag=2))
