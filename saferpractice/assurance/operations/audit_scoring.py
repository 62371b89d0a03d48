"""Reading for an audit: score a record, settle what two read differently, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.assurance.models import (
    AuditFollowUp,
    AuditPlan,
    AuditPopulation,
    AuditResult,
    AuditSample,
    AuditScore,
    AuditSettlement,
)
from saferpractice.assurance.operations.audit_draws import READ, sample_of
from saferpractice.assurance.operations.audits import AUDIT, ask_for_audit
from saferpractice.assurance.operations.shared import standing_change, story_of
from saferpractice.assurance.permissions.audits import check_can_plan_audit
from saferpractice.assurance.queries.audit_reading import check_reads, groups_of, teams_read
from saferpractice.assurance.queries.audits import (
    SampleState,
    ids_of,
    is_over,
    needed,
    order_of,
    questions_of,
    result_of,
    state_of_sample,
    states_of,
)
from saferpractice.assurance.rules.agreement import cohens_kappa
from saferpractice.assurance.rules.audit_results import RULE_VERSION, by_question, found_in, sentence_of
from saferpractice.assurance.rules.audits import Standing, meets, months_after, problems_of_reading
from saferpractice.changes.operations import add_action
from saferpractice.changes.operations.shared import only_once
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.trail.draws import next_in_rank
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

READ_MEANWHILE = "Somebody else read this record meanwhile. Go on with the next."


@operation
def score_record(
    *, by: By, at: datetime, sample: AuditSample, answers: Mapping[str, str], why_not: str = "", remark: str = ""
) -> Entry[AuditScore] | Already[AuditScore]:
    """Write down what one auditor found in a record drawn, or why it cannot be audited.

    One that cannot is replaced by the next in rank and stays in the report. With the last record read the rules give
    the result. The same auditor again puts their own reading right: a new row that names the one it corrects, unless
    two read each record and both have. The same answers again add nothing.

    Raises:
        Refused: ``by`` made the record, owns the change, may not open it, or is no auditor here.
        Invalid: an answer is missing.
        Stale: it was read by others meanwhile, or settled, or the plan was ended.
    """
    check_reads(by=by, at=at, sample=sample, why_not=why_not)
    population, plan = _locked(sample)
    state = state_of_sample(sample)
    questions = questions_of(plan)
    problems = problems_of_reading(questions, answers, why_not)
    if problems:
        raise Invalid(problems)
    said: dict[str, Any] = {
        "answers": {} if as_written(why_not) else {one.code: answers[one.code] for one in questions},
        "why_not": why_not.strip(),
        "remark": remark.strip(),
    }
    mine = state.score_by(by.pk) if isinstance(by, Person) else None
    if mine is not None and all(getattr(mine, name) == value for name, value in said.items()):
        return Already(mine)
    _check_may_write(state, mine, of=needed(plan))
    reader = mine.reader if mine else len(state.scores) + 1
    score = only_once(
        lambda: AuditScore.objects.create(sample=sample, reader=reader, corrects=mine, **said, **decided(by, at)),
        READ_MEANWHILE,
    )
    _follow(population, sample, by, at)
    return Entry(
        result=score,
        subject=population,
        story_id=story_of(plan.change),
        sentence=("put right what was read of" if mine else "read") + f" record {sample.rank} of “{plan.title}”",
        facts={
            "rank": sample.rank,
            "auditable": not score.why_not,
            "because": score.why_not,
            "corrects": str(mine.pk) if mine else None,
        },
    )


def _check_may_write(state: SampleState, mine: AuditScore | None, *, of: int) -> None:
    if state.settled is not None or (of > 1 and len(state.scores) >= of):
        raise Stale("Two auditors have read this record. Where they differ, it is settled with a reason.")
    if mine is None and len(state.scores) >= of:
        raise Stale(READ_MEANWHILE)


@operation
def settle_record(
    *, by: By, at: datetime, sample: AuditSample, answers: Mapping[str, str], reason: str, why_not: str = ""
) -> Entry[AuditSettlement] | Already[AuditSettlement]:
    """Decide what counts of a record that two auditors read differently, with the reason.

    Raises:
        Refused: ``by`` may not audit this record.
        Invalid: an answer or the reason is missing.
        Stale: the readings do not differ, or the plan was ended.
    """
    check_reads(by=by, at=at, sample=sample, why_not=why_not)
    population, plan = _locked(sample)
    state = state_of_sample(sample)
    questions = questions_of(plan)
    problems = problems_of_reading(questions, answers, why_not)
    if not as_written(reason):
        problems["reason"] = "Say why this is what counts."
    if problems:
        raise Invalid(problems)
    if state.standing is not Standing.DIFFERS and state.settled is None:
        raise Stale("There is nothing to settle: two auditors have not read this record differently.")
    said: dict[str, Any] = {
        "answers": {} if as_written(why_not) else {one.code: answers[one.code] for one in questions},
        "why_not": why_not.strip(),
        "reason": reason.strip(),
    }
    if state.settled is not None and all(getattr(state.settled, name) == value for name, value in said.items()):
        return Already(state.settled)
    settled = only_once(
        lambda: AuditSettlement.objects.create(sample=sample, corrects=state.settled, **said, **decided(by, at)),
        "Somebody else settled this record meanwhile. Look at their decision first.",
    )
    _follow(population, sample, by, at)
    return Entry(
        result=settled,
        subject=population,
        story_id=story_of(plan.change),
        sentence=f"settled what counts of record {sample.rank} of “{plan.title}”",
        facts={"rank": sample.rank, "reason": settled.reason},
    )


@operation
def follow_up(
    *,
    by: By,
    at: datetime,
    sample: AuditSample,
    what: str = "",
    owner: Person | None = None,
    due_on: date | None = None,
    why_none: str = "",
) -> Entry[AuditFollowUp]:
    """Answer for a record that does not meet the standard: give out a tracked action, or say why none (R37).

    Raises:
        Refused: ``by`` may not carry the change.
        Invalid: there is neither an action nor a reason, or the action cannot be given out.
        Stale: the record meets the standard, or it was answered for already.
    """
    check_can_plan_audit(by=by, at=at, change=sample.population.plan.change)
    population, plan = _locked(sample)
    if state_of_sample(sample).standing is not Standing.NOT_MET:
        raise Stale("This record is not among those that do not meet the standard.")
    if AuditFollowUp.objects.filter(sample=sample).exists():
        raise Stale("Somebody answered for this record already.")
    action = None
    if not as_written(why_none):
        lacking = {
            "what": "Say what must be done." if not as_written(what) else "",
            "owner": "Choose who must do it." if owner is None else "",
            "due_on": "Enter the day it is due." if due_on is None else "",
        }
        if owner is None or due_on is None or not as_written(what):
            raise Invalid({name: sentence for name, sentence in lacking.items() if sentence})
        key = f"audit:{sample.pk}"
        action = add_action(by=by, at=at, what=what, owner=owner, due_on=due_on, submission_key=key, change=plan.change)
    answered = AuditFollowUp.objects.create(sample=sample, action=action, why_none=why_none.strip(), **decided(by, at))
    return Entry(
        result=answered,
        subject=population,
        story_id=story_of(plan.change),
        sentence=f"answered for record {sample.rank} of “{plan.title}”, which does not meet the standard"
        + (" with a tracked action" if action else ""),
        facts={"rank": sample.rank, "why_none": answered.why_none},
    )


def _locked(sample: AuditSample) -> tuple[AuditPopulation, AuditPlan]:
    """The list with its row locked, so that what is read of it comes one after the other, and its plan."""
    standing_change(sample.population.plan.change)
    found = AuditPopulation.objects.select_for_update(of=("self",)).select_related("plan__change__owner", "seed")
    population = found.get(pk=sample.population_id)
    if is_over(population.plan):
        raise Stale("This audit plan was ended. Nothing more is read for it.")
    return population, population.plan


def _follow(population: AuditPopulation, sample: AuditSample, by: By, at: datetime) -> None:
    """What follows from a reading: another record in the place of one that cannot be audited, and the result."""
    states = states_of(population)
    stands = next(one for one in states if one.sample.pk == sample.pk)
    if stands.standing is Standing.NOT_AUDITABLE and not hasattr(stands.sample, "replacement"):
        _replace(population, stands.sample, states, at)
        states = states_of(population)
    if all(one.standing.is_final for one in states):
        _give_result(population, states, by, at)


def _replace(population: AuditPopulation, sample: AuditSample, states: list[SampleState], at: datetime) -> None:
    """Draw the next in rank; of the same team, where each is drawn for. None where the list is used up."""
    teams = ids_of(population)
    mine = teams[str(sample.record_id)]
    among = {record for record, team in teams.items() if team == mine}
    last = max(one.sample.rank for one in states if teams[str(one.sample.record_id)] == mine)
    for one in next_in_rank(order_of(population), last, among):
        row = sample_of(population, one, teams, at)
        row.instead_of = sample
        row.save()


def _give_result(population: AuditPopulation, states: list[SampleState], by: By, at: datetime) -> None:
    plan, earlier = population.plan, result_of(population)
    questions, target = questions_of(plan), float(plan.target)
    found = found_in(groups_of(population, states), target)
    counted = [one.counts.answers for one in states if one.counts is not None and one.counts.auditable]
    sentence = sentence_of(found, target)
    numbers: dict[str, Any] = {
        **asdict(found),
        "target": target,
        "not_auditable": sum(one.standing is Standing.NOT_AUDITABLE for one in states),
        "questions": [asdict(one) for one in by_question(questions, counted, found.listed)],
        "teams": {team: asdict(group) for team, group in groups_of(population, states).items() if team},
        "read_in": {team: list(counted) for team, counted in teams_read(population, states).items()},
        "agreement": _agreement(plan, states),
    }
    if earlier is not None and earlier.numbers == numbers:
        return
    result = AuditResult.objects.create(
        population=population,
        answer=found.answer,
        sentence=sentence,
        met=found.met,
        read=found.read,
        numbers=numbers,
        rule_version=RULE_VERSION,
        corrects=earlier,
        **decided(by, at),
    )
    ledger.meet(subject=population, kind=READ, record=result, at=at)
    if earlier is None and not population.before_live:
        ledger.meet(subject=plan, kind=AUDIT, record=result, at=at)
        ask_for_audit(plan, months_after(local_day(at), plan.months), at)


def _agreement(plan: AuditPlan, states: list[SampleState]) -> dict[str, Any] | None:
    """How far two auditors agreed before anything was settled: on the record as a whole, and on each question."""
    if not plan.read_by_two:
        return None
    questions = questions_of(plan)
    pairs = [
        (one.scores[0].answers, one.scores[1].answers)
        for one in states
        if len(one.scores) == 2 and not any(score.why_not for score in one.scores)
    ]
    whole = cohens_kappa((str(meets(questions, a)), str(meets(questions, b))) for a, b in pairs)
    each = {one.code: asdict(cohens_kappa((a[one.code], b[one.code]) for a, b in pairs)) for one in questions}
    return {"whole": asdict(whole), "questions": each}
