"""What later stages show on the page of a change. They register it here: this stage may not know them.

A room does so once, in its ``AppConfig.ready``::

    beside.register(lambda change, by, at: beside.Beside("assurance/panel.html", {...}))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.changes.models import OperationalChange


@dataclass(frozen=True, slots=True)
class Beside:
    """A part of the page of a change: its template, and what that reads as ``panel``."""

    template: str
    content: dict[str, Any]


Source = Callable[[OperationalChange, Person, datetime], Beside | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let ``source`` add a part to the page of every change; it is asked for each page, and may answer None."""
    if source not in _sources:
        _sources.append(source)


def beside(change: OperationalChange, by: Person, at: datetime) -> list[Beside]:
    """What later stages show of ``change`` to ``by``."""
    parts = (source(change, by, at) for source in _sources)
    return [part for part in parts if part is not None]
