"""Who may read how practice works."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person


def can_read_pathways(person: Person, at: datetime) -> bool:
    """Whether ``person`` holds any role: how practice works is for everybody who works by it or checks it."""
    return bool(person.roles_anywhere(at))
