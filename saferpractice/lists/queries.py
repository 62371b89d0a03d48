"""The dated lists as a provider sees them: what ships, with its own entries added or put in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from saferpractice.lists.models import ListEntry
from saferpractice.lists.rules import ListFile, current, load

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
    own = {
        entry.code: Choice(entry.code, entry.label, entry.hint, entry.detail, entry.source, own=True)
        for entry in ListEntry.objects.filter(provider_id=provider_id, list_code=list_code, valid_from__lte=on)
        .exclude(valid_to__lt=on)
        .order_by("valid_from", "added_at")
    }
    found = []
    for entry in current(shipped(list_code).entries, on):
        as_shipped = Choice(entry.code, entry.label, entry.hint, entry.detail, entry.source.title, own=False)
        found.append(own.pop(entry.code, as_shipped))
    return (*found, *own.values())


def codes(list_code: str, *, provider_id: UUID, on: date) -> frozenset[str]:
    """The codes in force on ``on``."""
    return frozenset(choice.code for choice in choices(list_code, provider_id=provider_id, on=on))


def label_of(list_code: str, code: str, *, provider_id: UUID) -> str:
    """The label of ``code`` whenever it was in force; the code itself when nobody knows it any more."""
    own = (
        ListEntry.objects.filter(provider_id=provider_id, list_code=list_code, code=code)
        .order_by("-valid_from")
        .first()
    )
    if own is not None:
        return own.label
    return next((e.label for e in reversed(tuple(shipped(list_code).entries)) if e.code == code), code)
