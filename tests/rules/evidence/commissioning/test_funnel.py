"""The funnel plot: limits that chance explains, providers by name, and nothing said that rounding leaves open."""

from __future__ import annotations

import math
import random
import re
import statistics
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.commissioning.funnel import (
    FAR,
    NEAR,
    Lies,
    counts_drawn,
    dispersion,
    funnel,
    limits,
)
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.thematic.small import HIDDEN, guarded

pytestmark = pytest.mark.requirement("R32")


def share(count: int, out_of: int) -> Share:
    return Share(guarded(count), guarded(out_of))


def chance_up_to(count: int, out_of: int, centre: float) -> float:
    """The binomial chance of so many or fewer, written out."""
    return sum(comb(out_of, k) * centre**k * (1 - centre) ** (out_of - k) for k in range(count + 1))


@pytest.mark.parametrize("level", [NEAR, FAR])
@pytest.mark.parametrize(("centre", "out_of"), [(0.5, 20), (0.8, 55), (0.9, 10), (0.1, 200), (0.35, 5)])
def test_the_limits_lie_where_the_chances_say(centre: float, out_of: int, level: float) -> None:
    """Between the last count whose chance is below the tail and the first whose is not, by straight line."""
    low, high = limits(centre, out_of, level)
    for end, wanted in ((low, (1 - level) / 2), (high, (1 + level) / 2)):
        above = next(k for k in range(out_of + 1) if chance_up_to(k, out_of, centre) >= wanted)
        assert above - 1 <= end * out_of + 1e-9
        assert end * out_of <= above + 1e-9


@given(st.integers(1, 39), st.integers(5, 60), st.sampled_from([NEAR, FAR]))
def test_the_limits_are_those_of_exact_fractions(fortieths: int, out_of: int, level: float) -> None:
    """Computed another way: every chance as a fraction, added up from none to all, and the straight line between."""
    centre = Fraction(fortieths, 40)
    chances = [comb(out_of, k) * centre**k * (1 - centre) ** (out_of - k) for k in range(out_of + 1)]
    tail = (1 - Fraction(str(level))) / 2
    expected = []
    for wanted in (tail, 1 - tail):
        reached = Fraction(0)
        for k, chance in enumerate(chances):
            if reached + chance >= wanted:
                expected.append(min(Fraction(1), max(Fraction(0), (k - 1 + (wanted - reached) / chance) / out_of)))
                break
            reached += chance
    assert limits(float(centre), out_of, level) == pytest.approx([float(one) for one in expected], abs=1e-7)


@given(st.integers(1, 39), st.integers(5, 200), st.sampled_from([NEAR, FAR]))
def test_what_is_not_met_has_the_limits_turned_over(fortieths: int, out_of: int, level: float) -> None:
    """Exactly, up to the one count by which the line between two counts is read from below."""
    (low, high), (other_low, other_high) = (limits(share / 40, out_of, level) for share in (fortieths, 40 - fortieths))
    assert low == pytest.approx(1 - other_high, abs=1.001 / out_of)
    assert high == pytest.approx(1 - other_low, abs=1.001 / out_of)


@given(st.floats(0.02, 0.98), st.integers(5, 300))
def test_far_limits_hold_the_near_ones_and_those_the_centre(centre: float, out_of: int) -> None:
    (far_low, far_high), (near_low, near_high) = limits(centre, out_of, FAR), limits(centre, out_of, NEAR)
    assert 0 <= far_low <= near_low + 1e-12
    assert near_high <= far_high + 1e-12 <= 1 + 1e-11
    assert near_low <= centre + 1 / out_of
    assert near_high >= centre - 1 / out_of


@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_where_everybody_meets_it_or_nobody_chance_takes_nothing_away(centre: float) -> None:
    assert limits(centre, 40, NEAR) == (centre, centre)


def test_limits_narrow_as_more_is_counted() -> None:
    wide, narrow = limits(0.8, 20, NEAR), limits(0.8, 400, NEAR)
    assert wide[0] < narrow[0] < 0.8 < narrow[1] < wide[1]


def test_providers_stand_by_name_and_never_by_rank() -> None:
    found = funnel({"Willow": share(50, 100), "Alder": share(90, 100), "Elm": share(70, 100)})
    assert found is not None
    assert [one.name for one in found.points] == ["Alder", "Elm", "Willow"]
    assert found.centre == pytest.approx(0.7)


def test_whose_numbers_are_held_back_is_named_and_not_drawn() -> None:
    found = funnel(
        {"Willow": share(50, 100), "Alder": share(90, 100), "Elm": share(3, 100), "Ash": Share(HIDDEN, HIDDEN)}
    )
    assert found is not None
    assert [one.name for one in found.points] == ["Alder", "Willow"]
    assert found.held_back == ("Ash", "Elm")
    assert found.centre == pytest.approx(0.7)


@pytest.mark.parametrize("shares", [{}, {"A": share(50, 60)}, {"A": share(50, 60), "B": share(2, 60)}])
def test_one_alone_is_no_funnel(shares: dict[str, Share]) -> None:
    assert funnel(shares) is None


@pytest.mark.parametrize(
    ("counts", "out_of", "lies"),
    [
        ([80, 80, 80], 100, Lies.WITHIN),
        ([20, 95, 95], 100, Lies.BEYOND_FAR),
        ([66, 81, 81], 100, Lies.WITHIN),
        ([60, 80, 80], 100, Lies.BEYOND_NEAR),
    ],
)
def test_where_the_first_of_three_lies(counts: list[int], out_of: int, lies: Lies) -> None:
    found = funnel({f"P{place}": share(count, out_of) for place, count in enumerate(counts)})
    assert found is not None
    assert found.points[0].lies is lies


