"""Every number of a set of measures, with one statement for each table and kind of number, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from saferpractice.assurance.queries.measures import audited, exposure, incidents, owed, records, supervised
from saferpractice.assurance.queries.measures.buckets import Where
from saferpractice.assurance.rules.measures.defined import AGAIN, EXPOSED, Defined, Shows
from saferpractice.assurance.rules.measures.reading import Read, rate_of, share_of, time_of

Numbers = dict[str, dict[Any, tuple[Read, ...]]]
"""By measure and by what is counted together (None for the whole place): one ``Read`` a period, oldest first."""
Found = TypeVar("Found")
Slot = tuple[int, Sequence[Any]]
"""A period, and the teams (or services) whose rows are counted together."""


def read(wanted: Sequence[Defined], where: Where, together: Mapping[Any, Sequence[Any]] | None = None) -> Numbers:
    """The numbers of ``wanted``.

    Where ``where`` counts teams (or services) by themselves, ``together`` names the ids whose rows make one number: the
    teams of a service make the service's, without a further statement.
    """
    tables = _Tables(wanted, where)
    stretches = range(len(where.moments) - 1)
    groups = together if together is not None else {None: (None,)}
    return {
        defined.key: {
            name: tuple(READERS[defined.source.shows](tables, defined, (number, parts)) for number in stretches)
            for name, parts in groups.items()
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


def _found(table: Mapping[Any, Found], slot: Slot, *of: Any) -> list[Found]:
    """What a table holds of the teams of ``slot``, under the name ``of`` where it has names."""
    number, parts = slot
    keys = [(*of, (number, part)) if of else (number, part) for part in parts]
    return [table[key] for key in keys if key in table]


def _two(found: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """How many, and out of how many, in all."""
    pairs = list(found)
    return sum(count for count, _ in pairs), sum(out_of for _, out_of in pairs)


def _in_time(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    found = _found(tables.stands, slot, owed.kind_of(defined))
    in_time, out_of = _two((one.in_time, one.out_of) for one in found)
    waiting, left_out = _two((one.waiting, one.left_out) for one in found)
    return share_of(in_time, out_of, waiting=waiting, left_out=left_out)


def _time(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    found = _found(tables.times, slot, owed.kind_of(defined))
    cells: Counter[tuple[int, bool]] = Counter()
    for one in found:
        cells.update(one.cells)
    return time_of(cells, minutes=defined.source.minutes, left_out=sum(one.left_out for one in found))


def _complete(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    of = defined.source
    return share_of(*_two(one for kind in of.records for one in _found(tables.complete, slot, (of.pathway, kind))))


def _came_again(tables: _Tables, defined: Defined, slot: Slot) -> tuple[int, int]:
    source = defined.source
    counted = tables.again[source.shows is Shows.LATE_AGAIN_RATE, source.within_days]
    return _two(_found(counted, slot, owed.kind_of(defined)))


def _again(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return share_of(*_came_again(tables, defined, slot))


def _again_rate(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    count, _ = _came_again(tables, defined, slot)
    return _for_days(count, tables.open_days, defined.source.pathway, slot)


def _for_days(count: int, days: exposure.Days, of: str, slot: Slot) -> Read:
    number, parts = slot
    exposed = sum(days[of, part][number] for part in parts if (of, part) in days)
    return rate_of(count, exposed / EXPOSED)


def _how_many(tables: _Tables, defined: Defined, slot: Slot) -> int:
    source = defined.source
    if source.theme:
        return sum(_found(tables.by_theme, slot, source.theme))
    if source.level is not None:
        return sum(_found(tables.by_harm, slot, source.level))
    number, parts = slot
    slots = {(number, part) for part in parts}
    return sum(how_many for (_, each), how_many in tables.by_harm.items() if each in slots)


def _incidents(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return Read(float(_how_many(tables, defined, slot)))


def _incidents_rate(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return _for_days(_how_many(tables, defined, slot), tables.worker_days, "", slot)


def _reporting(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return _for_days(sum(_found(tables.reported, slot, "")), tables.worker_days, "", slot)


def _unmanaged(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    source = defined.source
    return share_of(*_two(_found(tables.unmanaged[source.pathway, source.within_days], slot)))


def _audited(tables: _Tables, defined: Defined, slot: Slot) -> Read:
    return share_of(*_two(_found(tables.audited, slot)))


def _supervised(tables: _Tables, _: Defined, slot: Slot) -> Read:
    found = _found(tables.supervised, slot)
    held, owed_by_then = _two((one.held, one.owed - one.not_yet) for one in found)
    return share_of(held, owed_by_then, waiting=sum(one.not_yet for one in found))


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
