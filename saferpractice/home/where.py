"""Where a piece of work is done: the page for each kind of obligation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance.permissions.impact import check_can_plan_impact
from saferpractice.changes.permissions import check_works_on
from saferpractice.changes.queries import change_seen
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.triage.permissions import check_can_refer, check_can_triage

BY_KIND = {
    "triage.decide": "triage:record",
    "triage.more_information": "triage:threshold",
    "triage.handover": "triage:record",
    "triage.send_referral": "triage:referral",
    "triage.tell": "triage:telling",
    "triage.decide_tier": "triage:tier",
    "triage.threshold": "triage:threshold",
    "reviews.open": "reviews:open",
}
"""Work done on a page of the incident."""
BY_SUBJECT = {
    "triage.safeguardingreferral": "triage:acknowledge",
    "triage.immediatesafetyaction": "triage:safety_action_done",
    "reviews.review": "reviews:review",
    "reviews.requireddocument": "reviews:required",
    "findings.finding": "changes:answer",
    "changes.operationalchange": "changes:change",
    "changes.trackedaction": "changes:action",
    "changes.completionevidence": "changes:evidence",
    "assurance.impactplan": "assurance:plan",
    "pathways.caseobligation": "pathways:owed",
    "pathways.versionproposal": "pathways:proposal",
    "pathways.supervisionpick": "pathways:supervise",
    "assurance.plannedlook": "assurance:look",
    "assurance.expecteddiscussion": "assurance:supervise",
    "assurance.supervisiondiscussion": "assurance:discussion",
    "evidence.thematicreview": "evidence:thematic",
    "evidence.trainingneed": "evidence:need",
    "evidence.specificationclause": "evidence:clause",
    "assurance.auditplan": "assurance:audit",
    "assurance.auditpopulation": "assurance:audit_round",
}
"""Work done on the page of what it is about."""
BY_KIND_OF_SUBJECT = {"assurance.plan": "assurance:new_plan"}
"""Work done on a page of what it is about other than its own."""


def _check_can_answer(*, by: Person, at: datetime, incident: Incident) -> None:
    check_works_on(by=by, at=at, incident=incident, to_do="agree a change")


CLOSED_TO_OTHERS: dict[str, tuple[Callable[..., None], str]] = {
    "triage.decide": (check_can_triage, "triage"),
    "triage.handover": (check_can_triage, "triage"),
    "triage.immediatesafetyaction": (check_can_triage, "triage"),
    "triage.safeguardingreferral": (check_can_refer, "triage"),
    "findings.finding": (_check_can_answer, "changes"),
}
"""Pages that are there only for those who may do the work, by kind or subject: who may, and which stage says more."""


def address_for(person: Person, at: datetime, obligation: Obligation, incident: Incident | None) -> str:
    """Where ``person`` follows a piece of work: the page where it is done, or, when that is closed to them, its stage
    on the page of ``incident``, which says who may."""
    if obligation.kind == "assurance.plan":
        change = change_seen(person, at, obligation.subject_id)
        if change is not None and not allowed(check_can_plan_impact, by=person, at=at, change=change)[0]:
            return reverse("changes:change", args=[change.pk])
    closed = CLOSED_TO_OTHERS.get(obligation.kind) or CLOSED_TO_OTHERS.get(obligation.subject_type)
    if closed and incident is not None and not allowed(closed[0], by=person, at=at, incident=incident)[0]:
        return f"{reverse('home:incident', args=[incident.pk])}#stage-{closed[1]}"
    return address_of(obligation)


def address_of(obligation: Obligation) -> str:
    """The page where the obligation is met; the incident's own page when there is none better."""
    if obligation.kind in BY_KIND_OF_SUBJECT:
        return reverse(BY_KIND_OF_SUBJECT[obligation.kind], args=[obligation.subject_id])
    if obligation.kind in BY_KIND and obligation.story_id:
        return reverse(BY_KIND[obligation.kind], args=[obligation.story_id])
    if obligation.subject_type in BY_SUBJECT:
        return reverse(BY_SUBJECT[obligation.subject_type], args=[obligation.subject_id])
    if obligation.story_id:
        return reverse("home:incident", args=[obligation.story_id])
    return reverse("home:tracker")
