"""Providers beside each other without a league table: a funnel plot (Spiegelhalter, Statistics in Medicine 2005).

Each provider is a point by how many it counts and its share. The limits say how far chance alone takes a share of so
many away from the share of all of them together: 95% and 99.8% of such shares, by exact binomial chances, interpolated
so that the limits are smooth. Nothing is said of a provider's place among the others.

Where the shares lie further apart than chance explains (overdispersion), the limits are too narrow for them. Then that
is said, and no limit is widened: of the few that somebody commissions, one that differs would hide itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.assurance.rules.binomial import chance_at_most
from saferpractice.evidence.rules.disclosure.shares import Share

NEAR, FAR = 0.95, 0.998
FEWEST = 2
"""So many providers with published numbers are needed: one alone is its own middle."""
WINSORISED = 0.1
"""Such a part at each end is drawn in to the next one, so that what lies furthest out is not taken for all."""


class Lies(StrEnum):
    """Where a point lies, for every share that rounding leaves open."""

    WITHIN = "Within what chance explains"
    BEYOND_NEAR = "Beyond the 95% limits"
    BEYOND_FAR = "Beyond the 99.8% limits"


@dataclass(frozen=True, slots=True)
class Point:
    """A provider whose share is published, and where it lies."""

    name: str
    share: Share
    lies: Lies


@dataclass(frozen=True, slots=True)
class Funnel:
    """The points in the order of their names, the share of all of them, and whose numbers are held back."""

    centre: float
    points: tuple[Point, ...]
    held_back: tuple[str, ...]

    @property
    def too_narrow(self) -> bool:
        """Whether the shares lie further apart than chance explains, however they were rounded: then the limits,
        which know of chance alone, are too narrow for them."""
        many = len(self.points)
        return dispersion([one.share for one in self.points], self.centre) > 1 + 2 * math.sqrt(2 / many)

    def limits(self, out_of: int, level: float) -> tuple[float, float]:
        """The lower and the upper limit for a share of ``out_of``, 0 to 1."""
        return limits(self.centre, out_of, level)


def funnel(shares: Mapping[str, Share]) -> Funnel | None:
    """The funnel of providers by name; None where too few have published numbers."""
    shown = {name: share for name, share in sorted(shares.items()) if share.published}
    if len(shown) < FEWEST:
        return None
    centre = sum(one.count.value for one in shown.values()) / sum(one.out_of.value for one in shown.values())
    points = tuple(Point(name, share, _lies(share, centre)) for name, share in shown.items())
    return Funnel(centre, points, tuple(sorted(set(shares) - set(shown))))


def _lies(share: Share, centre: float) -> Lies:
    for level, lies in ((FAR, Lies.BEYOND_FAR), (NEAR, Lies.BEYOND_NEAR)):
        low, high = limits(centre, share.out_of.value, level)
        if share.most < low or share.least > high:
            return lies
    return Lies.WITHIN


def dispersion(shares: Sequence[Share], centre: float) -> float:
    """How far shares lie from ``centre``, as a multiple of what chance explains: about 1 where it explains all.

    The mean square of the standard scores (Spiegelhalter 2005, on the arcsine scale, Winsorised), each of the share
    nearest to the centre that rounding leaves open.
    """
    if not shares or centre <= 0 or centre >= 1:
        return 0.0
    scores = []
    for one in shares:
        nearest = min(max(centre, one.least), one.most)
        scores.append(2 * math.sqrt(one.out_of.value) * (math.asin(math.sqrt(nearest)) - math.asin(math.sqrt(centre))))
    scores.sort()
    end = int(WINSORISED * len(scores))
    drawn_in = [min(max(one, scores[end]), scores[-1 - end]) for one in scores]
    return sum(one * one for one in drawn_in) / len(scores)


def limits(centre: float, out_of: int, level: float) -> tuple[float, float]:
    """Between which shares of ``out_of`` lie so many by chance, where the share of all is ``centre``.

    Where everybody meets it, or nobody does, chance takes no share away from that.
    """
    if centre <= 0 or centre >= 1:
        return centre, centre
    tail, odds = (1 - level) / 2, math.log(centre / (1 - centre))
    return _quantile(tail, out_of, odds), _quantile(1 - tail, out_of, odds)


def _quantile(chance: float, out_of: int, odds: float) -> float:
    """The share up to which lies ``chance``, between the two counts that hold it (Spiegelhalter's interpolation)."""
    low, high = -1, out_of
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance_at_most(middle, out_of, odds) < chance else (low, middle)
    upto, before = chance_at_most(high, out_of, odds), chance_at_most(high - 1, out_of, odds)
    step = (upto - chance) / (upto - before) if upto > before else 0.0
    return min(1.0, max(0.0, (high - step) / out_of))


def counts_drawn(points: Sequence[Point], many: int = 40) -> list[int]:
    """The counts at which the limits are drawn: evenly, from the fewest that are published to past the largest."""
    most = max(point.share.out_of.value for point in points)
    last = math.ceil(most * 1.1)
    return sorted({max(5, round(5 + (last - 5) * step / (many - 1))) for step in range(many)})
