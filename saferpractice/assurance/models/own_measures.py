"""Impact on the product's own measures: what a plan reads, and what was read from the records at a look."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Service, Team
from saferpractice.access.rules import Place
from saferpractice.assurance.models.impact import ImpactPlan, ImpactResult
from saferpractice.config.models import Row


class OwnMeasure(Row):
    """The measure of this system that an impact plan reads, so that its numbers are never typed (R4, R20).

    ``reads`` is the source of the measure as it was defined when the plan was declared. No service and no team is the
    whole provider. ``length`` is the period of its charts. ``compared_with`` is a team that the change does not reach.
    """

    plan = models.OneToOneField(ImpactPlan, models.PROTECT, related_name="own_measure")
    measure_key = models.CharField(max_length=200)
    reads = models.JSONField()
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    length = models.CharField(max_length=20)
    compared_with = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=True) | models.Q(service__isnull=False),
                name="own_measure_team_names_its_service",
            )
        ]

    def __str__(self) -> str:
        return self.measure_key

    @property
    def place(self) -> Place:
        """Whose numbers are read."""
        return Place(self.plan.change.provider_id, self.service_id, self.team_id)


class CountedFromRecords(Decided):
    """An impact result that was read from the records: over which days, as known when, and the points it is made of.

    ``points`` and ``compared`` hold [first day, last day, count, out of] of each whole period; ``beside`` is the count
    and the exposure of the comparison team. Of a baseline, ``left_out`` are the incidents that led to the change and
    were counted in it, and ``signals`` what its chart shows.
    """

    impact_result = models.OneToOneField(ImpactResult, models.PROTECT, related_name="from_records")
    from_on = models.DateField()
    to_on = models.DateField()
    known_at = models.DateTimeField()
    points = models.JSONField(default=list)
    compared = models.JSONField(default=list)
    beside = models.JSONField(null=True)
    left_out = models.JSONField(default=list)
    signals = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.from_on} to {self.to_on}"
