"""Replay: what a definition would have asked for on a case already recorded, and how two definitions differ in it.

A case is gone through as it was lived: at each moment at which something was written down, with what was known then.
What was owed once stays counted, also where a correction later showed that it was not due, because somebody was asked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from saferpractice.deadlines.rules import SAME_DAY_ALWAYS, Calendar, OutOfHours, days_between, local_day
from saferpractice.pathways.rules.definition import Definition, Value
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.pairing import Thing, paired
from saferpractice.pathways.rules.state import Owed
from saferpractice.pathways.rules.timeline import Record

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
"""Before anything can have happened."""
TAKEN_BACK = EARLIEST
"""As the moment at which something was over, it stands for "it never had been due": a correction showed that."""


class Opening(NamedTuple):
    """One thing that came to be owed: its obligation's code, and in UTC when it opened, was due, was met.

    ``met_at`` is None while it was not met, or stopped being owed. ``late`` says that it was met too late, or was still
    open after it was due.
    """

    code: str
    opened_at: datetime
    due_at: datetime
    met_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """What a service works by beside the definition: its calendar, the rule of the evening, its local values."""

    calendar: Calendar
    out_of_hours: OutOfHours = SAME_DAY_ALWAYS
    local: Mapping[str, Value] | None = None


def fitting_values(definition: Definition, values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of ``values`` that ``definition`` has and allows; its defaults hold for the rest."""
    return {
        name: value
        for name, value in values.items()
        if name in definition.locals and definition.locals[name].problem_with(value) is None
    }


def openings(
    definition: Definition, timeline: Sequence[Record], until: datetime, setting: Setting
) -> tuple[Opening, ...]:
    """Everything that would have come to be owed on a case by ``until``, in the order in which it opened.

    Raises:
        ValueError: a moment without a time zone, or a local value that the definition does not allow.
        CalendarError: a deadline falls in a year whose bank holidays are not known.
    """
    seen: list[_Seen] = []
    for moment in _moments(timeline, until):
        state = assess(
            definition, timeline, moment, setting.calendar, local=setting.local, out_of_hours=setting.out_of_hours
        )
        _look(seen, state.owed, moment)
    found = [each.told(until) for each in seen]
    found.sort(key=lambda each: (each.opened_at, each.code))
    return tuple(found)


def _moments(timeline: Sequence[Record], until: datetime) -> list[datetime]:
    """The moments at which one has to look so as to miss nothing.

    While things are written down in the order in which they happened, no two at one moment, and nothing is put right,
    what is added cannot change what came before: one look at the end of such a stretch shows all that was ever owed in
    it. A record that is otherwise ends a stretch, so one looks just before it and at it.
    """
    known = [record for record in timeline if record.recorded_at <= until]
    known.sort(key=lambda record: (record.recorded_at, record.happened_at))
    moments, newest = {until}, EARLIEST
    for place, record in enumerate(known):
        if record.corrects or record.happened_at <= newest:
            moments.add(record.recorded_at)
            before = bisect_left(known, record.recorded_at, hi=place, key=_written)
            if before:
                moments.add(known[before - 1].recorded_at)
        newest = max(newest, record.happened_at)
    return sorted(moments)


def _written(record: Record) -> datetime:
    return record.recorded_at


@dataclass(slots=True)
class _Seen:
    """Something owed, as it was followed from look to look. ``over_at``: it stopped being owed, or never had been."""

    thing: Thing
    opened_at: datetime
    due_at: datetime
    met_at: datetime | None
    over_at: datetime | None

    def told(self, until: datetime) -> Opening:
        """What became of it by ``until``."""
        late = self.met_at > self.due_at if self.met_at else self.over_at is None and until > self.due_at
        return Opening(self.thing.code, self.opened_at, self.due_at, self.met_at, late)


