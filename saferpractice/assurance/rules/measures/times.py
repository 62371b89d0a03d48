"""Times that were counted up by how long they are: read to a grid, and summed up with those still open censored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from saferpractice.assurance.rules.survival import curve_counted, median_limits, median_time, restricted_mean

GRID: tuple[tuple[int, int], ...] = ((60, 1), (2 * 1440, 15), (30 * 1440, 60))
"""Up to so many minutes, read to so many minutes; what is longer is read to whole days."""
LONGEST_STEP = 1440
GRID_WORDS = (
    "Times are read to the minute up to an hour, to a quarter of an hour up to two days, to the hour up to thirty "
    "days, then to the day: rounded up when it ended, down when it is still open."
)


def step_for(minutes: float) -> int:
    """How finely a time so long is read, in minutes."""
    return next((step for longest, step in GRID if minutes <= longest), LONGEST_STEP)


def cell(minutes: float, *, ended: bool) -> int:
    """A time as it is counted, in minutes: never shorter than it took, and never longer than it was watched."""
    step = step_for(minutes)
    return (math.ceil(minutes / step) if ended else math.floor(minutes / step)) * step


@dataclass(frozen=True, slots=True)
class TimeTo:
    """What the times of a period say, in minutes.

    ``median`` is None while fewer than half have ended. ``mean`` is the restricted mean: of the first ``horizon``
    minutes, how long a thing is open on average; None where nothing was watched.
    """

    ended: int
    open: int
    median: float | None
    low: float | None
    high: float | None
    mean: float | None
    horizon: float

    @property
    def out_of(self) -> int:
        """How many times it was read from, those still open included."""
        return self.ended + self.open


def time_to(cells: Mapping[tuple[int, bool], int]) -> TimeTo:
    """Sum up how often each (minutes, whether it ended) was counted."""
    by_time: dict[int, list[int]] = {}
    for (minutes, ended), how_many in cells.items():
        by_time.setdefault(minutes, [0, 0])[0 if ended else 1] += how_many
    steps = curve_counted((time, done, still) for time, (done, still) in by_time.items())
    low, high = median_limits(steps)
    horizon = float(max(by_time, default=0))
    return TimeTo(
        ended=sum(done for done, _ in by_time.values()),
        open=sum(still for _, still in by_time.values()),
        median=median_time(steps),
        low=low,
        high=high,
        mean=restricted_mean(steps, horizon)[0] if horizon else None,
        horizon=horizon,
    )
