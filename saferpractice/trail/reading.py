"""Reading entries in the order of their chain, so quickly and so carefully that every one can be hashed again.

Values are taken as the database holds them: one that no longer fits its type is an entry that was changed, and not
an error that ends the reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, TextField
from django.db.models.functions import Cast

from saferpractice.trail.models import TrailEntry
from saferpractice.trail.rules import canonical_plain, content_hash_of, hash_of_parts

AT_ONCE = 2000
COLUMNS = (
    "at", "operation", "by_id", "by_name", "by_role", "subject_type", "subject_id", "story_id", "sentence", "facts",
    "salt",
)  # fmt: skip
"""What an entry says, in the order of ``Found.values``."""
BEFORE_ALL = -(2**63)
"""A sequence before any that a row can have."""


@dataclass(frozen=True, slots=True)
class Found:
    """One entry as it is in the database. ``values`` are the columns ``COLUMNS``."""

    sequence: int
    previous: str
    hash: str
    provider: str
    values: tuple[Any, ...]

    def hashed(self, sequence: int | None = None, previous: str | None = None, content: str | None = None) -> str:
        """The hash that belongs to what the entry says; "" when it says what no entry can.

        Args:
            sequence: as if it stood there; where it stands when left out.
            previous: as if it followed the entry of this hash.
            content: the hash of what it said, where that was emptied since.
        """
        at, operation, by, name, role, subject, subject_id, story, sentence, facts, salt = self.values
        try:
            return hash_of_parts(
                {
                    "previous": self.previous if previous is None else previous,
                    "provider": self.provider,
                    "sequence": self.sequence if sequence is None else sequence,
                    "at": _moment(at),
                    "operation": operation,
                    "by": _id(by),
                    "name": name,
                    "role": role,
                    "subject": subject,
                    "subject_id": _id(subject_id),
                    "story": _id(story),
                    "content": content or content_hash_of(salt, sentence, canonical_plain(json.loads(facts))),
                }
            )
        except (TypeError, ValueError, RecursionError):
            return ""


def _moment(at: Any) -> str:
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


def _id(value: str | None) -> str | None:
    if value is None or len(value) != 32:
        return value
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def entries_after(provider_id: UUID, sequence: int, upto: int | None = None) -> Iterator[Found]:
    """The entries of a provider after ``sequence``, in order, to ``upto`` or to the last. Memory stays the same.

    Each page is a statement of its own: entries are only ever added behind, so nothing need be held meanwhile.
    """
    as_text: dict[str, Any] = {name: Cast(name, TextField()) for name in ("by_id", "subject_id", "story_id", "facts")}
    # psycopg gives a moment whole, whatever form the server would write it in.
    as_text["at"] = F("at") if connection.vendor == "postgresql" else Cast("at", TextField())
    columns = [as_text.get(name, F(name)) for name in COLUMNS]
    mine = TrailEntry.objects.filter(provider_id=provider_id)
    if upto is not None:
        mine = mine.filter(sequence__lte=upto)
    provider, last = str(provider_id), sequence
    while True:
        page = mine.filter(sequence__gt=last).order_by("sequence")
        rows = list(page.values_list("sequence", "previous_hash", "hash", *columns)[:AT_ONCE])
        for found, previous, own, *values in rows:
            if not isinstance(found, int):  # SQLite takes a word for a number
                yield Found(0, previous, own, provider, tuple(values))
                return
            yield Found(found, previous, own, provider, tuple(values))
            last = found
        if len(rows) < AT_ONCE:
            return
