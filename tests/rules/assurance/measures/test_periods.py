"""Weeks, months and quarters of London days, and the moments between them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.measures.periods import (
    Length,
    begins_at,
    between,
    bounds,
    ends_at,
    is_over,
    last_periods,
    period_of,
    periods,
    place_of,
)
from saferpractice.deadlines.rules import local_day

pytestmark = pytest.mark.requirement("R32")

DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))
LENGTHS = st.sampled_from(Length)


@pytest.mark.parametrize(
    ("length", "day", "from_on", "to_on", "label"),
    [
        (Length.WEEK, date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 8), "Week of 2 Mar 2026"),
        (Length.WEEK, date(2026, 3, 8), date(2026, 3, 2), date(2026, 3, 8), "Week of 2 Mar 2026"),
        (Length.WEEK, date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 4), "Week of 29 Dec 2025"),
        (Length.MONTH, date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        (Length.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31), "December 2026"),
        (Length.QUARTER, date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30), "Apr to Jun 2026"),
        (Length.QUARTER, date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31), "Jan to Mar 2026"),
        (Length.QUARTER, date(2026, 12, 5), date(2026, 10, 1), date(2026, 12, 31), "Oct to Dec 2026"),
    ],
)
def test_the_period_that_holds_a_day(length: Length, day: date, from_on: date, to_on: date, label: str) -> None:
    found = period_of(length, day)
    assert (found.from_on, found.to_on, found.label) == (from_on, to_on, label)


@given(LENGTHS, DAYS, st.integers(0, 800))
def test_periods_cover_every_day_once(length: Length, first: date, further: int) -> None:
    last = first + timedelta(days=further)
    found = periods(length, first, last)
    assert found[0].from_on <= first <= found[0].to_on
    assert found[-1].from_on <= last <= found[-1].to_on
    for earlier, later in itertools.pairwise(found):
        assert later.from_on == earlier.to_on + timedelta(days=1)
    assert found == tuple(dict.fromkeys(period_of(length, first + timedelta(days=day)) for day in range(further + 1)))


@given(LENGTHS, DAYS, st.integers(1, 30))
def test_the_last_periods_end_with_the_one_that_holds_the_day(length: Length, day: date, how_many: int) -> None:
    found = last_periods(length, day, how_many)
    assert len(found) == how_many
    assert found[-1] == period_of(length, day)
    assert found == periods(length, found[0].from_on, day)


def test_days_cannot_run_backwards() -> None:
    with pytest.raises(ValueError, match="comes before"):
        periods(Length.WEEK, date(2026, 3, 9), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("from_on", "to_on", "begins", "ends"),
    [
        # The clocks go forward on 29 March 2026, back on 25 October 2026.
        ("2026-03-23", "2026-03-29", "2026-03-23T00", "2026-03-29T23"),
        ("2026-07-01", "2026-07-31", "2026-06-30T23", "2026-07-31T23"),
        ("2026-10-25", "2026-10-25", "2026-10-24T23", "2026-10-26T00"),
    ],
)
def test_a_period_begins_and_ends_at_london_midnights(from_on: str, to_on: str, begins: str, ends: str) -> None:
    period = between(date.fromisoformat(from_on), date.fromisoformat(to_on))
    assert [begins_at(period), ends_at(period)] == [
        datetime.fromisoformat(f"{hour}:00+00:00") for hour in (begins, ends)
    ]


@given(LENGTHS, DAYS, st.integers(1, 12), st.integers(0, 60 * 24 * 500))
def test_a_moment_lies_in_the_period_of_its_london_day(length: Length, first: date, how_many: int, on: int) -> None:
    over = last_periods(length, first, how_many)
    moments = bounds(over)
    at = moments[0] - timedelta(days=5) + timedelta(minutes=on)
    place = place_of(moments, at)
    expected = [n for n, period in enumerate(over) if period.from_on <= local_day(at) <= period.to_on]
    assert ([] if place is None else [place]) == expected


def test_periods_with_a_gap_are_refused() -> None:
    week = period_of(Length.WEEK, date(2026, 3, 2))
    with pytest.raises(ValueError, match="does not follow"):
        bounds([week, period_of(Length.WEEK, date(2026, 3, 16))])


@pytest.mark.parametrize(
    ("at", "over"),
    [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), True),  # midnight in London
        (datetime(2026, 6, 1, 12, 0, tzinfo=UTC), False),
    ],
)
def test_a_period_is_over_when_its_last_london_day_is(at: datetime, over: bool) -> None:
    assert is_over(period_of(Length.QUARTER, date(2026, 6, 1)), at) is over
