"""Reads of the trail: is the chain whole?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from saferpractice.trail.models import TrailEntry, TrailHead
from saferpractice.trail.rules import GENESIS, About, Signature, content_hash, entry_hash


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What checking one provider's chain found. ``broken_at`` is the first sequence that does not fit."""

    entries: int
    broken_at: int | None
    reason: str

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, removed or put in between."""
        return self.broken_at is None


def check_chain(provider_id: UUID) -> ChainCheck:
    """Walk one provider's trail from its first entry and recompute every hash."""
    previous, expected = GENESIS, 0
    for row in TrailEntry.objects.filter(provider_id=provider_id).order_by("sequence").iterator(chunk_size=2000):
        expected += 1
        if row.sequence != expected:
            return ChainCheck(expected - 1, expected, "an entry is missing")
        content = content_hash(salt=row.salt, sentence=row.sentence, facts=row.facts)
        again = entry_hash(
            previous=previous,
            provider_id=provider_id,
            sequence=row.sequence,
            at=row.at,
            operation=row.operation,
            signature=Signature(row.by_id, row.by_name, row.by_role),
            about=About(row.subject_type, row.subject_id, row.story_id),
            content=content,
        )
        if row.previous_hash != previous or row.hash != again:
            return ChainCheck(expected - 1, expected, "an entry was changed")
        previous = row.hash
    head = TrailHead.objects.filter(provider_id=provider_id).first()
    newest = (head.sequence, head.hash) if head is not None else (0, GENESIS)
    if newest != (expected, previous):
        return ChainCheck(expected, expected + 1, "the newest entries are missing")
    return ChainCheck(expected, None, "")
