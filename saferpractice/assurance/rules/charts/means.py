"""Means that are right to the last digit.

A mean a hair off puts every one of 24 equal values "on one side" of it, and a chart then shows an improvement that
is not there. Two passes agree with exact arithmetic on every reference series.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean_of(values: Sequence[float]) -> float:
    """The arithmetic mean of ``values``, corrected by the mean of what is left over.

    Raises:
        ValueError: there is none.
    """
    if not values:
        raise ValueError("the mean of nothing is not known")
    if len(set(values)) == 1:
        return values[0]
    first = math.fsum(values) / len(values)
    # One exact sum: the differences taken one by one would each be rounded to the size of their value.
    return first + math.fsum([*values, *([-first] * len(values))]) / len(values)


def median_of(values: Sequence[float]) -> float:
    """The value in the middle of ``values``, or the mean of the two in the middle.

    Raises:
        ValueError: there is none.
    """
    if not values:
        raise ValueError("the median of nothing is not known")
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else mean_of(ordered[half - 1 : half + 1])
