"""Charts over time with limits: a large one, a small one for a row of many, and the two icons.

As in ``charts``: pure functions of what they are given, the same bytes each time, no script and no style. A point that
means something differs in shape as well as in colour.
"""

from __future__ import annotations

from markupsafe import Markup

from saferpractice.design.charts import QUIET
from saferpractice.design.spc.frame import NARROW, WIDE, Frame, marks_of, tick
from saferpractice.design.spc.icons import assurance_icon, variation_icon
from saferpractice.design.spc.key import flags_of, key_of, named, names_of
from saferpractice.design.spc.lines import axes, band, by_part, limit, limits, line, nothing, points, target
from saferpractice.design.spc.shapes import Dot, Flag, Look, Spc, axis_name, svg


def spc_chart(spc: Spc, *, narrow: bool = False) -> Markup:
    """The chart as SVG: for a screen of usual width or for print, or ``narrow`` for a phone.

    Raises:
        ValueError: a value, limit or target is endless.
    """
    size = NARROW if narrow else WIDE
    marks = marks_of(spc)
    names = list(names_of(spc)) if size.labelled else []
    wide_mark = max(len(tick(mark, marks, spc)) for mark in marks)
    left = 10 + wide_mark * size.font * 0.56
    right = size.width - (12 + max((len(text) for _, text, _ in names), default=0) * size.font * 0.53)
    top = 10.0 + (size.font + 6 if axis_name(spc) else 0) + (size.font + 12 if spc.flags else 0)
    bottom = size.height - size.font - 14
    frame = Frame(left, right, top, bottom, marks[0], marks[-1], (right - left) / max(len(spc.dots), 1))
    parts = [
        *axes(spc, frame, marks, size),
        *limits(spc, frame),
        *target(spc, frame),
        *flags_of(spc, frame, size),
        *line(spc.dots, frame),
        *points(spc.dots, frame, scale=0.85 if frame.step < 5 else 1.0),
        *nothing(spc, frame),
        *named(names, frame, size),
    ]
    key, height = key_of(spc, size)
    return svg("sp-spc", spc, (size.width, size.height + height), size.font, [*parts, *key])


def sparkline(spc: Spc) -> Markup:
    """The chart small, for a row of many: band between the limits, middle line, values, and what means something."""
    marks = marks_of(spc)
    frame = Frame(4, 236, 8, 52, marks[0], marks[-1], 232 / max(len(spc.dots), 1))
    parts = [
        *band(spc, frame),
        *(limit(points, frame, "centre", f'stroke="{QUIET}"') for points in by_part(spc.dots)),
        *target(spc, frame),
        *line(spc.dots, frame, width=1.5),
        *points(spc.dots, frame, scale=0.75, ordinary=False),
    ]
    return svg("sp-spark", spc, (240, 60), 12, parts)


__all__ = ["Dot", "Flag", "Look", "Spc", "assurance_icon", "sparkline", "spc_chart", "variation_icon"]
