"""Moments are stored in UTC and reasoned about in London time. The two clock changes a year live here.

The United Kingdom changes its clocks at 01:00 UTC on the last Sundays of March and October. In spring the
hour from 1am to 2am does not happen; in autumn it happens twice. Midnight always happens exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
INSTANT = timedelta(microseconds=1)
"""The smallest difference both databases keep."""


def utc(at: datetime) -> datetime:
    """``at`` in UTC.

    Raises:
        ValueError: ``at`` has no time zone, so the moment it means is not known.
    """
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"The moment {at.isoformat()} has no time zone. Give one, for example +00:00 for UTC.")
    return at.astimezone(UTC)


def local(at: datetime) -> datetime:
    """``at`` on a London clock. Raises ValueError when ``at`` has no time zone."""
    return utc(at).astimezone(LONDON)


def local_day(at: datetime) -> date:
    """The London calendar day on which ``at`` falls. Raises ValueError when ``at`` has no time zone."""
    return local(at).date()


def last_day_of(due_at: datetime) -> date:
    """The London day a deadline belongs to: a midnight belongs to the day it ends, every other moment to its own."""
    return local_day(utc(due_at) - INSTANT)


@lru_cache(maxsize=4096)
def end_of_day(day: date) -> datetime:
    """The midnight that ends ``day`` in London, in UTC. It is also the first moment of the next day."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=LONDON).astimezone(UTC)


def is_midnight(at: datetime) -> bool:
    """Whether ``at`` is exactly midnight in London."""
    return local(at).time() == time()


def elapsed(earlier: datetime, later: datetime) -> timedelta:
    """True time passed from ``earlier`` to ``later``; negative when ``later`` comes first.

    Subtracting two London times directly would ignore the hour gained or lost between them.
    """
    return utc(later) - utc(earlier)


def days_between(earlier: datetime, later: datetime) -> float:
    """True time passed in days of 24 hours; negative when ``later`` comes first."""
    return elapsed(earlier, later) / timedelta(days=1)


def day_label(day: date) -> str:
    """A day in words: "Monday 23 November 2026"."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def time_label(at: datetime) -> str:
    """A London time in words: "2:05am", "5pm", "midnight", "midday".

    In the hour that happens twice the clock in use is named: "1:30am (BST)", then "1:30am (GMT)".
    """
    moment = local(at)
    words = _clock_words(moment.time())
    twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return f"{words} ({moment.tzname()})" if twice else words


def local_time_label(at: datetime) -> str:
    """Day and London time in words: "Monday 23 November 2026, 2:05am"."""
    return f"{day_label(local_day(at))}, {time_label(at)}"


def known_label(at: datetime) -> str:
    """A moment in words, or its London day alone when it is a midnight: how a day without a time is kept."""
    return day_label(local_day(at)) if is_midnight(at) else local_time_label(at)


def due_label(due_at: datetime) -> str:
    """A deadline in words: "the end of Monday 23 November 2026" for a midnight, else day and time."""
    if is_midnight(due_at):
        return f"the end of {day_label(last_day_of(due_at))}"
    return local_time_label(due_at)


def _clock_words(clock: time) -> str:
    if (clock.hour, clock.minute) == (0, 0):
        return "midnight"
    if (clock.hour, clock.minute) == (12, 0):
        return "midday"
    minutes = f":{clock.minute:02}" if clock.minute else ""
    return f"{clock.hour % 12 or 12}{minutes}{'am' if clock.hour < 12 else 'pm'}"


class LocalTimeTrouble(StrEnum):
    """Why a day and a time typed in a form do not name one moment."""

    NEVER_HAPPENED = "never_happened"
    HAPPENED_TWICE = "happened_twice"


class Occurrence(StrEnum):
    """Which of the two is meant, when a time happened twice."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class LocalTimeProblem:
    """A day and time that name no moment, or two. The form shows ``sentence`` and offers ``choices``."""

    trouble: LocalTimeTrouble
    sentence: str
    choices: tuple[datetime, ...]
    """Moments in UTC, earliest first: the two that may be meant, or none when the time never happened."""


def resolve_local(day: date, clock: time, occurrence: Occurrence | None = None) -> datetime | LocalTimeProblem:
    """The moment in UTC meant by a London day and time as typed in a form, or the problem with them.

    Args:
        day: the London day.
        clock: the London time of day, without a time zone.
        occurrence: which one is meant when the time happened twice; ignored at every other time.

    Raises:
        ValueError: ``clock`` carries a time zone, so it is not what somebody typed.
    """
    if clock.tzinfo is not None:
        raise ValueError("Give the time of day without a time zone: it is read as London time.")
    first = datetime.combine(day, clock.replace(fold=0), tzinfo=LONDON)
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    words = _clock_words(clock)
    if first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None, fold=0) != datetime.combine(day, clock):
        return LocalTimeProblem(
            LocalTimeTrouble.NEVER_HAPPENED,
            f"{words} did not happen on {day_label(day)}: the clocks went forward from 1am to 2am. Check the time.",
            (),
        )
    if occurrence is None:
        return LocalTimeProblem(
            LocalTimeTrouble.HAPPENED_TWICE,
            f"{words} happened twice on {day_label(day)}, because the clocks went back at 2am. "
            "Say whether you mean the first time (BST, before the clocks went back) or the second (GMT, after).",
            (first.astimezone(UTC), second.astimezone(UTC)),
        )
    return (first if occurrence is Occurrence.FIRST else second).astimezone(UTC)


@lru_cache(maxsize=4096)
def settled(day: date, clock: time) -> datetime:
    """The moment in UTC of a London day and time that a rule states, where nobody can be asked.

    A time that happens twice means the first. A time that never happens means the moment the clocks went
    forward. Neither makes a deadline later than the clock on the wall would show it.
    """
    moment = datetime.combine(day, clock.replace(fold=0), tzinfo=LONDON)
    found = moment.astimezone(UTC)
    if found.astimezone(LONDON).replace(tzinfo=None, fold=0) == datetime.combine(day, clock.replace(fold=0)):
        return found
    return datetime.combine(day, time(1), tzinfo=UTC)  # when the clocks went forward
