"""What can become of a row, and where an import stands: derived from its rows, never typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class LineState(StrEnum):
    """What became of one row of a file."""

    IMPORTED = "imported"
    ALREADY = "already"
    HELD = "held"
    LEFT_OUT = "left_out"
    WITHDRAWN = "withdrawn"
    STAYS = "stays"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "imported": "Imported",
            "already": "Already here",
            "held": "Held back",
            "left_out": "Left out",
            "withdrawn": "Taken back",
            "stays": "Stays",
        }[self.value]


class BatchState(StrEnum):
    """Where an import stands."""

    WORKING = "working"
    DONE = "done"
    HOLDS = "holds"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "working": "Importing",
            "done": "Done",
            "holds": "Rows held back",
            "stopped": "Stopped",
            "undoing": "Being undone",
            "undone": "Undone",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an import stands, with how many rows of ``rows`` are in each state."""

    rows: int
    counts: Mapping[LineState, int]
    state: BatchState

    @property
    def looked_at(self) -> int:
        """How many rows have been looked at."""
        return sum(self.counts.values())

    @property
    def at_work(self) -> bool:
        """Whether rows are being worked through."""
        return self.state in {BatchState.WORKING, BatchState.UNDOING}

    @property
    def progress(self) -> tuple[int, int]:
        """How many rows are done, and of how many: rows looked at, or incidents taken back."""
        if self.state is not BatchState.UNDOING:
            return self.looked_at, self.rows
        done = self.count(LineState.WITHDRAWN) + self.count(LineState.STAYS)
        return done, done + self.count(LineState.IMPORTED)

    def count(self, state: LineState) -> int:
        """How many rows are in ``state``."""
        return self.counts.get(state, 0)


def standing_of(*, rows: int, counts: Mapping[str, int], undone: bool, stopped: bool = False) -> Standing:
    """Where an import of ``rows`` rows stands, from what became of its rows so far.

    ``undone``: somebody decided to undo it. ``stopped``: no more rows of it can be done.
    """
    known = {LineState(state): count for state, count in counts.items()}
    looked_at = sum(known.values())
    if undone:
        state = BatchState.UNDOING if known.get(LineState.IMPORTED) else BatchState.UNDONE
    elif looked_at < rows:
        state = BatchState.STOPPED if stopped else BatchState.WORKING
    else:
        state = BatchState.HOLDS if known.get(LineState.HELD) else BatchState.DONE
    return Standing(rows, known, state)


WORK = {
    "incidents": "the report was added to",
    "triage": "it was triaged",
    "reviews": "its review has begun",
    "findings": "findings were recorded",
    "changes": "a change or tracked action was recorded",
    "assurance": "an impact check was planned or made",
    "evidence": "evidence was gathered on it",
}
"""The room of an operation, and what was done, told without names."""


def work_words(operations: list[str]) -> str:
    """Why an incident stays, from the operations done on it after the import: "it was triaged and …"."""
    rooms = dict.fromkeys(name.split(".")[0] for name in operations)
    said = [WORK.get(room, "somebody has worked on it") for room in rooms]
    said = list(dict.fromkeys(said))
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
