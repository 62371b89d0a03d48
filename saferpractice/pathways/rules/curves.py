"""How each condition goes over a case: whether it holds after each record, since when known, because of what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from saferpractice.deadlines.rules import ENGLAND, due_at, late_from
from saferpractice.pathways.rules.conditions import (
    Condition,
    FieldIs,
    IndicatorsPresent,
    LevelFallen,
    ObligationIs,
    RecordsMade,
)
from saferpractice.pathways.rules.definition import Definition, Value, span_of
from saferpractice.pathways.rules.spans import local_named
from saferpractice.pathways.rules.state import Owed
from saferpractice.pathways.rules.timeline import Entry, Record, pass_all, passes

Key = tuple[datetime, int]
"""A point in what happened: the moment, and the place among what happened then."""
AFTER_EVERYTHING = 1 << 30
"""The place of a deadline that passes: after every record of its moment."""
EVER = datetime(1, 1, 1, tzinfo=UTC)


class Truth(NamedTuple):
    """A condition that holds: since when that is known, and because of which records."""

    known_at: datetime
    because: tuple[Entry, ...]


class Point(NamedTuple):
    """What a condition is from ``key`` on, None for false, and the record at that point if there is one."""

    key: Key
    truth: Truth | None
    entry: Entry | None


@dataclass(slots=True)
class Curve:
    """A condition over the whole case: what it is before everything, and at each point that could change it."""

    points: list[Point] = field(default_factory=list)
    at_first: Truth | None = None

    @property
    def last(self) -> Truth | None:
        """What it is after everything."""
        return self.points[-1].truth if self.points else self.at_first

    def value_at(self, key: Key) -> Truth | None:
        """What it is at a point, what happens there included."""
        place = bisect_right(self.points, key, key=lambda point: point.key)
        return self.points[place - 1].truth if place else self.at_first

    def first_true_after(self, key: Key) -> tuple[Key, Truth] | None:
        """The first point later than ``key`` at which it holds."""
        place = bisect_right(self.points, key, key=lambda point: point.key)
        return next(((point.key, point.truth) for point in self.points[place:] if point.truth is not None), None)


class Curves:
    """The curves of one case, each worked out once."""

    def __init__(
        self,
        definition: Definition,
        found: list[Entry],
        *,
        by_kind: Mapping[str, list[Entry]],
        local: Mapping[str, Value],
        owed: Callable[[str], list[Owed]],
        at: datetime,
    ) -> None:
        self._definition = definition
        self._entries = found
        self._by_kind = by_kind
        self._by_root = {entry.root: entry for entry in found}
        self._local = dict(local)
        self._owed = owed
        self._at = at
        self._made: dict[str, Curve] = {}
        self._ticks: list[Entry] | None = None

    def of(self, condition: Condition) -> Curve:
        """The curve of ``condition``, which belongs to the definition."""
        curve = self._made.get(condition.key)
        if curve is None:
            curve = self._made[condition.key] = self._make(condition)
        return curve

    def present(self) -> tuple[str, ...]:
        """The indicators of the newest checklist."""
        ticks = self._checklists()
        return self._ticked(ticks[-1].stands) if ticks else ()

    def _make(self, condition: Condition) -> Curve:
        if condition.indicators:
            return self._indicators(condition.indicators)
        if condition.records:
            return self._records(condition.records)
        if condition.field:
            return self._field(condition.field)
        if condition.level_fallen:
            return self._level(condition.level_fallen)
        if condition.obligation:
            return self._obligation(condition.obligation)
        if condition.negated:
            return self._negated(condition.negated)
        return self._several(condition)

    def _count(self, text: int | str) -> int:
        name = local_named(text) if isinstance(text, str) else None
        return int(self._local[name] if name else text)

    def _checklists(self) -> list[Entry]:
        """The records that tick indicators, in order."""
        if self._ticks is None:
            kinds = self._definition.ticked_in
            self._ticks = [entry for entry in self._entries if entry.stands.kind in kinds]
        return self._ticks

    def _ticked(self, version: Record) -> tuple[str, ...]:
        return tuple(version.values.get(self._definition.ticked_in[version.kind]) or ())

    def _indicators(self, asked: IndicatorsPresent) -> Curve:
        least, among = self._count(asked.at_least), frozenset(asked.of)
        points = []

        def enough(version: Record) -> bool:
            ticked = self._ticked(version)
            return len(among.intersection(ticked) if among else ticked) >= least

        for entry in self._checklists():
            truth = Truth(entry.known_at(enough), (entry,)) if enough(entry.stands) else None
            points.append(Point(entry.key, truth, entry))
        return Curve(points)

    def _records(self, asked: RecordsMade) -> Curve:
        least = self._count(asked.at_least)
        span = span_of(asked.within, self._local) if asked.within else None
        tests, points = asked.tests, []
        passed: list[Entry] = []
        known: list[datetime] = []

        def counts(version: Record) -> bool:
            return pass_all(tests, version.values)

        for entry in self._by_kind.get(asked.record, ()):
            if not counts(entry.stands):
                continue
            passed.append(entry)
            known.append(entry.known_at(counts))
            truth = None
            if len(passed) >= least:
                # No calendar: windows are lengths of days and hours, and a working week would make them a riddle.
                first = passed[-least].happened_at
                if span is None or least == 1 or due_at(first, span, ENGLAND) >= entry.happened_at:
                    truth = Truth(max(known[-least:]), tuple(passed[-least:]))
            points.append(Point(entry.key, truth, entry))
        return Curve(points)

    def _field(self, asked: FieldIs) -> Curve:
        def holds(version: Record) -> bool:
            return passes(asked, version.values)

        return Curve(
            [
                Point(entry.key, Truth(entry.known_at(holds), (entry,)) if holds(entry.stands) else None, entry)
                for entry in self._by_kind.get(asked.record, ())
            ]
        )

    def _level(self, asked: LevelFallen) -> Curve:
        ranks = self._definition.kinds[asked.record].by_id[asked.field].ranks
        curve = Curve()
        opening: int | None = None
        for entry in self._by_kind.get(asked.record, ()):
            rank = ranks.get(str(entry.stands.values.get(asked.field)))
            if rank is None:
                continue
            if opening is None:
                opening = rank
            first = opening

            def fallen(version: Record, first: int = first) -> bool:
                return ranks.get(str(version.values.get(asked.field)), first) < first

            truth = Truth(entry.known_at(fallen), (entry,)) if rank < first else None
            curve.points.append(Point(entry.key, truth, entry))
        return curve

    def _obligation(self, asked: ObligationIs) -> Curve:
        found = self._owed(asked.id)
        points = self._late(found) if asked.equals == "late" else self._met(found)
        points.sort(key=lambda point: point.key)
        return Curve(points)

    def _because(self, owed: Owed) -> tuple[Entry, ...]:
        return tuple(self._by_root[root] for root in owed.because)

    def _answer_to(self, owed: Owed) -> Entry | None:
        return self._by_root[owed.met_by] if owed.met_by else None

    def _met(self, found: list[Owed]) -> list[Point]:
        points: list[Point] = []
        for each in found:
            reasons, met = self._because(each), self._answer_to(each)
            if reasons:
                points.append(Point(reasons[-1].key, None, reasons[-1]))
            if met is not None and each.met_at is not None:
                points.append(Point(met.key, Truth(each.met_at, (met,)), met))
        return points

    def _late(self, found: list[Owed]) -> list[Point]:
        """From each deadline that passes until what was late is met, and no other is late meanwhile."""
        late = [
            ((each.due_at, AFTER_EVERYTHING), Truth(from_then, self._because(each)), self._answer_to(each), each)
            for each in found
            if (from_then := late_from(each.due_at)) <= (each.met_at or each.ended_at or self._at)
        ]
        points = [Point(key, truth, None) for key, truth, _, _ in late]
        for key, _, met, _ in late:
            if met is not None and met.key > key:
                still = [
                    truth
                    for since, truth, answer, each in late
                    if since < met.key and (answer.key > met.key if answer else each.is_open)
                ]
                points.append(Point(met.key, _any(still), met))
        return points

    def _negated(self, inside: Condition) -> Curve:
        curve = self.of(inside)
        return Curve(
            [
                Point(key, None if truth else Truth(_written(key, entry), (entry,) if entry else ()), entry)
                for key, truth, entry in curve.points
            ],
            None if curve.at_first else Truth(EVER, ()),
        )

    def _several(self, condition: Condition) -> Curve:
        parts = [self.of(part) for part in condition.parts()]
        together = _all if condition.all_of else _any
        now = [part.at_first for part in parts]
        made = Curve(at_first=together(now))
        moves = sorted(
            ((point.key, place, point) for place, part in enumerate(parts) for point in part.points),
            key=lambda move: move[:2],
        )
        for number, (key, place, point) in enumerate(moves):
            now[place] = point.truth
            if number + 1 < len(moves) and moves[number + 1][0] == key:
                continue  # several parts change at one point: judged once, after all of them
            made.points.append(Point(key, together(now), point.entry))
        return made


def _written(key: Key, entry: Entry | None) -> datetime:
    return entry.first_at if entry else key[0]


def _all(truths: list[Truth | None]) -> Truth | None:
    held = [truth for truth in truths if truth is not None]
    if len(held) < len(truths):
        return None
    because = dict.fromkeys(entry for truth in held for entry in truth.because)
    return Truth(max(truth.known_at for truth in held), tuple(because))


def _any(truths: Sequence[Truth | None]) -> Truth | None:
    held = [truth for truth in truths if truth is not None]
    return min(held, key=lambda truth: truth.known_at) if held else None
