"""Many charts of one measure: which needs a look first."""

from __future__ import annotations

from enum import IntEnum

from saferpractice.assurance.rules.charts.drawn import BETWEEN_EVENTS, ChartPoint, MeasureChart, in_words
from saferpractice.assurance.rules.charts.sentences import ASSURANCE, variation_words
from saferpractice.assurance.rules.charts.signals import Assurance, Reading

CONCERNS = frozenset({Reading.CONCERN_HIGH, Reading.CONCERN_LOW})
IMPROVEMENTS = frozenset({Reading.IMPROVEMENT_HIGH, Reading.IMPROVEMENT_LOW})
RECENT = 3
"""A special cause among so many last points still needs a look though the last point is ordinary."""


class Need(IntEnum):
    """Why a chart stands where it stands among many; the first needs a look first."""

    CONCERN = 0
    MISSES_TARGET = 1
    IMPROVEMENT = 2
    ORDINARY = 3
    TOO_FEW = 4

    @property
    def words(self) -> str:
        """As a heading or a filter says it."""
        return {
            Need.CONCERN: "Special cause: a concern",
            Need.MISSES_TARGET: "Target will be missed",
            Need.IMPROVEMENT: "Special cause: an improvement",
            Need.ORDINARY: "Ordinary variation",
            Need.TOO_FEW: "Too few points, or nothing to conclude",
        }[self]


SPECIAL = frozenset({Need.CONCERN, Need.IMPROVEMENT})


def need_of(chart: MeasureChart) -> Need:
    """Why somebody should look at ``chart``, or need not."""
    newest = _newest(chart)
    if newest is not None and newest.reading in CONCERNS:
        return Need.CONCERN
    if chart.assurance is Assurance.WILL_MISS:
        return Need.MISSES_TARGET
    if newest is not None and newest.reading in IMPROVEMENTS:
        return Need.IMPROVEMENT
    return Need.TOO_FEW if chart.variation is None else Need.ORDINARY


def look_order(chart: MeasureChart) -> tuple[int, int, str]:
    """What to sort many charts by: the need, among concerns (or improvements) the newest first, then the name."""
    need = need_of(chart)
    newest = _newest(chart) if need in SPECIAL else None
    return need, -newest.on.toordinal() if newest else 0, chart.of


def in_a_sentence(chart: MeasureChart) -> str:
    """What a row of many says of its chart."""
    need = need_of(chart)
    newest = _newest(chart) if need in SPECIAL else None
    if newest is not None and newest is not chart.last:
        meaning = "a concern" if need is Need.CONCERN else "an improvement"
        return f"The last point is ordinary; {newest.label} was {meaning}: {newest.said[0].lower()}."
    if newest is not None:
        return f"{newest.said[0]}. {variation_words(chart)}."
    if need is Need.MISSES_TARGET:
        return f"{ASSURANCE[Assurance.WILL_MISS]}."
    if need is Need.TOO_FEW:
        return chart.no_icon
    gap = chart.gap
    if gap is not None and gap.longer_than_limit:
        return f"Nothing has happened for {int(gap.days)} days: already longer than the upper limit."
    return f"{variation_words(chart)}."


def latest_in_words(chart: MeasureChart) -> str:
    """The last point with its period, or that there is none."""
    last = chart.last
    if last is None:
        return "No points yet"
    if chart.drawn in BETWEEN_EVENTS:
        return f"{in_words(last.value, chart.unit)} before {last.label}"
    return (
        f"{in_words(last.value, chart.unit)} in {last.label}" if last.value is not None else f"No value, {last.label}"
    )


def _newest(chart: MeasureChart) -> ChartPoint | None:
    """The newest special cause among the last few points of the newest part; None where nothing may be concluded.

    One good point turns those before it, which lie high, into a long run: only the newest says how things are.
    """
    if not chart.parts or chart.parts[-1].why_not:
        return None
    recent = [point for point in chart.complete[-RECENT:] if point.part == len(chart.parts) - 1]
    return next((point for point in reversed(recent) if point.reading is not Reading.ORDINARY), None)
