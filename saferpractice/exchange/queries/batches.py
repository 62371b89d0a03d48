"""Reads of files and batches, scoped to the provider of the person asking."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine, ImportLines, ImportRun, ImportUndo
from saferpractice.exchange.permissions import can_import
from saferpractice.exchange.rules.states import LineState, Standing, standing_of
from saferpractice.incidents.models import Incident


def file_of(*, by: Person, at: datetime, file_id: UUID) -> ImportFile | None:
    """The file, when it is of ``by``'s provider, ``by`` may import, and it was neither imported nor thrown away."""
    if not can_import(by=by, at=at):
        return None
    found = ImportFile.objects.select_related("team__service", "provider")
    return found.filter(pk=file_id, provider_id=by.provider_id, discarded_at__isnull=True, batch__isnull=True).first()


def open_files_of(*, by: Person, at: datetime) -> QuerySet[ImportFile]:
    """Files of ``by``'s provider that wait to be imported, newest first."""
    found = ImportFile.objects.filter(provider_id=by.provider_id, discarded_at__isnull=True, batch__isnull=True)
    return found.select_related("uploaded_by").order_by("-uploaded_at") if can_import(by=by, at=at) else found.none()


def batches_of(*, by: Person, at: datetime) -> QuerySet[ImportBatch]:
    """The imports of ``by``'s provider, newest first."""
    found = ImportBatch.objects.filter(provider_id=by.provider_id).select_related("team__service", "undo", "run")
    return found.order_by("-decided_at", "-pk") if can_import(by=by, at=at) else found.none()


def batch_of(*, by: Person, at: datetime, batch_id: UUID) -> ImportBatch | None:
    """The import, when ``by`` may see the imports of its provider."""
    return batches_of(by=by, at=at).filter(pk=batch_id).first()


def batch_of_file(*, by: Person, at: datetime, file_id: UUID) -> ImportBatch | None:
    """The import that a file has become, when ``by`` may see it."""
    return batches_of(by=by, at=at).filter(file_id=file_id).first()


def line_of(*, by: Person, at: datetime, line_id: UUID) -> ImportLine | None:
    """The line of an import that ``by`` may see."""
    found = ImportLine.objects.select_related("batch__file", "batch__team", "batch__provider", "incident")
    return found.filter(pk=line_id, batch__in=batches_of(by=by, at=at)).first()


def standing(batch: ImportBatch) -> Standing:
    """Where an import stands, counted from its lines."""
    counts = dict(batch.lines.values_list("state").annotate(how_many=Count("pk")).order_by())
    undone = ImportUndo.objects.filter(batch=batch).exists()
    stopped = ImportRun.objects.filter(batch=batch).exclude(stopped_because="").exists()
    return standing_of(rows=batch.rows, counts=counts, undone=undone, stopped=stopped)


def held_lines(batch: ImportBatch) -> ImportLines:
    """The lines held back, in the order of the file."""
    return batch.lines.held()


def other_lines(batch: ImportBatch, *, after: int) -> QuerySet[ImportLine]:
    """The lines that are not held back, from the row past ``after`` on."""
    return batch.lines.exclude(state=LineState.HELD).filter(number__gt=after).order_by("number")


def undo_of(batch: ImportBatch) -> ImportUndo | None:
    """The decision to undo an import, if it was taken."""
    return ImportUndo.objects.filter(batch=batch).first()


def values_context(batch_id: UUID, number: int) -> str:
    """What the encrypted cells of a line are bound to."""
    return f"exchange.importline:{batch_id}:{number}"


def cells_of(line: ImportLine) -> list[str]:
    """The cells of a line that was held back, in the order of the columns; empty when none are kept."""
    if not line.values_encrypted:
        return []
    text = encryption.decrypt(line.values_encrypted, values_context(line.batch_id, line.number))
    cells: list[str] = json.loads(text)
    return cells


def visible_incidents(*, by: Person, at: datetime, lines: Iterable[ImportLine]) -> dict[UUID, Incident]:
    """The incidents of ``lines`` that ``by`` may open, by id."""
    ids = [line.incident_id for line in lines if line.incident_id]
    return {one.pk: one for one in Incident.objects.visible_to(by, at).filter(pk__in=ids)}
