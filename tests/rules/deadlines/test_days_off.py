"""What a change of days off does to a deadline, against a slow reference (R35)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.deadlines.rules import (
    ENGLAND,
    Calendar,
    Timescale,
    coming_bank_holidays,
    day_off_problem,
    due_at,
    earlier_due,
    end_of_day,
    later_due,
    local_day,
    working_days,
    working_hours,
)
from saferpractice.deadlines.rules.timescales import calendar_days, clock_hours, same_day, weeks

pytestmark = pytest.mark.requirement("R35")

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 1))
WORKING = st.integers(1, 40).map(working_days) | st.integers(1, 80).map(working_hours)
OTHER = st.sampled_from([clock_hours(30), calendar_days(5), weeks(2), same_day()])


def with_day(day: date, calendar: Calendar = ENGLAND) -> Calendar:
    return replace(calendar, days_off=calendar.days_off | {day})


def slow_working_days(opened: datetime, amount: int, days_off: set[date]) -> datetime:
    """The reference: walk day by day, without the product's calendar."""
    day = local_day(opened)
    while amount:
        day += timedelta(days=1)
        bank = {d for d, _ in coming_bank_holidays("England", date(day.year, 1, 1))}
        amount -= day.weekday() < 5 and day not in bank and day not in days_off
    return end_of_day(day)


@settings(max_examples=60)
@given(MOMENTS, st.integers(1, 25), st.lists(DAYS, max_size=6), DAYS)
def test_a_due_day_is_what_walking_day_by_day_gives(
    opened: datetime, amount: int, off: list[date], added: date
) -> None:
    calendar = Calendar(days_off=frozenset(off))
    was = due_at(opened, working_days(amount), calendar)
    assert was == slow_working_days(opened, amount, set(off))
    now = later_due(opened, working_days(amount), was, with_day(added, calendar), at=opened)
    assert now == slow_working_days(opened, amount, {*off, added})


SOON = st.integers(0, 12)
"""Days after opening: near enough that most of them fall before the deadline."""


@given(MOMENTS, WORKING, SOON, st.integers(0, 60 * 24 * 20))
def test_adding_a_day_only_moves_later_and_taking_it_away_moves_back(
    opened: datetime, timescale: Timescale, after: int, minutes: int
) -> None:
    day, at = local_day(opened) + timedelta(days=after), opened + timedelta(minutes=minutes)
    was = due_at(opened, timescale, ENGLAND)
    later = later_due(opened, timescale, was, with_day(day), at=at)
    assert later >= was
    back = earlier_due(opened, timescale, later, ENGLAND, at=at)
    assert back == (was if later == was else max(was, min(later, end_of_day(local_day(at)))))


@settings(max_examples=300)
@given(MOMENTS, WORKING, SOON, st.integers(0, 60 * 24 * 14))
def test_no_change_of_calendar_makes_anything_late_or_less_late(
    opened: datetime, timescale: Timescale, after: int, minutes: int
) -> None:
    day, at = local_day(opened) + timedelta(days=after), opened + timedelta(minutes=minutes)
    for was, change, calendar in (
        (due_at(opened, timescale, ENGLAND), later_due, with_day(day)),
        (due_at(opened, timescale, with_day(day)), earlier_due, ENGLAND),
    ):
        now = change(opened, timescale, was, calendar, at=at)
        assert (now > at) == (was > at)
        if was <= at:
            assert now == was
        assert now >= opened


@given(MOMENTS, OTHER, SOON)
def test_what_counts_no_working_time_never_moves(opened: datetime, timescale: Timescale, after: int) -> None:
    day = local_day(opened) + timedelta(days=after)
    was = due_at(opened, timescale, ENGLAND)
    assert later_due(opened, timescale, was, with_day(day), at=opened) == was
    assert earlier_due(opened, timescale, was, ENGLAND, at=opened) == was


def test_a_deadline_kept_to_the_end_of_today_is_not_pulled_earlier_by_another_day_off() -> None:
    opened, at = datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC)
    kept = end_of_day(date(2026, 3, 5))
    assert due_at(opened, working_days(1), ENGLAND) < kept
    assert later_due(opened, working_days(1), kept, with_day(date(2026, 6, 1)), at=at) == kept


class TestWhichDaysCanBeOne:
    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (date(2026, 3, 3), "today or a later day"),
            (date(2026, 3, 4), None),
            (date(2026, 3, 5), None),
            (date(2026, 3, 6), "already a day off"),
            (date(2026, 3, 8), "Sunday 8 March 2026 is not a working day anyway"),
            (date(2026, 5, 4), "May Day"),
            (date(2027, 12, 27), "Christmas Day"),
            (date(2028, 2, 29), None),
            (date(2028, 3, 5), "not a working day anyway"),
            (date(2028, 3, 6), "within the next two years"),
        ],
    )
    def test_each_reason_in_words(self, day: date, words: str | None) -> None:
        calendar = Calendar(days_off=frozenset({date(2026, 3, 6)}))
        problem = day_off_problem(day, calendar, today=date(2026, 3, 4))
        assert (problem is None) if words is None else (words in (problem or ""))


def test_bank_holidays_to_come_are_in_order_and_none_has_passed() -> None:
    found = coming_bank_holidays("England", date(2026, 12, 25))
    assert found[0] == (date(2026, 12, 25), "Christmas Day")
    assert [day for day, _ in found] == sorted(day for day, _ in found)
    assert found[-1][0] <= date(2028, 12, 26)
    assert len(found) >= 16
