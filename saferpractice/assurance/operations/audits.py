"""Plan how it is audited whether a change is used and its loop closed, end that, and follow the change (R16, R37)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person
from saferpractice.assurance.models import AuditPlan, AuditPlanEnd
from saferpractice.assurance.operations.shared import standing_change, story_of
from saferpractice.assurance.permissions.audits import check_can_plan_audit
from saferpractice.assurance.queries.audits import (
    is_over,
)
from saferpractice.assurance.rules.audits import (
    MONTHS,
    MOST_QUESTIONS,
    Claim,
    Question,
    Source,
    problems_of_claim,
    problems_of_questions,
)
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations.shared import ask, incidents_of, pass_obligations
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import day_label, local_day, on_date
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

AUDIT = "assurance.audit"
"""The next audit of a change has its result by its day. Owed by the change's owner, met by the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDeclared:
    """What an audit plan declares. ``numbers`` in per cent, ``target`` a share from 0 to 1, ``first_on`` London."""

    title: str
    questions: tuple[Question, ...]
    source: Source
    filters: Mapping[str, str]
    claim: Claim
    numbers: Mapping[str, Decimal]
    target: Decimal
    read_by_two: bool
    by_team: bool
    months: int
    first_on: date


@operation
def declare_audit(
    *, by: By, at: datetime, change: OperationalChange, declared: AuditDeclared, submission_key: str
) -> Entry[AuditPlan] | Already[AuditPlan]:
    """Declare how it is audited whether a change is used and its loop closed, before any record is drawn (R16, R37).

    The owner of the change owes the first result by its day.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: the plan cannot be used; each field with what to do. ``SentBefore``: the form declared another plan.
        Stale: the change was withdrawn.
    """
    check_can_plan_audit(by=by, at=at, change=change)
    change = standing_change(change)
    earlier = AuditPlan.objects.filter(submission_key=submission_key, change=change).first()
    if earlier is not None:
        _check_same(earlier, declared, by)
        return Already(earlier)
    problems = _problems(declared, at)
    if problems:
        raise Invalid(problems)
    plan = AuditPlan.objects.create(
        provider_id=change.provider_id,
        change=change,
        title=declared.title.strip(),
        questions=[one.as_data() for one in declared.questions],
        source=declared.source,
        filters=dict(declared.filters),
        claim=declared.claim,
        numbers={name: str(value) for name, value in declared.numbers.items()},
        target=declared.target,
        read_by_two=declared.read_by_two,
        by_team=declared.by_team,
        months=declared.months,
        first_on=declared.first_on,
        submission_key=submission_key,
        **decided(by, at),
    )
    ask_for_audit(plan, declared.first_on, at)
    return Entry(
        result=plan,
        subject=change,
        story_id=story_of(change),
        sentence=f"planned the audit “{plan.title}” of the change “{change.title}”",
        facts={"claim": plan.claim, "target": str(plan.target), "months": plan.months, "first_on": plan.first_on},
    )


def _problems(declared: AuditDeclared, at: datetime) -> dict[str, str]:
    percent = {name: float(value) for name, value in declared.numbers.items()}
    problems = problems_of_questions(declared.questions) | problems_of_claim(declared.claim, percent)
    if len(declared.questions) > MOST_QUESTIONS:
        problems["ask_1"] = f"Ask at most {MOST_QUESTIONS} questions of each record."
    if not as_written(declared.title):
        problems["title"] = "Enter what is audited."
    if not 0 < declared.target <= 1:
        problems["target"] = "Enter a target between 1 and 100%."
    if declared.months not in MONTHS:
        problems["months"] = "Enter a number of months between 1 and 24."
    if declared.first_on < local_day(at):
        problems["first_on"] = "Enter today or a later day."
    return problems


def _check_same(earlier: AuditPlan, declared: AuditDeclared, by: By) -> None:
    now, then = list(_words(declared)), list(_words(earlier))
    check_same_answers(
        earlier,
        by=by,
        sentence="This form was already sent, and an audit was planned with it.",
        answers=[(question, one, other) for (question, one), (_, other) in zip(then, now, strict=True)],
    )


def _words(plan: AuditPlan | AuditDeclared) -> Iterator[tuple[str, str]]:
    """Each part of the form with its answer, in words."""
    asked = [one["ask"] if isinstance(one, Mapping) else one.ask for one in plan.questions]
    yield "What is audited", plan.title.strip()
    yield "The questions", "; ".join(str(one) for one in asked)
    yield "The records", f"{Source(plan.source).label} {sorted(plan.filters.items())}"
    yield "What the sample is to allow", Claim(plan.claim).label
    yield "Its numbers", ", ".join(f"{name} {float(value):g}%" for name, value in sorted(plan.numbers.items()))
    yield "Target", f"{100 * float(plan.target):g}%"
    yield "Read by two auditors", "Yes" if plan.read_by_two else "No"
    yield "Drawn in each team", "Yes" if plan.by_team else "No"
    yield "Again after", f"{plan.months} months"
    yield "First result by", day_label(plan.first_on)


def ask_for_audit(plan: AuditPlan, due_on: date, at: datetime) -> None:
    """The owner of the change owes the next result by a day. Call inside an operation."""
    ask(
        about=plan,
        incidents=incidents_of(plan.change),
        kind=AUDIT,
        title=f"Audit whether the change is used: {plan.title}",
        timescale=on_date(due_on),
        source=f"The audit plan: every {plan.months} months",
        owner=plan.change.owner,
        at=at,
    )


@operation
def end_audits(*, by: By, at: datetime, plan: AuditPlan, reason: str) -> Entry[AuditPlanEnd]:
    """Audit no more by a plan, with the reason; what was found stays. Another plan may take its place.

    Raises:
        Refused: ``by`` may not plan it.
        Invalid: there is no reason.
        Stale: it was ended already, or the change withdrawn.
    """
    check_can_plan_audit(by=by, at=at, change=plan.change)
    plan = standing_plan(plan)
    if not as_written(reason):
        raise Invalid({"reason": "Say why nothing more is audited by this plan."})
    end = AuditPlanEnd.objects.create(plan=plan, reason=reason.strip(), **decided(by, at))
    _cancel(plan, "The audit plan was ended", at)
    return Entry(
        result=end,
        subject=plan,
        story_id=story_of(plan.change),
        sentence=f"ended the audit plan “{plan.title}”, because: {reason.strip()}",
    )


def cancel_audits(change: OperationalChange, at: datetime) -> None:
    """Cancel what is owed about the audits of a change that was withdrawn. Call inside an operation."""
    for plan in change.audit_plans.all():
        _cancel(plan, "The change was withdrawn", at)


def pass_audits(change: OperationalChange, owner: Person) -> None:
    """What the previous owner of a change owed about its audits is owed by ``owner``."""
    for plan in change.audit_plans.all():
        pass_obligations(plan, to=owner)


def _cancel(plan: AuditPlan, because: str, at: datetime) -> None:
    for about in (plan, *plan.populations.all()):
        ledger.cancel(subject=about, kind=None, because=because, at=at)


def standing_plan(plan: AuditPlan) -> AuditPlan:
    """The plan with its row and that of its change locked, so that audits by it come one after the other."""
    standing_change(plan.change)
    plan = AuditPlan.objects.select_for_update(of=("self",)).select_related("change__owner").get(pk=plan.pk)
    if is_over(plan):
        raise Stale("This audit plan was ended. Plan another one.")
    return plan
