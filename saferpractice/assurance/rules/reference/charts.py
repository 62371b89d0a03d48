"""Answers to reference cases about charts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from saferpractice.assurance.rules.charts import Better, Chart, LineChart, XmrChart, read_chart, read_xmr
from saferpractice.assurance.rules.charts.signals import Assurance, Reading, TwoInThree
from saferpractice.assurance.rules.reference.shapes import Answer, CaseRefused, Given, number, numbers, whole

POINT_TYPES = {
    Reading.IMPROVEMENT_HIGH: "special_cause_improvement",
    Reading.IMPROVEMENT_LOW: "special_cause_improvement",
    Reading.CONCERN_HIGH: "special_cause_concern",
    Reading.CONCERN_LOW: "special_cause_concern",
    Reading.NEUTRAL_HIGH: "special_cause_neutral_high",
    Reading.NEUTRAL_LOW: "special_cause_neutral_low",
    Reading.ORDINARY: "common_cause",
}
ICONS = {
    Assurance.WILL_MEET: "pass",
    Assurance.WILL_MISS: "fail",
    Assurance.HIT_OR_MISS: "inconsistent",
}


def _xmr(given: Given) -> Answer:
    dates, values = _days(given["dates"]), numbers(given, "values", gaps=True)
    rebase_on = _days(given.get("rebase_dates") or [])
    chart = read_xmr(
        dates,
        values,
        better=Better(given.get("improvement_direction") or "increase"),
        target=number(given, "target") if given.get("target") is not None else None,
        # The tool drops a date that is no point's without a word. Here it is said.
        rebase_on=[day for day in rebase_on if day in set(dates)],
        fix_after=whole(given, "fix_after_n_points") if given.get("fix_after_n_points") is not None else None,
        screen=given.get("screen_outliers") is not False,
        two_in_three=TwoInThree(given.get("two_in_three") or TwoInThree.OF_THE_TOOL),
    )
    strangers = [day for day in rebase_on if day not in set(dates)]
    said = [f"No point has the date {day.isoformat()}, so no new limits begin there." for day in strangers]
    return {
        "points": _points(chart),
        "groups": [
            {
                "rebase_group": group.number,
                "first_date": group.first.isoformat(),
                "n_points": group.points,
                "n_values_used": group.base,
                "mean": group.mean,
                "average_moving_range_all": group.range_all,
                "average_moving_range_used": group.range_used,
                "lower_process_limit": group.lower,
                "upper_process_limit": group.upper,
                "short_group_warning": group.is_short,
            }
            for group in chart.groups
        ],
        "variation_icon": chart.variation.value,
        "assurance_icon": ICONS[chart.assurance] if chart.assurance else None,
        "assurance_type": chart.assurance.value if chart.assurance else None,
        "warnings": [*([chart.why_not] if chart.why_not else []), *chart.cautions, *said],
    }


def _points(chart: XmrChart) -> Answer:
    points = [one.point for one in chart.points]
    return {
        "date": [point.on.isoformat() for point in points],
        "value": [point.value for point in points],
        "rebase_group": [point.group.number for point in points],
        "mean": [point.group.mean for point in points],
        "lower_process_limit": [point.group.lower for point in points],
        "upper_process_limit": [point.group.upper for point in points],
        "moving_range": [point.moving_range for point in points],
        "moving_range_used": [point.range_counts for point in points],
        "relative_to_mean": [point.side for point in points],
        "outside_limits": [point.outside for point in points],
        "close_to_limits": [point.near for point in points],
        "special_cause_type": [one.label.value for one in chart.points],
        "special_cause_flag": [bool(one.signals) for one in chart.points],
        "point_type": [POINT_TYPES[one.reading] for one in chart.points],
    }


def _days(found: Any) -> list[date]:
    """The days of a list, or of one day alone."""
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(day, str) for day in listed):
        raise CaseRefused("Days are written as 2026-04-01.")
    return [date.fromisoformat(day[:10]) for day in listed]


def _chart(given: Given) -> Answer:
    part_after = [int(end) for end in numbers(given, "part_after")] if given.get("part_after") is not None else []
    freeze_after = whole(given, "freeze_after") if given.get("freeze_after") is not None else None
    kind = Chart(given["chart"])
    chart: LineChart = read_chart(
        kind,
        numbers(given, "values"),
        sizes=numbers(given, "denominators") if given.get("denominators") is not None else None,
        part_after=part_after,
        freeze_after=None if part_after else freeze_after,
        screen=given.get("screened_moving_ranges") is True,
    )
    return {
        "y": [line.value for line in chart.lines],
        "centre_line": [line.centre for line in chart.lines],
        "lower_limit": [line.lower for line in chart.lines],
        "upper_limit": [line.upper for line in chart.lines],
        # The tool raises a number below 0 to a power here, which is no number.
        "lower_limit_2sd": [(line.near_lower or None) if kind is Chart.T else line.near_lower for line in chart.lines],
        "upper_limit_2sd": [line.near_upper for line in chart.lines],
        "outside": [line.outside for line in chart.lines],
        "parts": [
            {
                "part": number,
                "n_obs": runs.points,
                "n_useful": runs.useful,
                "longest_run": runs.longest if runs.useful else None,
                "longest_run_max": runs.longest_expected if runs.useful else None,
                "crossings": runs.crossings if runs.useful else None,
                "crossings_min": runs.crossings_expected if runs.useful else None,
                "runs_signal": runs.is_signal,
            }
            for number, runs in enumerate(chart.phases, start=1)
        ],
    }


METHODS: dict[str, Callable[[Given], Answer]] = {
    "xmr": _xmr,
    "chart": _chart,
}
"""How a case of each method is answered."""
