"""Charts: where new limits begin, decided by a person for a reason."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider, Service, Team
from saferpractice.access.rules import Place


class ChartRebase(Decided):
    """The process differs from a day on, so the chart of a measure at one place has new limits from there (R4).

    The place is the provider, a service or a team; ``on`` is a London day.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    measure_key = models.CharField(max_length=200)
    on = models.DateField()
    reason = models.TextField()
    submission_key = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=True) | models.Q(service__isnull=False),
                name="rebase_team_names_its_service",
            )
        ]
        indexes = [models.Index(fields=["provider", "measure_key"], name="rebase_of_measure")]

    def __str__(self) -> str:
        return f"{self.measure_key} from {self.on}"

    @property
    def place(self) -> Place:
        """Whose chart it is."""
        return Place(self.provider_id, self.service_id, self.team_id)


class ChartRebaseWithdrawal(Decided):
    """A decision that new limits begin no longer holds, and why; the chart is as it was before."""

    rebase = models.OneToOneField(ChartRebase, models.PROTECT, related_name="withdrawal")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.rebase} withdrawn"