@given(st.lists(st.tuples(st.integers(5, 150), st.integers(0, 150)), min_size=2, max_size=5))
def test_beyond_is_said_only_of_what_every_rounding_leaves_beyond(counts: list[tuple[int, int]]) -> None:
    found = funnel({f"P{place}": share(met, met + missed) for place, (met, missed) in enumerate(counts)})
    assert found is not None
    for one in found.points:
        low, high = found.limits(one.share.out_of.value, NEAR)
        beyond = one.share.most < low or one.share.least > high
        assert (one.lies is not Lies.WITHIN) == beyond


def test_the_limits_are_drawn_past_the_largest() -> None:
    found = funnel({"A": share(50, 100), "B": share(10, 20)})
    assert found is not None
    drawn = counts_drawn(found.points)
    assert drawn == sorted(set(drawn))
    assert drawn[0] == 5
    assert drawn[-1] >= 110


def scores_of(shares: list[Share], centre: float) -> list[float]:
    """Standard scores on the arcsine scale, written out: each of the nearest share that rounding leaves open."""
    found = []
    for one in shares:
        nearest = statistics.median([one.least, centre, one.most])
        found.append((math.asin(nearest**0.5) - math.asin(centre**0.5)) / (0.5 / math.sqrt(one.out_of.value)))
    return found


COUNTS = st.lists(st.tuples(st.integers(5, 150), st.integers(0, 150)), min_size=2, max_size=9)


@given(COUNTS)
def test_dispersion_is_the_mean_square_of_the_scores(counts: list[tuple[int, int]]) -> None:
    found = funnel({f"P{place}": share(met, met + missed) for place, (met, missed) in enumerate(counts)})
    assert found is not None
    shares = [one.share for one in found.points]
    if found.centre < 1:
        mean = statistics.fmean(score**2 for score in scores_of(shares, found.centre))
        assert dispersion(shares, found.centre) == pytest.approx(mean)
        assert found.too_narrow == (mean > 1 + 2 * (2 / len(counts)) ** 0.5)


@given(COUNTS)
def test_dispersion_is_the_same_whichever_stands_first_and_whatever_is_counted(counts: list[tuple[int, int]]) -> None:
    shares = [share(met, met + missed) for met, missed in counts]
    assert dispersion(shares, 0.7) == pytest.approx(dispersion(shares[::-1], 0.7))
    assert dispersion(shares, 0.7) >= 0
    assert dispersion([*shares, *shares], 0.7) == pytest.approx(dispersion(shares, 0.7)) or len(shares) > 4


@pytest.mark.parametrize(
    ("counts", "too_narrow"),
    [
        ([80, 80], False),
        ([78, 80, 83], False),
        ([95, 50], True),
        ([95, 80, 60, 40], True),
        ([70, 71, 69, 75, 66, 70], False),
        ([95, 90, 85, 70, 60, 50, 45, 40], True),
        ([80] * 19 + [20], False),
        ([80] * 9 + [20], False),
        ([80] * 8 + [20, 20], True),
        ([100, 100, 100], False),
    ],
    ids=["two alike", "three alike", "two apart", "four apart", "six by chance", "eight apart",
         "one of twenty", "one of ten", "two of ten", "everybody"],
)  # fmt: skip
def test_whether_the_limits_are_too_narrow(counts: list[int], *, too_narrow: bool) -> None:
    """One far from many that are alike is drawn in: it is what a funnel is for, and no reason to doubt the limits."""
    found = funnel({f"P{place:02}": share(count, 100) for place, count in enumerate(counts)})
    assert found is not None
    assert found.too_narrow is too_narrow


def test_chance_alone_is_seldom_taken_for_more() -> None:
    chance, said = random.Random(20261127), 0
    for _ in range(300):
        sizes = [chance.randint(20, 200) for _ in range(8)]
        met = [sum(chance.random() < 0.7 for _ in range(size)) for size in sizes]
        found = funnel({f"P{n}": share(*one) for n, one in enumerate(zip(met, sizes, strict=True))})
        said += found is not None and found.too_narrow
    assert said <= 9, "three in a hundred"


@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_where_everybody_or_nobody_meets_it_nothing_lies_apart(centre: float) -> None:
    assert dispersion([share(50, 60), share(10, 60)], centre) == 0
    assert dispersion([], 0.5) == 0


@given(COUNTS, st.randoms(use_true_random=False))
def test_no_place_in_it_hangs_on_the_numbers(counts: list[tuple[int, int]], order: random.Random) -> None:
    """No league table: names stand in their own order whatever anybody counts, and whoever is asked for first."""
    names = [f"P{place}" for place in range(len(counts))]
    shuffled = order.sample(counts, len(counts))
    pairs = list(zip(names, shuffled, strict=True))
    order.shuffle(pairs)
    found = funnel({name: share(met, met + missed) for name, (met, missed) in pairs})
    assert found is not None
    assert [one.name for one in found.points] == names


@pytest.mark.parametrize("one", list(Lies))
def test_no_word_says_good_or_bad_first_or_last(one: Lies) -> None:
    words = r"best|worst|good|bad|better|worse|rank|top|bottom|first|last|above|below|high|low"
    assert not re.search(words, one.value, re.IGNORECASE)
