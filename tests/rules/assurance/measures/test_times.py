"""Times counted up: the grid they are read to, and that those still open are never left out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.assurance.rules.measures.reading import time_of
from saferpractice.assurance.rules.measures.times import cell, time_to
from saferpractice.assurance.rules.survival import Watched, curve, curve_counted, median_limits, median_time

pytestmark = pytest.mark.requirement("R20", "R25", "R31")

MINUTES = st.integers(0, 60 * 24 * 120)
TIMES = st.lists(st.tuples(MINUTES, st.booleans()), max_size=60)


def counted(times: list[tuple[int, bool]]) -> Counter[tuple[int, bool]]:
    return Counter((cell(minutes, ended=ended), ended) for minutes, ended in times)


@pytest.mark.parametrize(
    ("minutes", "met", "open_"),
    [
        (0, 0, 0),
        (59.2, 60, 59),
        (60, 60, 60),
        (61, 75, 60),
        (75, 75, 75),
        (2880, 2880, 2880),
        (2881, 2940, 2880),
        (30 * 1440, 30 * 1440, 30 * 1440),
        (30 * 1440 + 1, 31 * 1440, 30 * 1440),
        (45.5 * 1440, 46 * 1440, 45 * 1440),
    ],
)
def test_a_time_is_read_to_the_grid(minutes: float, met: int, open_: int) -> None:
    assert (cell(minutes, ended=True), cell(minutes, ended=False)) == (met, open_)


@given(st.floats(0, 200_000))
def test_what_ended_never_looks_shorter_and_what_is_open_never_longer(minutes: float) -> None:
    assert cell(minutes, ended=False) <= minutes <= cell(minutes, ended=True)


@given(st.lists(st.floats(0, 200_000), min_size=2, max_size=2))
def test_the_grid_keeps_the_order(pair: list[float]) -> None:
    shorter, longer = sorted(pair)
    for ended in (True, False):
        assert cell(shorter, ended=ended) <= cell(longer, ended=ended)


@given(TIMES)
def test_counting_up_first_gives_the_curve_of_every_row(times: list[tuple[int, bool]]) -> None:
    rows = [Watched(cell(minutes, ended=ended), ended) for minutes, ended in times]
    steps, found = curve(rows), time_to(counted(times))
    assert found.median == median_time(steps)
    assert (found.low, found.high) == median_limits(steps)
    assert (found.ended, found.open) == (sum(e for _, e in times), sum(not e for _, e in times))


@given(TIMES)
def test_the_curve_is_that_of_a_slow_product(times: list[tuple[int, bool]]) -> None:
    """Kaplan and Meier by the book: at each time something ended, so many of those at risk."""
    rows = [(float(minutes), ended) for minutes, ended in times]
    share, expected = 1.0, []
    for time in sorted({minutes for minutes, ended in rows if ended}):
        at_risk = sum(minutes >= time for minutes, _ in rows)
        share *= 1 - sum(minutes == time and ended for minutes, ended in rows) / at_risk
        expected.append((time, at_risk, pytest.approx(share)))
    found = curve(Watched(minutes, ended) for minutes, ended in rows)
    assert [(step.time, step.at_risk, float(step.still_open)) for step in found] == expected


@given(TIMES, st.lists(MINUTES, min_size=1, max_size=30))
def test_what_is_still_open_never_makes_times_look_shorter(times: list[tuple[int, bool]], still: list[int]) -> None:
    """Censoring is never dropped: more that is still open counts, and the median does not fall."""
    without = time_to(counted(times))
    found = time_to(counted([*times, *((minutes, False) for minutes in still)]))
    assert found.open == without.open + len(still)
    assert found.out_of == without.out_of + len(still)
    assume(without.median is not None)
    assert found.median is None or (without.median is not None and found.median >= without.median)


def test_a_time_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        curve_counted([(-1.0, 1, 0)])


def test_the_median_interval_and_mean_are_in_the_unit_of_the_measure() -> None:
    cells = {(60, True): 4, (120, True): 4, (180, True): 4, (240, False): 2}
    hours, minutes = time_of(cells, minutes=60, left_out=3), time_to(cells)
    assert (hours.count, hours.out_of, hours.still_open, hours.left_out) == (2.0, 14.0, 2, 3)
    assert hours.low is not None and minutes.low is not None
    assert hours.low == minutes.low / 60
    assert hours.horizon == 4.0
    # By hand: all open for 1 hour, 10/14 of them for the next, 6/14, then 2/14.
    assert hours.mean == pytest.approx(1 + 10 / 14 + 6 / 14 + 2 / 14)


def test_of_nothing_nothing_is_said() -> None:
    found = time_of({}, minutes=60)
    assert (found.count, found.out_of, found.mean, found.horizon) == (None, 0.0, None, None)


def test_fewer_than_half_met_is_no_median() -> None:
    found = time_of({(60, True): 1, (90, False): 2}, minutes=60)
    assert (found.count, found.out_of, found.still_open) == (None, 3.0, 2)
