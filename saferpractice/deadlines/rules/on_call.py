"""Which director is on call: what a rota entry may be, and whose call it is at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

LONGEST_COVER = timedelta(days=31)
"""The longest one entry may run. One that nobody renews ends by itself, and every director is told again."""
FURTHEST_COVER = timedelta(days=366)
"""How far ahead an entry may begin."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One standing entry: who is on call, in a service or (None) everywhere, from a moment until just before another.

    Moments are in UTC."""

    person_id: UUID
    service_id: UUID | None
    from_at: datetime
    until_at: datetime


def on_call(covers: Iterable[Cover], service_id: UUID | None, at: datetime) -> frozenset[UUID]:
    """Whose call it is at ``at``: who stands on the service's own rota then, else on the one for everywhere.

    Empty when nobody is down: then every director who covers the place is told.
    """
    holding = [one for one in covers if one.from_at <= at < one.until_at]
    own = frozenset(one.person_id for one in holding if service_id is not None and one.service_id == service_id)
    return own or frozenset(one.person_id for one in holding if one.service_id is None)


def cover_problems(from_at: datetime, until_at: datetime, *, at: datetime) -> dict[str, str]:
    """What keeps an entry off the rota: "from_at" or "until_at" to a sentence that says what to do."""
    found: dict[str, str] = {}
    if until_at <= from_at:
        found["until_at"] = "Enter a time after the beginning."
    elif until_at <= at:
        found["until_at"] = "Enter a time that is still to come."
    elif until_at - from_at > LONGEST_COVER:
        found["until_at"] = f"Enter a time at most {LONGEST_COVER.days} days later, and add another entry after it."
    if from_at > at + FURTHEST_COVER:
        found["from_at"] = "Enter a time within the next year."
    return found
