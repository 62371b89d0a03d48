"""Two versions of a document side by side: what differs, where that can be read, and their facts where it cannot."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 200_000
"""Characters of one version. Longer texts are shown by their facts only: comparing them would hold up the page."""
MOST_LINES = 2_000
"""Lines of one version, for the same reason."""
AROUND = 3
"""Unchanged lines shown around a difference."""


class LineKind(StrEnum):
    """What became of a line between the old version and the new."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison; a skipped line stands for unchanged ones, and its text says how many."""

    kind: LineKind
    text: str


def comparable(text: str) -> bool:
    """Whether a text is short enough to compare on a page."""
    return len(text) <= LONGEST and text.count("\n") <= MOST_LINES


def compare(old: str, new: str) -> tuple[Line, ...]:
    """The new version against the old, line by line; long unchanged stretches are skipped over.

    Taking the kept and added lines gives the new version, the kept and removed ones the old (save what is skipped).
    An unchanged text gives no lines.
    """
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return ()
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(a=before, b=after)  # its own treatment of frequent lines bounds the work
    blocks = matcher.get_opcodes()
    for number, (tag, a1, a2, b1, b2) in enumerate(blocks):
        if tag == "equal":
            found += _kept(before[a1:a2], first=number == 0, last=number == len(blocks) - 1)
            continue
        found += [Line(LineKind.REMOVED, text) for text in before[a1:a2]]
        found += [Line(LineKind.ADDED, text) for text in after[b1:b2]]
    return tuple(found)


def _kept(lines: list[str], *, first: bool, last: bool) -> list[Line]:
    """The unchanged lines next to a difference, with what lies between them skipped over."""
    head = 0 if first else AROUND
    tail = 0 if last else AROUND
    if len(lines) <= head + tail + 1:
        return [Line(LineKind.KEPT, text) for text in lines]
    skipped = len(lines) - head - tail
    return [
        *(Line(LineKind.KEPT, text) for text in lines[:head]),
        Line(LineKind.SKIPPED, f"{skipped} lines are the same"),
        *(Line(LineKind.KEPT, text) for text in lines[len(lines) - tail :] if tail),
    ]
