"""The facts of a learning record, gathered from the records of every stage."""

from __future__ import annotations

from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.queries import newest_check, plans_of
from saferpractice.assurance.rules import VerdictWord
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.queries import answers_to, state_of, with_facts
from saferpractice.changes.rules import ChangeState
from saferpractice.evidence.rules import ChangeFact, FindingFact, LearningFacts, Outcome
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.queries import current_review


def learning_facts(incident: Incident) -> LearningFacts:
    """What is on record for one incident. Pass only an incident the person asking may open."""
    review = current_review(incident)
    completion = getattr(review, "completion", None) if review else None
    findings = list(Finding.objects.standing().filter(incident=incident).order_by("decided_at", "pk"))
    answers = answers_to(findings)
    ids = {change.pk for answer in answers.values() for change in answer.changes}
    changes = with_facts(OperationalChange.objects.filter(pk__in=ids)).order_by("decided_at", "pk")
    return LearningFacts(
        incident=str(incident.pk),
        triaged=incident.triage_records.exists(),
        review=str(review.pk) if review else None,
        review_complete=completion is not None,
        nothing_found_because=completion.nothing_found_because if completion else "",
        findings=tuple(
            FindingFact(
                id=str(finding.pk),
                statement=_short(finding.statement),
                questions_answered=bool(finding.made_more_likely.strip() and finding.reduces_recurrence.strip()),
                evidence=finding.evidence.count(),
                changes=tuple(str(change.pk) for change in answers[finding.pk].changes),
            )
            for finding in findings
        ),
        changes=tuple(_change_fact(change) for change in changes),
    )


def _change_fact(change: OperationalChange) -> ChangeFact:
    state = state_of(change)
    plan = next((one for one in plans_of(change) if one.primary), None)
    return ChangeFact(
        id=str(change.pk),
        title=change.title,
        live=state in {ChangeState.LIVE, ChangeState.PARTLY_PROVEN, ChangeState.PROVEN},
        proven=state is ChangeState.PROVEN,
        plan=str(plan.pk) if plan else None,
        outcome=_outcome(plan),
    )


def _outcome(plan: ImpactPlan | None) -> Outcome:
    if plan is None:
        return Outcome.NONE
    check = newest_check(plan)
    if check is None or check.verdict in {VerdictWord.TOO_EARLY, VerdictWord.CANNOT_BE_JUDGED}:
        return Outcome.NOT_YET
    # One whose plan was shaped after results could be seen is a check, and shows nothing to have worked.
    shown = check.verdict == VerdictWord.IMPROVED and not check.exploratory
    return Outcome.IMPROVED if shown else Outcome.NOT_IMPROVED


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"
