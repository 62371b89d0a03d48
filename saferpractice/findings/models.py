"""Findings: the system conditions that made an incident more likely."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Team
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review, TimelineEntry


class Findings(models.QuerySet["Finding"]):
    """Named reads of findings. A page reaches one only through its incident (see ``findings.queries``)."""

    def standing(self) -> Findings:
        """Without those a later finding corrects, and without incidents that were withdrawn."""
        return self.filter(corrected_by__isnull=True, incident__withdrawal__isnull=True)

    def counted_once(self) -> Findings:
        """Without what a later review of the same incident took further and found again: one condition, not two."""
        again = Finding.objects.standing().filter(
            incident=OuterRef("incident"),
            condition=OuterRef("condition"),
            review__decided_at__gt=OuterRef("review__decided_at"),
        )
        return self.exclude(Exists(again), review__taken_further_by__isnull=False)


class Finding(Decided):
    """A system condition, with what it rests on (R1, R13). A correction is a new finding naming this one.

    ``blaming_words`` are the words the software asked about; where they stayed, ``kept_because`` says why.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="findings")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="findings")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=80)
    statement = models.TextField()
    made_more_likely = models.TextField()
    reduces_recurrence = models.TextField()
    evidence = models.ManyToManyField(TimelineEntry, related_name="findings")
    blaming_words = models.JSONField(default=list)
    kept_because = models.TextField(blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    corrected_because = models.TextField(blank=True)

    objects = Findings.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "condition", "-decided_at"], name="finding_repeat")]

    def __str__(self) -> str:
        return self.statement[:80]
