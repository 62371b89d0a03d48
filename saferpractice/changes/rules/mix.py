"""How strong a provider's changes are together, beside published figures of the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from saferpractice.lists.rules import load

DATA = Path(__file__).resolve().parent.parent / "data"
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


@dataclass(frozen=True, slots=True)
class PublishedMix:
    """What others found: whole percentages by grade, of how many recommendations, and where it is written."""

    label: str
    about: str
    recommendations: int
    percents: Mapping[str, int]
    source: str
    source_url: str


@cache
def published_mixes() -> tuple[PublishedMix, ...]:
    """The published figures that ship with the product. Read once for each process."""
    return tuple(
        PublishedMix(
            label=entry.label,
            about=entry.hint,
            recommendations=int(entry.detail["recommendations"]),
            percents={grade: int(entry.detail[grade]) for grade in GRADES},
            source=entry.source.title,
            source_url=entry.source.url or "",
        )
        for entry in load(DATA / "published-strength.yml").entries
    )
