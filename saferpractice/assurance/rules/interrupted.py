"""Was a trend already there? The interrupted series: level and slope before and after, and what would have been.

Segmented regression on t = 1, 2, … n: the level steps up at the first point after the change and the slope bends from
there on, so that the level change is the jump at that point. Errors allow for points that hang together (Newey and West
1987). Reference: R's ``lm`` and ``glm`` with ``sandwich::NeweyWest(prewhite = FALSE)``.

Normal equations are solved in fractions: no error of its own comes from a long series.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from saferpractice.assurance.rules.distributions import t_for, t_two_sided

Row = tuple[int, int, int, int]
Four = tuple[float, float, float, float]
Matrix = list[list[Fraction]]
TERMS = ("intercept", "slope_before", "level_change", "slope_change")
POINTS_BEFORE, POINTS_AFTER = 12, 8
"""So many points a careful reader wants on each side; a full year each if there are seasons."""
MOST_POINTS = 5_000
_ROUNDS = 100


class SeriesRefused(ValueError):
    """These points cannot make an interrupted series. The words say what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """The four terms of the straight lines, in the order of ``TERMS``, each with its errors and its interval.

    ``se_small_sample`` is Newey and West's error for few points; ``p`` and the interval use it with t on ``freedom``.
    ``would_have_been`` is the line before carried on to the last point, ``is_now`` the line after there.
    """

    coefficients: Four
    se_plain: Four
    se_newey_west: Four
    se_small_sample: Four
    p: Four
    low: Four
    high: Four
    freedom: int
    durbin_watson: float
    would_have_been: float
    is_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSegments:
    """The same for counts, on the logarithm of the rate (Poisson, with an offset for the exposure)."""

    coefficients: Four
    se_model: Four
    dispersion: float
    se_quasi: Four
    se_newey_west: Four
    deviance: float


@dataclass(frozen=True, slots=True)
class _Points:
    rows: list[Row]
    values: list[float]
    exposure: list[float]


def usual_lag(points: int) -> int:
    """Over how many periods points may hang together, where nobody says: 4 (n / 100) to the power of 2 / 9, down."""
    return int(4 * (points / 100) ** (2 / 9))


def segments(values: Sequence[float | None], first_after: int, *, lag: int, confidence: float = 0.95) -> Segments:
    """Straight lines before and after.

    Args:
        values: one for each period in order; None where there is none, which is left out and keeps its time.
        first_after: the number of the first point after the change, counted from 1.
        lag: over how many periods points may hang together.

    Raises:
        SeriesRefused: there are too few points on a side to draw a line through.
    """
    points = _points(values, first_after, lag, None)
    inverse = _inverse(_cross(points.rows, [1] * len(points.rows)))
    exact = [Fraction(value) for value in points.values]
    found = _times(inverse, _against(points.rows, exact))
    left = [float(value - _line(found, row)) for row, value in zip(points.rows, exact, strict=True)]
    freedom = len(left) - 4
    squares = math.fsum(one * one for one in left)
    robust = _newey_west(points.rows, left, inverse, lag)
    small = _four(lambda i: robust[i] * math.sqrt(len(left) / freedom))
    coefficients = _four(lambda i: float(found[i]))
    away = t_for(confidence, freedom)
    last = (1, len(values), 1, len(values) - first_after)
    return Segments(
        coefficients=coefficients,
        se_plain=_four(lambda i: math.sqrt(squares / freedom * float(inverse[i][i]))),
        se_newey_west=robust,
        se_small_sample=small,
        p=_four(lambda i: t_two_sided(_ratio(coefficients[i], small[i]), freedom)),
        low=_four(lambda i: coefficients[i] - away * small[i]),
        high=_four(lambda i: coefficients[i] + away * small[i]),
        freedom=freedom,
        durbin_watson=_ratio(math.fsum((b - a) ** 2 for a, b in pairwise(left)), squares),
        would_have_been=float(found[0] + found[1] * last[1]),
        is_now=float(_line(found, last)),
    )


def count_segments(
    values: Sequence[float | None], first_after: int, *, lag: int, exposure: Sequence[float | None] | None = None
) -> CountSegments:
    """The same for counts: the terms are logarithms of ratios. ``exposure`` is what each is counted in.

    Raises:
        SeriesRefused: too few points, a count below 0, an exposure that is not above 0, or counts of which one side
            has nothing but zeros, so that no line on the logarithm fits.
    """
    points = _points(values, first_after, lag, exposure)
    if any(value < 0 for value in points.values):
        raise SeriesRefused("A count cannot be below 0.")
    terms, means = _fitted(points)
    inverse = _inverse(_cross(points.rows, means))
    left = [value - mean for value, mean in zip(points.values, means, strict=True)]
    spread = math.fsum(one**2 / mean for one, mean in zip(left, means, strict=True)) / (len(left) - 4)
    model = _four(lambda i: math.sqrt(float(inverse[i][i])))
    return CountSegments(
        coefficients=_four(lambda i: terms[i]),
        se_model=model,
        dispersion=spread,
        se_quasi=_four(lambda i: model[i] * math.sqrt(spread)),
        se_newey_west=_newey_west(points.rows, left, inverse, lag),
        deviance=_deviance(points.values, means),
    )


