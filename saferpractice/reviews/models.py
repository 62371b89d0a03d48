"""Reviews: tier A, B or C, the documents each requires, the timeline."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person
from saferpractice.config.models import Row
from saferpractice.files.models import StoredFile
from saferpractice.incidents.models import Incident
from saferpractice.triage.models import TierDecision


class Reviews(models.QuerySet["Review"]):
    """Named reads of reviews. A page reaches one only through its incident (see ``reviews.looking``)."""

    def going_on(self) -> Reviews:
        """Neither complete nor taken further by a later review."""
        return self.filter(completion__isnull=True, taken_further_by__isnull=True)


class Review(Decided):
    """One review of one incident. Open until a ``ReviewCompletion`` exists; what is missing is computed.

    A later tier decision opens a further review, which builds on this one. ``due_at`` counts from the tier
    decision, so that opening late gives no more time. It is the moment said at opening: a day off that is added later
    moves the review's ``Obligation``, and that is what pages show and what is escalated.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reviews")
    tier_decision = models.OneToOneField(TierDecision, models.PROTECT, related_name="review")
    tier = models.CharField(max_length=1)
    method = models.CharField(max_length=80)
    due_at = models.DateTimeField()
    builds_on = models.OneToOneField("self", models.PROTECT, null=True, related_name="taken_further_by")

    objects = Reviews.as_manager()

    class Meta:
        indexes = [models.Index(fields=["incident", "-decided_at"], name="review_of_incident")]

    def __str__(self) -> str:
        return f"tier {self.tier} review of {self.incident}"


class RequiredDocument(Row):
    """A document this review must have before it can be completed (R12), fixed when the review opened.

    ``kind`` is from the list "required-documents" as it stood on that day; a later edit of the list changes the
    next review, not this one. ``due_at`` is the moment said then; its ``Obligation`` holds the one that counts now.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="required_documents")
    kind = models.CharField(max_length=80)
    label = models.CharField(max_length=300)
    hint = models.TextField(blank=True)
    supplied_by = models.CharField(max_length=20)
    record = models.CharField(max_length=40, blank=True)
    questions = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "kind"], name="required_document_once")]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class ReviewerAssignment(Decided):
    """Who carries out a review. ``independence`` is the statement made; the software checks what it can know.

    ``warnings`` are what spoke against the person without ruling them out, ``despite`` why they were asked all the
    same. One assignment at a time: an earlier one ends (``until_at``) when another begins.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="reviewers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="review_assignments")
    independence = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    despite = models.TextField(blank=True)
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review"], condition=Q(until_at__isnull=True), name="one_reviewer_at_once")
        ]
        indexes = [models.Index(fields=["person", "until_at"], name="reviews_of_person")]

    def __str__(self) -> str:
        return f"{self.person} reviews {self.review}"


class InvolvedPeople(models.QuerySet["InvolvedPerson"]):
    """Named reads of who was involved."""

    def standing(self, incident_id: UUID) -> list[InvolvedPerson]:
        """The people involved in one incident as last recorded, in the order of their names."""
        newest = {row.person_id: row for row in self.filter(incident_id=incident_id).order_by("decided_at", "id")}
        people = {person.pk: person for person in Person.objects.filter(pk__in=newest)}
        for row in newest.values():
            row.person = people[row.person_id]
        return sorted((row for row in newest.values() if row.involved), key=lambda row: row.person.name)


class InvolvedPerson(Decided):
    """Whether somebody on the staff was involved in the incident, and so cannot review or oversee it.

    The newest row for a person stands; a row with ``involved`` false puts an earlier one right.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="involved_people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    involved = models.BooleanField(default=True)
    how = models.CharField(max_length=300)

    objects = InvolvedPeople.as_manager()

    class Meta:
        indexes = [models.Index(fields=["incident", "person"], name="involved_in_incident")]

    def __str__(self) -> str:
        return f"{self.person} {'involved in' if self.involved else 'not involved in'} {self.incident}"


class TimelineEntries(models.QuerySet["TimelineEntry"]):
    """Named reads of a timeline."""

    def standing(self) -> TimelineEntries:
        """Without those a later entry corrects, in the order things happened."""
        return self.filter(corrected_by__isnull=True).order_by("happened_at", "id")


class TimelineEntry(Decided):
    """Something that happened, as the review reconstructs it: from a record, or written by hand.

    ``from_type`` and ``from_id`` name the record ("triage.thresholddecision", or "incidents.incident#known" where
    one record says several things); each is drawn once. A correction names the entry it corrects.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="timeline")
    happened_at = models.DateTimeField()
    precision = models.CharField(max_length=10)
    what = models.TextField()
    source = models.CharField(max_length=300)
    from_type = models.CharField(max_length=100, blank=True)
    from_id = models.UUIDField(null=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    reason = models.TextField(blank=True)

    objects = TimelineEntries.as_manager()

    class Meta:
        indexes = [models.Index(fields=["review", "happened_at"], name="timeline_of_review")]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "from_type", "from_id"],
                condition=Q(from_id__isnull=False),
                name="timeline_draws_a_record_once",
            )
        ]

    def __str__(self) -> str:
        return self.what[:60]


class ReviewDocument(Decided):
    """A document supplied for a review: answers to its questions, a file, or a record made elsewhere.

    ``kind`` is from the list "required-documents". A newer one of the same kind stands before the older.
    ``answers`` holds each question as it was asked, with its code and answer; ``decisions`` the view taken of each
    decision that the document looks at.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=80)
    answers = models.JSONField(default=list)
    decisions = models.JSONField(default=list)
    text = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    from_type = models.CharField(max_length=100, blank=True)
    from_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["review", "kind", "-decided_at"], name="document_of_review")]

    def __str__(self) -> str:
        return self.kind


class OversightSignOff(Decided):
    """Senior oversight of a tier C review, by somebody senior who was not involved. The newest stands."""

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


class SupportOffer(Decided):
    """Support offered to somebody affected, what they want answered, and what they were told.

    ``affected`` is "person", "family" or "staff"; ``who`` says who in words, without a name ("his sister").
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="support_offers")
    affected = models.CharField(max_length=20)
    who = models.CharField(max_length=200)
    offered = models.TextField()
    questions = models.TextField(blank=True)
    told = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.who


class ReviewDraft(Row):
    """A part of a review being written, not yet supplied. One for each person and part; gone when it is supplied."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="drafts")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    part = models.CharField(max_length=80)
    answers_encrypted = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "person", "part"], name="review_draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.part}"
