"""The times a provider sets for itself, from the list "local-times", as deadlines reckon with them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from saferpractice.deadlines.rules import OutOfHours, Timescale, local_day
from saferpractice.lists.queries import choices, shipped
from saferpractice.lists.rules.local_times import LIST


def local_time(code: str, *, provider_id: UUID, at: datetime) -> Timescale:
    """How long the provider gives for what ``code`` names, on the London day of ``at``.

    Raises:
        KeyError: the list has no such entry.
    """
    return Timescale.from_data(_detail(code, provider_id, at)["timescale"])


def evening_of(*, provider_id: UUID, at: datetime) -> OutOfHours:
    """What "the same day" means in the evening for the provider, on the London day of ``at``."""
    evening = _detail("evening", provider_id, at)["evening"]
    if evening["from"] is None:
        return OutOfHours()
    return OutOfHours(after=time.fromisoformat(evening["from"]), due_by=time.fromisoformat(evening["due_by"]))


def _detail(code: str, provider_id: UUID, at: datetime) -> dict[str, Any]:
    standing = {choice.code: choice for choice in choices(LIST, provider_id=provider_id, on=local_day(at))}
    if code in standing:
        return dict(standing[code].detail)
    # Before the list began, or in a record of old: the time as it ships.
    known = {entry.code: entry for entry in shipped(LIST).entries}
    return dict(known[code].detail)
