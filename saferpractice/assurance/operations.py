"""Writes of stage 6: declare a plan, amend it, enter results; the rules give the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.assurance import rules
from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult, PlannedLook
from saferpractice.assurance.permissions import check_can_enter_results, check_can_plan_impact
from saferpractice.assurance.queries import (
    as_counts,
    as_rule,
    baseline_of,
    circumstances_of,
    newest_by_look,
    plans_of,
)
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations.shared import PLAN, incidents_of, locked, pass_obligations
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day, on_date
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

BASELINE = "assurance.baseline"
"""The baseline is counted before the first look."""
LOOK = "assurance.look"
"""The results of a planned look are entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a plan declares. Days are London days; both ends of a window belong to it."""

    measure: str
    definition: str
    serves: str
    kind: rules.Kind
    direction: rules.Direction
    exposure: str
    counts_incidents: bool
    baseline_from: date
    baseline_to: date
    roll_in_from: date
    roll_in_to: date
    smallest_effect: Decimal
    looks: tuple[date, ...]
    primary: bool


@operation
def declare_plan(
    *, by: By, at: datetime, change: OperationalChange, declared: Declared, submission_key: str
) -> Entry[ImpactPlan] | Already[ImpactPlan]:
    """Declare how it will be judged whether a change is used, or worked, before any result is seen (R4, R16).

    Opens an obligation for the baseline and one for every look.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: the plan cannot be used; each field with what to do.
        Stale: the change was withdrawn.
    """
    check_can_plan_impact(by=by, at=at, change=change)
    change = _standing(change)
    earlier = ImpactPlan.objects.filter(submission_key=submission_key, change=change).first()
    if earlier is not None:
        return Already(earlier)
    _check(declared, at, others=plans_of(change))
    plan = _create(by, at, change, declared, submission_key=submission_key)
    ledger.meet(subject=change, kind=PLAN, record=plan, at=at)
    _ask_for_results(plan, at)
    return Entry(
        result=plan,
        subject=change,
        story_id=_story(change),
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
        Invalid: the plan cannot be used, or gives no reason.
        Stale: it was amended by somebody else meanwhile, or the change was withdrawn.
    """
    check_can_plan_impact(by=by, at=at, change=plan.change)
    change = _standing(plan.change)
    plan = ImpactPlan.objects.get(pk=plan.pk)
    earlier = ImpactPlan.objects.filter(submission_key=submission_key, change=change).first()
    if earlier is not None:
        return Already(earlier)
    if hasattr(plan, "replaced_by"):
        raise Stale("This plan was amended meanwhile. Open the newest one and amend that.")
    if not why.strip():
        raise Invalid({"why": "Say why the plan is amended. It will stand beside the verdict."})
    _check(declared, at, others=[one for one in plans_of(change) if one.pk != plan.pk])
    amended = _create(by, at, change, declared, submission_key=submission_key, replaces=plan, why_amended=why.strip())
    for look in plan.looks.all():
        ledger.cancel(subject=look, kind=LOOK, because="The plan was amended", at=at)
    ledger.cancel(subject=plan, kind=BASELINE, because="The plan was amended", at=at)
    _ask_for_results(amended, at)
    _judge_again(amended, by, at)
    return Entry(
        result=amended,
        subject=change,
        story_id=_story(change),
        sentence=f"amended the plan to check “{change.title}”, because: {why.strip()}",
        facts={"exploratory": rules.is_exploratory(as_rule(amended))},
    )


def _standing(change: OperationalChange) -> OperationalChange:
    """The change with its row locked, so that plans and results of it come one after the other.

    Raises:
        Stale: it was withdrawn.
    """
    change = locked(change)
    if hasattr(change, "withdrawal"):
        raise Stale("This change was withdrawn, so there is nothing to check.")
    return change


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
    as_plan = rules.ImpactPlan(
        measure=declared.measure,
        kind=declared.kind,
        direction=declared.direction,
        baseline=rules.Window(declared.baseline_from, declared.baseline_to),
        roll_in=rules.Window(declared.roll_in_from, declared.roll_in_to),
        looks=declared.looks,
        smallest_effect=float(declared.smallest_effect),
        declared_on=local_day(at),
        exposure=declared.exposure,
        primary=declared.primary,
    )
    problems = rules.check_plan(as_plan)
    if not declared.definition.strip():
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
    return plan


def _story(change: OperationalChange) -> UUID | None:
    return next((incident.pk for incident in incidents_of(change)), None)


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
            title=f"Count the baseline: {plan.measure}",
            timescale=on_date(looks[0].on),
            **common,
        )
    entered = newest_by_look(plan)
    for look in looks:
        if look.on not in entered:
            ledger.open_obligation(
                subject=look,
                kind=LOOK,
                title=f"Enter the results of the look on {look.on:%-d %B %Y}: {plan.measure}",
                timescale=on_date(look.on),
                **common,
            )


