"""Series of numbers for the tests of charts."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from saferpractice.assurance.rules.charts.chart import measure_chart
from saferpractice.assurance.rules.charts.drawn import MeasureChart
from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures import Better, Measure, Period, Point, Series

FIRST = date(2023, 4, 1)
AFTER = date(2030, 1, 1)
"""A day on which every period of the tests is over."""


def months(number: int, first: date = FIRST) -> list[Period]:
    found = []
    for i in range(number):
        year, month = divmod(first.year * 12 + first.month - 1 + i, 12)
        begins = date(year, month + 1, 1)
        ends = begins.replace(day=calendar.monthrange(year, month + 1)[1])
        found.append(Period(begins, ends, f"{begins:%b %Y}"))
    return found


def measure(number: Number = Number.MEASURED, better: Better = Better.LOWER, **more: Any) -> Measure:
    parts = {
        "key": "late",
        "name": "Late escalations",
        "numerator": "late",
        "denominator": "all",
        "rows": "Escalations",
    }
    return Measure(number=number, better=better, **(parts | more))


def series(
    values: Sequence[float | None],
    *,
    sizes: Sequence[float | None] = (),
    events: Sequence[datetime] = (),
    of: str = "North team",
    **more: Any,
) -> Series:
    points = [
        Point(period, value, sizes[i] if sizes else None)
        for i, (period, value) in enumerate(zip(months(len(values)), values, strict=True))
    ]
    return Series(measure(**more), of, tuple(points), tuple(events))


def chart(values: Sequence[float | None], *, today: date = AFTER, **more: Any) -> MeasureChart:
    rebases, at = more.pop("rebases", ()), more.pop("at", None)
    return measure_chart(series(values, **more), today=today, at=at, rebases=rebases)


def calm(number: int, *, about: float = 10.0) -> list[float]:
    """Ordinary periods: now a little above, now a little below."""
    return [about + (1 if i % 2 else -1) * (0.5 + 0.1 * (i % 3)) for i in range(number)]


def events(*gaps: float, first: datetime = datetime(2023, 5, 1, 9, 0, tzinfo=UTC)) -> list[datetime]:
    """Moments so many days apart."""
    found = [first]
    for gap in gaps:
        found.append(found[-1] + timedelta(days=gap))
    return found
