"""What is declared before any result is seen, and what is wrong with it.

A plan for an impact check names the measure, its direction, the baseline, the roll-in, the planned looks and the
smallest effect worth having. Days are calendar days in Europe/London; both ends of a window belong to it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from saferpractice.assurance.rules.binomial import MOST_TRIALS
from saferpractice.assurance.rules.rates import LEAST_EXPOSURE, MOST_EXPOSURE
from saferpractice.design.typed import as_written

ALPHA_BEFORE_LAST_LOOK = 0.001
ALPHA_AT_LAST_LOOK = 0.05
WHOLE_YEAR = 365
MOST_COUNTED = MOST_TRIALS // 2  # both periods together are one binomial
_TIME_UNITS = frozenset({"day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years"})


class Kind(StrEnum):
    """What kind of number the measure is."""

    RATE = "rate"
    """A count, with exposure: late escalations in so many months, or for so many contacts."""
    PROPORTION = "proportion"
    """Records that met a standard, of records read."""


class Direction(StrEnum):
    """Which way is better."""

    REDUCE = "reduce"
    INCREASE = "increase"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of days, both ends included."""

    from_on: date
    to_on: date

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.to_on - self.from_on).days + 1

    def holds(self, day: date) -> bool:
        """Whether the day lies inside."""
        return self.from_on <= day <= self.to_on


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactPlan:
    """The declared plan.

    ``smallest_effect`` is the smallest effect worth having: for a rate the ratio after / before (0.7 is a fall of
    30%); for a proportion the difference as a fraction of 1, always positive (0.1 is ten percentage points), in the
    plan's direction.
    ``exposure`` says what exposure is counted in ("months", "contacts") or what is read ("records").
    ``counts_incidents`` is true where the measure counts reported incidents, so that reporting itself moves it.
    ``index_incidents_on`` are the days of the incident, or the cluster, which led to the change.
    """

    measure: str
    kind: Kind
    direction: Direction
    baseline: Window
    roll_in: Window
    looks: tuple[date, ...]
    smallest_effect: float
    declared_on: date
    exposure: str
    primary: bool = True
    edited_on: date | None = None
    exploratory: bool = False
    counts_incidents: bool = False
    index_incidents_on: tuple[date, ...] = ()

    @property
    def follow_up_from_on(self) -> date:
        """First day that counts as after."""
        return self.roll_in.to_on + timedelta(days=1)

    @property
    def exposure_is_time(self) -> bool:
        """Whether exposure is plain calendar time, which does not notice a service growing or shrinking."""
        return self.kind is Kind.RATE and self.exposure.strip().lower() in _TIME_UNITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted before, or after up to a look.

    ``count`` events in ``out_of`` units of exposure, or ``count`` records that met the standard of ``out_of`` read.
    ``index_events``, for the baseline of a rate: how many of ``count`` are the incident, or cluster, which led to the
    change. 0 says that it was left out; None says that nobody has said. ``window`` is the days really counted; None
    says all the days that the plan declared.
    """

    count: int
    out_of: float
    index_events: int | None = None
    window: Window | None = None

    @property
    def without_index(self) -> int:
        """The count with what led to the change left out: a bad spell is no measure of the ordinary rate."""
        return self.count - (self.index_events or 0)


def days_counted(plan: ImpactPlan, counts: Counts, *, look: date | None) -> Window:
    """The days that counts stand for: those given with them, or all declared for the baseline or for this look."""
    if counts.window is not None:
        return counts.window
    return plan.baseline if look is None else Window(plan.follow_up_from_on, look)


def alpha_at(plan: ImpactPlan, look: date) -> float:
    """Level of a look by Haybittle and Peto: 0.001 before the last, 0.05 at the last.

    Looking often and stopping at the first good result triples false claims; this keeps them where one look has them.
    Raises ValueError for a day that is no planned look.
    """
    if look not in plan.looks:
        raise ValueError(f"{look.isoformat()} is not a planned look.")
    return ALPHA_AT_LAST_LOOK if look == plan.looks[-1] else ALPHA_BEFORE_LAST_LOOK


def is_exploratory(plan: ImpactPlan) -> bool:
    """Whether results may have been seen before the plan took its present form.

    So a plan declared or edited on the day of the first look, or later, or one marked so by hand.
    """
    last_word = max(plan.declared_on, plan.edited_on or plan.declared_on)
    return plan.exploratory or (bool(plan.looks) and last_word >= plan.looks[0])


def last_look_come(plan: ImpactPlan, today: date) -> date | None:
    """The latest planned look that has come by this day, or None."""
    return max((look for look in plan.looks if look <= today), default=None)


def check_plan(plan: ImpactPlan) -> dict[str, str]:
    """Everything wrong with a plan: field -> one sentence that says what to do. Empty when it can be used."""
    problems: dict[str, str] = {}
    if not as_written(plan.measure):
        problems["measure"] = "Say in words what is counted, so that two people would count the same."
    if not as_written(plan.exposure):
        problems["exposure"] = (
            "Say what the count is out of: for example months, or contacts."
            if plan.kind is Kind.RATE
            else "Say what is read: for example records, or referrals."
        )
    problems |= _window_problems(plan)
    problems |= _look_problems(plan)
    worthwhile = _worthwhile_problem(plan)
    if worthwhile:
        problems["smallest_effect"] = worthwhile
    if plan.edited_on is not None and plan.edited_on < plan.declared_on:
        problems["edited_on"] = "The plan cannot have been edited before it was declared."
    return problems


def _window_problems(plan: ImpactPlan) -> dict[str, str]:
    problems = {}
    if plan.baseline.to_on < plan.baseline.from_on:
        problems["baseline_to"] = "The baseline must end on or after the day it begins."
    if plan.roll_in.to_on < plan.roll_in.from_on:
        problems["roll_in_to"] = "The roll-in must end on or after the day it begins: the last team starts then."
    if plan.roll_in.from_on <= plan.baseline.to_on:
        problems["roll_in_from"] = (
            "The baseline overlaps the roll-in. End the baseline before the first team starts to work in the new way."
        )
    return problems


def _look_problems(plan: ImpactPlan) -> dict[str, str]:
    looks = plan.looks
    if not looks:
        return {"looks": "Plan at least one day on which the result is looked at."}
    if any(later <= earlier for earlier, later in itertools.pairwise(looks)):
        return {"looks": "Give the looks in order of date, each on a day of its own."}
    if looks[0] <= plan.roll_in.to_on:
        return {"looks": "The first look must come after the roll-in has ended, or there is nothing to look at."}
    return {}


def _worthwhile_problem(plan: ImpactPlan) -> str | None:
    size = plan.smallest_effect
    if plan.kind is Kind.PROPORTION:
        if math.isfinite(size) and 0 < size <= 1:
            return None
        return "Give the smallest worthwhile difference as a fraction above 0, up to 1: 0.1 is ten percentage points."
    if plan.direction is Direction.REDUCE:
        if 0 < size < 1:
            return None
        return "Give the smallest worthwhile ratio between 0 and 1: 0.7 is a fall of 30%."
    if math.isfinite(size) and size > 1:
        return None
    return "Give the smallest worthwhile ratio above 1: 1.3 is a rise of 30%."


def check_baseline(plan: ImpactPlan, baseline: Counts) -> dict[str, str]:
    """Everything wrong with the baseline's counts: field -> sentence. The window must be the one declared."""
    problems = _count_problems(plan, baseline)
    if days_counted(plan, baseline, look=None) != plan.baseline:
        problems["window"] = "Count the baseline over exactly the days that the plan declared."
    left_out = baseline.index_events
    if left_out is not None:
        if plan.kind is Kind.PROPORTION:
            if left_out:
                problems["index_events"] = "Take the record of the incident which led to the change out of the sample."
        elif not 0 <= left_out <= baseline.count:
            problems["index_events"] = "The incidents which led to the change cannot be more than were counted."
    return problems


