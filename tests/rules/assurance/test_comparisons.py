"""Odds, hazards, looks that spend, and R's own searches, each against its definition (R4)."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import rate_ratio
from saferpractice.assurance.rules.binomial import likelihood_p
from saferpractice.assurance.rules.hazard import hazard_ratio
from saferpractice.assurance.rules.odds import odds_ratio
from saferpractice.assurance.rules.searched import mid_p_ratio_limits, rank_shift
from saferpractice.assurance.rules.spending import boundaries, spent_by
from saferpractice.assurance.rules.survival import Watched
from saferpractice.assurance.rules.times import shift_of

pytestmark = pytest.mark.requirement("R4")

shares = st.integers(1, 30).flatmap(lambda read: st.tuples(st.integers(0, read), st.just(read)))


def ways(before: tuple[int, int], after: tuple[int, int]) -> dict[int, int]:
    """In how many ways each count after can come about with the same margins."""
    met = before[0] + after[0]
    return {
        x: math.comb(after[1], x) * math.comb(before[1], met - x)
        for x in range(max(0, met - before[1]), min(after[1], met) + 1)
    }


class TestOdds:
    @given(shares, shares)
    def test_the_ratio_makes_what_was_seen_the_expected_count(
        self, before: tuple[int, int], after: tuple[int, int]
    ) -> None:
        found = odds_ratio(*before, *after)
        each = ways(before, after)
        if found.ratio is None:
            assert after[0] == max(each)
            assert found.is_infinite is (len(each) > 1)
        elif found.ratio == 0:
            assert after[0] == min(each)
        else:
            weights = {x: math.exp(math.log(way) + x * math.log(found.ratio)) for x, way in each.items()}
            expected = sum(x * weight for x, weight in weights.items()) / sum(weights.values())
            assert expected == pytest.approx(after[0], rel=1e-9)

    @given(shares, shares, st.sampled_from([0.05, 0.001]))
    def test_each_limit_leaves_half_the_error_beyond_what_was_seen(
        self, before: tuple[int, int], after: tuple[int, int], alpha: float
    ) -> None:
        found = odds_ratio(*before, *after, alpha=alpha)
        each = ways(before, after)

        def beyond(odds: float, side: int) -> float:
            weights = {x: math.exp(math.log(way) + x * math.log(odds)) for x, way in each.items()}
            return sum(w for x, w in weights.items() if (x - after[0]) * side >= 0) / sum(weights.values())

        assert (found.low == 0) is (after[0] == min(each))
        assert (found.high is None) is (after[0] == max(each))
        if found.low:
            assert beyond(found.low, 1) == pytest.approx(alpha / 2, rel=1e-8)
        if found.high is not None:
            assert beyond(found.high, -1) == pytest.approx(alpha / 2, rel=1e-8)

    @given(shares, shares)
    def test_swapping_the_periods_turns_it_over(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        one, other = odds_ratio(*before, *after), odds_ratio(*after, *before)
        if one.ratio and other.ratio:
            assert one.ratio * other.ratio == pytest.approx(1)
        if one.low:
            assert other.high == pytest.approx(1 / one.low)

    @pytest.mark.parametrize("counts", [(1, 0, 1, 2), (3, 2, 1, 2), (-1, 2, 1, 2), (0, 0, 0, 0)])
    def test_counts_that_cannot_be_are_refused(self, counts: tuple[int, int, int, int]) -> None:
        with pytest.raises(ValueError, match="among those read"):
            odds_ratio(*counts)


class TestLikelihoodP:
    @given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 24), st.integers(1, 24))
    def test_it_adds_every_count_no_likelier_than_the_one_seen(self, k: int, n: int, t0: int, t1: int) -> None:
        k = min(k, n)
        share = Fraction(t1, t0 + t1)
        each = [math.comb(n, x) * share**x * (1 - share) ** (n - x) for x in range(n + 1)]
        slow = 1.0 if n * share == k else float(sum(one for one in each if one <= each[k] * (1 + Fraction(1, 10**7))))
        assert likelihood_p(k, n, math.log(t1 / t0)) == pytest.approx(slow, rel=1e-9)

    def test_it_can_contradict_the_interval_which_is_why_no_verdict_uses_it(self) -> None:
        contradicting = [
            (x0, x1)
            for x0, x1 in itertools.product(range(25), range(25))
            if x0 + x1
            and likelihood_p(x1, x0 + x1, math.log(1 / 3)) < 0.05
            and (found := rate_ratio(x0, 12, x1, 4)).low < 1
            and (found.high is None or found.high > 1)
        ]
        assert contradicting


def slow_hazard(before: list[Watched], after: list[Watched], log_ratio: float) -> float:
    """Efron's log likelihood, written out death by death."""
    everyone = [(one, 1.0) for one in before] + [(one, math.exp(log_ratio)) for one in after]
    total = 0.0
    for time in {one.time for one, _ in everyone if one.ended}:
        dying = [risk for one, risk in everyone if one.ended and one.time == time]
        at_risk = sum(risk for one, risk in everyone if one.time >= time)
        total += sum(math.log(risk) for risk in dying)
        total -= sum(math.log(at_risk - k / len(dying) * sum(dying)) for k in range(len(dying)))
    return total