def _look(seen: list[_Seen], state: Sequence[Owed], moment: datetime) -> None:
    """Keep what one look at ``moment`` shows, as the rows of a case would."""
    things = [owed.thing for owed in state]
    known = len(seen)
    taken_back = {place for place, each in enumerate(seen) if each.over_at == TAKEN_BACK}
    places = paired(things, [each.thing for each in seen], over=taken_back)
    for owed, thing, place in zip(state, things, places, strict=True):
        was = None if place is None else seen[place]
        if was is None or (was.met_at is not None and owed.is_open):
            # Owed for the first time; or owed anew, because the record that met it was put right.
            opened_at = owed.opened_at if was is None else moment
            seen.append(_Seen(thing, opened_at, owed.due_at, owed.met_at, owed.ended_at))
            continue
        was.thing, was.due_at = thing, min(was.due_at, owed.due_at)
        was.met_at, was.over_at = was.met_at or owed.met_at, owed.ended_at
    for place in range(known):
        if place not in places and seen[place].met_at is None and seen[place].over_at is None:
            seen[place].over_at = TAKEN_BACK


class Differs(StrEnum):
    """How a case differs under the candidate."""

    ASKED = "asked"
    NOT_ASKED = "not-asked"
    EARLIER = "earlier"
    LATER = "later"
    OFTEN = "more-often"
    SELDOM = "less-often"
    LATE = "more-late"
    IN_TIME = "less-late"

    @property
    def label(self) -> str:
        """For a list to choose from."""
        return {
            "asked": "Asked for something that the version in use did not",
            "not-asked": "Not asked for something that the version in use did",
            "earlier": "Asked sooner",
            "later": "Asked later",
            "more-often": "Asked more often",
            "less-often": "Asked less often",
            "more-late": "More of it late",
            "less-late": "Less of it late",
        }[self.value]


class Side(NamedTuple):
    """What one definition made of one obligation on a case: how often it opened, first when, how often it was late."""

    times: int = 0
    first_at: datetime | None = None
    late: int = 0


class Difference(NamedTuple):
    """One obligation of a case that is not the same under both definitions."""

    code: str
    live: Side
    candidate: Side

    @property
    def kind(self) -> Differs:
        """The difference that weighs most."""
        live, candidate = self.live, self.candidate
        if live.first_at is None:
            return Differs.ASKED
        if candidate.first_at is None:
            return Differs.NOT_ASKED
        if live.first_at != candidate.first_at:
            return Differs.EARLIER if candidate.first_at < live.first_at else Differs.LATER
        if live.times != candidate.times:
            return Differs.OFTEN if candidate.times > live.times else Differs.SELDOM
        return Differs.LATE if candidate.late > live.late else Differs.IN_TIME


def by_obligation(found: Iterable[Opening]) -> dict[str, Side]:
    """``found`` (in the order in which they opened), summed up for each obligation."""
    sides: dict[str, Side] = {}
    for each in found:
        times, first_at, late = sides.get(each.code, Side())
        sides[each.code] = Side(times + 1, first_at or each.opened_at, late + each.late)
    return sides


def compared(live: Iterable[Opening], candidate: Iterable[Opening]) -> tuple[Difference, ...]:
    """What is not the same, by obligation: those of the live version first, then those only the candidate has."""
    before, after = by_obligation(live), by_obligation(candidate)
    pairs = [Difference(code, before.get(code, Side()), after.get(code, Side())) for code in {**before, **after}]
    return tuple(each for each in pairs if each.live != each.candidate)


def threshold_at(found: Sequence[Opening]) -> datetime | None:
    """When a case first came to owe anything, None when it never did."""
    return found[0].opened_at if found else None


def week_of(at: datetime) -> date:
    """The Monday of the London week in which ``at`` falls."""
    day = local_day(at)
    return day - timedelta(days=day.weekday())


class Happened(NamedTuple):
    """An incident of the person: which, and when it happened, or was known where that is not known."""

    id: str
    at: datetime


def incident_to_forestall(
    timeline: Sequence[Record], own: Happened | None, others: Sequence[Happened]
) -> Happened | None:
    """The incident that a case might have forestalled: the first of the person after the case's first record.

    Where there is none, the one it was opened from (``own``), though that came before anything was written down.
    """
    if not timeline:
        return own
    first = min(record.happened_at for record in timeline)
    after = [each for each in ([own] if own else []) + list(others) if each.at >= first]
    return min(after, key=lambda each: (each.at, each.id), default=own)


def days_before(moment: datetime | None, incident_at: datetime) -> float | None:
    """How many days of 24 hours before an incident ``moment`` was; negative after it, None for no moment."""
    return None if moment is None else days_between(moment, incident_at)
