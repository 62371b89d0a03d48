"""Entries whose words were taken away when what they told of was disposed of, and how each is still proven.

The hash of what an entry said stands in ``EmptiedEntry``; with it the entry's own hash follows from the rest. The list
of them stands as a hash in the facts of the entry about the disposal, and so under the next signed head.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from saferpractice.trail.models import EmptiedEntry, TrailEntry
from saferpractice.trail.reading import Found
from saferpractice.trail.rules import content_hash

FACT = "emptied_sha256"
"""In the facts of the entry about a disposal, with ``certificate``: the hash of the list of what it emptied."""
AT_ONCE = 1000


def digest_of(pairs: Iterable[tuple[int, str]]) -> str:
    """The hash of a list of emptied entries, each with its number and the hash of what it said, by number."""
    digest = hashlib.sha256()
    for sequence, content in pairs:
        digest.update(f"{sequence} {content}\n".encode())
    return digest.hexdigest()


def content_of(row: TrailEntry) -> str:
    """The hash of what an entry says, or said before it was emptied."""
    if not (row.salt or row.sentence or row.facts):
        kept = EmptiedEntry.objects.filter(provider_id=row.provider_id, sequence=row.sequence)
        found = kept.values_list("content", flat=True).first()
        if found is not None:
            return found
    return content_hash(salt=row.salt, sentence=row.sentence, facts=row.facts)


class Emptied:
    """What a reading of a trail finds emptied, and which certificates the entries of it name."""

    def __init__(self, provider_id: UUID) -> None:
        self.provider_id = provider_id
        self._page: dict[int, tuple[str, UUID]] = {}
        self._used: dict[UUID, list[int]] = {}
        self._named: dict[str, str] = {}

    def fits(self, entry: Found) -> bool:
        """Whether an entry says nothing any more, and its hash follows from what is kept of it."""
        sentence, facts, salt = entry.values[-3:]
        if (sentence, salt) != ("", "") or str(facts).strip() != "{}":
            return False
        kept = self._kept(entry.sequence)
        if kept is None or entry.hashed(content=kept[0]) != entry.hash:
            return False
        self._used.setdefault(kept[1], []).append(entry.sequence)
        return True

    def note(self, entry: Found) -> None:
        """Take in an entry that is as it was written: it may be the one about a disposal."""
        facts = entry.values[-2]
        if isinstance(facts, str) and FACT in facts:
            said: Any = json.loads(facts)
            if isinstance(said, dict):
                self._named[str(said.get("certificate"))] = str(said.get(FACT))

    def unaccounted(self) -> Iterator[int]:
        """The numbers of emptied entries that no entry of the trail accounts for, once all were read."""
        for certificate, sequences in self._used.items():
            kept = EmptiedEntry.objects.filter(provider_id=self.provider_id, certificate_id=certificate)
            pairs = kept.order_by("sequence").values_list("sequence", "content").iterator(chunk_size=AT_ONCE)
            if self._named.get(str(certificate)) != digest_of(pairs):
                yield from sequences

    def _kept(self, sequence: int) -> tuple[str, UUID] | None:
        if sequence not in self._page:
            kept = EmptiedEntry.objects.filter(provider_id=self.provider_id, sequence__gte=sequence)
            rows = kept.order_by("sequence").values_list("sequence", "content", "certificate_id")[:AT_ONCE]
            self._page = {number: (content, certificate) for number, content, certificate in rows}
        return self._page.get(sequence)
