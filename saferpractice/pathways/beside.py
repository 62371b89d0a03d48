"""What later stages show on the pages of a draft and of the version made from it. They register it here.

A room does so once, in its ``AppConfig.ready``::

    beside.register(lambda draft, by, at: beside.Beside("changes/carried_out.html", {...}))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.pathways.models import PathwayDraft


@dataclass(frozen=True, slots=True)
class Beside:
    """A part of the page: its template, and what that reads as ``panel``."""

    template: str
    content: dict[str, Any]


Source = Callable[[PathwayDraft, Person, datetime], Beside | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let ``source`` add a part to the page of every draft and version; it may answer None."""
    if source not in _sources:
        _sources.append(source)


def beside(draft: PathwayDraft, by: Person, at: datetime) -> list[Beside]:
    """What later stages show of ``draft``, or of the version made from it, to ``by``."""
    parts = (source(draft, by, at) for source in _sources)
    return [part for part in parts if part is not None]
