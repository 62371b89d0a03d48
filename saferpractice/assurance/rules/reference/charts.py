"""Answers to reference cases about charts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from saferpractice.assurance.rules.charts import Better, Chart, LineChart, XmrChart, read_chart, read_xmr
from saferpractice.assurance.rules.charts.signals import Assurance, Reading
from saferpractice.assurance.rules.reference.shapes import Answer, Given

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
    chart = read_xmr(
        [date.fromisoformat(day) for day in given["dates"]],
        given["values"],
        better=Better(given["improvement_direction"]),
        target=given["target"],
        rebase_on=[date.fromisoformat(day) for day in given["rebase_dates"]],
        fix_after=given["fix_after_n_points"],
        screen=given["screen_outliers"],
    )
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
        "no_conclusion_because": chart.why_not or None,
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


def _chart(given: Given) -> Answer:
    chart: LineChart = read_chart(
        Chart(given["chart"]),
        given["values"],
        sizes=given["denominators"],
        part_after=given["part_after"] or (),
        freeze_after=given["freeze_after"],
    )
    return {
        "y": [line.value for line in chart.lines],
        "centre_line": [line.centre for line in chart.lines],
        "lower_limit": [line.lower for line in chart.lines],
        "upper_limit": [line.upper for line in chart.lines],
        "lower_limit_2sd": [line.near_lower for line in chart.lines],
        "upper_limit_2sd": [line.near_upper for line in chart.lines],
        "outside": [line.outside for line in chart.lines],
        "parts": [
            {
                "part": number,
                "n_obs": runs.points,
                "n_useful": runs.useful,
                "longest_run": runs.longest,
                "longest_run_max": runs.longest_expected,
                "crossings": runs.crossings,
                "crossings_min": runs.crossings_expected,
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
