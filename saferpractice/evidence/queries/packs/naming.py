"""Who signed a row, what a code of a list means, and words somebody typed, as facts of a pack."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from saferpractice.access.decisions import Decided
from saferpractice.access.models import RoleAssignment
from saferpractice.access.rules import Role
from saferpractice.config.models import Row
from saferpractice.evidence.rules.packs.document import Source
from saferpractice.evidence.rules.packs.facts import Said, Staff
from saferpractice.lists.queries import labels_of
from saferpractice.trail.rules import NAME_WITHHELD, Process

SOFTWARE = "The software"


def staff(row: Decided) -> Staff:
    """Whoever signed a row, as they were then."""
    if row.decided_by_name == NAME_WITHHELD:
        return Staff(NAME_WITHHELD, NAME_WITHHELD)
    by_software = row.decided_by_role in {"", Process("").signature(row.decided_at).role}
    return Staff(row.decided_by_name, SOFTWARE if by_software else row.decided_by_role)


def said(row: Row, part: str, source: Source) -> Said | None:
    """What somebody typed into the column ``part`` of a row; None where it is blank."""
    text = str(getattr(row, part)).strip()
    return Said(source=source, record=str(row.pk), part=part, text=text) if text else None


class Labels:
    """What the codes of the lists mean to a provider, each list read once, when it is first asked for."""

    def __init__(self, provider_id: UUID) -> None:
        self.provider_id = provider_id
        self._kept: dict[str, dict[str, str]] = {}

    def of(self, list_code: str, code: str) -> str:
        """The label of ``code``; the code itself where nobody knows it."""
        if list_code not in self._kept:
            self._kept[list_code] = labels_of(list_code, provider_id=self.provider_id)
        return self._kept[list_code].get(code, code)


class Roles:
    """The roles people hold, read once for all of them."""

    def __init__(self, provider_id: UUID, at: datetime) -> None:
        self.provider_id, self.at = provider_id, at

    @cached_property
    def _held(self) -> dict[UUID, set[str]]:
        found: dict[UUID, set[str]] = {}
        for person, role in self._rows():
            found.setdefault(person, set()).add(role)
        return found

    def _rows(self) -> Iterable[Any]:
        current = RoleAssignment.objects.filter(provider_id=self.provider_id).current(self.at)
        return current.values_list("person_id", "role")

    def of(self, person_id: UUID) -> str:
        """The roles of a person now, in words."""
        held = self._held.get(person_id, set())
        return ", ".join(role.label for role in Role if role in held) or "No role now"
