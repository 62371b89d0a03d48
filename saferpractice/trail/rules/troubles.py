"""What can be wrong with a trail, and how it is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol


class TroubleKind(Enum):
    """What was done to a trail."""

    EDITED = "edited"
    MISSING = "missing"
    TRUNCATED = "truncated"
    MOVED = "moved"
    SLIPPED_IN = "slipped in"
    REWRITTEN = "rewritten"
    FORGED_HEAD = "forged head"
    MISSING_HEAD = "missing head"
    FORGED_STAMP = "forged time stamp"
    MISSING_STAMP = "missing time stamp"

    @property
    def of_entries(self) -> bool:
        """Whether it is about entries, and not about heads or what was said of heads."""
        return self not in {self.FORGED_HEAD, self.MISSING_HEAD, self.FORGED_STAMP, self.MISSING_STAMP}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: what, at which entries (or heads, where it is about those), and in a sentence."""

    kind: TroubleKind
    first: int
    last: int
    sentence: str


class Hashed(Protocol):
    """An entry that can be hashed as if it stood elsewhere."""

    @property
    def sequence(self) -> int:
        """Where it stands."""
        ...

    @property
    def previous(self) -> str:
        """The hash of the entry before, as it says."""
        ...

    @property
    def hash(self) -> str:
        """Its own hash, as it says."""
        ...

    @property
    def values(self) -> tuple[Any, ...]:
        """What it says: the moment first, then the operation."""
        ...

    def hashed(self, sequence: int | None = None, previous: str | None = None) -> str:
        """The hash of what it says, standing at ``sequence`` behind ``previous``."""
        ...


def span(first: int, last: int, one: str = "entry", many: str = "entries") -> str:
    """ "entry 4", "entries 4 to 6"."""
    return f"{one} {first}" if first == last else f"{many} {first} to {last}"


def named_changes(changed: Sequence[Hashed]) -> list[Trouble]:
    """Entries whose hash does not fit what they say: which of them only changed places, and which were edited.

    Whole rows may have been given each other's numbers, or their words moved while the hashes stayed. The time this
    takes grows with the square of their number.
    """
    came_from = {
        one.sequence: other.sequence
        for one in changed
        for other in changed
        if one is not other and _was_written_as(one, other)
    }
    found = []
    for one in changed:
        place, was = one.sequence, came_from.get(one.sequence)
        if was is None:
            at, operation = one.values[:2]
            words = f"entry {place} ({operation}, {at}) was changed after it was written"
            found.append(Trouble(TroubleKind.EDITED, place, place, words))
        elif came_from.get(was) != place:
            words = f"entry {place} is the one that was written as entry {was}"
            found.append(Trouble(TroubleKind.MOVED, place, place, words))
        elif place < was:
            words = f"entries {place} and {was} have changed places"
            found.append(Trouble(TroubleKind.MOVED, place, was, words))
    return found


def _was_written_as(one: Hashed, other: Hashed) -> bool:
    whole = one.hashed(sequence=other.sequence) == one.hash
    return whole or one.hashed(sequence=other.sequence, previous=other.previous) == other.hash
