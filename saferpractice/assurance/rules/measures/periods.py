"""Weeks, months and quarters of London days, and the moments at which they begin and end."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from saferpractice.assurance.rules.measures.series import Period
from saferpractice.deadlines.rules import end_of_day, local_day

ONE_DAY = timedelta(days=1)
MONTHS_OF = {"month": 1, "quarter": 3}


class Length(StrEnum):
    """How long a period is. Weeks begin on Mondays; quarters are those of the financial year, from April."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


def period_of(length: Length, day: date) -> Period:
    """The period that holds ``day``, a London day."""
    if length is Length.WEEK:
        from_on = day - timedelta(days=day.weekday())
        return Period(from_on, from_on + timedelta(days=6), f"Week of {from_on.day} {from_on:%b %Y}")
    months = MONTHS_OF[length]
    first = (day.month - 1) // months * months + 1
    from_on = date(day.year, first, 1)
    after = date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    to_on = after - ONE_DAY
    label = f"{from_on:%B %Y}" if months == 1 else f"{from_on:%b} to {to_on:%b} {to_on.year}"
    return Period(from_on, to_on, label)


def periods(length: Length, first: date, last: date) -> tuple[Period, ...]:
    """Every period that holds a day from ``first`` to ``last``, oldest first, none left out.

    Raises:
        ValueError: ``last`` comes before ``first``.
    """
    if last < first:
        raise ValueError("The last day comes before the first.")
    found = [period_of(length, first)]
    while found[-1].to_on < last:
        found.append(period_of(length, found[-1].to_on + ONE_DAY))
    return tuple(found)


def last_periods(length: Length, day: date, how_many: int) -> tuple[Period, ...]:
    """The ``how_many`` periods up to the one that holds ``day``, oldest first."""
    found = [period_of(length, day)]
    while len(found) < how_many:
        found.append(period_of(length, found[-1].from_on - ONE_DAY))
    return tuple(reversed(found))


def between(from_on: date, to_on: date) -> Period:
    """Any stretch of days as one period, both ends included."""
    return Period(from_on, to_on, f"{from_on.day} {from_on:%b %Y} to {to_on.day} {to_on:%b %Y}")


def begins_at(period: Period) -> datetime:
    """The first moment of a period, in UTC."""
    return end_of_day(period.from_on - ONE_DAY)


def ends_at(period: Period) -> datetime:
    """The first moment after a period, in UTC."""
    return end_of_day(period.to_on)


def bounds(following: Sequence[Period]) -> tuple[datetime, ...]:
    """The moments at which ``following`` begin, and that at which the last one ends, in UTC.

    Raises:
        ValueError: one of them does not begin on the day after the one before it.
    """
    for earlier, later in itertools.pairwise(following):
        if later.from_on != earlier.to_on + ONE_DAY:
            raise ValueError("A period does not follow the one before it.")
    return (*(begins_at(period) for period in following), ends_at(following[-1]))


def is_over(period: Period, at: datetime) -> bool:
    """Whether ``period`` has ended by ``at``. One that is running is never shown as finished."""
    return period.to_on < local_day(at)


def place_of(moments: Sequence[datetime], at: datetime) -> int | None:
    """Which of the periods begun at ``moments`` (its ``bounds``) holds ``at``, from 0; None for none of them."""
    place = bisect.bisect_right(moments, at) - 1
    return place if 0 <= place < len(moments) - 1 else None
