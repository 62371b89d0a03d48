"""Answers to reference cases in the shape of the reference, by the very functions that the pages use.

So anybody can hold the product's figures against those of R and of the field's own tools, on cases of their own.
What the product does not compute is refused with the reason, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from saferpractice.assurance.rules.binomial import chance_at_most
from saferpractice.assurance.rules.charts import Better, Chart, LineChart, XmrChart, read_chart, read_xmr
from saferpractice.assurance.rules.charts.signals import Assurance, Reading
from saferpractice.assurance.rules.proportions import clopper_pearson, proportion_change, wilson
from saferpractice.assurance.rules.rates import best_possible_p, chance_of_showing_fall, exposure_needed, rate_ratio
from saferpractice.assurance.rules.sampling import (
    chance_of_at_most,
    chances_at_target,
    conforming_in_population,
    discovery_size,
    exact,
    least_conforming,
    lot_plan,
    lower_bound,
    precision_size,
    rounded_up,
    shared_out,
)
from saferpractice.assurance.rules.survival import (
    Limits,
    Watched,
    curve,
    first_at_half,
    log_rank,
    median_limits,
    median_time,
    restricted_mean,
)
from saferpractice.assurance.rules.times import gap_ratio, shift_of

Given = Mapping[str, Any]
Answer = dict[str, Any]

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


def answers_to(content: Mapping[str, Any]) -> dict[str, Answer]:
    """The answer to each case of a file of reference cases, by the case's id.

    A case that cannot be answered has ``{"refused": why}``.

    Raises:
        ValueError: the file holds no cases.
    """
    cases = content.get("cases")
    if not isinstance(cases, list):
        raise ValueError('This file holds no reference cases: it has no list named "cases".')  # noqa: TRY004
    return {str(case["id"]): answer_to(case) for case in cases}


def answer_to(case: Mapping[str, Any]) -> Answer:
    """The answer to one case, or why there is none."""
    given = case.get("input", {})
    method = case.get("method") or ("chart" if "chart" in given else "xmr" if "dates" in given else "")
    if method not in METHODS:
        return {"refused": f"This version does not compute “{method}”."}
    try:
        return METHODS[method](given)
    except (ValueError, KeyError, TypeError, ArithmeticError) as problem:
        return {"refused": str(problem) or type(problem).__name__}


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


def _rates(given: Given) -> Answer:
    before, after = given["events_before"], given["events_after"]
    t_before, t_after = given["exposure_before"], given["exposure_after"]
    found = rate_ratio(before, t_before, after, t_after, alpha=1 - given["conf_level"])
    answer = {"rate_before": found.rate_before, "rate_after": found.rate_after}
    if before + after == 0:
        return answer
    return answer | {
        "rate_ratio": found.ratio,
        "ci95_low": found.low,
        "ci95_high": found.high,
        "ci95_high_is_infinite": found.high_is_infinite,
        "p_two_sided_central": found.p,
        "p_two_sided_central_midp": found.p_mid,
        "ci95_low_midp": found.mid_low,
        "ci95_high_midp": found.mid_high,
        "p_one_sided_reduction": chance_at_most(after, before + after, math.log(t_after / t_before)),
        "smallest_attainable_p_central": best_possible_p(before, t_before, t_after),
        "exposure_after_needed_if_no_event": exposure_needed(before, t_before),
    }


def _proportions(given: Given) -> Answer:
    found = proportion_change(
        given["successes_before"],
        given["n_before"],
        given["successes_after"],
        given["n_after"],
        alpha=1 - given["conf_level"],
    )
    return {
        "proportion_before": found.share_before,
        "proportion_after": found.share_after,
        "difference": found.difference,
        "newcombe_low": found.low,
        "newcombe_high": found.high,
        "wilson_before_low": found.wilson_before.low,
        "wilson_before_high": found.wilson_before.high,
        "wilson_after_low": found.wilson_after.low,
        "wilson_after_high": found.wilson_after.high,
        "clopper_pearson_before_low": found.exact_before.low,
        "clopper_pearson_before_high": found.exact_before.high,
        "clopper_pearson_after_low": found.exact_after.low,
        "clopper_pearson_after_high": found.exact_after.high,
        "fisher_p_two_sided": found.p_fisher,
        "fisher_p_central": found.p_central,
    }


def _power(given: Given) -> Answer:
    before = given["rate_before"] * given["exposure_before"]
    after = given["rate_before"] * given["true_rate_ratio"] * given["exposure_after"]
    chance = chance_of_showing_fall(
        before, after, given["exposure_before"], given["exposure_after"], alpha=given["alpha_two_sided"]
    )
    return {"probability_reduction_is_called": chance}


def _share(given: Given) -> Answer:
    met, size, confidence = given["conforming"], given["sample_size"], given["conf_level"]
    alpha = float(1 - exact(confidence))
    tested, scored = clopper_pearson(met, size, alpha=alpha), wilson(met, size, alpha=alpha)
    return {
        "proportion": met / size,
        "clopper_pearson_low": tested.low,
        "clopper_pearson_high": tested.high,
        "wilson_low": scored.low,
        "wilson_high": scored.high,
        "one_sided_lower_bound": lower_bound(met, size, confidence=confidence),
    }


def _finite(given: Given) -> Answer:
    met, size, population = given["conforming"], given["sample_size"], given["population"]
    low, high = conforming_in_population(met, size, population, confidence=given["conf_level"])
    least = least_conforming(met, size, population, error=1 - exact(given["conf_level"]))
    return {
        "conforming_in_population_low": low,
        "conforming_in_population_high": high,
        "proportion_low": low / population,
        "proportion_high": high / population,
        "one_sided_lower_count": least,
        "one_sided_lower_proportion": least / population,
    }


def _discovery(given: Given) -> Answer:
    population, allowed = given["population"], given["failures_allowed"]
    failures = rounded_up(given["tolerable_failure_rate"], population)
    size = discovery_size(
        population, tolerable=given["tolerable_failure_rate"], confidence=given["confidence"], allowed=allowed
    )
    passing = chance_of_at_most(allowed, of_kind=failures, population=population, size=size)
    return {
        "failures_at_tolerable_rate": failures,
        "sample_size": size,
        "probability_of_passing_at_that_rate": float(passing),
    }


def _precision(given: Given) -> Answer:
    asked = {"expected": given["expected_proportion"], "half_width": given["half_width"]}
    unlimited = precision_size(**asked, population=None, confidence=given["conf_level"])
    size = precision_size(**asked, population=given["population"], confidence=given["conf_level"])
    return {
        "infinite_population_size_unrounded": unlimited,
        "sample_size_unrounded": size,
        "sample_size": math.ceil(size),
    }


def _lot(given: Given) -> Answer:
    plan = lot_plan(
        population=given["population"],
        acceptable=given["acceptable_failure_rate"],
        unacceptable=given["unacceptable_failure_rate"],
        wrongly_failed=given["alpha_wrongly_failed"],
        wrongly_passed=given["beta_wrongly_passed"],
    )
    return {
        "sample_size": plan.size,
        "pass_if_failures_at_most": plan.allowed,
        "probability_good_is_failed": plan.good_is_failed,
        "probability_bad_is_passed": plan.bad_is_passed,
    }


def _target(given: Given) -> Answer:
    above, below = chances_at_target(given["conforming"], given["sample_size"], given["target"])
    return {"p_above_target": above, "p_below_target": below}


def _allocation(given: Given) -> Answer:
    return {"allocation": shared_out(given["stratum_sizes"], given["sample_size"])}


def _times(given: Given) -> Answer:
    found = shift_of(given["before"], given["after"], confidence=given["conf_level"])
    answer = {
        "n_before": found.before,
        "n_after": found.after,
        "median_before": found.median_before,
        "median_after": found.median_after,
        "has_ties": found.ties,
        "u_statistic_after": found.u_after,
        "p_normal_continuity": found.p_normal_corrected,
        "p_normal_no_continuity": found.p_normal,
        "hodges_lehmann_pairwise_median": found.shift,
        "ci95_low_order_statistic": found.low,
        "ci95_high_order_statistic": found.high,
        "achieved_confidence_order_statistic": found.achieved,
        "probability_after_shorter": found.sooner,
    }
    if found.ties:
        return answer | {"p_exact_permutation_with_ties": found.p}
    return answer | {
        "p_exact": found.p,
        "r_ci95_low": found.low,
        "r_ci95_high": found.high,
        "r_estimate": found.shift,
    }


def _censored(given: Given) -> Answer:
    watched = {
        name: [
            Watched(time, bool(ended))
            for time, ended in zip(given[f"{name}_time"], given[f"{name}_event"], strict=True)
        ]
        for name in ("before", "after")
    }
    found = log_rank(watched["before"], watched["after"])
    means = {}
    answer: Answer = {
        "logrank_chi_squared": found.chi_squared,
        "logrank_p": found.p,
        "peto_peto_chi_squared": found.early,
    }
    for i, name in enumerate(("before", "after")):
        steps = curve(watched[name])
        (low, high), (low_2, high_2) = (median_limits(steps, limits=limits) for limits in Limits)
        means[name], error = restricted_mean(steps, given["restricted_mean_tau"])
        answer[name] = {
            "n": len(watched[name]),
            "events": found.ended[i],
            "expected_events": found.expected[i],
            "median": median_time(steps),
            "median_first_time_survival_at_or_below_half": first_at_half(steps),
            "median_ci_low_log": low,
            "median_ci_high_log": high,
            "median_ci_low_loglog": low_2,
            "median_ci_high_loglog": high_2,
            "restricted_mean": means[name],
            "restricted_mean_se": error,
        }
    return answer | {"restricted_mean_difference": means["after"] - means["before"]}


def _gaps(given: Given) -> Answer:
    before, after = given["gaps_before"], given["gaps_after"]
    ratio, low, high, p = gap_ratio(before, after, confidence=given["conf_level"])
    return {
        "mean_gap_before": math.fsum(before) / len(before),
        "mean_gap_after": math.fsum(after) / len(after),
        "gap_ratio": ratio,
        "ci95_low": low,
        "ci95_high": high,
        "p_two_sided": p,
    }


METHODS: dict[str, Callable[[Given], Answer]] = {
    "xmr": _xmr,
    "chart": _chart,
    "rate_ratio_exact_conditional": _rates,
    "proportions_fisher_newcombe": _proportions,
    "rate_ratio_power": _power,
    "times_mann_whitney_hodges_lehmann": _times,
    "times_censored_logrank": _censored,
    "gap_ratio_exponential": _gaps,
    "proportion_interval": _share,
    "finite_population_interval": _finite,
    "discovery_sample_size": _discovery,
    "precision_sample_size": _precision,
    "lot_quality_plan": _lot,
    "against_target": _target,
    "proportional_allocation": _allocation,
}
