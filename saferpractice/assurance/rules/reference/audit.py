"""Answers to reference cases about audit samples."""

from __future__ import annotations

import math
from collections.abc import Callable

from saferpractice.assurance.rules.proportions import clopper_pearson, wilson
from saferpractice.assurance.rules.reference.shapes import Answer, CaseRefused, Given, confidence_of, number, whole
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
from saferpractice.trail.draws import ranked


def _share(given: Given) -> Answer:
    met, size, confidence = whole(given, "conforming"), whole(given, "sample_size"), confidence_of(given)
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
    met, size, population = (whole(given, name) for name in ("conforming", "sample_size", "population"))
    low, high = conforming_in_population(met, size, population, confidence=confidence_of(given))
    least = least_conforming(met, size, population, error=1 - exact(confidence_of(given)))
    return {
        "conforming_in_population_low": low,
        "conforming_in_population_high": high,
        "proportion_low": low / population,
        "proportion_high": high / population,
        "one_sided_lower_count": least,
        "one_sided_lower_proportion": least / population,
    }


def _discovery(given: Given) -> Answer:
    population, allowed = whole(given, "population"), whole(given, "failures_allowed", 0)
    tolerable, confidence = number(given, "tolerable_failure_rate"), number(given, "confidence", 0.95)
    failures = rounded_up(tolerable, population)
    size = discovery_size(population, tolerable=tolerable, confidence=confidence, allowed=allowed)
    passing = chance_of_at_most(allowed, of_kind=failures, population=population, size=size)
    return {
        "failures_at_tolerable_rate": failures,
        "sample_size": size,
        "probability_of_passing_at_that_rate": float(passing),
    }


def _precision(given: Given) -> Answer:
    asked = {"expected": number(given, "expected_proportion"), "half_width": number(given, "half_width")}
    population, confidence = _population(given), confidence_of(given)
    unlimited = precision_size(**asked, population=None, confidence=confidence)
    size = precision_size(**asked, population=population, confidence=confidence)
    return {
        "infinite_population_size_unrounded": unlimited,
        "sample_size_unrounded": size,
        "sample_size": math.ceil(round(size, 9)),
    }


def _lot(given: Given) -> Answer:
    plan = lot_plan(
        population=_population(given),
        acceptable=number(given, "acceptable_failure_rate"),
        unacceptable=number(given, "unacceptable_failure_rate"),
        wrongly_failed=number(given, "alpha_wrongly_failed", 0.1),
        wrongly_passed=number(given, "beta_wrongly_passed", 0.1),
    )
    return {
        "sample_size": plan.size,
        "pass_if_failures_at_most": plan.allowed,
        "probability_good_is_failed": plan.good_is_failed,
        "probability_bad_is_passed": plan.bad_is_passed,
    }


def _target(given: Given) -> Answer:
    above, below = chances_at_target(whole(given, "conforming"), whole(given, "sample_size"), number(given, "target"))
    return {"p_above_target": above, "p_below_target": below}


def _draw(given: Given) -> Answer:
    size, ids = whole(given, "sample_size"), given["record_ids"]
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in [given["seed"], *ids]):
        raise CaseRefused("The seed is a text, and the records are a list of texts.")
    if not 0 < size <= len(ids):
        raise CaseRefused("The sample is of one record or more, and no larger than what there is to draw from.")
    taken = ranked(given["seed"], ids)[:size]
    return {
        "selected_in_draw_order": [one.record_id for one in taken],
        "digest_of_first": taken[0].digest,
        "digest_of_last_selected": taken[-1].digest,
    }


def _allocation(given: Given) -> Answer:
    sizes = given["stratum_sizes"]
    if not isinstance(sizes, dict):
        raise CaseRefused("“stratum_sizes” is to be an object of whole numbers.")
    strata = {name: whole(sizes, name) for name in sizes}
    return {"allocation": shared_out(strata, whole(given, "sample_size"), at_least_one=_one_each(given))}


def _one_each(given: Given) -> bool:
    """Whether each group is to be spoken for."""
    return bool(given.get("at_least_one_each"))


def _population(given: Given) -> int | None:
    """How many there are; none where it has no limit."""
    return whole(given, "population") if given.get("population") is not None else None


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
