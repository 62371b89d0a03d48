"""Whether records of a time were disposed of: measures count what is there, so their pages say that it is less.

A later room knows; it registers here, and this room does not know it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

Knows = Callable[[UUID, date, date], bool]
_known: list[Knows] = []


def register(knows: Knows) -> None:
    """Ask ``knows`` of a provider's days, both counted."""
    if knows not in _known:
        _known.append(knows)


def lost_rows(provider_id: UUID, first: date, last: date) -> bool:
    """Whether records that measures counted between two London days, both counted, are gone."""
    return any(knows(provider_id, first, last) for knows in _known)
