"""A provider's own entries in the dated lists; what ships is data in the package."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import models

from saferpractice.access.models import Provider
from saferpractice.config.models import Row


class ListEntries(models.QuerySet["ListEntry"]):
    """Named reads of a provider's own entries."""

    def of(self, provider_id: UUID, list_code: str) -> ListEntries:
        """A provider's entries of one list, in the order in which the later takes the earlier's place."""
        return self.filter(provider_id=provider_id, list_code=list_code).order_by("valid_from", "added_at")

    def holding(self, on: date) -> ListEntries:
        """Those that hold on the London day ``on``."""
        return self.filter(valid_from__lte=on).exclude(valid_to__lt=on)

    def not_ended_by(self, on: date) -> ListEntries:
        """Those that still hold on the London day ``on``, or will."""
        return self.exclude(valid_to__lt=on)


class ListEntry(Row):
    """An entry a provider added to a list, or put in place of the shipped one with the same code.

    Entries end (``valid_to``), they are never deleted: records keep pointing at their code. One with ``taken_off``
    offers nothing: while it holds, the shipped entry with its code is not offered either.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    list_code = models.CharField(max_length=60)
    code = models.CharField(max_length=80)
    label = models.CharField(max_length=300)
    hint = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    source = models.CharField(max_length=500)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    added_at = models.DateTimeField()
    taken_off = models.BooleanField(default=False)

    objects = ListEntries.as_manager()

    class Meta:
        indexes = [models.Index(fields=["provider", "list_code", "valid_from"], name="list_of_provider")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="list_entry_dates",
            )
        ]

    def __str__(self) -> str:
        return f"{self.list_code}: {self.label}"
