"""How many records to audit, and what a sample says of all of them. Exact, in whole numbers.

Source: the exact hypergeometric and binomial methods of the product's statistics, section 5; the answers of R are the
reference in ``tests/rules/assurance``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from statistics import NormalDist

from saferpractice.assurance.rules.binomial import chance_at_least, chance_at_most
from saferpractice.assurance.rules.hypergeometric import FixedMargins
from saferpractice.assurance.rules.proportions import Interval, clopper_pearson
from saferpractice.assurance.rules.rates import reaches

MOST_POPULATION = 100_000
MOST_SAMPLE = 5_000
COUNTED_EXACTLY = 300
_AS_GOOD_AS_SURE = 700.0


class SampleRefused(ValueError):
    """These numbers cannot be a sample. The words say what to put right."""


class Against(StrEnum):
    """What a sample says of a target, in three answers."""

    MEETS = "meets the target"
    DOES_NOT = "does not meet the target"
    CANNOT_SAY = "cannot say from this sample"


@dataclass(frozen=True, slots=True)
class LotPlan:
    """Read ``size`` records; all is well when at most ``allowed`` fail."""

    size: int
    allowed: int
    good_is_failed: float
    bad_is_passed: float


def exact(share: float) -> Fraction:
    """A share as it was written: 0.05 is one in twenty, not the binary number beside it."""
    return Fraction(f"{share:.12g}")


def chance_of_at_most(found: int, *, of_kind: int, population: int, size: int) -> Fraction:
    """Chance that at most ``found`` of a sample are of a kind that ``of_kind`` of the population are.

    In whole numbers while they are small enough to be counted in no time; good to ten digits beyond.
    """
    if size > COUNTED_EXACTLY or population > 10 * COUNTED_EXACTLY:
        return Fraction(FixedMargins(size, population - size, of_kind).at_most(found))
    least = max(0, size - (population - of_kind))
    ways = sum(
        math.comb(of_kind, k) * math.comb(population - of_kind, size - k)
        for k in range(least, min(found, of_kind, size) + 1)
    )
    return Fraction(ways, math.comb(population, size))


def chance_of_at_least(found: int, *, of_kind: int, population: int, size: int) -> Fraction:
    """Chance that at least ``found`` of a sample are of a kind that ``of_kind`` of the population are."""
    if size > COUNTED_EXACTLY or population > 10 * COUNTED_EXACTLY:
        return Fraction(FixedMargins(size, population - size, of_kind).at_least(found))
    return 1 - chance_of_at_most(found - 1, of_kind=of_kind, population=population, size=size)


def conforming_in_population(met: int, size: int, population: int, *, confidence: float = 0.95) -> tuple[int, int]:
    """How many of the population may conform: every number that a test at half the error on each side leaves in.

    A full count gives one number.

    Raises:
        SampleRefused: the numbers do not fit together, or are too large to be computed exactly.
    """
    half = (1 - exact(confidence)) / 2
    return least_conforming(met, size, population, error=half), _most_conforming(met, size, population, half)


def least_conforming(met: int, size: int, population: int, *, error: Fraction) -> int:
    """The smallest number conforming in the population with which ``met`` or more would not be too unlikely.

    Raises:
        SampleRefused: as ``conforming_in_population``.
    """
    _check(met, size, population)
    return _first(
        met,
        population - (size - met),
        lambda k: chance_of_at_least(met, of_kind=k, population=population, size=size) > error,
    )


def _most_conforming(met: int, size: int, population: int, error: Fraction) -> int:
    missed = size - met
    fewest = _first(
        missed,
        population - met,
        lambda k: chance_of_at_least(missed, of_kind=k, population=population, size=size) > error,
    )
    return population - fewest


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest number from ``low`` to ``high`` for which ``holds``, which then holds for every larger one."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def lower_bound(met: int, size: int, *, confidence: float = 0.95) -> float:
    """The share that at least conforms, one-sided (Clopper-Pearson), for a population without a known size."""
    return clopper_pearson(met, size, alpha=2 * float(1 - exact(confidence))).low


def discovery_size(population: int, *, tolerable: float, confidence: float = 0.95, allowed: int = 0) -> int:
    """The smallest sample which, with at most ``allowed`` failures in it, shows that failures are below ``tolerable``.

    Raises:
        SampleRefused: no sample can, since ``allowed`` failures are tolerable already; or the numbers cannot be used.
    """
    failures = rounded_up(tolerable, population)
    _check_population(population)
    if allowed < 0 or failures <= allowed:
        raise SampleRefused("Allow fewer failures than can be tolerated in the whole population.")
    error = 1 - exact(confidence)
    return _first(
        1,
        population,
        lambda n: chance_of_at_most(allowed, of_kind=failures, population=population, size=n) <= error,
    )


def precision_size(expected: float, half_width: float, *, population: int | None, confidence: float = 0.95) -> float:
    """How many records, not rounded, give an estimate of so wide an interval, with the finite-population correction.

    Raises:
        SampleRefused: a share or a width that cannot be.
    """
    if not 0 < expected < 1 or not 0 < half_width < 1 or (population is not None and population < 1):
        raise SampleRefused("The expected share and the half-width lie between 0 and 1, and somebody is to be counted.")
    z = NormalDist().inv_cdf(1 - (1 - confidence) / 2)
    unlimited = z * z * expected * (1 - expected) / half_width**2
    return unlimited if population is None else unlimited / (1 + (unlimited - 1) / population)


def lot_plan(
    *, population: int | None, acceptable: float, unacceptable: float, wrongly_failed: float, wrongly_passed: float
) -> LotPlan:
    """The smallest sample and decision number that hold both error rates (lot quality assurance).

    ``acceptable`` becomes whole records rounded down, ``unacceptable`` rounded up. Without a population: binomial.

    Raises:
        SampleRefused: no sample separates the two, or an error rate is none.
    """
    if not (0 <= wrongly_failed < 1 and 0 <= wrongly_passed < 1):
        raise SampleRefused("Each chance of error is at least 0 and below 1.")
    if not 0 <= acceptable < unacceptable <= 1:
        raise SampleRefused("What is unacceptable must be more than what is acceptable.")
    allowed = 0
    for size in range(1, min(population or MOST_SAMPLE, MOST_SAMPLE) + 1):
        good, bad = _lots(size, population, acceptable, unacceptable)
        # A larger sample never allows fewer failures, so the number only ever goes up.
        while not reaches(failed := good(allowed)[1], wrongly_failed):
            allowed += 1
        if reaches(passed := bad(allowed)[0], wrongly_passed):
            return LotPlan(size, allowed, failed, passed)
    raise SampleRefused("No sample tells these two apart with so few errors. Allow more error, or a wider gap.")


Tails = Callable[[int], tuple[float, float]]
"""Chance of at most so many failures, and of more."""


def _lots(size: int, population: int | None, acceptable: float, unacceptable: float) -> tuple[Tails, Tails]:
    """The chances of failures in a sample of a lot that is only just good, and of one only just bad."""
    if population is None:
        return _binomial(size, acceptable), _binomial(size, unacceptable)
    _check_population(population)
    good, bad = rounded_down(acceptable, population), rounded_up(unacceptable, population)
    return _hypergeometric(size, good, population), _hypergeometric(size, bad, population)


def _binomial(size: int, share: float) -> Tails:
    odds = _log_odds(share)
    return lambda allowed: (chance_at_most(allowed, size, odds), chance_at_least(allowed + 1, size, odds))


def _hypergeometric(size: int, of_kind: int, population: int) -> Tails:
    table = FixedMargins(size, population - size, of_kind)
    return lambda allowed: (table.at_most(allowed), table.at_least(allowed + 1))


def _log_odds(share: float) -> float:
    """The logarithm of the odds, of a share that may be none or all."""
    if share in (0, 1):
        return _AS_GOOD_AS_SURE if share else -_AS_GOOD_AS_SURE
    return math.log(share) - math.log1p(-share)


def rounded_up(rate: float, population: int) -> int:
    """A rate in whole records, rounded up after the noise of binary numbers at nine decimals is taken off."""
    return math.ceil(round(rate * population, 9))


def rounded_down(rate: float, population: int) -> int:
    """A rate in whole records, rounded down after the noise of binary numbers at nine decimals is taken off."""
    return math.floor(round(rate * population, 9))


def chances_at_target(met: int, size: int, target: float) -> tuple[float, float]:
    """How likely ``met`` or more would be at exactly the target, and how likely ``met`` or fewer."""
    _check(met, size, size)
    if not 0 <= target <= 1:
        raise SampleRefused("A target is a share, from 0 to 1.")
    odds = _log_odds(target)
    return chance_at_least(met, size, odds), chance_at_most(met, size, odds)


def against_target(
    met: int, size: int, target: float, *, population: int | None = None, confidence: float = 0.95
) -> Against:
    """Whether a sample shows that the target is met, or is not: a one-sided bound lies beyond it. Else: cannot say."""
    error = 1 - exact(confidence)
    if population is None:
        sides: Interval = clopper_pearson(met, size, alpha=2 * float(error))
        low, high = sides.low, sides.high
    else:
        low = least_conforming(met, size, population, error=error) / population
        high = _most_conforming(met, size, population, error) / population
    if low > target or (population == size and low >= target):
        return Against.MEETS
    return Against.DOES_NOT if high < target else Against.CANNOT_SAY


def shared_out(strata: Mapping[str, int], size: int, *, at_least_one: bool = False) -> dict[str, int]:
    """A sample shared over strata by largest remainder; ties go to the larger stratum, then by name.

    Args:
        at_least_one: each stratum is to be spoken for, so the estimate must be weighted afterwards.

    Raises:
        SampleRefused: more records than there are, or too few for one from each.
    """
    total, held = sum(strata.values()), [name for name, number in strata.items() if number]
    if size > total or size < 0 or any(number < 0 for number in strata.values()):
        raise SampleRefused("The sample is larger than what there is to draw from.")
    if at_least_one and size < len(held):
        raise SampleRefused(f"There are {len(held)} groups. Draw {len(held)} records or more.")
    given = {name: (size * number // total if total else 0) for name, number in strata.items()}
    if at_least_one:
        given = {name: max(1 if strata[name] else 0, number) for name, number in given.items()}
    left = {
        name: Fraction(size * number, total) - given[name] if total else Fraction(0) for name, number in strata.items()
    }
    order = sorted(strata, key=lambda name: (-left[name], -strata[name], name))
    while (missing := size - sum(given.values())) > 0:
        for name in [name for name in order if given[name] < strata[name]][:missing]:
            given[name] += 1
    while sum(given.values()) > size:
        most = max(
            (name for name in order if given[name] > 1),
            key=lambda name: (given[name] - Fraction(size * strata[name], total), name),
        )
        given[most] -= 1
    return given


def _check(met: int, size: int, population: int) -> None:
    _check_population(population)
    if not 0 <= met <= size <= population or size == 0:
        raise SampleRefused("Those that meet the standard are among those read, and those read among all there are.")


def _check_population(population: int) -> None:
    if not 0 < population <= MOST_POPULATION:
        raise SampleRefused(f"Sample from at least 1 and at most {MOST_POPULATION:,} records.")
