"""Declare how a change will be checked, amend it, and follow the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.assurance import rules
from saferpractice.assurance.models import ImpactPlan, PlannedLook
from saferpractice.assurance.operations.again import check_same_plan
from saferpractice.assurance.operations.reading import as_defined, keep_own, read_what_is_over
from saferpractice.assurance.operations.results import judge_again
from saferpractice.assurance.operations.shared import BASELINE, LOOK, Declared, rule_of, standing_change, story_of
from saferpractice.assurance.permissions.impact import check_can_plan_impact
from saferpractice.assurance.queries import (
    as_rule,
    baseline_of,
    newest_by_look,
    plans_of,
)
from saferpractice.assurance.queries.own_measures import own_of
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations.shared import PLAN, incidents_of, pass_obligations
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day, on_date
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By


@operation
def declare_plan(
    *, by: By, at: datetime, change: OperationalChange, declared: Declared, submission_key: str
) -> Entry[ImpactPlan] | Already[ImpactPlan]:
    """Declare how it will be judged whether a change is used, or worked, before any result is seen (R4, R16).

    Opens an obligation for the baseline and one for every look. A plan that reads a measure of this system reads its
    baseline at once where that is over.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: the plan cannot be used; each field with what to do. ``SentBefore``: the form declared another plan.
        Stale: the change was withdrawn.
    """
    check_can_plan_impact(by=by, at=at, change=change)
    change = standing_change(change)
    earlier = ImpactPlan.objects.filter(submission_key=submission_key, change=change).first()
    if earlier is not None:
        check_same_plan(earlier, by=by, declared=declared)
        return Already(earlier)
    declared = as_defined(declared, by=by, at=at, change=change)
    _check(declared, at, others=plans_of(change))
    plan = _create(by, at, change, declared, submission_key=submission_key)
    ledger.meet(subject=change, kind=PLAN, record=plan, at=at)
    _ask_for_results(plan, at)
    read_what_is_over(plan, by, at)
    return Entry(
        result=plan,
        subject=change,
        story_id=story_of(change),
        sentence=f"declared how to check the change “{change.title}”: {plan.measure}",
        facts={"looks": [look.on for look in plan.looks.all()], "primary": plan.primary, "serves": plan.serves},
    )


@operation
def amend_plan(
    *, by: By, at: datetime, plan: ImpactPlan, declared: Declared, why: str, submission_key: str
) -> Entry[ImpactPlan] | Already[ImpactPlan]:
    """Replace a plan by an amended one. The old one stays; after the first look the check becomes exploratory.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: the plan cannot be used, or gives no reason. ``SentBefore``: the form made another amendment.
        Stale: it was amended by somebody else meanwhile, or the change was withdrawn.
    """
    check_can_plan_impact(by=by, at=at, change=plan.change)
    change = standing_change(plan.change)
    plan = ImpactPlan.objects.get(pk=plan.pk)
    earlier = ImpactPlan.objects.filter(submission_key=submission_key, change=change).first()
    if earlier is not None:
        check_same_plan(earlier, by=by, declared=declared, why=why)
        return Already(earlier)
    if hasattr(plan, "replaced_by"):
        raise Stale("This plan was amended meanwhile. Open the newest one and amend that.")
    if not as_written(why):
        raise Invalid({"why": "Say why the plan is amended. It will stand beside the verdict."})
    declared = as_defined(declared, by=by, at=at, change=change)
    _check(declared, at, others=[one for one in plans_of(change) if one.pk != plan.pk])
    amended = _create(by, at, change, declared, submission_key=submission_key, replaces=plan, why_amended=why.strip())
    for look in plan.looks.all():
        ledger.cancel(subject=look, kind=LOOK, because="The plan was amended", at=at)
    ledger.cancel(subject=plan, kind=BASELINE, because="The plan was amended", at=at)
    _ask_for_results(amended, at)
    judge_again(amended, by, at)
    read_what_is_over(amended, by, at)
    return Entry(
        result=amended,
        subject=change,
        story_id=story_of(change),
        sentence=f"amended the plan to check “{change.title}”, because: {why.strip()}",
        facts={"exploratory": rules.is_exploratory(as_rule(amended))},
    )


def cancel_checks(change: OperationalChange, at: datetime) -> None:
    """Cancel what is owed about the impact checks of a change that was withdrawn. Call inside an operation."""
    for about in _asked_about(change):
        ledger.cancel(subject=about, kind=None, because="The change was withdrawn", at=at)


def pass_checks(change: OperationalChange, owner: Person) -> None:
    """What the previous owner of a change owed about its impact checks is owed by ``owner``."""
    for about in _asked_about(change):
        pass_obligations(about, to=owner)


def _asked_about(change: OperationalChange) -> list[models.Model]:
    """The plans of a change and their looks: what is owed is owed about them."""
    looks = PlannedLook.objects.filter(plan__change=change)
    return [*change.impact_plans.all(), *looks]


def _check(declared: Declared, at: datetime, *, others: Iterable[ImpactPlan]) -> None:
    problems = rules.check_plan(rule_of(declared, local_day(at)))
    if not as_written(declared.definition):
        problems["definition"] = "Say exactly what is counted and where, so that two people would count the same."
    if declared.primary and any(one.primary for one in others):
        problems["primary"] = "This change has a primary measure already. Make this one supporting, or amend that one."
    if not declared.primary and not any(one.primary for one in others):
        problems["primary"] = "Declare the primary measure first: it decides whether the change worked."
    if problems:
        raise Invalid(problems)


def _create(
    by: By,
    at: datetime,
    change: OperationalChange,
    declared: Declared,
    *,
    submission_key: str,
    replaces: ImpactPlan | None = None,
    why_amended: str = "",
) -> ImpactPlan:
    plan = ImpactPlan.objects.create(
        change=change,
        replaces=replaces,
        measure=declared.measure.strip(),
        definition=declared.definition.strip(),
        serves=declared.serves,
        kind=declared.kind,
        direction=declared.direction,
        exposure=declared.exposure.strip(),
        counts_incidents=declared.counts_incidents,
        baseline_from=declared.baseline_from,
        baseline_to=declared.baseline_to,
        roll_in_from=declared.roll_in_from,
        roll_in_to=declared.roll_in_to,
        smallest_effect=declared.smallest_effect,
        primary=declared.primary,
        why_amended=why_amended,
        submission_key=submission_key,
        **decided(by, at),
    )
    PlannedLook.objects.bulk_create(PlannedLook(plan=plan, on=on) for on in declared.looks)
    if declared.own is not None:
        keep_own(plan, declared.own, at)
    return plan


def _ask_for_results(plan: ImpactPlan, at: datetime) -> None:
    change = plan.change
    incidents = incidents_of(change)
    common: dict[str, Any] = {
        "provider_id": change.provider_id,
        "team": incidents[0].team if incidents else None,
        "story_id": incidents[0].pk if incidents else None,
        "restricted": any(incident.restricted for incident in incidents),
        "owner": change.owner,
        "clock_source": "The day declared in the impact plan",
        "at": at,
    }
    looks = list(plan.looks.order_by("on"))
    if baseline_of(plan) is None and looks:
        ledger.open_obligation(
            subject=plan,
            kind=BASELINE,
            title=f"{'Count' if own_of(plan) is None else 'Have read'} the baseline: {plan.measure}",
            timescale=on_date(looks[0].on),
            **common,
        )
    entered, enter = newest_by_look(plan), "Enter" if own_of(plan) is None else "Have read"
    for look in looks:
        if look.on not in entered:
            ledger.open_obligation(
                subject=look,
                kind=LOOK,
                title=f"{enter} the results of the look on {look.on:%-d %B %Y}: {plan.measure}",
                timescale=on_date(look.on),
                **common,
            )
