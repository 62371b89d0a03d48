"""Reviews: tier A, B or C, the documents each requires, the timeline."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person
from saferpractice.config.models import Row
from saferpractice.files.models import StoredFile
from saferpractice.incidents.models import Incident
from saferpractice.triage.models import TierDecision


class Review(Decided):
    """One review of one incident. Open until a ``ReviewCompletion`` exists; what is missing is computed.

    A later tier decision opens a further review, which may build on this one.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reviews")
    tier_decision = models.ForeignKey(TierDecision, models.PROTECT, related_name="reviews")
    tier = models.CharField(max_length=1)
    method = models.CharField(max_length=80)
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"tier {self.tier} review of {self.incident}"


class ReviewerAssignment(Decided):
    """Who carries out a review. ``independence`` is their statement; the software checks what it can know."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="reviewers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="review_assignments")
    independence = models.TextField(blank=True)
    until_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.person} reviews {self.review}"


class InvolvedPerson(Decided):
    """Somebody on the staff who was involved in the incident, and so cannot review or oversee it."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="involved_people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    how = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "person"], name="involved_once")]

    def __str__(self) -> str:
        return f"{self.person} involved in {self.incident}"


class TimelineEntry(Decided):
    """Something that happened, as the review reconstructs it: from a record, or written by hand."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="timeline")
    happened_at = models.DateTimeField()
    precision = models.CharField(max_length=10)
    what = models.TextField()
    source = models.CharField(max_length=300)
    from_type = models.CharField(max_length=100, blank=True)
    from_id = models.UUIDField(null=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        indexes = [models.Index(fields=["review", "happened_at"], name="timeline_of_review")]

    def __str__(self) -> str:
        return self.what[:60]


class ReviewDocument(Decided):
    """A document supplied for a review: answers to its questions, a file, or a record made elsewhere.

    ``kind`` is from the list "required-documents". A newer one of the same kind stands before the older.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=80)
    answers = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    from_type = models.CharField(max_length=100, blank=True)
    from_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["review", "kind", "-decided_at"], name="document_of_review")]

    def __str__(self) -> str:
        return self.kind


class OversightSignOff(Decided):
    """Senior oversight of a tier C review, by somebody senior who was not involved."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="sign_offs")
    accepted = models.BooleanField()
    words = models.TextField()

    def __str__(self) -> str:
        return f"oversight of {self.review}"


class ReviewCompletion(Decided):
    """The review is complete: every required document was there at this moment."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="completion")
    summary = models.TextField()
    nothing_found_because = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.review} completed"


class SupportOffer(Row):
    """Support offered to somebody affected (the person, family, staff), and what they want answered or were told."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="support_offers")
    who = models.CharField(max_length=200)
    offered = models.TextField()
    questions = models.TextField(blank=True)
    told = models.TextField(blank=True)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.who
