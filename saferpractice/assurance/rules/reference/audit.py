"""Answers to reference cases about audit samples."""

from __future__ import annotations

import math
from collections.abc import Callable

from saferpractice.assurance.rules.proportions import clopper_pearson, wilson
from saferpractice.assurance.rules.reference.shapes import Answer, Given
from saferpractice.assurance.rules.sampling import (
    SampleRefused,
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
from saferpractice.trail.draws import ranked


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


def _draw(given: Given) -> Answer:
    taken = ranked(given["seed"], given["record_ids"])[: given["sample_size"]]
    if len(taken) < given["sample_size"]:
        raise SampleRefused("The sample is larger than what there is to draw from.")
    return {
        "selected_in_draw_order": [one.record_id for one in taken],
        "digest_of_first": taken[0].digest,
        "digest_of_last_selected": taken[-1].digest,
    }


def _allocation(given: Given) -> Answer:
    return {"allocation": shared_out(given["stratum_sizes"], given["sample_size"])}


METHODS: dict[str, Callable[[Given], Answer]] = {
    "proportion_interval": _share,
    "finite_population_interval": _finite,
    "discovery_sample_size": _discovery,
    "precision_sample_size": _precision,
    "lot_quality_plan": _lot,
    "against_target": _target,
    "keyed_hash_draw": _draw,
    "proportional_allocation": _allocation,
}
"""How a case of each method is answered."""
