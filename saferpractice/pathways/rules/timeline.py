"""The records of a case as the engine reads them: what stands, and since when it was known.

A record has two moments: when it happened and when it was written down. A correction is a record that names the one
it puts right; the whole chain stays, and the newest version is what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from saferpractice.design.typed import is_drawn
from saferpractice.pathways.rules.conditions import Test
from saferpractice.pathways.rules.definition import RecordField, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it was written. ``values`` holds what was filled in, by the codes of its fields.

    A choice is the code of its option, several choices and indicators are tuples of codes, yes or no is "yes" or
    "no", a moment is a datetime with a time zone. ``corrects`` is the id of the record it puts right;
    ``withdrawn`` says that nothing of the sort happened at all. ``standard`` is the note standard it was written by,
    where that is not the one of the definition: it was written under an earlier version.
    """

    id: str
    kind: str
    happened_at: datetime
    recorded_at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    corrects: str | None = None
    withdrawn: bool = False
    standard: RecordKind | None = field(default=None, compare=False)

    @property
    def late_by(self) -> timedelta:
        """How long after it happened it was written down. Never negative."""
        return max(self.recorded_at - self.happened_at, timedelta())


class Entry:
    """What stands of one record and its corrections.

    ``happened_at`` is when it happened, as is now known; ``first_at`` when the first of its versions was written;
    ``place`` where it stands in the order of what happened, from 0; ``key`` the two by which that order goes.
    """

    __slots__ = ("first_at", "happened_at", "key", "place", "root", "stands", "versions")

    def __init__(self, root: str, versions: tuple[Record, ...], place: int) -> None:
        self.root = root
        self.stands = versions[-1]
        self.versions = versions
        self.happened_at = self.stands.happened_at
        self.first_at = versions[0].recorded_at
        self.place = place
        self.key = (self.happened_at, place)

    def known_at(self, holds: Callable[[Record], object]) -> datetime:
        """Since when it has been known without a break that ``holds`` is true of it.

        A correction that changes nothing about ``holds`` does not make a deadline later; one that first brings it
        about counts from the moment it was written.
        """
        known = self.stands.recorded_at
        if len(self.versions) == 1:
            return known
        for version in reversed(self.versions[:-1]):
            if version.kind != self.stands.kind or version.withdrawn or not holds(version):
                break
            known = version.recorded_at
        return known


def entries(records: Iterable[Record], at: datetime) -> list[Entry]:
    """What stands of everything written by ``at``, in the order in which it happened.

    Records that happened at the same moment stand in the order in which they were written, then by id, so that the
    order in which they are handed over never matters.
    """
    written = [record for record in records if record.recorded_at <= at]
    if not any(record.corrects for record in written):
        chains: list[_Chain] = [(record.id, (record,)) for record in written if not record.withdrawn]
    else:
        chains = list(_chains(written))
    chains.sort(key=_order)
    return [Entry(root, versions, place) for place, (root, versions) in enumerate(chains)]


_Chain = tuple[str, tuple[Record, ...]]


def _order(chain: _Chain) -> tuple[datetime, datetime, str]:
    root, versions = chain
    return versions[-1].happened_at, versions[0].recorded_at, root


def _chains(written: Sequence[Record]) -> Iterable[_Chain]:
    corrects = {record.id: record.corrects for record in written}

    def root(key: str) -> str:
        seen = {key}
        while (before := corrects.get(key)) is not None and before in corrects and before not in seen:
            key = before
            seen.add(key)
        return key

    chains: dict[str, list[Record]] = {}
    for record in written:
        chains.setdefault(root(record.id), []).append(record)
    for key, chain in chains.items():
        chain.sort(key=lambda record: (record.recorded_at, record.id != key, record.id))
        if not chain[-1].withdrawn:
            yield key, tuple(chain)


def is_filled(value: object) -> bool:
    """Whether a value says anything: not missing, not blank, not a dash, not an empty list."""
    if isinstance(value, str):
        return any(letter.isalnum() and is_drawn(letter) for letter in value)
    return value is not None and value not in ((), [])


def passes(test: Test, values: Mapping[str, Any]) -> bool:
    """Whether ``test`` holds of the values of a record."""
    value = values.get(test.field)
    if test.present is not None:
        return is_filled(value) is test.present
    if isinstance(value, tuple | list):
        return any(each in test.wanted for each in value)
    return value in test.wanted


def pass_all(tests: Iterable[Test], values: Mapping[str, Any]) -> bool:
    """Whether every one of ``tests`` holds of the values of a record."""
    for test in tests:  # noqa: SIM110 - not all(): nothing is asked more often than this
        if not passes(test, values):
            return False
    return True


def lacking(kind: RecordKind, values: Mapping[str, Any]) -> tuple[RecordField, ...]:
    """The fields a record of ``kind`` must still fill in before it counts."""
    missing = []
    for name, part in kind.needed:
        value = values.get(name)
        if (
            value.__class__ is str and value[:1].isalnum() and value.isascii()
        ):  # as is_filled would say, and nearly always so
            continue
        if not is_filled(value) and (part.required_when is None or passes(part.required_when, values)):
            missing.append(part)
    return tuple(missing)
