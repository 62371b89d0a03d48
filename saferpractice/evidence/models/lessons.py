"""The library of lessons: who takes part, what is published, what came from elsewhere, what was adopted (R33)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import REPORTS
from saferpractice.changes.models import OperationalChange
from saferpractice.pathways.models import PathwayDraft, PathwayVersion


class LibraryChoices(models.QuerySet["LibraryChoice"]):
    """Named reads of who takes part."""

    def standing(self) -> LibraryChoices:
        """The newest choice of each provider."""
        later = LibraryChoice.objects.filter(provider=OuterRef("provider"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))


class LibraryChoice(Decided):
    """A provider takes part in the library of lessons, or no longer, and why. The newest stands."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    takes_part = models.BooleanField()
    reason = models.TextField()

    objects = LibraryChoices.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "number"], name="library_choice_once")]

    def __str__(self) -> str:
        return "takes part" if self.takes_part else "does not take part"


class Lessons(models.QuerySet["Lesson"]):
    """Named reads of lessons. ``visible_to`` is the only way to reach one from a page."""

    def visible_to(self, person: Person, at: datetime) -> Lessons:
        """Of their own provider every one. Of others those not withdrawn, while both providers take part.

        For whoever works here; commissioners and inspectors read what is made for them.
        """
        if not person.roles_anywhere(at) & REPORTS:
            return self.none()
        part = LibraryChoice.objects.standing().filter(takes_part=True)
        theirs = Q(
            Exists(part.filter(provider=OuterRef("provider"))),
            Exists(part.filter(provider=person.provider_id)),
            withdrawal__isnull=True,
        )
        return self.filter(Q(provider=person.provider_id) | theirs)


class Lesson(Decided):
    """A change as others may read it: its words without identifiers, read by ``decided_by``, with the verdict.

    ``content`` is everything others ever see of it (``rules.bundle.Bundle``). ``stays`` holds what looked like an
    identifier and, as whoever published it said, names nobody. ``check_id`` is the impact check it rests on.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="lessons")
    version = models.ForeignKey(PathwayVersion, models.PROTECT, null=True, related_name="+")
    check_id = models.UUIDField()
    title = models.CharField(max_length=200)
    content = models.JSONField()
    stays = models.JSONField(default=list)
    submission_key = models.CharField(max_length=80, unique=True)

    objects = Lessons.as_manager()

    class Meta:
        indexes = [models.Index(fields=["provider", "-decided_at"], name="lesson_newest")]

    def __str__(self) -> str:
        return self.title


class LessonFile(Decided):
    """The file of a lesson, signed with the installation's key by the worker: web processes do not read the key."""

    lesson = models.OneToOneField(Lesson, models.PROTECT, related_name="file")
    note = models.TextField()

    def __str__(self) -> str:
        return f"file of {self.lesson}"


class LessonWithdrawal(Decided):
    """A lesson nobody shall read or adopt any more, and why. What was adopted stays where it is."""

    lesson = models.OneToOneField(Lesson, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.lesson} withdrawn"


class ReceivedLesson(Decided):
    """A lesson that came as a file from another installation. ``note`` is the file as it was signed, with what key.

    ``content`` is what was read from it, so that it stays readable whatever later versions ask of a file.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    source = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=80)
    public_key = models.CharField(max_length=200)
    note = models.TextField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "sha256"], name="received_lesson_once")]

    def __str__(self) -> str:
        return self.title


class AcceptedKey(Decided):
    """Somebody made sure whose key this is, and how: what it signs may be adopted from then on."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    fingerprint = models.CharField(max_length=80)
    public_key = models.CharField(max_length=200)
    owner = models.CharField(max_length=200)
    how = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "fingerprint"], name="accepted_key_once")]

    def __str__(self) -> str:
        return f"key of {self.owner}"


class LessonAdoption(Decided):
    """A draft pathway version that was begun from a lesson: one published here, or one that came as a file.

    ``source`` and ``sha256`` say where it came from, also when the lesson is withdrawn since.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    lesson = models.ForeignKey(Lesson, models.PROTECT, null=True, related_name="+")
    received = models.ForeignKey(ReceivedLesson, models.PROTECT, null=True, related_name="+")
    draft = models.OneToOneField(PathwayDraft, models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    source = models.CharField(max_length=300)
    verdict = models.TextField()
    sha256 = models.CharField(max_length=64)
    why = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lesson__isnull=False, received__isnull=True)
                | Q(lesson__isnull=True, received__isnull=False),
                name="adopted_from_one_lesson",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, from {self.source}"
