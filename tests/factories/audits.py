"""Audits for tests, made through the operations: records kept on cases, a plan, a list, a seed, readings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from saferpractice.access.models import Person, Team
from saferpractice.assurance.models import AuditPlan, AuditPopulation, AuditResult, AuditSample, AuditScore
from saferpractice.assurance.operations import (
    AuditDeclared,
    declare_audit,
    enter_seed,
    freeze_list,
    score_record,
)
from saferpractice.assurance.rules.audits import About, Answer, Claim, Question, Source
from saferpractice.changes.models import OperationalChange
from saferpractice.pathways.models import PathwayRecord
from saferpractice.pathways.queries import newest_version
from saferpractice.trail.rules import By
from tests.factories.changes import a_live_change
from tests.factories.pathways import CONSULTATION, a_case, a_record, used
from tests.personas import NOW, Cast

LIVE_AT = NOW + timedelta(days=1)
FROM, TO = date(2026, 3, 5), date(2026, 3, 12)
DECLARED_AT = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
FROZEN_AT = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
SEEDED_AT = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
READ_AT = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
SEED = "4 1 6 2 5 3"

USED = Question(
    "q1", "Is the decision written down with its reason?", "A reason somebody else could follow", Answer.YES, About.USED
)
LOOP = Question(
    "q2", "Was the referral acknowledged?", "The reference of the local authority", Answer.YES, About.LOOP, True
)


def audited(**changes: Any) -> AuditDeclared:
    """A plan to read consultations for a decision on 90%; ``changes`` replace parts."""
    parts: dict[str, Any] = {
        "title": "Consultations in the new form",
        "questions": (USED, LOOP),
        "source": Source.CASE_RECORDS,
        "filters": {"pathway": "self-neglect", "kind": "consultation"},
        "claim": Claim.ESTIMATE,
        "numbers": {"expected": Decimal(80), "half_width": Decimal(20)},
        "target": Decimal("0.9"),
        "read_by_two": False,
        "by_team": False,
        "months": 3,
        "first_on": date(2026, 4, 1),
    }
    return AuditDeclared(**(parts | changes))


def an_audit_plan(
    cast: Cast,
    *,
    change: OperationalChange | None = None,
    by: By | None = None,
    at: datetime = DECLARED_AT,
    key: str | None = None,
    **changes: Any,
) -> AuditPlan:
    """A plan the safeguarding lead declared for a live change that the duty manager owns."""
    return declare_audit(
        by=by or cast.lead,
        at=at,
        change=change or a_live_change(cast, live_at=NOW),
        declared=audited(**changes),
        submission_key=key or f"audit-{uuid4()}",
    )


def consultations(
    cast: Cast, number: int, *, team: Team | None = None, first: float = 24, by: Person | None = None
) -> list[PathwayRecord]:
    """So many consultations on cases of a team, an hour after one another from the fifth of March on."""
    version = newest_version(cast.provider.pk, "self-neglect") or used(cast)
    place = team or cast.north
    return [
        a_record(
            a_case(cast, version=version, team=place, person=f"P-{place.name[0]}{index}", by=by or cast.duty_manager),
            "consultation",
            first + index,
            by=by or cast.duty_manager,
            **CONSULTATION,
        )
        for index in range(number)
    ]


def a_list(
    plan: AuditPlan, *, by: By, at: datetime = FROZEN_AT, period_from: date = FROM, period_to: date = TO
) -> AuditPopulation:
    """The list of a week, frozen."""
    return freeze_list(by=by, at=at, plan=plan, period_from=period_from, period_to=period_to)


def seeded(population: AuditPopulation, *, by: By, seed: str = SEED, at: datetime = SEEDED_AT) -> AuditPopulation:
    """The list with the seed of six dice, and so drawn from."""
    enter_seed(
        by=by,
        at=at,
        population=population,
        seed=seed,
        published=False,
        published_on=None,
        words="Six dice thrown in the quality meeting",
    )
    return AuditPopulation.objects.select_related("plan__change", "seed").get(pk=population.pk)


def a_draw(cast: Cast, *, records: int = 8, plan: AuditPlan | None = None, **changes: Any) -> AuditPopulation:
    """A list of so many consultations of North team, drawn from and not read yet."""
    consultations(cast, records)
    made = plan or an_audit_plan(cast, **changes)
    return seeded(a_list(made, by=cast.lead), by=cast.lead)


def read(
    sample: AuditSample,
    *,
    by: By,
    answers: Mapping[str, str] | None = None,
    at: datetime = READ_AT,
    why_not: str = "",
    remark: str = "",
) -> AuditScore:
    """One record read; it meets the standard unless ``answers`` say otherwise."""
    given = {"q1": "yes", "q2": "na"} | dict(answers or {})
    return score_record(by=by, at=at, sample=sample, answers=given, why_not=why_not, remark=remark)


def read_all(population: AuditPopulation, *, by: By, failing: int = 0, at: datetime = READ_AT) -> AuditResult | None:
    """Every record drawn read by one auditor, the first ``failing`` of them not to the standard."""
    for number, sample in enumerate(population.samples.order_by("rank")):
        read(sample, by=by, at=at, answers={"q1": "no"} if number < failing else None)
    return population.results.order_by("-decided_at", "-pk").first()
