"""What may be said of published numbers: better or worse than before, and whether a contract's target is met.

Every answer is worked out from the published numbers alone, so that it gives nothing more away, and holds whatever the
true numbers behind the rounding are.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from saferpractice.assurance.rules.measures.series import Better
from saferpractice.assurance.rules.proportions import newcombe
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.thematic.small import ROUND_TO, Guarded

BEFORE = 4
"""With so many quarters before it, at most, one is compared: a year."""
_SLACK = ROUND_TO // 2


class Trend(StrEnum):
    """How a quarter compares with the year before it."""

    BETTER = "Better"
    WORSE = "Worse"
    NO_CLEAR_CHANGE = "No clear change"
    CANNOT_BE_TOLD = "Cannot be told"

    @property
    def meaning(self) -> str:
        """As tags colour it."""
        return {"Better": "good", "Worse": "bad", "No clear change": "quiet", "Cannot be told": "quiet"}[self.value]


def trend(now: Share, before: Sequence[Share], better: Better) -> Trend:
    """How ``now`` compares with the quarters before it together, by a 95% interval for the difference (Newcombe).

    Only where the interval leaves out no difference whatever rounding hides: of every table behind the rounded
    numbers, in how many met it and in how many there were. A quarter that is held back is left out.
    """
    shown = [one for one in before[:BEFORE] if one.published]
    if not now.published or not shown or better is Better.NEITHER:
        return Trend.CANNOT_BE_TOLD
    if _surely_more(now, shown):
        return Trend.BETTER if better is Better.HIGHER else Trend.WORSE
    if _surely_less(now, shown):
        return Trend.WORSE if better is Better.HIGHER else Trend.BETTER
    return Trend.NO_CLEAR_CHANGE


def _surely_more(now: Share, before: Sequence[Share]) -> bool:
    met, met_before = now.count.least, sum(_most(one.count) for one in before)
    return all(
        newcombe(min(met_before, of_before), of_before, min(met, of), of).low > 0
        for of in _open([now])
        for of_before in _open(before)
    )


def _surely_less(now: Share, before: Sequence[Share]) -> bool:
    met, met_before = _most(now.count), sum(one.count.least for one in before)
    return all(
        newcombe(min(met_before, of_before), of_before, min(met, of), of).high < 0
        for of in _open([now])
        for of_before in _open(before)
    )


def _open(shares: Sequence[Share]) -> range:
    """How many there can have been in all of them together."""
    return range(sum(one.out_of.least for one in shares), sum(_most(one.out_of) for one in shares) + 1)


def _most(one: Guarded) -> int:
    return one.value + _SLACK


class Kept(StrEnum):
    """Whether a quarter met a target of the contract."""

    MET = "Met"
    NOT_MET = "Not met"
    CANNOT_BE_TOLD = "Cannot be told"
    NOT_PUBLISHABLE = "Not publishable"
    NOT_COUNTED = "Not counted"

    @property
    def meaning(self) -> str:
        """As tags colour it."""
        return {"Met": "good", "Not met": "bad"}.get(self.value, "quiet")

    @property
    def words(self) -> str:
        """What it means, in a sentence."""
        return {
            "Met": "Every share that rounding leaves open meets the target.",
            "Not met": "No share that rounding leaves open meets the target.",
            "Cannot be told": "The numbers are rounded, and shares on both sides of the target are left open.",
            "Not publishable": "A number is held back, because it or one that it would give away is small.",
            "Not counted": "The provider counted no such measure in this quarter.",
        }[self.value]


def judge(share: Share | None, *, target: int, at_least: bool) -> Kept:
    """Whether a share meets ``target`` (whole per cent): at least, or at most, so much.

    None is a measure that the quarter does not have: nothing was counted under that name.
    """
    if share is None:
        return Kept.NOT_COUNTED
    if not share.published:
        return Kept.NOT_PUBLISHABLE
    line = target / 100
    if at_least:
        met, missed = share.least >= line, share.most < line
    else:
        met, missed = share.most <= line, share.least > line
    return Kept.MET if met else Kept.NOT_MET if missed else Kept.CANNOT_BE_TOLD
