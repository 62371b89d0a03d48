"""Did it happen less often? Two counts with exposure, compared exactly.

Given the total of both periods, the count after is binomial. An exact interval for its share, turned into a
ratio of rates, is the exact conditional interval (Przyborowski and Wilenski, 1940). References: R 4.2 ``poisson.test``
for the interval, ``exactci::poisson.exact`` for the central p and the mid-p.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saferpractice.assurance.rules.binomial import (
    central_p,
    chance_at_most,
    check_trials,
    log_odds_limits,
    mid_p,
)

LEAST_EXPOSURE, MOST_EXPOSURE = 1e-6, 1e12
_TIE = 1e-9  # a p that equals alpha in exact arithmetic must not depend on the last binary digit


def reaches(p: float, alpha: float) -> bool:
    """Whether a p reaches a level. A p exactly at the level does."""
    return p <= alpha * (1 + _TIE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRatio:
    """Rate after divided by rate before, with its exact interval and p.

    There is no infinity in JSON and none here: a ratio or an upper end that is infinite is None and its flag is true.
    ``ratio`` is None with its flag false when nothing was counted in either period: there is then no ratio at all.
    """

    events_before: int
    exposure_before: float
    events_after: int
    exposure_after: float
    alpha: float
    ratio: float | None
    ratio_is_infinite: bool
    low: float
    high: float | None
    high_is_infinite: bool
    p: float
    p_mid: float
    mid_low: float
    mid_high: float | None
    mid_high_is_infinite: bool

    @property
    def level(self) -> float:
        """Confidence of the interval, for example 0.95."""
        return 1 - self.alpha

    @property
    def rate_before(self) -> float:
        """Events for each unit of exposure before."""
        return self.events_before / self.exposure_before

    @property
    def rate_after(self) -> float:
        """Events for each unit of exposure after."""
        return self.events_after / self.exposure_after

    @property
    def moved(self) -> int:
        """1 if a rise is shown at alpha, -1 if a fall is, else 0. By the p, of which the interval is the mirror."""
        if not reaches(self.p, self.alpha) or self.rate_after == self.rate_before:
            return 0
        return 1 if self.rate_after > self.rate_before else -1


def rate_ratio(
    events_before: int, exposure_before: float, events_after: int, exposure_after: float, *, alpha: float = 0.05
) -> RateRatio:
    """Compare two counts. Exposure is in any unit, the same one in both periods.

    Raises ValueError for a negative count, or an exposure that is not a positive, plausible number.
    """
    _check(events_before, exposure_before)
    _check(events_after, exposure_after)
    exposure_before, exposure_after = float(exposure_before), float(exposure_after)
    total = events_before + events_after
    check_trials(total)
    even = math.log(exposure_after) - math.log(exposure_before)
    low, high = _ratio_limits(events_after, total, alpha, even, mid=False)
    mid_low, mid_high = _ratio_limits(events_after, total, alpha, even, mid=True)
    ratio = None
    if events_before:
        ratio = events_after * exposure_before / (events_before * exposure_after)
    return RateRatio(
        events_before=events_before,
        exposure_before=exposure_before,
        events_after=events_after,
        exposure_after=exposure_after,
        alpha=alpha,
        ratio=ratio,
        ratio_is_infinite=events_before == 0 and events_after > 0,
        low=low,
        high=None if math.isinf(high) else high,
        high_is_infinite=math.isinf(high),
        p=central_p(events_after, total, even),
        p_mid=mid_p(events_after, total, even),
        mid_low=mid_low,
        mid_high=None if math.isinf(mid_high) else mid_high,
        mid_high_is_infinite=math.isinf(mid_high),
    )


def _ratio_limits(events_after: int, total: int, alpha: float, even: float, *, mid: bool) -> tuple[float, float]:
    low, high = log_odds_limits(events_after, total, alpha, mid=mid)
    return math.exp(low - even), math.exp(high - even)


def _check(events: int, exposure: float) -> None:
    if events < 0:
        raise ValueError(f"A count cannot be below zero ({events}).")
    if not LEAST_EXPOSURE <= exposure <= MOST_EXPOSURE:
        raise ValueError(f"Exposure must be above zero and a plausible amount, not {exposure}.")


def best_possible_p(events_before: int, exposure_before: float, exposure_after: float) -> float:
    """The p of the best result a reduction could have at this exposure: none at all after.

    2 x (t0 / (t0 + t1)) ^ x0, at most 1. If this does not reach alpha, no result could have.
    """
    _check(events_before, exposure_before)
    _check(0, exposure_after)
    return min(1.0, 2 * math.exp(-events_before * math.log1p(exposure_after / exposure_before)))


def exposure_needed(
    events_before: int, exposure_before: float, *, alpha: float = 0.05, events_after: int = 0
) -> float | None:
    """Exposure after at which a fall can first be shown, if no more than ``events_after`` are counted by then.

    With none after it is t0 x ((2 / alpha)^(1 / x0) - 1). With some it is the same question asked of the binomial tail.
    None where the baseline has no event: nothing can fall below nothing.
    """
    _check(events_before, exposure_before)
    if events_before == 0:
        return None
    if events_after == 0:
        return exposure_before * math.expm1(math.log(2 / alpha) / events_before)
    _, high = log_odds_limits(events_after, events_before + events_after, alpha)
    return exposure_before * math.exp(high)


def chance_of_showing_fall(
    expected_before: float, expected_after: float, exposure_before: float, exposure_after: float, *, alpha: float = 0.05
) -> float:
    """Chance (0 to 1) that a true fall would be shown at one look: the power of the plan.

    ``expected_before`` and ``expected_after`` are the mean counts of each period. Exact: summed over every pair of
    Poisson counts that matters, no simulation.

    Raises:
        ValueError: the level is none, or an exposure is none.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"The level lies between 0 and 1, not {alpha}.")
    _check(0, exposure_before)
    _check(0, exposure_after)
    even = math.log(exposure_after) - math.log(exposure_before)
    chance, few, few_chance = 0.0, -1, 0.0
    most = _counts_that_matter(expected_after).stop  # more adds nothing to the chance
    for before in _counts_that_matter(expected_before):
        # The more there were before, the more there may be after: the line only ever moves up.
        while few < most and reaches(2 * chance_at_most(few + 1, before + few + 1, even), alpha):
            few += 1
            few_chance += _poisson(few, expected_after)
        chance += _poisson(before, expected_before) * few_chance
    return min(1.0, chance)


def _counts_that_matter(mean: float) -> range:
    reach = 10 * math.sqrt(mean) + 40
    return range(max(0, int(mean - reach)), int(mean + reach) + 1)


def _poisson(count: int, mean: float) -> float:
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) if mean else float(count == 0)
