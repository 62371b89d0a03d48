"""Times of which some have not ended, against a trial that every textbook works by hand.

E. Freireich and others, Blood 21 (1963) 699-716: weeks until relapse, 21 children with 6-MP and 21 without. The share
still open, its standard error, the medians with their limits and the log-rank test are those that R and lifelines give.
"""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from saferpractice.assurance.rules.measures.reading import time_of
from saferpractice.assurance.rules.measures.times import time_to
from saferpractice.assurance.rules.survival import (
    Watched,
    curve,
    log_rank,
    median_limits,
    median_time,
    restricted_mean,
)

pytestmark = pytest.mark.requirement("R20", "R25")

ENDED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
OPEN = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
TREATED = [Watched(time, True) for time in ENDED] + [Watched(time, False) for time in OPEN]
PLACEBO = [
    Watched(time, True) for time in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
]  # fmt: skip


@pytest.mark.parametrize(
    ("time", "at_risk", "ended", "still_open", "error"),
    [
        (6, 21, 3, 0.8571, 0.0764),
        (7, 17, 1, 0.8067, 0.0869),
        (10, 15, 1, 0.7529, 0.0963),
        (13, 12, 1, 0.6902, 0.1068),
        (16, 11, 1, 0.6275, 0.1141),
        (22, 7, 1, 0.5378, 0.1282),
        (23, 6, 1, 0.4482, 0.1346),
    ],
)
def test_the_share_still_open(time: int, at_risk: int, ended: int, still_open: float, error: float) -> None:
    (step,) = (one for one in curve(TREATED) if one.time == time)
    assert (step.at_risk, step.ended) == (at_risk, ended)
    assert float(step.still_open) == pytest.approx(still_open, abs=5e-5)
    assert float(step.still_open) * math.sqrt(step.spread) == pytest.approx(error, abs=5e-5)


def test_only_what_ended_is_a_step() -> None:
    assert [step.time for step in curve(TREATED)] == sorted(set(ENDED))


@pytest.mark.parametrize(
    ("rows", "middle", "low", "high"), [(TREATED, 23, 16, None), (PLACEBO, 8, 4, 12)], ids=["6-MP", "placebo"]
)
def test_the_median_and_its_limits(rows: list[Watched], middle: float, low: float, high: float | None) -> None:
    steps = curve(rows)
    assert median_time(steps) == middle
    assert median_limits(steps) == (low, high)


def test_the_log_rank_test() -> None:
    found = log_rank(PLACEBO, TREATED)
    assert found.chi_squared == pytest.approx(16.79, abs=5e-3)
    assert found.p == pytest.approx(4.17e-5, abs=5e-7)
    assert found.ended == (21, 9)
    assert found.expected == (pytest.approx(10.75, abs=5e-3), pytest.approx(19.25, abs=5e-3))


def test_the_mean_of_the_first_weeks_is_the_area_under_the_steps() -> None:
    for horizon in (5, 10, 23, 35):
        times = [0, *(step.time for step in curve(TREATED) if step.time < horizon), horizon]
        shares = [1.0, *(float(step.still_open) for step in curve(TREATED))]
        area = sum((later - earlier) * share for (earlier, later), share in zip(pairwise(times), shares, strict=False))
        assert restricted_mean(curve(TREATED), horizon)[0] == pytest.approx(area)
    assert restricted_mean(curve(PLACEBO), 23)[0] == pytest.approx(182 / 21), "with all ended it is the plain mean"


class TestAsAMeasure:
    """The same children counted up as the database counts them: by (minutes, whether it ended)."""

    def cells(self, *, open_too: bool = True) -> dict[tuple[int, bool], int]:
        found: dict[tuple[int, bool], int] = {}
        for one in TREATED if open_too else [one for one in TREATED if one.ended]:
            key = (int(one.time) * 10_080, one.ended)
            found[key] = found.get(key, 0) + 1
        return found

    def test_says_the_same_in_weeks(self) -> None:
        found = time_of(self.cells(), minutes=10_080)
        assert (found.count, found.out_of, found.still_open) == (23, 21, 12)
        assert (found.low, found.high) == (16, None)
        assert found.horizon == 35

    def test_without_the_open_ones_it_would_look_two_thirds_of_the_time(self) -> None:
        """What leaving them out would do: the reason why they never are."""
        assert time_of(self.cells(open_too=False), minutes=10_080).count == 10
        assert time_to(self.cells()).median == 23 * 10_080

    def test_half_of_them_open_for_longer_is_no_median_at_all(self) -> None:
        cells = self.cells() | {(50 * 10_080, False): 21}
        found = time_of(cells, minutes=10_080)
        assert (found.count, found.still_open, found.out_of) == (None, 33, 42)
        assert found.mean is not None and found.mean < 50
