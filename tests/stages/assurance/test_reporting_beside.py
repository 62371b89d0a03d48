"""How much was reported before and after stands beside a count of reports, read from the rows (R4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.queries import newest_check, verdict_today
from saferpractice.assurance.queries.impact import reporting_of
from saferpractice.assurance.rules import CautionKind, Direction, Kind
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live
from tests.factories.assurance import LAST_LOOK, a_plan, counted
from tests.factories.changes import a_change
from tests.factories.incidents import an_incident
from tests.personas import Cast

LIVE_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4")]


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    agreed = a_change(cast)
    go_live(by=agreed.owner, at=LIVE_AT, change=agreed, live_at=LIVE_AT)
    return OperationalChange.objects.get(pk=agreed.pk)


def a_plan_of_reports(cast: Cast, change: OperationalChange, **more: Any) -> ImpactPlan:
    parts: dict[str, Any] = {
        "measure": "Late escalations reported",
        "kind": Kind.RATE,
        "direction": Direction.REDUCE,
        "exposure": "months",
        "counts_incidents": True,
        "smallest_effect": Decimal("0.7"),
    }
    return a_plan(by=cast.quality_lead, change=change, **(parts | more))


def reported(cast: Cast, change: OperationalChange, month: date, how_many: int) -> None:
    """So many reports in the team that the change reaches, on days of one month."""
    team = change.reach.order_by("name").first()
    assert team is not None
    for number in range(how_many):
        at = datetime(month.year, month.month, 1 + number, 12, 0, tzinfo=UTC)
        an_incident(by=cast.worker, team=team, at=at)


def kinds(plan: ImpactPlan) -> set[CautionKind]:
    return {caution.kind for caution in verdict_today(plan, LAST_LOOK).cautions}


def test_reports_and_days_of_work_are_read_from_the_rows(cast: Cast, change: OperationalChange) -> None:
    plan = a_plan_of_reports(cast, change)
    reported(cast, change, date(2025, 5, 1), 9)
    reported(cast, change, date(2026, 3, 20), 3)
    reported(cast, change, date(2026, 5, 1), 2)
    reported(cast, change, date(2026, 11, 1), 5)
    found = reporting_of(plan, LAST_LOOK)
    assert found is not None
    assert (found.before, found.after) == (9, 2), "what came in the roll-in or after the look belongs to neither"
    assert found.exposure_before / found.exposure_after == pytest.approx(365 / 184, rel=0.02)


def test_it_is_said_beside_the_verdict_and_kept_with_it(cast: Cast, change: OperationalChange) -> None:
    plan = a_plan_of_reports(cast, change)
    reported(cast, change, date(2025, 5, 1), 20)
    counted(by=cast.quality_lead, plan=plan, count=24, out_of=12, index_events=0)
    counted(by=cast.quality_lead, plan=plan, count=6, out_of=6, look=LAST_LOOK)
    assert CautionKind.REPORTING_CHANGED in kinds(plan)
    check = newest_check(plan)
    assert check is not None
    assert any("Less of everything was reported" in caution for caution in check.cautions)


def test_steady_reporting_is_not_mentioned(cast: Cast, change: OperationalChange) -> None:
    plan = a_plan_of_reports(cast, change)
    reported(cast, change, date(2025, 5, 1), 20)
    reported(cast, change, date(2026, 5, 1), 10)
    counted(by=cast.quality_lead, plan=plan, count=24, out_of=12, index_events=0)
    counted(by=cast.quality_lead, plan=plan, count=6, out_of=6, look=LAST_LOOK)
    assert CautionKind.REPORTING_CHANGED not in kinds(plan)


def test_a_measure_that_counts_no_reports_reads_none(cast: Cast, change: OperationalChange) -> None:
    plan = a_plan_of_reports(cast, change, counts_incidents=False)
    reported(cast, change, date(2025, 5, 1), 20)
    counted(by=cast.quality_lead, plan=plan, count=24, out_of=12, index_events=0)
    counted(by=cast.quality_lead, plan=plan, count=6, out_of=6, look=LAST_LOOK)
    assert CautionKind.REPORTING_CHANGED not in kinds(plan)


def test_where_nobody_works_nothing_can_be_said(cast: Cast) -> None:
    """The change reaches a team without workers: reports without days of work are no rate."""
    alone = a_change(cast, reach=[cast.south])
    assert reporting_of(a_plan_of_reports(cast, alone), LAST_LOOK) is None
