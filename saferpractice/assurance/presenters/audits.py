"""What pages show of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance.models import AuditPlan, AuditPopulation, AuditResult
from saferpractice.assurance.operations import AUDIT
from saferpractice.assurance.permissions.audits import check_can_audit, check_can_plan_audit
from saferpractice.assurance.presenters.audit_results import MEANING, result_shown, who
from saferpractice.assurance.queries.audit_populations import shown_records, what_is_read
from saferpractice.assurance.queries.audit_reading import next_for, opened_ids
from saferpractice.assurance.queries.audits import (
    SampleState,
    audit_plans_of,
    claim_of,
    is_as_frozen,
    is_over,
    owed_next,
    populations_of,
    questions_of,
    result_of,
    source_of,
    standing_changes_seen,
    states_of,
)
from saferpractice.assurance.rules.audits import Standing
from saferpractice.assurance.rules.measures.reading import FEW
from saferpractice.assurance.rules.sampling import Against
from saferpractice.changes.beside import Beside
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import last_day_of, local_day
from saferpractice.design.words import tag

SHORT = {Against.MEETS: "Meets it", Against.DOES_NOT: "Does not meet it", Against.CANNOT_SAY: "Cannot say"}
"""The answer where there is little room: a tag does not wrap."""

STANDING_MEANING = {
    Standing.TO_READ: "waiting",
    Standing.DIFFERS: "warning",
    Standing.MET: "good",
    Standing.NOT_MET: "bad",
    Standing.NOT_AUDITABLE: "quiet",
}


def day_words(day: date) -> str:
    """A day in words: "3 March 2026"."""
    return f"{day.day} {day:%B %Y}"


# ---- the plan


def declared_rows(plan: AuditPlan, at: datetime) -> list[dict[str, Any]]:
    """What was declared, as a summary."""
    numbers = ", ".join(f"{float(value):g}%" for value in plan.numbers.values())
    return [
        {"key": "Records", "value": what_is_read(plan.provider_id, source_of(plan), plan.filters, at)},
        {"key": "To be able to say", "value": f"{claim_of(plan).label} ({numbers})"},
        {"key": "Target", "value": f"{100 * float(plan.target):g}% of records meet the standard"},
        {
            "key": "Auditors of each record",
            "value": "Two, who do not see each other’s answers" if plan.read_by_two else "One",
        },
        {"key": "Drawn", "value": "In each team by itself" if plan.by_team else "From all teams together"},
        {
            "key": "Again",
            "value": f"{plan.months} months after each result" if plan.months > 1 else "A month after each result",
        },
        {"key": "Planned by", "value": who(plan)},
    ]


def question_rows(plan: AuditPlan) -> list[list[Any]]:
    """The question set."""
    return [
        [
            one.ask,
            one.look_for,
            one.meets.label + (" (or does not apply)" if one.may_not_apply else ""),
            one.about.label,
        ]
        for one in questions_of(plan)
    ]


def audit_rows(plan: AuditPlan, populations: Iterable[AuditPopulation]) -> list[list[Any]]:
    """The audits made by a plan, newest first."""
    rows = []
    for one in populations:
        result = next(iter(one.standing_results), None)  # type: ignore[attr-defined]
        rows.append(
            [
                {"text": f"Audit {one.number}", "href": reverse("assurance:audit_round", args=[one.pk])},
                f"{day_words(one.period_from)} to {day_words(one.period_to)}"
                + (" (before it went live)" if one.before_live else ""),
                f"{result.met} of {result.read}" if result else None,
                tag(result.answer.capitalize(), MEANING[Against(result.answer)])
                if result
                else tag("Under way", "working"),
                day_words(local_day(result.decided_at)) if result else None,
            ]
        )
    return rows


def next_due(plan: AuditPlan) -> str:
    """By when the next result is due, in words; nothing when none is."""
    owed = owed_next(plan, AUDIT)
    return day_words(last_day_of(owed.due_at)) if owed else ""


# ---- one audit


def round_page(population: AuditPopulation, by: Person, at: datetime) -> dict[str, Any]:
    """One audit: steps, draw, how far the reading is, the result and what it asks for."""
    plan, states = population.plan, states_of(population)
    result = result_of(population)
    may_plan = allowed(check_can_plan_audit, by=by, at=at, change=plan.change)
    may_audit = allowed(check_can_audit, by=by, at=at, change=plan.change)
    waiting = next_for(by, at, population) if may_audit[0] and states and not is_over(plan) else None
    return {
        "population": population,
        "plan": plan,
        "over": is_over(plan),
        "seed": getattr(population, "seed", None),
        "as_frozen": is_as_frozen(population),
        "period": f"{day_words(population.period_from)} to {day_words(population.period_to)}",
        "left_out": left_out_words(population.restricted),
        "frozen_by": who(population),
        "seed_by": who(population.seed) if hasattr(population, "seed") else "",
        "steps": _steps(population, states, result),
        "result": result_shown(plan, population, result) if result else None,
        "may_plan": may_plan,
        "may_audit": may_audit,
        "waiting": waiting,
        "rows": sample_rows(population, states, by, at, may_plan=may_plan[0], may_audit=may_audit[0]),
        "unanswered": sum(_needs_answer(one) for one in states) if result else 0,
    }


def left_out_words(how_many: int) -> str:
    """What is said of restricted records: the same words whether there are some or none, until there are many.

    Whoever an incident is about must not learn from this page that there is one.
    """
    said = (
        "Records of restricted incidents are left out of every audit, because only people named on them may read them. "
        "What is found here says nothing of them."
    )
    return f"{said} There are {how_many} of them in this period." if how_many >= FEW else said


def _steps(population: AuditPopulation, states: list[SampleState], result: AuditResult | None) -> list[dict[str, Any]]:
    done = sum(one.standing.is_final for one in states)
    differ = sum(one.standing is Standing.DIFFERS for one in states)
    seeded = hasattr(population, "seed")
    hint = f"{done} of {len(states)} read" + (f", {differ} to settle" if differ else "") if seeded else ""
    facts = [
        ("Freeze the list", True, f"{population.count} records, {population.size} to be read"),
        ("Enter the seed and draw", seeded, population.seed.words if seeded else "Dice, or a value published later"),
        ("Read the records", result is not None, hint),
        ("Result", result is not None, "Worked out as soon as the last record is read"),
    ]
    now = next((name for name, ready, _ in facts if not ready), "")
    return [
        {
            "text": name,
            "present": ready,
            "hint": words,
            "status": "Done" if ready else "Next" if name == now else "Not yet",
            "meaning": "good" if ready else "working" if name == now else "quiet",
        }
        for name, ready, words in facts
    ]


def progress_of(population: AuditPopulation, by: Person) -> str:
    """How far one auditor is: "7 of 20"."""
    states = states_of(population)
    mine = sum(by.pk in one.readers for one in states)
    others = sum(one.standing.is_final and by.pk not in one.readers for one in states)
    return f"{mine + others + 1} of {len(states)}" if mine + others < len(states) else f"{len(states)} of {len(states)}"


def sample_rows(
    population: AuditPopulation,
    states: list[SampleState],
    by: Person,
    at: datetime,
    *,
    may_plan: bool,
    may_audit: bool,
) -> list[list[Any]]:
    """The records drawn, by rank: how each stands, and for those who may open it where to read it."""
    plan = population.plan
    ids = [one.sample.record_id for one in states]
    opens = opened_ids(by, at, population, ids) if may_plan or may_audit else set()
    records = shown_records(source_of(plan), list(opens), plan.provider_id)
    rows = []
    for one in states:
        record = records.get(one.sample.record_id)
        words = {"text": record.words, "href": record.address} if record else f"Record {str(one.sample.record_id)[:8]}"
        rows.append(
            [
                one.sample.rank,
                words,
                tag(one.standing.value.capitalize(), STANDING_MEANING[one.standing]),
                _said(one, sees=record is not None),
                _what_follows(one, by, may_plan=may_plan, may_audit=may_audit and record is not None),
            ]
        )
    return rows


def _said(one: SampleState, *, sees: bool) -> str | None:
    """Who read it and what they had to say, once nothing is hidden from a second auditor any more."""
    if not one.standing.is_final:
        return f"Read by {len(one.scores)} of 2" if one.scores and one.standing is Standing.TO_READ else None
    counts = one.settled or one.scores[0]
    why = f"Not auditable: {counts.why_not}" if counts.why_not and sees else ""
    remarks = [score.remark for score in one.scores if score.remark and sees]
    read_by = ", ".join(score.decided_by_name for score in one.scores)
    settled = f"Settled by {one.settled.decided_by_name}: {one.settled.reason}" if one.settled and sees else ""
    return ". ".join(part for part in [read_by, settled, why, *remarks] if part)


def _needs_answer(one: SampleState) -> bool:
    return one.standing is Standing.NOT_MET and not hasattr(one.sample, "follow_up")


def _what_follows(one: SampleState, by: Person, *, may_plan: bool, may_audit: bool) -> Any:
    sample = one.sample
    if hasattr(sample, "follow_up"):
        answered = sample.follow_up
        if answered.action is not None:
            return {"text": "Action tracked", "href": reverse("changes:action", args=[answered.action.pk])}
        return f"No action: {answered.why_none}" if may_plan else "No action needed"
    if _needs_answer(one) and may_plan:
        return {"text": "Track an action?", "href": reverse("assurance:audit_follow_up", args=[sample.pk])}
    if one.standing is Standing.DIFFERS and may_audit:
        return {"text": "Settle", "href": reverse("assurance:audit_settle", args=[sample.pk])}
    mine = one.score_by(by.pk)
    alone = mine is not None and len(one.scores) == 1 and one.settled is None
    if alone and may_audit:
        return {"text": "Put right", "href": reverse("assurance:audit_sample", args=[sample.pk])}
    return None


# ---- lists, and the page of a change

EXPORT_HEADER: Sequence[str] = (
    "Audit", "Change", "Owner", "Newest answer", "Met", "Read", "Result on", "Again after months", "Ended",
)  # fmt: skip


def listed_row(plan: Any) -> list[Any]:
    """One audit plan in a list, with its newest result."""
    answer = plan.newest_answer
    return [
        {"text": plan.title, "href": reverse("assurance:audit", args=[plan.pk])},
        {"text": plan.change.title, "href": reverse("changes:change", args=[plan.change_id])},
        tag(SHORT[Against(answer)], MEANING[Against(answer)])
        if answer
        else tag("Ended" if is_over(plan) else "No result yet", "quiet"),
        f"{plan.newest_met} of {plan.newest_read}, {day_words(local_day(plan.newest_at))}" if answer else None,
        plan.change.owner.name,
    ]


def export_line(plan: Any) -> list[Any]:
    """One audit plan in a file for a spreadsheet."""
    return [
        plan.title,
        plan.change.title,
        plan.change.owner.name,
        plan.newest_answer or "",
        plan.newest_met,
        plan.newest_read,
        local_day(plan.newest_at).isoformat() if plan.newest_at else "",
        plan.months,
        "Yes" if is_over(plan) else "No",
    ]


def beside_audits(change: OperationalChange, by: Person, at: datetime) -> Beside:
    """The audits of one change, on its page."""
    plans = [_answer_of(plan) for plan in audit_plans_of(change)]
    may_plan = not hasattr(change, "withdrawal") and allowed(check_can_plan_audit, by=by, at=at, change=change)[0]
    return Beside("assurance/audit_panel.html", {"change": change, "plans": plans, "may_plan": may_plan})


def _answer_of(plan: AuditPlan) -> dict[str, Any]:
    """What a plan has come to: the result that stands, of an earlier audit where the newest has none yet."""
    populations = populations_of(plan)
    answered = next((one for one in populations if one.standing_results), None)  # type: ignore[attr-defined]
    result = answered.standing_results[0] if answered else None  # type: ignore[attr-defined]
    return {
        "plan": plan,
        "result": result,
        "round": answered,
        "reading": bool(populations) and populations[0] is not answered and not is_over(plan),
        "ended": hasattr(plan, "end"),
        "meaning": MEANING[Against(result.answer)] if result else "working",
        "next": next_due(plan),
    }


def used_lines(change_ids: Iterable[UUID], by: Person, at: datetime) -> list[dict[str, Any]]:
    """What audits say of whether each change is used, where the learning from it is judged (R5, R16).

    Only of changes that ``by`` may open. Present when an audit has a result, whatever it is; else where to plan one
    or to go on with one.
    """
    lines = []
    for change in standing_changes_seen(by, at, change_ids):
        answers = [one for one in map(_answer_of, audit_plans_of(change)) if one["result"] or not one["ended"]]
        may_plan = not answers and allowed(check_can_plan_audit, by=by, at=at, change=change)[0]
        lines.append(
            {
                "title": change.title,
                "present": any(one["result"] for one in answers),
                "answers": answers,
                "plan": reverse("assurance:new_audit", args=[change.pk]) if may_plan else "",
            }
        )
    return lines
