"""What becomes of a deadline when a working day is taken out of the calendar, or put back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from saferpractice.deadlines.rules.calendars import Calendar, bank_holidays
from saferpractice.deadlines.rules.due import due_at
from saferpractice.deadlines.rules.local_time import day_label, end_of_day, local_day, utc
from saferpractice.deadlines.rules.timescales import Timescale, TimescaleKind

COUNTS_WORKING_TIME = frozenset({TimescaleKind.WORKING_DAYS, TimescaleKind.WORKING_HOURS})
"""Timescales that a day off can move. Hours, days and dates go on through any day off."""
FURTHEST = timedelta(days=2 * 366)
"""How far ahead a day off may be set: two years, as far as its page shows."""


def later_due(
    opened_at: datetime, timescale: Timescale, was: datetime, calendar: Calendar, *, at: datetime
) -> datetime:
    """When it is due after a day became a day off at ``at``: later or as it ``was``, in UTC.

    What was late already stays as late as it was: a day off declared afterwards excuses nobody.
    """
    if utc(was) <= utc(at) or timescale.kind not in COUNTS_WORKING_TIME:
        return utc(was)
    return max(utc(was), due_at(opened_at, timescale, calendar))


def earlier_due(
    opened_at: datetime, timescale: Timescale, was: datetime, calendar: Calendar, *, at: datetime
) -> datetime:
    """When it is due after a day off became a working day again at ``at``: earlier or as it ``was``, in UTC.

    Never before the end of today: nothing becomes late because a calendar changed.
    """
    if utc(was) <= utc(at) or timescale.kind not in COUNTS_WORKING_TIME:
        return utc(was)
    soonest = max(due_at(opened_at, timescale, calendar), end_of_day(local_day(at)))
    return min(utc(was), soonest)


def day_off_problem(day: date, calendar: Calendar, *, today: date) -> str | None:
    """Why ``day`` cannot be made a day off, as a sentence that says what to do; None when it can."""
    if day < today:
        return "Choose today or a later day: what was counted with earlier days stays as it was."
    if day > today + FURTHEST:
        return "Choose a day within the next two years."
    if day in calendar.days_off:
        return f"{day_label(day)} is already a day off. Choose another day."
    name = bank_holidays(calendar.nation, day.year).get(day)
    if name is not None:
        return f"{day_label(day)} is a bank holiday ({name}), so it is not a working day anyway."
    if not calendar.is_working_day(day):
        return f"{day_label(day)} is not a working day anyway."
    return None


def coming_bank_holidays(nation: str, today: date) -> list[tuple[date, str]]:
    """The bank holidays of ``nation`` from ``today`` on, for two years, with their names, in order."""
    last = today + FURTHEST
    return [
        (day, name)
        for year in range(today.year, last.year + 1)
        for day, name in bank_holidays(nation, year).items()
        if today <= day <= last
    ]
