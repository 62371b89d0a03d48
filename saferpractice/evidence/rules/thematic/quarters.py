"""Quarters of the financial year, April to March, in London days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from saferpractice.deadlines.rules import end_of_day

FIRST_MONTH = {1: 4, 2: 7, 3: 10, 4: 1}
"""The month in which each quarter of the financial year begins."""
DAYS_TO_SIGN = 30
"""Days after the end of a quarter within which its review is to be signed: a local standard."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One quarter. ``year`` is the one in which its financial year begins: January 2026 is in quarter 4 of 2025."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in FIRST_MONTH or not 1900 <= self.year <= 9000:
            raise ValueError(f"there is no quarter {self.number} of {self.year}")

    @property
    def first(self) -> date:
        """Its first London day."""
        return date(self.year + (self.number == 4), FIRST_MONTH[self.number], 1)

    @property
    def last(self) -> date:
        """Its last London day."""
        return self.after().first - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        """The midnight with which it begins in London, in UTC."""
        return end_of_day(self.first - timedelta(days=1))

    @property
    def ends_at(self) -> datetime:
        """The midnight with which it ends in London, in UTC: no longer part of it."""
        return end_of_day(self.last)

    @property
    def sign_by(self) -> date:
        """The London day by which its review is to be signed."""
        return self.last + timedelta(days=DAYS_TO_SIGN)

    @property
    def code(self) -> str:
        """As an address writes it: "2025-3"."""
        return f"{self.year}-{self.number}"

    @property
    def short(self) -> str:
        """As a table writes it: "Q3 2025/26"."""
        return f"Q{self.number} {self.year}/{(self.year + 1) % 100:02}"

    @property
    def label(self) -> str:
        """As a heading writes it: "Quarter 3 of 2025/26, October to December 2025"."""
        months = f"{self.first:%B} to {self.last:%B} {self.last.year}"
        return f"Quarter {self.number} of {self.year}/{(self.year + 1) % 100:02}, {months}"

    def before(self, many: int = 1) -> Quarter:
        """The quarter so many quarters earlier."""
        return _at(self.year * 4 + self.number - 1 - many)

    def after(self) -> Quarter:
        """The next one."""
        return _at(self.year * 4 + self.number)

    def holds(self, day: date) -> bool:
        """Whether a London day lies in it."""
        return self.first <= day <= self.last


def _at(place: int) -> Quarter:
    return Quarter(place // 4, place % 4 + 1)


def quarter_of(day: date) -> Quarter:
    """The quarter in which a London day lies."""
    year = day.year if day.month >= 4 else day.year - 1
    return Quarter(year, (day.month - 4) % 12 // 3 + 1)


def quarter_from(code: str) -> Quarter | None:
    """The quarter an address names ("2025-3"), or None."""
    year, _, number = code.partition("-")
    if not (len(year) == 4 and year.isascii() and year.isdigit() and number in {"1", "2", "3", "4"}):
        return None
    return Quarter(int(year), int(number)) if 1900 <= int(year) <= 9000 else None


def newest_finished(today: date) -> Quarter:
    """The last quarter of which no day is left on the London day ``today``."""
    return quarter_of(today).before()


def finished_since(day: date, today: date) -> Iterator[Quarter]:
    """The quarters that are over on ``today``, newest first, back to the one in which ``day`` lies."""
    quarter, oldest = newest_finished(today), quarter_of(day)
    while quarter >= oldest:
        yield quarter
        quarter = quarter.before()


def months_up_to(quarter: Quarter, many: int, since: date) -> list[date]:
    """The first days of the last ``many`` months up to the end of ``quarter``, oldest first; none before ``since``.

    A month before anything was recorded is not a month in which nothing happened.
    """
    place = quarter.last.year * 12 + quarter.last.month - 1
    months = [date(number // 12, number % 12 + 1, 1) for number in range(place - many + 1, place + 1)]
    return [month for month in months if (month.year, month.month) >= (since.year, since.month)]
