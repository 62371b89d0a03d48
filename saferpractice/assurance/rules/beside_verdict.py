"""What stands beside a verdict on an own measure: was a trend there already, and what happened where the change is not.

Neither decides: the verdict is that of the declared comparison. Both are said in a sentence, with their numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from saferpractice.assurance.rules import wording
from saferpractice.assurance.rules.interrupted import (
    POINTS_AFTER,
    POINTS_BEFORE,
    Segments,
    SeriesRefused,
    segments,
    usual_lag,
)
from saferpractice.assurance.rules.measures.periods import Length, periods
from saferpractice.assurance.rules.odds import odds_ratio
from saferpractice.assurance.rules.plan import ALPHA_AT_LAST_LOOK, Direction, Kind
from saferpractice.assurance.rules.proportions import newcombe

TERMS = ("Level when it began", "Slope before", "Step at the change", "Change of slope")
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """A sentence, and the rows of the table under it (none where there is nothing to tabulate)."""

    sentence: str
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Value:
    """One point: its first and last day, and its value in the unit of the measure; None where none is known."""

    from_on: date
    to_on: date
    value: float | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted before and after in one place: of exposure for rates, of records read for shares."""

    name: str
    before: int
    out_of_before: float
    after: int
    out_of_after: float


def value_of(kind: Kind, count: float | None, out_of: float | None) -> float | None:
    """A point in its unit: per cent of shares, a rate for its exposure, or the bare count. None is not a zero."""
    if count is None:
        return None
    if out_of is None:
        return count
    if out_of <= 0:
        return None
    return 100 * count / out_of if kind is Kind.PROPORTION else count / out_of


def trend(points: Sequence[Value], first_after: date, length: Length, kind: Kind = Kind.RATE) -> Beside:
    """Whether a trend was there before the change, and what it would have come to by itself.

    Args:
        points: those of the baseline and of the follow-up. Periods between them keep their time and have no value.
        first_after: the first day that counts as after.
    """
    known = {point.from_on: point.value for point in points if point.value is not None}
    before = sum(day < first_after for day in known)
    after = len(known) - before
    if before < POINTS_BEFORE or after < POINTS_AFTER:
        return Beside(
            f"Whether a trend was there already cannot be seen yet: it takes {POINTS_BEFORE} {length.value}s before and"
            f" {POINTS_AFTER} after, and there are {before} and {after}."
        )
    over = periods(length, min(known), max(known))
    first = next(number for number, one in enumerate(over, start=1) if one.from_on >= first_after)
    try:
        found = segments([known.get(one.from_on) for one in over], first, lag=usual_lag(len(known)))
    except SeriesRefused as refused:
        return Beside(f"Whether a trend was there already cannot be seen: {refused}")
    return _trend_in_words(found, length, kind)


def _trend_in_words(found: Segments, length: Length, kind: Kind) -> Beside:
    slope = found.coefficients[1]
    if not found.p[1] <= ALPHA_AT_LAST_LOOK or not slope:
        return Beside(
            "No trend is shown before the change, so the time before and the time after can be compared as they are."
        )
    unit, points = ("%", " percentage points") if kind is Kind.PROPORTION else ("", "")
    beyond = (
        "That step is beyond the trend."
        if found.p[2] <= ALPHA_AT_LAST_LOOK
        else "The trend alone could have brought this about."
    )
    return Beside(
        f"A trend was there before the change: {'up' if slope > 0 else 'down'} by {_number(abs(slope))}{points} a"
        f" {length.value}. Carried on, it would have come to {_number(found.would_have_been)}{unit};"
        f" it stands at {_number(found.is_now)}{unit}. At the change it stepped by"
        f" {_number(found.coefficients[2])}{points}"
        f" (95% interval {_number(found.low[2])} to {_number(found.high[2])}). {beyond}",
        tuple(
            (
                term,
                _number(found.coefficients[i]),
                f"{_number(found.low[i])} to {_number(found.high[i])}",
                _chance(found.p[i]),
            )
            for i, term in enumerate(TERMS)
        ),
    )


