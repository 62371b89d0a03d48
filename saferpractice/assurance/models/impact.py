"""Impact: what was declared before the results, the results, and the verdict the rules gave."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.changes.models import OperationalChange
from saferpractice.config.models import Row


class ImpactPlan(Decided):
    """A plan declared before results are seen (R4, R16). An amendment is a new plan naming the one it replaces.

    ``kind`` is rate or proportion; ``serves`` says whether it tests that the change is used, or that outcomes
    improve. ``smallest_effect`` is a ratio for rates and a difference of shares for proportions.
    """

    change = models.ForeignKey(OperationalChange, models.PROTECT, related_name="impact_plans")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    measure = models.CharField(max_length=200)
    definition = models.TextField()
    serves = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    direction = models.CharField(max_length=20)
    exposure = models.CharField(max_length=200)
    counts_incidents = models.BooleanField(default=False)
    baseline_from = models.DateField()
    baseline_to = models.DateField()
    roll_in_from = models.DateField()
    roll_in_to = models.DateField()
    smallest_effect = models.DecimalField(max_digits=8, decimal_places=4)
    primary = models.BooleanField(default=True)
    why_amended = models.TextField(blank=True)
    submission_key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.measure


class PlannedLook(Row):
    """A day on which the results will be looked at; the last one is the final look."""

    plan = models.ForeignKey(ImpactPlan, models.PROTECT, related_name="looks")
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "on"], name="look_once_a_day")]
        ordering = ["on"]

    def __str__(self) -> str:
        return str(self.on)


class ImpactResult(Decided):
    """Counts for the baseline (no look) or for the follow-up up to a look. A correction is a newer row.

    ``count`` is events (rate) or compliant records (proportion); ``out_of`` is exposure or records looked at.
    ``index_events`` of the baseline's count led to the change; empty when nobody has said.
    ``definition_changed`` and ``unstable`` are what whoever counted had to say of the measure.
    """

    plan = models.ForeignKey(ImpactPlan, models.PROTECT, related_name="results")
    look = models.ForeignKey(PlannedLook, models.PROTECT, null=True, related_name="results")
    count = models.PositiveIntegerField()
    out_of = models.DecimalField(max_digits=12, decimal_places=3)
    index_events = models.PositiveIntegerField(null=True)
    definition_changed = models.BooleanField(default=False)
    unstable = models.BooleanField(default=False)
    source = models.TextField()

    def __str__(self) -> str:
        return f"{self.count} of {self.out_of}"


class ImpactCheck(Decided):
    """The verdict the rules gave at a look, with its reason, numbers and rule version. Computed, never typed."""

    plan = models.ForeignKey(ImpactPlan, models.PROTECT, related_name="checks")
    look = models.ForeignKey(PlannedLook, models.PROTECT, related_name="checks")
    baseline = models.ForeignKey(ImpactResult, models.PROTECT, related_name="+")
    result = models.ForeignKey(ImpactResult, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=40)
    reason = models.TextField()
    numbers = models.JSONField(default=dict)
    cautions = models.JSONField(default=list)
    exploratory = models.BooleanField(default=False)
    rule_version = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.verdict
