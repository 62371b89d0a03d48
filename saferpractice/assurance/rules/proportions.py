"""Was it done more often? Records that met a standard, before and after.

Intervals: Wilson (1927) to show one share, Clopper-Pearson where an exact floor is wanted, Newcombe's hybrid of
two Wilson intervals (1998, method 10) for the difference. Fisher's exact test for the p. References: R 4.2
``prop.test`` (one sample, no correction), ``binom.test``, ``fisher.test``, and ``exact2x2`` for the central p.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from saferpractice.assurance.rules.binomial import MOST_TRIALS, check_trials, log_odds_limits, share_of
from saferpractice.assurance.rules.hypergeometric import FixedMargins
from saferpractice.assurance.rules.rates import reaches


@dataclass(frozen=True, slots=True)
class Interval:
    """A lower and an upper end."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionChange:
    """Share after minus share before, as fractions of 1, with Newcombe's interval and Fisher's p."""

    met_before: int
    read_before: int
    met_after: int
    read_after: int
    alpha: float
    difference: float
    low: float
    high: float
    wilson_before: Interval
    wilson_after: Interval
    exact_before: Interval
    exact_after: Interval
    p_fisher: float
    p_central: float

    @property
    def level(self) -> float:
        """Confidence of the intervals, for example 0.95."""
        return 1 - self.alpha

    @property
    def share_before(self) -> float:
        """Share that met the standard before, 0 to 1."""
        return self.met_before / self.read_before

    @property
    def share_after(self) -> float:
        """Share that met the standard after, 0 to 1."""
        return self.met_after / self.read_after

    @property
    def moved(self) -> int:
        """1 if the interval lies above no difference, -1 if below, 0 if it holds it."""
        return int(self.low > 0) - int(self.high < 0)

    @property
    def methods_disagree(self) -> bool:
        """Whether interval and Fisher's p say different things at alpha, as two good methods can near the border."""
        return bool(self.moved) != reaches(self.p_fisher, self.alpha)


def wilson(met: int, read: int, *, alpha: float = 0.05) -> Interval:
    """Wilson's score interval for a share."""
    _check(met, read)
    z = NormalDist().inv_cdf(1 - alpha / 2)
    share, spread = met / read, z * z / read
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / read + spread / (4 * read))
    # At the two ends the limit is exactly 0 or 1, which subtraction would miss by a hair.
    return Interval(0.0 if met == 0 else centre - half, 1.0 if met == read else centre + half)


def clopper_pearson(met: int, read: int, *, alpha: float = 0.05) -> Interval:
    """Exact interval for a share: it holds the true share at least as often as it says."""
    _check(met, read)
    low, high = log_odds_limits(met, read, alpha)
    return Interval(0.0 if met == 0 else share_of(low), 1.0 if met == read else share_of(high))


def newcombe(met_before: int, read_before: int, met_after: int, read_after: int, *, alpha: float = 0.05) -> Interval:
    """Newcombe's interval for share after minus share before."""
    before, after = wilson(met_before, read_before, alpha=alpha), wilson(met_after, read_after, alpha=alpha)
    share_before, share_after = met_before / read_before, met_after / read_after
    difference = share_after - share_before
    return Interval(
        max(-1.0, difference - math.hypot(share_after - after.low, before.high - share_before)),
        min(1.0, difference + math.hypot(after.high - share_after, share_before - before.low)),
    )


def proportion_change(
    met_before: int, read_before: int, met_after: int, read_after: int, *, alpha: float = 0.05
) -> ProportionChange:
    """Compare two shares. Raises ValueError where nothing was read, or more met the standard than were read."""
    interval = newcombe(met_before, read_before, met_after, read_after, alpha=alpha)
    table = FixedMargins(read_before, read_after, met_before + met_after)
    return ProportionChange(
        met_before=met_before,
        read_before=read_before,
        met_after=met_after,
        read_after=read_after,
        alpha=alpha,
        difference=met_after / read_after - met_before / read_before,
        low=interval.low,
        high=interval.high,
        wilson_before=wilson(met_before, read_before, alpha=alpha),
        wilson_after=wilson(met_after, read_after, alpha=alpha),
        exact_before=clopper_pearson(met_before, read_before, alpha=alpha),
        exact_after=clopper_pearson(met_after, read_after, alpha=alpha),
        p_fisher=table.fisher_p(met_before),
        p_central=table.central_p(met_before),
    )


def fisher_p(met_before: int, read_before: int, met_after: int, read_after: int) -> float:
    """Fisher's two-sided p, as R's ``fisher.test``."""
    _check(met_before, read_before)
    _check(met_after, read_after)
    return FixedMargins(read_before, read_after, met_before + met_after).fisher_p(met_before)


def best_possible_fisher_p(met_before: int, read_before: int, read_after: int) -> float:
    """Fisher's p if every record read after had met the standard: no result of this size could do better."""
    return fisher_p(met_before, read_before, read_after, read_after)


def records_needed(met_before: int, read_before: int, *, alpha: float = 0.05, missed_after: int = 0) -> int | None:
    """Fewest records after with which a rise can be shown, if no more than ``missed_after`` of them miss the standard.

    None where every record before met the standard: nothing can rise above all. None too where more than
    ten million would be needed.
    """
    _check(met_before, read_before)
    if met_before == read_before:
        return None

    def one_sided(read: int) -> float:
        table = FixedMargins(read_before, read, met_before + read - missed_after)
        return table.at_most(met_before)

    low, high = missed_after, missed_after + 1
    while not reaches(one_sided(high), alpha):
        low, high = high, high * 2
        if high > MOST_TRIALS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(one_sided(middle), alpha) else (middle, high)
    # The two-sided p is at least the one-sided: walk on from there. It ends, because with many more records
    # after than before the far tail has no table as unlikely as the one seen.
    while not reaches(fisher_p(met_before, read_before, high - missed_after, high), alpha):
        high += 1
    return high


def _check(met: int, read: int) -> None:
    if read <= 0:
        raise ValueError("Nothing was read, so there is no share.")
    if not 0 <= met <= read:
        raise ValueError(f"{met} of {read} is not a share.")
    check_trials(read)
