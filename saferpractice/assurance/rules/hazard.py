"""How much sooner, where some have not ended yet: Cox's hazard ratio of two periods, ties as Efron (1977) takes them.

Reference: R's ``survival::coxph``. It supposes that the two curves keep the same distance throughout; the difference of
restricted means supposes nothing and is what the product shows first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from saferpractice.assurance.rules.distributions import z_for
from saferpractice.assurance.rules.survival import Watched

_ROUNDS = 100
_WIDEST = 20.0
"""A logarithm of the ratio beyond this is no finite ratio: one period always ends before the other."""


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """Hazard after over hazard before: above 1 means sooner. None is infinite, or not to be estimated."""

    ratio: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Moment:
    """Those at risk and those that ended at one time, before and after."""

    at_risk: tuple[int, int]
    ended: tuple[int, int]


def hazard_ratio(before: Sequence[Watched], after: Sequence[Watched], *, confidence: float = 0.95) -> HazardRatio:
    """Compare two periods.

    Raises:
        ValueError: nothing ended in either.
    """
    moments = _moments(before, after)
    if not moments:
        raise ValueError("Nothing has ended in either period, so there is nothing to compare.")
    log_ratio = 0.0
    for _ in range(_ROUNDS):
        slope, information = _slope(moments, log_ratio)
        if information <= 0:
            return HazardRatio(None, None, None)
        step = max(-2.0, min(2.0, slope / information))
        log_ratio += step
        if abs(log_ratio) > _WIDEST:
            return HazardRatio(None, None, None) if log_ratio > 0 else HazardRatio(0.0, 0.0, None)
        if abs(step) < 1e-13:
            break
    _, information = _slope(moments, log_ratio)
    away = z_for(confidence) / math.sqrt(information)
    return HazardRatio(math.exp(log_ratio), math.exp(log_ratio - away), math.exp(log_ratio + away))


def _moments(before: Sequence[Watched], after: Sequence[Watched]) -> list[_Moment]:
    ended = [Counter(one.time for one in rows if one.ended) for rows in (before, after)]
    watched = [sorted((one.time for one in rows), reverse=True) for rows in (before, after)]
    found, at_risk = [], [0, 0]
    for time in sorted({*ended[0], *ended[1]}, reverse=True):
        for i in (0, 1):
            while at_risk[i] < len(watched[i]) and watched[i][at_risk[i]] >= time:
                at_risk[i] += 1
        found.append(_Moment((at_risk[0], at_risk[1]), (ended[0][time], ended[1][time])))
    return found


def _slope(moments: Sequence[_Moment], log_ratio: float) -> tuple[float, float]:
    """The first derivative of the log likelihood, and minus the second."""
    ratio, slope, information = math.exp(log_ratio), [], []
    for moment in moments:
        deaths = sum(moment.ended)
        slope.append(float(moment.ended[1]))
        for k in range(deaths):
            left = k / deaths
            after = ratio * (moment.at_risk[1] - left * moment.ended[1])
            share = after / (after + moment.at_risk[0] - left * moment.ended[0])
            slope.append(-share)
            information.append(share * (1 - share))
    return math.fsum(slope), math.fsum(information)
