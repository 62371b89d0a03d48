"""When could it be shown? The arithmetic of too little follow-up.

"Too early" comes from what the counts could show at best, never from a fixed number of months.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from saferpractice.assurance.rules import wording
from saferpractice.assurance.rules.plan import (
    ALPHA_AT_LAST_LOOK,
    Counts,
    Direction,
    ImpactPlan,
    Kind,
    alpha_at,
    days_counted,
)
from saferpractice.assurance.rules.proportions import best_possible_fisher_p, records_needed
from saferpractice.assurance.rules.rates import best_possible_p, exposure_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The first moment at which the hoped-for effect could be shown, if the best happens from now on.

    ``needed``: exposure after the change in all that reaches ``alpha`` if no more events come (rates), or records read
    if every further one is as it should be (proportions). None when no amount would do, or when none is needed (a rise
    in a rate). ``look``: the first planned look that could be enough; None if none of them could.
    ``expected_on``: that look, or without one the day on which ``needed`` is reached at the pace so far. None if
    unknown.
    """

    needed: float | None
    alpha: float
    look: date | None
    expected_on: date | None


def best_p(plan: ImpactPlan, baseline: Counts, out_of_after: float) -> float:
    """Smallest p that any result of this size could have in the plan's direction. A rise in a rate has no limit: 0."""
    if plan.kind is Kind.PROPORTION:
        return best_possible_fisher_p(_good_before(plan, baseline), int(baseline.out_of), int(out_of_after))
    if plan.direction is Direction.INCREASE:
        return 0.0
    return best_possible_p(baseline.without_index, baseline.out_of, out_of_after)


def nothing_to_gain(plan: ImpactPlan, baseline: Counts) -> bool:
    """Whether the baseline is already as good as it can be, so that no follow-up could show an improvement."""
    if plan.kind is Kind.PROPORTION:
        return _good_before(plan, baseline) == baseline.out_of
    return plan.direction is Direction.REDUCE and baseline.without_index == 0


def _good_before(plan: ImpactPlan, baseline: Counts) -> int:
    return baseline.count if plan.direction is Direction.INCREASE else int(baseline.out_of) - baseline.count


def outlook(plan: ImpactPlan, baseline: Counts, *, so_far: tuple[date, Counts] | None = None) -> Reach:
    """When the plan could show its effect: from nothing yet, or from the counts of the look given as ``so_far``.

    Exposure is taken to go on at its pace so far: at the baseline's, as long as nothing has been counted after.
    """
    ahead = tuple(look for look in plan.looks if so_far is None or look > so_far[0])
    if plan.kind is Kind.PROPORTION:
        return _records_outlook(plan, baseline, so_far[1] if so_far else None, ahead)
    if plan.direction is Direction.INCREASE:
        look = ahead[0] if ahead else None
        alpha = alpha_at(plan, look) if look else ALPHA_AT_LAST_LOOK
        return Reach(needed=None, alpha=alpha, look=look, expected_on=look)
    if so_far is None:
        before = _Progress(0, 0.0, plan.roll_in.to_on, baseline.out_of / plan.baseline.days)
        return _exposure_outlook(plan, baseline, before, ahead)
    look, counts = so_far
    counted = days_counted(plan, counts, look=look)
    now = _Progress(counts.count, counts.out_of, counted.to_on, counts.out_of / counted.days)
    return _exposure_outlook(plan, baseline, now, ahead)


@dataclass(frozen=True, slots=True)
class _Progress:
    """Where the follow-up of a rate stands: events and exposure up to a day, and exposure a day."""

    events: int
    exposure: float
    on: date
    per_day: float


def _exposure_outlook(plan: ImpactPlan, baseline: Counts, now: _Progress, ahead: tuple[date, ...]) -> Reach:
    def needed_at(alpha: float) -> float | None:
        return exposure_needed(baseline.without_index, baseline.out_of, alpha=alpha, events_after=now.events)

    for look in ahead:
        alpha = alpha_at(plan, look)
        needed = needed_at(alpha)
        if needed is not None and now.exposure + now.per_day * (look - now.on).days >= needed:
            return Reach(needed=needed, alpha=alpha, look=look, expected_on=look)
    needed = needed_at(ALPHA_AT_LAST_LOOK)
    on = None if needed is None else _days_later(now.on, (needed - now.exposure) / now.per_day)
    return Reach(needed=needed, alpha=ALPHA_AT_LAST_LOOK, look=None, expected_on=on)


def _records_outlook(plan: ImpactPlan, baseline: Counts, so_far: Counts | None, ahead: tuple[date, ...]) -> Reach:
    missed = 0
    if so_far:
        missed = int(so_far.out_of) - so_far.count if plan.direction is Direction.INCREASE else so_far.count
    needed = records_needed(
        _good_before(plan, baseline), int(baseline.out_of), alpha=ALPHA_AT_LAST_LOOK, missed_after=missed
    )
    # How many records are read by a look is the reader's choice, so the last look still to come can always be enough.
    look = ahead[-1] if ahead and needed is not None else None
    return Reach(needed=needed, alpha=ALPHA_AT_LAST_LOOK, look=look, expected_on=look)


def _days_later(day: date, days: float) -> date | None:
    try:
        return day + timedelta(days=math.ceil(days))
    except OverflowError:
        return None


def in_words(plan: ImpactPlan, reach: Reach, *, so_far: bool) -> str:
    """What would have to happen, in a sentence or two. Empty for a rise in a rate, which any look could show."""
    if reach.needed is None:
        return ""
    if plan.kind is Kind.PROPORTION:
        return _records_in_words(plan, reach, "further " if so_far else "")
    # Rounded up, but not over a last binary digit: 468 months are 468, not 468.1.
    needed = wording.amount(math.ceil(round(reach.needed * 10, 6)) / 10)
    counted = "no more counted" if so_far else "none counted"
    need = f"It would take {needed} {plan.exposure} after the change in all, with {counted}."
    if reach.look:
        return f"{need} The look on {wording.day(reach.look)} could be the first to show it."
    about = f" That is about {wording.day(reach.expected_on)}." if reach.expected_on else ""
    return (
        f"{need}{about} No planned look is late enough. Let a process measure, such as a records audit or the time to"
        " escalation, be the main evidence."
    )


def _records_in_words(plan: ImpactPlan, reach: Reach, further: str) -> str:
    best = (
        f"every {further}one meeting the standard"
        if plan.direction is Direction.INCREASE
        else f"no {further}one counted"
    )
    need = f"It would take {reach.needed:,.0f} {plan.exposure} read after the change, with {best}."
    if reach.look:
        return f"{need} Read that many by the look on {wording.day(reach.look)}."
    return f"{need} No planned look is left: plan another check with more {plan.exposure}."
