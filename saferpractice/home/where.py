"""Where a piece of work is done: the page for each kind of obligation."""

from __future__ import annotations

from django.urls import reverse

from saferpractice.deadlines.models import Obligation

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
    "assurance.plannedlook": "assurance:look",
}
"""Work done on the page of what it is about."""
BY_KIND_OF_SUBJECT = {"assurance.plan": "assurance:new_plan"}
"""Work done on a page of what it is about other than its own."""


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
