"""How long somebody has, as data: "by the end of the same day", "within 10 working days"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from saferpractice.deadlines.rules.local_time import day_label


class TimescaleError(ValueError):
    """A timescale cannot be used; the message says what to write instead."""


class ClockKind(StrEnum):
    """Who set a deadline. Every deadline shown says which, so a local target is never taken for law."""

    LAW = "law"
    CONTRACT = "contract"
    LOCAL = "local"

    @property
    def label(self) -> str:
        """One word for a tag."""
        return self.value.capitalize()

    @property
    def set_by(self) -> str:
        """Who set it, to stand beside a day: "set by law"."""
        return "set locally" if self is ClockKind.LOCAL else f"set by {self.value}"

    @property
    def sentence(self) -> str:
        """What the word means, for the page."""
        return _CLOCK_SENTENCES[self]


_CLOCK_SENTENCES = {
    ClockKind.LAW: "This time limit is set by law.",
    ClockKind.CONTRACT: "This time limit is set by a contract, such as the NHS Standard Contract.",
    ClockKind.LOCAL: "This time limit is set locally. The provider may change it.",
}


class TimescaleKind(StrEnum):
    """How a timescale counts. ADR 0007 states each convention."""

    SAME_DAY = "same_day"
    CLOCK_HOURS = "clock_hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WEEKS = "weeks"
    ON_DATE = "on_date"


_UNITS = {
    TimescaleKind.CLOCK_HOURS: "hour",
    TimescaleKind.WORKING_HOURS: "working hour",
    TimescaleKind.WORKING_DAYS: "working day",
    TimescaleKind.CALENDAR_DAYS: "day",
    TimescaleKind.WEEKS: "week",
}
LARGEST_AMOUNT = {
    TimescaleKind.CLOCK_HOURS: 10 * 366 * 24,
    TimescaleKind.WORKING_HOURS: 10 * 366 * 8,
    TimescaleKind.WORKING_DAYS: 10 * 261,
    TimescaleKind.CALENDAR_DAYS: 10 * 366,
    TimescaleKind.WEEKS: 10 * 53,
}
"""About ten years of each: a longer timescale is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Timescale:
    """How long somebody has from the moment something is asked of them.

    ``amount`` is a whole number for every kind that counts, and None for the same day and for a date.
    ``on`` is the London day by the end of which it is due, for a date only.

    Raises:
        TimescaleError: the parts do not fit together; the message says what to write.
    """

    kind: TimescaleKind
    amount: int | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        _check_kind(self.kind)
        if self.kind is TimescaleKind.ON_DATE:
            _check_date(self.on, self.amount)
            return
        if self.on is not None:
            raise TimescaleError(f'Only the kind "on_date" has a date. Take the date out of "{self.kind}".')
        if self.kind is TimescaleKind.SAME_DAY:
            if self.amount is not None:
                raise TimescaleError('"same_day" has no amount. Take the amount out, or choose "calendar_days".')
            return
        _check_amount(self.kind, self.amount)

    @property
    def sentence(self) -> str:
        """The timescale as it follows "must be done": "within 4 working hours"."""
        if self.kind is TimescaleKind.SAME_DAY:
            return "by the end of the same day"
        if self.on is not None:
            return f"by the end of {day_label(self.on)}"
        unit = _UNITS[self.kind]
        return f"within {self.amount} {unit if self.amount == 1 else unit + 's'}"

    @property
    def counts_hours(self) -> bool:
        """Whether it runs from a moment. The other kinds run from a day, to the end of a day."""
        return self.kind in {TimescaleKind.CLOCK_HOURS, TimescaleKind.WORKING_HOURS}

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON: ``{"kind": "working_days", "amount": 10}``."""
        data: dict[str, Any] = {"kind": self.kind.value}
        if self.amount is not None:
            data["amount"] = self.amount
        if self.on is not None:
            data["on"] = self.on.isoformat()
        return data

    @classmethod
    def from_data(cls, data: object) -> Timescale:
        """The timescale that ``as_data`` or a definition file wrote.

        Raises:
            TimescaleError: not a timescale; the message says what to write.
        """
        if not isinstance(data, Mapping):
            raise TimescaleError('A timescale is written like {"kind": "working_days", "amount": 10}.')
        unknown = sorted(str(key) for key in data if key not in {"kind", "amount", "on"})
        if unknown:
            raise TimescaleError(f"A timescale has kind, amount and on; it has no {', '.join(unknown)}.")
        return cls(_kind(data.get("kind")), data.get("amount"), _date(data.get("on")))


def same_day() -> Timescale:
    """By the end of the London day on which it was asked."""
    return Timescale(TimescaleKind.SAME_DAY)


def clock_hours(amount: int) -> Timescale:
    """Hours as they pass, nights and weekends included."""
    return Timescale(TimescaleKind.CLOCK_HOURS, amount)


def working_hours(amount: int) -> Timescale:
    """Hours inside the provider's working hours only."""
    return Timescale(TimescaleKind.WORKING_HOURS, amount)


def working_days(amount: int) -> Timescale:
    """Whole working days after the day of asking."""
    return Timescale(TimescaleKind.WORKING_DAYS, amount)


def calendar_days(amount: int) -> Timescale:
    """Whole days after the day of asking, weekends and bank holidays included."""
    return Timescale(TimescaleKind.CALENDAR_DAYS, amount)


def weeks(amount: int) -> Timescale:
    """Whole weeks after the day of asking."""
    return Timescale(TimescaleKind.WEEKS, amount)


def on_date(day: date) -> Timescale:
    """By the end of a stated London day."""
    return Timescale(TimescaleKind.ON_DATE, on=day)


def _check_kind(kind: object) -> None:
    if not isinstance(kind, TimescaleKind):
        raise TimescaleError(f'"{kind}" is not a kind of timescale. Choose one of: {", ".join(TimescaleKind)}.')


def _check_date(on: object, amount: object) -> None:
    if type(on) is not date:
        raise TimescaleError('"on_date" needs a date, for example {"kind": "on_date", "on": "2026-11-23"}.')
    if amount is not None:
        raise TimescaleError('"on_date" has no amount. Take the amount out.')


def _check_amount(kind: TimescaleKind, amount: object) -> None:
    largest = LARGEST_AMOUNT[kind]
    # True is an int to Python; in a definition file it is a slip.
    if type(amount) is not int or not 1 <= amount <= largest:
        raise TimescaleError(
            f'"{kind}" needs a whole number from 1 to {largest:,}, for example '
            f'{{"kind": "{kind}", "amount": 2}}; it has {amount!r}.'
        )


def _kind(value: object) -> TimescaleKind:
    if not isinstance(value, str) or value not in set(TimescaleKind):
        raise TimescaleError(f'"{value}" is not a kind of timescale. Choose one of: {", ".join(TimescaleKind)}.')
    return TimescaleKind(value)


def _date(value: object) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise TimescaleError(f'"{value}" is not a date. Write year, month and day, like 2026-11-23.') from None
