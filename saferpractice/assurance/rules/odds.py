"""How many times the odds: the conditional odds ratio of a two-by-two table, with its exact interval.

Given all margins, the count among the records after follows Fisher's noncentral hypergeometric distribution. Reference:
R's ``fisher.test``, whose own search stops at about 1e-4; here the equations are solved to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from saferpractice.assurance.rules.binomial import check_trials

_NO_LONGER_COUNTS = 1e-18
_WIDEST_LOG_ODDS = 200.0


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """Odds after over odds before. None is infinite, or no ratio at all where every table has the same margins."""

    ratio: float | None  # with one table only there is nothing that could be likelier
    is_infinite: bool
    low: float
    high: float | None


def odds_ratio(met_before: int, read_before: int, met_after: int, read_after: int, *, alpha: float = 0.05) -> OddsRatio:
    """The ratio that makes what was seen the expected count, and those that a test at alpha would not reject.

    Raises:
        ValueError: counts that cannot be, or too many.
    """
    if not (0 <= met_before <= read_before and 0 <= met_after <= read_after and read_before and read_after):
        raise ValueError("The records that meet the standard are among those read.")
    check_trials(read_before + read_after)
    table = _Table(read_after, read_before, met_before + met_after)
    least, most = table.least, table.most
    low = 0.0 if met_after == least else math.exp(_where(lambda odds: table.at_least(met_after, odds), alpha / 2))
    high = None if met_after == most else math.exp(-_where(lambda odds: table.at_most(met_after, -odds), alpha / 2))
    ratio: float | None  # with one table only there is nothing that could be likelier
    if met_after == most:
        ratio = None
    elif met_after == least:
        ratio = 0.0
    else:
        ratio = math.exp(_where(table.mean, float(met_after)))
    return OddsRatio(ratio, least < most == met_after, low, high)


def _where(rising: Callable[[float], float], wanted: float) -> float:
    """The log odds at which a rising function comes to ``wanted``."""
    low, high = -_WIDEST_LOG_ODDS, _WIDEST_LOG_ODDS
    while True:
        middle = (low + high) / 2
        if middle in (low, high) or high - low < 1e-14 * max(1.0, abs(middle)):
            return middle
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)


@dataclass(frozen=True, slots=True)
class _Table:
    """``drawn`` of ``ours`` + ``theirs`` records meet the standard; X of them are ours."""

    ours: int
    theirs: int
    drawn: int

    @property
    def least(self) -> int:
        return max(0, self.drawn - self.theirs)

    @property
    def most(self) -> int:
        return min(self.ours, self.drawn)

    def mean(self, odds: float) -> float:
        weights = self._weights(odds)
        return math.fsum(x * weight for x, weight in weights) / math.fsum(weight for _, weight in weights)

    def at_least(self, x: int, odds: float) -> float:
        weights = self._weights(odds)
        return math.fsum(weight for k, weight in weights if k >= x) / math.fsum(weight for _, weight in weights)

    def at_most(self, x: int, odds: float) -> float:
        weights = self._weights(odds)
        return math.fsum(weight for k, weight in weights if k <= x) / math.fsum(weight for _, weight in weights)

    def _step(self, x: int, odds: float) -> float:
        """How much likelier x + 1 is than x, as a logarithm."""
        up = math.log(self.ours - x) + math.log(self.drawn - x)
        return odds + up - math.log(x + 1) - math.log(self.theirs - self.drawn + x + 1)

    def _weights(self, odds: float) -> list[tuple[int, float]]:
        """Every x that counts, with its chance as a multiple of that of the likeliest."""
        low, high = self.least, self.most
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._step(middle, odds) > 0 else (low, middle)
        found, weight, x = [(low, 1.0)], 1.0, low
        while x < self.most and weight > _NO_LONGER_COUNTS:
            weight *= math.exp(self._step(x, odds))
            x += 1
            found.append((x, weight))
        weight, x = 1.0, low
        while x > self.least and weight > _NO_LONGER_COUNTS:
            x -= 1
            weight *= math.exp(-self._step(x, odds))
            found.append((x, weight))
        return found
