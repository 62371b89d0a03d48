"""Pathways in use, and what a service set for itself."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider, Service


class PathwayVersion(Decided):
    """A definition as a provider put it in use. ``content`` is the definition itself, never changed."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    content = models.JSONField()
    live_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "pathway", "number"], name="pathway_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class LocalValues(Decided):
    """The values a service set for itself on a pathway. The newest of a service is the one in force."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, models.PROTECT, related_name="+")
    pathway = models.CharField(max_length=80)
    values = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["service", "pathway", "-decided_at"], name="local_values_newest")]

    def __str__(self) -> str:
        return f"{self.pathway} in {self.service}"
