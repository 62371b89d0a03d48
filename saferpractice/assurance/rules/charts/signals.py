"""What an XmR chart says: the four rules, one label a point, the two icons, and when it says nothing.

Source: NHSRplotthedots 0.2.2. ``TwoInThree.OF_2023`` is what NHS England's Making Data Count team announced in
November 2023 (NHSRplotthedots issue 194): points outside the limits count as near ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from saferpractice.assurance.rules.charts.means import mean_of
from saferpractice.assurance.rules.charts.xmr import Group, Point, place

RUN = 7
"""So many points in a row make a trend, or a shift."""
WEAK_COUNTS = 5.0
SPARSE_COUNTS = 2.0
"""Below this mean a period an XmR of counts flags by chance; below ``WEAK_COUNTS`` it is weak."""


class Better(StrEnum):
    """Which way is better."""

    HIGHER = "increase"
    LOWER = "decrease"
    NEITHER = "neutral"


class TwoInThree(StrEnum):
    """Which points the rule of two in three counts."""

    OF_THE_TOOL = "NHSRplotthedots 0.2.2"
    OF_2023 = "Making Data Count, November 2023"


class Signal(StrEnum):
    """What a rule says of a point. The values are the words of the tool."""

    ABOVE_LIMIT = "Above UCL"
    BELOW_LIMIT = "Below LCL"
    RISING = "7 Point Trend (Increasing)"
    FALLING = "7 Point Trend (Decreasing)"
    TWO_IN_THREE_ABOVE = "2 in 3 Above CL"
    TWO_IN_THREE_BELOW = "2 in 3 Below CL"
    SHIFT_ABOVE = "7 Points Above CL"
    SHIFT_BELOW = "7 Points Below CL"
    NONE = "Common Cause"

    @property
    def is_high(self) -> bool:
        """Whether it speaks of higher values."""
        return self in {Signal.ABOVE_LIMIT, Signal.RISING, Signal.TWO_IN_THREE_ABOVE, Signal.SHIFT_ABOVE}

    @property
    def words(self) -> str:
        """As a reader sees it."""
        return {
            Signal.ABOVE_LIMIT: "Above the upper limit",
            Signal.BELOW_LIMIT: "Below the lower limit",
            Signal.RISING: "Seven or more rising in a row",
            Signal.FALLING: "Seven or more falling in a row",
            Signal.TWO_IN_THREE_ABOVE: "Two of three close to the upper limit",
            Signal.TWO_IN_THREE_BELOW: "Two of three close to the lower limit",
            Signal.SHIFT_ABOVE: "Seven or more above the mean in a row",
            Signal.SHIFT_BELOW: "Seven or more below the mean in a row",
            Signal.NONE: "Ordinary variation",
        }[self]


class Reading(StrEnum):
    """What a signal means, given which way is better."""

    IMPROVEMENT_HIGH = "improvement_high"
    IMPROVEMENT_LOW = "improvement_low"
    CONCERN_HIGH = "concern_high"
    CONCERN_LOW = "concern_low"
    NEUTRAL_HIGH = "neutral_high"
    NEUTRAL_LOW = "neutral_low"
    ORDINARY = "common_cause"


class Assurance(StrEnum):
    """Whether the target lies within what the process does by itself."""

    WILL_MEET = "consistent_pass"
    WILL_MISS = "consistent_fail"
    HIT_OR_MISS = "inconsistent"


class Labelled(NamedTuple):
    """A point with every rule that holds for it, the first of which is its label."""

    point: Point
    signals: tuple[Signal, ...]
    reading: Reading

    @property
    def label(self) -> Signal:
        """The one shown, in the order outside, trend, two in three, shift."""
        return self.signals[0] if self.signals else Signal.NONE


@dataclass(frozen=True, slots=True)
class XmrChart:
    """A chart read whole.

    ``variation`` and ``assurance`` are what the rules say of the last point and its group. Where ``why_not`` says
    something, no conclusion may be drawn and a page shows these words instead of the two.
    """

    points: tuple[Labelled, ...]
    groups: tuple[Group, ...]
    variation: Reading
    assurance: Assurance | None
    why_not: str
    cautions: tuple[str, ...]
    two_in_three: TwoInThree
    screened: bool


def read_xmr(
    dates: Sequence[date],
    values: Sequence[float | None],
    *,
    better: Better,
    target: float | None = None,
    rebase_on: Sequence[date] = (),
    fix_after: int | None = None,
    screen: bool = True,
    counts: bool = False,
    two_in_three: TwoInThree = TwoInThree.OF_THE_TOOL,
) -> XmrChart:
    """The chart of ``values``, as a careful reader may show it.

    Args:
        counts: whether the values are counts of events: then sparse ones are refused, weak ones said to be so.

    Raises:
        ChartRefused: see ``place``.
    """
    points, groups = place(dates, values, rebase_on=rebase_on, fix_after=fix_after, screen=screen)
    labelled = tuple(label_points(points, better, two_in_three))
    return XmrChart(
        points=labelled,
        groups=groups,
        variation=labelled[-1].reading if labelled else Reading.ORDINARY,
        assurance=assurance_of(groups[-1], better, target) if groups else None,
        why_not=_why_not(points, groups, counts=counts),
        cautions=tuple(_cautions(points, groups, target, fix_after, counts=counts)),
        two_in_three=two_in_three,
        screened=screen,
    )


def label_points(points: Sequence[Point], better: Better, two_in_three: TwoInThree) -> Iterator[Labelled]:
    """Each point with the rules that hold for it. No run crosses a group or a missing value."""
    start = 0
    while start < len(points):
        end = start
        while end < len(points) and points[end].group is points[start].group:
            end += 1
        yield from _label_group(points[start:end], better, two_in_three)
        start = end


def _label_group(points: Sequence[Point], better: Better, two_in_three: TwoInThree) -> Iterator[Labelled]:
    trend, two, shift = _trends(points), _two_in_three(points, two_in_three), _shifts(points)
    for i, point in enumerate(points):
        # Most points carry no signal, and charts are read by the thousand.
        if not (point.outside or trend[i] or two[i] or shift[i]):
            yield Labelled(point, (), Reading.ORDINARY)
            continue
        outside = 0
        if point.outside:
            outside = 1 if point.value is not None and point.value > (point.group.upper or 0.0) else -1
        found = (
            _either(outside, Signal.ABOVE_LIMIT, Signal.BELOW_LIMIT),
            _either(trend[i], Signal.RISING, Signal.FALLING),
            _either(two[i], Signal.TWO_IN_THREE_ABOVE, Signal.TWO_IN_THREE_BELOW),
            _either(shift[i], Signal.SHIFT_ABOVE, Signal.SHIFT_BELOW),
        )
        signals = tuple(signal for signal in found if signal is not None)
        yield Labelled(point, signals, reading_of(signals[0], better))


def _either(way: int, above: Signal, below: Signal) -> Signal | None:
    return above if way > 0 else below if way < 0 else None


def _trends(points: Sequence[Point]) -> list[int]:
    """The direction of the trend each point stands in, or 0: of the step to its right where that is in a trend too."""
    steps = [_step(one, other) for one, other in pairwise(points)]
    in_trend = [0] * len(steps)
    for start, end, way in _runs(steps):
        if way and end - start >= RUN - 1:
            in_trend[start:end] = [way] * (end - start)
    found = [0] * len(points)
    for i in range(len(points)):
        right = in_trend[i] if i < len(in_trend) else 0
        left = in_trend[i - 1] if i else 0
        found[i] = right or left
    return found


def _step(one: Point, other: Point) -> int:
    if one.value is None or other.value is None:
        return 0
    return (other.value > one.value) - (other.value < one.value)


def _runs(ways: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """The runs of equal ways as start, end and way."""
    start = 0
    for i in range(1, len(ways) + 1):
        if i == len(ways) or ways[i] != ways[start]:
            yield start, i, ways[start]
            start = i


def _shifts(points: Sequence[Point]) -> list[int]:
    sides = [point.side or 0 for point in points]
    found = [0] * len(points)
    for start, end, side in _runs(sides):
        if side and end - start >= RUN:
            found[start:end] = [side] * (end - start)
    return found


def _two_in_three(points: Sequence[Point], rule: TwoInThree) -> list[int]:
    found = [0] * len(points)
    close = [bool(p.near or (rule is TwoInThree.OF_2023 and p.outside)) for p in points]
    if sum(close) < 2:
        return found
    for i in range(len(points) - 2):
        window = range(i, i + 3)
        sides = {points[j].side for j in window}
        side = points[i].side
        if len(sides) == 1 and side and sum(close[j] for j in window) >= 2:
            for j in window:
                found[j] = side if close[j] else found[j]
    return found


def reading_of(signal: Signal, better: Better) -> Reading:
    """What a signal means."""
    if signal is Signal.NONE:
        return Reading.ORDINARY
    if better is Better.NEITHER:
        return Reading.NEUTRAL_HIGH if signal.is_high else Reading.NEUTRAL_LOW
    if signal.is_high:
        return Reading.IMPROVEMENT_HIGH if better is Better.HIGHER else Reading.CONCERN_HIGH
    return Reading.CONCERN_LOW if better is Better.HIGHER else Reading.IMPROVEMENT_LOW


def assurance_of(group: Group, better: Better, target: float | None) -> Assurance | None:
    """Whether the process of ``group`` will meet ``target`` by itself; None without target, direction or limits."""
    if target is None or better is Better.NEITHER or group.lower is None or group.upper is None:
        return None
    if target > group.upper:
        return Assurance.WILL_MISS if better is Better.HIGHER else Assurance.WILL_MEET
    if target < group.lower:
        return Assurance.WILL_MEET if better is Better.HIGHER else Assurance.WILL_MISS
    return Assurance.HIT_OR_MISS


def _why_not(points: Sequence[Point], groups: Sequence[Group], *, counts: bool) -> str:
    if not points:
        return "There are no points yet."
    last = groups[-1]
    present = [point.value for point in points if point.group is last and point.value is not None]
    if counts and present and mean_of(present) < SPARSE_COUNTS:
        return (
            "There are fewer than two events a period. A chart of so few counts flags chance as change: look at the "
            "days between events instead."
        )
    if last.has_collapsed:
        return "Nearly all values are the same, so no limits can be drawn that mean anything."
    if last.is_short:
        return f"There are {last.points} points. Limits are trial limits until there are 13."
    if points[-1].value is None:
        return "There is no value for the last period."
    return ""


def _cautions(
    points: Sequence[Point], groups: Sequence[Group], target: float | None, fix_after: int | None, *, counts: bool
) -> Iterator[str]:
    if not points:
        return
    last = groups[-1]
    present = [point.value for point in points if point.group is last and point.value is not None]
    if counts and present and SPARSE_COUNTS <= mean_of(present) < WEAK_COUNTS:
        yield "There are fewer than five events a period, so this chart is weak. Days between events say more."
    later = [point for point in points if point.group is last][fix_after or len(points) :]
    if fix_after and target is not None and any(point.outside for point in later):
        yield "The target is held against the limits of the first points, and later points have left them."
