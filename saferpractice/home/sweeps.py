"""What the worker does for this room: dispose of what two people decided, and take away the files of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

import structlog
from django.core.files.storage import default_storage
from django.db import OperationalError, connection

from saferpractice.home.models import DisposalCertificate, DisposalProposal, DisposedFile
from saferpractice.home.operations import dispose
from saferpractice.jobs.sweeps import WORKER, tried

BATCH = 50
INDEX = "incidents_search"
AT_WORK = frozenset({"55P03", "40P01"})
"""What PostgreSQL says where a row was not to be had: somebody holds it."""
CLEARS_SAMPLES = 180_000
CLEAR_SAMPLES = (
    "SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited) FROM pg_stats "
    "WHERE schemaname = current_schema() AND tablename = ANY(%s)"
)
"""New samples are taken only of a table that holds a row: of an empty one the old would stay."""

log = structlog.get_logger()


def dispose_of_what_was_decided(at: datetime) -> int:
    """Dispose of what was approved, then take away files, those that an interruption left too; how much there was.

    Each proposal is a transaction of its own; one that fails is tried again, and the others go on.
    """
    what = "what two people decided could not be disposed of"
    done: list[DisposalProposal] = []
    for proposal in list(DisposalProposal.objects.to_do()[:BATCH]):
        tried(what, partial(_dispose, proposal, at, done), proposal=str(proposal.pk))
    if done:
        tried("what the database keeps beside its rows could not be forgotten", partial(_leave_no_copy, done))
    return len(done) + sweep_disposed_files(at)


def _dispose(proposal: DisposalProposal, at: datetime, done: list[DisposalProposal]) -> None:
    try:
        dispose(by=WORKER, at=at, proposal=proposal)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in AT_WORK:
            raise
        log.info("somebody is at work on what is to be disposed of; it is tried again", proposal=str(proposal.pk))
    else:
        done.append(proposal)


def _leave_no_copy(done: Iterable[DisposalProposal]) -> None:
    """Have the database forget what it keeps beside the rows: pages as they were, and samples of what columns hold.

    Where somebody reads on meanwhile it is forgotten later: with the next disposal, or as the database tidies up.
    """
    if connection.in_atomic_block:
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    made = DisposalCertificate.objects.filter(proposal__in=[one.pk for one in done])
    tables = sorted({table for one in made for table in (*one.counts, *one.emptied)} | ({INDEX} if made else set()))
    with connection.cursor() as cursor:
        if connection.pg_version >= CLEARS_SAMPLES:  # type: ignore[attr-defined]
            cursor.execute(CLEAR_SAMPLES, [tables])
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {connection.ops.quote_name(table)}")


def sweep_disposed_files(at: datetime) -> int:
    """Delete the files of what was disposed of that are still there; how many are gone now. Done twice, it is once."""
    gone = 0
    for row in DisposedFile.objects.filter(gone_at__isnull=True)[: 10 * BATCH]:
        try:
            default_storage.delete(row.path)
        except OSError:
            log.exception("a file that was disposed of could not be deleted", file=row.path)
            continue
        gone += DisposedFile.objects.filter(pk=row.pk, gone_at__isnull=True).update(gone_at=at)
    return gone
