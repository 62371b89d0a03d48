"""Charts as SVG made on the server: pure functions of their data, the same bytes each time, no script and no style.

Colours and strokes are presentation attributes, so a chart prints and passes a strict content policy. A chart never
stands alone: put the same numbers in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from markupsafe import Markup

INK, QUIET, GRID = "#212b32", "#4c6272", "#d8dde0"
BAR, BAR_STRONG, LINE = "#8fb8de", "#005eb8", "#ab1c6b"
PAPER = "#f0f4f5"
_WIDTH, _LONGEST = 480, 56


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. ``note`` is printed behind the number; ``strong`` sets it apart."""

    label: str
    value: float
    note: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the range it may lie in. ``low`` and ``high`` equal to ``value`` mean no range is known."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


def bar_chart(
    rows: Sequence[Bar], title: str, *, description: str = "", unit: str = "", cumulative: bool = False
) -> Markup:
    """Horizontal bars in the order given. ``cumulative`` adds the running share, as in a Pareto chart.

    Raises ``ValueError`` for a negative or endless value.
    """
    _check([row.value for row in rows], least=0)
    largest, total = max((row.value for row in rows), default=0) or 1, sum(row.value for row in rows)
    pitch, room = 58, _WIDTH - 150
    parts: list[Markup] = []
    running = 0.0
    for position, row in enumerate(rows):
        top, width = position * pitch, round(room * row.value / largest, 1)
        running += row.value
        share = f", {round(100 * running / total)}% so far" if cumulative and total else ""
        shown = f"{_number(row.value)}{unit}{' ' + row.note if row.note else ''}{share}"
        parts += [
            _words(0, top + 18, row.label),
            _rect(0, top + 25, width, 20, BAR_STRONG if row.strong else BAR),
            _words(width + 8, top + 41, shown, colour=QUIET),
        ]
    said = description or "; ".join(f"{row.label}: {_number(row.value)}{unit}" for row in rows)
    return _svg(title, said, max(len(rows) * pitch, 20), parts)


def interval_chart(
    rows: Sequence[Interval],
    title: str,
    *,
    description: str = "",
    unit: str = "",
    target: float | None = None,
    target_label: str = "target",
) -> Markup:
    """Values with their intervals on one scale, for example before and after; ``target`` draws a dashed line.

    Raises ``ValueError`` for an endless value or an interval that does not hold its value.
    """
    _check([number for row in rows for number in (row.value, row.low, row.high)])
    if any(not row.low <= row.value <= row.high for row in rows):
        raise ValueError("an interval must hold its value")
    marks = _scale([number for row in rows for number in (row.low, row.high)] + ([] if target is None else [target]))
    pitch, top, left, right = 58, 28 if target is not None else 4, 20, _WIDTH - 20
    bottom = top + max(len(rows), 1) * pitch

    def at(value: float) -> float:
        return round(left + (right - left) * (value - marks[0]) / (marks[-1] - marks[0]), 1)

    parts = [_rule(at(mark), top, at(mark), bottom, GRID) for mark in marks]
    parts += [_words(at(mark), bottom + 20, f"{_number(mark)}{unit}", colour=QUIET, anchor="middle") for mark in marks]
    if target is not None:
        said_target = f"{target_label} {_number(target)}{unit}"
        anchor = "end" if at(target) > _WIDTH * 0.7 else "start" if at(target) < _WIDTH * 0.3 else "middle"
        parts += [
            _rule(at(target), top - 6, at(target), bottom, LINE, dashed=True),
            _words(at(target), top - 10, said_target, colour=LINE, anchor=anchor),
        ]
    for position, row in enumerate(rows):
        line = top + position * pitch
        shown = row.note or f"{_number(row.value)}{unit} ({_number(row.low)} to {_number(row.high)})"
        middle = line + 40
        parts += [
            _words(left, line + 20, f"{row.label}: {shown}", backed=True),
            _rule(at(row.low), middle, at(row.high), middle, BAR_STRONG, width=3),
            _rule(at(row.low), middle - 7, at(row.low), middle + 7, BAR_STRONG, width=3),
            _rule(at(row.high), middle - 7, at(row.high), middle + 7, BAR_STRONG, width=3),
            Markup('<circle cx="{}" cy="{}" r="7" fill="{}"/>').format(at(row.value), middle, BAR_STRONG),
        ]
    said = description or "; ".join(
        f"{row.label}: {_number(row.value)}{unit}, between {_number(row.low)} and {_number(row.high)}" for row in rows
    )
    return _svg(title, said, bottom + 30, parts)


def _svg(title: str, description: str, height: int, parts: Sequence[Markup]) -> Markup:
    opening = Markup(
        '<svg class="sp-chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" '
        'font-family="Arial, sans-serif" font-size="16"><title>{}</title><desc>{}</desc>'
    ).format(_WIDTH, height, clean(title), clean(description))
    return opening + Markup("").join(parts) + Markup("</svg>")


def _words(x: float, y: float, text: str, *, colour: str = INK, anchor: str = "start", backed: bool = False) -> Markup:
    """A text; one too long is cut, the description has it whole. ``backed`` keeps lines from crossing it."""
    said = clean(text)
    short = said if len(said) <= _LONGEST else said[: _LONGEST - 1].rstrip() + "…"
    halo = Markup(' stroke="{}" stroke-width="5" paint-order="stroke"').format(PAPER) if backed else Markup("")
    shape = '<text x="{}" y="{}" fill="{}" text-anchor="{}"{}>{}</text>'
    return Markup(shape).format(x, y, colour, anchor, halo, short)


def _rect(x: float, y: float, width: float, height: float, fill: str) -> Markup:
    shape = '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>'
    return Markup(shape).format(x, y, width, height, fill)


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: int = 1, dashed: bool = False) -> Markup:
    dash = Markup(' stroke-dasharray="6 4"') if dashed else Markup("")
    shape = '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>'
    return Markup(shape).format(x1, y1, x2, y2, colour, width, dash)


def _scale(values: Sequence[float]) -> list[float]:
    """Round marks that hold every value: from 0 where nothing is below it, four to seven of them."""
    low, high = min([0.0, *values]), max([*values, 0.0])
    if high - low < 1e-9:
        high = low + 1.0
    rough = (high - low) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first = floor(low / step)
    marks = [round(step * (first + n), 10) for n in range(ceil(high / step) - first + 1)]
    return marks if len(marks) > 1 else [0.0, 1.0]


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def clean(text: str) -> str:
    """XML has no room for control characters, and a chart is XML."""
    return "".join(c for c in str(text) if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")


def _check(values: Sequence[float], least: float | None = None) -> None:
    if any(not isfinite(value) or (least is not None and value < least) for value in values):
        raise ValueError("a chart cannot show a negative or an endless number here")


__all__ = ["Bar", "Interval", "bar_chart", "interval_chart"]
