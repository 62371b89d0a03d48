"""Every number of a set of measures, with one statement for each table and kind of number, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from saferpractice.assurance.queries.measures import audited, exposure, incidents, owed, records, supervised
from saferpractice.assurance.queries.measures.buckets import Where
from saferpractice.assurance.rules.measures.defined import AGAIN, EXPOSED, Defined, Shows
from saferpractice.assurance.rules.measures.reading import Read, rate_of, share_of, time_of

Numbers = dict[str, dict[Any, tuple[Read, ...]]]
"""By measure and team (None for the whole place): one ``Read`` a period, oldest first."""
Slot = tuple[int, Any]
"""A period and a team."""


def read(wanted: Sequence[Defined], where: Where, teams: Iterable[Any] = (None,)) -> Numbers:
    """The numbers of ``wanted``; ``teams`` are the ids of those counted by themselves, where ``where`` says so."""
    tables = _Tables(wanted, where)
    stretches = range(len(where.moments) - 1)
    teams = list(teams)
    return {
        defined.key: {
            team: tuple(READERS[defined.source.shows](tables, defined, (number, team)) for number in stretches)
            for team in teams
        }
        for defined in wanted
    }


class _Tables:
    """What was counted, each counted when it is first asked for, for all the measures wanted at once."""

    def __init__(self, wanted: Sequence[Defined], where: Where) -> None:
        self.wanted, self.where = wanted, where

    def _showing(self, *shows: Shows) -> list[Defined]:
        return [each for each in self.wanted if each.source.shows in shows]

    @cached_property
    def stands(self) -> dict[Any, owed.Stands]:
        """How obligations stand."""
        return owed.stands(self.where, {owed.kind_of(each) for each in self._showing(Shows.IN_TIME)})

    @cached_property
    def times(self) -> dict[Any, owed.Times]:
        """How long obligations took."""
        return owed.times(self.where, {owed.kind_of(each) for each in self._showing(Shows.TIME)})

    @cached_property
    def again(self) -> dict[Any, dict[Any, tuple[int, int]]]:
        """Those that came again, by whether late ones count, and within how many days."""
        late = {each.key: each.source.shows is Shows.LATE_AGAIN_RATE for each in self._showing(*AGAIN)}
        kinds: dict[Any, set[owed.Kind]] = {}
        for each in self._showing(*AGAIN):
            kinds.setdefault((late[each.key], each.source.within_days), set()).add(owed.kind_of(each))
        return {
            (is_late, days): owed.again(self.where, of, Shows.LATE_AGAIN_RATE if is_late else Shows.AGAIN, days)
            for (is_late, days), of in kinds.items()
        }

    @cached_property
    def open_days(self) -> exposure.Days:
        """For how long cases were open."""
        of = self._showing(Shows.AGAIN_RATE, Shows.LATE_AGAIN_RATE)
        return exposure.open_days(self.where, {each.source.pathway for each in of})

    @cached_property
    def worker_days(self) -> exposure.Days:
        """For how long people were at work."""
        return exposure.worker_days(self.where)

    @cached_property
    def complete(self) -> dict[Any, tuple[int, int]]:
        """Records that had every part."""
        sources = [each.source for each in self._showing(Shows.COMPLETE)]
        return records.complete(self.where, {(each.pathway, kind) for each in sources for kind in each.records})

    @cached_property
    def by_harm(self) -> incidents.Counted:
        """Incidents by the worse harm."""
        return incidents.by_harm(self.where)

    @cached_property
    def by_theme(self) -> incidents.Counted:
        """Incidents by theme."""
        return incidents.by_theme(self.where)

    @cached_property
    def reported(self) -> incidents.Counted:
        """Incidents written down."""
        return incidents.reported(self.where)

    @cached_property
    def unmanaged(self) -> dict[tuple[str, int], dict[Any, tuple[int, int]]]:
        """Incidents with nothing done before them, by pathway."""
        of = {(each.source.pathway, each.source.within_days) for each in self._showing(Shows.UNMANAGED)}
        return {one: incidents.unmanaged(self.where, *one) for one in of}

    @cached_property
    def audited(self) -> dict[Any, tuple[int, int]]:
        """Records that meet the standard in audits."""
        return audited.compliance(self.where)

    @cached_property
    def supervised(self) -> dict[Any, supervised.Discussed]:
        """Discussions owed in supervision."""
        return supervised.discussed(self.where)


def _in_time(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    one = tables.stands.get((owed.kind_of(defined), slot), owed.Stands())
    return share_of(one.in_time, one.out_of, waiting=one.waiting, left_out=one.left_out)


def _time(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    one = tables.times.get((owed.kind_of(defined), slot), owed.Times())
    return time_of(one.cells, minutes=defined.source.minutes, left_out=one.left_out)


def _complete(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    found = [tables.complete.get(((defined.source.pathway, kind), slot), (0, 0)) for kind in defined.source.records]
    return share_of(sum(whole for whole, _ in found), sum(out_of for _, out_of in found))


def _came_again(tables: _Tables, defined: Defined, slot: Slot) -> tuple[int, int]:
    source = defined.source
    counted = tables.again[source.shows is Shows.LATE_AGAIN_RATE, source.within_days]
    return counted.get((owed.kind_of(defined), slot), (0, 0))


def _again(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return share_of(*_came_again(tables, defined, slot))


def _again_rate(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    count, _ = _came_again(tables, defined, slot)
    return _for_days(count, tables.open_days, defined.source.pathway, slot)


def _for_days(count: int, days: exposure.Days, of: str, slot: Slot) -> Read:
    number, team = slot
    exposed = days.get((of, team))
    return rate_of(count, exposed[number] / EXPOSED if exposed else 0.0)


def _how_many(tables: _Tables, defined: Defined, slot: Slot) -> int:
    source = defined.source
    if source.theme:
        return tables.by_theme.get((source.theme, slot), 0)
    if source.level is not None:
        return tables.by_harm.get((source.level, slot), 0)
    return sum(how_many for (_, each), how_many in tables.by_harm.items() if each == slot)


def _incidents(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return Read(float(_how_many(tables, defined, slot)))


def _incidents_rate(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return _for_days(_how_many(tables, defined, slot), tables.worker_days, "", slot)


def _reporting(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return _for_days(tables.reported.get(("", slot), 0), tables.worker_days, "", slot)


def _unmanaged(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    source = defined.source
    return share_of(*tables.unmanaged[source.pathway, source.within_days].get(slot, (0, 0)))


def _audited(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return share_of(*tables.audited.get(slot, (0, 0)))


def _supervised(tables: _Tables, _: Defined, slot: Slot) -> Read:
    one = tables.supervised.get(slot, supervised.Discussed())
    return share_of(one.held, one.owed - one.not_yet, waiting=one.not_yet)


READERS: dict[Shows, Callable[[_Tables, Defined, Slot], Read]] = {
    Shows.IN_TIME: _in_time,
    Shows.TIME: _time,
    Shows.COMPLETE: _complete,
    Shows.AGAIN: _again,
    Shows.AGAIN_RATE: _again_rate,
    Shows.LATE_AGAIN_RATE: _again_rate,
    Shows.INCIDENTS: _incidents,
    Shows.INCIDENTS_RATE: _incidents_rate,
    Shows.REPORTING: _reporting,
    Shows.UNMANAGED: _unmanaged,
    Shows.AUDITED: _audited,
    Shows.SUPERVISED: _supervised,
}
