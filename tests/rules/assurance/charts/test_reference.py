"""The answers of NHSRplotthedots and qicharts2, field by field.

The cases are those tools' own answers (how they were made stands in the files). Where the whole set lies beside the
checkout, its cases are read as well.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from saferpractice.assurance.rules.charts import Better, Chart, read_chart, read_xmr

pytestmark = pytest.mark.requirement("R4", "R20", "R25", "R31")
HERE = Path(__file__).parent
BESIDE = Path(__file__).resolve().parents[4].parent / "shared" / "reference" / "spc"


def cases(committed: str, beside: str) -> dict[str, Any]:
    found = [HERE / committed, *([BESIDE / beside] if (BESIDE / beside).exists() else [])]
    return {case["id"]: case for path in found for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}


XMR = cases("xmr_cases.json", "cases.json")
RARE = cases("rare_cases.json", "rare_cases.json")


def same(one: Any, other: Any) -> bool:
    """Numbers within the tolerance of the files, all else exactly."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None or isinstance(one, str):
        return bool(one == other)
    return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9))


def as_the_tool(given: dict[str, Any]) -> dict[str, Any]:
    """What we say of a series, in the shape of the reference."""
    chart = read_xmr(
        [date.fromisoformat(day) for day in given["dates"]],
        given["values"],
        better=Better(given["improvement_direction"]),
        target=given["target"],
        rebase_on=[date.fromisoformat(day) for day in given["rebase_dates"]],
        fix_after=given["fix_after_n_points"],
        screen=given["screen_outliers"],
    )
    points = {
        "date": [one.point.on.isoformat() for one in chart.points],
        "value": [one.point.value for one in chart.points],
        "rebase_group": [one.point.group.number for one in chart.points],
        "mean": [one.point.group.mean for one in chart.points],
        "lower_process_limit": [one.point.group.lower for one in chart.points],
        "upper_process_limit": [one.point.group.upper for one in chart.points],
        "moving_range": [one.point.moving_range for one in chart.points],
        "moving_range_used": [one.point.range_counts for one in chart.points],
        "relative_to_mean": [one.point.side for one in chart.points],
        "outside_limits": [one.point.outside for one in chart.points],
        "close_to_limits": [one.point.near for one in chart.points],
        "special_cause_type": [one.label.value for one in chart.points],
        "special_cause_flag": [bool(one.signals) for one in chart.points],
    }
    groups = [
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
    ]
    return {
        "points": points,
        "groups": groups,
        "variation_icon": chart.variation.value,
        "assurance_type": chart.assurance.value if chart.assurance else None,
    }


@pytest.mark.parametrize("case", sorted(XMR))
def test_every_field_of_an_xmr_chart(case: str) -> None:
    expected, found = XMR[case]["expected"], as_the_tool(XMR[case]["input"])
    for name, values in found["points"].items():
        wanted = expected["points"][name]
        differing = [i for i, (one, other) in enumerate(zip(values, wanted, strict=True)) if not same(one, other)]
        assert not differing, f"{name} at {differing}"
    for group, wanted_group in zip(found["groups"], expected["groups"], strict=True):
        assert {name: value for name, value in group.items() if not same(value, wanted_group[name])} == {}
    assert found["variation_icon"] == expected["variation_icon"]
    assert found["assurance_type"] == expected["assurance_type"]


@pytest.mark.parametrize("case", sorted(RARE))
def test_every_field_of_a_chart_of_rare_events(case: str) -> None:
    given, expected = RARE[case]["input"], RARE[case]["expected"]
    chart = read_chart(
        Chart(given["chart"]),
        given["values"],
        sizes=given["denominators"],
        part_after=given["part_after"] or (),
        freeze_after=given["freeze_after"],
    )
    found = {
        "y": [line.value for line in chart.lines],
        "centre_line": [line.centre for line in chart.lines],
        "lower_limit": [line.lower for line in chart.lines],
        "upper_limit": [line.upper for line in chart.lines],
        "lower_limit_2sd": [line.near_lower for line in chart.lines],
        "upper_limit_2sd": [line.near_upper for line in chart.lines],
        "outside": [line.outside for line in chart.lines],
    }
    for name, values in found.items():
        differing = [
            i for i, (one, other) in enumerate(zip(values, expected[name], strict=True)) if not same(one, other)
        ]
        assert not differing, f"{name} at {differing}"
    assert [
        {
            "n_obs": runs.points,
            "n_useful": runs.useful,
            "longest_run": runs.longest,
            "longest_run_max": runs.longest_expected,
            "crossings": runs.crossings,
            "crossings_min": runs.crossings_expected,
            "runs_signal": runs.is_signal,
        }
        for runs in chart.phases
    ] == [{name: value for name, value in part.items() if name != "part"} for part in expected["parts"]]
