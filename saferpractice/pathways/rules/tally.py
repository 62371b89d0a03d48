"""What a replay adds up to: over cases, weeks and services, beside the version in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple, TypeVar

from saferpractice.deadlines.rules import days_between
from saferpractice.pathways.rules.replaying import Difference, Opening, week_of

Key = TypeVar("Key")
LIVE, CANDIDATE = 0, 1
Pair = list[int]
"""How many under the version in use, and how many under the candidate."""


@dataclass(slots=True)
class Tally:
    """Counts over some cases. ``unread`` are those that could not be replayed, ``differ`` those not the same.

    ``triggered``: cases that came to owe anything. ``late``: by obligation, what was late. ``opened``: what came to be
    owed, by Monday, service and obligation. ``kinds``: the cases that differ, by how.
    """

    cases: int = 0
    unread: int = 0
    differ: int = 0
    triggered: Pair = field(default_factory=lambda: [0, 0])
    late: dict[str, Pair] = field(default_factory=dict)
    opened: dict[tuple[date, str, str], Pair] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        service: str,
        live: Sequence[Opening],
        candidate: Sequence[Opening],
        differences: Sequence[Difference],
    ) -> None:
        """Count one case of ``service``."""
        self.cases += 1
        for side, found in ((LIVE, live), (CANDIDATE, candidate)):
            self.triggered[side] += bool(found)
            for each in found:
                self.opened.setdefault((week_of(each.opened_at), service, each.code), [0, 0])[side] += 1
                self.late.setdefault(each.code, [0, 0])[side] += each.late
        self.differ += bool(differences)
        for kind in {difference.kind.value for difference in differences}:
            self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def join(self, other: Tally) -> None:
        """Add what another tally counted over other cases."""
        self.cases += other.cases
        self.unread += other.unread
        self.differ += other.differ
        _join(self.triggered, other.triggered)
        for code, pair in other.late.items():
            _join(self.late.setdefault(code, [0, 0]), pair)
        for key, pair in other.opened.items():
            _join(self.opened.setdefault(key, [0, 0]), pair)
        for kind, count in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON, from which ``from_data`` makes the same tally."""
        return {
            "cases": self.cases,
            "unread": self.unread,
            "differ": self.differ,
            "triggered": list(self.triggered),
            "late": self.late,
            "opened": [[week.isoformat(), *key, *pair] for (week, *key), pair in sorted(self.opened.items())],
            "kinds": self.kinds,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Tally:
        """The tally that ``as_data`` wrote."""
        return cls(
            cases=data["cases"],
            unread=data["unread"],
            differ=data["differ"],
            triggered=list(data["triggered"]),
            late={code: list(pair) for code, pair in data["late"].items()},
            opened={(date.fromisoformat(week), *key): pair for week, *key, pair in map(_opened, data["opened"])},
            kinds=dict(data["kinds"]),
        )

    def by_week(self) -> list[tuple[date, Pair]]:
        """What came to be owed in each week from the first to the last, weeks without any too."""
        weeks = _summed((key[0], pair) for key, pair in self.opened.items())
        if not weeks:
            return []
        first, last = min(weeks), max(weeks)
        every = (first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1))
        return [(week, weeks.get(week, [0, 0])) for week in every]

    def by_service(self) -> dict[str, Pair]:
        """What came to be owed in each service."""
        return _summed((key[1], pair) for key, pair in self.opened.items())

    def by_obligation(self) -> dict[str, Pair]:
        """What came to be owed of each obligation."""
        return _summed((key[2], pair) for key, pair in self.opened.items())


def _opened(row: Sequence[Any]) -> tuple[Any, ...]:
    week, service, code, live, candidate = row
    return week, service, code, [live, candidate]


def _join(pair: Pair, other: Sequence[int]) -> None:
    pair[LIVE] += other[LIVE]
    pair[CANDIDATE] += other[CANDIDATE]


def _summed(pairs: Iterable[tuple[Key, Pair]]) -> dict[Key, Pair]:
    found: dict[Key, Pair] = {}
    for key, pair in pairs:
        _join(found.setdefault(key, [0, 0]), pair)
    return found


class Forestalled(NamedTuple):
    """Past incidents beside the threshold of their cases.

    ``before`` counts those before which the threshold was met, under either definition. ``earlier`` are the days by
    which the candidate would have asked sooner, one for each incident where it would; ``later`` where it would have
    asked later. Both count to the incident at the latest: what is asked after it forestalls nothing.
    """

    incidents: int
    before: Pair
    earlier: list[float]
    later: list[float]

    @property
    def median_earlier(self) -> float | None:
        """The middle of ``earlier``."""
        return median(self.earlier) if self.earlier else None


class Warned(NamedTuple):
    """An incident, and when each definition first asked for anything on one case of its person."""

    incident: str
    at: datetime
    live_at: datetime | None
    candidate_at: datetime | None


def forestalled(found: Iterable[Warned]) -> Forestalled:
    """What the candidate would have meant for past incidents; of several cases of a person the first warning counts."""
    incidents: dict[str, Warned] = {}
    for each in found:
        was = incidents.get(each.incident, each)
        incidents[each.incident] = Warned(
            each.incident, each.at, _first(was.live_at, each.live_at), _first(was.candidate_at, each.candidate_at)
        )
    total = Forestalled(len(incidents), [0, 0], [], [])
    for each in incidents.values():
        live, candidate = (min(moment or each.at, each.at) for moment in (each.live_at, each.candidate_at))
        total.before[LIVE] += live < each.at
        total.before[CANDIDATE] += candidate < each.at
        days = days_between(candidate, live)
        if days:
            (total.earlier if days > 0 else total.later).append(round(abs(days), 1))
    total.earlier.sort()
    total.later.sort()
    return total


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    both = [moment for moment in (one, other) if moment is not None]
    return min(both, default=None)
