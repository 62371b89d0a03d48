"""From a measure's numbers to the points of its chart, each kind of chart by its own rules."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from saferpractice.assurance.rules.charts.drawn import ChartPoint, Part, Rebase
from saferpractice.assurance.rules.charts.rare import FEWEST, SIZED, Chart, Line, read_chart
from saferpractice.assurance.rules.charts.runs import Runs, too_long
from saferpractice.assurance.rules.charts.signals import (
    SPARSE_COUNTS,
    Better,
    Labelled,
    Reading,
    Signal,
    XmrChart,
    read_xmr,
    reading_of,
)
from saferpractice.assurance.rules.charts.xmr import ENOUGH_POINTS, Group
from saferpractice.deadlines.rules import local_day

DAY = 86_400
SAME = "All values are the same, so there are no limits."
COLLAPSED = "Nearly all values are the same, so no limits can be drawn that mean anything."
SPARSE = (
    "There are fewer than two events a period. Limits for so few would call chance a change: look at the days between "
    "events instead."
)
ABOVE, BELOW = "Above the upper limit", "Below the lower limit"
RUN_ABOVE, RUN_BELOW = "A long run above the line", "A long run below the line"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a part begins among the points, and the decision that made it begin there."""

    at: int
    rebase: Rebase | None = None


def starts_of(days: Sequence[date], rebases: Sequence[Rebase]) -> list[Start]:
    """The parts of points that begin on ``days`` (ascending).

    A part begins with the first point on or after the day decided. A day before all points, or after them, begins
    none. Of two decisions for one point the later counts.
    """
    found = {0: Start(0)}
    for rebase in sorted(rebases, key=lambda one: (one.on, one.decided_on or one.on)):
        at = bisect_left(days, rebase.on)
        if 0 < at < len(days):
            found[at] = Start(at, rebase)
    return [found[at] for at in sorted(found)]


def too_few(known: int) -> str:
    """Why limits on ``known`` values are trial limits."""
    have = "is 1 value" if known == 1 else f"are {known} values"
    return f"There {have}. Limits are trial limits until there are {ENOUGH_POINTS}."


def xmr(
    points: Sequence[ChartPoint], starts: Sequence[Start], *, better: Better, target: float | None, counts: bool
) -> tuple[list[ChartPoint], list[Part], XmrChart]:
    """The XmR chart of ``points``; a part without conclusion has limits (or none) and no readings."""
    chart = read_xmr(
        [point.on for point in points],
        [point.value for point in points],
        better=better,
        target=target,
        rebase_on=[points[start.at].on for start in starts if start.at],
        counts=counts,
    )
    parts = [_xmr_part(group, start, points, counts=counts) for group, start in zip(chart.groups, starts, strict=True)]
    drawn = [
        _xmr_point(point, one, parts[one.point.group.number]) for point, one in zip(points, chart.points, strict=True)
    ]
    return drawn, parts, chart


def _xmr_part(group: Group, start: Start, points: Sequence[ChartPoint], *, counts: bool) -> Part:
    why = ""
    if counts and group.mean is not None and group.mean < SPARSE_COUNTS:
        why = SPARSE
    elif group.has_collapsed:
        why = COLLAPSED
    elif group.base < ENOUGH_POINTS:
        why = too_few(group.base)
    elif not group.varies or group.lower is None:
        why = SAME
    trial = group.base < ENOUGH_POINTS and why not in {SPARSE, COLLAPSED}
    return Part(points[start.at].label, group.base, trial=trial, why_not=why, rebase=start.rebase)


def _xmr_point(point: ChartPoint, one: Labelled, part: Part) -> ChartPoint:
    group = one.point.group
    limited = not part.why_not or part.trial
    said: tuple[str, ...] = ()
    if one.signals and limited:
        said = tuple(f"{signal.words} (trial limits)" if part.trial else signal.words for signal in one.signals)
    return ChartPoint(
        *point[:6],
        group.number,
        group.mean,
        group.lower if limited else None,
        group.upper if limited else None,
        said,
        Reading.ORDINARY if part.why_not else one.reading,
    )


