"""Reads of reviews: what is there, what is missing, who is near. Pages reach a review through ``looking``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.access.rules import SENIOR, Role
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import (
    InvolvedPerson,
    OversightSignOff,
    RequiredDocument,
    Review,
    ReviewCompletion,
    ReviewDocument,
    ReviewerAssignment,
    TimelineEntries,
    TimelineEntry,
)
from saferpractice.reviews.permissions import CARRIES_OUT
from saferpractice.reviews.rules import Closeness, Missing, Need, Record, ReviewState, missing, state_of
from saferpractice.triage.models import ThresholdDecision, TierDecision

MANAGES = frozenset({Role.DUTY_MANAGER, Role.SUPERVISOR})
"""Roles that manage or supervise the people of the place where they are held."""


def current_review(incident: Incident) -> Review | None:
    """The newest review of an incident, whether or not it is complete."""
    return incident.reviews.order_by("-decided_at", "-id").first()


def reviewer_of(review: Review) -> ReviewerAssignment | None:
    """Who carries out a review at present."""
    return review.reviewers.filter(until_at__isnull=True).select_related("person").first()


@dataclass(frozen=True, slots=True)
class Held:
    """What a review holds, read in one go: what it requires, what was supplied (newest first), the sign-offs."""

    required: list[RequiredDocument]
    documents: list[ReviewDocument]
    sign_offs: list[OversightSignOff]
    completion: ReviewCompletion | None

    def of_kind(self, kind: str) -> list[ReviewDocument]:
        """The documents of one kind, newest first; the first stands."""
        return [document for document in self.documents if document.kind == kind]

    def missing(self, *, nothing_found: bool = False) -> tuple[Missing, ...]:
        """What is lacking before the review can be completed (R12)."""
        completed_so = self.completion is not None and bool(self.completion.nothing_found_because)
        signed = self.sign_offs[0] if self.sign_offs and self.sign_offs[0].accepted else None
        return missing(
            [Need(row.kind, row.label, row.record) for row in self.required],
            {document.kind: document.decided_at for document in reversed(self.documents)},
            nothing_found=nothing_found or completed_so,
            signed_at=signed.decided_at if signed else None,
        )


def held_by(review: Review) -> Held:
    """What the review holds now."""
    return Held(
        required=list(review.required_documents.all()),
        documents=list(review.documents.select_related("file").order_by("-decided_at", "-id")),
        sign_offs=list(review.sign_offs.order_by("-decided_at", "-id")),
        completion=ReviewCompletion.objects.filter(review=review).first(),
    )


def newest_document(review: Review, kind: str) -> ReviewDocument | None:
    """The document of one kind that stands: the newest."""
    return review.documents.filter(kind=kind).select_related("file").order_by("-decided_at", "-id").first()


def carried_over(review: Review, kind: str) -> ReviewDocument | None:
    """What a review begins a document with: its own newest, else that of the review it builds on, and so on back."""
    one: Review | None = review
    while one is not None:
        found = newest_document(one, kind)
        if found is not None:
            return found
        one = one.builds_on
    return None


@dataclass(frozen=True, slots=True)
class Clock:
    """By when something of a review is due, and whether law, contract or a local standard says so."""

    due_at: datetime
    kind: ClockKind


def clocks_of(review: Review) -> dict[UUID, Clock]:
    """The clock of the review and of each document it requires, by their ids, as the work list knows them.

    A bank holiday announced later moves a deadline there; what was fixed at opening does not move.
    """
    subjects = [review.pk, *review.required_documents.values_list("pk", flat=True)]
    asked = Obligation.objects.filter(subject_id__in=subjects).order_by("opened_at", "id")
    return {one.subject_id: Clock(one.due_at, ClockKind(one.clock)) for one in asked}


def newest_sign_off(review: Review) -> OversightSignOff | None:
    """The word of senior oversight that stands: the newest, whether it accepts or sends back."""
    return review.sign_offs.select_related("decided_by").order_by("-decided_at", "-id").first()


def newest_supply(review: Review) -> str:
    """The id of what was supplied last, or "nothing". It changes with everything that is supplied."""
    newest = review.documents.order_by("-decided_at", "-id").first()
    return str(newest.pk) if newest else "nothing"


def nothing_found_in(review: Review) -> str:
    """Why nothing about the system was found, where the reviewer stated it in place of findings; else ""."""
    kinds = review.required_documents.filter(record=Record.FINDINGS).values("kind")
    newest = review.documents.filter(kind__in=kinds).order_by("-decided_at", "-id").first()
    return newest.text if newest is not None and not newest.from_type else ""


def missing_of(review: Review, *, nothing_found: bool = False) -> tuple[Missing, ...]:
    """What the review lacks before it can be completed (R12)."""
    return held_by(review).missing(nothing_found=nothing_found)


def standing_of(review: Review, held: Held | None = None) -> ReviewState:
    """Where the review stands, told from what is there; ``held`` where it was read already."""
    found = held or held_by(review)
    return state_of(
        has_reviewer=review.reviewers.filter(until_at__isnull=True).exists(),
        anything_missing=bool(found.missing()),
        complete=found.completion is not None,
        taken_further=Review.objects.filter(builds_on=review).exists(),
    )


def closeness(*, person: Person, incident: Incident, at: datetime, review: Review | None = None) -> Closeness:
    """What the software knows of how close ``person`` is to ``incident``."""
    involved = {row.person_id: row.person for row in InvolvedPerson.objects.standing(incident.pk)}
    others = [one for one in involved.values() if one.pk != person.pk]
    decisions: Iterable[Any] = (
        incident.triage_records,
        incident.threshold_decisions,
        incident.tier_decisions,
    )
    return Closeness(
        reported=incident.reporter_id == person.pk,
        involved=person.pk in involved,
        kept_from=incident.kept_from.filter(person=person).exists(),
        manages_reporter=manages_reporter(person=person, incident=incident, at=at),
        manages_involved=any(_manages(person, one, (incident.recorded_at, at)) for one in others),
        decided_threshold=incident.threshold_decisions.filter(decided_by=person).exists(),
        decided_at_triage=any(rows.filter(decided_by=person).exists() for rows in decisions),
        reviews=review is not None and review.reviewers.filter(person=person, until_at__isnull=True).exists(),
    )


def manages_reporter(*, person: Person, incident: Incident, at: datetime) -> bool:
    """Whether ``person`` manages or supervises a place where the reporter works, or did when it was reported.

    Somebody who moved on since is as close to what happened then. Where the reporter asked colleagues not to know
    their name, the incident's own team stands for it: the answer must not point at anybody.
    """
    moments = (incident.recorded_at, at)
    if incident.name_withheld or incident.reporter is None:
        return any(person.roles(incident.team.place, moment) & MANAGES for moment in moments)
    return incident.reporter_id != person.pk and _manages(person, incident.reporter, moments)


def _manages(person: Person, other: Person, moments: Iterable[datetime]) -> bool:
    """Whether ``person`` managed or supervised a place where ``other`` worked, at one of ``moments``."""
    return any(
        held.holds(moment) and held.place.service_id is not None and person.roles(held.place, moment) & MANAGES
        for moment in moments
        for held in other.holdings()
    )


def is_senior(*, person: Person, incident: Incident, at: datetime) -> bool:
    """Whether ``person`` is senior enough at the incident's place to oversee a formal investigation."""
    return bool(person.roles(incident.team.place, at) & SENIOR)


