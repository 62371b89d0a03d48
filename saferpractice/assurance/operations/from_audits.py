"""Take an impact result from an audit: the counts and their source are the audit's, not typed (R4, R16)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from saferpractice.access.decisions import decided
from saferpractice.assurance import rules
from saferpractice.assurance.models import AuditResult, CountedFromAudit, ImpactPlan, ImpactResult, PlannedLook
from saferpractice.assurance.operations.results import enter_result
from saferpractice.assurance.operations.shared import story_of
from saferpractice.assurance.permissions.impact import check_can_enter_results
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def enter_result_from_audit(
    *, by: By, at: datetime, plan: ImpactPlan, look: PlannedLook | None, audit: AuditResult
) -> Entry[ImpactResult] | Already[ImpactResult]:
    """Enter what an audit of the same change found: for the baseline (``look`` None) or up to a look that has come.

    Raises:
        Refused: ``by`` may not enter results.
        Invalid: the plan does not count records, the audit is of another change, was drawn by team, was put right
            since, or its period is not that of the baseline or of the look.
        Stale: the plan was amended meanwhile, or the change was withdrawn.
    """
    check_can_enter_results(by=by, at=at, change=plan.change)
    population = audit.population
    problem = _problem(plan, look, audit)
    if problem:
        raise Invalid({"from_audit": problem})
    earlier = ImpactResult.objects.filter(plan=plan, look=look).order_by("-decided_at", "-pk").first()
    if earlier is not None and CountedFromAudit.objects.filter(impact_result=earlier, audit_result=audit).exists():
        return Already(earlier)
    result = enter_result(
        by=by, at=at, plan=plan, look=look, count=audit.met, out_of=Decimal(audit.read), source=source_of_result(audit)
    )
    CountedFromAudit.objects.get_or_create(impact_result=result, defaults={"audit_result": audit, **decided(by, at)})
    return Entry(
        result=result,
        subject=plan.change,
        story_id=story_of(plan.change),
        sentence=f"took the numbers of “{plan.measure}” from audit {population.number} of “{population.plan.title}”",
        facts={"audit": str(audit.pk), "list": population.list_hash},
    )


def source_of_result(audit: AuditResult) -> str:
    """Where the numbers come from, written by itself."""
    population = audit.population
    first, last = population.period_from, population.period_to
    return (
        f"Audit {population.number} of “{population.plan.title}”: records of {first.day} {first:%B %Y} to "
        f"{last.day} {last:%B %Y}, drawn at random from {population.count}; list {population.list_hash[:12]}"
    )


def _problem(plan: ImpactPlan, look: PlannedLook | None, audit: AuditResult) -> str:
    population = audit.population
    if plan.kind != rules.Kind.PROPORTION:
        return "This plan counts events. Only one that counts records can take its numbers from an audit."
    if population.plan.change_id != plan.change_id or population.plan.by_team or not audit.read:
        return "Choose an audit of this change that was drawn from all teams together."
    if hasattr(audit, "corrected_by"):
        return "This result was put right since. Choose the newer one."
    if look is None and not plan.baseline_from <= population.period_from <= population.period_to <= plan.baseline_to:
        return "The records of this audit are not those of the baseline’s days. Choose another, or enter the numbers."
    if look is not None and not plan.roll_in_to < population.period_from <= population.period_to <= look.on:
        return "The records of this audit are not of the days after every team started and up to this look."
    return ""
