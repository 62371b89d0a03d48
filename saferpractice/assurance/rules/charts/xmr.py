"""The XmR chart: mean, limits and marks, group by group.

Source: NHSRplotthedots 0.2.2 (NHS-R community; MIT), which follows NHS England's Making Data Count. Every field is
compared with that tool on its own series in ``tests/rules/assurance/charts``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from saferpractice.assurance.rules.charts.means import mean_of

RULES = "NHSRplotthedots 0.2.2"
"""The rule set in force, kept with every chart that somebody draws a conclusion from."""
LIMIT = 2.66
"""Limits lie this many average moving ranges from the mean: 3 / 1.128 as the tool rounds it."""
NEAR = 2 * LIMIT / 3
SCREEN = 3.267
"""A moving range this many times the average or more does not count for the limits (screening, once)."""
ENOUGH_POINTS = 13
"""Fewer in a group give trial limits. The tool's text says 12, its code and NHS England's team 13."""
FEWEST_TO_FIX = 12


class ChartRefused(ValueError):
    """These points cannot make a chart. The words say what to put right."""


@dataclass(frozen=True, slots=True)
class Group:
    """A run of points that shares mean and limits. No limits where no moving range counts (a constant group)."""

    number: int
    first: date
    points: int
    base: int
    mean: float | None
    range_all: float | None
    range_used: float | None
    lower: float | None
    upper: float | None
    near_lower: float | None
    near_upper: float | None
    varies: bool

    @property
    def is_short(self) -> bool:
        """Whether its limits are trial limits only."""
        return self.points < ENOUGH_POINTS

    @property
    def has_collapsed(self) -> bool:
        """Whether screening left only ranges of zero although the values vary: sparse counts, not to be read."""
        return self.range_used == 0 and self.varies


class Point(NamedTuple):
    """One point with its place: ``side`` of the mean (+1, 0, -1), outside the limits, or near them.

    A missing value has no marks; without limits nothing is outside or near, and the marks are None.
    """

    on: date
    value: float | None
    group: Group
    moving_range: float | None
    range_counts: bool | None
    side: int | None
    outside: bool | None
    near: bool | None


def place(
    dates: Sequence[date],
    values: Sequence[float | None],
    *,
    rebase_on: Sequence[date] = (),
    fix_after: int | None = None,
    screen: bool = True,
) -> tuple[tuple[Point, ...], tuple[Group, ...]]:
    """The points in the order of their dates, each with its marks, and the groups they lie in.

    Args:
        dates: one for each value; a period without a value has a date and None.
        rebase_on: dates of points that begin a new group; a person decides them, with a reason.
        fix_after: limits of each group come from its first so many points.
        screen: leave moving ranges of ``SCREEN`` times the average out of the limits.

    Raises:
        ChartRefused: two points of one date, lengths that differ, a rebase on a date that is no point's, or limits
            fixed on too few points.
    """
    _check(dates, values, rebase_on, fix_after)
    order = sorted(range(len(dates)), key=dates.__getitem__)
    starts = [0, *(i for i, at in enumerate(order) if i and dates[at] in set(rebase_on)), len(order)]
    points: list[Point] = []
    groups: list[Group] = []
    for number, (start, end) in enumerate(pairwise(starts)):
        if start == end:
            continue
        mine = order[start:end]
        found = _placed(number, [dates[i] for i in mine], [values[i] for i in mine], fix_after, screen=screen)
        points += found
        groups.append(found[0].group)
    return tuple(points), tuple(groups)


def _check(
    dates: Sequence[date], values: Sequence[float | None], rebase_on: Sequence[date], fix_after: int | None
) -> None:
    if len(dates) != len(values):
        raise ChartRefused("Give one date for each value.")
    if len(set(dates)) != len(dates):
        raise ChartRefused("Two points have the same date. Put them together or give each its own.")
    strangers = sorted(set(rebase_on) - set(dates))
    if strangers:
        raise ChartRefused(f"No point has the date {strangers[0]:%d/%m/%Y}, so no new limits can begin there.")
    if fix_after is not None and fix_after < FEWEST_TO_FIX:
        raise ChartRefused(f"Limits can be fixed after {FEWEST_TO_FIX} points or more.")


def _placed(
    number: int, dates: list[date], values: list[float | None], fix_after: int | None, *, screen: bool
) -> list[Point]:
    base = values[:fix_after]
    ranges = [None, *(_range(one, other) for one, other in pairwise(base))]
    ranges += [None] * (len(values) - len(base))
    present = [each for each in ranges if each is not None]
    average = mean_of(present) if present else None
    counts = [None if each is None or average is None else not screen or each < SCREEN * average for each in ranges]
    used = [each for each, yes in zip(ranges, counts, strict=True) if yes and each is not None]
    group = _group(number, dates, [value for value in base if value is not None], average, used)
    return [
        _marked(on, value, group, each, yes) for on, value, each, yes in zip(dates, values, ranges, counts, strict=True)
    ]


def _range(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else abs(other - one)


def _group(number: int, dates: list[date], base: list[float], average: float | None, used: list[float]) -> Group:
    mean = mean_of(base) if base else None
    spread = mean_of(used) if used else None

    def at(times: float) -> float | None:
        return None if mean is None or spread is None else mean + times * spread

    return Group(
        number=number,
        first=dates[0],
        points=len(dates),
        base=len(base),
        mean=mean,
        range_all=average,
        range_used=spread,
        lower=at(-LIMIT),
        upper=at(LIMIT),
        near_lower=at(-NEAR),
        near_upper=at(NEAR),
        varies=len(set(base)) > 1,
    )


def _marked(on: date, value: float | None, group: Group, each: float | None, counts: bool | None) -> Point:  # noqa: FBT001
    side = None if value is None or group.mean is None else (value > group.mean) - (value < group.mean)
    outside = near = None
    if value is not None and group.lower is not None and group.upper is not None:
        outside = value > group.upper or value < group.lower
        near = not outside and _beyond(value, group.near_lower, group.near_upper)
    return Point(on, value, group, each, counts, side, outside, near)


def _beyond(value: float, lower: float | None, upper: float | None) -> bool:
    return lower is not None and upper is not None and (value > upper or value < lower)
