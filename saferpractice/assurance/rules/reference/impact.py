"""Answers to reference cases about whether a change worked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from saferpractice.assurance.rules.binomial import chance_at_most, likelihood_p
from saferpractice.assurance.rules.hazard import hazard_ratio
from saferpractice.assurance.rules.interrupted import TERMS, Four, SeriesRefused, count_segments, segments, usual_lag
from saferpractice.assurance.rules.odds import odds_ratio
from saferpractice.assurance.rules.proportions import proportion_change
from saferpractice.assurance.rules.rates import best_possible_p, chance_of_showing_fall, exposure_needed, rate_ratio
from saferpractice.assurance.rules.reference.shapes import (
    Answer,
    CaseRefused,
    Given,
    confidence_of,
    level_of,
    number,
    numbers,
    whole,
)
from saferpractice.assurance.rules.searched import mid_p_ratio_limits, rank_shift
from saferpractice.assurance.rules.spending import boundaries
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
    before, after = whole(given, "events_before"), whole(given, "events_after")
    t_before, t_after = number(given, "exposure_before"), number(given, "exposure_after")
    alpha = level_of(given)
    found = rate_ratio(before, t_before, after, t_after, alpha=alpha)
    answer = {"rate_before": found.rate_before, "rate_after": found.rate_after}
    if before + after == 0:
        return answer
    even = math.log(t_after) - math.log(t_before)
    low, high = mid_p_ratio_limits(before, t_before, after, t_after, alpha=alpha)
    return answer | {
        "rate_ratio": found.ratio,
        "ci95_low": found.low,
        "ci95_high": found.high,
        "ci95_high_is_infinite": found.high_is_infinite,
        "p_two_sided_minimum_likelihood": likelihood_p(after, before + after, even),
        "p_two_sided_central": found.p,
        "p_two_sided_central_midp": found.p_mid,
        "ci95_low_midp": low,
        "ci95_high_midp": high,
        "p_one_sided_reduction": chance_at_most(after, before + after, even),
        "smallest_attainable_p_central": best_possible_p(before, t_before, t_after),
        "exposure_after_needed_if_no_event": exposure_needed(before, t_before, alpha=alpha),
    }


def _proportions(given: Given) -> Answer:
    names = ("successes_before", "n_before", "successes_after", "n_after")
    met_before, read_before, met_after, read_after = (whole(given, name) for name in names)
    alpha = level_of(given)
    found = proportion_change(met_before, read_before, met_after, read_after, alpha=alpha)
    odds = odds_ratio(met_before, read_before, met_after, read_after, alpha=alpha)
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
        "conditional_odds_ratio": odds.ratio,
        "odds_ratio_ci_low": odds.low,
        "odds_ratio_ci_high": odds.high,
        "odds_ratio_is_infinite": odds.is_infinite,
    }


def _power(given: Given) -> Answer:
    rate, ratio = number(given, "rate_before"), number(given, "true_rate_ratio")
    t_before, t_after = number(given, "exposure_before"), number(given, "exposure_after")
    if min(rate, ratio) < 0 or min(t_before, t_after) <= 0 or max(rate * t_before, rate * ratio * t_after) > 100_000:
        raise CaseRefused("Give rates of 0 or more, exposures above 0, and no more than 100,000 events expected.")
    alpha = number(given, "alpha_two_sided", 0.05)
    chance = chance_of_showing_fall(rate * t_before, rate * ratio * t_after, t_before, t_after, alpha=alpha)
    return {"probability_reduction_is_called": chance}


def _times(given: Given) -> Answer:
    before, after = numbers(given, "before"), numbers(given, "after")
    found = shift_of(before, after, confidence=confidence_of(given))
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
    if not found.ties:
        return answer | {
            "p_exact": found.p,
            "r_ci95_low": found.low,
            "r_ci95_high": found.high,
            "r_estimate": found.shift,
        }
    normal = rank_shift(before, after, confidence=confidence_of(given))
    return answer | {
        "p_exact_permutation_with_ties": found.p,
        "r_normal_ci95_low": normal.low if normal else None,
        "r_normal_ci95_high": normal.high if normal else None,
        "r_normal_estimate": normal.shift if normal else None,
    }


def _censored(given: Given) -> Answer:
    watched = {name: _watched(given, name) for name in ("before", "after")}
    confidence, horizon = confidence_of(given), number(given, "restricted_mean_tau")
    found = log_rank(watched["before"], watched["after"])
    hazard = hazard_ratio(watched["before"], watched["after"], confidence=confidence)
    means = {}
    answer: Answer = {
        "logrank_chi_squared": found.chi_squared,
        "logrank_p": found.p,
        "peto_peto_chi_squared": found.early,
    }
    for i, name in enumerate(("before", "after")):
        steps = curve(watched[name])
        (low, high), (low_2, high_2) = (median_limits(steps, limits=kind, confidence=confidence) for kind in Limits)
        means[name], error = restricted_mean(steps, horizon)
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
    return answer | {
        "restricted_mean_difference": means["after"] - means["before"],
        "cox_efron_hazard_ratio_after_vs_before": hazard.ratio,
        "cox_ci95_low": hazard.low,
        "cox_ci95_high": hazard.high,
    }


def _watched(given: Given, name: str) -> list[Watched]:
    times, ended = numbers(given, f"{name}_time"), given.get(f"{name}_event")
    if not isinstance(ended, list):
        ended = [ended]
    if len(ended) != len(times) or any(one not in (0, 1) for one in ended):
        raise CaseRefused(f"“{name}_event” says 1 or 0 for each time: whether it ended then.")
    return [Watched(time, bool(one)) for time, one in zip(times, ended, strict=True)]


def _gaps(given: Given) -> Answer:
    before, after = numbers(given, "gaps_before"), numbers(given, "gaps_after")
    ratio, low, high, p = gap_ratio(before, after, confidence=confidence_of(given))
    return {
        "mean_gap_before": math.fsum(before) / len(before),
        "mean_gap_after": math.fsum(after) / len(after),
        "gap_ratio": ratio,
        "ci95_low": low,
        "ci95_high": high,
        "p_two_sided": p,
    }


def _interrupted(given: Given) -> Answer:
    values = numbers(given, "values", gaps=True)
    exposure = numbers(given, "exposure", gaps=True) if given.get("exposure") is not None else None
    first = whole(given, "first_index_after_change")
    lag = whole(given, "newey_west_lag", usual_lag(len(values)))
    found = segments(values, first, lag=lag, confidence=confidence_of(given))
    answer = {
        "coefficients": _named(found.coefficients),
        "se_ols": _named(found.se_plain),
        "se_newey_west": _named(found.se_newey_west),
        "se_newey_west_small_sample": _named(found.se_small_sample),
        "p_t_newey_west_small_sample": _named(found.p),
        "ci95_low_newey_west_small_sample": _named(found.low),
        "ci95_high_newey_west_small_sample": _named(found.high),
        "residual_df": found.freedom,
        "durbin_watson": found.durbin_watson,
        "counterfactual_last_point": found.would_have_been,
        "fitted_last_point": found.is_now,
    }
    if any(value is not None and (value < 0 or value != int(value)) for value in values):
        return answer
    return answer | {"poisson": _counts(values, first, lag, exposure)}


def _counts(values: list[Any], first: int, lag: int, exposure: list[Any] | None) -> Answer:
    """For whole numbers also the lines on the logarithm."""
    try:
        found = count_segments(values, first, lag=lag, exposure=exposure)
    except SeriesRefused as problem:
        return {"refused": str(problem)}
    return {
        "log_coefficients": _named(found.coefficients),
        "se_model": _named(found.se_model),
        "pearson_dispersion": found.dispersion,
        "se_quasi": _named(found.se_quasi),
        "se_newey_west": _named(found.se_newey_west),
        "deviance": found.deviance,
    }


def _named(terms: Four) -> dict[str, float]:
    return dict(zip(TERMS, terms, strict=True))


def _looks(given: Given) -> Answer:
    times = numbers(given, "information_fractions") if given.get("information_fractions") is not None else None
    looks = len(times) if times is not None and "looks" not in given else whole(given, "looks")
    found = boundaries(looks, alpha=number(given, "alpha_two_sided", 0.05), times=times)
    return {
        "cumulative_alpha": [one.spent for one in found],
        "z_boundary": [one.z for one in found],
        "nominal_p": [one.p for one in found],
        "tolerance_absolute": 0.001,
    }


METHODS: dict[str, Callable[[Given], Answer]] = {
    "rate_ratio_exact_conditional": _rates,
    "proportions_fisher_newcombe": _proportions,
    "rate_ratio_power": _power,
    "times_mann_whitney_hodges_lehmann": _times,
    "times_censored_logrank": _censored,
    "gap_ratio_exponential": _gaps,
    "interrupted_time_series": _interrupted,
    "sequential_obrien_fleming_spending": _looks,
}
"""How a case of each method is answered."""
