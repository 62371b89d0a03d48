"""The scale of a chart, and where values and points lie in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from saferpractice.design.spc.shapes import Spc, shown


@dataclass(frozen=True, slots=True)
class Size:
    """How large a picture is, and its letters."""

    width: float
    height: float
    font: float
    labelled: bool
    """Whether lines are named at their right end; else in the key below."""


WIDE = Size(760, 320, 16, labelled=True)
NARROW = Size(340, 250, 15, labelled=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where values and points lie in the picture."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    step: float

    def x(self, at: float) -> float:
        """The place of a point, so many points from the first."""
        return self.left + self.step * (at + 0.5)

    def y(self, value: float) -> float:
        """The height of a value."""
        return self.bottom - (self.bottom - self.top) * (value - self.low) / (self.high - self.low)


def marks_of(spc: Spc) -> list[float]:
    """Round marks of the scale that hold every value, and the target if it is not far away."""
    found = _values(spc) or ([spc.target] if spc.target is not None else [])
    low, high = min(found, default=0.0), max(found, default=1.0)
    if spc.target is not None and _is_near(spc.target, low, high):
        low, high = min(low, spc.target), max(high, spc.target)
    if low >= 0 and low < high * 0.5:
        low = 0.0
    if low == high == 0.0:
        high = 1.0
    rough = max(high - low, abs(high) * 0.2, 1e-4) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if spc.whole:
        step = float(max(1, ceil(step)))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    if first * step > low - step * 0.05 and first * step != 0.0:
        first -= 1
    if last * step < high + step * 0.05 and not (spc.most is not None and last * step >= spc.most):
        last += 1
    return [round(step * number, 10) for number in range(first, max(last, first + 1) + 1)]


def _is_near(target: float, low: float, high: float) -> bool:
    room = max(high - low, abs(high) * 0.2, 1e-6)
    return low - room <= target <= high + room


def _values(spc: Spc) -> list[float]:
    """Everything that is drawn and has a height."""
    found = [
        value
        for dot in spc.dots
        for value in (dot.value, dot.centre, shown(dot.lower, spc), shown(dot.upper, spc))
        if value is not None
    ]
    if not all(isfinite(value) for value in [*found, spc.target or 0.0]):
        raise ValueError("a chart cannot show an endless number")
    return found


def tick(mark: float, marks: Sequence[float], spc: Spc) -> str:
    """A mark of the scale, with as many decimals as tell it from the next."""
    step = marks[1] - marks[0]
    places = next((n for n in range(6) if abs(step * 10**n - round(step * 10**n)) < 1e-6), 6)
    return f"{mark:,.{places}f}" + ("%" if spc.unit == "%" else "")
