"""Files: the bytes lie in the data folder, the row says whose they are and what their hash must be."""

from __future__ import annotations

from django.db import models

from saferpractice.access.models import Person, Provider
from saferpractice.config.models import Row


class StoredFile(Row):
    """One uploaded file. Seen only by those who may see the incident ``story_id`` (checked where it is served)."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    story_id = models.UUIDField(null=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200, unique=True)
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
