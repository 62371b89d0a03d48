"""Fisher's test against sums over whole numbers of tables, which have no rounding at all."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.hypergeometric import FixedMargins

pytestmark = pytest.mark.requirement("R4", "R16")


@st.composite
def tables(draw: st.DrawFn, most: int = 40) -> tuple[FixedMargins, int]:
    size_a, size_b = draw(st.integers(1, most)), draw(st.integers(1, most))
    met_a, met_b = draw(st.integers(0, size_a)), draw(st.integers(0, size_b))
    return FixedMargins(size_a, size_b, met_a + met_b), met_a


def ways(margins: FixedMargins) -> dict[int, int]:
    return {
        x: math.comb(margins.size_a, x) * math.comb(margins.size_b, margins.drawn - x)
        for x in range(margins.least, margins.most + 1)
    }


def share(some: int, margins: FixedMargins) -> float:
    return float(Fraction(some, math.comb(margins.size_a + margins.size_b, margins.drawn)))


@given(tables())
def test_tails_equal_the_count_of_tables(table: tuple[FixedMargins, int]) -> None:
    margins, seen = table
    exact = ways(margins)
    below = share(sum(number for x, number in exact.items() if x <= seen), margins)
    above = share(sum(number for x, number in exact.items() if x >= seen), margins)
    assert margins.at_most(seen) == pytest.approx(below, rel=1e-10)
    assert margins.at_least(seen) == pytest.approx(above, rel=1e-10)
    assert margins.central_p(seen) == pytest.approx(min(1.0, 2 * min(below, above)), rel=1e-10)


@given(tables())
def test_fishers_p_equals_the_count_of_tables_no_likelier(table: tuple[FixedMargins, int]) -> None:
    margins, seen = table
    exact = ways(margins)
    as_unlikely = share(sum(number for number in exact.values() if number <= exact[seen]), margins)
    assert margins.fisher_p(seen) == pytest.approx(as_unlikely, rel=1e-9)


@given(tables())
def test_the_likeliest_is_the_likeliest(table: tuple[FixedMargins, int]) -> None:
    margins, _ = table
    exact = ways(margins)
    assert exact[margins.likeliest] == max(exact.values())


@given(tables(400))
def test_both_p_do_not_care_which_sample_comes_first(table: tuple[FixedMargins, int]) -> None:
    margins, seen = table
    other = FixedMargins(margins.size_b, margins.size_a, margins.drawn)
    assert margins.fisher_p(seen) == pytest.approx(other.fisher_p(margins.drawn - seen), rel=1e-8)
    assert margins.central_p(seen) == pytest.approx(other.central_p(margins.drawn - seen), rel=1e-8)


@given(tables(400))
def test_both_p_do_not_care_what_is_called_success(table: tuple[FixedMargins, int]) -> None:
    margins, seen = table
    missed = FixedMargins(margins.size_a, margins.size_b, margins.size_a + margins.size_b - margins.drawn)
    assert margins.fisher_p(seen) == pytest.approx(missed.fisher_p(margins.size_a - seen), rel=1e-8)


@given(tables(400))
def test_fishers_p_is_a_chance_no_smaller_than_its_own_tail(table: tuple[FixedMargins, int]) -> None:
    margins, seen = table
    assert 0 < margins.fisher_p(seen) <= 1
    assert margins.fisher_p(seen) >= min(margins.at_most(seen), margins.at_least(seen)) - 1e-12


@pytest.mark.parametrize(("each", "expected"), [(3, 0.1), (4, 2 / 70), (2, 1 / 3), (5, 2 / 252)])
def test_sizes_that_can_and_cannot_reach_five_percent(each: int, expected: float) -> None:
    """Three and three cannot (0.10): no difference is larger than none of three against three of three."""
    assert FixedMargins(each, each, each).fisher_p(0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("drawn", [0, 12])
def test_a_table_with_one_possibility_says_nothing(drawn: int) -> None:
    margins = FixedMargins(5, 7, drawn)
    assert margins.fisher_p(margins.most) == margins.central_p(margins.most) == 1.0


def test_beyond_the_margins() -> None:
    margins = FixedMargins(5, 7, 6)
    assert margins.at_most(-1) == 0.0
    assert margins.at_most(5) == 1.0
    assert margins.at_least(0) == 1.0
    assert margins.at_least(6) == 0.0


@pytest.mark.timeout(30)
def test_a_million_records_on_each_side_take_a_moment() -> None:
    margins = FixedMargins(1_000_000, 1_000_000, 801_500)
    p = margins.fisher_p(400_000)
    z = 1_500 / math.sqrt(2_000_000 * 0.40075 * 0.59925)
    assert p == pytest.approx(math.erfc(z / math.sqrt(2)), rel=0.01)
