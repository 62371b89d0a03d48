"""Which days and hours a provider works. A calendar is data with a version: bank holidays are announced late."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import holidays
from holidays.version import __version__ as holidays_version

from saferpractice.deadlines.rules.local_time import end_of_day, settled

_SUBDIVISIONS = {"England": "ENG", "Northern Ireland": "NIR", "Scotland": "SCT", "Wales": "WLS"}
NATIONS = tuple(_SUBDIVISIONS)
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years for which bank holidays are known. Outside them a calendar refuses rather than finds none."""


class CalendarError(ValueError):
    """A calendar cannot be used; the message says what to write instead."""


@lru_cache(maxsize=1024)
def bank_holidays(nation: str, year: int) -> Mapping[date, str]:
    """The bank holidays of a nation in a year, substitutes included, with their names.

    The list is the one of the ``holidays`` library, which equals GOV.UK's on every weekday from 2012 to 2028.

    Raises:
        CalendarError: the nation or the year is not known.
    """
    if nation not in _SUBDIVISIONS:
        raise CalendarError(f'"{nation}" is not a nation with bank holidays here. Choose one of: {", ".join(NATIONS)}.')
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(
            f"Bank holidays are known from {FIRST_YEAR} to {LAST_YEAR}, not for {year}. Check the date."
        )
    found = holidays.country_holidays(
        "GB", subdiv=_SUBDIVISIONS[nation], years=year, expand=False, observed=True, language="en_GB"
    )
    return MappingProxyType({day: name for day, name in sorted(found.items()) if day.year == year})


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days and hours of one provider, in London time.

    ``days_off`` are non-working days beyond bank holidays; ``days_worked`` are days worked all the same, such as a
    bank holiday that was moved after the library was published. ``weekdays`` counts Monday as 0. ``closes`` at
    00:00 means the midnight that ends the day.

    Raises:
        CalendarError: the parts do not fit together; the message says what to write.
    """

    nation: str = "England"
    edition: str = ""
    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    opens: time = time(9)
    closes: time = time(17)
    version: str = field(init=False, compare=False)
    """Names these working days and hours. Two calendars with one version give the same deadlines."""

    def __post_init__(self) -> None:
        bank_holidays(self.nation, FIRST_YEAR)
        if not self.weekdays or not self.weekdays <= set(range(7)):
            raise CalendarError("Choose at least one working weekday, from 0 (Monday) to 6 (Sunday).")
        for clock in (self.opens, self.closes):
            if clock.tzinfo is not None or clock.second or clock.microsecond:
                raise CalendarError(f"Write {clock.isoformat()} as hours and minutes, like 09:00. It is London time.")
        if self.closes <= self.opens and self.closes != time():
            raise CalendarError("Working hours must end after they start. Write 00:00 for the end of the day.")
        both = sorted(self.days_off & self.days_worked)
        if both:
            raise CalendarError(f"{both[0].isoformat()} is both a day off and a day worked. Take it out of one.")
        object.__setattr__(self, "version", _version(self))

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is worked. Raises CalendarError when bank holidays of its year are not known."""
        if day in self.days_worked:
            return True
        is_bank_holiday = day in bank_holidays(self.nation, day.year)
        return not is_bank_holiday and day.weekday() in self.weekdays and day not in self.days_off

    def working_days_after(self, day: date) -> Iterator[date]:
        """Every working day later than ``day``, in order. Raises CalendarError at the end of the known years."""
        while True:
            day += timedelta(days=1)
            if self.is_working_day(day):
                yield day

    def working_windows_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """From when until when each working day is worked, in UTC, from ``day`` itself on.

        Raises:
            CalendarError: at the end of the known years.
        """
        for worked in self.working_days_after(day - timedelta(days=1)):
            closes = end_of_day(worked) if self.closes == time() else settled(worked, self.closes)
            yield settled(worked, self.opens), closes

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON, enough for ``from_data`` to make the same calendar."""
        return {
            "nation": self.nation,
            "edition": self.edition,
            "days_off": [day.isoformat() for day in sorted(self.days_off)],
            "days_worked": [day.isoformat() for day in sorted(self.days_worked)],
            "weekdays": sorted(self.weekdays),
            "opens": self.opens.isoformat("minutes"),
            "closes": self.closes.isoformat("minutes"),
        }

    @classmethod
    def from_data(cls, data: object) -> Calendar:
        """The calendar that ``as_data`` wrote; a part left out takes its default.

        Raises:
            CalendarError: not a calendar; the message says what to write.
        """
        if not isinstance(data, Mapping):
            raise CalendarError('A calendar is written like {"nation": "England", "days_off": ["2026-12-24"]}.')
        unknown = sorted(str(key) for key in data if key not in _READERS)
        if unknown:
            raise CalendarError(f"A calendar has {', '.join(_READERS)}; it has no {', '.join(unknown)}.")
        return cls(**{key: _READERS[key](value) for key, value in data.items()})


def _version(calendar: Calendar) -> str:
    facts = json.dumps({**calendar.as_data(), "edition": ""}, sort_keys=True)
    digest = hashlib.sha256(facts.encode()).hexdigest()[:8]
    parts = [calendar.nation, calendar.edition, f"holidays {holidays_version}", digest]
    return ", ".join(part for part in parts if part)


def _days(value: object) -> frozenset[date]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise CalendarError('Write days as a list, like ["2026-12-24", "2026-12-31"].')
    return frozenset(_day(item) for item in value)


def _day(value: object) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise CalendarError(f'"{value}" is not a date. Write year, month and day, like 2026-12-24.') from None


def _weekdays(value: object) -> frozenset[int]:
    if not isinstance(value, list) or any(type(item) is not int for item in value):
        raise CalendarError("Write working weekdays as a list of numbers, Monday as 0, like [0, 1, 2, 3, 4].")
    return frozenset(value)


def _clock(value: object) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise CalendarError(f'"{value}" is not a time of day. Write hours and minutes, like 09:00.') from None


_READERS: dict[str, Any] = {
    "nation": str,
    "edition": str,
    "days_off": _days,
    "days_worked": _days,
    "weekdays": _weekdays,
    "opens": _clock,
    "closes": _clock,
}

ENGLAND = Calendar()
"""Monday to Friday, 9am to 5pm, with the bank holidays of England."""
