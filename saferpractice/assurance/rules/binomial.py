"""Exact tails of the binomial, and the shares that fit a count (Clopper and Pearson, 1934).

Everything is written in log odds, so that a share of one in ten million keeps its precision and one minus
the share never has to be taken. A tail is summed outward from its largest term until further terms no longer
count: the work grows with the square root of the number of trials, not with the number itself.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterable

MOST_TRIALS = 10_000_000
_NO_LONGER_COUNTS = 1e-17
_WIDEST_LOG_ODDS = 100.0
_EQUAL_WITHIN = 1e-7  # R takes chances within this share of the one seen as equal to it


def log_choose(n: int, k: int) -> float:
    """Logarithm of the number of ways to choose k out of n; good to about nine digits of the number at n = 10^6."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def sum_outward(ratios: Iterable[float]) -> float:
    """Sum of a falling series as a multiple of its first term, given the ratio of each next term to the one before."""
    total = term = 1.0
    for ratio in ratios:
        term *= ratio
        total += term
        if term < total * _NO_LONGER_COUNTS:
            break
    return total


def share_of(log_odds: float) -> float:
    """The share (0 to 1) that has these log odds."""
    return math.exp(-_softplus(-log_odds))


def _softplus(x: float) -> float:
    """log(1 + e^x) without overflow: minus the log of one minus the share whose log odds are x."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def point_chance(k: int, n: int, log_odds: float) -> float:
    """Chance of exactly k in n."""
    return math.exp(log_choose(n, k) - k * _softplus(-log_odds) - (n - k) * _softplus(log_odds))


def chance_at_most(k: int, n: int, log_odds: float) -> float:
    """Chance of k or fewer in n."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if k > n * share_of(log_odds):
        return 1.0 - _sum_up(k + 1, n, log_odds)
    return _sum_down(k, n, log_odds)


def chance_at_least(k: int, n: int, log_odds: float) -> float:
    """Chance of k or more in n: the mirror of ``chance_at_most``, so that a small tail is never 1 minus a large one."""
    return chance_at_most(n - k, n, -log_odds)


def _sum_down(k: int, n: int, log_odds: float) -> float:
    against = math.exp(-log_odds)
    return min(1.0, point_chance(k, n, log_odds) * sum_outward(j / (n - j + 1) * against for j in range(k, 0, -1)))


def _sum_up(k: int, n: int, log_odds: float) -> float:
    return _sum_down(n - k, n, -log_odds)


def central_p(k: int, n: int, log_odds: float) -> float:
    """Two-sided p: twice the smaller tail, at most 1.

    Central, not minimum-likelihood: it is the p that agrees with the Clopper-Pearson interval. The other kind
    can be below 0.05 while the interval still holds the value tested.
    """
    return min(1.0, 2 * min(chance_at_most(k, n, log_odds), chance_at_least(k, n, log_odds)))


def mid_p(k: int, n: int, log_odds: float) -> float:
    """Two-sided central p with half the chance of the result itself: a sensitivity check, never the verdict."""
    half = point_chance(k, n, log_odds) / 2
    fewer, more = chance_at_most(k - 1, n, log_odds), chance_at_least(k + 1, n, log_odds)
    return min(1.0, 2 * (half + min(fewer, more)))


def likelihood_p(k: int, n: int, log_odds: float) -> float:
    """Two-sided p of every count that is no likelier than the one seen, as R's ``poisson.test`` and ``binom.test`` say.

    It can be below 0.05 while the interval holds the value tested: it is given for comparison, never for a verdict.
    """
    mean = n * share_of(log_odds)
    if abs(k - mean) <= 1e-12 * n:
        return 1.0
    if k > mean:
        return likelihood_p(n - k, n, -log_odds)
    seen = point_chance(k, n, log_odds) * (1 + _EQUAL_WITHIN)
    beyond = range(math.ceil(mean - 1e-12 * n), n + 1)
    far = bisect.bisect_left(beyond, -seen, key=lambda other: -point_chance(other, n, log_odds))
    far_tail = chance_at_least(beyond[far], n, log_odds) if far < len(beyond) else 0.0
    return min(1.0, chance_at_most(k, n, log_odds) + far_tail)


def log_odds_limits(k: int, n: int, alpha: float, *, mid: bool = False) -> tuple[float, float]:
    """Both ends of the 1 - alpha interval for the log odds of a share, seen k in n.

    Clopper-Pearson, or its mid-p form. The ends are minus and plus infinity where k is 0 or n.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"The level must lie between 0 and 1, not {alpha}.")

    def less(odds: float) -> float:
        chance = chance_at_most(k, n, odds)
        return chance - point_chance(k, n, odds) / 2 if mid else chance

    def more(odds: float) -> float:
        chance = chance_at_least(k, n, odds)
        return chance - point_chance(k, n, odds) / 2 if mid else chance

    low = -math.inf if k == 0 else _where(more, alpha / 2, rising=True)
    high = math.inf if k == n else _where(less, alpha / 2, rising=False)
    return low, high


def _where(chance: Callable[[float], float], wanted: float, *, rising: bool) -> float:
    """Log odds at which a monotone chance equals the one wanted, by bisection to the last digit."""
    low, high = -_WIDEST_LOG_ODDS, _WIDEST_LOG_ODDS
    while True:
        middle = (low + high) / 2
        if middle in (low, high) or high - low < 1e-15 * max(1.0, abs(middle)):
            return middle
        if (chance(middle) < wanted) == rising:
            low = middle
        else:
            high = middle


def check_trials(n: int) -> None:
    """Refuse a total that no provider has, so that a slip of the keyboard cannot hold up the server."""
    if n > MOST_TRIALS:
        raise ValueError(f"At most {MOST_TRIALS:,} can be compared.")
