"""What a measure is, the periods it is counted in, and the series it makes."""

from saferpractice.assurance.rules.measures.series import Better, Measure, Period, Point, Series

__all__ = ["Better", "Measure", "Period", "Point", "Series"]
