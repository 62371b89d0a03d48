"""Two people at one audit at once: one list, one seed, one reading by one auditor, one result."""

from __future__ import annotations

import pytest

from saferpractice.assurance.models import AuditPopulation, AuditResult, AuditScore, AuditSeed
from saferpractice.trail.queries import check_chain
from tests.databases import Database
from tests.factories.audits import a_draw, a_list, an_audit_plan, consultations, read, seeded
from tests.personas import build_cast
from tests.stages.assurance.test_races import at_once

pytestmark = pytest.mark.requirement("R16", "R37")


def test_two_lists_frozen_at_once_are_one(fresh_database: Database) -> None:
    cast = build_cast()
    consultations(cast, 3)
    plan = an_audit_plan(cast)
    kinds = at_once(lambda: a_list(plan, by=cast.lead), lambda: a_list(plan, by=cast.quality_lead))
    assert kinds == ["AuditPopulation", "Stale"]
    assert AuditPopulation.objects.count() == 1


def test_two_seeds_entered_at_once_are_one(fresh_database: Database) -> None:
    cast = build_cast()
    consultations(cast, 3)
    population = a_list(an_audit_plan(cast), by=cast.lead)
    kinds = at_once(
        lambda: seeded(population, by=cast.lead, seed="1 2 3 4 5 6"),
        lambda: seeded(population, by=cast.quality_lead, seed="6 5 4 3 2 1"),
    )
    assert kinds == ["AuditPopulation", "Stale"]
    assert AuditSeed.objects.count() == 1
    assert population.samples.count() == population.size
    assert check_chain(cast.provider.pk).broken_at is None


def test_a_score_sent_twice_at_once_is_one_and_two_auditors_do_not_both_read(fresh_database: Database) -> None:
    cast = build_cast()
    population = a_draw(cast, records=2)
    first, last = population.samples.order_by("rank")
    assert at_once(lambda: read(first, by=cast.lead), lambda: read(first, by=cast.lead)) == ["AuditScore"] * 2
    assert AuditScore.objects.count() == 1
    kinds = at_once(lambda: read(last, by=cast.lead), lambda: read(last, by=cast.quality_lead))
    assert kinds == ["AuditScore", "Stale"]
    assert AuditResult.objects.count() == 1


def test_the_last_two_records_read_at_once_give_one_result(fresh_database: Database) -> None:
    cast = build_cast()
    population = a_draw(cast, records=2)
    first, last = population.samples.order_by("rank")
    at_once(lambda: read(first, by=cast.lead), lambda: read(last, by=cast.quality_lead))
    result = AuditResult.objects.get()
    assert (result.met, result.read) == (2, 2)
