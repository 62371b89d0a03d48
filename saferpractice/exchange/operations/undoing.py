"""An import undone: its incidents are withdrawn, as far as nobody has worked on them."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.permissions import allowed
from saferpractice.design.typed import as_written
from saferpractice.exchange.models import ImportBatch, ImportLine, ImportRun, ImportUndo
from saferpractice.exchange.permissions import check_can_import
from saferpractice.exchange.rules.states import LineState, work_words
from saferpractice.incidents.models import Incident, Withdrawal
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.incidents.permissions import check_can_decide_access
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By, Process

MADE_BY_IMPORT = (
    "exchange.import_row",
    "exchange.retry_line",
    "incidents.report_incident",
    "triage.record_triage",
    "triage.decide_threshold",
)
"""What the import itself does to an incident, all at one moment."""


@operation
def start_undo(*, by: By, at: datetime, batch: ImportBatch, reason: str) -> Entry[ImportUndo] | Already[ImportUndo]:
    """Decide to take back an import that is finished. Its rows follow one by one (``withdraw_line``).

    Raises:
        Refused: ``by`` may not import here.
        Invalid: no reason, or it is still being imported.
    """
    check_can_import(by=by, at=at, provider_id=batch.provider_id)
    earlier = ImportUndo.objects.filter(batch=batch).first()
    if earlier is not None:
        return Already(earlier)
    if not as_written(reason):
        raise Invalid({"reason": "Say why this import is taken back."})
    if not ImportRun.objects.filter(batch=batch, finished_at__isnull=False).update(finished_at=None):
        raise Invalid("Wait until the import is finished, then undo it.")
    undo = ImportUndo.objects.create(batch=batch, reason=reason.strip(), **decided(by, at))
    return Entry(
        result=undo,
        subject=batch,
        sentence=f"decided to undo the import of {batch.file_name}",
        facts={"reason": undo.reason},
    )


def work_on(line: ImportLine) -> list[str]:
    """The operations done on a line's incident beyond what the import did, oldest first. Looking is no work."""
    done = TrailEntry.objects.story(line.incident_id) if line.incident_id else TrailEntry.objects.none()
    return list(
        done.exclude(at=line.done_at, operation__in=MADE_BY_IMPORT)
        .exclude(operation__startswith="deadlines.")
        .values_list("operation", flat=True)
    )


@operation
def withdraw_line(*, by: By, at: datetime, line: ImportLine) -> Entry[ImportLine] | Already[ImportLine]:
    """Withdraw the incident of one line of an import that is being undone, or say why it stays."""
    check_can_import(by=by, at=at, provider_id=line.batch.provider_id)
    line = ImportLine.objects.select_for_update(of=("self",)).select_related("batch").get(pk=line.pk)
    if line.state != LineState.IMPORTED or line.incident_id is None:
        return Already(line)
    undo = ImportUndo.objects.get(batch=line.batch)
    incident = Incident.objects.select_related("team", "provider").get(pk=line.incident_id)
    work = [] if Withdrawal.objects.filter(incident=incident).exists() else work_on(line)
    line.state = LineState.STAYS if work else LineState.WITHDRAWN
    line.reason = f"It stays: {work_words(work)}." if work else ""
    if not work and not Withdrawal.objects.filter(incident=incident).exists():
        withdraw_incident(by=_who(by, at, incident), at=at, incident=incident, reason=undo.reason)
    line.save(update_fields=["state", "reason"])
    did = "left the incident of row {} in place" if work else "took back the incident of row {}"
    return Entry(
        result=line,
        subject=line.batch,
        story_id=incident.pk,
        sentence=f"{did.format(line.number)} of {line.batch.file_name}",
        facts={"row": line.number, "reason": line.reason},
    )


def _who(by: By, at: datetime, incident: Incident) -> By:
    """Whoever undoes, when they may withdraw a single incident; else the undo in their name."""
    may, _ = allowed(check_can_decide_access, by=by, at=at, incident=incident)
    return by if may else Process(f"Undo of an import by {by.signature(at).name}"[:200])
