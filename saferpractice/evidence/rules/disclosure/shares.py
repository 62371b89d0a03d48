"""Shares made of published numbers: a function of what everybody may read already, so that they give nothing away."""

from __future__ import annotations

from dataclasses import dataclass

from saferpractice.evidence.rules.thematic.small import ROUND_TO, Guard, Guarded

NOT_PUBLISHED = "[c]"
"""As the national tables mark a number that is held back."""


def as_cell(one: Guarded) -> str:
    """A guarded number as a cell shows it."""
    return f"{one.value:,}" if one.guard is Guard.ROUNDED else NOT_PUBLISHED


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``out_of``, both as everybody may read them. There is no share where either is hidden."""

    count: Guarded
    out_of: Guarded

    @property
    def published(self) -> bool:
        """Whether both numbers are on show."""
        return self.count.guard is Guard.ROUNDED and self.out_of.guard is Guard.ROUNDED

    @property
    def per_cent(self) -> int | None:
        """In whole per cent, half up, of the rounded numbers; None where it is held back."""
        if not self.published:
            return None
        return (200 * self.count.value + self.out_of.value) // (2 * self.out_of.value)

    @property
    def least(self) -> float:
        """The smallest share that the rounded numbers leave open, 0 to 1."""
        return self.count.least / (self.out_of.value + ROUND_TO // 2) if self.published else 0.0

    @property
    def most(self) -> float:
        """The largest share that they leave open."""
        return min(1.0, (self.count.value + ROUND_TO // 2) / self.out_of.least) if self.published else 1.0

    @property
    def words(self) -> str:
        """As a cell shows it."""
        return NOT_PUBLISHED if self.per_cent is None else f"about {self.per_cent}%"
