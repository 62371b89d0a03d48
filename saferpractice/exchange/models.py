"""Imports: one batch for one file, one row for each line, nothing lost."""

from __future__ import annotations

from django.db import models

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Provider
from saferpractice.config.models import Row
from saferpractice.incidents.models import Incident


class ImportBatch(Decided):
    """One file of incidents brought in. ``mapping`` says which column filled which answer."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    source_system = models.CharField(max_length=60)
    mapping = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.file_name


class ImportLine(Row):
    """What became of one line: imported, already here, or held back (quarantine) with the reason."""

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    values_encrypted = models.TextField(blank=True)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_line_once")]

    def __str__(self) -> str:
        return f"line {self.number}: {self.state}"


class ImportUndo(Decided):
    """A batch undone: its incidents are withdrawn, as far as no work has been done on them."""

    batch = models.OneToOneField(ImportBatch, models.PROTECT, related_name="undo")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.batch} undone"
