"""Audits: the plan, the frozen list, the seed, what was drawn, what was read, and what it says of all of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider, Team
from saferpractice.assurance.models.impact import ImpactResult
from saferpractice.assurance.rules.audits import Claim, Source
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.config.models import Row


class AuditPlan(Decided):
    """How it is audited whether a change is used and its loop closed (R16, R37).

    ``questions`` holds each with the answer that meets it. ``source`` and ``filters`` are the named query of the
    records. ``claim`` with ``numbers`` (per cent) says what the sample is to allow; the size follows from the frozen
    list. ``target`` is the share, 0 to 1, that must meet the standard. The first result is due on ``first_on`` and
    the next ``months`` after each.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="audit_plans")
    title = models.CharField(max_length=200)
    questions = models.JSONField(default=list)
    source = models.CharField(max_length=20, choices=[(each.value, each.label) for each in Source])
    filters = models.JSONField(default=dict)
    claim = models.CharField(max_length=20, choices=[(each.value, each.label) for each in Claim])
    numbers = models.JSONField(default=dict)
    target = models.DecimalField(max_digits=5, decimal_places=4)
    read_by_two = models.BooleanField(default=False)
    by_team = models.BooleanField(default=False)
    months = models.PositiveSmallIntegerField()
    first_on = models.DateField()
    submission_key = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(target__gt=0, target__lte=1), name="audit_target_is_a_share"),
        ]
        indexes = [models.Index(fields=["provider", "-decided_at", "-id"], name="audit_plan_newest")]

    def __str__(self) -> str:
        return self.title


class AuditPlanEnd(Decided):
    """A plan by which nothing more is audited, and why. A changed plan is a new one."""

    plan = models.OneToOneField(AuditPlan, models.PROTECT, related_name="end")
    reason = models.TextField()

    def __str__(self) -> str:
        return "ended"


class AuditPopulation(Decided):
    """The list of records of a period, frozen before anybody knows the seed. ``number`` counts a plan's audits.

    ``lines`` is the list as it is hashed: sorted, an id a line, with ",team" after it where each team is drawn for.
    ``restricted`` records were left out. ``size`` are to be read; of a decision ``allowed`` may fail.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    plan = models.ForeignKey(AuditPlan, models.PROTECT, related_name="populations")
    number = models.PositiveIntegerField()
    period_from = models.DateField()
    period_to = models.DateField()
    before_live = models.BooleanField()
    words = models.TextField()
    lines = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    restricted = models.PositiveIntegerField()
    list_hash = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField(null=True)
    claim_words = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="audit_number_once")]

    def __str__(self) -> str:
        return f"{self.plan}, audit {self.number}"


class AuditSeed(Decided):
    """What the draw was made with, entered after the list was frozen, and where it came from. Once."""

    population = models.OneToOneField(AuditPopulation, models.PROTECT, related_name="seed")
    seed = models.CharField(max_length=200)
    came_from = models.CharField(max_length=20, choices=[("dice", "Dice"), ("published", "A published value")])
    published_on = models.DateField(null=True)
    words = models.CharField(max_length=300)
    method = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(came_from="dice", published_on__isnull=True)
                | Q(came_from="published", published_on__isnull=False),
                name="a_published_seed_has_its_day",
            )
        ]

    def __str__(self) -> str:
        return self.seed


class AuditSample(Row):
    """A record drawn, by its rank on the whole list; ``instead_of`` one that cannot be audited."""

    population = models.ForeignKey(AuditPopulation, models.PROTECT, related_name="samples")
    rank = models.PositiveIntegerField()
    record_id = models.UUIDField()
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()
    instead_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["population", "rank"], name="audit_rank_once"),
            models.UniqueConstraint(fields=["population", "record_id"], name="audit_record_once"),
        ]
        ordering = ["rank"]

    def __str__(self) -> str:
        return f"{self.rank}"


class AuditScore(Decided):
    """What an auditor found in a record drawn: an answer to each question, or why it cannot be audited.

    ``reader`` is 1, or 2 for the second of two. A correction names the score it puts right.
    """

    sample = models.ForeignKey(AuditSample, models.PROTECT, related_name="scores")
    reader = models.PositiveSmallIntegerField()
    answers = models.JSONField(default=dict)
    why_not = models.CharField(max_length=300, blank=True)
    remark = models.TextField(blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "reader"], condition=Q(corrects__isnull=True), name="audit_read_once"
            ),
            models.UniqueConstraint(
                fields=["sample", "decided_by"], condition=Q(corrects__isnull=True), name="audit_two_auditors"
            ),
        ]

    def __str__(self) -> str:
        return f"reader {self.reader}"


class AuditSettlement(Decided):
    """What counts of a record that two auditors read differently, and why. A later one names the one it corrects."""

    sample = models.ForeignKey(AuditSample, models.PROTECT, related_name="settlements")
    answers = models.JSONField(default=dict)
    why_not = models.CharField(max_length=300, blank=True)
    reason = models.TextField()
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample"], condition=Q(corrects__isnull=True), name="audit_settled_once")
        ]

    def __str__(self) -> str:
        return "settled"


class AuditResult(Decided):
    """What an audit found: worked out by the rules once every record is read, never typed.

    ``numbers`` holds the counts, the interval, each question, each team and the agreement of two auditors. A record
    corrected afterwards makes a new result naming the one it corrects.
    """

    population = models.ForeignKey(AuditPopulation, models.PROTECT, related_name="results")
    answer = models.CharField(max_length=40)
    sentence = models.TextField()
    met = models.PositiveIntegerField()
    read = models.PositiveIntegerField()
    numbers = models.JSONField(default=dict)
    rule_version = models.CharField(max_length=40)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["population"], condition=Q(corrects__isnull=True), name="audit_result_once")
        ]

    def __str__(self) -> str:
        return self.answer


class AuditFollowUp(Decided):
    """What was decided about a record that does not meet the standard: a tracked action, or why none."""

    sample = models.OneToOneField(AuditSample, models.PROTECT, related_name="follow_up")
    action = models.OneToOneField(TrackedAction, models.PROTECT, null=True, related_name="from_audit")
    why_none = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action__isnull=False, why_none="") | (Q(action__isnull=True) & ~Q(why_none="")),
                name="follow_up_is_an_action_or_a_reason",
            )
        ]

    def __str__(self) -> str:
        return "tracked" if self.action_id else "no action"


class CountedFromAudit(Decided):
    """An impact result that was taken from an audit instead of being typed."""

    impact_result = models.OneToOneField(ImpactResult, models.PROTECT, related_name="from_audit")
    audit_result = models.ForeignKey(AuditResult, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return "from an audit"
