"""What the operations of this stage share: who acts when a name is withheld, and access by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from saferpractice.access.decisions import Decided, decided
from saferpractice.access.models import Person
from saferpractice.incidents.models import (
    Incident,
    NamedAccess,
)
from saferpractice.trail.rules import NAME_WITHHELD, By


def who_reports(incident: Incident, by: By, at: datetime) -> dict[str, Any]:
    """The ``Decided`` columns; a reporter who asked colleagues not to know their name stays unnamed."""
    columns = decided(by, at)
    if incident.name_withheld and isinstance(by, Person) and by.pk == incident.reporter_id:
        columns |= {"decided_by": None, "decided_by_name": NAME_WITHHELD, "decided_by_role": ""}
    return columns


def give(incident: Incident, person: Person, at: datetime, *, reason: str, given_by: str) -> NamedAccess:
    """Let ``person`` into the incident by name from ``at`` on."""
    return NamedAccess.objects.create(
        incident=incident, person=person, reason=reason[:300], given_by_name=given_by, from_at=at
    )


def is_reporter(incident: Incident, by: By) -> bool:
    """Whether ``by`` reported the incident."""
    return isinstance(by, Person) and by.pk == incident.reporter_id


def says_the_same(row: Decided, said: Mapping[str, Any], who: Mapping[str, Any]) -> bool:
    """Whether ``row`` already holds what is ``said``, by the same person: the form was sent twice."""
    same = all(getattr(row, name) == value for name, value in said.items())
    return same and row.decided_by == who["decided_by"] and row.decided_by_name == who["decided_by_name"]
