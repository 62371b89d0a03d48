"""A provider's own entries in the dated lists; what ships is data in the package."""

from __future__ import annotations

from django.db import models

from saferpractice.access.models import Provider
from saferpractice.config.models import Row


class ListEntry(Row):
    """An entry a provider added to a list, or put in place of the shipped one with the same code.

    Entries end (``valid_to``), they are never deleted: records keep pointing at their code.
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
