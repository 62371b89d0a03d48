"""Impact plans and results for tests, made through the operations."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from saferpractice.access.rules import Place
from saferpractice.assurance.models import ChartRebase, ImpactPlan, ImpactResult, PlannedLook
from saferpractice.assurance.operations import Declared, declare_plan, enter_result, rebase_chart
from saferpractice.assurance.rules import Direction, Kind
from saferpractice.assurance.rules.charts import Number
from saferpractice.assurance.rules.measures import Better, Measure
from saferpractice.assurance.rules.measures.periods import Length, last_periods
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.rules import By
from tests.personas import NOW, Cast

DECLARED_AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
FIRST_LOOK = date(2026, 7, 1)
LAST_LOOK = date(2026, 10, 1)


def declared(**changes: Any) -> Declared:
    """A plan for records that meet a standard, with two looks; ``changes`` replace parts."""
    parts: dict[str, Any] = {
        "measure": "Escalation notes with all four parts",
        "definition": "Notes of the month read against the note standard by the quality lead",
        "serves": "used",
        "kind": Kind.PROPORTION,
        "direction": Direction.INCREASE,
        "exposure": "notes",
        "counts_incidents": False,
        "baseline_from": date(2025, 2, 1),
        "baseline_to": date(2026, 1, 31),
        "roll_in_from": date(2026, 3, 16),
        "roll_in_to": date(2026, 3, 31),
        "smallest_effect": Decimal("0.2"),
        "looks": (FIRST_LOOK, LAST_LOOK),
        "primary": True,
    }
    return Declared(**(parts | changes))


def a_rebase(
    cast: Cast,
    *,
    by: By | None = None,
    at: datetime = NOW,
    place: Place | None = None,
    length: Length = Length.MONTH,
    key: str = "self-neglect.same-day-consultation",
    periods_ago: int = 5,
    reason: str = "Two people look at every missed contact since then",
) -> ChartRebase:
    """New limits on the chart of a measure, decided by the quality lead for North team."""
    over = last_periods(length, local_day(at), 24)[:-1]
    return rebase_chart(
        by=by or cast.quality_lead,
        at=at,
        place=place or cast.north.place,
        of="North team",
        measure=Measure(key, "Same-day consultation", Number.SHARE, Better.HIGHER, "in time", "all", "obligations"),
        periods=over,
        on=over[-periods_ago].from_on,
        reason=reason,
        submission_key=str(uuid4()),
    )


def a_plan(
    *, by: By, change: OperationalChange, at: datetime = DECLARED_AT, key: str | None = None, **changes: Any
) -> ImpactPlan:
    """A plan declared for ``change``."""
    return declare_plan(
        by=by, at=at, change=change, declared=declared(**changes), submission_key=key or f"plan-{uuid4()}"
    )


def the_look(plan: ImpactPlan, on: date) -> PlannedLook:
    """The look of the plan on a day."""
    return plan.looks.get(on=on)


def counted(
    *,
    by: By,
    plan: ImpactPlan,
    count: int,
    out_of: int,
    look: date | None = None,
    at: datetime | None = None,
    **more: Any,
) -> ImpactResult:
    """Results entered on the day of the look (or a week after the plan, for the baseline)."""
    day = look or date(2026, 3, 17)
    return enter_result(
        by=by,
        at=at or datetime(day.year, day.month, day.day, 10, 0, tzinfo=UTC),
        plan=plan,
        look=the_look(plan, look) if look else None,
        count=count,
        out_of=Decimal(out_of),
        source="Audit read by the quality lead",
        **more,
    )
