"""What was counted of a measure in one period: its number, and what must be said beside it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.series import Period, Point
from saferpractice.assurance.rules.measures.times import time_to


@dataclass(frozen=True, slots=True)
class Read:
    """One period of one measure. ``count`` and ``out_of`` are as in ``Point``; ``waiting`` are open and not due yet.

    ``left_out`` were cancelled before they were late. Of times: ``still_open`` are censored, ``low`` and ``high`` the
    95% interval of the median, ``mean`` the restricted mean up to ``horizon``, all in the unit of the measure.
    ``withheld`` says that the reader may not know the number, because it is small.
    """

    count: float | None
    out_of: float | None = None
    waiting: int = 0
    left_out: int = 0
    still_open: int = 0
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    horizon: float | None = None
    withheld: bool = False

    @property
    def share(self) -> float | None:
        """``count`` of ``out_of``, from 0 to 1 for shares; None where nothing can be said."""
        return None if self.count is None or not self.out_of else self.count / self.out_of

    def point(self, period: Period) -> Point:
        """The numbers as a point of a series."""
        return Point(period, self.count, self.out_of)


WITHHELD = Read(None, withheld=True)
FEW = 5
"""Below this, a number says too much about whom it counts to who may not open the rows."""


def for_reader(defined: Defined, read: Read, *, everything: bool) -> Read:
    """What a reader sees of ``read``: all of it, or nothing of a small number, none at all among them.

    A number that turns from none to "few" would tell as much as the number itself.
    """
    if everything:
        return read
    counted = read.count if defined.measure.number in {Number.COUNT, Number.RATE} else read.out_of
    return WITHHELD if (counted or 0) < FEW else read


def share_of(count: int, out_of: int, *, waiting: int = 0, left_out: int = 0) -> Read:
    """``count`` of ``out_of``; of nothing, nothing can be said: that is not a zero."""
    return Read(float(count) if out_of else None, float(out_of), waiting=waiting, left_out=left_out)


def rate_of(count: int, exposure: float) -> Read:
    """``count`` for so much exposure; without any, nothing can be said."""
    return Read(float(count) if exposure > 0 else None, exposure)


def time_of(cells: Mapping[tuple[int, bool], int], *, minutes: int, left_out: int = 0) -> Read:
    """The median of times counted by (minutes, whether it ended), in units of so many ``minutes``."""
    found = time_to(cells)

    def unit(value: float | None) -> float | None:
        return None if value is None else value / minutes

    return Read(
        unit(found.median),
        float(found.out_of),
        left_out=left_out,
        still_open=found.open,
        low=unit(found.low),
        high=unit(found.high),
        mean=unit(found.mean),
        horizon=unit(found.horizon) if found.out_of else None,
    )


def days_within(
    moments: Sequence[float], begun: Mapping[int, tuple[int, float]], ended: Mapping[int, tuple[int, float]]
) -> list[float]:
    """How many days things were open in each stretch between ``moments``.

    Args:
        moments: the ends of the stretches, in minutes since the first of them, ascending.
        begun: by stretch (-1 for before the first), how many began in it, and the sum of the moments (minutes).
        ended: the same of those that ended.
    """

    def until(place: int) -> float:
        total = 0.0
        for sign, of in ((1, begun), (-1, ended)):
            for stretch, (how_many, summed) in of.items():
                if stretch < place:
                    total += sign * (how_many * moments[place] - summed)
        return total

    watched = [until(place) for place in range(len(moments))]
    return [max(0.0, later - earlier) / 1440 for earlier, later in itertools.pairwise(watched)]
