"""A measure's numbers read whole: which chart and why, its limits, labels and icons, and what may be said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import isfinite

from saferpractice.assurance.rules.charts import reading, sentences
from saferpractice.assurance.rules.charts.drawn import BETWEEN_EVENTS, ChartPoint, Gap, MeasureChart, Part, Rebase
from saferpractice.assurance.rules.charts.means import mean_of
from saferpractice.assurance.rules.charts.rare import Chart
from saferpractice.assurance.rules.charts.signals import Assurance, Better
from saferpractice.assurance.rules.charts.which import FEWEST_EVENTS, FEWEST_POINTS, Choice, Drawn, Number, which_chart
from saferpractice.assurance.rules.charts.xmr import RULES, ChartRefused
from saferpractice.assurance.rules.measures.series import Better as Way
from saferpractice.assurance.rules.measures.series import Period, Point, Series
from saferpractice.deadlines.rules import local_day

XMR_RULES = f"{RULES} (XmR; moving ranges of 3.267 times their average or more left out of the limits)"
LINE_RULES = "qicharts2 0.8.1"
BETTER = {Way.HIGHER: Better.HIGHER, Way.LOWER: Better.LOWER, Way.NEITHER: Better.NEITHER}
FLIPPED = {Better.HIGHER: Better.LOWER, Better.LOWER: Better.HIGHER, Better.NEITHER: Better.NEITHER}
BETWEEN_UNITS = {Drawn.T: "days", Drawn.G: "event-free days"}
RARE = (
    "There are fewer than two a period: limits for so few would call chance a change. Look at each, or at longer "
    "periods."
)
"""Where events are rare and the moment of each is not known."""
KINDS = {
    Drawn.TABLE: Chart.RUN,
    Drawn.U: Chart.U,
    Drawn.P: Chart.P,
    Drawn.P_PRIME: Chart.P_PRIME,
    Drawn.T: Chart.T,
    Drawn.G: Chart.G,
}


@dataclass(frozen=True, slots=True)
class _Read:
    """The points and parts of one kind of chart."""

    choice: Choice
    points: list[ChartPoint]
    parts: list[Part]
    better: Better
    cautions: tuple[str, ...] = ()


def measure_chart(
    series: Series, *, today: date, at: datetime | None = None, rebases: Sequence[Rebase] = ()
) -> MeasureChart:
    """The chart of ``series`` as it stands on ``today`` (a London day).

    A period that is not over is shown and counts for nothing; a period without a value keeps its place and is not a
    zero. The order in which points and rebases are given does not matter.

    Args:
        at: the moment up to which the gap since the last event is counted; without it nothing is said of it.
        rebases: decisions that the process differs from a day on; limits begin anew with the first point from then.

    Raises:
        ChartRefused: two periods begin on one day.
    """
    ordered = sorted(series.points, key=lambda point: point.period.from_on)
    points = [_point(series.measure.number, one) for one in ordered if one.period.to_on < today]
    running = [
        _point(series.measure.number, one, running=True)
        for one in ordered
        if one.period.from_on <= today <= one.period.to_on
    ]
    target = series.measure.target
    read = _read(series, points, rebases, target)
    last = read.points[-1] if read.points else None
    part = read.parts[-1] if read.parts else None
    no_icon = _no_icon(last, part)
    assurance, no_assurance = _assurance(read, last, target, no_icon)
    gap = _gap(series, read, at)
    between = read.choice.drawn in BETWEEN_EVENTS
    unit = BETWEEN_UNITS.get(read.choice.drawn) or _unit(series)
    shown = tuple(read.points if between else [*read.points, *running])
    chart = MeasureChart(
        measure=series.measure,
        of=series.of,
        drawn=read.choice.drawn,
        why=read.choice.why,
        unit=unit,
        points=shown,
        parts=tuple(read.parts),
        target=None if between else target,
        variation=None if no_icon or last is None else last.reading,
        no_icon=no_icon,
        assurance=assurance,
        no_assurance=no_assurance,
        gap=gap,
        sentences=(),
        rules=XMR_RULES if read.choice.drawn is Drawn.XMR else f"{LINE_RULES} ({read.choice.drawn.value})",
    )
    return sentences.told(chart, read.cautions)


def _point(number: Number, one: Point, *, running: bool = False) -> ChartPoint:
    period: Period = one.period
    return ChartPoint(
        period.label, period.from_on, period.to_on, _value(number, one), one.count, one.out_of, running=running
    )


def _value(number: Number, one: Point) -> float | None:
    """The value of a period in the unit shown; None where nothing can be said of it."""
    count, out_of = one.count, one.out_of
    if count is None or not isfinite(count):
        return None
    if number is Number.COUNT or number is Number.MEASURED:
        return float(count)
    if not out_of or not isfinite(out_of) or out_of < 0:
        return None
    if number is Number.RATE:
        return count / out_of
    return 100.0 * count / out_of if count <= out_of else None


def _unit(series: Series) -> str:
    return "%" if series.measure.number is Number.SHARE else series.measure.unit


def _read(series: Series, points: list[ChartPoint], rebases: Sequence[Rebase], target: float | None) -> _Read:
    better = BETTER[series.measure.better]
    starts = reading.starts_of([point.on for point in points], rebases)
    choice = _choice(series, points, starts)
    try:
        if choice.drawn is Drawn.XMR:
            counts = series.measure.number is Number.COUNT
            drawn, parts, chart = reading.xmr(points, starts, better=better, target=target, counts=counts)
            return _Read(choice, drawn, parts, better, chart.cautions)
        if choice.drawn in BETWEEN_EVENTS:
            return _between(series, choice, rebases, better)
        if not reading.present(points):
            return _Read(choice, points, [], better)
        why_run = choice.why if choice.drawn is Drawn.TABLE else ""
        drawn, parts = reading.lines(KINDS[choice.drawn], points, starts, better=better, why_run=why_run)
    except ChartRefused as refused:
        if len({point.on for point in points}) < len(points):
            raise
        return _Read(Choice(Drawn.TABLE, str(refused)), points, [], better)
    return _Read(choice, drawn, parts, better)


def _choice(series: Series, points: list[ChartPoint], starts: Sequence[reading.Start]) -> Choice:
    """The chart for the process as it is: judged by its newest part where that is long enough, else by all of it."""
    known = reading.present(points)
    newest = [point for point in points[starts[-1].at :] if point.value is not None]
    judged = newest if len(newest) >= FEWEST_POINTS else known
    if _is_rare(series, judged) and not series.events_at:
        if _is_rare(series, known):
            return Choice(Drawn.TABLE, RARE)
        judged = known
    counts = series.measure.number is not Number.MEASURED
    return which_chart(
        series.measure.number,
        [float(point.counted or 0.0) if counts else float(point.value or 0.0) for point in judged],
        sizes=[float(point.out_of or 0.0) for point in judged],
        events=len(series.events_at),
    )


def _is_rare(series: Series, points: list[ChartPoint]) -> bool:
    if series.measure.number not in {Number.COUNT, Number.RATE} or not points:
        return False
    return mean_of([point.counted or 0.0 for point in points]) < FEWEST_EVENTS


def _between(series: Series, choice: Choice, rebases: Sequence[Rebase], better: Better) -> _Read:
    """The chart of what lies between events: there more is better where fewer events are."""
    kind, points = reading.gaps(sorted(series.events_at))
    better = FLIPPED[better]
    starts = reading.starts_of([point.on for point in points], rebases)
    drawn, parts = reading.lines(kind, points, _apart(points, starts), better=better)
    if kind is Chart.G:
        why = f"{choice.why} Two events share a moment, so days without an event are counted between them."
        choice = Choice(Drawn.G, why)
    return _Read(choice, drawn, parts, better)


def _apart(points: Sequence[ChartPoint], starts: list[reading.Start]) -> list[reading.Start]:
    """Parts that begin on one day of several events begin with the first of them."""
    return [start for start in starts if not start.at or points[start.at - 1].on < points[start.at].on]


def _no_icon(last: ChartPoint | None, part: Part | None) -> str:
    """Why the chart has no icon of variation; empty where it has one."""
    if last is None:
        return "There are no points yet."
    if part is None or not part.known:
        return "No value is known."
    if part.why_not:
        return part.why_not
    return f"There is no value for {last.label}." if last.value is None else ""


def _assurance(
    read: _Read, last: ChartPoint | None, target: float | None, no_icon: str
) -> tuple[Assurance | None, str]:
    """The icon of assurance, or why there is none: the target held against the limits of the last point."""
    if target is None:
        return None, "No target is set."
    if read.choice.drawn in BETWEEN_EVENTS:
        return None, "The target is for events a period; this chart shows the time between them."
    if read.better is Better.NEITHER:
        return None, "Neither way is better, so there is nothing to assure."
    if last is None or no_icon or last.lower is None or last.upper is None:
        return None, no_icon or reading.SAME
    if last.lower <= target <= last.upper:
        return Assurance.HIT_OR_MISS, ""
    meets = (target > last.upper) is (read.better is Better.LOWER)
    return (Assurance.WILL_MEET if meets else Assurance.WILL_MISS), ""


def _gap(series: Series, read: _Read, at: datetime | None) -> Gap | None:
    """How long nothing has happened, where the chart is of the time between events."""
    if at is None or read.choice.drawn not in BETWEEN_EVENTS or not series.events_at:
        return None
    newest = max(series.events_at)
    if read.choice.drawn is Drawn.G:
        days = float(max(0, (local_day(at) - local_day(newest)).days - 1))
    else:
        days = max(0.0, (at - newest).total_seconds() / reading.DAY)
    upper = read.points[-1].upper if read.points and not read.parts[-1].why_not else None
    return Gap(days, upper is not None and days > upper)


def place_of(chart: MeasureChart, day: date) -> float | None:
    """Where ``day`` lies among the points, in points from the first (0.0); None when it is outside the chart.

    A period reaches half a point to each side; on a chart between events a point lies on the day of its event.
    """
    points = chart.points
    if not points:
        return None
    if chart.drawn in BETWEEN_EVENTS:
        return _among_events([point.on for point in points], day)
    for i, point in enumerate(points):
        if point.on <= day <= point.until:
            return i - 0.5 + (day - point.on).days / ((point.until - point.on).days + 1)
    return None


def _among_events(days: list[date], day: date) -> float | None:
    if not days[0] <= day <= days[-1]:
        return None
    for i, (one, other) in enumerate(pairwise(days)):
        if one <= day < other:
            return i + (day - one).days / (other - one).days
    return float(len(days) - 1)
