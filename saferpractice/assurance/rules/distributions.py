"""The beta and Student's t distributions, to about fourteen digits, also far out in a tail.

Source: the continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated from the front
(Lentz 1976). The chance of a tail is never one minus a large number.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_TINY = 1e-300
_STEPS = 10_000


def beta_below(x: float, a: float, b: float, *, rest: float | None = None) -> float:
    """Chance that a beta variable is below ``x``; ``rest`` is 1 - x where that is known more exactly."""
    rest = 1 - x if rest is None else rest
    if x <= 0:
        return 0.0
    if rest <= 0:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_below(rest, b, a, rest=x)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest)
    return math.exp(log_front) / a / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction 1 + d1 / (1 + d2 / (1 + …))."""
    value = above = 1.0
    below = 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        below = 1 / (1 + term * below or _TINY)
        above = 1 + term / above or _TINY
        value *= above * below
        if abs(above * below - 1) < 1e-16:
            break
    return value


def t_two_sided(t: float, freedom: float) -> float:
    """Chance that Student's t with so many degrees of freedom lies as far from 0 as ``t``, or further."""
    if math.isinf(t):
        return 0.0
    whole = freedom + t * t
    return beta_below(freedom / whole, freedom / 2, 0.5, rest=t * t / whole)


def t_for(confidence: float, freedom: float) -> float:
    """The quantile of Student's t for a two-sided interval."""
    outside = 1 - confidence
    low, high = 0.0, 1.0
    while t_two_sided(high, freedom) > outside:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_two_sided(middle, freedom) > outside else (low, middle)
    return (low + high) / 2


def normal_two_sided(z: float) -> float:
    """Chance that a standard normal variable lies as far from 0 as ``z``, or further."""
    return math.erfc(abs(z) / math.sqrt(2))


def z_for(confidence: float) -> float:
    """The normal quantile of a two-sided interval."""
    return NormalDist().inv_cdf(1 - (1 - confidence) / 2)
