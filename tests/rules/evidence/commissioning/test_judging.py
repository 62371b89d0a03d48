"""Better or worse, met or not met: said only where it holds whatever rounding hides."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.measures.series import Better
from saferpractice.evidence.rules.commissioning.judging import Kept, Trend, judge, trend
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.thematic.small import HIDDEN, guarded

pytestmark = pytest.mark.requirement("R32")
NOTHING = Share(HIDDEN, HIDDEN)


def share(count: int, out_of: int) -> Share:
    return Share(guarded(count), guarded(out_of))


@pytest.mark.parametrize(
    ("now", "before", "better", "expected"),
    [
        (share(90, 100), [share(60, 100)] * 4, Better.HIGHER, Trend.BETTER),
        (share(90, 100), [share(60, 100)] * 4, Better.LOWER, Trend.WORSE),
        (share(60, 100), [share(90, 100)] * 4, Better.HIGHER, Trend.WORSE),
        (share(20, 100), [share(50, 100)] * 4, Better.LOWER, Trend.BETTER),
        (share(80, 100), [share(78, 100)] * 4, Better.HIGHER, Trend.NO_CLEAR_CHANGE),
        (share(10, 12), [share(8, 12)], Better.HIGHER, Trend.NO_CLEAR_CHANGE),
        (share(90, 100), [], Better.HIGHER, Trend.CANNOT_BE_TOLD),
        (share(90, 100), [NOTHING], Better.HIGHER, Trend.CANNOT_BE_TOLD),
        (NOTHING, [share(60, 100)] * 4, Better.HIGHER, Trend.CANNOT_BE_TOLD),
        (share(3, 100), [share(60, 100)] * 4, Better.HIGHER, Trend.CANNOT_BE_TOLD),
        (share(90, 100), [share(60, 100)] * 4, Better.NEITHER, Trend.CANNOT_BE_TOLD),
        (share(90, 100), [NOTHING, share(60, 100), share(60, 100)], Better.HIGHER, Trend.BETTER),
    ],
)
def test_how_a_quarter_compares(now: Share, before: list[Share], better: Better, expected: Trend) -> None:
    assert trend(now, before, better) is expected


def test_only_the_year_before_is_compared() -> None:
    year = [share(80, 100)] * 4
    assert trend(share(80, 100), [*year, *[share(5, 400)] * 9], Better.HIGHER) is Trend.NO_CLEAR_CHANGE


@given(st.integers(5, 200), st.integers(5, 200), st.data())
def test_the_opposite_way_is_the_opposite_answer(out_now: int, out_before: int, data: st.DataObject) -> None:
    now = share(data.draw(st.integers(5, out_now)), out_now)
    before = [share(data.draw(st.integers(5, out_before)), out_before)]
    turned = {Trend.BETTER: Trend.WORSE, Trend.WORSE: Trend.BETTER}
    answer = trend(now, before, Better.HIGHER)
    assert trend(now, before, Better.LOWER) is turned.get(answer, answer)


@given(st.integers(5, 200), st.integers(5, 200), st.data())
def test_the_same_published_numbers_get_the_same_answer(out_now: int, out_before: int, data: st.DataObject) -> None:
    """So that no answer tells more than the numbers beside it."""
    counts = data.draw(st.integers(5, out_now)), data.draw(st.integers(5, out_before))
    now, before = share(counts[0], out_now), share(counts[1], out_before)
    again = Share(guarded(now.count.value), guarded(now.out_of.value))
    earlier = Share(guarded(before.count.value), guarded(before.out_of.value))
    assert trend(now, [before], Better.HIGHER) is trend(again, [earlier], Better.HIGHER)


def interval(met_before: int, before: int, met_after: int, after: int) -> tuple[float, float]:
    """Newcombe's interval for the difference (1998, method 10), written out from Wilson's of each share."""

    def wilson(met: int, of: int) -> tuple[float, float]:
        z, share = 1.959963984540054, met / of
        middle, half = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
        return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)

    (low_1, high_1), (low_2, high_2) = wilson(met_before, before), wilson(met_after, after)
    first, second = met_before / before, met_after / after
    return (
        second - first - math.hypot(second - low_2, high_1 - first),
        second - first + math.hypot(high_2 - second, first - low_1),
    )


TRUE = st.integers(5, 250).flatmap(lambda of: st.tuples(st.integers(5, of), st.just(of)))


@given(TRUE, st.lists(TRUE, min_size=1, max_size=4))
def test_better_or_worse_is_true_of_the_true_counts(now: tuple[int, int], before: list[tuple[int, int]]) -> None:
    """Whatever rounding hides, in how many met it and in how many there were."""
    said = trend(share(*now), [share(*one) for one in before], Better.HIGHER)
    low, high = interval(sum(met for met, _ in before), sum(of for _, of in before), *now)
    assert said is not Trend.BETTER or low > 0
    assert said is not Trend.WORSE or high < 0


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ((60, 60), [(40, 60)], Trend.BETTER),
        ((40, 60), [(60, 60)], Trend.WORSE),
        ((30, 30), [(20, 30)], Trend.NO_CLEAR_CHANGE),
        ((60, 60), [(15, 20)] * 4, Trend.NO_CLEAR_CHANGE),
        ((60, 60), [(60, 80)], Trend.BETTER),
        ((200, 200), [(400, 500)] * 4, Trend.BETTER),
        ((100, 100), [(145, 160)], Trend.NO_CLEAR_CHANGE),  # it may be 98 of 102 after 147 of 158
        ((5, 5), [(5, 200)], Trend.BETTER),
        ((5, 200), [(5, 5)], Trend.WORSE),
        ((10, 10), [(10, 10)] * 4, Trend.NO_CLEAR_CHANGE),
    ],
)
def test_how_much_it_takes_to_be_said(now: tuple[int, int], before: list[tuple[int, int]], expected: Trend) -> None:
    """More quarters, each rounded by itself, leave more open: of four the same difference may not be said."""
    assert trend(share(*now), [share(*one) for one in before], Better.HIGHER) is expected


@given(TRUE, st.lists(TRUE, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_quarters_before_does_not_matter(
    now: tuple[int, int], before: list[tuple[int, int]], order: random.Random
) -> None:
    shares = [share(*one) for one in before]
    said = trend(share(*now), shares, Better.LOWER)
    order.shuffle(shares)
    assert trend(share(*now), shares, Better.LOWER) is said


@pytest.mark.parametrize(
    ("one", "target", "at_least", "expected"),
    [
        (share(200, 200), 95, True, Kept.MET),
        (share(100, 200), 95, True, Kept.NOT_MET),
        (share(40, 40), 95, True, Kept.CANNOT_BE_TOLD),
        (share(190, 200), 95, True, Kept.CANNOT_BE_TOLD),
        (share(10, 200), 20, False, Kept.MET),
        (share(100, 200), 20, False, Kept.NOT_MET),
        (share(40, 200), 20, False, Kept.CANNOT_BE_TOLD),
        (share(4, 200), 20, False, Kept.NOT_PUBLISHABLE),
        (NOTHING, 0, True, Kept.NOT_PUBLISHABLE),
        (None, 95, True, Kept.NOT_COUNTED),
        (None, 0, False, Kept.NOT_COUNTED),
        (share(200, 200), 100, True, Kept.CANNOT_BE_TOLD),
        (share(5, 200), 0, True, Kept.MET),
        (share(200, 200), 100, False, Kept.MET),
    ],
)
def test_whether_a_target_is_met(one: Share | None, target: int, *, at_least: bool, expected: Kept) -> None:
    assert judge(one, target=target, at_least=at_least) is expected


@given(st.integers(5, 120), st.integers(0, 100), st.booleans(), st.data())
def test_what_is_said_is_true_of_the_true_share(out_of: int, target: int, at_least: bool, data: st.DataObject) -> None:
    count = data.draw(st.integers(5, out_of))
    true = 100 * count >= target * out_of if at_least else 100 * count <= target * out_of
    said = judge(share(count, out_of), target=target, at_least=at_least)
    assert said is not Kept.MET or true
    assert said is not Kept.NOT_MET or not true


@pytest.mark.parametrize("one", [*Trend, *Kept])
def test_every_answer_has_its_colour(one: Trend | Kept) -> None:
    assert one.meaning in {"good", "bad", "quiet"}


@pytest.mark.parametrize("one", list(Kept))
def test_every_answer_about_a_target_is_explained(one: Kept) -> None:
    assert one.words.endswith(".")
