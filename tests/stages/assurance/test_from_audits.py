"""An impact result taken from an audit: the numbers and their source are the audit's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.assurance.models import AuditResult, CountedFromAudit, ImpactPlan, ImpactResult
from saferpractice.assurance.operations import declare_plan, enter_result_from_audit
from saferpractice.assurance.rules import Direction, Kind
from saferpractice.changes.models import OperationalChange
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.assurance import a_plan, declared
from tests.factories.audits import DECLARED_AT, a_list, an_audit_plan, consultations, read, read_all, seeded
from tests.factories.changes import a_live_change
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16", "R37")]
COUNTED_AT = datetime(2026, 3, 19, 9, 0, tzinfo=UTC)
LOOK = date(2026, 3, 19)


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    return a_live_change(cast, live_at=NOW)


def impact(cast: Cast, change: OperationalChange, **changes: Any) -> ImpactPlan:
    """A plan whose baseline is the first days of March and whose look comes on the nineteenth."""
    days = {
        "baseline_from": date(2026, 2, 1),
        "baseline_to": date(2026, 3, 3),
        "roll_in_from": date(2026, 3, 4),
        "roll_in_to": date(2026, 3, 4),
        "looks": (LOOK,),
    }
    return declare_plan(
        by=cast.lead, at=NOW, change=change, declared=declared(**days | changes), submission_key="impact"
    )


def an_audit(cast: Cast, change: OperationalChange, *, before: bool = False, **changes: Any) -> AuditResult:
    """An audit with its result, one of its records not to the standard."""
    consultations(cast, 5, first=-48 if before else 24)
    days = {"period_from": date(2026, 3, 1), "period_to": date(2026, 3, 3)} if before else {}
    population = a_list(an_audit_plan(cast, change=change, **changes), by=cast.lead, **days)
    found = read_all(seeded(population, by=cast.lead), by=cast.quality_lead, failing=1)
    assert found is not None
    return found


def test_the_baseline_and_a_look_are_counted_from_audits_and_judged(cast: Cast, change: OperationalChange) -> None:
    plan = impact(cast, change)
    before, after = an_audit(cast, change, before=True), an_audit(cast, change)
    baseline = enter_result_from_audit(by=cast.lead, at=COUNTED_AT, plan=plan, look=None, audit=before)
    result = enter_result_from_audit(by=cast.lead, at=COUNTED_AT, plan=plan, look=plan.looks.get(), audit=after)
    for entered, audit in ((baseline, before), (result, after)):
        assert (entered.count, entered.out_of) == (audit.met, audit.read)
        assert entered.from_audit.audit_result == audit
        assert audit.population.list_hash[:12] in entered.source
        assert audit.population.plan.title in entered.source
    assert plan.checks.count() == 1


def test_taken_twice_it_is_one_result(cast: Cast, change: OperationalChange) -> None:
    plan, audit = impact(cast, change), an_audit(cast, change, before=True)
    once = enter_result_from_audit(by=cast.lead, at=COUNTED_AT, plan=plan, look=None, audit=audit)
    assert enter_result_from_audit(by=cast.reviewer, at=COUNTED_AT, plan=plan, look=None, audit=audit) == once
    assert (ImpactResult.objects.count(), CountedFromAudit.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("of_plan", "of_audit", "baseline", "words"),
    [
        ({}, {}, True, "not those of the baseline"),
        ({"roll_in_to": date(2026, 3, 9)}, {}, False, "not of the days after every team started"),
        ({}, {"by_team": True}, True, "drawn from all teams together"),
        (
            {"kind": Kind.RATE, "direction": Direction.REDUCE, "smallest_effect": Decimal("0.7")},
            {},
            True,
            "counts events",
        ),
    ],
)
def test_numbers_that_are_not_those_of_the_plan_are_refused(
    cast: Cast, change: OperationalChange, of_plan: Any, of_audit: Any, baseline: bool, words: str
) -> None:
    plan, audit = impact(cast, change, **of_plan), an_audit(cast, change, **of_audit)
    with pytest.raises(Invalid, match=words):
        enter_result_from_audit(
            by=cast.lead, at=COUNTED_AT, plan=plan, look=None if baseline else plan.looks.get(), audit=audit
        )
    assert not ImpactResult.objects.exists()


def test_a_result_that_was_put_right_is_not_counted_any_more(cast: Cast, change: OperationalChange) -> None:
    plan, audit = impact(cast, change), an_audit(cast, change, before=True)
    sample = audit.population.samples.order_by("rank").last()
    assert sample is not None
    read(sample, by=cast.quality_lead, answers={"q1": "no"})
    with pytest.raises(Invalid, match="put right since"):
        enter_result_from_audit(by=cast.lead, at=COUNTED_AT, plan=plan, look=None, audit=audit)


def test_only_those_who_may_enter_results(cast: Cast, change: OperationalChange) -> None:
    plan, audit = impact(cast, change), an_audit(cast, change, before=True)
    with pytest.raises(Refused):
        enter_result_from_audit(by=cast.supervisor, at=COUNTED_AT, plan=plan, look=None, audit=audit)


def test_the_page_offers_the_audit_and_asks_for_no_number(
    cast: Cast, change: OperationalChange, the_clock: Any
) -> None:
    the_clock.stand_at(COUNTED_AT)
    plan, audit = impact(cast, change), an_audit(cast, change, before=True)
    other = a_plan(by=cast.lead, change=change, at=DECLARED_AT, primary=False, kind=Kind.RATE,
                   direction=Direction.REDUCE, smallest_effect=Decimal("0.7"))  # fmt: skip
    client = Client()
    client.force_login(cast.lead)
    address = reverse("assurance:result", args=[plan.pk])
    assert "Take the numbers from an audit" in client.get(address).content.decode()
    counts_events = client.get(reverse("assurance:result", args=[other.pk])).content.decode()
    assert "Take the numbers from an audit" not in counts_events
    assert client.post(address, {"look": "baseline", "from_audit": ""}).status_code == 200
    assert not ImpactResult.objects.exists()
    sent = client.post(address, {"look": "baseline", "from_audit": str(audit.pk)})
    assert sent.status_code == 302
    assert ImpactResult.objects.get().from_audit.audit_result == audit
