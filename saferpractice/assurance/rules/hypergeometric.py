"""Exact chances in a two-by-two table with fixed margins, for Fisher's test.

``drawn`` of ``size_a + size_b`` records meet the standard; X of them fall among the ``size_a`` records of the first
period. Under "no difference" X is hypergeometric. Tails are summed outward from their largest term, as in ``binomial``.
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass

from saferpractice.assurance.rules.binomial import log_choose, sum_outward

_EQUAL_WITHIN = 1e-7  # R's fisher.test takes chances within this share of the observed one as equal to it


@dataclass(frozen=True, slots=True)
class FixedMargins:
    """The table's margins: two sample sizes, and how many records of both together meet the standard."""

    size_a: int
    size_b: int
    drawn: int

    @property
    def least(self) -> int:
        """Smallest X that the margins allow."""
        return max(0, self.drawn - self.size_b)

    @property
    def most(self) -> int:
        """Largest X that the margins allow."""
        return min(self.size_a, self.drawn)

    @property
    def likeliest(self) -> int:
        """The X with the largest chance."""
        return (self.size_a + 1) * (self.drawn + 1) // (self.size_a + self.size_b + 2)

    def log_chance(self, x: int) -> float:
        """Logarithm of the chance of exactly x."""
        ways = log_choose(self.size_a, x) + log_choose(self.size_b, self.drawn - x)
        return ways - log_choose(self.size_a + self.size_b, self.drawn)

    def at_most(self, x: int) -> float:
        """Chance of x or fewer."""
        if x < self.least:
            return 0.0
        if x >= self.most:
            return 1.0
        if x * (self.size_a + self.size_b) > self.drawn * self.size_a:
            return 1.0 - self.at_least(x + 1)
        a, b, k = self.size_a, self.size_b, self.drawn
        falling = sum_outward(j * (b - k + j) / ((a - j + 1) * (k - j + 1)) for j in range(x, self.least, -1))
        return min(1.0, math.exp(self.log_chance(x)) * falling)

    def at_least(self, x: int) -> float:
        """Chance of x or more."""
        return self._mirrored().at_most(self.drawn - x)

    def central_p(self, x: int) -> float:
        """Twice the smaller tail, at most 1."""
        return min(1.0, 2 * min(self.at_most(x), self.at_least(x)))

    def fisher_p(self, x: int) -> float:
        """Two-sided p as R's ``fisher.test`` gives it: every table no more likely than the one seen."""
        seen = self.log_chance(x) + math.log1p(_EQUAL_WITHIN)
        if seen >= self.log_chance(self.likeliest):
            return 1.0
        if x > self.likeliest:
            return self._mirrored().fisher_p(self.drawn - x)
        beyond = range(self.likeliest, self.most + 1)
        far = bisect.bisect_left(beyond, -seen, key=lambda other: -self.log_chance(other))
        far_tail = self.at_least(beyond[far]) if far < len(beyond) else 0.0
        return min(1.0, self.at_most(x) + far_tail)

    def _mirrored(self) -> FixedMargins:
        return FixedMargins(self.size_b, self.size_a, self.drawn)