def may_carry_out(person: Person, at: datetime) -> bool:
    """Whether ``person`` holds, anywhere, a role that can be asked to carry out a review."""
    return bool(person.roles_anywhere(at) & CARRIES_OUT)


def people_to_ask(*, incident: Incident, at: datetime) -> QuerySet[Person]:
    """Everybody of the provider who may be asked to carry out a review, by name.

    Nobody is left out for being close: a gap in the list would tell who reported. The operation checks.
    """
    people = Person.objects.filter(provider_id=incident.provider_id, is_active=True)
    may = [person.pk for person in people.prefetch_related("role_assignments") if may_carry_out(person, at)]
    return Person.objects.filter(pk__in=may).order_by("name")


def colleagues(provider_id: UUID) -> QuerySet[Person]:
    """Everybody who works or worked at the provider, by name: anyone can have been involved."""
    return Person.objects.filter(provider_id=provider_id).order_by("name")


def involved_in(incident: Incident) -> list[InvolvedPerson]:
    """The people recorded as involved in an incident, by name."""
    return InvolvedPerson.objects.standing(incident.pk)


def tier_in_force(incident: Incident) -> TierDecision | None:
    """The tier decision that stands: the newest."""
    return incident.tier_decisions.select_related("proposal").order_by("-decided_at", "-id").first()


def asks_for_review(incident: Incident) -> TierDecision | None:
    """The tier decision in force when it asks for a review that is not open yet; None when nothing is asked."""
    decision, newest = tier_in_force(incident), current_review(incident)
    if decision is None or newest is None:
        return decision
    going_on = not hasattr(newest, "completion")
    answered = newest.tier_decision_id == decision.pk or (going_on and newest.tier == decision.tier)
    return None if answered else decision


def entries_of(review: Review) -> TimelineEntries:
    """The timeline of a review as it stands, in the order things happened."""
    return TimelineEntry.objects.standing().filter(review=review).select_related("corrects")


def entry_of(review: Review, entry_id: UUID) -> TimelineEntry | None:
    """One entry of the timeline, also one that was put right since."""
    return TimelineEntry.objects.filter(review=review, pk=entry_id).first()


def stands(entry: TimelineEntry) -> bool:
    """Whether nobody has put the entry right."""
    return TimelineEntry.objects.standing().filter(pk=entry.pk).exists()


def required_document(required_id: UUID) -> RequiredDocument | None:
    """A required document by its id. Open its review through ``looking`` before showing anything of it."""
    return RequiredDocument.objects.filter(pk=required_id).first()


def decisions_of(review: Review) -> list[ThresholdDecision]:
    """The threshold decisions of the incident, oldest first."""
    return list(review.incident.threshold_decisions.order_by("decided_at", "id"))
