"""The worker's sign of life."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a process was last seen at work, and how long the oldest late step had waited."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    oldest_wait_seconds = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
