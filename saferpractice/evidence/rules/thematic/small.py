"""Small numbers: a table of people that nobody can be picked out of, also by subtraction.

The national rule for safeguarding data: counts under five, none included, are not shown and the rest are rounded to
five. On top of it a second cell is hidden where one alone could be worked out, and what is published is read back the
way somebody would who knows this rule and the true total: where a hidden count can then be narrowed to fewer than
three values, more is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.evidence.rules.disclosure.flows import Line, possible

HIDE_BELOW = 5
ROUND_TO = 5
FEWEST_PEOPLE = 20
"""Below so many people in all, no group is shown."""
FEWEST_VALUES = 3
"""So many values a hidden count must be able to have, for all that is published."""


class Guard(StrEnum):
    """How a count is shown."""

    ROUNDED = "rounded"
    FEW = "few"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A count as everybody may read it. ``value`` is the rounded count, 0 for one that is not shown."""

    guard: Guard
    value: int = 0

    @property
    def words(self) -> str:
        """As a cell shows it."""
        if self.guard is Guard.ROUNDED:
            return f"about {self.value}"
        return f"fewer than {HIDE_BELOW}" if self.guard is Guard.FEW else "not shown"

    @property
    def least(self) -> int:
        """The smallest count it can stand for."""
        return max(HIDE_BELOW, self.value - ROUND_TO // 2) if self.guard is Guard.ROUNDED else 0

    def most(self, total: int) -> int:
        """The largest count it can stand for, in a table of ``total``."""
        if self.guard is Guard.ROUNDED:
            return min(total, self.value + ROUND_TO // 2)
        return min(total, HIDE_BELOW - 1) if self.guard is Guard.FEW else total


HIDDEN = Guarded(Guard.HIDDEN)
FEW = Guarded(Guard.FEW)


def guarded(count: int) -> Guarded:
    """One count that stands alone, in no table whose total anybody knows.

    Raises:
        ValueError: a count below zero.
    """
    if count < 0:
        raise ValueError("a count cannot be below zero")
    return FEW if count < HIDE_BELOW else Guarded(Guard.ROUNDED, (count + ROUND_TO // 2) // ROUND_TO * ROUND_TO)


def guard_groups(counts: Sequence[int]) -> tuple[Guarded, ...]:
    """The counts of groups that make up a total which everybody knows, each in one group.

    Where one small count needs another hidden beside it, both say "not shown": which of them is small is then part of
    what is kept back. Nothing is shown where anything less would give somebody away. Each choice hangs on published
    values alone, so that the choice itself gives nothing away.
    """
    total, shown = sum(counts), [guarded(count) for count in counts]
    if total < FEWEST_PEOPLE:
        return tuple(HIDDEN for _ in counts)
    hidden = [place for place, one in enumerate(shown) if one == FEW]
    if not hidden or (len(hidden) > 1 and not _can_be_worked_out(shown, counts)):
        return tuple(shown)
    if len(hidden) == 1:
        least = min((one.value for one in shown if one != FEW), default=0)
        hidden += [place for place, one in enumerate(shown) if one != FEW and one.value == least]
    shown = [HIDDEN if place in hidden else one for place, one in enumerate(shown)]
    return tuple(HIDDEN for _ in counts) if _can_be_worked_out(shown, counts) else tuple(shown)


def _can_be_worked_out(shown: Sequence[Guarded], counts: Sequence[int]) -> bool:
    """Whether a hidden count can be narrowed too far by what is published and the total."""
    total = sum(counts)
    lines = [Line("all", "groups", total, total, total)]
    for count, one in zip(counts, shown, strict=True):
        lines.append(Line("groups", "all", count, one.least, one.most(total)))
    for which, one in enumerate(shown, start=1):
        low, high = possible(lines, which)
        if one.guard is not Guard.ROUNDED and high - low + 1 < FEWEST_VALUES:
            return True
    return False