group = st.lists(st.builds(Watched, st.integers(1, 12).map(float), st.booleans()), min_size=2, max_size=15)


class TestHazard:
    @given(group, group)
    def test_no_other_ratio_is_likelier(self, before: list[Watched], after: list[Watched]) -> None:
        if not any(one.ended for one in [*before, *after]):
            return
        found = hazard_ratio(before, after)
        if found.ratio:
            best = slow_hazard(before, after, math.log(found.ratio))
            for step in (-0.5, -0.01, 0.01, 0.5):
                assert slow_hazard(before, after, math.log(found.ratio) + step) <= best + 1e-9
            assert found.low is not None
            assert found.high is not None
            assert found.low < found.ratio < found.high

    @given(group, group)
    def test_swapping_the_periods_turns_it_over(self, before: list[Watched], after: list[Watched]) -> None:
        if not any(one.ended for one in [*before, *after]):
            return
        one, other = hazard_ratio(before, after), hazard_ratio(after, before)
        if one.ratio and other.ratio:
            assert one.ratio * other.ratio == pytest.approx(1, rel=1e-6)

    def test_what_is_still_open_counts_against_sooner(self) -> None:
        before = [Watched(float(t), ended=True) for t in range(1, 9)]
        all_ended = [Watched(t + 0.5, ended=True) for t in range(1, 5)]
        some_open = [*all_ended, Watched(9.0, ended=False), Watched(9.0, ended=False)]
        closed, with_open = hazard_ratio(before, all_ended).ratio, hazard_ratio(before, some_open).ratio
        assert closed is not None
        assert with_open is not None
        assert with_open < closed

    def test_nothing_ended_after_is_no_hazard_and_the_other_way_round_infinite(self) -> None:
        ended = [Watched(1.0, ended=True), Watched(2.0, ended=True)]
        still = [Watched(3.0, ended=False)] * 2
        assert (hazard_ratio(ended, still).ratio, hazard_ratio(still, ended).ratio) == (0.0, None)

    def test_nothing_ended_at_all_is_refused(self) -> None:
        with pytest.raises(ValueError, match="Nothing has ended"):
            hazard_ratio([Watched(1.0, ended=False)], [Watched(1.0, ended=False)])


class TestLooksThatSpend:
    @pytest.mark.parametrize(
        ("looks", "wanted"),
        [
            (1, [1.960]),
            (2, [2.963, 1.969]),
            (3, [3.710, 2.511, 1.993]),
            (4, [4.333, 2.963, 2.359, 2.014]),
            (5, [4.877, 3.357, 2.680, 2.290, 2.031]),
        ],
    )
    def test_the_published_boundaries(self, looks: int, wanted: list[float]) -> None:
        assert [one.z for one in boundaries(looks)] == pytest.approx(wanted, abs=1e-3)

    @pytest.mark.parametrize("looks", [2, 5, 9])
    @pytest.mark.parametrize("alpha", [0.05, 0.01])
    def test_the_last_look_has_spent_all_and_each_asks_for_less(self, looks: int, alpha: float) -> None:
        found = boundaries(looks, alpha=alpha)
        assert found[-1].spent == pytest.approx(alpha)
        assert all(one.z > other.z and one.spent < other.spent for one, other in itertools.pairwise(found))
        assert found[-1].p < alpha

    def test_a_walk_in_small_steps_crosses_as_often_as_was_spent(self) -> None:
        """Counted on a lattice of 400 coin tosses a look, not integrated."""
        tosses, looks = 400, 3
        found = boundaries(looks)
        chances, crossed = {0: 1.0}, 0.0
        for k, look in enumerate(found, start=1):
            spread: dict[int, float] = {}
            toss = [math.comb(tosses, heads) / 2**tosses for heads in range(tosses + 1)]
            for place, chance in chances.items():
                for heads in range(120, 281):
                    to = place + 2 * heads - tosses
                    spread[to] = spread.get(to, 0.0) + chance * toss[heads]
            edge = look.z * math.sqrt(k * tosses)
            crossed += sum(chance for place, chance in spread.items() if abs(place) >= edge)
            chances = {place: chance for place, chance in spread.items() if abs(place) < edge}
        assert crossed == pytest.approx(0.05, abs=0.003)

    def test_half_the_information_spends_far_less_than_half(self) -> None:
        assert spent_by(0.5, 0.05) == pytest.approx(0.00305, abs=1e-5)

    @pytest.mark.parametrize(
        ("looks", "alpha", "times", "words"),
        [
            (0, 0.05, None, "1 to 50"),
            (51, 0.05, None, "1 to 50"),
            (2, 0, None, "between 0 and 1"),
            (2, 0.05, [0.5, 0.4], "than the one before"),
            (2, 0.05, [0.5], "than the one before"),
            (2, 0.05, [0.0, 1.0], "than the one before"),
            (2, 0.05, [0.5, 1.5], "than the one before"),
        ],
    )
    def test_looks_that_cannot_be_are_refused(
        self, looks: int, alpha: float, times: list[float] | None, words: str
    ) -> None:
        with pytest.raises(ValueError, match=words):
            boundaries(looks, alpha=alpha, times=times)


