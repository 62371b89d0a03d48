"""Measures over the days on which the clocks change: periods are as long as they were, and nothing falls between."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.measures.periods import (
    Length,
    begins_at,
    bounds,
    ends_at,
    is_over,
    last_periods,
    period_of,
    periods,
    place_of,
)
from saferpractice.assurance.rules.measures.reading import days_within
from saferpractice.deadlines.rules import LONDON, local_day

pytestmark = pytest.mark.requirement("R20", "R25", "R31")

HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.sampled_from(list(Length))


@pytest.mark.parametrize(
    ("length", "day", "hours"),
    [
        (Length.WEEK, date(2026, 3, 25), 7 * 24 - 1),
        (Length.WEEK, date(2026, 3, 30), 7 * 24),
        (Length.WEEK, date(2026, 10, 25), 7 * 24 + 1),
        (Length.MONTH, date(2026, 3, 1), 31 * 24 - 1),
        (Length.MONTH, date(2026, 10, 31), 31 * 24 + 1),
        (Length.MONTH, date(2028, 2, 29), 29 * 24),
        (Length.QUARTER, date(2026, 2, 14), 90 * 24 - 1),
        (Length.QUARTER, date(2026, 12, 31), 92 * 24 + 1),
        (Length.QUARTER, date(2026, 4, 1), 91 * 24),
        (Length.QUARTER, date(2024, 3, 31), 91 * 24 - 1),
    ],
)
def test_a_period_is_as_long_as_it_was(length: Length, day: date, hours: int) -> None:
    period = period_of(length, day)
    assert (ends_at(period) - begins_at(period)) / HOUR == hours
    moments = [0.0, (ends_at(period) - begins_at(period)) / timedelta(minutes=1)]
    open_throughout = days_within(moments, {-1: (1, -60.0)}, {})
    assert open_throughout == [pytest.approx(hours / 24)], "what was open throughout was open for so long"


@pytest.mark.parametrize(
    ("moment", "week_of", "month", "quarter"),
    [
        ("2026-03-29T00:59:59", date(2026, 3, 23), 3, "Jan to Mar 2026"),
        ("2026-03-29T01:00:00", date(2026, 3, 23), 3, "Jan to Mar 2026"),
        ("2026-03-29T22:59:59", date(2026, 3, 23), 3, "Jan to Mar 2026"),
        ("2026-03-29T23:00:00", date(2026, 3, 30), 3, "Jan to Mar 2026"),
        ("2026-03-31T22:59:59", date(2026, 3, 30), 3, "Jan to Mar 2026"),
        ("2026-03-31T23:00:00", date(2026, 3, 30), 4, "Apr to Jun 2026"),
        ("2026-09-30T22:59:59", date(2026, 9, 28), 9, "Jul to Sep 2026"),
        ("2026-09-30T23:00:00", date(2026, 9, 28), 10, "Oct to Dec 2026"),
        ("2026-10-25T00:30:00", date(2026, 10, 19), 10, "Oct to Dec 2026"),
        ("2026-10-25T01:30:00", date(2026, 10, 19), 10, "Oct to Dec 2026"),
        ("2026-10-25T23:59:59", date(2026, 10, 19), 10, "Oct to Dec 2026"),
        ("2026-10-26T00:00:00", date(2026, 10, 26), 10, "Oct to Dec 2026"),
        ("2026-12-31T23:59:59", date(2026, 12, 28), 12, "Oct to Dec 2026"),
        ("2027-01-01T00:00:00", date(2026, 12, 28), 1, "Jan to Mar 2027"),
    ],
)
def test_a_moment_counts_in_the_period_of_its_london_day(moment: str, week_of: date, month: int, quarter: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    for length, first in ((Length.WEEK, week_of), (Length.MONTH, month), (Length.QUARTER, quarter)):
        over = last_periods(length, date(2027, 2, 1), 60)
        place = place_of(bounds(over), at)
        assert place is not None
        period = over[place]
        assert first in {period.from_on, period.from_on.month, period.label}
        assert begins_at(period) <= at < ends_at(period)


@given(MOMENTS, LENGTHS)
def test_no_moment_falls_between_two_periods_or_into_both(at: datetime, length: Length) -> None:
    day = local_day(at)
    over = periods(length, day - timedelta(days=120), day + timedelta(days=120))
    held = [period for period in over if begins_at(period) <= at < ends_at(period)]
    assert held == [period_of(length, day)]
    assert all(ends_at(earlier) == begins_at(later) for earlier, later in pairwise(over))


@given(MOMENTS, LENGTHS)
def test_each_begins_at_a_midnight_on_a_london_clock(at: datetime, length: Length) -> None:
    period = period_of(length, local_day(at))
    for moment in (begins_at(period), ends_at(period)):
        clock = moment.astimezone(LONDON)
        assert (clock.hour, clock.minute, clock.second) == (0, 0, 0)


@given(MOMENTS, LENGTHS)
def test_the_running_one_is_never_over_and_the_one_before_always_is(at: datetime, length: Length) -> None:
    before, running = last_periods(length, local_day(at), 2)
    assert is_over(before, at)
    assert not is_over(running, at)
    assert is_over(running, ends_at(running))
    assert not is_over(running, ends_at(running) - timedelta(microseconds=1))


@given(st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 300_000)), max_size=6), LENGTHS)
def test_days_open_add_up_whatever_they_are_cut_into(spans: list[tuple[int, int]], length: Length) -> None:
    """Weeks, months and quarters over both changes of the clocks: no minute is lost or counted twice."""
    over = periods(length, date(2026, 3, 2), date(2026, 11, 30))
    first, *_, last = bounds(over)
    minutes = [(moment - first) / timedelta(minutes=1) for moment in bounds(over)]

    def counted(cut: list[float]) -> list[float]:
        begun: dict[int, tuple[int, float]] = {}
        ended: dict[int, tuple[int, float]] = {}
        for since, lasting in spans:
            for found, moment in ((begun, float(since)), (ended, float(since + lasting))):
                place = next((n for n, end in enumerate(cut[1:]) if moment < end), None)
                if place is not None:
                    number, summed = found.get(place, (0, 0.0))
                    found[place] = (number + 1, summed + moment)
        return days_within(cut, begun, ended)

    whole = counted([0.0, (last - first) / timedelta(minutes=1)])
    assert sum(counted(minutes)) == pytest.approx(sum(whole), abs=1e-6)
    by_hand = sum(
        max(0.0, min(minutes[-1], since + lasting) - min(minutes[-1], since)) / 1440 for since, lasting in spans
    )
    assert sum(whole) == pytest.approx(by_hand, abs=1e-6)


@given(MOMENTS)
def test_three_months_are_a_quarter_and_four_quarters_a_financial_year(at: datetime) -> None:
    quarter = period_of(Length.QUARTER, local_day(at))
    months = periods(Length.MONTH, quarter.from_on, quarter.to_on)
    assert len(months) == 3
    assert (begins_at(months[0]), ends_at(months[-1])) == (begins_at(quarter), ends_at(quarter))
    april = date(quarter.from_on.year - (quarter.from_on.month < 4), 4, 1)
    year = list(itertools.islice(iter(periods(Length.QUARTER, april, april + timedelta(days=364))), 5))
    assert len(year) == 4
    assert quarter in year
