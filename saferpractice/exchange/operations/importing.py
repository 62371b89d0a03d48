"""An import begun, and its rows: each becomes an incident or is held back with the reason, in its own transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.decisions import decided
from saferpractice.access.models import Team
from saferpractice.config import encryption
from saferpractice.design.typed import as_written
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine, ImportRun, ImportUndo
from saferpractice.exchange.permissions import check_can_import, check_can_triage_on_import
from saferpractice.exchange.queries.batches import values_context
from saferpractice.exchange.queries.judging import SAID_OTHERWISE, known_for, same_reference, table_of
from saferpractice.exchange.rules.mapping import ImportMapping, TriageOnImport, as_data, mapping_from_data
from saferpractice.exchange.rules.rows import Known, Prepared, prepare
from saferpractice.exchange.rules.states import LineState
from saferpractice.exchange.rules.table import TableRow
from saferpractice.exchange.rules.text import FileProblem
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import report_incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.operations import record_triage
from saferpractice.triage.rules import Answer, ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import ThresholdChoice, TierChoice, TriageForm


@operation
def start_import(
    *, by: By, at: datetime, file: ImportFile, mapping: ImportMapping
) -> Entry[ImportBatch] | Already[ImportBatch]:
    """Begin to import ``file``. The same file again gives the import that was begun.

    Raises:
        Refused: ``by`` may not import here, or the mapping records triage and ``by`` may not triage.
        Invalid: the file cannot be read by ``mapping``.
    """
    check_can_import(by=by, at=at, provider_id=file.provider_id)
    earlier = ImportBatch.objects.filter(file=file).first()
    if earlier is not None:
        return Already(earlier)
    if mapping.triage is not None:
        elsewhere = "team" in mapping.answers
        check_can_triage_on_import(by=by, at=at, provider_id=file.provider_id, team=None if elsewhere else file.team)
    try:
        table = table_of(file, mapping)
        rows = sum(1 for _ in table.rows)
    except FileProblem as problem:
        raise Invalid(problem.sentence) from problem
    if not rows:
        raise Invalid("The file has a heading and no rows under it.")
    batch = ImportBatch.objects.create(
        provider_id=file.provider_id,
        team=file.team,
        file=file,
        file_name=file.name,
        sha256=file.sha256,
        source_system=mapping.source_system,
        mapping=as_data(mapping),
        columns=list(table.columns),
        rows=rows,
        **decided(by, at),
    )
    ImportRun.objects.create(batch=batch)
    return Entry(
        result=batch,
        subject=batch,
        sentence=f"began to import {rows} {'row' if rows == 1 else 'rows'} of {file.name}",
        facts={"rows": rows, "source_system": mapping.source_system, "sha256": file.sha256},
    )


@dataclass(frozen=True, slots=True)
class Bringing:
    """What all rows of a batch share, read once."""

    batch: ImportBatch
    mapping: ImportMapping
    known: Known
    teams: Mapping[UUID, Team]

    @classmethod
    def of(cls, batch: ImportBatch, at: datetime) -> Bringing:
        """For ``batch``, with the lists and teams as they are at ``at``."""
        teams = Team.objects.filter(provider_id=batch.provider_id).select_related("provider", "service")
        return cls(
            batch=batch,
            mapping=mapping_from_data(batch.mapping),
            known=known_for(provider_id=batch.provider_id, team=batch.team, at=at),
            teams={team.pk: team for team in teams},
        )

    def prepared(self, row: TableRow) -> Prepared:
        """``row`` in our words."""
        return prepare(row, self.batch.columns, self.mapping, self.known)


@operation
def import_row(*, by: By, at: datetime, bringing: Bringing, row: TableRow) -> Entry[ImportLine]:
    """Make an incident of one row, or find it here already, or hold it back with the reason. All of it, or nothing.

    Raises:
        Refused, Invalid: what the row asks for cannot be done; nothing of it was, and ``hold_row`` keeps it.
        IntegrityError: another process has done this row at the same moment.
    """
    batch = bringing.batch
    check_can_import(by=by, at=at, provider_id=batch.provider_id)
    line = ImportLine(batch=batch, number=row.number, done_at=at)
    prepared = bringing.prepared(row)
    line.source_reference = prepared.reference
    if prepared.report is None:
        _hold(line, prepared.reason, row.cells)
    else:
        _bring(line, prepared, row.cells, bringing, by=by, at=at)
    line.save(force_insert=True)
    return _entry(line, batch)


@operation
def hold_row(
    *, by: By, at: datetime, batch: ImportBatch, row: TableRow, reason: str, reference: str = ""
) -> Entry[ImportLine]:
    """Hold one row back that could not be imported as it stands, so that the rows after it go on."""
    line = ImportLine(batch=batch, number=row.number, done_at=at, source_reference=reference)
    _hold(line, reason, row.cells)
    line.save(force_insert=True)
    return _entry(line, batch)


def _entry(line: ImportLine, batch: ImportBatch) -> Entry[ImportLine]:
    said = {
        LineState.IMPORTED: "imported row {number} of {file}",
        LineState.ALREADY: "found row {number} of {file} here already",
        LineState.HELD: "held back row {number} of {file}",
    }[LineState(line.state)]
    imported = line.state == LineState.IMPORTED
    return Entry(
        result=line,
        subject=batch,
        story_id=line.incident_id if imported else None,
        sentence=said.format(number=line.number, file=batch.file_name),
        facts={"row": line.number, "reason": line.reason},
    )


def _hold(line: ImportLine, reason: str, cells: Sequence[str]) -> None:
    line.state, line.reason, line.incident = LineState.HELD, reason, None
    line.values_encrypted = encryption.encrypt(json.dumps(list(cells)), values_context(line.batch_id, line.number))


def _bring(
    line: ImportLine, prepared: Prepared, cells: Sequence[str], bringing: Bringing, *, by: By, at: datetime
) -> None:
    batch, report = bringing.batch, prepared.report
    if report is None or prepared.team is None:
        raise ValueError("only a row without problems becomes an incident")
    of_source = Incident.objects.filter(
        provider_id=batch.provider_id, source_system=batch.source_system, source_reference=prepared.reference
    )
    earlier = of_source.standing().first()
    if earlier is not None:
        _found(line, earlier, same=earlier.what_happened == report.what_happened.strip(), cells=cells)
        return
    incident = report_incident(
        by=by,
        at=at,
        team=bringing.teams[prepared.team],
        report=report,
        submission_key=submission_key(batch.source_system, prepared.reference, withdrawn=of_source.count()),
        known_at=prepared.known_at,
        source_system=batch.source_system,
        source_reference=prepared.reference,
    )
    if bringing.mapping.triage is not None:
        _triage(incident, bringing.mapping.triage, batch, by=by, at=at)
    line.state, line.reason, line.incident, line.values_encrypted = LineState.IMPORTED, "", incident, ""


def submission_key(source_system: str, reference: str, *, withdrawn: int) -> str:
    """The key that lets a row of a source in once; once more after each time it was withdrawn."""
    said = hashlib.sha256(f"{source_system}\x1f{reference}".encode()).hexdigest()
    return f"import-{said[:56]}-{withdrawn}"


def _found(line: ImportLine, earlier: Incident, *, same: bool, cells: Sequence[str]) -> None:
    brought = ImportLine.objects.filter(batch_id=line.batch_id, incident=earlier, state=LineState.IMPORTED)
    first = brought.exclude(pk=line.pk).first()
    if first is not None and not same:
        _hold(line, same_reference(first.number), cells)
        return
    line.state, line.incident, line.values_encrypted = LineState.ALREADY, earlier, ""
    if first is not None:
        line.reason = f"The same as row {first.number}."
    else:
        line.reason = "" if same else SAID_OTHERWISE


def _triage(incident: Incident, stated: TriageOnImport, batch: ImportBatch, *, by: By, at: datetime) -> None:
    """Record what the mapping states of every row. The record says that it was made on import."""
    form = TriageForm(
        needs_care_and_support=Answer.UNKNOWN,
        abuse_or_neglect=Answer.UNKNOWN,
        wishes=stated.wishes,
        family_warning=Answer.UNKNOWN,
        healthcare_acts_suspected=Answer.UNKNOWN,
        prolonged_psychological_harm=Answer.UNKNOWN,
        multi_agency_breakdown=Answer.UNKNOWN,
        high_risk_failure=Answer.UNKNOWN,
        still_at_risk=Answer(incident.still_at_risk),
        risk_words=incident.risk_words,
        no_safety_actions_because=_on_import(stated.no_safety_actions_because, batch),
    )
    threshold = None
    if stated.threshold is not None:
        threshold = ThresholdChoice(
            outcome=ThresholdOutcome(stated.threshold.outcome),
            rationale=_on_import(stated.threshold.rationale, batch),
        )
    record_triage(
        by=by,
        at=at,
        incident=incident,
        form=form,
        submission_key=f"import-{incident.pk}",
        threshold=threshold,
        tier=TierChoice(tier=TierCode(stated.tier), reason=_on_import(stated.reason, batch)),
    )


def _on_import(words: str, batch: ImportBatch) -> str:
    return f"Recorded on import of {batch.file_name}, for every row alike: {words}"


@operation
def retry_line(
    *, by: By, at: datetime, line: ImportLine, cells: Sequence[str]
) -> Entry[ImportLine] | Already[ImportLine]:
    """Try a line that was held back again, with its cells as corrected.

    Raises:
        Refused: ``by`` may not import here, or the mapping records triage and ``by`` may not triage.
        Invalid: it still cannot be used. The names are those of the columns; "" for the whole row.
    """
    batch = line.batch
    check_can_import(by=by, at=at, provider_id=batch.provider_id)
    line = ImportLine.objects.select_for_update(of=("self",)).select_related("batch__team").get(pk=line.pk)
    if line.state != LineState.HELD:
        return Already(line)
    if ImportUndo.objects.filter(batch=batch).exists():
        raise Invalid("This import was undone. Upload the file again to import its rows.")
    bringing = Bringing.of(batch, at)
    row = TableRow(line.number, tuple(cells))
    prepared = bringing.prepared(row)
    if prepared.report is None:
        problems: dict[str, str] = {}
        for problem in prepared.problems:
            problems[problem.column] = " ".join([problems.get(problem.column, ""), problem.sentence]).strip()
        raise Invalid(problems)
    line.source_reference, line.done_at = prepared.reference, at
    _bring(line, prepared, row.cells, bringing, by=by, at=at)
    if line.state == LineState.HELD:
        raise Invalid(line.reason)
    line.save()
    done = _entry(line, batch)
    return Entry(
        result=line,
        subject=batch,
        story_id=done.story_id,
        sentence=f"corrected row {line.number} and {done.sentence}",
        facts={"row": line.number},
    )


@operation
def leave_out_line(*, by: By, at: datetime, line: ImportLine, reason: str) -> Entry[ImportLine] | Already[ImportLine]:
    """Decide that a line held back is not to be imported, with the reason. What it held stays, encrypted."""
    batch = line.batch
    check_can_import(by=by, at=at, provider_id=batch.provider_id)
    if not as_written(reason):
        raise Invalid({"reason": "Say why this row is not to be imported."})
    held = ImportLine.objects.filter(pk=line.pk, state=LineState.HELD)
    if not held.update(state=LineState.LEFT_OUT, reason=reason.strip()[:2000], done_at=at):
        line.refresh_from_db()
        return Already(line)
    line.refresh_from_db()
    return Entry(
        result=line,
        subject=batch,
        sentence=f"left out row {line.number} of {batch.file_name}",
        facts={"row": line.number, "reason": line.reason},
    )
