"""The rules held against slow references that share no code with them: fractions, and every case counted."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules import (
    Direction,
    ImpactPlan,
    VerdictWord,
    chance_of_showing_fall,
    exposure_needed,
    newcombe,
    proportion_change,
    rate_ratio,
    records_needed,
    wilson,
)

from .builders import (
    CONSULTATIONS,
    FIRST_LOOK,
    LAST_LOOK,
    LATE_ESCALATIONS,
    NO_NEXT_REVIEW,
    SAME_DAY_CONSULT,
    verdict,
)

pytestmark = pytest.mark.requirement("R4", "R16")

LEVELS = {FIRST_LOOK: Fraction(1, 1000), LAST_LOOK: Fraction(1, 20)}
CANNOT, EARLY, IMPROVED, WORSE, NOT_WORTH, NOT_SHOWN = (
    VerdictWord.CANNOT_BE_JUDGED,
    VerdictWord.TOO_EARLY,
    VerdictWord.IMPROVED,
    VerdictWord.GOT_WORSE,
    VerdictWord.NO_WORTHWHILE_CHANGE,
    VerdictWord.NOT_SHOWN,
)


# Rates: given the total, the count after is a number of heads among so many tosses of one coin.


def coin(ratio: Fraction, before: int, after: int) -> Fraction:
    """The chance that one event of the total falls after, when the rate after is ``ratio`` times that before."""
    return ratio * after / (ratio * after + before)


@cache
def tails(heads: int, tosses: int, chance: Fraction) -> tuple[Fraction, Fraction]:
    """The chance of so few heads or fewer, and of so many or more."""
    each = [math.comb(tosses, n) * chance**n * (1 - chance) ** (tosses - n) for n in range(tosses + 1)]
    return sum(each[: heads + 1], Fraction(0)), sum(each[heads:], Fraction(0))


def slow_rate_word(
    plan: ImpactPlan, x0: int, t0: int, x1: int, t1: int, alpha: Fraction, worthwhile: Fraction
) -> VerdictWord:
    """The verdict on two counts, straight from the definitions: an end of the interval is never solved for.

    A value lies below the interval exactly when, if it were true, so many or more would come with less than half alpha.
    """
    if x0 == x1 == 0:
        return CANNOT
    few, many = tails(x1, x0 + x1, coin(Fraction(1), t0, t1))
    fell, rose = 2 * few <= alpha, 2 * many <= alpha
    better, worse = (fell, rose) if plan.direction is Direction.REDUCE else (rose, fell)
    if worse:
        return WORSE
    if plan.direction is Direction.REDUCE:
        if x0 == 0:
            return CANNOT
        if 2 * Fraction(t0, t0 + t1) ** x0 > alpha:
            return EARLY
    if better:
        return IMPROVED
    few, many = tails(x1, x0 + x1, coin(worthwhile, t0, t1))
    left_out = many if plan.direction is Direction.REDUCE else few
    return NOT_WORTH if 2 * left_out < alpha else NOT_SHOWN


class TestRates:
    @pytest.mark.parametrize("look", LEVELS, ids=["first", "last"])
    @pytest.mark.parametrize("months", [3, 6, 12, 24])
    @pytest.mark.parametrize(
        ("plan", "worthwhile"), [(LATE_ESCALATIONS, Fraction(7, 10)), (CONSULTATIONS, Fraction(13, 10))]
    )
    def test_every_small_verdict_is_that_of_the_definitions(
        self, plan: ImpactPlan, worthwhile: Fraction, months: int, look: date
    ) -> None:
        differing = [
            (x0, x1, found, expected)
            for x0, x1 in itertools.product(range(0, 15, 2), range(15))
            if (found := verdict(plan, (x0, 12), (x1, months), look=look).word)
            is not (expected := slow_rate_word(plan, x0, 12, x1, months, LEVELS[look], worthwhile))
        ]
        assert differing == []

    @given(
        x0=st.integers(0, 120),
        x1=st.integers(0, 120),
        t0=st.integers(1, 36),
        t1=st.integers(1, 36),
        plan=st.sampled_from([(LATE_ESCALATIONS, Fraction(7, 10)), (CONSULTATIONS, Fraction(13, 10))]),
        look=st.sampled_from([FIRST_LOOK, LAST_LOOK]),
    )
    def test_so_are_larger_ones(
        self, x0: int, x1: int, t0: int, t1: int, plan: tuple[ImpactPlan, Fraction], look: date
    ) -> None:
        expected = slow_rate_word(plan[0], x0, t0, x1, t1, LEVELS[look], plan[1])
        assert verdict(plan[0], (x0, t0), (x1, t1), look=look).word is expected

    @given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 24), st.integers(1, 24))
    def test_p_is_twice_the_smaller_tail(self, x0: int, x1: int, t0: int, t1: int) -> None:
        few, many = tails(x1, x0 + x1, coin(Fraction(1), t0, t1))
        assert rate_ratio(x0, t0, x1, t1).p == pytest.approx(float(min(Fraction(1), 2 * min(few, many))), rel=1e-9)

    @given(st.integers(1, 40), st.integers(0, 8), st.sampled_from([Fraction(1, 1000), Fraction(1, 20)]))
    def test_the_follow_up_asked_for_is_just_enough(self, x0: int, x1: int, alpha: Fraction) -> None:
        needed = exposure_needed(x0, 12, alpha=float(alpha), events_after=x1)
        assert needed is not None
        for months, is_enough in ((needed * 1.0001, True), (needed * 0.9999, False)):
            few, _ = tails(x1, x0 + x1, Fraction(months) / (Fraction(months) + 12))
            assert (2 * few <= alpha) is is_enough

    @pytest.mark.parametrize(("before", "after"), [(1.0, 0.5), (3.0, 1.5), (4.0, 4.0), (6.0, 1.0)])
    def test_the_chance_of_showing_a_fall_is_counted_pair_by_pair(self, before: float, after: float) -> None:
        def poisson(count: int, mean: float) -> float:
            return math.exp(-mean) * mean**count / math.factorial(count)

        chance = sum(
            poisson(x0, before) * poisson(x1, after)
            for x0, x1 in itertools.product(range(30), range(30))
            if 2 * tails(x1, x0 + x1, Fraction(1, 2))[0] <= Fraction(1, 20)
        )
        assert chance_of_showing_fall(before, after, 12, 12) == pytest.approx(chance, abs=1e-8)


# Shares: every table with the same margins, written out.


@cache
def fisher(met_before: int, read_before: int, met_after: int, read_after: int) -> Fraction:
    """Fisher's two-sided p: the chance of every table no likelier than the one seen."""
    met, read = met_before + met_after, read_before + read_after
    ways = {
        x: math.comb(read_before, x) * math.comb(read_after, met - x)
        for x in range(max(0, met - read_after), min(read_before, met) + 1)
    }
    return Fraction(sum(way for way in ways.values() if way <= ways[met_before]), math.comb(read, met))


