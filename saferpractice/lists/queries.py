"""The dated lists as a provider sees them: what ships, with its own entries added or put in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from saferpractice.lists.models import ListEntry
from saferpractice.lists.rules import Entry, ListFile, current, load
from saferpractice.lists.rules.own import london_day

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list on a day. ``detail`` holds what the list's own readers need (a clock, a strength…)."""

    code: str
    label: str
    hint: str
    detail: Mapping[str, Any]
    source: str
    own: bool


@cache
def shipped(list_code: str) -> ListFile:
    """The list as it ships. Read and checked once for each process.

    Raises:
        KeyError: no such list.
    """
    path = DATA / f"{list_code}.yml"
    if not path.is_file():
        raise KeyError(f'there is no list called "{list_code}"')
    return load(path)


def choices(list_code: str, *, provider_id: UUID, on: date) -> tuple[Choice, ...]:
    """The entries in force on ``on`` (a London day): shipped ones in their order, then the provider's own.

    A provider's entry with a shipped code takes that entry's place.
    """
    own = {entry.code: entry for entry in ListEntry.objects.of(provider_id, list_code).holding(on)}
    found = [_choice(own.pop(entry.code, entry)) for entry in current(shipped(list_code).entries, on)]
    return tuple(choice for choice in (*found, *map(_choice, own.values())) if choice is not None)


def _choice(entry: ListEntry | Entry) -> Choice | None:
    """The entry as a choice; None for one that takes its code off the list."""
    if isinstance(entry, Entry):
        return Choice(entry.code, entry.label, entry.hint, entry.detail, entry.source.title, own=False)
    if entry.taken_off:
        return None
    return Choice(entry.code, entry.label, entry.hint, entry.detail, entry.source, own=True)


def codes(list_code: str, *, provider_id: UUID, on: date) -> frozenset[str]:
    """The codes in force on ``on``."""
    return frozenset(choice.code for choice in choices(list_code, provider_id=provider_id, on=on))


def label_of(list_code: str, code: str, *, provider_id: UUID) -> str:
    """The label of ``code`` whenever it was in force; the code itself when nobody knows it any more."""
    own = (
        ListEntry.objects.filter(provider_id=provider_id, list_code=list_code, code=code)
        .order_by("-valid_from", "-added_at")
        .first()
    )
    if own is not None:
        return own.label
    return next((e.label for e in reversed(tuple(shipped(list_code).entries)) if e.code == code), code)


def labels_of(list_code: str, *, provider_id: UUID) -> dict[str, str]:
    """The label of every code of a list, as ``label_of`` gives it, in one read: for pages with many rows."""
    own = ListEntry.objects.filter(provider_id=provider_id, list_code=list_code).order_by("valid_from", "added_at")
    found = {entry.code: entry.label for entry in shipped(list_code).entries}
    return found | {entry.code: entry.label for entry in own}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One entry of a list as it stands or stood, shipped or a provider's own. ``valid_to`` is its last day."""

    code: str
    label: str
    hint: str
    detail: Mapping[str, Any]
    source: str
    url: str | None
    checked_on: date
    common: bool
    valid_from: date
    valid_to: date | None
    own: bool
    taken_off: bool
    in_force: bool


def every_list() -> tuple[ListFile, ...]:
    """Every list that ships, by title."""
    return tuple(sorted((shipped(path.stem) for path in DATA.glob("*.yml")), key=lambda listed: listed.title))


def versions(list_code: str, *, provider_id: UUID, on: date) -> tuple[Version, ...]:
    """Everything a list holds, held or will hold for a provider, by code in the list's order, older before newer.

    ``in_force`` marks the one that stands for its code on the London day ``on``.
    """
    entries = shipped(list_code).entries
    own = list(ListEntry.objects.of(provider_id, list_code))
    order = list(dict.fromkeys([*(entry.code for entry in entries), *(entry.code for entry in own)]))
    found: list[Version] = []
    for code in order:
        same: list[Entry | ListEntry] = [entry for entry in entries if entry.code == code]
        same += [entry for entry in own if entry.code == code]
        holding = [
            entry for entry in same if entry.valid_from <= on and (entry.valid_to is None or on <= entry.valid_to)
        ]
        found += [_version(entry, in_force=bool(holding) and entry is holding[-1]) for entry in same]
    return tuple(found)


def _version(entry: Entry | ListEntry, *, in_force: bool) -> Version:
    shipped_entry = isinstance(entry, Entry)
    return Version(
        code=entry.code,
        label=entry.label,
        hint=entry.hint,
        detail=entry.detail,
        source=entry.source.title if isinstance(entry, Entry) else entry.source,
        url=entry.source.url if isinstance(entry, Entry) else None,
        checked_on=entry.checked_on if isinstance(entry, Entry) else london_day(entry.added_at),
        common=isinstance(entry, Entry) and entry.knowledge == "common",
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        own=not shipped_entry,
        taken_off=isinstance(entry, ListEntry) and entry.taken_off,
        in_force=in_force,
    )


def own_entries_count(provider_id: UUID, on: date) -> Mapping[str, int]:
    """How many entries of its own a provider has in force in each list on the London day ``on``."""
    found = ListEntry.objects.filter(provider_id=provider_id).holding(on).values_list("list_code", flat=True)
    return Counter(found)
