"""The moments of the example, told from the day it is loaded, so that something is always due today.

``w-76 Thu 16:40``  Thursday of the 76th week before the week of loading, by the London clock
``d-3 09:15``       three days before the day of loading
``now-35m``         35 minutes before the moment of loading; ``now-6h`` six hours; ``now``

Days are written alike: ``w+3 Fri``, ``d+2``, ``d-10``, ``today``. Weeks keep office work off weekends whatever the
day of loading; days and hours are for what must look the same on every day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from saferpractice.deadlines.rules import local_day
from saferpractice.deadlines.rules.local_time import settled

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAY = "|".join(WEEKDAYS)
_CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
MOMENT = (
    rf"^(?:w-(?P<weeks>[1-9]\d*) (?P<weekday>{_WEEKDAY}) {_CLOCK}"
    rf"|d-(?P<days>[1-9]\d*) {_CLOCK.replace('hour', 'at_hour').replace('minute', 'at_minute')}"
    r"|now(?:-(?P<amount>[1-9]\d*)(?P<unit>[mh]))?)$"
)
DAY = rf"^(?:w(?P<weeks>[+-]\d+) (?P<weekday>{_WEEKDAY})|d(?P<days>[+-]\d+)|today)$"
_MOMENT, _DAY = re.compile(MOMENT), re.compile(DAY)


class NoSuchMoment(ValueError):
    """A moment or a day is not written as it must be; the message says how."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Turns the moments and days of the example into real ones, for one moment of loading (UTC)."""

    loaded_at: datetime

    @property
    def today(self) -> date:
        """The London day of loading."""
        return local_day(self.loaded_at)

    def moment(self, text: str) -> datetime:
        """The moment in UTC.

        Raises:
            NoSuchMoment: it is not written as it must be.
        """
        found = _MOMENT.match(text)
        if found is None:
            raise NoSuchMoment(
                f'"{text}" is no moment. Write one like "w-76 Thu 16:40", "d-3 09:15" or "now-35m"; '
                "all of them lie before the moment of loading."
            )
        if found["weeks"]:
            day = self._weekday(-int(found["weeks"]), found["weekday"])
            return settled(day, time(int(found["hour"]), int(found["minute"])))
        if found["days"]:
            day = self.today - timedelta(days=int(found["days"]))
            return settled(day, time(int(found["at_hour"]), int(found["at_minute"])))
        unit = timedelta(hours=1) if found["unit"] == "h" else timedelta(minutes=1)
        return (self.loaded_at - int(found["amount"] or 0) * unit).astimezone(UTC)

    def day(self, text: str) -> date:
        """The London day.

        Raises:
            NoSuchMoment: it is not written as it must be.
        """
        found = _DAY.match(text)
        if found is None:
            raise NoSuchMoment(f'"{text}" is no day. Write one like "w+3 Fri", "w-20 Mon", "d+2", "d-10" or "today".')
        if found["weeks"]:
            return self._weekday(int(found["weeks"]), found["weekday"])
        return self.today + timedelta(days=int(found["days"] or 0))

    def _weekday(self, weeks: int, weekday: str) -> date:
        monday = self.today - timedelta(days=self.today.weekday())
        return monday + timedelta(weeks=weeks, days=WEEKDAYS.index(weekday))
