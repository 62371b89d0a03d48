"""Where an obligation stands, told from facts. Nobody types it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from saferpractice.deadlines.rules.local_time import (
    INSTANT,
    due_label,
    elapsed,
    is_midnight,
    last_day_of,
    local_day,
    local_time_label,
    time_label,
    utc,
)

NOT_DUE_AFTER_ALL = "What was written down since shows that it was not due"
INCIDENT_WITHDRAWN = "The incident was withdrawn"
NEVER_OWED = frozenset({NOT_DUE_AFTER_ALL, "A correction shows that it was not due", INCIDENT_WITHDRAWN})
"""Why an obligation is cancelled that nobody should ever have been asked for: being late with it counts as nothing."""


class ObligationState(StrEnum):
    """Where an obligation stands."""

    OPEN = "open"
    DUE_TODAY = "due_today"
    LATE = "late"
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The state in words, for a tag."""
        return self.value.replace("_", " ").capitalize()

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked of anybody."""
        return self in {ObligationState.MET, ObligationState.MET_LATE, ObligationState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Standing:
    """An obligation's state at a moment, with a sentence for the page."""

    state: ObligationState
    sentence: str

    @property
    def label(self) -> str:
        """The state in words, for a tag."""
        return self.state.label


def late_from(due_at: datetime) -> datetime:
    """The first moment in UTC that is late. At ``due_at`` itself it is still in time."""
    return utc(due_at) + INSTANT


def state(due_at: datetime, met_at: datetime | None, cancelled_at: datetime | None, at: datetime) -> ObligationState:
    """Where an obligation stands at ``at``, from the facts known then.

    A fact outweighs the clock: what is recorded as met stays met when the clock is set back. When it was both
    met and cancelled, whichever came first counts, and met when they came together.

    Raises:
        ValueError: a moment has no time zone.
    """
    due, now = utc(due_at), utc(at)
    met = utc(met_at) if met_at else None
    cancelled = utc(cancelled_at) if cancelled_at else None
    if met and (cancelled is None or met <= cancelled):
        return ObligationState.MET if met <= due else ObligationState.MET_LATE
    if cancelled:
        return ObligationState.CANCELLED
    if now > due:
        return ObligationState.LATE
    return ObligationState.DUE_TODAY if local_day(now) >= last_day_of(due) else ObligationState.OPEN


def standing(due_at: datetime, met_at: datetime | None, cancelled_at: datetime | None, at: datetime) -> Standing:
    """The state at ``at`` with a sentence: "2 days late", "Due today by 4pm". Raises ValueError as ``state`` does."""
    found = state(due_at, met_at, cancelled_at, at)
    settled_at = cancelled_at if found is ObligationState.CANCELLED else met_at
    return Standing(found, _sentence(found, due_at, settled_at or at))


def lateness(due_at: datetime, at: datetime) -> str | None:
    """How late ``at`` is in words, "3 hours" or "2 days"; None when it is in time.

    A deadline at the end of a day is late by whole London days: due Monday, Tuesday is 1 day late. A deadline at a
    moment is late by true time passed, in minutes, then hours, then days of 24 hours, rounded down.

    Raises:
        ValueError: a moment has no time zone.
    """
    late_by = elapsed(due_at, at)
    if late_by <= timedelta():
        return None
    if is_midnight(due_at):
        return _count((local_day(at) - last_day_of(due_at)).days, "day")
    if late_by < timedelta(minutes=1):
        return "less than a minute"
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if late_by >= length:
            return _count(late_by // length, unit)
    return _count(late_by // timedelta(minutes=1), "minute")


def _sentence(found: ObligationState, due_at: datetime, moment: datetime) -> str:
    """The sentence; ``moment`` is when it was met or cancelled, else now."""
    late = lateness(due_at, moment)
    match found:
        case ObligationState.OPEN:
            return f"Due by {due_label(due_at)}"
        case ObligationState.DUE_TODAY:
            return "Due by the end of today" if is_midnight(due_at) else f"Due today by {time_label(due_at)}"
        case ObligationState.LATE:
            return f"{_capital(late or '')} late"
        case ObligationState.MET:
            return f"Met in time on {local_time_label(moment)}"
        case ObligationState.MET_LATE:
            return f"Met {late} late on {local_time_label(moment)}"
        case ObligationState.CANCELLED:
            words = f"Cancelled on {local_time_label(moment)}"
            return f"{words}, when it was {late} late" if late else words


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _count(amount: int, unit: str) -> str:
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
