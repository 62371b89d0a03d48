"""What a change means for training and for the service specification (R33)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.changes.models import OperationalChange


class TrainingNeeds(models.QuerySet["TrainingNeed"]):
    """Named reads of training needs. ``visible_to`` is the only way to reach one from a page."""

    def standing(self) -> TrainingNeeds:
        """Those that hold: not put right by a later row, not dropped."""
        return self.filter(replaced_by__isnull=True, dropped__isnull=True)

    def visible_to(self, person: Person, at: datetime) -> TrainingNeeds:
        """Those of the changes that ``person`` may open."""
        changes = OperationalChange.objects.visible_to(person, at).values("pk")
        return self.filter(provider=person.provider_id, change__in=changes)


class TrainingNeed(Decided):
    """Something that people in some roles and teams must learn because of a change, by a London day.

    ``roles`` holds codes of roles. ``replaces`` is the earlier row that this one puts right: whoever was recorded as
    trained there still counts.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="training_needs")
    what = models.TextField()
    roles = models.JSONField()
    teams = models.ManyToManyField(Team, related_name="+")
    by_on = models.DateField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    submission_key = models.CharField(max_length=80, unique=True)

    objects = TrainingNeeds.as_manager()

    class Meta:
        indexes = [models.Index(fields=["provider", "by_on"], name="training_need_due")]

    def __str__(self) -> str:
        return self.what[:80]


class TrainingNeedDropped(Decided):
    """A training need that holds no longer, and why."""

    need = models.OneToOneField(TrainingNeed, models.PROTECT, related_name="dropped")
    reason = models.TextField()

    def __str__(self) -> str:
        return "dropped"


class TrainingAttendance(Decided):
    """Somebody was trained on a London day, as ``decided_by`` recorded it."""

    need = models.ForeignKey(TrainingNeed, models.PROTECT, related_name="attendance")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    trained_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["need", "person"], name="training_attendance_of")]

    def __str__(self) -> str:
        return f"{self.person}, {self.trained_on}"


class AttendanceTakenBack(Decided):
    """An attendance that was recorded by mistake, and why: that person is to be trained still."""

    attendance = models.OneToOneField(TrainingAttendance, models.PROTECT, related_name="taken_back")
    reason = models.TextField()

    def __str__(self) -> str:
        return "taken back"


class SpecificationClauses(models.QuerySet["SpecificationClause"]):
    """Named reads of clauses. ``visible_to`` is the only way to reach one from a page."""

    def standing(self) -> SpecificationClauses:
        """Those that hold: no later row stands in their place."""
        return self.filter(replaced_by__isnull=True)

    def visible_to(self, person: Person, at: datetime) -> SpecificationClauses:
        """Those of the changes that ``person`` may open."""
        changes = OperationalChange.objects.visible_to(person, at).values("pk")
        return self.filter(provider=person.provider_id, change__in=changes)


class SpecificationClause(Decided):
    """What a change means for the service specification: the clause, its wording, and with whom it was agreed.

    Until it is agreed, ``wanted_by`` is the day by which it should be. A later row stands in the place of one that
    it replaces.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="clauses")
    clause = models.CharField(max_length=200)
    wording = models.TextField()
    agreed_with = models.CharField(max_length=300, blank=True)
    agreed_on = models.DateField(null=True)
    wanted_by = models.DateField(null=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    submission_key = models.CharField(max_length=80, unique=True)

    objects = SpecificationClauses.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_on__isnull=False, wanted_by__isnull=True) & ~Q(agreed_with="")
                | Q(agreed_on__isnull=True, agreed_with="", wanted_by__isnull=False),
                name="clause_agreed_or_wanted",
            )
        ]

    def __str__(self) -> str:
        return self.clause
