"""Which conditions come up most: the Pareto of findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class ParetoRow:
    """One condition: how many findings, its share of all, and the share of it and all before it. Shares are exact."""

    code: str
    count: int
    share: Fraction
    cumulative: Fraction


def pareto(counts: Mapping[str, int]) -> tuple[ParetoRow, ...]:
    """The conditions with findings, most first; those with as many in the order of their codes.

    Raises:
        ValueError: a count below zero.
    """
    below = [code for code, count in counts.items() if count < 0]
    if below:
        raise ValueError(f"a count cannot be below zero: {', '.join(sorted(below))}")
    total = sum(counts.values())
    rows: list[ParetoRow] = []
    so_far = 0
    for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if count:
            so_far += count
            rows.append(ParetoRow(code, count, Fraction(count, total), Fraction(so_far, total)))
    return tuple(rows)
