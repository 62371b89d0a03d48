"""When a deadline falls. ADR 0007 states the conventions and why they were chosen.

A deadline counted in hours falls at a moment. A deadline counted in days falls at the midnight that ends a
London day. Something done at exactly that moment is in time; the first late moment comes just after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from saferpractice.deadlines.rules.calendars import Calendar
from saferpractice.deadlines.rules.local_time import end_of_day, local, settled, utc
from saferpractice.deadlines.rules.timescales import Timescale, TimescaleError, TimescaleKind


@dataclass(frozen=True, slots=True)
class OutOfHours:
    """What "the same day" means late in the evening.

    With no times, the same day stays the same day at any hour: the safe default. With both, what is asked at or
    after the London time ``after`` is due by ``due_by`` on the next day, whether or not that day is worked.

    Raises:
        TimescaleError: one time without the other, or a time with a time zone.
    """

    after: time | None = None
    due_by: time | None = None

    def __post_init__(self) -> None:
        if (self.after is None) != (self.due_by is None):
            raise TimescaleError("Give both times: from when the evening rule holds, and by when it is due next day.")
        if any(clock is not None and clock.tzinfo is not None for clock in (self.after, self.due_by)):
            raise TimescaleError("Write the times of the evening rule without a time zone: they are London time.")

    @property
    def sentence(self) -> str:
        """The rule in words."""
        if self.after is None or self.due_by is None:
            return "The same day stays the same day at any hour."
        return f"From {self.after:%H:%M} it is due by {self.due_by:%H:%M} on the next day."

    def next_morning(self, opened_at: datetime) -> datetime | None:
        """The moment in UTC by which it is due next day; None when the rule does not hold at ``opened_at``."""
        opened = local(opened_at)
        if self.after is None or self.due_by is None or opened.time() < self.after:
            return None
        return settled(opened.date() + timedelta(days=1), self.due_by)


SAME_DAY_ALWAYS = OutOfHours()


def due_at(
    opened_at: datetime, timescale: Timescale, calendar: Calendar, out_of_hours: OutOfHours = SAME_DAY_ALWAYS
) -> datetime:
    """The moment in UTC by which something asked at ``opened_at`` must be done. Never before ``opened_at``.

    - Same day: the midnight that ends the London day of asking, unless ``out_of_hours`` says next morning.
    - Clock hours: hours of true time, over clock changes too.
    - Working hours: true time inside the working windows of ``calendar``.
    - Working days: the midnight that ends the nth working day after the day of asking. Asked on Saturday,
      Monday is the first; asked on Monday at any hour, Tuesday is the first.
    - Calendar days and weeks: the midnight that ends the nth day, or 7nth, after the day of asking.
    - On a date: the midnight that ends that London day; ``opened_at`` itself when the day had ended already.

    Raises:
        ValueError: ``opened_at`` has no time zone.
        CalendarError: the deadline falls in a year whose bank holidays are not known.
    """
    opened = utc(opened_at)
    amount = timescale.amount or 0
    match timescale.kind:
        case TimescaleKind.SAME_DAY:
            return out_of_hours.next_morning(opened) or end_of_day(local(opened).date())
        case TimescaleKind.CLOCK_HOURS:
            return opened + timedelta(hours=amount)
        case TimescaleKind.WORKING_HOURS:
            return _after_working_time(opened, timedelta(hours=amount), calendar)
        case TimescaleKind.WORKING_DAYS:
            return end_of_day(_nth_working_day(local(opened).date(), amount, calendar))
        case TimescaleKind.CALENDAR_DAYS:
            return end_of_day(local(opened).date() + timedelta(days=amount))
        case TimescaleKind.WEEKS:
            return end_of_day(local(opened).date() + timedelta(weeks=amount))
        case TimescaleKind.ON_DATE:
            return max(opened, end_of_day(timescale.on or local(opened).date()))


def _nth_working_day(after: date, amount: int, calendar: Calendar) -> date:
    return next(islice(calendar.working_days_after(after), amount - 1, None))


def _after_working_time(opened: datetime, wanted: timedelta, calendar: Calendar) -> datetime:
    """The first moment by which ``wanted`` of working time has passed since ``opened``."""
    for opens, closes in calendar.working_windows_from(local(opened).date()):
        starts = max(opens, opened)
        if wanted <= closes - starts:
            return starts + wanted
        wanted -= max(closes - starts, timedelta())
    raise AssertionError("a calendar refuses before its working days run out")
