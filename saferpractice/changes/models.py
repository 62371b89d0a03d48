"""Operational changes, tracked actions, rollout proof."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import REPORTS, SENIOR, Place, Role
from saferpractice.changes.rules import ENOUGH, ChangeState
from saferpractice.files.models import StoredFile
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import PathwayCase, PathwayDraft, PathwayVersion
from saferpractice.reviews.models import Review

WORKS_IN_TEAMS = REPORTS - {Role.ADMINISTRATOR}
"""Roles whose holders work in or over a team, and so read the changes that reach it."""


class Changes(models.QuerySet["OperationalChange"]):
    """Named reads of changes. ``visible_to`` is the only way to reach one from a page."""

    def standing(self) -> Changes:
        """Without those withdrawn."""
        return self.filter(withdrawal__isnull=True)

    def visible_to(self, person: Person, at: datetime) -> Changes:
        """The changes ``person`` may open at ``at``.

        Those that answer a finding of an incident they may open, those they own, and those that reach a team they
        work in or over (without the incident's detail: see ``queries.sees_incidents``).
        """
        if not person.is_active:
            return self.none()
        incidents = Incident.objects.visible_to(person, at).values("pk")
        answering = OperationalChange.findings.through.objects.filter(finding__incident__in=incidents)
        reaching = OperationalChange.reach.through.objects.filter(
            team__in=teams_covered(person, at, WORKS_IN_TEAMS).values("pk")
        )
        return self.filter(provider_id=person.provider_id).filter(
            Q(pk__in=answering.values("operationalchange_id"))
            | Q(owner=person)
            | Q(pk__in=reaching.values("operationalchange_id"))
        )

    def of_incidents(self, incident_ids: Iterable[UUID]) -> Changes:
        """The changes that answer a finding of any of these incidents."""
        return self.filter(findings__incident__in=list(incident_ids)).distinct()

    def in_state(self, state: ChangeState) -> Changes:
        """The changes in ``state``. Says in SQL what ``rules.change_state`` says; a test holds the two together."""
        if state is ChangeState.WITHDRAWN:
            return self.filter(withdrawal__isnull=False)
        standing = self.standing()
        if state is ChangeState.AGREED:
            return standing.filter(go_live__isnull=True)
        live = standing.filter(go_live__isnull=False)
        there = {"change": OuterRef("operationalchange"), "team": OuterRef("team")}
        enough = Exists(RolloutProof.objects.enough().filter(**there)) | Exists(ProofByUse.objects.filter(**there))
        reach = OperationalChange.reach.through.objects.filter(operationalchange=OuterRef("pk"))
        reached, unreached = Exists(reach.filter(enough)), Exists(reach.exclude(enough))
        if state is ChangeState.PROVEN:
            return live.filter(reached, ~unreached)
        return live.filter(reached, unreached) if state is ChangeState.PARTLY_PROVEN else live.filter(~reached)


class OperationalChange(Decided):
    """A change to how work is done that answers one or more findings (R2, R14).

    ``monday`` says what is different for the worker on Monday. ``strength`` is computed from the published
    hierarchy when the change is agreed; ``why_not_passed`` says what stops the work going on without the step,
    where it cannot be passed. ``reach`` is the teams it must reach. ``owner`` mirrors the newest ``OwnerHandover``.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    change_type = models.CharField(max_length=80)
    monday = models.TextField()
    cannot_be_passed = models.BooleanField(default=False)
    why_not_passed = models.TextField(blank=True)
    strength = models.CharField(max_length=20)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    go_live_on = models.DateField()
    findings = models.ManyToManyField(Finding, related_name="changes")
    reach = models.ManyToManyField(Team, related_name="+")
    submission_key = models.CharField(max_length=80, unique=True)

    objects = Changes.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["provider", "-decided_at", "-id"], name="change_newest"),
            models.Index(fields=["owner"], name="change_owner"),
        ]

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
    submission_key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.text[:60]


class TrackedActions(models.QuerySet["TrackedAction"]):
    """Named reads of tracked actions. ``visible_to`` is the only way to reach one from a page."""

    def visible_to(self, person: Person, at: datetime) -> TrackedActions:
        """The actions of the incidents ``person`` may open at ``at``, those they own, and those that a quality meeting
        gave out where they lead the whole provider."""
        if not person.is_active:
            return self.none()
        incidents = Incident.objects.visible_to(person, at).values("pk")
        may = Q(incident__in=incidents) | Q(owner=person)
        if person.roles(Place(person.provider_id), at) & SENIOR:
            may |= Q(decision_id__isnull=False)
        return self.filter(provider_id=person.provider_id).filter(may)

    def of_decisions(self, decision_ids: Iterable[UUID]) -> TrackedActions:
        """The actions that follow from what a quality meeting decided."""
        return self.filter(decision_id__in=list(decision_ids))