def lines(
    chart: Chart, points: Sequence[ChartPoint], starts: Sequence[Start], *, better: Better, why_run: str = ""
) -> tuple[list[ChartPoint], list[Part]]:
    """The t, g, u, p, P' or run chart of ``points``. Values that are not known keep their place and count for nothing.

    ``why_run`` says why it is a run chart only, and nothing may be concluded from it.
    """
    drawn: list[ChartPoint] = []
    parts: list[Part] = []
    ends = [*(start.at for start in starts[1:]), len(points)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        mine, part = _phase(chart, points[start.at : end], better)
        drawn += [point._replace(part=number) for point in mine]
        parts.append(replace(part, rebase=start.rebase, why_not=why_run or part.why_not))
    return drawn, parts


def _phase(chart: Chart, points: Sequence[ChartPoint], better: Better) -> tuple[list[ChartPoint], Part]:
    known = [point for point in points if point.value is not None]
    part = Part(points[0].label, len(known), trial=chart is not Chart.RUN)
    if len(known) < FEWEST.get(chart, 1):
        return list(points), replace(part, why_not=too_few(len(known)))
    if chart in SIZED:
        counted, sizes = [point.counted or 0.0 for point in known], [point.out_of or 0.0 for point in known]
        read = read_chart(chart, counted, sizes=sizes)
    else:
        read = read_chart(chart, [point.value or 0.0 for point in known])
    part = _judged(chart, part, read.lines, read.phases[0])
    sides = too_long(read.lines[0].centre, [line.value for line in read.lines])
    found = iter(zip(read.lines, sides, strict=True))
    factor = 100.0 if chart in {Chart.P, Chart.P_PRIME} else 1.0
    return [
        _line_point(point, *next(found), part=part, factor=factor, better=better)
        if point.value is not None
        else point._replace(centre=read.lines[0].centre * factor)
        for point in points
    ], part


def _judged(chart: Chart, part: Part, found: Sequence[Line], runs: Runs) -> Part:
    """``part`` with why nothing may be concluded from it, if nothing may."""
    if chart is Chart.RUN:
        return part
    if all(line.upper == line.lower for line in found):
        return replace(part, trial=False, why_not=SAME)
    if part.known < ENOUGH_POINTS:
        return replace(part, why_not=too_few(part.known))
    return replace(part, trial=False, unusual_runs=runs.crossings < runs.crossings_expected)


def _line_point(point: ChartPoint, line: Line, side: int, *, part: Part, factor: float, better: Better) -> ChartPoint:
    said = []
    if line.beyond:
        said.append((ABOVE if line.beyond > 0 else BELOW, line.beyond))
    if side:
        said.append((RUN_ABOVE if side > 0 else RUN_BELOW, side))
    limited = part.why_not != SAME and line.upper is not None
    reading = Reading.ORDINARY
    if said and not part.why_not:
        reading = reading_of(Signal.ABOVE_LIMIT if said[0][1] > 0 else Signal.BELOW_LIMIT, better)
    return point._replace(
        centre=line.centre * factor,
        lower=line.lower * factor if limited and line.lower is not None else None,
        upper=line.upper * factor if limited and line.upper is not None else None,
        said=tuple(f"{words} (trial limits)" if part.trial else words for words, _ in said) if limited else (),
        reading=reading,
    )


def gaps(events: Sequence[datetime]) -> tuple[Chart, list[ChartPoint]]:
    """The points of the chart of the time between ``events`` (ascending), a point for each event but the first.

    Days between moments (t); where two events share a moment, whole days without an event between them (g).
    """
    days = [local_day(moment) for moment in events]
    same = any(one == other for one, other in pairwise(events))
    between: Callable[[int], float] = (
        (lambda i: float(max(0, (days[i] - days[i - 1]).days - 1)))
        if same
        else (lambda i: (events[i] - events[i - 1]).total_seconds() / DAY)
    )
    points = [ChartPoint(f"{days[i]:%-d %b %Y}", days[i], days[i], between(i)) for i in range(1, len(events))]
    return (Chart.G if same else Chart.T), points


def present(points: Sequence[ChartPoint]) -> list[ChartPoint]:
    """Those whose value is known."""
    return [point for point in points if point.value is not None]