def score_limits(met: int, read: int, z: float) -> tuple[float, float]:
    """Wilson's interval by trying: the shares whose distance from the one seen is no more than z standard errors."""

    def edge(inside: float, outside: float) -> float:
        for _ in range(200):
            middle = (inside + outside) / 2
            error = math.sqrt(middle * (1 - middle) / read)
            if abs(met / read - middle) <= z * error:
                inside = middle
            else:
                outside = middle
        return inside

    return edge(met / read, 0.0), edge(met / read, 1.0)


def slow_newcombe(met0: int, read0: int, met1: int, read1: int, z: float) -> tuple[float, float]:
    low0, high0 = score_limits(met0, read0, z)
    low1, high1 = score_limits(met1, read1, z)
    p0, p1 = met0 / read0, met1 / read1
    down = math.sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2)
    up = math.sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return p1 - p0 - down, p1 - p0 + up


Z = {LAST_LOOK: 1.959963984540054, FIRST_LOOK: 3.290526731491895}
"""The two-sided 5% and 0.1% points of the normal curve, from a printed table."""


def slow_share_word(plan: ImpactPlan, met0: int, read0: int, met1: int, read1: int, look: date) -> VerdictWord:
    low, high = slow_newcombe(met0, read0, met1, read1, Z[look])
    rises = plan.direction is Direction.INCREASE
    good0 = met0 if rises else read0 - met0
    better, worse = (low > 1e-12, high < -1e-12) if rises else (high < -1e-12, low > 1e-12)
    if worse:
        return WORSE
    if good0 == read0:
        return CANNOT
    if fisher(good0, read0, read1, read1) > LEVELS[look]:
        return EARLY
    if better:
        return IMPROVED
    ruled_out = high < plan.smallest_effect if rises else low > -plan.smallest_effect
    return NOT_WORTH if ruled_out else NOT_SHOWN


shares = st.integers(1, 60).flatmap(lambda read: st.tuples(st.integers(0, read), st.just(read)))