class TrackedAction(Decided):
    """One thing somebody must do by a day: for a change, for a tier C action plan, or as a meeting decided (R11, R35).

    ``owner`` mirrors the newest ``OwnerHandover``; ``due_on`` (a London day) never moves. ``decision_id`` is what a
    quality meeting decided: such an action is about the whole provider and has no incident.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="tracked_actions")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="tracked_actions")
    change = models.ForeignKey(OperationalChange, models.PROTECT, null=True, related_name="tracked_actions")
    decision_id = models.UUIDField(null=True, db_index=True)
    what = models.TextField()
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    due_on = models.DateField()
    submission_key = models.CharField(max_length=80, unique=True)

    objects = TrackedActions.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(review__isnull=False) | Q(change__isnull=False) | Q(decision_id__isnull=False),
                name="action_belongs_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(incident__isnull=False, decision_id__isnull=True)
                | Q(incident__isnull=True, decision_id__isnull=False),
                name="action_of_incident_or_meeting",
            ),
        ]
        indexes = [models.Index(fields=["owner", "due_on"], name="action_owner_due")]

    def __str__(self) -> str:
        return self.what[:80]


class ActionPlan(Decided):
    """The tracked action plan of a review as it was supplied (R11). A newer one stands before the older."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="action_plans")
    actions = models.ManyToManyField(TrackedAction, related_name="+")
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"action plan of {self.review}"


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


class RolloutProofs(models.QuerySet["RolloutProof"]):
    """Named reads of rollout proofs."""

    def enough(self) -> RolloutProofs:
        """Those that alone show that the change reached their team (``rules.Proof.is_enough``).

        Whole-number division rounds down, and so is exact here: ``needed`` is whole.
        """
        most_needed = F("reached") * ENOUGH.denominator / ENOUGH.numerator
        return self.filter(Q(needed__isnull=True) | Q(needed__lte=most_needed))


class RolloutProof(Decided):
    """Proof that a change reached a team: a briefing held, a revised template, training, updated guidance (R3).

    ``reached`` of ``needed`` people where people are counted, and then a file is only a sheet kept with the count.
    For a template or guidance, ``file`` is the new version, in use from ``held_on``, and ``previous_file`` the one it
    replaces (``no_previous_because`` where there was none).
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
    no_previous_because = models.CharField(max_length=300, blank=True)
    submission_key = models.CharField(max_length=80, unique=True)

    objects = RolloutProofs.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reached__isnull=True, needed__isnull=True)
                | Q(reached__isnull=False, needed__gte=1, reached__gte=1, reached__lte=F("needed")),
                name="proof_reached_within_needed",
            ),
            models.CheckConstraint(
                condition=Q(needed__isnull=False) | Q(file__isnull=False), name="proof_counts_or_shows"
            ),
        ]
        indexes = [models.Index(fields=["change", "team"], name="proof_of_team")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.team}"


class OwnerHandover(Decided):
    """A change or a tracked action passed to another owner, with the reason (somebody left, or changed post)."""

    change = models.ForeignKey(OperationalChange, models.PROTECT, null=True, related_name="handovers")
    action = models.ForeignKey(TrackedAction, models.PROTECT, null=True, related_name="handovers")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    previous_owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(change__isnull=False, action__isnull=True) | Q(change__isnull=True, action__isnull=False),
                name="handover_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.previous_owner} to {self.owner}"


class CarriedOutByPathway(Decided):
    """The change is carried out by a version of a pathway: it goes live when the version of ``draft`` does.

    From then on its use is its proof (``ProofByUse``).
    """

    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="by_pathway")
    draft = models.ForeignKey(PathwayDraft, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "draft"], name="carried_out_once")]

    def __str__(self) -> str:
        return f"{self.change} by {self.draft}"


class CarryingTakenOff(Decided):
    """A version does not carry the change out after all, and why."""

    carried = models.OneToOneField(CarriedOutByPathway, models.PROTECT, related_name="taken_off")
    reason = models.TextField()

    def __str__(self) -> str:
        return "taken off"


class ProofByUse(Decided):
    """Proof of rollout computed from records: what the version asks for was done on a case of the team.

    ``code`` is the obligation that was met: one that the version brought or changed, and that came about under it.
    """

    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="use_proofs")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="+")
    case = models.ForeignKey(PathwayCase, models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    title = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "team"], name="proof_by_use_once")]

    def __str__(self) -> str:
        return f"{self.title} in {self.team}"
