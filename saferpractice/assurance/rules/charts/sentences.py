"""What a chart says, in plain words, for somebody who reads no charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from saferpractice.assurance.rules.charts.drawn import BETWEEN_EVENTS, ChartPoint, MeasureChart, in_words
from saferpractice.assurance.rules.charts.signals import Assurance, Reading
from saferpractice.assurance.rules.charts.which import Drawn
from saferpractice.assurance.rules.measures.series import Better

VARIATION = {
    Reading.IMPROVEMENT_HIGH: "Special cause: higher, and that is an improvement",
    Reading.IMPROVEMENT_LOW: "Special cause: lower, and that is an improvement",
    Reading.CONCERN_HIGH: "Special cause: higher, and that is a concern",
    Reading.CONCERN_LOW: "Special cause: lower, and that is a concern",
    Reading.NEUTRAL_HIGH: "Special cause: higher",
    Reading.NEUTRAL_LOW: "Special cause: lower",
    Reading.ORDINARY: "Ordinary variation: no sign of change",
}
"""The icon of variation in words."""
BETWEEN = {
    Reading.IMPROVEMENT_HIGH: "Special cause: rarer, and that is an improvement",
    Reading.IMPROVEMENT_LOW: "Special cause: more often, and that is an improvement",
    Reading.CONCERN_HIGH: "Special cause: rarer, and that is a concern",
    Reading.CONCERN_LOW: "Special cause: more often, and that is a concern",
    Reading.NEUTRAL_HIGH: "Special cause: rarer",
    Reading.NEUTRAL_LOW: "Special cause: more often",
    Reading.ORDINARY: "Ordinary variation: no sign of change",
}
"""The same where a point is the time between two events."""
ASSURANCE = {
    Assurance.WILL_MEET: "The target will be met if nothing changes",
    Assurance.WILL_MISS: "The target will be missed unless something changes",
    Assurance.HIT_OR_MISS: "The target will be met at times and missed at times",
}
"""The icon of assurance in words."""
WAYS = {Better.HIGHER: "More is better.", Better.LOWER: "Less is better.", Better.NEITHER: "Neither way is better."}


def told(chart: MeasureChart, cautions: Sequence[str]) -> MeasureChart:
    """``chart`` with its sentences."""
    return replace(chart, sentences=(*_of(chart), *cautions))


def variation_words(chart: MeasureChart) -> str:
    """The icon of variation in words, or why there is none."""
    if chart.variation is None:
        return chart.no_icon
    return (BETWEEN if chart.drawn in BETWEEN_EVENTS else VARIATION)[chart.variation]


def assurance_words(chart: MeasureChart) -> str:
    """The icon of assurance in words, or why there is none."""
    return chart.no_assurance if chart.assurance is None else ASSURANCE[chart.assurance]


def _of(chart: MeasureChart) -> Iterator[str]:
    last = chart.last
    if last is not None:
        yield _latest(chart, last)
    if chart.variation is None:
        yield f"{chart.no_icon} So nothing is concluded from it yet."
    elif chart.variation is Reading.ORDINARY:
        yield from _ordinary(chart)
    elif last is not None:
        yield _special(chart, last)
    if chart.assurance is not None and last is not None:
        yield _assured(chart, last)
    yield from _gap(chart)
    if chart.parts and chart.parts[-1].unusual_runs:
        yield "The line is crossed less often than chance would have it: the process has shifted on the way."
    yield from _beside(chart)


def _latest(chart: MeasureChart, last: ChartPoint) -> str:
    if last.value is None:
        return f"There is no value for {last.label}. That is not a zero."
    shown = in_words(last.value, chart.unit)
    line = "middle" if chart.drawn in {Drawn.TABLE, Drawn.G} else "average"
    about = "" if last.centre is None else f" (the {line} is {in_words(last.centre, chart.unit)})"
    if chart.drawn in BETWEEN_EVENTS:
        return f"The event of {last.label} came after {shown}{about}."
    return f"{last.label}: {shown}{about}."


def _ordinary(chart: MeasureChart) -> Iterator[str]:
    part = len(chart.parts) - 1
    special = [point for point in chart.complete if point.part == part and point.reading is not Reading.ORDINARY]
    if not special:
        yield "It lies within what this process does by chance: there is no sign of change."
        return
    yield "It lies within what this process does by chance."
    newest = special[-1]
    words = (BETWEEN if chart.drawn in BETWEEN_EVENTS else VARIATION)[newest.reading].removeprefix("Special cause: ")
    yield f"Earlier points do not: the newest of them is {newest.label} ({newest.said[0].lower()}; {words})."


def _special(chart: MeasureChart, last: ChartPoint) -> str:
    words = variation_words(chart).removeprefix("Special cause: ")
    return f"{last.said[0]}: more than chance explains. It is {words}."


def _assured(chart: MeasureChart, last: ChartPoint) -> str:
    target = in_words(chart.target, chart.unit)
    limits = f"{in_words(last.lower, chart.unit)} to {in_words(last.upper, chart.unit)}"
    if chart.assurance is Assurance.WILL_MEET:
        return f"The target of {target} lies beyond what chance brings ({limits}), on the right side of it."
    if chart.assurance is Assurance.WILL_MISS:
        return f"The target of {target} lies beyond what chance brings ({limits}): this process does not reach it."
    return f"The target of {target} lies within what chance brings ({limits})."


def _gap(chart: MeasureChart) -> Iterator[str]:
    if chart.gap is None:
        return
    days = int(chart.gap.days)
    since = f"{days} {'day' if days == 1 else 'days'}"
    if chart.gap.longer_than_limit:
        yield f"Nothing has happened for {since}: already longer than the upper limit."
    else:
        yield f"Nothing has happened for {since}. That gap is not over, so it is not a point."


def _beside(chart: MeasureChart) -> Iterator[str]:
    for point in chart.points:
        if point.running and point.value is not None:
            yield f"{point.label} is not over: {in_words(point.value, chart.unit)} so far. It counts for nothing yet."
    missing = [point.label for point in chart.complete if point.value is None]
    if missing:
        named = f"{missing[0]} has" if len(missing) == 1 else f"{len(missing)} periods have"
        yield f"{named} no value. That is not a zero, and no rule reaches across the gap."
    for part in chart.parts:
        if part.rebase is not None:
            by = f" ({part.rebase.by})" if part.rebase.by else ""
            yield f"New limits from {part.first}{by}: {part.rebase.reason}"
