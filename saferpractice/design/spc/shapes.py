"""What a chart over time is made of, and the strokes everything is drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

from saferpractice.design.charts import INK, QUIET, clean

CONCERN, IMPROVEMENT, NEUTRAL = "#ed8b00", "#005eb8", "#330072"
BAND = "#e8edee"


class Look(StrEnum):
    """What a point means, and so its shape: dot, triangle, diamond, square."""

    ORDINARY = "ordinary"
    CONCERN = "concern"
    IMPROVEMENT = "improvement"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Dot:
    """A point in its place. ``value`` None keeps the place empty; ``part`` counts the groups that share limits.

    ``open`` is a period that is not over: drawn hollow, joined to nothing. ``trial`` limits are dotted.
    """

    label: str
    value: float | None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    look: Look = Look.ORDINARY
    high: bool = False
    part: int = 0
    open: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """A day marked on the chart, ``at`` so many points from the first; its number or letter is told in a key below."""

    at: float
    sign: str


@dataclass(frozen=True, slots=True)
class Spc:
    """A chart over time. No limit is drawn below ``least`` or above ``most``: no value can lie there.

    ``whole`` marks the scale in whole numbers, as for counts.
    """

    title: str
    description: str
    dots: tuple[Dot, ...]
    centre_label: str = "Average"
    unit: str = ""
    target: float | None = None
    flags: tuple[Flag, ...] = ()
    least: float | None = 0.0
    most: float | None = None
    whole: bool = False


def svg(name: str, spc: Spc, box: tuple[float, float], font: float, parts: Sequence[str]) -> Markup:
    """A picture with its title and its description, which screen readers read."""
    return Markup(
        f'<svg class="{name}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n(box[0])} {n(box[1])}" role="img" '
        f'font-family="Arial, sans-serif" font-size="{n(font)}"><title>{escape(clean(spc.title))}</title>'
        f"<desc>{escape(clean(spc.description))}</desc>{''.join(parts)}</svg>"
    )


def n(value: float) -> str:
    """A coordinate: one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def number(value: float, unit: str) -> str:
    """A number as it is written on a chart: one decimal, two below 1, none from 1,000."""
    size = abs(value)
    places = 0 if size >= 1000 or abs(value - round(value)) < 5e-4 else 1 if size >= 1 else 2
    return f"{value:,.{places}f}" + ("%" if unit == "%" else "")


def text_at(x: float, y: float, text: str, *, colour: str = INK, anchor: str = "start", bold: bool = False) -> str:
    """Words in a place, escaped."""
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{n(x)}" y="{n(y)}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(clean(text))}</text>'


def shown(limit: float | None, spc: Spc) -> float | None:
    """A limit, unless no value could lie beyond it."""
    if limit is None or (spc.least is not None and limit < spc.least) or (spc.most is not None and limit > spc.most):
        return None
    return limit


def axis_name(spc: Spc) -> str:
    """What stands above the scale; a per cent sign stands at each mark instead."""
    return "" if spc.unit == "%" else spc.unit


def hollow(x: float, y: float, r: float) -> str:
    """The dot of a period that is not over."""
    return f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" fill="#ffffff" stroke="{QUIET}" stroke-width="2"/>'


def shape(x: float, y: float, look: Look, high: bool, scale: float) -> str:  # noqa: FBT001
    """Triangle (up or down), diamond or square about a place."""
    match look:
        case Look.CONCERN:
            tall = -8.0 * scale if high else 8.0 * scale
            path = f"M{n(x)} {n(y + tall)}L{n(x + 7.5 * scale)} {n(y - tall * 0.65)}H{n(x - 7.5 * scale)}Z"
            colour = CONCERN
        case Look.IMPROVEMENT:
            r = n(7.5 * scale)
            path, colour = f"M{n(x)} {n(y - 7.5 * scale)}l{r} {r}l-{r} {r}l-{r} -{r}Z", IMPROVEMENT
        case _:
            half = 5.0 * scale
            path, colour = f"M{n(x - half)} {n(y - half)}h{n(2 * half)}v{n(2 * half)}h-{n(2 * half)}Z", NEUTRAL
    return f'<path d="{path}" fill="{colour}" stroke="{INK}" stroke-width="1"/>'
