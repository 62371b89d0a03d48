"""Pure rules of the tracker: its filters, and what an address may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID


class Which(StrEnum):
    """Which obligations a list shows."""

    OPEN = "open"
    LATE = "late"
    WEEK = "week"
    MET = "met"
    CANCELLED = "cancelled"
    ALL = "all"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "open": "Open, late first",
            "late": "Late",
            "week": "Due in the next 7 days",
            "met": "Done",
            "cancelled": "No longer needed",
            "all": "Everything",
        }[self.value]


class Sort(StrEnum):
    """The order of the list."""

    DUE = "due"
    DUE_LAST = "-due"
    NEWEST = "-opened"

    @property
    def label(self) -> str:
        """In words."""
        return {"due": "Due first", "-due": "Due last", "-opened": "Newest first"}[self.value]


class Sphere(StrEnum):
    """What kind of thing is tracked. Each covers the kinds of obligation whose name begins with one of ``starts``."""

    DECISIONS = "decisions"
    DOCUMENTS = "documents"
    ACTIONS = "actions"
    CHANGES = "changes"
    CHECKS = "checks"
    PATHWAYS = "pathways"
    SUPERVISION = "supervision"

    @property
    def label(self) -> str:
        """In words."""
        return {
            "decisions": "Decisions and who to tell",
            "documents": "Reviews and documents",
            "actions": "Actions and evidence",
            "changes": "Changes and rollout proof",
            "checks": "Checks of impact",
            "pathways": "Pathways",
            "supervision": "Supervision",
        }[self.value]

    @property
    def starts(self) -> tuple[str, ...]:
        """The beginnings of the kinds it covers."""
        return {
            "decisions": ("triage.",),
            "documents": ("reviews.",),
            "actions": ("changes.action", "changes.accept_evidence"),
            "changes": ("findings.", "changes.go_live", "changes.proof"),
            "checks": ("assurance.",),
            "pathways": ("pathways.",),
            "supervision": ("supervision.",),
        }[self.value]

    def holds(self, kind: str) -> bool:
        """Whether an obligation of ``kind`` belongs to it."""
        return kind.startswith(self.starts)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of a list ends: the sort moment and the id of its last row."""

    moment: datetime
    id: UUID

    def text(self) -> str:
        """The cursor as it stands in an address."""
        return f"{self.moment.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor of an address, or None when somebody changed it into something else."""
        moment, _, row = text.partition("~")
        try:
            parsed = datetime.fromisoformat(moment)
            return cls(parsed.astimezone(UTC), UUID(row)) if parsed.tzinfo is not None else None
        except (ValueError, OverflowError):  # the first and last day of all time have no moment in UTC everywhere
            return None
