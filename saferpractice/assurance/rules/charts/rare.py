"""Charts for rare events, rates and shares: t, g, u, p, P', and the run chart.

Source: qicharts2 0.8.1, whose answers are the reference in ``tests/rules/assurance/charts``. On t and g charts of
harm, high is good: more time, or more opportunities, between events. The gap since the last event is not a point:
it is not over yet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from saferpractice.assurance.rules.charts.means import mean_of, median_of
from saferpractice.assurance.rules.charts.runs import Runs, runs_about
from saferpractice.assurance.rules.charts.xmr import SCREEN, ChartRefused

POWER = 3.6
"""Times between events, raised to 1 / 3.6, are close to normal (Nelson 1994)."""
RANGE_TO_SIGMA = 1.128
SIGMAS, NEAR_SIGMAS = 3, 2


class Chart(StrEnum):
    """Which chart."""

    T = "t"
    G = "g"
    U = "u"
    P = "p"
    P_PRIME = "pp"
    I = "i"  # noqa: E741 -- the chart's name
    RUN = "run"


SIZED = frozenset({Chart.U, Chart.P, Chart.P_PRIME})
"""Charts whose points are counted in something."""
FEWEST = {Chart.T: 2, Chart.I: 2, Chart.P_PRIME: 2}
"""So many points a chart needs where one is not enough."""


@dataclass(frozen=True, slots=True)
class Line:
    """A point with the centre line and limits where it lies; a run chart has no limits."""

    value: float
    centre: float
    lower: float | None
    upper: float | None
    near_lower: float | None
    near_upper: float | None

    @property
    def beyond(self) -> int:
        """+1 above the upper limit, -1 below the lower one, else 0. A value equal to a limit is inside."""
        if self.upper is not None and self.value > self.upper:
            return 1
        return -1 if self.lower is not None and self.value < self.lower else 0

    @property
    def outside(self) -> bool:
        """Whether it lies beyond a limit."""
        return self.beyond != 0


@dataclass(frozen=True, slots=True)
class LineChart:
    """The points of a chart, and what the run rules say of each phase."""

    chart: Chart
    lines: tuple[Line, ...]
    phases: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class _Limits:
    """The centre line of a phase, and the limits so many sigmas from it at a point of some size.

    ``sigma`` of a share is what chance alone is multiplied by: 1, or for P' what the shares vary by (Laney 2002).
    """

    centre: float
    middle: float
    sigma: float
    chart: Chart

    def at(self, sigmas: float, size: float) -> float | None:
        match self.chart:
            case Chart.RUN:
                return None
            case _ if math.isnan(self.sigma):
                return None
            case Chart.T:
                return float(max(0.0, self.middle + sigmas * self.sigma) ** POWER)
            case Chart.G | Chart.I:
                found = self.middle + sigmas * self.sigma
                return max(0.0, found) if self.chart is Chart.G else found
            case Chart.U:
                return max(0.0, self.middle + sigmas * math.sqrt(self.middle / size))
            case Chart.P | Chart.P_PRIME:
                wide = self.sigma * math.sqrt(self.middle * (1 - self.middle) / size)
                return min(1.0, max(0.0, self.middle + sigmas * wide))


def read_chart(
    chart: Chart,
    values: Sequence[float],
    *,
    sizes: Sequence[float] | None = None,
    part_after: Sequence[int] = (),
    freeze_after: int | None = None,
    screen: bool = False,
) -> LineChart:
    """The chart of ``values``.

    Args:
        values: t: times between events, all above 0. g: whole numbers of opportunities between events. u: events.
            p and P': records that meet a standard. i and run: any values.
        sizes: u: exposure, p and P': records read; one for each value.
        part_after: a new phase with its own centre and limits begins after so many points.
        freeze_after: centre and limits come from the first so many points.
        screen: leave moving ranges of ``SCREEN`` times the average out of the limits (Nelson 1982), once.

    Raises:
        ChartRefused: the values cannot make this chart; the words say what to do.
    """
    _check(chart, values, sizes, part_after, freeze_after)
    ends = [0, *part_after, len(values)]
    lines: list[Line] = []
    phases: list[Runs] = []
    for start, end in pairwise(ends):
        given = list(sizes[start:end]) if sizes else [1.0] * (end - start)
        mine = _phase(chart, list(values[start:end]), given, freeze_after, screen=screen)
        lines += mine
        phases.append(runs_about(mine[0].centre, [line.value for line in mine]))
    return LineChart(chart, tuple(lines), tuple(phases))


def _phase(
    chart: Chart, values: list[float], sizes: list[float], freeze_after: int | None, *, screen: bool
) -> list[Line]:
    limits = _limits(chart, values[:freeze_after], sizes[:freeze_after], screen=screen)
    shares = chart in SIZED
    return [
        Line(
            value=value / size if shares else value,
            centre=limits.centre,
            lower=limits.at(-SIGMAS, size),
            upper=limits.at(SIGMAS, size),
            near_lower=limits.at(-NEAR_SIGMAS, size),
            near_upper=limits.at(NEAR_SIGMAS, size),
        )
        for value, size in zip(values, sizes, strict=True)
    ]


def _limits(chart: Chart, values: list[float], sizes: list[float], *, screen: bool) -> _Limits:
    match chart:
        case Chart.RUN:
            centre = median_of(values)
            return _Limits(centre, centre, 0.0, chart)
        case Chart.T:
            changed = [value ** (1 / POWER) for value in values]
            middle = mean_of(changed)
            return _Limits(middle**POWER, middle, _sigma(changed, screen=screen), chart)
        case Chart.G:
            middle = mean_of(values)
            return _Limits(median_of(values), middle, math.sqrt(middle * (middle + 1)), chart)
        case Chart.I:
            middle = mean_of(values)
            return _Limits(middle, middle, _sigma(values, screen=screen), chart)
    # Exactly: points that are all alike lie on the line, and not a hair beside it.
    middle = float(sum(map(Fraction, values)) / sum(map(Fraction, sizes)))
    return _Limits(
        middle, middle, _wider(values, sizes, middle, screen=screen) if chart is Chart.P_PRIME else 1.0, chart
    )


def _wider(values: list[float], sizes: list[float], middle: float, *, screen: bool) -> float:
    """How much more the shares vary from one to the next than chance alone; 0 where they cannot vary."""
    chance = [math.sqrt(middle * (1 - middle) / size) for size in sizes]
    if not all(chance):
        return 0.0
    away = [(value / size - middle) / each for value, size, each in zip(values, sizes, chance, strict=True)]
    return _sigma(away, screen=screen)


def _sigma(values: list[float], *, screen: bool) -> float:
    """The spread by the average moving range; not a number where screening leaves none, and so there are no limits."""
    ranges = [abs(other - one) for one, other in pairwise(values)]
    if screen:
        average = mean_of(ranges)
        ranges = [each for each in ranges if each < SCREEN * average]
    return mean_of(ranges) / RANGE_TO_SIGMA if ranges else math.nan


def _check(
    chart: Chart,
    values: Sequence[float],
    sizes: Sequence[float] | None,
    part_after: Sequence[int],
    freeze_after: int | None,
) -> None:
    needs = FEWEST.get(chart, 1)
    ends = [0, *part_after, len(values)]
    if any(end - start < needs for start, end in pairwise(ends)) or (freeze_after or needs) < needs:
        raise ChartRefused(f"Each part of this chart needs {needs} points or more.")
    if freeze_after is not None and freeze_after > len(values):
        raise ChartRefused("The limits cannot be fixed after more points than there are.")
    if chart is Chart.T and any(value <= 0 for value in values):
        raise ChartRefused("Two events at one moment leave no time between them. Use the time of day, or a g chart.")
    if chart is Chart.G and any(value < 0 or value != int(value) for value in values):
        raise ChartRefused("Opportunities between events are whole numbers, 0 or more.")
    if chart in SIZED:
        if sizes is None or len(sizes) != len(values) or any(size <= 0 for size in sizes):
            raise ChartRefused("Give for each value how much it is counted in, more than 0.")
        if chart is not Chart.U and any(not 0 <= value <= size for value, size in zip(values, sizes, strict=True)):
            raise ChartRefused("The records that meet the standard are among those read.")


def longer_than_limit(chart: LineChart, gap: float) -> bool:
    """Whether the time or the opportunities since the last event are already beyond the upper limit.

    It is never said to be within: it is not over.
    """
    upper = chart.lines[-1].upper if chart.lines else None
    return upper is not None and gap > upper
