"""Reviews for tests: opened, staffed, with some or all of their documents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review, ReviewDocument, TimelineEntry
from saferpractice.reviews.operations import (
    add_timeline_entry,
    complete_review,
    open_review,
    sign_off_oversight,
    supply_document,
    supply_from_record,
)
from saferpractice.reviews.rules import DecisionView, Record, Verdict
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.rules import By
from saferpractice.triage.models import ThresholdDecision, TierDecision, TierProposal
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

INDEPENDENT = "Works in another service and has never met the people involved."
METHODS = {"A": "rapid-review", "B": "structured-review", "C": "psii"}
DOCUMENTS = {
    "A": ("immediate-actions", "quick-root-cause", "findings"),
    "B": (
        "immediate-actions",
        "timeline",
        "decision-review",
        "supervision-check",
        "partner-interface-review",
        "findings",
    ),
    "C": (
        "immediate-actions",
        "terms-of-reference",
        "timeline",
        "decision-review",
        "supervision-check",
        "partner-interface-review",
        "evidence-pack",
        "findings",
        "action-plan",
        "oversight-sign-off",
    ),
}


def a_tier_decision(incident: Incident, tier: str, *, by: By, at: datetime = NOW) -> TierDecision:
    """The tier decided for ``incident``, as triage would."""
    proposal = TierProposal.objects.create(
        incident=incident, tier=tier, rule_id="test", why="for the test", table_version="1", **decided(by, at)
    )
    return TierDecision.objects.create(incident=incident, proposal=proposal, tier=tier, **decided(by, at))


def a_threshold_decision(
    incident: Incident, *, by: By, at: datetime = NOW, outcome: str = "do_not_refer"
) -> ThresholdDecision:
    """A threshold decided for ``incident``, as triage would."""
    why = "Seen by the crisis team within the hour; no sign of abuse or neglect."
    return ThresholdDecision.objects.create(incident=incident, outcome=outcome, rationale=why, **decided(by, at))


def a_review(
    cast: Cast,
    tier: str = "A",
    *,
    incident: Incident | None = None,
    at: datetime = NOW,
    reviewer: Person | None = None,
    **changes: Any,
) -> Review:
    """A review of an incident in North team, carried out by the reviewer; ``changes`` go to the incident."""
    incident = incident or an_incident(by=cast.worker, team=cast.north, at=at - timedelta(hours=2), **changes)
    a_tier_decision(incident, tier, by=cast.lead, at=at)
    return open_review(
        by=cast.lead,
        at=at,
        incident=incident,
        method=METHODS[tier],
        reviewer=reviewer or cast.reviewer,
        independence=INDEPENDENT,
    )


def unstaffed(cast: Cast, tier: str = "A", *, at: datetime = NOW, **changes: Any) -> Review:
    """A review nobody carries out yet."""
    incident = an_incident(by=cast.worker, team=cast.north, at=at - timedelta(hours=2), **changes)
    a_tier_decision(incident, tier, by=cast.lead, at=at)
    return open_review(by=cast.lead, at=at, incident=incident, method=METHODS[tier])


def answers_for(review: Review, kind: str) -> dict[str, str]:
    """A usable answer to every question of a document."""
    questions = review.required_documents.get(kind=kind).questions
    return {one["code"]: f"What was seen and said about {one['code']}." for one in questions}


def views_of(review: Review) -> dict[Any, DecisionView]:
    """A view of every threshold decision of the incident."""
    return {
        decision.pk: DecisionView(Verdict.SOUND, "The guidance in force said so, and nothing else was known.")
        for decision in review.incident.threshold_decisions.all()
    }


def a_file(name: str = "evidence.txt", content: bytes = b"Index of what was read.") -> SimpleUploadedFile:
    """A small upload."""
    return SimpleUploadedFile(name, content, content_type="text/plain")


def an_entry(review: Review, *, by: Person, at: datetime = NOW, **changes: Any) -> TimelineEntry:
    """An entry written by hand: something an hour before ``at``."""
    entry: dict[str, Any] = {
        "happened_at": at - timedelta(hours=1),
        "precision": "exact",
        "what": "The duty phone was not answered for forty minutes.",
        "source": "Phone log of the duty desk",
    }
    return add_timeline_entry(by=by, at=at, review=review, **(entry | changes))


@operation
def stand_in(*, by: By, at: datetime, review: Review, record: Record) -> Entry[int] | Already[int]:
    """Put the incident itself in the place of a record that a later stage makes."""
    made = supply_from_record(by=by, at=at, review=review, record=record, row=review.incident)
    return Entry(result=made, subject=review.incident, sentence="made a record of a later stage", facts={})


def supply(review: Review, kind: str, cast: Cast, *, at: datetime = NOW) -> None:
    """Supply one document the way its kind is supplied."""
    by = cast.reviewer
    if kind == "timeline":
        an_entry(review, by=by, at=at)
    elif kind == "findings":
        stand_in(by=by, at=at, review=review, record=Record.FINDINGS)
    elif kind == "action-plan":
        stand_in(by=by, at=at, review=review, record=Record.TRACKED_ACTIONS)
    elif kind == "evidence-pack":
        supply_document(by=by, at=at, review=review, kind=kind, upload=a_file())
    elif kind == "oversight-sign-off":
        sign_off_oversight(
            by=cast.director, at=at, review=review, accepted=True, words="Terms met; each finding rests on evidence."
        )
    else:
        supply_document(
            by=by, at=at, review=review, kind=kind, answers=answers_for(review, kind), views=views_of(review)
        )


def supply_all(review: Review, cast: Cast, *, at: datetime = NOW, but: str = "") -> None:
    """Supply every document the review requires, in order, except ``but`` (and a sign-off, when ``but`` is given)."""
    for kind in DOCUMENTS[review.tier]:
        if kind != but and not (but and kind == "oversight-sign-off"):
            supply(review, kind, cast, at=at)


def completed(review: Review, cast: Cast, *, at: datetime = NOW) -> Review:
    """The review, with everything it requires, completed."""
    supply_all(review, cast, at=at)
    complete_review(by=cast.reviewer, at=at, review=review, summary="Duty cover ended before the second visit.")
    return Review.objects.get(pk=review.pk)


def the_document(review: Review, kind: str) -> ReviewDocument:
    """The one document of a kind."""
    return review.documents.get(kind=kind)
