"""The engine: what a definition makes of a case's records at a moment. Pure, and the same every time.

How it reads a case. What stands of the records is put in the order in which it happened, and each condition is judged
after each of them. When one becomes true (or, where the definition says "every time", when a record brings it about
anew) the obligation is owed, from the moment that was *known*; until it is met, further reasons join it instead of
making a second. It is met by the record first known to be complete that happened since and passes the tests.

Three promises follow. A record added later never takes back that something was met, because only what was known
first counts. It never makes anything due later, because reasons that join bring their own, earlier or later, moments
and the earliest counts. And the order in which records are handed over does not matter, because they are sorted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from saferpractice.deadlines.rules import (
    SAME_DAY_ALWAYS,
    Calendar,
    OutOfHours,
    end_of_day,
    local_day,
    utc,
)
from saferpractice.deadlines.rules import due_at as due_after
from saferpractice.pathways.rules.curves import Curves, Key, Truth
from saferpractice.pathways.rules.definition import Definition, MetBy, Obligation, RecordKind, Value, span_of
from saferpractice.pathways.rules.moving import Carried, Move, Reading, with_moved
from saferpractice.pathways.rules.spans import field_named
from saferpractice.pathways.rules.state import Owed, PathwayState
from saferpractice.pathways.rules.timeline import Entry, Record, entries, lacking, pass_all, passes
from saferpractice.pathways.rules.values import local_values

WRITTEN_LATE = timedelta(days=1)
"""A record written down more than this after it happened is shown as written late."""


def assess(
    definition: Definition,
    timeline: Sequence[Record],
    at: datetime,
    calendar: Calendar,
    *,
    local: Mapping[str, Value] | None = None,
    out_of_hours: OutOfHours = SAME_DAY_ALWAYS,
    move: Move | None = None,
) -> PathwayState:
    """Where a case stands at ``at``, from the records written by then.

    Args:
        definition: the pathway, checked.
        timeline: the records of the case, in any order; those written after ``at`` are not looked at.
        at: the moment, in any time zone.
        calendar: the working days and hours of the provider.
        local: the values the service set for itself; the definition's defaults hold for the rest.
        out_of_hours: what "same day" means late in the evening.
        move: when the case moved to this definition, and what was owed under the earlier one then. What was open
            stays owed and never becomes due later (see ``moving``).

    Raises:
        ValueError: a moment without a time zone, or a local value that the definition does not allow.
        CalendarError: a deadline falls in a year whose bank holidays are not known.
    """
    now = utc(at)
    reading = _Reading(
        definition,
        entries(timeline, now),
        at=now,
        calendar=calendar,
        local=local_values(definition, local),
        out_of_hours=out_of_hours,
    )
    owed = [each for obligation in definition.obligations for each in reading.owed(obligation.id)]
    if move is not None:
        owed = with_moved(owed, move, reading.for_a_move(timeline, local or {}))
    owed.sort(key=lambda each: (each.due_at, each.obligation.id, each.because, each.occurrence))
    return reading.state(tuple(owed))


@dataclass(slots=True)
class _Run:
    """An obligation from the reason that made it due until it is over, repeats included.

    ``start`` is the point from which on it is looked for, ``over`` the point at which it was over, None while it is
    not; ``steps`` are the records that met it in turn, each with the moment that was known.
    """

    start: Key
    reasons: list[Entry]
    opened_at: datetime
    steps: list[tuple[Entry, datetime]]
    over: Key | None = None
    ended: Truth | None = None


@dataclass(frozen=True, slots=True)
class _Answers:
    """The records that can meet an obligation in one way: complete, tests passed, in the order they happened.

    ``best`` holds, for each place, the first to be known among those from there on.
    """

    moments: list[datetime]
    found: list[tuple[datetime, int, Entry]]
    best: list[tuple[datetime, int, Entry]]

    def since(self, moment: datetime, skip: Sequence[Entry]) -> tuple[datetime, int, Entry] | None:
        """The first to be known that happened at ``moment`` or later and is not among ``skip``."""
        place = bisect_left(self.moments, moment)
        if place == len(self.best):
            return None
        if self.best[place][2] not in skip:
            return self.best[place]
        return min((each for each in self.found[place:] if each[2] not in skip), default=None, key=_first_known)


def _first_known(answer: tuple[datetime, int, Entry]) -> tuple[datetime, int]:
    return answer[:2]


class _Reading:
    """One case, read once."""

    def __init__(
        self,
        definition: Definition,
        found: list[Entry],
        *,
        at: datetime,
        calendar: Calendar,
        local: dict[str, Value],
        out_of_hours: OutOfHours,
    ) -> None:
        self.definition = definition
        self.entries = found
        self.at = at
        self.calendar = calendar
        self.local = local
        self.out_of_hours = out_of_hours
        self.by_kind: dict[str, list[Entry]] = {}
        for entry in found:
            self.by_kind.setdefault(entry.stands.kind, []).append(entry)
        self.curves = Curves(definition, found, by_kind=self.by_kind, local=local, owed=self.owed, at=at)
        self.gaps = {
            entry.root: lacking(kind, entry.stands.values)
            for entry in found
            if (kind := self.standard_of(entry.stands)) is not None
        }
        self._owed: dict[str, list[Owed]] = {}
        self._deadlines: dict[tuple[datetime, str], datetime] = {}

    def owed(self, obligation_id: str) -> list[Owed]:
        """Everything ever owed of one obligation, in order."""
        if obligation_id not in self._owed:
            obligation = self.definition.owed[obligation_id]
            answers = [(way, self._answers(way)) for way in obligation.met_by]
            self._owed[obligation_id] = [
                each for run in self._runs(obligation, answers) for each in self._told(obligation, run)
            ]
        return self._owed[obligation_id]

    def standard_of(self, record: Record) -> RecordKind | None:
        """The note standard that ``record`` is held against: the one in force when it was written."""
        return record.standard or self.definition.kinds.get(record.kind)

    def is_whole(self, record: Record) -> bool:
        """Whether ``record`` lacks nothing of its note standard."""
        kind = self.standard_of(record)
        return kind is None or not lacking(kind, record.values)

    def _answers(self, way: MetBy) -> _Answers:
        tests = way.tests

        def counts(version: Record) -> bool:
            return self.is_whole(version) and pass_all(tests, version.values)

        found = [
            (entry.known_at(counts), entry.place, entry)
            for entry in self.by_kind.get(way.record, ())
            if not self.gaps[entry.root] and pass_all(tests, entry.stands.values)
        ]
        best = list(found)
        for place in range(len(best) - 2, -1, -1):
            if best[place + 1][0] < best[place][0]:
                best[place] = best[place + 1]
        return _Answers([entry.happened_at for _, _, entry in found], found, best)

    def _runs(self, obligation: Obligation, answers: list[tuple[MetBy, _Answers]]) -> list[_Run]:
        runs: list[_Run] = []
        again, each = obligation.again != "once", obligation.again == "for each record"
        curve = self.curves.of(obligation.when)
        before = curve.at_first
        for key, truth, entry in curve.points:
            was, before = before, truth
            if truth is None:
                continue
            anew = was is None or (again and entry in truth.because)
            run = runs[-1] if runs and not each else None
            if run is not None and (run.over is None or key < run.over):
                # One already due is not made a second time. What was known sooner makes it due sooner, never later.
                if anew or truth.known_at < run.opened_at:
                    run.opened_at = min(run.opened_at, truth.known_at)
                    run.reasons += [reason for reason in truth.because if reason not in run.reasons]
            elif anew and (run is None or again):
                run = _Run(key, list(truth.because), truth.known_at, [])
                self._follow(obligation, run, answers)
                runs.append(run)
        return runs

    def _follow(self, obligation: Obligation, run: _Run, answers: list[tuple[MetBy, _Answers]]) -> None:
        """Find what met a run, repeat by repeat, and when it was over."""
        start, skip = run.start, [*run.reasons, *self._tied(obligation, run.start)]
        about = _about(run)
        until = self.curves.of(obligation.repeats.until) if obligation.repeats else None
        if until is not None and until.value_at(start) is not None:
            run.over = start
        while run.over is None:
            met = _met(answers, start[0], skip, about)
            ended = until.first_true_after(start) if until else None
            if ended is not None and (met is None or ended[0] < met[2].key):
                run.over, run.ended = ended
            elif met is None:
                return
            else:
                known_at, _, entry = met
                run.steps.append((entry, known_at))
                start = entry.key
                if until is None or until.value_at(start) is not None:
                    run.over = start
                else:
                    skip = [entry, *self._tied(None, start)]

    def _tied(self, obligation: Obligation | None, start: Key) -> list[Entry]:
        """The records of the very moment of ``start`` that stand before it and so cannot answer it.

        For something newly due only those that made it due themselves: two notes of one moment must not answer each
        other, while a consultation noted for the moment of the checklist counts in whichever order they were written.
        """
        place = min(start[1], len(self.entries)) - 1
        found = []
        while place >= 0 and self.entries[place].happened_at == start[0]:
            found.append(self.entries[place])
            place -= 1
        if obligation is None or not found:
            return found
        made = {
            entry for point in self.curves.of(obligation.when).points if point.truth for entry in point.truth.because
        }
        return [entry for entry in found if entry in made]

    def _told(self, obligation: Obligation, run: _Run) -> Iterator[Owed]:
        """What a run owes, each repeat by itself."""
        because, opened_at = tuple([reason.root for reason in run.reasons]), run.opened_at
        due_at, skip, start = self._due(obligation, run), run.reasons, run.start
        number = 1
        for entry, known_at in run.steps:
            met_at = known_at if known_at > opened_at else opened_at
            yield Owed(obligation, because, number, opened_at, due_at, met_at, entry.root, entry.happened_at)
            because, opened_at, skip, start = (entry.root,), met_at, [entry], entry.key
            number += 1
            if obligation.repeats:
                due_at = self._after(entry.happened_at, obligation.repeats.every)
        if run.ended is not None:
            by = run.ended.because[0].root if run.ended.because else None
            ended_at = max(run.ended.known_at, opened_at)
            yield Owed(obligation, because, number, opened_at, due_at, ended_at=ended_at, ended_by=by)
        elif run.over is None:
            attempt, missing = self._attempt(obligation, start, skip, _about(run))
            yield Owed(obligation, because, number, opened_at, due_at, attempt=attempt, lacking=missing)

    def _due(self, obligation: Obligation, run: _Run) -> datetime:
        name = field_named(obligation.within)
        if name is None:
            return self._after(run.opened_at, obligation.within)
        moments = [moment for each in run.reasons if isinstance(moment := each.stands.values.get(name), datetime)]
        return utc(min(moments)) if moments else end_of_day(local_day(run.opened_at))

    def _after(self, moment: datetime, span: str) -> datetime:
        """So long after ``moment``; several obligations often wait for the same."""
        found = self._deadlines.get((moment, span))
        if found is None:
            found = due_after(moment, span_of(span, self.local), self.calendar, self.out_of_hours)
            self._deadlines[moment, span] = found
        return found

    def _attempt(
        self, obligation: Obligation, start: Key, skip: Sequence[Entry], about: str
    ) -> tuple[str | None, tuple[str, ...]]:
        """The newest record that could have met it, and what it still lacks."""
        tried = [
            (entry, way)
            for way in obligation.met_by
            for entry in self.by_kind.get(way.record, ())
            if entry.happened_at >= start[0] and entry not in skip and _is_about(entry, way, about)
        ]
        if not tried:
            return None, ()
        entry, way = max(tried, key=lambda pair: pair[0].place)
        kind = self.definition.kinds[way.record]
        missing = [part.label for part in self.gaps[entry.root]]
        failing = [kind.by_id[test.field].label for test in way.tests if not passes(test, entry.stands.values)]
        return entry.root, tuple(dict.fromkeys([*missing, *failing]))

    def for_a_move(self, timeline: Sequence[Record], own: Mapping[str, Value]) -> Reading:
        """What a move needs to know of this case (see ``moving``)."""

        def still_owed(carried: Carried) -> bool:
            earlier = carried.definition
            kept = {
                name: value
                for name, value in own.items()
                if name in earlier.locals and earlier.locals[name].problem_with(value) is None
            }
            found = assess(earlier, timeline, self.at, self.calendar, local=kept, out_of_hours=self.out_of_hours)
            wanted = carried.owed
            return any(
                each.obligation.id == wanted.obligation.id and set(each.because) & set(wanted.because)
                for each in found.owed
            )

        return Reading(
            definition=self.definition,
            entries={entry.root: entry for entry in self.entries},
            by_kind=self.by_kind,
            counts=self.is_whole,
            from_now=self._from_now,
            still_owed=still_owed,
        )

    def _from_now(self, owed: Owed, moment: datetime) -> datetime:
        """When something is due that is owed from ``moment`` on only: its whole time, or the moment it names."""
        repeats, within = owed.obligation.repeats, owed.obligation.within
        if field_named(within) is not None or (repeats and owed.occurrence > 1 and owed.due_at > moment):
            return max(owed.due_at, end_of_day(local_day(moment))) if owed.due_at <= moment else owed.due_at
        span = repeats.every if repeats and owed.occurrence > 1 else within
        return due_after(moment, span_of(span, self.local), self.calendar, self.out_of_hours)

    def state(self, owed: tuple[Owed, ...]) -> PathwayState:
        """The answer, with what the pages show beside what is owed."""
        gaps = {root: tuple(part.label for part in missing) for root, missing in self.gaps.items() if missing}
        late = {
            entry.root: entry.first_at - entry.happened_at
            for entry in self.entries
            if entry.first_at - entry.happened_at > WRITTEN_LATE
        }
        still = [each for each in owed if each.is_open and each.obligation.repeats is None]
        holds = self.curves.of(self.definition.closing.when).last is not None
        why = self.definition.closing.says
        if holds and still:
            why = f"Something is still owed: {still[0].obligation.title}."
        return PathwayState(
            at=self.at,
            owed=owed,
            present=self.curves.present(),
            lacking=gaps,
            written_late=late,
            may_close=holds and not still,
            why_not_close="" if holds and not still else why,
        )


def _met(
    answers: list[tuple[MetBy, _Answers]], moment: datetime, skip: Sequence[Entry], about: str
) -> tuple[datetime, int, Entry] | None:
    """The record that met it: the first to be known, not the first to have happened."""
    best: tuple[datetime, int, Entry] | None = None
    for way, among in answers:
        if way.about is None:
            found = among.since(moment, skip)
        else:
            fitting = (each for each in among.found if _is_about(each[2], way, about))
            found = min((each for each in fitting if each[2].happened_at >= moment), default=None, key=_first_known)
        if found is not None and (best is None or _first_known(found) < _first_known(best)):
            best = found
    return best


def _about(run: _Run) -> str:
    """The record that an answer must be about, where it is owed for each record. A deadline that passes is none."""
    return run.reasons[-1].root if run.reasons else ""


def _is_about(entry: Entry, way: MetBy, about: str) -> bool:
    """Only the answer to something that is owed for each record names what it is about."""
    return way.about is None or entry.stands.values.get(way.about) == about
