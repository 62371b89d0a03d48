"""A measure, defined once, and its numbers a period at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from saferpractice.assurance.rules.charts.which import Number


class Better(StrEnum):
    """Which way of a measure is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, defined once: every page, chart, verdict and export reads it from here.

    ``number`` says what kind of number a point is. ``target`` is in the unit of the points (per cent for shares).
    ``rows`` says in words which records the numbers are read from: there is no other source.
    """

    key: str
    name: str
    number: Number
    better: Better
    numerator: str
    denominator: str
    rows: str
    exposure: str = ""
    unit: str = ""
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A week, month or quarter: London days, both ends included."""

    from_on: date
    to_on: date
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """The numbers of one period: ``count`` of ``out_of``.

    For shares, records that met the standard out of all; for rates, events out of exposure; for counts, ``out_of``
    is None; for what was measured, ``count`` is the value and ``out_of`` how many it was read from. ``count`` is
    None when nothing can be said of the period: that is not a zero.
    """

    period: Period
    count: float | None
    out_of: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A measure of one team, service or provider (``of``), oldest period first, no period left out.

    ``events_at`` are the moments (UTC) of the events counted, oldest first, where a chart of the time between them
    may be drawn.
    """

    measure: Measure
    of: str
    points: tuple[Point, ...]
    events_at: tuple[datetime, ...] = ()
