"""Who is owed a discussion of safeguarding learning in a month, and why somebody is not (R38).

Days and months are London's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from saferpractice.deadlines.rules import Calendar, day_label, last_day_of, local_day


class Said(StrEnum):
    """What the worker says of a discussion on record."""

    NOTHING = "nothing"
    SO = "so"
    NOT_SO = "not-so"


@dataclass(frozen=True, slots=True)
class Span:
    """London days, both ends included; open when ``last`` is None."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether ``day`` lies within."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def words(self) -> str:
        """In words."""
        if self.last is None:
            return f"from {day_label(self.first)}"
        return f"from {day_label(self.first)} to {day_label(self.last)}"


def span_of(from_at: datetime, until_at: datetime | None) -> Span | None:
    """The London days of what holds from a moment until before another; None when it holds on no day."""
    first = local_day(from_at)
    last = last_day_of(until_at) if until_at is not None else None
    return None if last is not None and last < first else Span(first, last)


@dataclass(frozen=True, slots=True)
class Post:
    """A role held at a place."""

    role: str
    span: Span
    service: UUID | None = None
    team: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A discussion that stands: on which day, and what the worker says of it."""

    on: date
    said: Said = Said.NOTHING


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record of one worker."""

    worker: UUID
    posts: tuple[Post, ...]
    absences: tuple[Span, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """Who is owed a discussion: holders of ``roles`` who are there on ``fewest_days`` working days of the month.

    Somebody who joins during a month is owed one in it from ``joiner_days`` on. All three are local standards.
    """

    roles: frozenset[str] = frozenset({"support_worker", "duty_manager"})
    fewest_days: int = 5
    joiner_days: int = 10


DEFAULT_NEEDS = Needs()


def needs_for(month: date, settings: Iterable[tuple[date, Needs]]) -> Needs:
    """What holds for a month, of settings with the first month of each in the order of deciding; the last holds."""
    found = DEFAULT_NEEDS
    for first, needs in settings:
        found = needs if first <= month else found
    return found


def month_after(month: date, number: int = 1) -> date:
    """The first day of the month ``number`` months later (or, below zero, earlier)."""
    months = month.year * 12 + month.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """The first day of every month from that of ``first`` to that of ``last``."""
    month, found = first.replace(day=1), []
    while month <= last:
        found.append(month)
        month = month_after(month)
    return tuple(found)


def last_of(month: date) -> date:
    """The last day of a month."""
    return month_after(month) - timedelta(days=1)


@lru_cache(maxsize=512)
def working_days(month: date, calendar: Calendar) -> tuple[date, ...]:
    """The working days of a month."""
    days = ((month + timedelta(days=number)) for number in range((last_of(month) - month).days + 1))
    return tuple(day for day in days if calendar.is_working_day(day))


def due_on(month: date, calendar: Calendar) -> date:
    """The day by which a month's discussion is owed: its last working day."""
    days = working_days(month, calendar)
    return days[-1] if days else last_of(month)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Whether a discussion is owed, and, where none is, why not."""

    owed: bool
    why: str = ""


def expectation(facts: Facts, month: date, needs: Needs, calendar: Calendar) -> Expectation:
    """Whether the worker is owed a discussion in ``month``.

    Owed to whoever holds a post that needs it and is there on enough working days. A joiner is owed one from their
    first full month, or in the month of joining when enough of it is left. Whoever leaves before the last working
    day is owed none in that month: the supervisor had until then. A recorded absence takes its days away.
    """
    days = working_days(month, calendar)
    posts = [post.span for post in facts.posts if post.role in needs.roles]
    in_post = [day for day in days if any(span.covers(day) for span in posts)]
    if not in_post:
        return Expectation(False, "Not in a post that needs it")
    if in_post[-1] != days[-1]:
        return Expectation(False, f"Left on {day_label(_left_on(posts, in_post[-1]))}")
    joined = in_post[0] != days[0]
    enough = max(needs.fewest_days, needs.joiner_days) if joined else needs.fewest_days
    there = [day for day in in_post if not any(span.covers(day) for span in facts.absences)]
    if len(there) >= enough:
        return Expectation(True)
    if len(in_post) < enough:
        number = f"{len(in_post)} working day{'' if len(in_post) == 1 else 's'}"
        return Expectation(False, f"In post for {number} only" + (": joined this month" if joined else ""))
    away = [span for span in facts.absences if any(span.covers(day) for day in in_post)]
    return Expectation(False, f"Away {', '.join(span.words for span in sorted(away, key=lambda one: one.first))}")


def _left_on(posts: Sequence[Span], last_there: date) -> date:
    return max((span.last for span in posts if span.last and span.covers(last_there)), default=last_there)
