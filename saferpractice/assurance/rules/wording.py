"""Numbers in words a service manager would use."""

from __future__ import annotations

import math
from datetime import date

from saferpractice.assurance.rules.plan import Direction, ImpactPlan, Kind
from saferpractice.assurance.rules.proportions import ProportionChange
from saferpractice.assurance.rules.rates import RateRatio


def day(on: date) -> str:
    """1 May 2026."""
    return f"{on.day} {on:%B %Y}"


def amount(number: float) -> str:
    """12; 10.2; 1,250,000."""
    if number == int(number):
        return f"{int(number):,}"
    return f"{number:,.2f}".rstrip("0").rstrip(".") if number >= 0.01 else f"{number:.2g}"


def percent(fraction: float) -> str:
    """A fraction as whole percent. It never rounds something to nothing, nor nearly all to all."""
    if 0 < fraction < 0.005:
        return "less than 1%"
    if 0.995 <= fraction < 1:
        return "more than 99%"
    return f"{_rounded(fraction * 100)}%"


def _rounded(number: float) -> str:
    """Whole number, halves upward as people round; the built-in would turn 90.5 into 90."""
    return f"{math.floor(number + 0.5):,}"


def ratio_in_words(ratio: float | None) -> str:
    """A ratio after / before as a fall or a rise. None is an unlimited rise."""
    if ratio is None:
        return "a rise without limit"
    if ratio == 0:
        return "a fall to none"
    if ratio == 1:
        return "no difference"
    if ratio < 1:
        return f"a fall of {percent(1 - ratio)}"
    if ratio < 2:
        return f"a rise of {percent(ratio - 1)}"
    return f"a rise to {_rounded(ratio) if ratio >= 10 else amount(round(ratio, 1))} times"


def difference_in_words(difference: float) -> str:
    """A difference of shares in percentage points."""
    if difference == 0:
        return "no difference"
    direction = "a rise" if difference > 0 else "a fall"
    points = abs(difference) * 100
    number = _rounded(points) if points >= 0.5 else "less than 1"
    return f"{direction} of {number} percentage point{'' if number.endswith(' 1') or number == '1' else 's'}"


def counts_in_words(plan: ImpactPlan, numbers: RateRatio | ProportionChange) -> str:
    """Both periods, as counted."""
    if isinstance(numbers, RateRatio):
        return (
            f"Before: {numbers.events_before:,} in {amount(numbers.exposure_before)} {plan.exposure}. "
            f"After: {numbers.events_after:,} in {amount(numbers.exposure_after)} {plan.exposure}."
        )
    return (
        f"Before: {numbers.met_before:,} of {numbers.read_before:,} {plan.exposure} ({percent(numbers.share_before)}). "
        f"After: {numbers.met_after:,} of {numbers.read_after:,} ({percent(numbers.share_after)})."
    )


def effect_in_words(numbers: RateRatio | ProportionChange) -> str:
    """The effect seen: a fall of 55%."""
    if isinstance(numbers, RateRatio):
        return "a rise from none" if numbers.ratio_is_infinite else ratio_in_words(numbers.ratio)
    return difference_in_words(numbers.difference)


def range_in_words(numbers: RateRatio | ProportionChange) -> str:
    """Every effect that the counts leave open at the look's level."""
    if isinstance(numbers, RateRatio):
        return f"anything from {ratio_in_words(numbers.low)} to {ratio_in_words(numbers.high)}"
    return f"anything from {difference_in_words(numbers.low)} to {difference_in_words(numbers.high)}"


def worthwhile_in_words(plan: ImpactPlan) -> str:
    """The smallest effect worth having, as a fall or a rise."""
    if plan.kind is Kind.RATE:
        return ratio_in_words(plan.smallest_effect)
    return difference_in_words(plan.smallest_effect if plan.direction is Direction.INCREASE else -plan.smallest_effect)


def best_result_in_words(plan: ImpactPlan) -> str:
    """The best result that a plan could have had."""
    if plan.kind is Kind.RATE:
        return "with none at all counted after the change"
    return (
        f"with every one of the {plan.exposure} read after the change meeting the standard"
        if plan.direction is Direction.INCREASE
        else f"with none of the {plan.exposure} read after the change counted"
    )
