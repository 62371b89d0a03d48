"""Enter what was counted; the rules give the verdict."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.assurance import rules
from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult, PlannedLook
from saferpractice.assurance.operations.shared import BASELINE, LOOK, standing_change, story_of
from saferpractice.assurance.permissions.impact import check_can_enter_results
from saferpractice.assurance.queries import (
    as_counts,
    as_rule,
    baseline_of,
    circumstances_of,
    newest_by_look,
)
from saferpractice.assurance.queries.own_measures import own_of
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By


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
    standing_change(plan.change)
    plan = ImpactPlan.objects.get(pk=plan.pk)
    if own_of(plan) is not None:
        raise Invalid("The numbers of this plan are read from the records. None can be entered by hand.")
    _check_result(plan, look, rules.Counts(count=count, out_of=float(out_of), index_events=index_events), at)
    if not as_written(source):
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
    sentence = judge_with(result, by, at)
    return Entry(
        result=result,
        subject=plan.change,
        story_id=story_of(plan.change),
        sentence=sentence,
        facts={"count": count, "out_of": str(out_of), "look": look.on if look else None},
    )


def judge_with(result: ImpactResult, by: By, at: datetime) -> str:
    """Meet what was owed with a new result, have the rules judge what it bears on, and say so in a sentence."""
    plan, look = result.plan, result.look
    if look is None:
        ledger.meet(subject=plan, kind=BASELINE, record=result, at=at)
        judge_again(plan, by, at)
        counted = f"{result.count} of {result.out_of.normalize():f} {plan.exposure}"
        return f"counted the baseline of “{plan.measure}”: {counted}"
    ledger.meet(subject=look, kind=LOOK, record=result, at=at)
    check = _judge(plan, look, by, at)
    return f"entered the results of “{plan.measure}”; the rules say: {check.verdict}"


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


def judge_again(plan: ImpactPlan, by: By, at: datetime) -> None:
    """Judge every look that has results anew; the earlier verdicts stay on record."""
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
