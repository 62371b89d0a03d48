"""How strong a provider's changes are together, beside published figures of the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GRADES = ("stronger", "intermediate", "weaker")
"""The published hierarchy of action effectiveness, strongest first."""

FEWEST = 10
"""Fewer changes than this are shown as counts only: a percentage of three says nothing."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How many changes are of each grade."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many changes there are."""
        return sum(self.counts.values())

    @property
    def can_compare(self) -> bool:
        """Whether there are enough to set percentages beside the published ones."""
        return self.total >= FEWEST

    def percent(self, grade: str) -> int | None:
        """The share of a grade as a whole percentage (halves round up); None with too few changes to say."""
        return (200 * self.counts[grade] + self.total) // (2 * self.total) if self.can_compare else None


def mix_of(strengths: Iterable[str]) -> Mix:
    """Count changes by their grade.

    Raises:
        ValueError: a strength that is no grade of the hierarchy.
    """
    counts = dict.fromkeys(GRADES, 0)
    for strength in strengths:
        if strength not in counts:
            raise ValueError(f"{strength!r} is not a grade of the hierarchy")
        counts[strength] += 1
    return Mix(counts)
