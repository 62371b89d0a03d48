"""An open case moves to a new version: what is owed stays owed, and nothing comes due later because of the move.

The cut is the moment of the move.

- What was owed and settled before it stays as it was: the new version does not judge the past anew, nor invent
  what it would have asked for then.
- What was still open stays open, due when it was or sooner. Where the new version asks for the same, the two are one
  thing. Where it does not, it is met as the old version said.
- What only the new version asks for is owed from the move on, with its whole time.

A correction written after the move may still show that something was never due: the version that asked for it is
asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from saferpractice.pathways.rules.conditions import Test
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.state import Owed
from saferpractice.pathways.rules.timeline import Entry, Record, passes


@dataclass(frozen=True, slots=True)
class Carried:
    """Something that was owed when a case moved, and the version that asked for it."""

    owed: Owed
    definition: Definition


@dataclass(frozen=True, slots=True)
class Move:
    """The move of a case to the version it is worked by: when, and everything ever owed on it until then."""

    at: datetime
    carried: tuple[Carried, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the new version makes of the case, as far as a move needs it.

    ``counts`` says whether a version of a record is whole by the note standard that held when it was written;
    ``from_now`` gives when something is due that is owed from the move on; ``still_owed`` asks the version that
    asked for something whether it still does, with every correction known.
    """

    definition: Definition
    entries: Mapping[str, Entry]
    by_kind: Mapping[str, Sequence[Entry]]
    counts: Callable[[Record], bool]
    from_now: Callable[[Owed, datetime], datetime]
    still_owed: Callable[[Carried], bool]


def with_moved(owed: Sequence[Owed], move: Move, reading: Reading) -> list[Owed]:
    """What is owed on a case that moved: ``owed`` as the new version finds it, held against what was carried."""
    return list(_Moved(owed, move, reading).all())


class _Moved:
    def __init__(self, owed: Sequence[Owed], move: Move, reading: Reading) -> None:
        self.at = move.at
        self.reading = reading
        self.later = [each for each in owed if each.opened_at > move.at]
        asked = [each for each in owed if each.opened_at <= move.at]
        self.pending = [each for each in asked if each.is_open or _settled_at(each) > move.at]
        self.answered = [each for each in asked if each.met_at is not None and each.met_at <= move.at]
        self.past = [each for each in move.carried if not self._is_open(each)]
        self.open = [each for each in move.carried if self._is_open(each)]

    def _is_open(self, each: Carried) -> bool:
        """Open at the move, or met by a record of which somebody said since that it did not happen."""
        return each.owed.is_open or (each.owed.met_by is not None and each.owed.met_by not in self.reading.entries)

    def all(self) -> Iterator[Owed]:
        yield from (each.owed for each in self.past)
        unmatched = []
        for each in self.open:
            same = _taken(_same_reason, each.owed, self.pending) or _taken(_same_reason, each.owed, self.later)
            if same is not None:
                yield _as_one(each.owed, same)
            else:
                unmatched.append(each)
        for each in unmatched:
            yield from self._unmatched(each)
        yield from (self._asked_for(fresh) for fresh in self.pending if not self._was_done(fresh))
        yield from self.later

    def _asked_for(self, fresh: Owed) -> Owed:
        """What was asked for before the move, as one thing with another, keeps its time; else it is owed from now."""
        together = [each.owed.due_at for each in self.open if _same_reason(fresh, each.owed)]
        if together:
            return fresh._replace(due_at=min(fresh.due_at, *together))
        return fresh._replace(opened_at=self.at, due_at=self.reading.from_now(fresh, self.at))

    def _unmatched(self, each: Carried) -> Iterator[Owed]:
        """What the new version asks for on other grounds, or not at all."""
        same = _taken(_same_duty, each.owed, self.pending)
        kept = self._kept(each)
        if same is None and kept is not None:
            # a further reason joins what is still open when it becomes known, as it would have without the move
            joining = [other for other in self.later if kept.is_open or _settled_at(kept) > other.opened_at]
            same = _taken(_same_duty, each.owed, joining)
            self.later = [other for other in self.later if other is not same]
        if same is not None:
            yield _as_one(each.owed, same)
        elif kept is not None:
            yield kept

    def _kept(self, each: Carried) -> Owed | None:
        """What the new version does not ask for any more; None where a correction shows that it was never due."""
        if self._put_right(each.owed) and not self.reading.still_owed(each):
            return None
        old = each.owed._replace(met_at=None, met_by=None, done_at=None)
        counts = next((other for other in self.answered if _same_reason(other, old)), None)
        if counts is not None and counts.met_by is not None:
            return old._replace(met_at=self.at, met_by=counts.met_by, done_at=counts.done_at, attempt=None, lacking=())
        found = self._answer(old)
        if found is None:
            return old
        known_at, entry = found
        done_at = entry.happened_at
        return old._replace(met_at=known_at, met_by=entry.root, done_at=done_at, attempt=None, lacking=())

    def _put_right(self, owed: Owed) -> bool:
        """Whether a record that made it due was put right or taken back after the move."""
        entries = [self.reading.entries.get(root) for root in owed.because]
        return any(entry is None or entry.stands.recorded_at > self.at for entry in entries)

    def _was_done(self, fresh: Owed) -> bool:
        """Whether the earlier version asked for the very same, for every one of these reasons, and had it."""
        done = {
            root
            for each in self.past
            if each.owed.obligation.id == fresh.obligation.id and each.owed.met_at is not None
            for root in each.owed.because
        }
        return fresh.obligation.repeats is None and set(fresh.because) <= done

    def _answer(self, old: Owed) -> tuple[datetime, Entry] | None:
        """The first record known since the move that meets it as the version that asked for it said.

        A test of a field that the record no longer has is passed over, or nothing could ever meet it.
        """
        first = self.reading.entries.get(old.because[0]) if old.because else None
        found: list[tuple[datetime, int, Entry]] = []
        for way in old.obligation.met_by:
            kind = self.reading.definition.kinds.get(way.record)
            known = {part.id for part in kind.fields} if kind else None
            tests = [test for test in way.tests if known is None or test.field in known]
            about = way.about if known is None or way.about in known else None
            counts = partial(self._counts, tests)
            for entry in self.reading.by_kind.get(way.record, ()):
                fits = about is None or str(entry.stands.values.get(about)) in old.because
                since = first is None or entry.happened_at >= first.happened_at
                if fits and since and entry.root not in old.because and counts(entry.stands):
                    found.append((entry.known_at(counts), entry.place, entry))
        first_known = min((each for each in found if each[0] > self.at), key=lambda each: each[:2], default=None)
        return (first_known[0], first_known[2]) if first_known else None

    def _counts(self, tests: Sequence[Test], version: Record) -> bool:
        return self.reading.counts(version) and all(passes(test, version.values) for test in tests)


