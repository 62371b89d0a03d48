"""Operational changes, tracked actions, rollout proof."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.files.models import StoredFile
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review


class OperationalChange(Decided):
    """A change to how work is done that answers one or more findings (R2, R14).

    ``monday`` says what is different for the worker on Monday. ``strength`` is computed from the published
    hierarchy when the change is agreed. ``reach`` is the teams it must reach.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    change_type = models.CharField(max_length=80)
    monday = models.TextField()
    cannot_be_passed = models.BooleanField(default=False)
    strength = models.CharField(max_length=20)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    go_live_on = models.DateField()
    findings = models.ManyToManyField(Finding, related_name="changes")
    reach = models.ManyToManyField(Team, related_name="+")
    submission_key = models.CharField(max_length=80, unique=True)

    class Meta:
        indexes = [models.Index(fields=["provider", "-decided_at"], name="change_newest")]

    def __str__(self) -> str:
        return self.title


class GoLive(Decided):
    """The change went live at ``live_at``."""

    change = models.OneToOneField(OperationalChange, models.PROTECT, related_name="go_live")
    live_at = models.DateTimeField()
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.change} live"


class ChangeWithdrawal(Decided):
    """The change will not be made, or no longer holds, and why."""

    change = models.OneToOneField(OperationalChange, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.change} withdrawn"


class Briefing(Decided):
    """A reminder or a message about a change: kept beside it, never instead of it (R15)."""

    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="briefings")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:60]


class TrackedAction(Decided):
    """One thing somebody must do by a day, for a change or for a tier C action plan (R11, R35)."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="tracked_actions")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="tracked_actions")
    change = models.ForeignKey(OperationalChange, models.PROTECT, null=True, related_name="tracked_actions")
    what = models.TextField()
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    due_on = models.DateField()
    submission_key = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(review__isnull=False) | models.Q(change__isnull=False),
                name="action_belongs_somewhere",
            )
        ]

    def __str__(self) -> str:
        return self.what[:80]


class CompletionEvidence(Decided):
    """What shows that a tracked action is done: words with a file or a record."""

    action = models.ForeignKey(TrackedAction, models.PROTECT, related_name="evidence")
    words = models.TextField()
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    record = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.words[:60]


class EvidenceDecision(Decided):
    """Completion evidence accepted, or sent back with what is lacking, by someone other than the owner."""

    evidence = models.OneToOneField(CompletionEvidence, models.PROTECT, related_name="decision")
    accepted = models.BooleanField()
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return "accepted" if self.accepted else "sent back"


class RolloutProof(Decided):
    """Proof that a change reached a team: a briefing held, a revised template, training, updated guidance (R3).

    ``reached`` of ``needed`` people where people are counted. For a template or guidance, ``file`` is the new
    version and ``previous_file`` the one it replaces.
    """

    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="rollout_proofs")
    kind = models.CharField(max_length=80)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    held_on = models.DateField()
    reached = models.PositiveIntegerField(null=True)
    needed = models.PositiveIntegerField(null=True)
    who = models.TextField(blank=True)
    words = models.TextField(blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    previous_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(needed__isnull=True) | models.Q(reached__lte=models.F("needed")),
                name="proof_reached_within_needed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.team}"
