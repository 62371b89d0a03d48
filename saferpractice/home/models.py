"""What people keep for themselves: saved views of the tracker."""

from __future__ import annotations

from django.db import models

from saferpractice.access.models import Person
from saferpractice.config.models import Row

LONGEST_VIEW = 500
"""Characters of a kept query string; a letter beyond ASCII takes six or more of them."""


class SavedView(Row):
    """A way of looking at the tracker that somebody named: its filters and order, as a query string."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=LONGEST_VIEW)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_view_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
