"""What later stages show under each finding of a review. They register it here: this stage may not know them.

A room does so once, in its ``AppConfig.ready``::

    beside.register(lambda findings, by, at: {finding.pk: beside.Beside("similar/finding.html", {...})})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.findings.models import Finding


@dataclass(frozen=True, slots=True)
class Beside:
    """A part under a finding: its template, and what that reads as ``panel``."""

    template: str
    content: dict[str, Any]


Source = Callable[[Sequence[Finding], Person, datetime], Mapping[UUID, Beside]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let ``source`` add a part under findings; it is asked once a page, and leaves out those it has nothing for."""
    if source not in _sources:
        _sources.append(source)


def beside(findings: Sequence[Finding], *, by: Person, at: datetime) -> dict[UUID, list[Beside]]:
    """What later stages show under each of ``findings``, of incidents that ``by`` may open."""
    found: dict[UUID, list[Beside]] = {one.pk: [] for one in findings}
    for source in _sources:
        for pk, part in source(findings, by, at).items():
            found[pk].append(part)
    return found
