"""Who is told when something is late, in which order, each level once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from saferpractice.deadlines.rules.calendars import ENGLAND, Calendar
from saferpractice.deadlines.rules.due import due_at as after_asking
from saferpractice.deadlines.rules.local_time import INSTANT, utc
from saferpractice.deadlines.rules.obligations import late_from
from saferpractice.deadlines.rules.timescales import Timescale, TimescaleError, TimescaleKind, clock_hours

OWNER = "owner"
"""Stands for whoever owes the obligation; every other recipient is the name of a role."""


class EscalationError(ValueError):
    """An escalation chain cannot be used; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One level: whom to tell, and how long after the deadline.

    ``after`` None means as soon as it is late. A timescale in days runs from the day the deadline fell on: due at
    the end of Monday, one working day after is the end of Tuesday.

    Raises:
        EscalationError: the parts do not fit together; the message says what to write.
    """

    level: int
    to_roles: tuple[str, ...]
    after: Timescale | None = None

    def __post_init__(self) -> None:
        if type(self.level) is not int or self.level < 1:
            raise EscalationError(f"Escalation levels are numbered from 1; this one is {self.level!r}.")
        if not self.to_roles or any(not isinstance(role, str) or not role for role in self.to_roles):
            raise EscalationError(f"Say who is told at level {self.level}: the owner, or one or more roles.")
        if len(set(self.to_roles)) < len(self.to_roles):
            raise EscalationError(f"Level {self.level} names the same role twice. Name each once.")
        if self.after is not None and self.after.kind is TimescaleKind.ON_DATE:
            raise EscalationError(f"Level {self.level} needs a length of time after the deadline, not a date.")

    @property
    def sentence(self) -> str:
        """When the level comes, in words."""
        if self.after is None:
            return "As soon as it is late"
        if self.after.kind is TimescaleKind.SAME_DAY:
            return "If it is still not done by the end of the day it was due"
        return f"If it is still not done {self.after.sentence} of being due"

    def falls_at(self, due_at: datetime, calendar: Calendar) -> datetime:
        """The first moment in UTC at which this level is due, taken alone. Always a moment that is late."""
        if self.after is None:
            return late_from(due_at)
        start = utc(due_at) if self.after.counts_hours else utc(due_at) - INSTANT
        return max(late_from(due_at), after_asking(start, self.after, calendar))


@dataclass(frozen=True, slots=True)
class EscalationChain:
    """The levels in order, numbered upwards. A chain without steps escalates nothing.

    Raises:
        EscalationError: levels out of order or repeated.
    """

    steps: tuple[EscalationStep, ...] = ()

    def __post_init__(self) -> None:
        if any(lower.level >= upper.level for lower, upper in pairwise(self.steps)):
            raise EscalationError("Number the escalation levels upwards, each number once.")

    def as_data(self) -> list[dict[str, Any]]:
        """Plain values for JSON."""
        return [
            {
                "level": step.level,
                "to_roles": list(step.to_roles),
                "after": step.after.as_data() if step.after else None,
            }
            for step in self.steps
        ]

    @classmethod
    def from_data(cls, data: object) -> EscalationChain:
        """The chain that ``as_data`` or a definition file wrote.

        Raises:
            EscalationError: not a chain; the message says what to write.
        """
        if not isinstance(data, list | tuple):
            raise EscalationError("An escalation chain is a list of levels.")
        return cls(tuple(_step(item) for item in data))


DEFAULT_CHAIN = EscalationChain(
    (
        EscalationStep(1, (OWNER, "duty_manager")),
        EscalationStep(2, ("safeguarding_lead",), clock_hours(4)),
        EscalationStep(3, ("director",), clock_hours(24)),
    )
)
"""A local default, for the provider to change. No law or contract sets these times."""


def levels_due(
    due_at: datetime,
    met_at: datetime | None,
    cancelled_at: datetime | None,
    chain: EscalationChain,
    *,
    at: datetime,
    already: Set[int],
    calendar: Calendar = ENGLAND,
) -> tuple[EscalationStep, ...]:
    """The levels to raise now, lowest first, without those raised ``already``.

    What was raised decides, not the clock: after a jump forward each missed level comes once, in order, and after a
    jump back none comes again. Nothing is raised for what is met or cancelled, even when that came late.

    Raises:
        ValueError: a moment has no time zone.
    """
    now = utc(at)
    return tuple(
        step
        for step, moment in _waiting(due_at, met_at, cancelled_at, chain, already=already, calendar=calendar)
        if moment <= now
    )


def next_escalation_at(
    due_at: datetime,
    met_at: datetime | None,
    cancelled_at: datetime | None,
    chain: EscalationChain,
    *,
    already: Set[int],
    calendar: Calendar = ENGLAND,
) -> datetime | None:
    """The moment in UTC from which ``levels_due`` has something to raise; None when it never will.

    Raises:
        ValueError: a moment has no time zone.
    """
    return next(
        (at for _, at in _waiting(due_at, met_at, cancelled_at, chain, already=already, calendar=calendar)), None
    )


def _waiting(
    due_at: datetime,
    met_at: datetime | None,
    cancelled_at: datetime | None,
    chain: EscalationChain,
    *,
    already: Set[int],
    calendar: Calendar,
) -> Iterator[tuple[EscalationStep, datetime]]:
    """Levels not yet raised with their moments. A level never comes before the one below it."""
    if met_at is not None or cancelled_at is not None:
        return
    moment = late_from(due_at)
    for step in chain.steps:
        moment = max(moment, step.falls_at(due_at, calendar))
        if step.level not in already:
            yield step, moment


def _step(data: object) -> EscalationStep:
    example = '{"level": 1, "to_roles": ["duty_manager"], "after": {"kind": "clock_hours", "amount": 4}}'
    if not isinstance(data, Mapping) or not set(data) <= {"level", "to_roles", "after"}:
        raise EscalationError(f"Write an escalation level like {example}.")
    level, roles, after = data.get("level"), data.get("to_roles"), data.get("after")
    if isinstance(roles, str) or not isinstance(roles, list | tuple) or not isinstance(level, int):
        raise EscalationError(f"Write an escalation level like {example}.")
    try:
        return EscalationStep(level, tuple(roles), None if after is None else Timescale.from_data(after))
    except TimescaleError as problem:
        raise EscalationError(f"Level {level}: {problem}") from problem