class TestSearched:
    """R's roots end at about 1e-4: near the solved ones, and no further."""

    @given(st.integers(0, 60), st.integers(0, 60), st.integers(3, 24), st.integers(3, 24))
    def test_the_mid_p_limits_lie_about_where_they_are_solved(self, x0: int, x1: int, t0: int, t1: int) -> None:
        if x0 + x1 == 0:
            return
        solved = rate_ratio(x0, t0, x1, t1)
        low, high = mid_p_ratio_limits(x0, t0, x1, t1)

        def as_share(ratio: float) -> float:
            return ratio * t1 / (ratio * t1 + t0)

        assert as_share(low) == pytest.approx(as_share(solved.mid_low), abs=2e-4)
        assert (high is None) is solved.mid_high_is_infinite
        if high is not None and solved.mid_high is not None:
            assert as_share(high) == pytest.approx(as_share(solved.mid_high), abs=2e-4)

    @given(
        st.lists(st.integers(0, 12).map(float), min_size=4, max_size=14),
        st.lists(st.integers(0, 12).map(float), min_size=4, max_size=14),
    )
    def test_a_shift_lies_between_its_ends_and_those_among_the_differences(
        self, before: list[float], after: list[float]
    ) -> None:
        found = rank_shift(before, after)
        differences = sorted(b - a for a in before for b in after)
        if found is None:
            return
        assert found.low - 1e-3 <= found.shift <= found.high + 1e-3
        assert differences[0] <= found.low
        assert found.high <= differences[-1]

    def test_all_alike_has_no_shift_to_look_for(self) -> None:
        assert rank_shift([3.0] * 4, [3.0] * 5) is None

    def test_with_many_ties_it_stays_near_the_interval_that_the_product_shows(self) -> None:
        before, after = [2.0, 3, 3, 4, 5, 6, 2, 7], [1.0, 1, 2, 3, 2, 4, 1, 2]
        found, shown = rank_shift(before, after), shift_of(before, after)
        assert found is not None
        assert (found.low, found.high, found.shift) == pytest.approx((shown.low, shown.high, shown.shift), abs=1e-4)


class TestLongLists:
    """Beyond what can be counted, the normal curve stands in, and says so."""

    def test_the_exact_p_of_a_list_of_any_length_is_near_the_normal_one(self) -> None:
        before, after = [i * 37 % 101 / 7 for i in range(60)], [i * 41 % 97 / 8 for i in range(60)]
        found = shift_of(before, after)
        assert found.is_exact
        assert found.p == pytest.approx(found.p_normal_corrected, abs=2e-3)

    def test_a_list_too_long_to_count_says_that_it_is_not_exact(self) -> None:
        found = shift_of([i * 37 % 101 / 7 for i in range(300)], [i * 41 % 97 / 8 for i in range(300)])
        assert not found.is_exact
        assert found.p == found.p_normal_corrected
        assert found.low < found.shift < found.high

    @given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.lists(st.integers(0, 6), min_size=1, max_size=6))
    def test_the_count_of_all_ways_is_that_of_writing_them_out(self, before: list[int], after: list[int]) -> None:
        together = [*before, *after]
        order = sorted(together)
        rank = {v: Fraction(sum(order.index(v) + 1 + i for i in range(order.count(v))), order.count(v)) for v in order}
        ranks = [rank[v] for v in together]
        middle = Fraction(len(after) * (len(together) + 1), 2)
        seen = abs(sum(rank[v] for v in after) - middle)
        dealt = list(itertools.combinations(ranks, len(after)))
        slow = sum(abs(sum(one) - middle) >= seen for one in dealt) / len(dealt)
        assert shift_of([float(v) for v in before], [float(v) for v in after]).p == pytest.approx(slow)
