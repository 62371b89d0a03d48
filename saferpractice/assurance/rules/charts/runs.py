"""Run rules for charts without two-sided limits: is there a signal in how the points lie about the centre line?

Source: Anhøj and Olesen 2014, Anhøj 2015, as qicharts2 0.8.1 computes them. Points on the centre line do not count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise


@dataclass(frozen=True, slots=True)
class Runs:
    """How the points lie about the centre line. ``useful`` of ``points`` lie off it.

    There is a signal when the longest run is longer than ``longest_expected`` or the line is crossed less often than
    ``crossings_expected``. With fewer than ten useful points there is no telling.
    """

    points: int
    useful: int
    longest: int
    longest_expected: int
    crossings: int
    crossings_expected: int

    @property
    def is_signal(self) -> bool:
        """Whether the points lie otherwise than chance would have them."""
        return self.longest > self.longest_expected or self.crossings < self.crossings_expected


def runs_about(centre: float, values: Sequence[float]) -> Runs:
    """The runs of ``values`` about ``centre``."""
    sides = [value > centre for value in values if value != centre]
    useful = len(sides)
    return Runs(
        points=len(values),
        useful=useful,
        longest=max((len(list(run)) for _, run in groupby(sides)), default=0),
        longest_expected=round(math.log2(useful)) + 3 if useful else 0,
        crossings=sum(one != other for one, other in pairwise(sides)),
        crossings_expected=fewest_crossings(useful),
    )


def fewest_crossings(useful: int) -> int:
    """The 5% quantile of Binomial(``useful`` - 1, 1/2): fewer crossings are a signal. Whole numbers throughout."""
    steps = useful - 1
    if steps < 1:
        return 0
    tail, k = 1, 0
    while 20 * tail < 2**steps:
        k += 1
        tail += math.comb(steps, k)
    return k


def too_long(centre: float, values: Sequence[float]) -> list[int]:
    """The side (+1, -1) of each point that lies in a run longer than chance would have it; else 0.

    Points on the centre line neither belong to a run nor end it.
    """
    expected = runs_about(centre, values).longest_expected
    sides = [(value > centre) - (value < centre) for value in values]
    off = [i for i, side in enumerate(sides) if side]
    found = [0] * len(sides)
    for side, run in groupby(off, key=sides.__getitem__):
        mine = list(run)
        if len(mine) > expected:
            for i in mine:
                found[i] = side
    return found