def against(kind: Kind, direction: Direction, ours: Counted, theirs: Counted, *, alpha: float) -> Beside:
    """The change in the place set against that of a team without it, with its interval at ``alpha``.

    Rates: the ratio of the two ratios, exact given what was counted in each place (conditional odds ratio). Shares: the
    difference of the two differences, by squaring and adding Newcombe's intervals (Zou and Donner 2008).
    """
    rows = tuple(_row(kind, one) for one in (ours, theirs))
    found = _ratio_of_ratios(ours, theirs, alpha) if kind is Kind.RATE else _difference(ours, theirs, alpha)
    if found is None:
        return Beside(
            f"Too little was counted to set {ours.name} against {theirs.name}, where the change is not.", rows
        )
    value, low, high = found
    nothing = 1.0 if kind is Kind.RATE else 0.0
    level = f"{100 * (1 - alpha):g}%"
    upper = "no upper end" if high is None else _amount(kind, high)
    interval = f"({level} interval {_amount(kind, low)} to {upper})"
    if low <= nothing and (high is None or high >= nothing):
        says = "What happened there too, or chance, could explain it."
    else:
        rose = low > nothing
        better = rose is (direction is Direction.INCREASE)
        says = "What happened there too does not explain it." if better else f"It did worse than {theirs.name}."
    size = f"came to {_amount(kind, value)} times" if kind is Kind.RATE else f"moved by {_amount(kind, value)}"
    return Beside(f"Set against {theirs.name}, where the change is not, {ours.name} {size} {interval}. {says}", rows)


def _ratio_of_ratios(ours: Counted, theirs: Counted, alpha: float) -> tuple[float, float, float | None] | None:
    all_ours, all_theirs = ours.before + ours.after, theirs.before + theirs.after
    exposures = (ours.out_of_before, ours.out_of_after, theirs.out_of_before, theirs.out_of_after)
    if min(exposures) <= 0 or not ours.before or not theirs.after:
        return None
    found = odds_ratio(theirs.after, all_theirs, ours.after, all_ours, alpha=alpha)
    ratio = ours.after * theirs.before / (ours.before * theirs.after)
    scale = (ours.out_of_before / ours.out_of_after) / (theirs.out_of_before / theirs.out_of_after)
    return ratio * scale, found.low * scale, None if found.high is None else found.high * scale


def _difference(ours: Counted, theirs: Counted, alpha: float) -> tuple[float, float, float] | None:
    if min(ours.out_of_before, ours.out_of_after, theirs.out_of_before, theirs.out_of_after) < 1:
        return None
    (mine, mine_low, mine_high), (other, other_low, other_high) = (_moved(one, alpha) for one in (ours, theirs))
    value = mine - other
    return (
        value,
        value - math.hypot(mine - mine_low, other_high - other),
        value + math.hypot(mine_high - mine, other - other_low),
    )


def _moved(one: Counted, alpha: float) -> tuple[float, float, float]:
    """Share after minus share before, with its interval."""
    read = int(one.out_of_before), int(one.out_of_after)
    within = newcombe(one.before, read[0], one.after, read[1], alpha=alpha)
    return one.after / read[1] - one.before / read[0], within.low, within.high


def _row(kind: Kind, one: Counted) -> tuple[str, ...]:
    ends = ((one.before, one.out_of_before), (one.after, one.out_of_after))
    values = [value_of(kind, count, out_of) for count, out_of in ends]
    unit = "%" if kind is Kind.PROPORTION else ""
    said = [
        f"{count:,} of {wording.amount(out_of)}" + ("" if value is None else f" ({_number(value)}{unit})")
        for (count, out_of), value in zip(ends, values, strict=True)
    ]
    return (one.name, *said)


def _amount(kind: Kind, value: float) -> str:
    return f"{value:.2f}" if kind is Kind.RATE else f"{100 * value:+.0f} percentage points"


def _number(value: float) -> str:
    """No more digits than say something; what is left of rounding is nothing."""
    if abs(value) < 1e-9:
        return "0"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _chance(p: float) -> str:
    return "not known" if math.isnan(p) else "below 0.001" if p < 0.001 else f"{p:.3f}"
