"""How far two auditors agree beyond chance: Cohen's kappa, with its interval.

Source: J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46; the standard error away from zero is that
of J. Fleiss, J. Cohen and B. Everitt, Psychological Bulletin 72 (1969) 323-327. SAS and R's ``psych`` give the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two auditors' answers to the same question about ``pairs`` records; shares from 0 to 1.

    ``kappa``, ``low`` and ``high`` are None where kappa is not defined: ``why_not`` then says why.
    """

    pairs: int
    agreed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    why_not: str = ""


def cohens_kappa(pairs: Iterable[tuple[str, str]], *, confidence: float = 0.95) -> Agreement:
    """Cohen's kappa of two auditors' answers, each pair the first's and the second's to one record."""
    counted = Counter(pairs)
    total = sum(counted.values())
    if not total:
        return Agreement(0, None, None, None, None, "No record was read by two auditors.")
    shares = {pair: number / total for pair, number in counted.items()}
    codes = sorted({code for pair in shares for code in pair})
    first = {code: sum(share for (a, _), share in shares.items() if a == code) for code in codes}
    second = {code: sum(share for (_, b), share in shares.items() if b == code) for code in codes}
    agreed = sum(counted[(code, code)] for code in codes) / total
    if len(codes) == 1:
        return Agreement(
            total,
            agreed,
            None,
            None,
            None,
            "Both auditors gave one and the same answer throughout, so chance alone would agree as often. "
            "Kappa is not defined.",
        )
    by_chance = sum(first[code] * second[code] for code in codes)
    kappa = (agreed - by_chance) / (1 - by_chance)
    error = math.sqrt(max(0.0, _variance(shares, first, second, kappa, by_chance)) / total)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return Agreement(total, agreed, kappa, max(-1.0, kappa - z * error), min(1.0, kappa + z * error))


def _variance(
    shares: dict[tuple[str, str], float],
    first: dict[str, float],
    second: dict[str, float],
    kappa: float,
    by_chance: float,
) -> float:
    """The variance of one pair's part in kappa (Fleiss, Cohen and Everitt, formula 13)."""
    rest = 1 - kappa
    on = sum(share * (1 - (first[a] + second[a]) * rest) ** 2 for (a, b), share in shares.items() if a == b)
    off = rest**2 * sum(share * (second[a] + first[b]) ** 2 for (a, b), share in shares.items() if a != b)
    return (on + off - (kappa - by_chance * rest) ** 2) / (1 - by_chance) ** 2
