"""Days and times as other systems write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from saferpractice.deadlines.rules import LocalTimeProblem, end_of_day, resolve_local

EXAMPLE = datetime(2026, 12, 31, 14, 30, 15, tzinfo=UTC)
EARLIEST = date(1900, 1, 1)
DAY_FIRST = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y")
YEAR_FIRST = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y/%m/%d")
MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p")
FORMATS_TO_TRY = (*DAY_FIRST, *YEAR_FIRST)
"""What is tried when a mapping does not say how days are written: day first, as in Britain."""
_TIMES = ("%H", "%I", "%X", "%c", "%T", "%R")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment (UTC) read from a cell. ``only_day`` when no time of day was given: then it is the day's beginning."""

    at: datetime
    only_day: bool


def format_problem(pattern: str) -> str:
    """Why ``pattern`` does not describe a day, as a sentence; "" if it does."""
    try:
        back = datetime.strptime(EXAMPLE.strftime(pattern), pattern)  # noqa: DTZ007 - only asks whether it reads
    except ValueError:
        back = None
    if back is None or back.date() != EXAMPLE.date():
        return f"“{pattern}” does not describe a whole day. Write for example %d/%m/%Y, or %Y-%m-%d %H:%M."
    return ""


def example_of(pattern: str) -> str:
    """The last day of 2026 written in ``pattern``."""
    return EXAMPLE.strftime(pattern)


def moment_in(text: str, patterns: Sequence[str]) -> Moment | str:
    """The moment ``text`` means in the first of ``patterns`` that fits, London time unless it names a zone.

    Returns a sentence that says what to do when none fits, or the time named none or two.
    """
    for pattern in patterns:
        try:
            read = datetime.strptime(" ".join(text.split()), pattern)  # noqa: DTZ007 - the zone is looked at below
        except ValueError:
            continue
        if read.date() < EARLIEST:
            return f"Write a year that has passed since {EARLIEST.year}."
        if not any(sign in pattern for sign in _TIMES):
            return Moment(end_of_day(read.date() - timedelta(days=1)), only_day=True)
        if read.tzinfo is not None:
            return Moment(read.astimezone(UTC), only_day=False)
        found = resolve_local(read.date(), read.time())
        return found.sentence if isinstance(found, LocalTimeProblem) else Moment(found, only_day=False)
    examples = " or ".join(example_of(pattern) for pattern in patterns[:3])
    return f"Write the date like {examples}."
