"""The lines and points of a chart over time: scale, limits, target, values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from saferpractice.design.charts import GRID, INK, LINE, QUIET
from saferpractice.design.spc.frame import Frame, Size, tick
from saferpractice.design.spc.shapes import BAND, Dot, Look, Spc, axis_name, hollow, n, shape, shown, text_at


def axes(spc: Spc, frame: Frame, marks: Sequence[float], size: Size) -> Iterator[str]:
    """The scale with its marks, and under it as many labels as there is room for, the last always."""
    for mark in marks:
        y = n(frame.y(mark))
        yield f'<path d="M{n(frame.left)} {y}H{n(frame.right)}" stroke="{GRID}"/>'
        yield text_at(
            frame.left - 6, frame.y(mark) + size.font * 0.35, tick(mark, marks, spc), colour=QUIET, anchor="end"
        )
    if axis_name(spc):
        yield text_at(4, size.font, axis_name(spc), colour=QUIET)
    if not spc.dots:
        return
    longest = max(len(dot.label) for dot in spc.dots)
    room = max(1, int((frame.right - frame.left) / (longest * size.font * 0.53 + 14)))
    every = ceil(len(spc.dots) / room)
    below = frame.bottom + size.font + 8
    for at in range(len(spc.dots) - 1, -1, -every):
        label, x = spc.dots[at].label, frame.x(at)
        half = len(label) * size.font * 0.265
        x = min(max(x, half + 2), size.width - half - 2)
        yield f'<path d="M{n(frame.x(at))} {n(frame.bottom)}v5" stroke="{QUIET}"/>'
        yield text_at(x, below, label, colour=QUIET, anchor="middle")


def by_part(dots: Sequence[Dot]) -> Iterator[list[tuple[int, Dot]]]:
    """The points of each part with their places, without those that are not over."""
    mine: list[tuple[int, Dot]] = []
    for at, dot in enumerate(dots):
        if dot.open:
            continue
        if mine and mine[-1][1].part != dot.part:
            yield mine
            mine = []
        mine.append((at, dot))
    if mine:
        yield mine


def limits(spc: Spc, frame: Frame) -> Iterator[str]:
    """Centre and limits of each part; trial limits dotted."""
    for points in by_part(spc.dots):
        yield limit(points, frame, "centre", f'stroke="{INK}" stroke-width="1.5"')
        dashes = "1.5 5" if points[0][1].trial else "7 4"
        for side in ("lower", "upper"):
            if shown(getattr(points[-1][1], side), spc) is not None or any(
                shown(getattr(dot, side), spc) is not None for _, dot in points
            ):
                held = [(at, dot) for at, dot in points if shown(getattr(dot, side), spc) is not None]
                yield limit(held, frame, side, f'stroke="{QUIET}" stroke-width="1.5" stroke-dasharray="{dashes}"')


def limit(points: Sequence[tuple[int, Dot]], frame: Frame, side: str, look: str) -> str:
    """A line that is level within each point's width; one stroke where neighbours lie at one height."""
    path, height, end = [], "", -1
    for at, dot in points:
        value = getattr(dot, side)
        if value is None:
            continue
        y = n(frame.y(value))
        if at != end:
            path.append(f"M{n(frame.x(at - 0.5))} {y}")
        elif y != height:
            path.append(f"V{y}")
        right = f"H{n(frame.x(at + 0.5))}"
        if path and path[-1].startswith("H") and y == height and at == end:
            path[-1] = right
        else:
            path.append(right)
        height, end = y, at + 1
    return f'<path d="{"".join(path)}" fill="none" {look}/>' if path else ""


def band(spc: Spc, frame: Frame) -> Iterator[str]:
    """The room between the limits, shaded."""
    for points in by_part(spc.dots):
        for at, dot in points:
            if dot.upper is None or dot.lower is None:
                continue
            top = frame.y(min(dot.upper, frame.high))
            height = frame.y(max(dot.lower, frame.low)) - top
            yield (
                f'<rect x="{n(frame.x(at - 0.5))}" y="{n(top)}" width="{n(frame.step + 0.1)}" '
                f'height="{n(max(height, 1))}" fill="{BAND}"/>'
            )


def target(spc: Spc, frame: Frame) -> Iterator[str]:
    """The target, unless it is far away."""
    if spc.target is not None and frame.low <= spc.target <= frame.high:
        y = n(frame.y(spc.target))
        yield (
            f'<path d="M{n(frame.left)} {y}H{n(frame.right)}" fill="none" stroke="{LINE}" stroke-width="2" '
            'stroke-dasharray="12 3 2 3"/>'
        )


def line(dots: Sequence[Dot], frame: Frame, *, width: float = 2) -> Iterator[str]:
    """The values joined; a missing one is a gap."""
    path, joined = [], False
    for at, dot in enumerate(dots):
        if dot.value is None or dot.open:
            joined = False
            continue
        path.append(f"{'L' if joined else 'M'}{n(frame.x(at))} {n(frame.y(dot.value))}")
        joined = True
    if path:
        yield f'<path d="{"".join(path)}" fill="none" stroke="{QUIET}" stroke-width="{n(width)}"/>'


def points(dots: Sequence[Dot], frame: Frame, *, scale: float, ordinary: bool = True) -> Iterator[str]:
    """Every point, those that mean something by their shape."""
    plain = [
        f"M{n(frame.x(at))} {n(frame.y(dot.value))}h0"
        for at, dot in enumerate(dots)
        if dot.value is not None and dot.look is Look.ORDINARY and not dot.open
    ]
    if plain and (ordinary or len(plain) == 1):
        thick = min(7.0, max(3.0, frame.step * 0.7))
        yield f'<path d="{"".join(plain)}" stroke="{QUIET}" stroke-width="{n(thick)}" stroke-linecap="round"/>'
    for at, dot in enumerate(dots):
        if dot.value is None:
            continue
        x, y = frame.x(at), frame.y(dot.value)
        if dot.open:
            yield hollow(x, y, 4 * scale)
        elif dot.look is not Look.ORDINARY:
            yield shape(x, y, dot.look, dot.high, scale)


def nothing(spc: Spc, frame: Frame) -> Iterator[str]:
    """Words in an empty chart."""
    if all(dot.value is None for dot in spc.dots):
        middle = (frame.left + frame.right) / 2
        yield text_at(middle, (frame.top + frame.bottom) / 2, "No value is known", colour=QUIET, anchor="middle")
