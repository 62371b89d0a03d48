"""Plans and counts for these tests, and hypothesis strategies that draw them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from saferpractice.assurance.rules import Counts, Direction, ImpactPlan, Kind, Verdict, Window, judge

BASELINE = Window(date(2024, 1, 1), date(2024, 12, 31))
ROLL_IN = Window(date(2025, 1, 1), date(2025, 1, 31))
FIRST_LOOK, LAST_LOOK = date(2025, 7, 31), date(2026, 1, 31)
AFTER_ALL = date(2026, 3, 1)

LATE_ESCALATIONS = ImpactPlan(
    measure="Late escalations",
    kind=Kind.RATE,
    direction=Direction.REDUCE,
    baseline=BASELINE,
    roll_in=ROLL_IN,
    looks=(FIRST_LOOK, LAST_LOOK),
    smallest_effect=0.7,
    declared_on=date(2024, 12, 20),
    exposure="months",
)
CONSULTATIONS = replace(
    LATE_ESCALATIONS, measure="Consultations", direction=Direction.INCREASE, smallest_effect=1.3, exposure="contacts"
)
SAME_DAY_CONSULT = replace(
    LATE_ESCALATIONS,
    measure="Records with a same-day consultation",
    kind=Kind.PROPORTION,
    direction=Direction.INCREASE,
    smallest_effect=0.1,
    exposure="records",
)
NO_NEXT_REVIEW = replace(SAME_DAY_CONSULT, measure="Records without a next review", direction=Direction.REDUCE)
PLANS = (LATE_ESCALATIONS, CONSULTATIONS, SAME_DAY_CONSULT, NO_NEXT_REVIEW)


def counts(count: int, out_of: float, **more: Any) -> Counts:
    return Counts(count=count, out_of=out_of, **more)


def verdict(
    plan: ImpactPlan, before: tuple[int, float], after: tuple[int, float], *, look: date = LAST_LOOK, **more: Any
) -> Verdict:
    """The verdict on bare counts, when the look has come."""
    return judge(plan, counts(*before), counts(*after), look, today=max(look, AFTER_ALL), **more)


exposures = st.floats(min_value=0.5, max_value=500, allow_nan=False).map(lambda value: round(value, 2))
small_counts = st.integers(min_value=0, max_value=60)
wide_counts = st.one_of(small_counts, st.integers(min_value=0, max_value=5_000))
alphas = st.sampled_from([0.001, 0.01, 0.05, 0.1, 0.2])
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 12, 31))


@st.composite
def shares(draw: st.DrawFn, most: int = 80) -> tuple[int, int]:
    """(met, read) with at least one read."""
    read = draw(st.integers(min_value=1, max_value=most))
    return draw(st.integers(min_value=0, max_value=read)), read


@st.composite
def plans(draw: st.DrawFn) -> ImpactPlan:
    """Any plan that has nothing wrong with it."""
    begins = draw(days)
    baseline = Window(begins, begins + timedelta(days=draw(st.integers(30, 800))))
    roll_in_from = baseline.to_on + timedelta(days=draw(st.integers(1, 60)))
    roll_in = Window(roll_in_from, roll_in_from + timedelta(days=draw(st.integers(0, 90))))
    gaps = draw(st.lists(st.integers(1, 400), min_size=1, max_size=5))
    looks = tuple(roll_in.to_on + timedelta(days=sum(gaps[: place + 1])) for place in range(len(gaps)))
    plan = draw(st.sampled_from(PLANS))
    return replace(plan, baseline=baseline, roll_in=roll_in, looks=looks, declared_on=baseline.to_on)


@st.composite
def judged(draw: st.DrawFn) -> tuple[ImpactPlan, Counts, Counts, date]:
    """A good plan, counts of its kind before and after, and one of its looks."""
    plan = draw(plans())
    if plan.kind is Kind.RATE:
        before, after = (counts(draw(wide_counts), draw(exposures)) for _ in range(2))
    else:
        before, after = (counts(*draw(shares(300))) for _ in range(2))
    return plan, before, after, draw(st.sampled_from(plan.looks))
