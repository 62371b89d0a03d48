"""The funnel plot, in the style of the other charts: points by how many they count, between limits that narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from saferpractice.design.charts import BAR_STRONG, GRID, INK, LINE, PAPER, QUIET, clean

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 480, 392, 52, 30, 66, 16
_LETTER, _TALL = 9, 14
"""About so wide and so high is a digit."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Limits = Sequence[tuple[int, float, float]]
"""By count, ascending: the lower and the upper limit in per cent."""


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """One point: how many it counts, and its share in per cent."""

    label: str
    out_of: int
    per_cent: float


def funnel_chart(points: Sequence[FunnelPoint], title: str, *, centre: float, near: Limits, far: Limits) -> Markup:
    """Shares (0 to 100%) by how many they are of, with the share of all as a line and two pairs of limits.

    Points are numbered in the order given, which the table beside the chart must have too.

    Raises:
        ValueError: nothing to draw.
    """
    if not points or not near:
        raise ValueError("a funnel needs points and limits")
    most = near[-1][0]

    def x(out_of: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * out_of / most, 1)

    def y(per_cent: float) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (100 - per_cent) / 100, 1)

    parts = [_grid(y(mark), f"{mark}%") for mark in range(0, 101, 20)]
    step = _step(most)
    parts += [_mark(x(n), _HEIGHT - _BOTTOM + 20, f"{n:,}") for n in range(0, most + 1, step)]
    parts.append(_mark((_LEFT + _WIDTH) / 2, _HEIGHT - 14, "counted in the quarter"))
    for limits, dash in ((near, "6 4"), (far, "2 3")):
        for side in (1, 2):
            way = " ".join(f"{x(line[0])},{y(line[side])}" for line in limits)
            shape = '<polyline points="{}" fill="none" stroke="{}" stroke-width="2" stroke-dasharray="{}"/>'
            parts.append(Markup(shape).format(way, LINE, dash))
    middle = '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="2"/>'
    parts.append(Markup(middle).format(_LEFT, y(centre), _WIDTH - _RIGHT, y(centre), QUIET))
    parts += _points([(x(point.out_of), y(point.per_cent)) for point in points])
    said = "; ".join(
        f"{number}: {one.label}, {one.per_cent:g}% of {one.out_of:,}" for number, one in enumerate(points, start=1)
    )
    description = f"All together {centre:.0f}%. {said}"
    opening = Markup(
        '<svg class="sp-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" '
        'font-family="Arial, sans-serif" font-size="16"><title>{}</title><desc>{}</desc>'
    ).format(_WIDTH, _HEIGHT, clean(title), clean(description))
    return opening + Markup("").join(parts) + Markup("</svg>")


def _grid(y: float, words: str) -> Markup:
    shape = (
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"/><text x="{}" y="{}" fill="{}" text-anchor="end">{}</text>'
    )
    return Markup(shape).format(_LEFT, y, _WIDTH - _RIGHT, y, GRID, _LEFT - 6, y + 5, QUIET, words)


def _mark(x: float, y: float, words: str) -> Markup:
    return Markup('<text x="{}" y="{}" fill="{}" text-anchor="middle">{}</text>').format(x, y, QUIET, words)


def _points(places: Sequence[tuple[float, float]]) -> list[Markup]:
    """The points with their numbers, each where it hides no other; points on one place share a label: "1, 4"."""
    numbers: dict[tuple[float, float], list[str]] = {}
    for number, place in enumerate(places, start=1):
        numbers.setdefault(place, []).append(str(number))
    circle = Markup('<circle cx="{}" cy="{}" r="6" fill="{}"/>')
    text = Markup('<text x="{}" y="{}" fill="{}" stroke="{}" stroke-width="4" paint-order="stroke">{}</text>')
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in numbers]
    found = [circle.format(x, y, BAR_STRONG) for x, y in places]
    for (x, y), each in numbers.items():
        words = ", ".join(each)
        box = _room(x, y, _LETTER * len(words), taken)
        taken.append(box)
        found.append(text.format(box[0], box[3], INK, PAPER, words))
    return found


def _room(x: float, y: float, width: float, taken: Sequence[Box]) -> Box:
    """Where a label of a point hides nothing that is drawn: beside it above, else below; above where none is free."""
    sides = [(x + 10, y - 8), (x - 10 - width, y - 8), (x + 10, y + 20), (x - 10 - width, y + 20)]
    boxes = [(round(left, 1), round(low - _TALL, 1), round(left + width, 1), round(low, 1)) for left, low in sides]
    within = [one for one in boxes if one[0] >= 0 and one[1] >= 0 and one[2] <= _WIDTH]
    free = [one for one in within if not any(_overlap(one, other) for other in taken)]
    return (free or within or boxes)[0]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _step(most: int) -> int:
    """A round step that makes four to eight marks."""
    for step in (5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10_000, 100_000):
        if most / step <= 7:
            return step
    return ceil(most / 7)
