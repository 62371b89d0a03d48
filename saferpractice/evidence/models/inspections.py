"""Inspections: who inspects which services until when, on what authority, and what they drew (R34)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Service
from saferpractice.access.rules import Place, Role
from saferpractice.incidents.models import Incident


class Inspections(models.QuerySet["Inspection"]):
    """Named reads of inspections. ``open_to`` is the only way to reach one from an inspector's page."""

    def open_to(self, person: Person, at: datetime) -> Inspections:
        """Those that ``person`` carries out at ``at``: begun, neither over nor ended, by an inspector still."""
        if Role.INSPECTOR not in person.roles_anywhere(at):
            return self.none()
        found = self.filter(provider_id=person.provider_id, inspector=person)
        return found.filter(decided_at__lte=at, ends_at__gt=at, end__isnull=True)

    def overseen_by(self, person: Person, at: datetime, among: frozenset[Role]) -> Inspections:
        """Every inspection of the provider, for whoever holds one of the roles ``among`` over the whole of it."""
        found = self.filter(provider_id=person.provider_id)
        return found if person.roles(Place(person.provider_id), at) & among else found.none()


class Inspection(Decided):
    """What one inspector may see: the incidents of ``services`` that became known in a period, until ``ends_at``.

    ``authority`` is the power they inspect by, a code of the list "inspection-powers", and ``reference`` theirs. Who
    the incidents concern is shown only where ``identity_because`` says why and ``identity_power`` by which power.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    inspector = models.ForeignKey(Person, models.PROTECT, related_name="+")
    services = models.ManyToManyField(Service, related_name="+")
    reference = models.CharField(max_length=60)
    authority = models.CharField(max_length=80)
    period_from = models.DateField()
    period_to = models.DateField()
    ends_at = models.DateTimeField()
    identity_power = models.CharField(max_length=80, blank=True)
    identity_because = models.TextField(blank=True)
    submission_key = models.CharField(max_length=80, unique=True)

    objects = Inspections.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(period_to__gte=models.F("period_from")), name="inspection_period_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("decided_at")), name="inspection_ends_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(identity_power="", identity_because="") | (~Q(identity_power="") & ~Q(identity_because="")),
                name="inspection_identity_has_power_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"inspection {self.reference}"


class InspectionEnd(Decided):
    """An inspection ended before its time, and why. It takes effect with the inspector's next page."""

    inspection = models.OneToOneField(Inspection, models.PROTECT, related_name="end")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.inspection} ended"


class InspectionPopulation(Decided):
    """The incidents an inspector chose to draw from, frozen before the seed. ``number`` counts an inspection's lists.

    ``ids`` is the list as it is hashed. It holds restricted incidents too, ``restricted`` of them when it was frozen.
    """

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="populations")
    number = models.PositiveSmallIntegerField()
    words = models.TextField()
    ids = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    restricted = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    list_hash = models.CharField(max_length=64)
    submission_key = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "number"], name="inspection_list_once"),
            models.CheckConstraint(condition=Q(restricted__lte=models.F("count")), name="restricted_are_on_the_list"),
        ]

    def __str__(self) -> str:
        return f"list {self.number} of {self.inspection}"


class InspectionDraw(Decided):
    """What an inspector drew from a list, by the seed they entered. ``drawn`` holds ids of incidents by rank."""

    population = models.OneToOneField(InspectionPopulation, models.PROTECT, related_name="draw")
    seed = models.CharField(max_length=200)
    method = models.CharField(max_length=40)
    drawn = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"draw from {self.population}"


class InspectionRelease(Decided):
    """A restricted incident shown to an inspection, decided by somebody who may open it, and why."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="releases")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "incident"], name="released_once")]

    def __str__(self) -> str:
        return f"{self.incident} released to {self.inspection}"