def _points(
    values: Sequence[float | None], first_after: int, lag: int, exposure: Sequence[float | None] | None
) -> _Points:
    if len(values) > MOST_POINTS:
        raise SeriesRefused(f"At most {MOST_POINTS:,} points can be compared.")
    if exposure is not None and len(exposure) != len(values):
        raise SeriesRefused("Give one exposure for each value.")
    found = _Points([], [], [])
    for t, value in enumerate(values, start=1):
        counted_in = 1.0 if exposure is None else exposure[t - 1]
        if value is None or counted_in is None:
            continue
        if not math.isfinite(value) or not math.isfinite(counted_in) or counted_in <= 0:
            raise SeriesRefused("A value is a number, and what it is counted in is above 0.")
        found.rows.append((1, t, int(t >= first_after), max(0, t - first_after)))
        found.values.append(float(value))
        found.exposure.append(float(counted_in))
    after = sum(row[2] for row in found.rows)
    if min(after, len(found.rows) - after) < 2 or len(found.rows) < 5:
        raise SeriesRefused("Two lines need two points or more on each side of the change, and five in all.")
    if lag < 0:
        raise SeriesRefused("Points hang together over 0 periods or more.")
    return found


def _fitted(points: _Points) -> tuple[list[float], list[float]]:
    """The terms and the fitted means, by weighted least squares until nothing moves (McCullagh and Nelder 1989)."""
    offsets = [math.log(one) for one in points.exposure]
    means = [value + 0.1 for value in points.values]
    deviance, terms = math.inf, [0.0] * 4
    for _ in range(_ROUNDS):
        target = [
            math.log(mean) - offset + (value - mean) / mean
            for value, mean, offset in zip(points.values, means, offsets, strict=True)
        ]
        weighted = [
            Fraction(
                math.fsum(row[i] * mean * wanted for row, mean, wanted in zip(points.rows, means, target, strict=True))
            )
            for i in range(4)
        ]
        terms = [float(one) for one in _times(_inverse(_cross(points.rows, means)), weighted)]
        logs = [_dot(terms, row) + offset for row, offset in zip(points.rows, offsets, strict=True)]
        if min(logs) < -25:
            break
        means = [math.exp(one) for one in logs]
        before, deviance = deviance, _deviance(points.values, means)
        if abs(deviance - before) <= 1e-11 * (abs(deviance) + 0.1):
            return terms, means
    raise SeriesRefused("One side has next to no events, so that no rate can be fitted to it.")


def _deviance(values: Sequence[float], means: Sequence[float]) -> float:
    return 2 * math.fsum(
        (value * math.log(value / mean) if value else 0.0) - (value - mean)
        for value, mean in zip(values, means, strict=True)
    )


def _newey_west(rows: Sequence[Row], left: Sequence[float], inverse: Matrix, lag: int) -> Four:
    """Standard errors when points hang together over ``lag`` periods: Bartlett's weights."""
    scores = [[one * x for x in row] for row, one in zip(rows, left, strict=True)]
    middle = [[0.0] * 4 for _ in range(4)]
    for step in range(min(lag, len(scores) - 1) + 1):
        weight = 1 - step / (lag + 1)
        for i in range(4):
            for j in range(4):
                found = math.fsum(one[i] * other[j] for one, other in zip(scores[step:], scores, strict=False))
                middle[i][j] += weight * found
                if step:
                    middle[j][i] += weight * found
    outer = [[float(one) for one in row] for row in inverse]

    def variance(i: int) -> float:
        return math.fsum(outer[i][a] * middle[a][b] * outer[b][i] for a in range(4) for b in range(4))

    return _four(lambda i: math.sqrt(max(0.0, variance(i))))


def _cross(rows: Sequence[Row], weights: Sequence[float]) -> Matrix:
    """Sums of products, each rounded once. Without weights they are whole numbers and exact."""
    found = [[Fraction(0)] * 4 for _ in range(4)]
    for i in range(4):
        for j in range(i, 4):
            total = math.fsum(row[i] * row[j] * weight for row, weight in zip(rows, weights, strict=True))
            found[i][j] = found[j][i] = Fraction(total)
    return found


def _against(rows: Sequence[Row], values: Sequence[Fraction]) -> list[Fraction]:
    return [sum((row[i] * value for row, value in zip(rows, values, strict=True)), Fraction(0)) for i in range(4)]


def _inverse(matrix: Matrix) -> Matrix:
    """The inverse, exactly. Two points on each side have one, unless their weights differ beyond all rounding.

    Raises:
        SeriesRefused: nothing but rounding is left of a side.
    """
    size = len(matrix)
    work = [row + [Fraction(int(i == j)) for j in range(size)] for i, row in enumerate(matrix)]
    for i in range(size):
        pivot = next((row for row in range(i, size) if work[row][i]), None)
        if pivot is None:
            raise SeriesRefused("The values differ too much in size for lines to be fitted to them.")
        work[i], work[pivot] = work[pivot], work[i]
        work[i] = [one / work[i][i] for one in work[i]]
        for j in range(size):
            if j != i and work[j][i]:
                work[j] = [one - work[j][i] * other for one, other in zip(work[j], work[i], strict=True)]
    return [row[size:] for row in work]


def _times(matrix: Matrix, vector: Sequence[Fraction]) -> list[Fraction]:
    return [sum((one * other for one, other in zip(row, vector, strict=True)), Fraction(0)) for row in matrix]


def _line(terms: Sequence[Fraction], row: Row) -> Fraction:
    return sum((term * x for term, x in zip(terms, row, strict=True)), Fraction(0))


def _dot(terms: Sequence[float], row: Row) -> float:
    return math.fsum(term * x for term, x in zip(terms, row, strict=True))


def _four(of: Callable[[int], float]) -> Four:
    return of(0), of(1), of(2), of(3)


def _ratio(top: float, bottom: float) -> float:
    """Their quotient; infinite or not a number where a perfect fit leaves nothing to divide by."""
    if bottom:
        return top / bottom
    return math.copysign(math.inf, top) if top else math.nan