@operation
def enter_result(
    *,
    by: By,
    at: datetime,
    plan: ImpactPlan,
    look: PlannedLook | None,
    count: int,
    out_of: Decimal,
    source: str,
    index_events: int | None = None,
    definition_changed: bool = False,
    unstable: bool = False,
) -> Entry[ImpactResult] | Already[ImpactResult]:
    """Enter what was counted: for the baseline (``look`` None) or up to a planned look that has come.

    With a baseline there, the rules give their verdict at once, as a row of its own. A correction is a newer result;
    every look that has results is judged again with it, and the earlier verdicts stay on record. The same numbers from
    the same person again add nothing.

    Raises:
        Refused: ``by`` may not enter results.
        Invalid: the numbers cannot be used, the look has not come, or the baseline is missing.
        Stale: the plan was amended meanwhile, or the change was withdrawn.
    """
    check_can_enter_results(by=by, at=at, change=plan.change)
    _standing(plan.change)
    plan = ImpactPlan.objects.get(pk=plan.pk)
    _check_result(plan, look, rules.Counts(count=count, out_of=float(out_of), index_events=index_events), at)
    if not source.strip():
        raise Invalid({"source": "Say where the numbers come from: the audit, the report, who counted and when."})
    said: dict[str, Any] = {
        "count": count,
        "out_of": out_of,
        "index_events": index_events,
        "definition_changed": definition_changed,
        "unstable": unstable,
        "source": source.strip(),
    }
    stands = newest_by_look(plan).get(look.on) if look else baseline_of(plan)
    if stands is not None and stands.plan_id == plan.pk and _said_by(stands, by, said):
        return Already(stands)
    result = ImpactResult.objects.create(plan=plan, look=look, **said, **decided(by, at))
    if look is None:
        ledger.meet(subject=plan, kind=BASELINE, record=result, at=at)
        _judge_again(plan, by, at)
        sentence = f"counted the baseline of “{plan.measure}”: {count} of {out_of.normalize():f} {plan.exposure}"
    else:
        ledger.meet(subject=look, kind=LOOK, record=result, at=at)
        check = _judge(plan, look, by, at)
        sentence = f"entered the results of “{plan.measure}”; the rules say: {check.verdict}"
    return Entry(
        result=result,
        subject=plan.change,
        story_id=_story(plan.change),
        sentence=sentence,
        facts={"count": count, "out_of": str(out_of), "look": look.on if look else None},
    )


def _said_by(result: ImpactResult, by: By, said: dict[str, Any]) -> bool:
    return isinstance(by, Person) and all(
        getattr(result, name) == value for name, value in {**said, "decided_by_id": by.pk}.items()
    )


def _check_result(plan: ImpactPlan, look: PlannedLook | None, counts: rules.Counts, at: datetime) -> None:
    if hasattr(plan, "replaced_by"):
        raise Stale("This plan was amended. Enter the results under the newest plan.")
    declared = as_rule(plan)
    if look is None:
        problems = rules.index_problem(declared, counts) | rules.check_baseline(declared, counts)
    elif look.plan_id != plan.pk:
        raise Invalid({"look": "Choose one of the looks of this plan."})
    elif local_day(at) < look.on:
        problems = {"look": f"This look is on {look.on:%-d %B %Y}. No verdict is given before: come back then."}
    elif baseline_of(plan) is None:
        problems = {"": "Enter the baseline first: without it there is nothing to compare with."}
    else:
        problems = rules.check_result(declared, look.on, counts)
    if problems:
        raise Invalid({"count" if name == "window" else name: sentence for name, sentence in problems.items()})


def _judge_again(plan: ImpactPlan, by: By, at: datetime) -> None:
    entered = newest_by_look(plan)
    for look in plan.looks.order_by("on"):
        if look.on in entered and baseline_of(plan) is not None:
            _judge(plan, look, by, at)


def _judge(plan: ImpactPlan, look: PlannedLook, by: By, at: datetime) -> ImpactCheck:
    baseline, result = baseline_of(plan), newest_by_look(plan)[look.on]
    if baseline is None:
        raise Invalid("Enter the baseline first: without it there is nothing to compare with.")
    verdict = rules.judge(
        as_rule(plan),
        as_counts(baseline),
        as_counts(result),
        look.on,
        today=local_day(at),
        circumstances=circumstances_of(plan, (baseline, result), look.on),
    )
    return ImpactCheck.objects.create(
        plan=plan,
        look=look,
        baseline=baseline,
        result=result,
        verdict=verdict.word,
        reason=verdict.reason,
        numbers=rules.as_record(verdict),
        cautions=[caution.sentence for caution in verdict.cautions],
        exploratory=verdict.exploratory,
        rule_version=f"{verdict.rule} {verdict.rule_version}",
        **decided(by, at),
    )
