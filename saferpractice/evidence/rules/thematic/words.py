"""What may be said of counts a month: ordinary variation is never called a trend, and few are never compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from saferpractice.assurance.rules.charts import (
    Better,
    Chart,
    Drawn,
    Labelled,
    Number,
    Signal,
    read_chart,
    read_xmr,
    which_chart,
)

MONTHS_OF_QUARTER = 3
HALF_A_DAY = 0.5
"""Two incidents on one day are half a day apart: a chart of the time between them needs some."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the chart says of a quarter: whether it stands out, in a sentence, and which chart says so.

    ``dots`` are the points of a chart with limits: label, value, centre, lower and upper limit, reading. Numbers are
    kept as text, to two decimals, so that what is frozen has one form. None: it is drawn without limits.
    """

    stands_out: bool
    sentence: str
    chart: str
    dots: tuple[tuple[str, ...], ...] = ()


def said_of(months: Sequence[tuple[date, int]], days: Sequence[date], quarter_first: date) -> Said:
    """What may be said of the quarter beginning on ``quarter_first``, its last months held against those before.

    Args:
        months: the first day of each month and its count, oldest first; the last three are the quarter.
        days: the London day of each incident counted, in any order.
        quarter_first: the first day of the quarter.
    """
    counts = [count for _, count in months]
    choice = which_chart(Number.COUNT, [float(count) for count in counts], events=len(days))
    if not any(counts):
        return Said(False, "There was none in this time.", Drawn.TABLE.value)
    if choice.drawn is Drawn.XMR:
        return _of_months(months, choice.drawn.value)
    if choice.drawn is Drawn.T:
        return _of_gaps(sorted(days), quarter_first, choice.drawn.value)
    return Said(
        False,
        "There are too few to tell a change from chance. Look at each incident, and do not compare the numbers.",
        choice.drawn.value,
    )


def _of_months(months: Sequence[tuple[date, int]], chart: str) -> Said:
    read = read_xmr(
        [month for month, _ in months], [float(count) for _, count in months], better=Better.NEITHER, counts=True
    )
    if read.why_not:
        return Said(False, f"Nothing can be concluded yet. {read.why_not}", chart)
    dots = tuple(_dot(point) for point in read.points)
    signals = [point.label for point in read.points[-MONTHS_OF_QUARTER:] if point.label is not Signal.NONE]
    weak = f" {' '.join(read.cautions)}" if read.cautions else ""
    if signals:
        found = ", ".join(dict.fromkeys(signal.words.lower() for signal in signals))
        return Said(
            True,
            f"The quarter stands out from the months before it: {found}. That asks a question, and is no proof by "
            f"itself. More reports can mean that more is noticed.{weak}",
            chart,
            dots,
        )
    return Said(
        False,
        "The months of this quarter vary as the months before them did. A difference from another quarter is no "
        f"trend.{weak}",
        chart,
        dots,
    )


def _dot(one: Labelled) -> tuple[str, ...]:
    point, group = one.point, one.point.group
    numbers = (point.value, group.mean, group.lower, group.upper)
    return (f"{point.on:%b %Y}", *(f"{number or 0.0:.2f}" for number in numbers), one.reading.value)


def _of_gaps(days: Sequence[date], quarter_first: date, chart: str) -> Said:
    gaps = [max(float((later - earlier).days), HALF_A_DAY) for earlier, later in pairwise(days)]
    read = read_chart(Chart.T, gaps)
    ends = days[1:]
    outside = [
        line
        for line, day in zip(read.lines, ends, strict=True)
        if day >= quarter_first
        and ((line.upper is not None and line.value > line.upper) or (line.lower and line.value < line.lower))
    ]
    if not outside:
        return Said(
            False,
            "There are fewer than two a month, so the days between them say more than the counts: in this quarter "
            "they vary as they did before.",
            chart,
        )
    longer = outside[-1].upper is not None and outside[-1].value > outside[-1].upper
    return Said(
        True,
        f"There are fewer than two a month, and in this quarter the days between two of them were "
        f"{'longer' if longer else 'shorter'} than before, beyond chance. That asks a question, and is no proof by "
        "itself.",
        chart,
    )
