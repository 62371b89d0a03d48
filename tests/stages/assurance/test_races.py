"""Two people at one impact check at once: one plan, one order, one verdict for each look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connections

from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult
from saferpractice.assurance.operations import amend_plan
from saferpractice.assurance.queries import plans_of, verdict_today
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live, withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Stale
from tests.databases import Database
from tests.factories.assurance import LAST_LOOK, a_plan, counted, declared
from tests.factories.changes import a_change
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R4", "R16")

LIVE_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def at_once(*doing: Callable[[], object]) -> list[str]:
    """Do these in threads that start together; the kind of what each gave, or of the refusal it met, sorted."""
    together = threading.Barrier(len(doing))
    results: list[object] = [None] * len(doing)

    def run(number: int, do: Callable[[], object]) -> None:
        together.wait()
        try:
            results[number] = do()
        except Exception as error:  # looked at by the test
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, do)) for number, do in enumerate(doing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(type(result).__name__ for result in results)


def a_checked_change() -> tuple[Cast, OperationalChange]:
    cast = build_cast()
    change = a_change(cast)
    go_live(by=change.owner, at=LIVE_AT, change=change, live_at=LIVE_AT)
    return cast, OperationalChange.objects.get(pk=change.pk)


def amend(cast: Cast, plan: ImpactPlan, measure: str) -> ImpactPlan:
    return amend_plan(
        by=cast.lead,
        at=IN_MAY,
        plan=ImpactPlan.objects.get(pk=plan.pk),
        declared=declared(measure=measure),
        why="A better name",
        submission_key=uuid4().hex,
    )


def test_only_one_measure_decides_when_two_are_declared_at_once(fresh_database: Database) -> None:
    cast, change = a_checked_change()
    kinds = at_once(
        lambda: a_plan(by=cast.lead, change=change, measure="One"),
        lambda: a_plan(by=cast.quality_lead, change=change, measure="Other"),
    )
    assert kinds == ["ImpactPlan", "Invalid"]
    assert [plan.primary for plan in plans_of(change)] == [True]


def test_a_plan_amended_twice_at_once_is_amended_once(fresh_database: Database) -> None:
    cast, change = a_checked_change()
    plan = a_plan(by=cast.lead, change=change)
    kinds = at_once(lambda: amend(cast, plan, "One"), lambda: amend(cast, plan, "Other"))
    assert kinds == ["ImpactPlan", "Stale"]
    assert len(plans_of(change)) == 1
    assert check_chain(cast.provider.pk).whole


def test_numbers_and_an_amendment_come_in_one_order(fresh_database: Database) -> None:
    cast, change = a_checked_change()
    plan = a_plan(by=cast.lead, change=change)
    kinds = at_once(
        lambda: counted(by=cast.quality_lead, plan=plan, count=9, out_of=30),
        lambda: amend(cast, plan, "Another name"),
    )
    assert kinds in (["ImpactPlan", "ImpactResult"], ["ImpactPlan", "Stale"])
    (in_force,) = plans_of(change)
    owed = Obligation.objects.open().filter(kind="assurance.baseline", subject_id=in_force.pk)
    assert owed.exists() is not ImpactResult.objects.exists(), "what is counted is not owed, what is lost is"


def test_numbers_are_not_taken_for_a_change_withdrawn_at_that_moment(fresh_database: Database) -> None:
    cast, change = a_checked_change()
    plan = a_plan(by=cast.lead, change=change)
    at_once(
        lambda: counted(by=cast.quality_lead, plan=plan, count=9, out_of=30),
        lambda: withdraw_change(by=cast.lead, at=IN_MAY, change=change, reason="Another way was found."),
    )
    subjects = {plan.pk, *plan.looks.values_list("pk", flat=True)}
    assert not Obligation.objects.open().filter(subject_id__in=subjects).exists()
    with pytest.raises(Stale):
        counted(by=cast.quality_lead, plan=ImpactPlan.objects.get(pk=plan.pk), count=8, out_of=30)


def test_two_readings_of_one_look_are_both_kept_and_one_verdict_stands(fresh_database: Database) -> None:
    cast, change = a_checked_change()
    plan = a_plan(by=cast.lead, change=change)
    counted(by=cast.lead, plan=plan, count=9, out_of=30)
    kinds = at_once(
        lambda: counted(by=cast.lead, plan=plan, count=29, out_of=30, look=LAST_LOOK),
        lambda: counted(by=cast.quality_lead, plan=plan, count=28, out_of=30, look=LAST_LOOK),
        lambda: counted(by=cast.quality_lead, plan=plan, count=28, out_of=30, look=LAST_LOOK),
    )
    assert kinds == ["ImpactResult"] * 3
    assert ImpactResult.objects.filter(look__on=LAST_LOOK).count() in {2, 3}
    assert ImpactCheck.objects.count() == ImpactResult.objects.filter(look__on=LAST_LOOK).count()
    newest = ImpactCheck.objects.order_by("-decided_at", "-pk").first()
    assert newest is not None
    assert verdict_today(plan, LAST_LOOK).word == newest.verdict
