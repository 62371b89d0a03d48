"""The facts of learning records, gathered from the records of every stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from saferpractice.assurance.models import ImpactCheck, ImpactPlan
from saferpractice.assurance.rules import VerdictWord
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.queries import FindingAnswer, answers_to, state_of, with_facts
from saferpractice.changes.rules import ChangeState
from saferpractice.design.typed import as_written
from saferpractice.evidence.rules import ChangeFact, FindingFact, LearningFacts, Outcome
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review
from saferpractice.triage.models import TriageRecord


def learning_facts(incident: Incident) -> LearningFacts:
    """What is on record for one incident. Pass only an incident the person asking may open."""
    return learning_facts_of([incident])[incident.pk]


def learning_facts_of(incidents: Sequence[Incident]) -> dict[UUID, LearningFacts]:
    """What is on record for each of ``incidents``, by its id, in a number of reads that does not grow with them.

    Pass only incidents the person asking may open.
    """
    ids = [incident.pk for incident in incidents]
    triaged = set(TriageRecord.objects.filter(incident__in=ids).values_list("incident_id", flat=True))
    reviews = newest_reviews(ids)
    found = Finding.objects.standing().filter(incident__in=ids).annotate(rests_on=Count("evidence"))
    findings = list(found.order_by("decided_at", "pk"))
    answers = answers_to(findings)
    changes = _changes(change.pk for answer in answers.values() for change in answer.changes)
    by_incident: dict[UUID, list[Finding]] = {pk: [] for pk in ids}
    for finding in findings:
        by_incident[finding.incident_id].append(finding)
    return {
        incident.pk: _facts(
            incident,
            triaged=incident.pk in triaged,
            review=reviews.get(incident.pk),
            findings=by_incident[incident.pk],
            answers=answers,
            changes=changes,
        )
        for incident in incidents
    }


def newest_reviews(incident_ids: Iterable[UUID]) -> dict[UUID, Review]:
    """The newest review of each incident, by the incident's id, with its completion."""
    found = Review.objects.filter(incident__in=list(incident_ids)).select_related("completion")
    return {review.incident_id: review for review in found.order_by("decided_at", "id")}


def _facts(
    incident: Incident,
    *,
    triaged: bool,
    review: Review | None,
    findings: Sequence[Finding],
    answers: dict[UUID, FindingAnswer],
    changes: dict[UUID, ChangeFact],
) -> LearningFacts:
    completion = getattr(review, "completion", None) if review else None
    answering = {change.pk for finding in findings for change in answers[finding.pk].changes}
    return LearningFacts(
        incident=str(incident.pk),
        triaged=triaged,
        review=str(review.pk) if review else None,
        review_complete=completion is not None,
        nothing_found_because=completion.nothing_found_because if completion else "",
        findings=tuple(
            FindingFact(
                id=str(finding.pk),
                statement=_short(finding.statement),
                questions_answered=bool(
                    as_written(finding.made_more_likely) and as_written(finding.reduces_recurrence)
                ),
                evidence=finding.rests_on,  # type: ignore[attr-defined]
                changes=tuple(str(change.pk) for change in answers[finding.pk].changes),
            )
            for finding in findings
        ),
        changes=tuple(fact for pk, fact in changes.items() if pk in answering),
    )


def _changes(ids: Iterable[UUID]) -> dict[UUID, ChangeFact]:
    """The fact of each of these changes, oldest first."""
    found = list(with_facts(OperationalChange.objects.filter(pk__in=set(ids))).order_by("decided_at", "pk"))
    judged = judged_of(change.pk for change in found)
    return {change.pk: _change_fact(change, judged[change.pk]) for change in found}


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan in force for a change, and the newest verdict on record for it or for those it replaces."""

    plan: ImpactPlan
    check: ImpactCheck | None


def judged_of(change_ids: Iterable[UUID]) -> dict[UUID, list[Judged]]:
    """The plans in force for each of these changes with their newest verdicts, the primary one first."""
    found: dict[UUID, list[Judged]] = {pk: [] for pk in change_ids}
    plans = {
        plan.pk: plan
        for plan in ImpactPlan.objects.filter(change__in=list(found))
        .select_related("replaced_by")
        .order_by("-primary", "decided_at", "pk")
    }
    checks: dict[UUID, ImpactCheck] = {}
    newest_last = ImpactCheck.objects.filter(plan__in=list(plans)).select_related("look", "baseline", "result")
    ordered = list(newest_last.order_by("look__on", "decided_at", "pk"))
    position = {check.pk: number for number, check in enumerate(ordered)}
    for check in ordered:
        checks[check.plan_id] = check
    for plan in plans.values():
        if not hasattr(plan, "replaced_by"):
            line = [checks[pk] for pk in _history(plan, plans) if pk in checks]
            newest = max(line, key=lambda check: position[check.pk], default=None)
            found[plan.change_id].append(Judged(plan, newest))
    return found


def _history(plan: ImpactPlan, plans: dict[UUID, ImpactPlan]) -> Iterable[UUID]:
    """The ids of a plan and of those it replaces."""
    one: ImpactPlan | None = plan
    while one is not None:
        yield one.pk
        one = plans.get(one.replaces_id) if one.replaces_id else None


def _change_fact(change: OperationalChange, judged: Sequence[Judged]) -> ChangeFact:
    state = state_of(change)
    primary = next((one for one in judged if one.plan.primary), None)
    return ChangeFact(
        id=str(change.pk),
        title=change.title,
        live=state in {ChangeState.LIVE, ChangeState.PARTLY_PROVEN, ChangeState.PROVEN},
        proven=state is ChangeState.PROVEN,
        plan=str(primary.plan.pk) if primary else None,
        outcome=_outcome(primary),
    )


def _outcome(primary: Judged | None) -> Outcome:
    if primary is None:
        return Outcome.NONE
    check = primary.check
    if check is None or check.verdict in {VerdictWord.TOO_EARLY, VerdictWord.CANNOT_BE_JUDGED}:
        return Outcome.NOT_YET
    # One whose plan was shaped after results could be seen is a check, and shows nothing to have worked.
    shown = check.verdict == VerdictWord.IMPROVED and not check.exploratory
    return Outcome.IMPROVED if shown else Outcome.NOT_IMPROVED


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"