def index_problem(plan: ImpactPlan, baseline: Counts) -> dict[str, str]:
    """What must be said of the incidents which led to the change before the baseline of a rate can be taken.

    Where one of their days lies inside the baseline, somebody must say how many of the count they are: a baseline that
    holds the bad spell gives six times the false claims.
    """
    inside = sorted(day for day in plan.index_incidents_on if plan.baseline.holds(day))
    if plan.kind is Kind.PROPORTION or baseline.index_events is not None or not inside:
        return {}
    days = ", ".join(f"{day.day} {day:%B %Y}" for day in inside)
    return {
        "index_events": f"Say how many of these led to the change ({days}): they are left out of the baseline. "
        "Enter 0 if none of them is counted."
    }


def check_result(plan: ImpactPlan, look: date, result: Counts) -> dict[str, str]:
    """What is wrong with the counts of a look: field -> sentence. Days of the roll-in or after the look are refused."""
    problems = _count_problems(plan, result)
    window = days_counted(plan, result, look=look)
    if window.to_on < window.from_on:
        problems["window"] = "The follow-up must end on or after the day it begins."
    elif window.from_on <= plan.baseline.to_on:
        problems["window"] = "The follow-up overlaps the baseline. A day can only be before or after."
    elif window.from_on <= plan.roll_in.to_on:
        problems["window"] = (
            "The follow-up begins inside the roll-in. Leave those days out: they belong to neither side."
        )
    elif window.to_on > look:
        problems["window"] = "The counts go on after the day of the look. Count only up to the look."
    return problems


def _count_problems(plan: ImpactPlan, counts: Counts) -> dict[str, str]:
    problems = {}
    if counts.count < 0:
        problems["count"] = "A count cannot be below zero."
    elif counts.count > MOST_COUNTED:
        problems["count"] = f"A count cannot be above {MOST_COUNTED:,}: check the number."
    if not math.isfinite(counts.out_of) or counts.out_of <= 0:
        problems["out_of"] = (
            f"Give the exposure ({plan.exposure}): without it a count says nothing."
            if plan.kind is Kind.RATE
            else f"Give how many {plan.exposure} were read: it must be at least one."
        )
    elif not LEAST_EXPOSURE <= counts.out_of <= (MOST_EXPOSURE if plan.kind is Kind.RATE else MOST_COUNTED):
        problems["out_of"] = f"That many {plan.exposure} is not plausible: check the number."
    elif plan.kind is Kind.PROPORTION:
        if counts.out_of != int(counts.out_of):
            problems["out_of"] = f"Give a whole number of {plan.exposure}."
        elif counts.count > counts.out_of:
            problems["count"] = f"No more {plan.exposure} can be counted than were read."
    return problems
