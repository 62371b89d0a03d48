"""Working through a batch row by row: in the request when it is short, by the worker when it is long.

Any number of workers may run, and any may be killed: a row is done in its own transaction, and done once.
"""

from __future__ import annotations

import contextlib
import itertools
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.db.models import Max, Q

from saferpractice.config.encryption import CannotDecrypt
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine, ImportRun, ImportUndo
from saferpractice.exchange.operations.importing import Bringing, hold_row, import_row
from saferpractice.exchange.operations.undoing import withdraw_line
from saferpractice.exchange.queries.judging import table_of
from saferpractice.exchange.rules.mapping import mapping_from_data
from saferpractice.exchange.rules.states import LineState
from saferpractice.exchange.rules.table import TableRow
from saferpractice.exchange.rules.text import FileProblem
from saferpractice.exchange.staging import discard
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, Process

log = structlog.get_logger()
FAULT = "Something went wrong here that is no fault of the row. Try it again, and tell whoever looks after the system."
IN_REQUEST = 500
"""Imports of up to this many rows are done at once; longer ones by the worker."""
ROWS_A_ROUND = 250
"""How many rows the worker does before it looks at deadlines again."""
CLAIMED_FOR = timedelta(minutes=5)
"""How long a batch belongs to whoever claimed it; after that they must have died."""


def carry_on_waiting(*, at: datetime, limit: int = ROWS_A_ROUND) -> int:
    """Claim one batch with rows left and do up to ``limit`` of them; how many were done. Zero: nothing waits."""
    for run in ImportRun.objects.waiting(at).select_related("batch__decided_by")[:10]:
        done = carry_on(batch=run.batch, at=at, limit=limit)
        if done is not None:
            return max(1, done)
    return 0


def carry_on(*, batch: ImportBatch, at: datetime, limit: int) -> int | None:
    """Do up to ``limit`` rows of ``batch``; how many were done, or None when somebody else is at it."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    runs = ImportRun.objects.filter(batch=batch)
    if not runs.filter(free, finished_at__isnull=True).update(claimed_until=at + CLAIMED_FOR):
        return None
    undo = ImportUndo.objects.filter(batch=batch).select_related("decided_by").first()
    try:
        done = _undo_rows(batch, undo, at, limit) if undo else _import_rows(batch, at, limit)
    except (FileProblem, CannotDecrypt) as problem:
        runs.update(claimed_until=None, finished_at=at, stopped_because=str(problem))
        return 0
    except Exception:
        with contextlib.suppress(DatabaseError):
            runs.update(claimed_until=None)
        raise
    left = done >= limit
    runs.update(claimed_until=None, finished_at=None if left else at)
    if not left and undo is None:
        _forget_text(batch, at)
    return done


def _forget_text(batch: ImportBatch, at: datetime) -> None:
    discard(batch.file)
    ImportFile.objects.filter(pk=batch.file_id).update(discarded_at=at)


def _acting(decision: ImportBatch | ImportUndo) -> By:
    return decision.decided_by or Process(decision.decided_by_name)


def _import_rows(batch: ImportBatch, at: datetime, limit: int) -> int:
    by, bringing = _acting(batch), Bringing.of(batch, at)
    count = 0
    for row in itertools.islice(_rows_left(batch), limit):
        try:
            _import_row(by, at, bringing, row)
        except (OperationalError, InterfaceError):
            raise  # the database does not answer: that is not the row's fault, and it is done later
        except (Refused, Invalid) as no:
            reference = bringing.prepared(row).reference
            hold_row(by=by, at=at, batch=batch, row=row, reason=str(no), reference=reference)
        except Exception as fault:
            # Neither its message nor its frames, which may hold what the row says.
            where = {"batch": str(batch.pk), "row": row.number, "fault": _place_of(fault)}
            log.error("a row could not be imported", **where)  # noqa: TRY400
            hold_row(by=by, at=at, batch=batch, row=row, reason=FAULT)
        count += 1
    return count


def _place_of(fault: Exception) -> str:
    """The kind of ``fault`` and the line of code it comes from: "KeyError in rows.py, line 12"."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _import_row(by: By, at: datetime, bringing: Bringing, row: TableRow) -> None:
    try:
        import_row(by=by, at=at, bringing=bringing, row=row)
    except IntegrityError:
        # Somebody did this very row, or the same reference in another file: the second look finds it.
        if not ImportLine.objects.filter(batch=bringing.batch, number=row.number).exists():
            import_row(by=by, at=at, bringing=bringing, row=row)


def _rows_left(batch: ImportBatch) -> Iterator[TableRow]:
    last = ImportLine.objects.filter(batch=batch).aggregate(last=Max("number"))["last"] or 0
    table = table_of(batch.file, mapping_from_data(batch.mapping))
    return (row for row in table.rows if row.number > last)


def _undo_rows(batch: ImportBatch, undo: ImportUndo, at: datetime, limit: int) -> int:
    by = _acting(undo)
    lines = list(
        ImportLine.objects.filter(batch=batch, state=LineState.IMPORTED)
        .select_related("batch")
        .order_by("number")[:limit]
    )
    for line in lines:
        withdraw_line(by=by, at=at, line=line)
    return len(lines)
