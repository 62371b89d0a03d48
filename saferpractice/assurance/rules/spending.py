"""Looks that are few and even: boundaries that spend the error as O'Brien and Fleming do (Lan and DeMets 1983).

The plans of this product use the rule of Haybittle and Peto, which one sentence explains. These boundaries are the
alternative for a few even looks, and what others' trials report. Found by integrating from look to look (Armitage,
McPherson and Rowe 1969). Reference: the multivariate normal distribution of R's mvtnorm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

from saferpractice.assurance.rules.distributions import normal_two_sided

MOST_LOOKS = 50
_STEPS = 240
_FARTHEST = 9.0
"""So many standard deviations out nothing is left that counts."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """At one look: the error spent by then, and how far out a result must be, as z and as p."""

    spent: float
    z: float
    p: float


def boundaries(looks: int, *, alpha: float = 0.05, times: Sequence[float] | None = None) -> tuple[Boundary, ...]:
    """The two-sided boundaries of ``looks`` looks.

    Args:
        times: which share of all information each look has, ascending to 1; evenly spaced if not said.

    Raises:
        ValueError: no look, too many, a level outside 0 to 1, or times that do not ascend to 1.
    """
    if not 1 <= looks <= MOST_LOOKS:
        raise ValueError(f"Plan 1 to {MOST_LOOKS} looks.")
    if not 0 < alpha < 1:
        raise ValueError(f"The level must lie between 0 and 1, not {alpha}.")
    at = [(k + 1) / looks for k in range(looks)] if times is None else [float(time) for time in times]
    if len(at) != looks or at[0] <= 0 or at[-1] > 1 or any(one >= other for one, other in pairwise(at)):
        raise ValueError("Each look has more of the information than the one before, up to all of it.")
    spent = [spent_by(time, alpha) for time in at]
    found: list[Boundary] = []
    inside: list[tuple[float, float]] = []
    for k, time in enumerate(at):
        before, since = (at[k - 1], spent[k - 1]) if k else (0.0, 0.0)
        step = math.sqrt(time - before)
        z = _boundary(inside or [(0.0, 1.0)], step, math.sqrt(time), spent[k] - since)
        found.append(Boundary(spent[k], z, normal_two_sided(z)))
        inside = _carried(inside or [(0.0, 1.0)], step, min(z, _FARTHEST) * math.sqrt(time))
    return tuple(found)


def spent_by(time: float, alpha: float) -> float:
    """The two-sided error spent when ``time`` of all information is there: half on each side."""
    return 2 * normal_two_sided(NormalDist().inv_cdf(1 - alpha / 4) / math.sqrt(time))


def _boundary(inside: list[tuple[float, float]], step: float, scale: float, error: float) -> float:
    """How far out the boundary lies that is first crossed here with chance ``error``."""
    low, high = 0.0, 40.0
    while high - low > 1e-10:
        middle = (low + high) / 2
        edge = middle * scale
        crossed = math.fsum(weight * _outside(edge, at, step) for at, weight in inside)
        low, high = (middle, high) if crossed > error else (low, middle)
    return (low + high) / 2


def _outside(edge: float, at: float, step: float) -> float:
    """Chance to be beyond an edge on either side, one normal step on from a place."""
    scale = step * math.sqrt(2)
    return (math.erfc((edge - at) / scale) + math.erfc((edge + at) / scale)) / 2


def _carried(inside: list[tuple[float, float]], step: float, edge: float) -> list[tuple[float, float]]:
    """The chances of each place between the boundaries after one more look, as points with weights (Simpson's rule)."""
    width = 2 * edge / _STEPS
    peak = 1 / (step * math.sqrt(2 * math.pi))
    found = []
    for i in range(_STEPS + 1):
        at = -edge + i * width
        density = peak * math.fsum(weight * math.exp(-0.5 * ((at - was) / step) ** 2) for was, weight in inside)
        share = 1 if i in (0, _STEPS) else 4 if i % 2 else 2
        found.append((at, density * share * width / 3))
    return found
