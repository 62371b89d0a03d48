"""Cases that nobody foresaw: one bad case is an answer to itself, and never ends the others (R4, R37)."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.reference import METHODS, answer_to, answers_to

pytestmark = pytest.mark.requirement("R4", "R37")

HERE = Path(__file__).parent
FILES = ("cases.json", "audit_cases.json", "charts/xmr_cases.json", "charts/rare_cases.json")
CASES = [case for name in FILES for case in json.loads((HERE / name).read_text(encoding="utf-8"))["cases"]]
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2, 3, 0.5, 1.5, -0.5, 1e-9, 1e9, 1e308, -1e308, 10**400, math.nan, math.inf,
    "", "x", "2024-02-30", [], [0], [None], [1, None, 3], ["x"], [[1]], {}, {"a": 1}, {"a": -1},
]  # fmt: skip


def by_id(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["id"] == name)


def with_input(name: str, **changed: Any) -> dict[str, Any]:
    case = copy.deepcopy(by_id(name))
    case["input"] |= changed
    return case


def is_plain(answer: Any) -> bool:
    """Whether it can be written as JSON, without infinity or "not a number"."""
    return isinstance(json.loads(json.dumps(answer, allow_nan=False)), dict)


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """A case of the set with some of its input dropped, swapped or spoiled."""
    case = copy.deepcopy(draw(st.sampled_from(CASES)))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(case["input"])))
        how = draw(st.sampled_from(["odd", "drop", "element", "cut", "other"]))
        value = case["input"].get(name)
        if how == "drop":
            case["input"].pop(name, None)
        elif how == "element" and isinstance(value, list) and value:
            value[draw(st.integers(0, len(value) - 1))] = draw(st.sampled_from(ODD))
        elif how == "cut" and isinstance(value, list):
            case["input"][name] = value[: draw(st.integers(0, len(value)))]
        elif how == "other" and isinstance(value, int | float) and not isinstance(value, bool):
            case["input"][name] = draw(st.integers(-3, 40) | st.floats(-2, 50))
        else:
            case["input"][name] = draw(st.sampled_from(ODD))
        if not case["input"]:
            break
    return case


@given(spoiled())
def test_a_spoiled_case_is_answered_or_refused_in_words(case: dict[str, Any]) -> None:
    answer = answer_to(case)
    assert is_plain(answer)
    if "refused" in answer:
        assert set(answer) == {"refused"}
        assert len(answer["refused"]) > 3
    else:
        assert set(answer) - {"poisson"} <= {*by_id(case["id"])["expected"], "warnings"} | EVERY_FIELD


EVERY_FIELD = {name for case in CASES for name in case["expected"]}


@pytest.mark.parametrize("case", [None, 3, "x", [], {}, {"id": 1}, {"input": 3}, {"id": "a", "input": []}], ids=repr)
def test_what_is_no_case_is_refused(case: Any) -> None:
    assert "input" in answer_to(case)["refused"]


@pytest.mark.parametrize("method", ["horoscope", 7, ["xmr"], {"a": 1}, ""], ids=repr)
def test_a_method_that_is_not_computed_is_named_and_so_are_those_that_are(method: Any) -> None:
    refused = answer_to({"id": "x", "method": method, "input": {}})["refused"]
    assert all(name in refused for name in METHODS)


def test_one_bad_case_never_stops_the_others() -> None:
    bad = with_input("e01", events_before="many")
    answers = answers_to({"cases": [bad | {"id": "bad"}, None, by_id("e03"), by_id("b10")]})
    assert list(answers) == ["bad", "case 2", "e03", "b10"]
    assert answers["bad"] == {"refused": "“events_before” is to be a number."}
    assert answers["e03"]["rate_ratio"] == 0
    assert answers["b10"]["sample_size"] == 19


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("b01", {"conf_level": 10**400}, "too large"),
        ("e16", {"alpha_two_sided": 2}, "between 0 and 1"),
        ("e16", {"alpha_two_sided": 10_000_000}, "between 0 and 1"),
        ("e16", {"exposure_before": 1e-320}, "plausible"),
        ("b10", {"alpha_wrongly_failed": -1e308}, "chance of error"),
        ("b10", {"beta_wrongly_passed": 1}, "chance of error"),
    ],
)
def test_a_case_that_would_never_end_is_refused_at_once(name: str, changed: dict[str, Any], words: str) -> None:
    assert words in answer_to(with_input(name, **changed))["refused"]


def test_counts_too_far_apart_for_lines_on_the_logarithm_have_straight_ones_alone() -> None:
    values = [7, 16, 17, 15, 18, 12, 9, 17, 19, 9, 12, 8, 10, 17, 6, 19, 16, 20, 14, 7, 10, 20, 2**63, 17]
    answer = answer_to(with_input("e13", values=values, first_index_after_change=12, newey_west_lag=0))
    assert answer["coefficients"]["intercept"] == pytest.approx(13.8363636)
    assert "differ too much" in answer["poisson"]["refused"]


def test_rates_that_are_all_alike_lie_on_the_line() -> None:
    answer = answer_to(
        with_input("q06", chart="u", values=[21] * 12, denominators=[7.05] * 12, part_after=None, freeze_after=None)
    )
    assert answer["parts"][0]["n_useful"] == 0
    assert answer["parts"][0]["runs_signal"] is False


def test_no_sample_is_larger_than_a_population_of_one() -> None:
    changed = {"expected_proportion": 0.99, "half_width": 0.5, "population": 1}
    assert answer_to(with_input("b09", **changed))["sample_size"] == 1


def test_a_follow_up_far_longer_than_the_baseline_is_answered() -> None:
    answer = answer_to(with_input("e16", exposure_before=1e-6, exposure_after=12))
    assert answer["probability_reduction_is_called"] == pytest.approx(0, abs=1e-4)


def test_two_cases_of_one_name_are_both_answered() -> None:
    first, second = with_input("e01"), with_input("e01", events_after=3)
    answers = answers_to([first, second])
    assert answers["e01"]["rate_ratio"] == pytest.approx(0.45)
    assert answers["e01 (2)"]["rate_ratio"] == pytest.approx(0.15)


class TestShapesThatNoCaseHas:
    """What the pages beside the reference describe, and a file may hold."""

    def test_no_event_before_gives_an_infinite_ratio_as_null(self) -> None:
        found = answer_to(with_input("e01", events_before=0))
        assert found["rate_ratio"] is None
        assert found["ci95_high"] is None
        assert found["ci95_high_is_infinite"] is True
        assert found["exposure_after_needed_if_no_event"] is None
        assert found["smallest_attainable_p_central"] == 1
        assert found["ci95_low"] > 1

    def test_the_confidence_asked_for_is_used_throughout(self) -> None:
        wide, narrow = (answer_to(with_input("e01", conf_level=level)) for level in (0.99, 0.9))
        assert wide["ci95_high"] > narrow["ci95_high"]
        assert wide["exposure_after_needed_if_no_event"] > narrow["exposure_after_needed_if_no_event"]

    @pytest.mark.parametrize(
        ("met", "ratio", "low", "high", "infinite"),
        [((0, 5), None, 1, None, True), ((5, 0), 0, 0, 1, False), ((0, 0), None, 0, None, False)],
        ids=["none then all", "all then none", "none at all"],
    )
    def test_odds_at_the_ends(
        self, met: tuple[int, int], ratio: float | None, low: float, high: float | None, infinite: bool
    ) -> None:
        """Where a limit is a number it lies on the side said; 0 and null are exact."""
        found = answer_to(with_input("e06", successes_before=met[0], n_before=5, successes_after=met[1], n_after=5))
        assert found["conditional_odds_ratio"] == ratio
        assert found["odds_ratio_is_infinite"] is infinite
        assert (found["odds_ratio_ci_low"] > 1) is (low == 1)
        assert found["odds_ratio_ci_high"] is None if high is None else found["odds_ratio_ci_high"] < 1

    def test_a_missing_point_of_an_interrupted_series_keeps_its_time(self) -> None:
        values = [3 + 2 * t + (10 + 4 * (t - 7) if t >= 7 else 0) for t in range(1, 13)]
        values[2] = None
        found = answer_to(with_input("e13", values=values, first_index_after_change=7))
        terms = {"intercept": 3, "slope_before": 2, "level_change": 10, "slope_change": 4}
        assert found["coefficients"] == pytest.approx(terms)
        assert found["counterfactual_last_point"] == pytest.approx(27)

    def test_an_exposure_makes_the_poisson_lines_rates_and_leaves_the_straight_ones(self) -> None:
        plain = answer_to(by_id("e13"))
        halved = answer_to(with_input("e13", exposure=[2] * 24))
        assert halved["coefficients"] == plain["coefficients"]
        logs = [one["poisson"]["log_coefficients"] for one in (plain, halved)]
        assert logs[1]["intercept"] == pytest.approx(logs[0]["intercept"] - math.log(2))
        assert logs[1]["level_change"] == pytest.approx(logs[0]["level_change"])

    def test_values_that_are_no_counts_have_no_poisson_lines(self) -> None:
        assert "poisson" not in answer_to(by_id("e14"))

    def test_a_lag_that_nobody_names_is_the_usual_one(self) -> None:
        found = answer_to(with_input("e13", newey_west_lag=None))
        assert found == answer_to(with_input("e13", newey_west_lag=2))
        assert found != answer_to(with_input("e13", newey_west_lag=3))

    def test_looks_that_are_not_even_spend_by_their_information(self) -> None:
        even = answer_to(by_id("e17"))
        same = answer_to(with_input("e17", information_fractions=[1 / 3, 2 / 3, 1]))
        early = answer_to(with_input("e17", information_fractions=[0.5, 0.75, 1]))
        assert same["z_boundary"] == pytest.approx(even["z_boundary"])
        assert early["z_boundary"][0] < even["z_boundary"][0]

    def test_a_rebase_on_a_day_without_a_point_is_left_out_and_said(self) -> None:
        plain = by_id("s02")
        stray = with_input("s02", rebase_dates=["2016-04-15"])
        found, none = answer_to(stray), answer_to(with_input("s02", rebase_dates=[]))
        assert found["groups"] == none["groups"] != answer_to(plain)["groups"]
        assert "2016-04-15" in found["warnings"][-1]

    def test_the_rule_of_2023_counts_a_point_outside_as_near(self) -> None:
        days = [f"2024-{month:02}-01" for month in range(1, 13)] + [f"2025-{month:02}-01" for month in range(1, 9)]
        values = [20, 22, 19, 21, 20, 22, 18, 21, 19, 20, 22, 19, 21, 20, 18, 22, 20, 31, 27.5, 23]
        given_ = {"dates": days, "values": values, "improvement_direction": "increase"}
        tool = answer_to({"id": "x", "input": given_})
        later = answer_to({"id": "x", "input": given_ | {"two_in_three": "Making Data Count, November 2023"}})
        assert tool["points"]["special_cause_type"][17:] == ["Above UCL", "Common Cause", "Common Cause"]
        assert later["points"]["special_cause_type"][17:] == ["Above UCL", "2 in 3 Above CL", "Common Cause"]

    def test_parts_make_a_freeze_idle_as_in_the_tool(self) -> None:
        frozen = with_input("q03", freeze_after=6)
        assert answer_to(frozen) == answer_to(by_id("q03"))

    def test_screened_ranges_draw_narrower_limits_where_one_point_jumps(self) -> None:
        """Twelve ranges of 1 and two of 20: the average is 52 / 14, and 20 is more than 3.267 times that."""
        values = [5, 6] * 3 + [5, 25, 5] + [6, 5] * 3
        plain, screened = (
            answer_to(with_input("q08", values=values, freeze_after=None, screened_moving_ranges=how))
            for how in (False, True)
        )
        middle = sum(values) / len(values)
        assert plain["upper_limit"][0] == pytest.approx(middle + 3 * 52 / 14 / 1.128)
        assert screened["upper_limit"][0] == pytest.approx(middle + 3 / 1.128)

    def test_where_screening_leaves_no_range_there_are_no_limits(self) -> None:
        found = answer_to(with_input("q08", values=[4] * 12, freeze_after=None, screened_moving_ranges=True))
        assert set(found["upper_limit"]) == {None}
        assert set(found["outside"]) == {False}

    def test_a_chart_whose_points_all_lie_on_the_line_has_no_runs(self) -> None:
        part = answer_to(with_input("q07", values=[4] * 12))["parts"][0]
        assert part["n_useful"] == 0
        assert part["runs_signal"] is False
        assert {part[name] for name in ("longest_run", "longest_run_max", "crossings", "crossings_min")} == {None}

    def test_a_curve_that_comes_down_to_nothing_has_no_limits_there(self) -> None:
        """As R's survfit: the last step to nothing open has no interval."""
        found = answer_to(
            with_input("e11", before_time=[5, 5, 5], before_event=[1, 1, 1], after_time=[1, 2], after_event=[1, 1])
        )
        assert found["before"]["median"] == 5
        assert found["before"]["median_ci_low_log"] is None
        assert found["before"]["median_ci_high_loglog"] is None

    def test_nothing_after_a_time_before_has_a_hazard_of_none(self) -> None:
        found = answer_to(with_input("e11", after_event=[0] * 8))
        assert found["cox_efron_hazard_ratio_after_vs_before"] == 0
        assert found["cox_ci95_high"] is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("e09", {"before": [i * 1.37 % 61 for i in range(500)], "after": [i * 1.93 % 59 for i in range(500)]}),
        ("e15", {"gaps_before": [1 + i % 7 for i in range(3000)], "gaps_after": [1 + i % 9 for i in range(3000)]}),
        ("e06", {"successes_before": 300_000, "n_before": 500_000, "successes_after": 310_000, "n_after": 500_000}),
        ("e17", {"looks": 30}),
        ("b10", {"population": None, "acceptable_failure_rate": 0.05, "unacceptable_failure_rate": 0.051}),
        ("b12", {"conforming": 3000, "sample_size": 4000}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_large_case_is_answered_too(name: str, changed: dict[str, Any]) -> None:
    assert is_plain(answer_to(with_input(name, **changed)))
