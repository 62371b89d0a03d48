"""Reads of the trail: is the chain whole?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from saferpractice.trail.emptied import content_of
from saferpractice.trail.models import Seal, TrailEntry, TrailHead, Verification
from saferpractice.trail.rules import GENESIS, About, Signature, entry_hash


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
        again = entry_hash(
            previous=previous,
            provider_id=provider_id,
            sequence=row.sequence,
            at=row.at,
            operation=row.operation,
            signature=Signature(row.by_id, row.by_name, row.by_role),
            about=About(row.subject_type, row.subject_id, row.story_id),
            content=content_of(row),
        )
        if row.previous_hash != previous or row.hash != again:
            return ChainCheck(expected - 1, expected, "an entry was changed")
        previous = row.hash
    head = TrailHead.objects.filter(provider_id=provider_id).first()
    newest = (head.sequence, head.hash) if head is not None else (0, GENESIS)
    if newest != (expected, previous):
        return ChainCheck(expected, expected + 1, "the newest entries are missing")
    return ChainCheck(expected, None, "")


@dataclass(frozen=True, slots=True)
class TrailState:
    """How one provider's trail stands.

    Attributes:
        seal: the newest signed head; None when nothing was signed yet.
        first_unsealed: the oldest entry that is under no head; None when all are.
        verified: the newest time it was verified; None when it never was.
    """

    seal: Seal | None
    first_unsealed: TrailEntry | None
    verified: Verification | None


def state_of(provider_id: UUID) -> TrailState:
    """How a provider's trail stands. Verifies nothing: it reads what the worker and whoever verified wrote."""
    seal = Seal.objects.filter(provider_id=provider_id).order_by("-number").first()
    newer = TrailEntry.objects.filter(provider_id=provider_id, sequence__gt=seal.size if seal is not None else 0)
    return TrailState(
        seal=seal,
        first_unsealed=newer.order_by("sequence").first(),
        verified=Verification.objects.filter(provider_id=provider_id).order_by("-at", "-pk").first(),
    )
