"""Times of which some have not ended yet: Kaplan and Meier's curve, its median, the restricted mean, the log-rank test.

Source: R's survival package, whose answers are the reference in ``tests/rules/assurance``. What is still open counts
for as long as it was watched. Leaving it out is the usual way to make times look better.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from saferpractice.assurance.rules.distributions import z_for

HALF = Fraction(1, 2)
_HAIR = 2.0**-26  # as R has it: the square root of the last binary digit


@dataclass(frozen=True, slots=True)
class Watched:
    """How long something was watched, in one unit throughout, and whether it ended then (else it is still open)."""

    time: float
    ended: bool


@dataclass(frozen=True, slots=True)
class Step:
    """At ``time``, ``ended`` of those ``at_risk`` ended; ``still_open`` is the share still open just after, exactly."""

    time: float
    at_risk: int
    ended: int
    still_open: Fraction
    spread: float
    """Greenwood's sum up to here: the variance of the logarithm of ``still_open``; infinite once nothing is open."""


class Limits(StrEnum):
    """How the limits of the curve are drawn."""

    LOG = "log"
    LOG_LOG = "log-log"


def curve(watched: Iterable[Watched]) -> tuple[Step, ...]:
    """The share still open, step by step.

    Raises:
        ValueError: a time below 0.
    """
    counted: dict[float, list[int]] = {}
    for one in watched:
        counted.setdefault(one.time, [0, 0])[0 if one.ended else 1] += 1
    return curve_counted((time, ended, still) for time, (ended, still) in counted.items())


def curve_counted(counted: Iterable[tuple[float, int, int]]) -> tuple[Step, ...]:
    """As ``curve``, from how many ended after each time and how many were still open after it, a time named once.

    Raises:
        ValueError: a time below 0.
    """
    rows = sorted(counted)
    if any(time < 0 for time, _, _ in rows):
        raise ValueError("A time watched cannot be below 0.")
    steps: list[Step] = []
    share, spread, at_risk = Fraction(1), 0.0, sum(ended + still for _, ended, still in rows)
    for time, ended, still in rows:
        if ended:
            share *= Fraction(at_risk - ended, at_risk)
            spread = spread + ended / (at_risk * (at_risk - ended)) if at_risk > ended else math.inf
            steps.append(Step(time, at_risk, ended, share, spread))
        at_risk -= ended + still
    return tuple(steps)


def median_time(steps: Sequence[Step]) -> float | None:
    """The time by which half have ended; the middle of the flat step where exactly half are open. None: not reached."""
    for i, step in enumerate(steps):
        if step.still_open == HALF and i + 1 < len(steps):
            return (step.time + steps[i + 1].time) / 2
        if step.still_open <= HALF:
            return step.time
    return None


def first_at_half(steps: Sequence[Step]) -> float | None:
    """The first time at which half or fewer are open."""
    return next((step.time for step in steps if step.still_open <= HALF), None)


def median_limits(
    steps: Sequence[Step], *, limits: Limits = Limits.LOG, confidence: float = 0.95
) -> tuple[float | None, float | None]:
    """Where the lower and the upper limit of the curve come down to one half; None: it does not."""
    z = z_for(confidence)
    bands = [(step.time, *_band(step, limits, z)) for step in steps]
    return _down_to_half([(time, low) for time, low, _ in bands]), _down_to_half([(time, up) for time, _, up in bands])


def _down_to_half(limit: Sequence[tuple[float, float | None]]) -> float | None:
    """Where a limit comes down to one half, rounding aside; the middle of the flat step where it stays just there."""
    lower = [(time, share) for time, share in limit if share is not None and share < 0.5 + _HAIR]
    if not lower:
        return None
    first, at_first = lower[0]
    if abs(at_first - 0.5) < _HAIR:
        later = next((time for time, share in lower if share < at_first), None)
        return first if later is None else (first + later) / 2
    return first


def _band(step: Step, limits: Limits, z: float) -> tuple[float | None, float | None]:
    """Both limits of the curve after a step. None once nothing is open: there the logarithm says nothing."""
    share = float(step.still_open)
    if share == 0:
        return None, None
    if limits is Limits.LOG:
        half = z * math.sqrt(step.spread)
        return share * math.exp(-half), min(1.0, share * math.exp(half))
    half = z * math.sqrt(step.spread) / math.log(share)
    return math.exp(math.log(share) * math.exp(-half)), math.exp(math.log(share) * math.exp(half))


def restricted_mean(steps: Sequence[Step], horizon: float) -> tuple[float, float]:
    """The mean time up to ``horizon``, and its standard error: how long a thing is open of the first so long."""
    area, areas, last, share = 0.0, [], 0.0, 1.0
    for step in steps:
        if step.time >= horizon:
            break
        area += share * (step.time - last)
        areas.append((step, area))
        last, share = step.time, float(step.still_open)
    area += share * (horizon - last)
    variance = math.fsum(
        (area - until) ** 2 * step.ended / (step.at_risk * (step.at_risk - step.ended))
        for step, until in areas
        if step.at_risk > step.ended
    )
    return area, math.sqrt(variance)


@dataclass(frozen=True, slots=True)
class LogRank:
    """Whether things end sooner in one period. ``early`` weighs early differences more (Peto and Peto)."""

    chi_squared: float
    p: float
    early: float
    ended: tuple[int, int]
    expected: tuple[float, float]


def log_rank(before: Sequence[Watched], after: Sequence[Watched]) -> LogRank:
    """Compare two periods.

    Raises:
        ValueError: nothing ended in either, so that there is nothing to compare.
    """
    pooled = curve([*before, *after])
    if not pooled:
        raise ValueError("Nothing has ended in either period, so there is nothing to compare.")
    expected, sums = 0.0, {"plain": [0.0, 0.0], "early": [0.0, 0.0]}
    share = 1.0
    times = sorted(one.time for one in after)
    at_time = Counter(one.time for one in after if one.ended)
    for step in pooled:
        mine = len(times) - bisect.bisect_left(times, step.time)
        ended = at_time[step.time]
        wanted = step.ended * mine / step.at_risk
        expected += wanted
        variance = 0.0
        if step.at_risk > 1:
            rest = (step.at_risk - step.ended) / (step.at_risk - 1)
            variance = wanted * (1 - mine / step.at_risk) * rest
        for name, weight in (("plain", 1.0), ("early", share)):
            sums[name][0] += weight * (ended - wanted)
            sums[name][1] += weight**2 * variance
        share = float(step.still_open)
    plain, early = (_squared(*sums[name]) for name in ("plain", "early"))
    total = sum(step.ended for step in pooled)
    in_after = sum(one.ended for one in after)
    return LogRank(
        chi_squared=plain,
        p=math.erfc(math.sqrt(plain / 2)),
        early=early,
        ended=(total - in_after, in_after),
        expected=(total - expected, expected),
    )


def _squared(off: float, variance: float) -> float:
    return off**2 / variance if variance else 0.0
