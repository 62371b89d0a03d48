"""What R answers where its search for a root ends at about 1e-4, to the digit: for comparison only.

The mid-p limits of ``exactci::poisson.exact``, and the shift that ``wilcox.test`` gives where there are ties. The
product shows the solved limits of ``rates`` and the order-statistic interval of ``times`` instead; these stand beside
them so that anybody can hold the two against R. The search is Brent's (1973), step for step as R's ``uniroot`` takes
it, since where it stops is part of R's answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from sys import float_info

from saferpractice.assurance.rules.binomial import chance_at_least, chance_at_most, point_chance
from saferpractice.assurance.rules.distributions import z_for
from saferpractice.assurance.rules.times import midranks

_SHIFT_ENDS_AT = 1e-4
_LIMIT_ENDS_AT = float_info.epsilon**0.25
_ROUNDS = 1000


def mid_p_ratio_limits(
    events_before: int, exposure_before: float, events_after: int, exposure_after: float, *, alpha: float = 0.05
) -> tuple[float, float | None]:
    """Both ends of the mid-p interval of a rate ratio; None is infinite."""
    total = events_before + events_after
    rest = exposure_before / exposure_after

    def low(share: float) -> float:
        odds = _log_odds(share)
        return chance_at_least(events_after, total, odds) - point_chance(events_after, total, odds) / 2 - alpha / 2

    def high(share: float) -> float:
        odds = _log_odds(share)
        return chance_at_most(events_after, total, odds) - point_chance(events_after, total, odds) / 2 - alpha / 2

    ends = [0.0, 1.0]
    if events_after:
        ends[0] = _brent(low, 0.0, 1.0, _LIMIT_ENDS_AT)
    if events_before:
        ends[1] = _brent(high, 0.0, 1.0, _LIMIT_ENDS_AT)
    lower, upper = (share / (1 - share) * rest if share < 1 else math.inf for share in ends)
    return lower, None if math.isinf(upper) else upper


def _log_odds(share: float) -> float:
    """Never infinite: where a share is 0 or 1 every chance is as good as so there."""
    return math.log(max(share, 1e-300)) - math.log1p(-share) if share < 1 else 700.0


@dataclass(frozen=True, slots=True)
class RankShift:
    """The shift and both ends of its interval, in the unit of the times: negative is sooner."""

    shift: float
    low: float
    high: float


def rank_shift(before: Sequence[float], after: Sequence[float], *, confidence: float = 0.95) -> RankShift | None:
    """The shift of ``after`` against ``before``; None where all times are the same, so that nothing can be ranked."""
    lowest, highest = min(after) - max(before), max(after) - min(before)
    z = z_for(confidence)

    def corrected(shift: float) -> float:
        return _distance(before, after, shift, correct=True)

    def plain(shift: float) -> float:
        return _distance(before, after, shift, correct=False)

    ends = [corrected(lowest), corrected(highest)]
    if lowest == highest or not all(map(math.isfinite, [*ends, plain(lowest), plain(highest)])):
        return None

    def side(wanted: float) -> float:
        if ends[0] - wanted <= 0:
            return lowest
        if ends[1] - wanted >= 0:
            return highest
        return _brent(lambda shift: corrected(shift) - wanted, lowest, highest, _SHIFT_ENDS_AT)

    if plain(lowest) * plain(highest) > 0:
        return None
    return RankShift(_brent(plain, lowest, highest, _SHIFT_ENDS_AT), side(z), side(-z))


def _distance(before: Sequence[float], after: Sequence[float], shift: float, *, correct: bool) -> float:
    """How many standard deviations the rank sum of ``after``, moved back by ``shift``, lies above what is expected."""
    moved = [time - shift for time in after]
    m, n = len(moved), len(before)
    together = [*moved, *before]
    ranks = midranks(together)
    off = math.fsum(ranks[time] / 2 for time in moved) - m * (m + 1) / 2 - m * n / 2
    times: dict[float, int] = {}
    for time in together:
        times[time] = times.get(time, 0) + 1
    tied = sum(count**3 - count for count in times.values())
    spread = m * n / 12 * ((m + n + 1) - tied / ((m + n) * (m + n - 1)))
    if spread <= 0:
        return math.nan
    half = math.copysign(0.5, off) if correct and off else 0.0
    return (off - half) / math.sqrt(spread)


def _brent(of: Callable[[float], float], low: float, high: float, end: float) -> float:
    """Where ``of`` crosses 0 between two places, to about ``end``."""
    a, b = low, high
    at_a, at_b = of(a), of(b)
    if at_a == 0 or at_b == 0:
        return a if at_a == 0 else b
    c, at_c = a, at_a
    for _ in range(_ROUNDS):
        before = b - a
        if abs(at_c) < abs(at_b):
            a, b, c = b, c, b
            at_a, at_b, at_c = at_b, at_c, at_b
        close = 2 * float_info.epsilon * abs(b) + end / 2
        step = (c - b) / 2
        if abs(step) <= close or at_b == 0:
            return b
        if abs(before) >= close and abs(at_a) > abs(at_b):
            step = _interpolated(step, (a, b, c), (at_a, at_b, at_c), before, close)
        if abs(step) < close:
            step = close if step > 0 else -close
        a, at_a = b, at_b
        b += step
        at_b = of(b)
        if at_b * at_c > 0:
            c, at_c = a, at_a
    return b


def _interpolated(
    halved: float,
    places: tuple[float, float, float],
    values: tuple[float, float, float],
    before: float,
    close: float,
) -> float:
    """A step by a line or a parabola through the last places, where that falls well inside; else ``halved``."""
    (a, b, c), (at_a, at_b, at_c) = places, values
    wide = c - b
    if a == c:
        ratio = at_b / at_a
        p, q = wide * ratio, 1.0 - ratio
    else:
        q, first, second = at_a / at_c, at_b / at_c, at_b / at_a
        p = second * (wide * q * (q - first) - (b - a) * (first - 1.0))
        q = (q - 1.0) * (first - 1.0) * (second - 1.0)
    if p > 0:
        q = -q
    else:
        p = -p
    if p < 0.75 * wide * q - abs(close * q) / 2 and p < abs(before * q / 2):
        return p / q
    return halved