def _settled_at(owed: Owed) -> datetime:
    return owed.met_at or owed.ended_at or owed.opened_at


def _taken(same: Callable[[Owed, Owed], bool], old: Owed, among: list[Owed]) -> Owed | None:
    """The first of ``among`` that is ``same`` as ``old``, taken out of it."""
    found = next((each for each in among if same(each, old)), None)
    if found is not None:
        among.remove(found)
    return found


def _same_reason(new: Owed, old: Owed) -> bool:
    """The same duty, for one of the same reasons."""
    return new.obligation.id == old.obligation.id and bool(set(new.because) & set(old.because))


def _same_duty(new: Owed, old: Owed) -> bool:
    """The same duty, of which there is one at a time."""
    each = "for each record"
    return new.obligation.id == old.obligation.id and each not in (new.obligation.again, old.obligation.again)


def _as_one(old: Owed, new: Owed) -> Owed:
    """What both versions ask for: as the new one says, and no later than it was."""
    return new._replace(
        because=tuple(dict.fromkeys([*old.because, *new.because])),
        occurrence=old.occurrence,
        opened_at=min(old.opened_at, new.opened_at),
        due_at=min(old.due_at, new.due_at),
    )


MOMENTS = ("opened_at", "due_at", "met_at", "done_at", "ended_at")
PLAIN = ("occurrence", "met_by", "ended_by")


def as_data(carried: Carried, version: str) -> dict[str, Any]:
    """What was carried as plain data to keep, with the id of the version that asked for it."""
    owed = carried.owed
    kept = {"version": version, "code": owed.obligation.id, "because": list(owed.because)}
    kept |= {name: getattr(owed, name) for name in PLAIN}
    return kept | {name: moment.isoformat() if (moment := getattr(owed, name)) else None for name in MOMENTS}


def from_data(data: Mapping[str, Any], definition: Definition) -> Carried:
    """What ``as_data`` kept, with the definition of the version that asked for it."""
    moments = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in MOMENTS}
    plain = {name: data[name] for name in PLAIN}
    owed = Owed(definition.owed[data["code"]], tuple(data["because"]), **plain, **moments)  # type: ignore[arg-type]
    return Carried(owed, definition)
