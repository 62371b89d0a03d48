"""Days and times as people type them. Pure: text in, a day or a UTC moment out, or a sentence on what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from saferpractice.design.words import LONDON

FIRST_YEAR, LAST_YEAR = 1900, 2100
_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2})|(\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_NAMED_TIMES = {"midday": time(12), "noon": time(12), "midnight": time(0)}


@dataclass(frozen=True)
class Unclear(Exception):
    """What was typed is not a day or a time. ``text`` says what to do, ``parts`` names the inputs at fault."""

    text: str
    parts: tuple[str, ...]


class HappenedTwice(Unclear):
    """The time happened twice that day because the clocks went back; the person must say which."""


def parse_day(day: str, month: str, year: str, noun: str = "The date") -> date:
    """The day typed in three inputs; a month may be a number or an English name, long or short.

    Raises ``Unclear``.
    """
    typed = {"day": day.strip(), "month": month.strip(), "year": year.strip()}
    missing = tuple(part for part, text in typed.items() if not text)
    if missing:
        raise Unclear(f"{noun[:1].upper()}{noun[1:]} must include a {' and a '.join(missing)}", missing)
    if not re.fullmatch(r"\d{4}", _digits(typed["year"])):
        raise Unclear(f"Year must include 4 numbers, like {FIRST_YEAR + 126}", ("year",))
    numbers = _digits(typed["day"]), _month(typed["month"]), _digits(typed["year"])
    if not (re.fullmatch(r"\d{1,2}", numbers[0]) and numbers[1]):
        raise Unclear(f"{noun} must be a real date", ("day",) if numbers[1] else ("month",))
    if not FIRST_YEAR <= int(numbers[2]) <= LAST_YEAR:
        raise Unclear(f"Year must be between {FIRST_YEAR} and {LAST_YEAR}", ("year",))
    try:
        return date(int(numbers[2]), int(numbers[1]), int(numbers[0]))
    except ValueError:
        raise Unclear(f"{noun} must be a real date", ("day", "month", "year")) from None


def parse_time(typed: str, noun: str = "The time") -> time:
    """A time of day: "14:30", "1430", "2.30pm", "2pm", "midday". Raises ``Unclear``."""
    text = " ".join(typed.lower().split())
    if text in _NAMED_TIMES:
        return _NAMED_TIMES[text]
    found = _TIME.fullmatch(_digits(text))
    example = "Enter a time, like 14:30 or 2:30pm"
    if not found:
        raise Unclear(example, ("time",))
    hour, minute, half = int(found[1]), int(found[2] or found[3] or 0), (found[4] or "").replace(".", "").lower()
    if not half and not (found[2] or found[3]):
        raise Unclear(f"{noun} must say am or pm, or include the minutes, like {hour % 24}:00", ("time",))
    if half and not 1 <= hour <= 12:
        raise Unclear(example, ("time",))
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise Unclear(example, ("time",))
    return time(hour, minute)


def moment(day: date, at: time, which: str = "") -> datetime:
    """The UTC moment at which London clocks show ``at`` on ``day``.

    Clocks go forward on the last Sunday of March and back on the last Sunday of October (Summer Time Act 1972, as
    amended in 2002): an hour that was skipped raises ``Unclear``; one that happened twice raises ``HappenedTwice``
    unless ``which`` is "first" or "second".
    """
    local = datetime.combine(day, at, LONDON)
    first, second = local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if first == second:
        return first
    shown = f"{at.hour % 12 or 12}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}"
    on = f"{day.day} {day:%B} {day.year}"
    if first.astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        text = f"{shown} did not happen on {on}, because the clocks went forward. Enter a time before 1am or after 2am"
        raise Unclear(text, ("time",))
    if which not in ("first", "second"):
        raise HappenedTwice(f"{shown} happened twice on {on}, because the clocks went back. Say which one", ("which",))
    return first if which == "first" else second


def happened_twice(day: date, at: time) -> bool:
    """Whether London clocks showed this time twice on this day."""
    try:
        moment(day, at)
    except HappenedTwice:
        return True
    except Unclear:
        return False
    return False


def end_of(day: date) -> datetime:
    """The last moment of a London day, in UTC: one microsecond before the next begins."""
    return datetime.combine(day + timedelta(days=1), time(0), LONDON).astimezone(UTC) - timedelta(microseconds=1)


def _month(text: str) -> str:
    digits = _digits(text)
    if re.fullmatch(r"\d{1,2}", digits):
        return digits
    word = text.lower().rstrip(".")
    matches = [number for number, name in enumerate(_MONTHS, 1) if len(word) >= 3 and name.startswith(word)]
    if word == "sept":
        matches = [9]
    return str(matches[0]) if len(matches) == 1 else ""


def _digits(text: str) -> str:
    """Digits of any script as ASCII digits, so that a phone keyboard in another language works."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in text)
