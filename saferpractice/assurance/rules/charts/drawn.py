"""What a chart of a measure is: its points, its parts, and what may be said of it. No drawing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from saferpractice.assurance.rules.charts.signals import Assurance, Reading
from saferpractice.assurance.rules.charts.which import Drawn
from saferpractice.assurance.rules.measures.series import Measure

BETWEEN_EVENTS = frozenset({Drawn.T, Drawn.G})
"""Charts of what lies between one event and the next: on them high is good for harm."""


@dataclass(frozen=True, slots=True)
class Rebase:
    """A person decided that the process differs from a London day on, and said why."""

    on: date
    reason: str
    by: str = ""
    decided_on: date | None = None


class ChartPoint(NamedTuple):
    """One point: a period, or the time from one event to the next.

    ``value``, ``centre`` and limits are in the unit shown (shares in per cent); a value that is not known is None.
    ``said`` is every rule that holds, in words, the one that decides first; ``reading`` is what it means. A period
    that is not over (``running``) is no point of the chart: it has a value and nothing else. A tuple, since charts
    are made by the thousand.
    """

    label: str
    on: date
    until: date
    value: float | None
    counted: float | None = None
    out_of: float | None = None
    part: int = 0
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    said: tuple[str, ...] = ()
    reading: Reading = Reading.ORDINARY
    running: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A run of points that shares centre and limits. ``known`` of its points have a value.

    ``why_not`` says why no conclusion may be drawn from it; its points then carry no reading. ``trial`` says that its
    limits rest on fewer than 13 points; ``unusual_runs`` that the points lie otherwise about the line than by chance.
    """

    first: str
    known: int
    trial: bool = False
    why_not: str = ""
    unusual_runs: bool = False
    rebase: Rebase | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """The days since the last event. It is not over, so it is no point: longer than the limit, or nothing is said."""

    days: float
    longer_than_limit: bool


@dataclass(frozen=True, slots=True)
class MeasureChart:
    """A measure as it is drawn, and every word that may be said of it.

    ``variation`` and ``assurance`` are the icons; where there is none, ``no_icon`` and ``no_assurance`` say why.
    ``rules`` names the rule set and its version: keep it with whatever is concluded.
    """

    measure: Measure
    of: str
    drawn: Drawn
    why: str
    unit: str
    points: tuple[ChartPoint, ...]
    parts: tuple[Part, ...]
    target: float | None
    variation: Reading | None
    no_icon: str
    assurance: Assurance | None
    no_assurance: str
    gap: Gap | None
    sentences: tuple[str, ...]
    rules: str

    @property
    def complete(self) -> tuple[ChartPoint, ...]:
        """The points of the chart, without a period that is not over."""
        return tuple(point for point in self.points if not point.running)

    @property
    def last(self) -> ChartPoint | None:
        """The last point, whether its value is known or not."""
        return next((point for point in reversed(self.points) if not point.running), None)


def in_words(value: float | None, unit: str) -> str:
    """A number as a reader sees it: one decimal (two below 1, none from 1,000), with its unit."""
    if value is None:
        return "no value"
    size = abs(value)
    places = 0 if size >= 1000 or abs(value - round(value)) < 5e-4 else 1 if size >= 1 else 2
    number = f"{value:,.{places}f}"
    if not unit:
        return number
    return f"{number}%" if unit == "%" else f"{number} {unit}"
