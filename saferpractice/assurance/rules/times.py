"""Times before and after that have all ended: Mann and Whitney's test, Hodges and Lehmann's shift. Exact.

Source: R's ``wilcox.test`` and exactRankTests, whose answers are the reference in ``tests/rules/assurance``. Where some
have not ended yet, ``survival`` is the way: those still open are never left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from saferpractice.assurance.rules.binomial import chance_at_least
from saferpractice.assurance.rules.distributions import z_for

MOST_PAIRS = 250_000
MOST_WORK = 5_000_000_000
"""Bytes added up at most for an exact p: about a second."""
MOST_COUNTED = 12_000
"""Pairs up to which the place of a limit is counted exactly; beyond, the normal curve has it right."""
_WIDEST_LOG = 300.0


@dataclass(frozen=True, slots=True)
class Shift:
    """How times moved, in their own unit: negative is sooner. The interval is that of the sorted differences.

    ``p`` is exact, over all ways to deal the same times out to the two periods; lists too long for that have the normal
    one, corrected for continuity, and ``is_exact`` is false. ``sooner`` is the chance that a time
    after is shorter than one before, equal times counted as half.
    """

    before: int
    after: int
    median_before: float
    median_after: float
    ties: bool
    u_after: float
    p: float
    is_exact: bool
    p_normal: float
    p_normal_corrected: float
    shift: float
    low: float
    high: float
    achieved: float
    sooner: float


def shift_of(before: Sequence[float], after: Sequence[float], *, confidence: float = 0.95) -> Shift:
    """Compare two lists of times.

    Raises:
        ValueError: one of them is empty, or they are too long to be compared exactly.
    """
    if not before or not after:
        raise ValueError("Give at least one time before and one after.")
    if len(before) * len(after) > MOST_PAIRS:
        raise ValueError(f"These are too many times to compare exactly: at most {MOST_PAIRS:,} pairs.")
    differences = sorted(later - earlier for later in after for earlier in before)
    pairs = len(differences)
    u = sum(1.0 if difference > 0 else 0.5 if difference == 0 else 0.0 for difference in differences)
    place, achieved = _place(len(before), len(after), 1 - confidence)
    plain, corrected = _normal(before, after, u)
    exact = _exact_p(before, after)
    return Shift(
        before=len(before),
        after=len(after),
        median_before=float(median(before)),
        median_after=float(median(after)),
        ties=len({*before, *after}) < len(before) + len(after),
        u_after=u,
        p=corrected if exact is None else exact,
        is_exact=exact is not None,
        p_normal=plain,
        p_normal_corrected=corrected,
        shift=float(median(differences)),
        low=differences[place - 1],
        high=differences[pairs - place],
        achieved=achieved,
        sooner=1 - u / pairs,
    )


def midranks(values: Sequence[float]) -> dict[float, int]:
    """Twice the rank of each value; equal values share the middle of their ranks."""
    found, below = {}, 0
    for value, times in sorted(Counter(values).items()):
        found[value] = 2 * below + times + 1
        below += times
    return found


def _exact_p(before: Sequence[float], after: Sequence[float]) -> float | None:
    """The share of all ways to deal the ranks out whose sum lies as far from the middle as the one seen.

    None where the lists are too long to count them all.
    """
    ranks = midranks([*before, *after])
    every = sorted(ranks[value] for value in [*before, *after])
    mine = sorted((before, after), key=len)[0]
    # How many ways lead to each sum stands in one long number, so many bytes a sum: adding a rank is a shift.
    width = (math.comb(len(every), len(mine)).bit_length() + 7) // 8
    if len(every) * len(mine) * sum(every[-len(mine) :]) * width > MOST_WORK:
        return None
    ways = [1] + [0] * len(mine)
    for done, rank in enumerate(every):
        for taken in range(min(done, len(mine) - 1), -1, -1):
            ways[taken + 1] += ways[taken] << (rank * width * 8)
    middle = len(mine) * (len(every) + 1)
    seen = abs(sum(ranks[value] for value in mine) - middle)
    written = ways[-1].to_bytes((ways[-1].bit_length() + 7) // 8 + width, "little")
    as_far = sum(
        int.from_bytes(written[total * width : (total + 1) * width], "little")
        for total in range(len(written) // width)
        if abs(total - middle) >= seen
    )
    return as_far / math.comb(len(every), len(mine))


def _normal(before: Sequence[float], after: Sequence[float], u: float) -> tuple[float, float]:
    m, n = len(before), len(after)
    tied = sum(times**3 - times for times in Counter([*before, *after]).values())
    variance = m * n / 12 * ((m + n + 1) - tied / ((m + n) * (m + n - 1)))
    if variance <= 0:
        return 1.0, 1.0
    off = abs(u - m * n / 2)
    scale = math.sqrt(2 * variance)
    return math.erfc(off / scale), math.erfc(max(0.0, off - 0.5) / scale)


def _place(m: int, n: int, alpha: float) -> tuple[int, float]:
    """Which of the sorted differences is the limit, and the confidence that this gives."""
    if m * n > MOST_COUNTED:
        away = z_for(1 - alpha) * math.sqrt(m * n * (m + n + 1) / 12)
        return max(1, round(m * n / 2 - away)), 1 - alpha
    ways = _ways(m, n)
    total, below, place = sum(ways), 0, 0
    while below + ways[place] < total * alpha / 2:
        below += ways[place]
        place += 1
    if place == 0:
        return 1, 1 - 2 * ways[0] / total if m * n > 1 else 0.0
    return place, 1 - 2 * below / total


def _ways(m: int, n: int) -> list[int]:
    """In how many ways U takes each value, without ties (Mann and Whitney 1947)."""
    ways = [1] + [0] * (m * n)
    for size in range(n + 1, n + m + 1):  # the Gaussian binomial, factor by factor
        for i in range(m * n, size - 1, -1):
            ways[i] -= ways[i - size]
    for size in range(1, m + 1):
        for i in range(size, m * n + 1):
            ways[i] += ways[i - size]
    return ways


def gap_ratio(
    before: Sequence[float], after: Sequence[float], *, confidence: float = 0.95
) -> tuple[float, float, float, float]:
    """Mean gap after over mean gap before, its interval and two-sided p, for gaps that are exponential.

    The ratio follows an F distribution; with whole degrees of freedom its tails are binomial ones. The same
    information as a rate ratio: one verdict, not two.

    Raises:
        ValueError: a list is empty or holds a gap that is not above 0.
    """
    if not before or not after or min(*before, *after, math.inf) <= 0:
        raise ValueError("Give at least one gap before and one after, each above 0.")
    m, n = len(before), len(after)
    ratio = (math.fsum(after) / n) / (math.fsum(before) / m)
    tail = (1 - confidence) / 2
    low, high = (ratio / _f_quantile(share, n, m) for share in (1 - tail, tail))
    below, above = _f_below(math.log(ratio), n, m), _f_below(-math.log(ratio), m, n)
    return ratio, low, high, min(1.0, 2 * min(below, above))


def _f_below(log_value: float, top: int, bottom: int) -> float:
    """Chance that F with 2 x ``top`` and 2 x ``bottom`` degrees of freedom is below a value, given its logarithm."""
    return chance_at_least(top, top + bottom - 1, log_value + math.log(top / bottom))


def _f_quantile(share: float, top: int, bottom: int) -> float:
    low, high = -_WIDEST_LOG, _WIDEST_LOG
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _f_below(middle, top, bottom) < share else (low, middle)
    return math.exp((low + high) / 2)
