"""The engine again, as slowly and plainly as it can be said: every condition judged anew after every record.

It shares with the engine only what a record lacks and when a deadline falls, both proven elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from saferpractice.deadlines.rules import ENGLAND, due_at, end_of_day, local_day
from saferpractice.pathways.rules.conditions import Condition
from saferpractice.pathways.rules.definition import Definition, Obligation, span_of
from saferpractice.pathways.rules.spans import field_named, local_named
from saferpractice.pathways.rules.timeline import Record, lacking, passes
from saferpractice.pathways.rules.values import local_values


@dataclass
class Told:
    """One thing owed: what made it due, when that was known, when it is due and which record met it or ended it."""

    obligation: str
    because: list[str]
    opened_at: datetime
    due_at: datetime
    met_by: str | None = None
    met_at: datetime | None = None
    ended_by: str | None = None
    occurrence: int = field(default=1)

    def key(self) -> tuple[object, ...]:
        return (
            self.obligation,
            tuple(self.because),
            self.opened_at,
            self.due_at,
            self.met_by,
            self.met_at,
            self.ended_by,
            self.occurrence,
        )


class Slow:
    """Records without corrections only; conditions on obligations are not judged here."""

    def __init__(self, definition: Definition, records: list[Record], at: datetime) -> None:
        self.definition = definition
        self.local = local_values(definition)
        known = [record for record in records if record.recorded_at <= at]
        self.records = sorted(known, key=lambda record: (record.happened_at, record.recorded_at, record.id))

    def number(self, text: int | str) -> int:
        name = local_named(text) if isinstance(text, str) else None
        return int(self.local[name] if name else text)

    def judge(self, condition: Condition, upto: int) -> tuple[datetime, list[Record]] | None:
        """Whether it holds after the first ``upto`` records: since when known, because of which."""
        before = self.records[:upto]
        if condition.all_of:
            parts = [self.judge(part, upto) for part in condition.all_of]
            if any(part is None for part in parts):
                return None
            reasons: list[Record] = []
            for _, because in (part for part in parts if part):
                reasons += [record for record in because if record not in reasons]
            return max(part[0] for part in parts if part), reasons
        if condition.any_of:
            held = [part for part in (self.judge(part, upto) for part in condition.any_of) if part]
            return min(held, key=lambda part: part[0]) if held else None
        if condition.indicators:
            return self.ticked(condition, before)
        if condition.records:
            return self.made(condition, before)
        if condition.field:
            newest = [record for record in before if record.kind == condition.field.record][-1:]
            holds = newest and passes(condition.field, newest[0].values)
            return (newest[0].recorded_at, newest) if holds else None
        if condition.level_fallen:
            asked = condition.level_fallen
            ranks = self.definition.kinds[asked.record].by_id[asked.field].ranks
            rated = [r for r in before if r.kind == asked.record and r.values.get(asked.field) in ranks]
            if rated and ranks[rated[-1].values[asked.field]] < ranks[rated[0].values[asked.field]]:
                return rated[-1].recorded_at, [rated[-1]]
            return None
        raise AssertionError(condition)

    def ticked(self, condition: Condition, before: list[Record]) -> tuple[datetime, list[Record]] | None:
        assert condition.indicators
        fields = {k.id: f.id for k in self.definition.records for f in k.fields if f.type == "indicators"}
        newest = [record for record in before if record.kind in fields][-1:]
        if not newest:
            return None
        present = set(newest[0].values.get(fields[newest[0].kind]) or ())
        if condition.indicators.of:
            present &= set(condition.indicators.of)
        enough = len(present) >= self.number(condition.indicators.at_least)
        return (newest[0].recorded_at, newest) if enough else None

    def made(self, condition: Condition, before: list[Record]) -> tuple[datetime, list[Record]] | None:
        asked = condition.records
        assert asked
        fitting = [r for r in before if r.kind == asked.record and all(passes(test, r.values) for test in asked.tests)]
        last = fitting[-self.number(asked.at_least) :]
        if len(last) < self.number(asked.at_least):
            return None
        if (
            asked.within
            and due_at(last[0].happened_at, span_of(asked.within, self.local), ENGLAND) < last[-1].happened_at
        ):
            return None
        return max(record.recorded_at for record in last), last

    def answers(
        self, obligation: Obligation, start: int, skip: list[Record], about: str | None, *, first: bool
    ) -> list[Record]:
        since = self.records[start - 1].happened_at
        made = {
            record.id
            for upto in range(len(self.records))
            for record in (self.judge(obligation.when, upto + 1) or (0, []))[1]
        }
        tied = [
            record
            for record in self.records[: start - 1]
            if record.happened_at == since and (not first or record.id in made)
        ]
        skip = [*skip, *tied]
        return [
            record
            for record in self.records
            for way in obligation.met_by
            if record.kind == way.record
            and record.happened_at >= since
            and record not in skip
            and not lacking(self.definition.kinds[way.record], record.values)
            and all(passes(test, record.values) for test in way.tests)
            and (about is None or record.values.get(way.about or "") == about)
        ]

    def place(self, record: Record) -> int:
        return self.records.index(record) + 1

    def all(self) -> list[Told]:
        return [told for obligation in self.definition.obligations for told in self.of(obligation)]

    def of(self, obligation: Obligation) -> list[Told]:
        runs: list[tuple[list[Told], int | None, list[Record], datetime, int]] = []
        before: object = None
        once, each = obligation.again == "once", obligation.again == "for each record"
        for upto in range(1, len(self.records) + 1):
            now, here = self.judge(obligation.when, upto), self.records[upto - 1]
            anew = not once and now is not None and here in now[1] and self.moves(obligation.when, here)
            over = runs[-1][1] if runs else 0
            still = bool(runs) and not each and (over is None or upto < over)
            if now is not None and still and (before is None or anew or now[0] < runs[-1][3]):
                _, _, reasons, opened, start = runs[-1]
                merged = reasons + [record for record in now[1] if record not in reasons]
                runs[-1] = self.follow(obligation, merged, min(opened, now[0]), start)
            elif now is not None and not still and (anew or (before is None and not (runs and once))):
                runs.append(self.follow(obligation, list(now[1]), now[0], upto))
            before = now
        return [told for run in runs for told in run[0]]

    def moves(self, condition: Condition, record: Record) -> bool:
        """Whether the condition looks at records of this kind at all."""
        kinds = {k.id for k in self.definition.records if any(f.type == "indicators" for f in k.fields)}
        for part in condition.whole():
            if part.indicators and record.kind in kinds:
                return True
            named = part.records or part.field or part.level_fallen
            if named and named.record == record.kind:
                return True
        return False

    def follow(
        self, obligation: Obligation, reasons: list[Record], opened: datetime, start: int
    ) -> tuple[list[Told], int | None, list[Record], datetime, int]:
        first_opened, found = opened, []
        name = field_named(obligation.within)
        if name is None:
            due = due_at(opened, span_of(obligation.within, self.local), ENGLAND)
        else:
            moments = [record.values[name] for record in reasons if record.values.get(name)]
            due = min(moments) if moments else end_of_day(local_day(opened))
        because, skip, since = [record.id for record in reasons], reasons, start
        about = reasons[-1].id if obligation.again == "for each record" else None
        until = obligation.repeats.until if obligation.repeats else None
        if until and self.judge(until, start):
            return [], start, reasons, first_opened, start
        while True:
            possible = self.answers(obligation, since, skip, about, first=not found)
            met = min(possible, key=lambda r: (r.recorded_at, self.place(r)), default=None)
            ends = [upto for upto in range(since + 1, len(self.records) + 1) if until and self.judge(until, upto)]
            if until and ends and (met is None or ends[0] < self.place(met)):
                judged = self.judge(until, ends[0])
                assert judged
                told = Told(obligation.id, because, opened, due, ended_by=judged[1][0].id, occurrence=len(found) + 1)
                return [*found, told], ends[0], reasons, first_opened, start
            if met is None:
                told = Told(obligation.id, because, opened, due, occurrence=len(found) + 1)
                return [*found, told], None, reasons, first_opened, start
            met_at = max(met.recorded_at, opened)
            found.append(Told(obligation.id, because, opened, due, met.id, met_at, occurrence=len(found) + 1))
            since, opened, because, skip = self.place(met), met_at, [met.id], [met]
            if until is None or self.judge(until, since):
                return found, since, reasons, first_opened, start
            assert obligation.repeats
            due = due_at(met.happened_at, span_of(obligation.repeats.every, self.local), ENGLAND)
