"""Who is affected by an incident and its review."""

from __future__ import annotations

from enum import StrEnum


class Affected(StrEnum):
    """Somebody affected, to be met with compassion, asked what they want answered, and told the outcome."""

    PERSON = "person"
    FAMILY = "family"
    STAFF = "staff"

    @property
    def label(self) -> str:
        """Who, in words."""
        return {"person": "The person supported", "family": "Family or carers", "staff": "Staff"}[self.value]
