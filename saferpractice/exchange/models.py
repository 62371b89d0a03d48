"""Imports: one batch for one file, one row for each line, nothing lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q

from saferpractice.access.decisions import Decided
from saferpractice.access.models import Person, Provider, Service, Team
from saferpractice.config.models import Row
from saferpractice.exchange.rules.states import LineState
from saferpractice.incidents.models import Incident


class ImportFile(Row):
    """A file brought to be imported, encrypted in the file storage until it has been, and the mapping chosen for it.

    ``discarded_at`` is when its text was thrown away: after the import, or when nobody came back for it.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    encoding = models.CharField(max_length=20)
    path = models.CharField(max_length=200, unique=True)
    mapping = models.JSONField(default=dict)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["uploaded_at"], name="import_file_kept", condition=Q(discarded_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.name


class KeptMapping(Decided):
    """A mapping kept under a name, to be used again. The newest of a name is the one in force; none is changed."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    content = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["provider", "name", "-decided_at"], name="kept_mapping_of_name")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(Decided):
    """One file of incidents brought in. ``mapping`` says which column filled which answer."""

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    file = models.OneToOneField(ImportFile, models.PROTECT, related_name="batch")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    source_system = models.CharField(max_length=60)
    mapping = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.file_name


class ImportRuns(models.QuerySet["ImportRun"]):
    """Named reads of the work on batches."""

    def waiting(self, at: datetime) -> ImportRuns:
        """With rows left to do at ``at``, and nobody at them."""
        unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
        return self.filter(unclaimed, finished_at__isnull=True).order_by("pk")


class ImportRun(Row):
    """The work on a batch: whose it is until when, and when all its rows were done. Cleared when it is undone.

    ``stopped_because`` says why no more rows of it can be done, when its text was lost.
    """

    batch = models.OneToOneField(ImportBatch, models.PROTECT, related_name="run")
    claimed_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stopped_because = models.TextField(blank=True)

    objects = ImportRuns.as_manager()

    class Meta:
        indexes = [models.Index(fields=["id"], name="import_run_open", condition=Q(finished_at__isnull=True))]

    def __str__(self) -> str:
        return f"work on {self.batch}"


class ImportLines(models.QuerySet["ImportLine"]):
    """Named reads of lines."""

    def held(self) -> ImportLines:
        """Held back: they can be corrected and tried again."""
        return self.filter(state=LineState.HELD).order_by("number")

    def brought(self, provider_id: UUID) -> ImportLines:
        """Lines of a provider that are incidents now."""
        return self.filter(batch__provider_id=provider_id, state=LineState.IMPORTED)


class ImportLine(Row):
    """What became of one line: imported, already here, or held back (quarantine) with the reason.

    ``number`` is the row's in the file, as a spreadsheet shows it. ``values_encrypted`` holds the cells of a line
    that was held back, until it is imported.
    """

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    source_reference = models.CharField(max_length=120, blank=True)
    values_encrypted = models.TextField(blank=True)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField()

    objects = ImportLines.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_line_once")]
        indexes = [models.Index(fields=["batch", "state", "number"], name="import_line_state")]

    def __str__(self) -> str:
        return f"line {self.number}: {self.state}"


class ImportUndo(Decided):
    """A batch undone: its incidents are withdrawn, as far as no work has been done on them."""

    batch = models.OneToOneField(ImportBatch, models.PROTECT, related_name="undo")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.batch} undone"


class Integration(Decided):
    """A care record system that may hold the checklist. ``origins`` are the sites that may show it in a frame.

    It acts only for staff who work in one of ``services``, each by their own name and roles.
    """

    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    origins = models.JSONField(default=list)
    services = models.ManyToManyField(Service, related_name="+")

    def __str__(self) -> str:
        return self.name


class IntegrationKey(Decided):
    """The secrets of an integration: a token for calls, hashed, and a secret for links, encrypted. The newest holds."""

    integration = models.ForeignKey(Integration, models.PROTECT, related_name="keys")
    token_hash = models.CharField(max_length=64, unique=True)
    link_secret_encrypted = models.TextField()

    def __str__(self) -> str:
        return f"key of {self.integration}"


class IntegrationEnd(Decided):
    """An integration revoked, and why."""

    integration = models.OneToOneField(Integration, models.PROTECT, related_name="end")
    reason = models.TextField()

    def __str__(self) -> str:
        return f"{self.integration} revoked"


class IntegrationUses(models.QuerySet["IntegrationUse"]):
    """Named reads of what integrations did."""

    def since(self, integration: Integration, at: datetime) -> IntegrationUses:
        """What ``integration`` asked for after ``at``."""
        return self.filter(integration=integration, at__gt=at)


class IntegrationUse(Row):
    """Something an integration asked for, and what it got. Names no person supported: administrators read it."""

    integration = models.ForeignKey(Integration, models.PROTECT, related_name="uses")
    at = models.DateTimeField()
    way = models.CharField(max_length=20)
    outcome = models.CharField(max_length=60)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = IntegrationUses.as_manager()

    class Meta:
        indexes = [models.Index(fields=["integration", "-at"], name="integration_use_newest")]

    def __str__(self) -> str:
        return f"{self.way}: {self.outcome}"


class LinkOpened(Row):
    """A link that was opened, by its nonce: it opens once."""

    integration = models.ForeignKey(Integration, models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=64)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "nonce"], name="link_opened_once")]

    def __str__(self) -> str:
        return self.nonce
