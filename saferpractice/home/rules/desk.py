"""Pure rules of the duty desk: what belongs on it today, in which order, and how the time left is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from saferpractice.deadlines.rules import elapsed, end_of_day, lateness, local_day, utc

AT_LEAST_AHEAD = timedelta(hours=8)
"""How far the desk looks ahead at any hour: whoever is on at half past eleven sees past midnight."""
NOT_KNOWN = 1.5
"""Where harm that nobody graded stands: after moderate harm and before low. Not known is not none."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What decides the place of a row: whether somebody is still at risk, the level of harm, when it is due.

    ``harm`` is the worse of the two national levels of harm, physical and psychological: 0 none, 1 low, 2 moderate,
    3 severe, 4 fatal; None where nobody graded it. ``due_at`` is a moment in UTC.
    """

    still_at_risk: bool
    harm: int | None
    due_at: datetime
    id: UUID

    @property
    def place(self) -> tuple[bool, float, datetime, UUID]:
        """The key to sort by: still at risk first, then the worse harm, then the least time left.

        Time comes last on purpose. What is late is seen by its tag, and is escalated; somebody in danger now must not
        stand below a letter that was due this morning. ``id`` only keeps the order the same from one look to the next.
        """
        return not self.still_at_risk, -(NOT_KNOWN if self.harm is None else self.harm), utc(self.due_at), self.id


def horizon(at: datetime) -> datetime:
    """Until when a decision belongs to today: the midnight that ends the London day, and never less than eight hours.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    return max(end_of_day(local_day(at)), utc(at) + AT_LEAST_AHEAD)


def belongs(due_at: datetime, *, urgent: bool, escalated: bool, at: datetime) -> bool:
    """Whether an open obligation needs somebody today: late, due by ``horizon``, urgent, or escalated already.

    Raises:
        ValueError: a moment has no time zone.
    """
    return urgent or escalated or utc(due_at) <= horizon(at)


def left_words(due_at: datetime, at: datetime) -> str:
    """The time left in words: "3 hours late", "Less than a minute left", "1 hour 5 minutes left", "2 days left".

    Hours and minutes are true time passed, over a change of clocks too, rounded down, so that nobody is told of more
    time than there is.

    Raises:
        ValueError: a moment has no time zone.
    """
    late = lateness(due_at, at)
    if late:
        return f"{late[:1].upper()}{late[1:]} late"
    left = elapsed(at, due_at)
    minutes = left // timedelta(minutes=1)
    if minutes < 1:
        return "Less than a minute left"
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{_count(hours // 24, 'day')} left"
    parts = [_count(hours, "hour")] if hours else []
    if rest and hours < 12:
        parts.append(_count(rest, "minute"))
    return f"{' '.join(parts)} left"


def _count(amount: int, unit: str) -> str:
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
