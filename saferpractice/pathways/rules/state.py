"""What the engine answers: what is owed, since when, because of what, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from saferpractice.deadlines.rules import ObligationState, local_time_label, standing, state
from saferpractice.pathways.rules.definition import Obligation
from saferpractice.pathways.rules.pairing import Thing, paired


class Owed(NamedTuple):
    """One thing that is or was owed on a case.

    ``because`` names the records that made it due, the first of which also names the thing itself, with its
    ``occurrence``: 1, and counting when it repeats. ``opened_at`` is when that became known. ``met_at`` is when the
    record that met it was complete, ``done_at`` when what it records happened. ``ended_at`` is when it stopped being
    owed without being met, ``ended_by`` the record that says so. ``lacking`` is what the newest attempt
    (``attempt``) still leaves empty. All moments are in UTC.
    """

    obligation: Obligation
    because: tuple[str, ...]
    occurrence: int
    opened_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    met_by: str | None = None
    done_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    attempt: str | None = None
    lacking: tuple[str, ...] = ()

    @property
    def thing(self) -> Thing:
        """What names it, to find it again among what is on record."""
        return Thing(self.obligation.id, self.occurrence, self.because, self.obligation.again == "once")

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.met_at is None and self.ended_at is None

    @property
    def was_late(self) -> bool:
        """Whether it was met after it was due."""
        return self.met_at is not None and self.met_at > self.due_at

    @property
    def was_written_late(self) -> bool:
        """Whether it was done in time and only written down too late."""
        return self.was_late and self.done_at is not None and self.done_at <= self.due_at

    def state(self, at: datetime) -> ObligationState:
        """Where it stands at ``at``."""
        return state(self.due_at, self.met_at, self.ended_at, at)

    def sentence(self, at: datetime) -> str:
        """The whole of it for the page: "Consult the duty manager. Due by the end of today."."""
        told = f"{self.obligation.title}. {standing(self.due_at, self.met_at, self.ended_at, at).sentence}."
        if self.lacking:
            told += f" What was written does not count yet: {', '.join(self.lacking)} is still empty."
        if self.was_written_late and self.done_at is not None:
            told += f" It was done in time, on {local_time_label(self.done_at)}, and written down late."
        return told


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on record of something owed: its deadline there, and whether a change of days off set it."""

    thing: Thing
    due_at: datetime
    moved: bool
    is_open: bool


def as_on_record(owed: Sequence[Owed], kept: Sequence[Kept]) -> list[Owed]:
    """``owed`` with the deadlines by which it is watched and escalated, so that the page and the worker agree.

    What is on record (``kept``, oldest first, without what was cancelled) never becomes due later by what is written
    afterwards, so the sooner of the two counts. Where a change of days off set the deadline on record, and for the very
    same reasons, that one counts: it was said, and told to whoever owes it.
    """
    places = paired([each.thing for each in owed], [each.thing for each in kept])
    return [
        each if place is None or not each.is_open else _by_its_row(each, kept[place])
        for each, place in zip(owed, places, strict=True)
    ]


def _by_its_row(owed: Owed, row: Kept) -> Owed:
    if not row.is_open:
        return owed  # it was met by a record that was taken back, and is owed anew
    same = row.moved and set(row.thing.because) == set(owed.because)
    return owed._replace(due_at=row.due_at if same else min(owed.due_at, row.due_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayState:
    """A case at a moment.

    ``owed`` is everything ever owed, soonest due first. ``present`` are the indicators of the newest checklist.
    ``lacking`` names, by record, what it still leaves empty. ``written_late`` gives, by record, how long after it
    happened it was written down, where that was more than a day.
    """

    at: datetime
    owed: tuple[Owed, ...]
    present: tuple[str, ...]
    lacking: dict[str, tuple[str, ...]]
    written_late: dict[str, timedelta]
    may_close: bool
    why_not_close: str

    @property
    def open(self) -> tuple[Owed, ...]:
        """What is still to be done, soonest due first."""
        return tuple(each for each in self.owed if each.is_open)

    @property
    def next_step(self) -> str:
        """The next thing to do, as a sentence."""
        if self.open:
            return self.open[0].sentence(self.at)
        return "This case may be closed." if self.may_close else self.why_not_close
