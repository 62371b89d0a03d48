"""The life of a version: drafted, proposed, approved by somebody else, live from a moment, replaced or retired.

Nobody types a state: it is read from what was decided, and when.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a proposal."""

    APPROVED = "approved"
    SENT_BACK = "sent-back"
    TAKEN_BACK = "taken-back"

    @property
    def label(self) -> str:
        """In a word, for a tag."""
        return {"approved": "Approved", "sent-back": "Sent back", "taken-back": "Taken back"}[self.value]
