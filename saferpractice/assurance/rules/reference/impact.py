"""Answers to reference cases about whether a change worked."""

from __future__ import annotations

import math
from collections.abc import Callable

from saferpractice.assurance.rules.binomial import chance_at_most
from saferpractice.assurance.rules.proportions import proportion_change
from saferpractice.assurance.rules.rates import best_possible_p, chance_of_showing_fall, exposure_needed, rate_ratio
from saferpractice.assurance.rules.reference.shapes import Answer, Given
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
    "rate_ratio_exact_conditional": _rates,
    "proportions_fisher_newcombe": _proportions,
    "rate_ratio_power": _power,
    "times_mann_whitney_hodges_lehmann": _times,
    "times_censored_logrank": _censored,
    "gap_ratio_exponential": _gaps,
}
"""How a case of each method is answered."""