class TestShares:
    @pytest.mark.parametrize("look", LEVELS, ids=["first", "last"])
    @pytest.mark.parametrize("sizes", [(3, 3), (4, 4), (10, 6), (6, 20), (18, 18)], ids=str)
    @pytest.mark.parametrize("plan", [SAME_DAY_CONSULT, NO_NEXT_REVIEW], ids=["rise", "fall"])
    def test_every_small_verdict_is_that_of_the_definitions(
        self, plan: ImpactPlan, sizes: tuple[int, int], look: date
    ) -> None:
        read0, read1 = sizes
        differing = [
            (met0, met1, found, expected)
            for met0, met1 in itertools.product(range(read0 + 1), range(read1 + 1))
            if (found := verdict(plan, (met0, read0), (met1, read1), look=look).word)
            is not (expected := slow_share_word(plan, met0, read0, met1, read1, look))
        ]
        assert differing == []

    @given(before=shares, after=shares)
    def test_fishers_p_is_counted_table_by_table(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        assert proportion_change(*before, *after).p_fisher == pytest.approx(float(fisher(*before, *after)), rel=1e-9)

    @given(before=shares, after=shares, look=st.sampled_from([FIRST_LOOK, LAST_LOOK]))
    def test_newcombes_interval_from_score_limits_found_by_trying(
        self, before: tuple[int, int], after: tuple[int, int], look: date
    ) -> None:
        found = newcombe(*before, *after, alpha=float(LEVELS[look]))
        assert (found.low, found.high) == pytest.approx(slow_newcombe(*before, *after, Z[look]), abs=1e-8)

    @given(seen=shares, look=st.sampled_from([FIRST_LOOK, LAST_LOOK]))
    def test_wilsons_too(self, seen: tuple[int, int], look: date) -> None:
        found = wilson(*seen, alpha=float(LEVELS[look]))
        assert (found.low, found.high) == pytest.approx(score_limits(*seen, Z[look]), abs=1e-8)

    @pytest.mark.parametrize("missed", [0, 1, 2])
    @pytest.mark.parametrize("alpha", [Fraction(1, 20), Fraction(1, 1000)], ids=["5%", "0.1%"])
    @pytest.mark.parametrize("before", [(0, 4), (3, 8), (5, 10), (9, 15)], ids=str)
    def test_the_records_asked_for_are_found_by_counting_up(
        self, before: tuple[int, int], alpha: Fraction, missed: int
    ) -> None:
        """That many are enough, and one fewer are not."""
        needed = records_needed(*before, alpha=float(alpha), missed_after=missed)
        assert needed is not None
        assert fisher(*before, needed - missed, needed) <= alpha
        assert needed - missed == 0 or fisher(*before, needed - 1 - missed, needed - 1) > alpha


class TestAtTheBorder:
    """A result exactly at a border falls to the side the definition says, whatever the last binary digit."""

    @pytest.mark.parametrize(
        ("months", "look", "word"),
        [
            (39, LAST_LOOK, IMPROVED),
            (38.99, LAST_LOOK, EARLY),
            (1999, FIRST_LOOK, IMPROVED),
            (1998.9, FIRST_LOOK, EARLY),
        ],
    )
    def test_one_event_before_and_none_after(self, months: float, look: date, word: VerdictWord) -> None:
        """2 x (1 / (1 + months)) is exactly the level of the look."""
        assert verdict(LATE_ESCALATIONS, (1, 1), (0, months), look=look).word is word

    @pytest.mark.parametrize(("months", "word"), [(39, WORSE), (39.01, WORSE), (38.9, NOT_WORTH)])
    def test_so_it_is_the_wrong_way_round(self, months: float, word: VerdictWord) -> None:
        assert verdict(CONSULTATIONS, (1, 1), (0, months), look=LAST_LOOK).word is word

    @pytest.mark.parametrize("direction", list(Direction))
    @pytest.mark.parametrize("count", [1, 7, 400])
    def test_no_difference_is_never_a_movement(self, direction: Direction, count: int) -> None:
        plan = LATE_ESCALATIONS if direction is Direction.REDUCE else CONSULTATIONS
        assert verdict(plan, (count, 12), (count, 12)).word not in (IMPROVED, WORSE)

    @pytest.mark.parametrize(("smallest", "word"), [(0.9, NOT_WORTH), (0.95, NOT_SHOWN)])
    def test_what_is_worth_having_decides_between_the_last_two(self, smallest: float, word: VerdictWord) -> None:
        """1,000 before and after: the interval is 0.916 to 1.092."""
        plan = replace(LATE_ESCALATIONS, smallest_effect=smallest)
        assert verdict(plan, (1000, 12), (1000, 12)).word is word

    @pytest.mark.parametrize(("smallest", "word"), [(0.05, NOT_WORTH), (0.02, NOT_SHOWN)])
    def test_so_it_does_for_shares(self, smallest: float, word: VerdictWord) -> None:
        """500 of 1,000 before and after: the interval is 4.4 points either way."""
        plan = replace(SAME_DAY_CONSULT, smallest_effect=smallest)
        assert verdict(plan, (500, 1000), (500, 1000)).word is word
