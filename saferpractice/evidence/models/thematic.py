"""The quarterly thematic review: its drafts, what was said on them, the meeting, the signature (R36)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import REPORTS, SEES_INCIDENTS_OF_PLACE
from saferpractice.config.models import Row
from saferpractice.evidence.rules.thematic.quarters import Quarter


class ThematicReviews(models.QuerySet["ThematicReview"]):
    """Named reads of thematic reviews. ``visible_to`` is the only way to reach one from a page."""

    def visible_to(self, person: Person, at: datetime) -> ThematicReviews:
        """Of their own provider: every one for whoever leads somewhere, the signed ones for everybody who works here.

        Commissioners and inspectors read what is made for them, and nothing here.
        """
        roles = person.roles_anywhere(at)
        found = self.filter(provider_id=person.provider_id)
        if roles & SEES_INCIDENTS_OF_PLACE:
            return found
        return found.filter(signature__isnull=False) if roles & REPORTS else found.none()


class ThematicReview(Decided):
    """The review of one quarter: ``year`` is the one in which its financial year begins, ``number`` is 1 to 4."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()

    objects = ThematicReviews.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "year", "number"], name="thematic_review_once_a_quarter"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=4), name="thematic_review_of_a_quarter"),
        ]

    def __str__(self) -> str:
        return f"thematic review of {self.quarter.short}"

    @property
    def quarter(self) -> Quarter:
        """The quarter it is about."""
        return Quarter(self.year, self.number)


class ThematicDraft(Decided):
    """The numbers of a review as they were drawn: frozen, with their hash. The newest stands until one is signed.

    ``data`` holds ids of incidents and changes, never their words. ``sha256`` is that of ``data`` as canonical text.
    """

    review = models.ForeignKey(ThematicReview, models.PROTECT, related_name="drafts")
    number = models.PositiveSmallIntegerField()
    supported = models.PositiveIntegerField(null=True)
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="thematic_draft_once")]

    def __str__(self) -> str:
        return f"draft {self.number} of {self.review}"


class ThematicCommentary(Decided):
    """What was said on one section. A newer one stands in its place, and every one is kept."""

    review = models.ForeignKey(ThematicReview, models.PROTECT, related_name="commentaries")
    section = models.CharField(max_length=100)
    number = models.PositiveSmallIntegerField()
    words = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "section", "number"], name="thematic_commentary_once"),
        ]

    def __str__(self) -> str:
        return f"{self.section}, {self.number}"


class CommentaryDraft(Row):
    """What somebody is typing on a section: one for each person and section, gone when it is kept or thrown away.

    ``based_on`` is the number of the commentary that stood when they began, 0 for none.
    """

    review = models.ForeignKey(ThematicReview, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    section = models.CharField(max_length=100)
    based_on = models.PositiveSmallIntegerField()
    words_encrypted = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "person", "section"], name="commentary_draft_once")]

    def __str__(self) -> str:
        return f"draft on {self.section}"


class QualityMeeting(Decided):
    """A quality meeting before which a review was put. ``replaces`` is the record of it that this one puts right."""

    review = models.ForeignKey(ThematicReview, models.PROTECT, related_name="meetings")
    draft = models.ForeignKey(ThematicDraft, models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    chaired_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    submission_key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return f"quality meeting of {self.held_on}"


class MeetingAttendance(Row):
    """Somebody who was there, or sent apologies: one of the provider's people, or somebody named with what they are."""

    meeting = models.ForeignKey(QualityMeeting, models.PROTECT, related_name="attendance")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=200)
    present = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(person__isnull=False), name="meeting_attendance_once"
            )
        ]
        ordering = ["-present", "name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}"


class MeetingDecision(Decided):
    """What a meeting decided, as it was written down. The actions that follow from it are tracked actions."""

    meeting = models.ForeignKey(QualityMeeting, models.PROTECT, related_name="decisions")
    words = models.TextField()
    submission_key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.words[:80]


class ThematicSignature(Decided):
    """A review signed by whoever chaired its meeting: from then on nothing in it changes.

    ``sha256`` is that of everything signed (``rules.thematic.signed``): the numbers, what was said, who was there,
    what was decided.
    """

    review = models.OneToOneField(ThematicReview, models.PROTECT, related_name="signature")
    draft = models.ForeignKey(ThematicDraft, models.PROTECT, related_name="+")
    meeting = models.ForeignKey(QualityMeeting, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"signature of {self.review}"
