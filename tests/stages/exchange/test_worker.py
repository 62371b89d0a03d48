"""Long imports: done by the worker in rounds, by one at a time, whoever is killed, and every row once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from saferpractice.config import clock
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportLine, ImportRun
from saferpractice.exchange.operations import carry_on, carry_on_waiting, importing, running, start_undo
from saferpractice.exchange.rules.states import BatchState, LineState
from saferpractice.incidents.models import Incident
from saferpractice.jobs.sweeps import round_of_work, tidy
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from tests.databases import Database
from tests.factories.exchange import PLAIN, a_file, an_import, csv_text, plain_rows
from tests.personas import NOW, Cast, build_cast
from tests.waiting import wait_for

pytestmark = pytest.mark.requirement("R6")


def waiting(cast: Cast, rows: int) -> ImportBatch:
    return an_import(csv_text(PLAIN, plain_rows(rows)), by=cast.lead, team=cast.north, finish=False)


@pytest.mark.django_db
class TestRounds:
    def test_a_round_of_the_worker_goes_on_with_an_import(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "ROWS_A_ROUND", 250)
        batch = waiting(cast, 7)
        assert round_of_work(NOW) > 0
        assert queries.standing(batch).state is BatchState.DONE
        assert Incident.objects.count() == 7

    def test_in_pieces(self, cast: Cast) -> None:
        batch = waiting(cast, 7)
        assert carry_on_waiting(at=NOW, limit=3) == 3
        assert queries.standing(batch).progress == (3, 7)
        assert carry_on_waiting(at=NOW, limit=3) == 3
        assert carry_on_waiting(at=NOW, limit=3) == 1
        assert carry_on_waiting(at=NOW, limit=3) == 0
        assert [line.number for line in ImportLine.objects.filter(batch=batch).order_by("number")] == list(range(2, 9))

    def test_one_that_is_claimed_is_left_alone_until_its_worker_must_have_died(self, cast: Cast) -> None:
        batch = waiting(cast, 2)
        ImportRun.objects.update(claimed_until=NOW + running.CLAIMED_FOR)
        assert carry_on(batch=batch, at=NOW, limit=10) is None
        assert carry_on_waiting(at=NOW) == 0
        assert carry_on_waiting(at=NOW + running.CLAIMED_FOR) == 2

    def test_a_row_that_somebody_else_did_meanwhile_is_not_done_again(self, cast: Cast) -> None:
        batch = waiting(cast, 3)
        rows = list(queries.table_of(batch.file).rows)
        bringing = importing.Bringing.of(batch, NOW)
        importing.import_row(by=cast.lead, at=NOW, bringing=bringing, row=rows[0])
        running._import_row(cast.lead, NOW, bringing, rows[0])
        assert Incident.objects.count() == ImportLine.objects.count() == 1

    def test_an_undo_goes_on_too(self, cast: Cast) -> None:
        batch = waiting(cast, 4)
        carry_on_waiting(at=NOW)
        start_undo(by=cast.lead, at=NOW, batch=batch, reason="The wrong file")
        assert carry_on_waiting(at=NOW, limit=3) == 3
        carry_on_waiting(at=NOW, limit=3)
        assert queries.standing(batch).state is BatchState.UNDONE


@pytest.mark.django_db
class TestWhatGoesWrong:
    def test_a_row_that_breaks_something_here_does_not_stop_the_rest(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = importing.report_incident

        def broken(**kwargs: object) -> object:
            if kwargs["source_reference"] == "D-2":
                raise RuntimeError("a fault of ours")
            return real(**kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(importing, "report_incident", broken)
        batch = waiting(cast, 3)
        carry_on(batch=batch, at=NOW, limit=10)
        (line,) = queries.held_lines(batch)
        assert (line.number, line.reason) == (3, running.FAULT)
        assert queries.cells_of(line)[0] == "D-2"
        assert Incident.objects.count() == 2

    def test_a_text_that_is_gone_stops_the_import_and_says_so(self, cast: Cast) -> None:
        batch = waiting(cast, 3)
        default_storage.delete(batch.file.path)
        carry_on_waiting(at=NOW)
        assert queries.standing(batch).state is BatchState.STOPPED
        assert "no longer kept" in ImportRun.objects.get().stopped_because
        assert carry_on_waiting(at=NOW) == 0

    def test_a_text_that_was_tampered_with_does_too(self, cast: Cast) -> None:
        batch = waiting(cast, 3)
        path = Path(default_storage.path(batch.file.path))
        path.write_bytes(path.read_bytes()[:-8] + b"AAAAAAA\n")
        carry_on_waiting(at=NOW)
        assert "was changed" in ImportRun.objects.get().stopped_because
        assert not Incident.objects.exists()

    def test_files_nobody_imports_are_tidied_away(self, cast: Cast) -> None:
        file = a_file(csv_text(PLAIN, plain_rows(1)), by=cast.lead, team=cast.north)
        tidy(NOW + timedelta(days=3))
        assert not default_storage.exists(file.path)

    def test_so_is_one_whose_worker_was_killed_between_the_last_row_and_throwing_it_away(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = waiting(cast, 2)
        with monkeypatch.context() as killed:
            killed.setattr(running, "_forget_text", lambda batch, at: None)
            carry_on_waiting(at=NOW)
        assert queries.standing(batch).state is BatchState.DONE
        assert default_storage.exists(batch.file.path)
        tidy(NOW)
        assert not default_storage.exists(batch.file.path)
        batch.file.refresh_from_db()
        assert batch.file.discarded_at == NOW

    def test_and_one_whose_import_has_stopped(self, cast: Cast) -> None:
        batch = waiting(cast, 2)
        path = Path(default_storage.path(batch.file.path))
        path.write_bytes(path.read_bytes()[:-8] + b"AAAAAAA\n")
        carry_on_waiting(at=NOW)
        assert default_storage.exists(batch.file.path)
        tidy(NOW)
        assert not default_storage.exists(batch.file.path)

    def test_but_not_one_that_is_being_imported(self, cast: Cast) -> None:
        batch = waiting(cast, 1)
        tidy(NOW + timedelta(days=3))
        assert default_storage.exists(batch.file.path)


ROWS = 400


def start_worker(database: Database) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **database.environment, "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings"}
    command = [sys.executable, "-m", "saferpractice", "work"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.timeout(600)
def test_three_workers_one_killed_in_mid_import(fresh_database: Database) -> None:
    batch = waiting(build_cast(), ROWS)
    workers = [start_worker(fresh_database) for _ in range(3)]

    def imported() -> int:
        return ImportLine.objects.filter(state=LineState.IMPORTED).count()

    try:
        wait_for(lambda: imported() >= 20, what="the first rows", seconds=120)
        for killed in workers[:2]:  # whichever of them is at it
            killed.send_signal(signal.SIGKILL)
            killed.wait(timeout=30)
        # The claim of a dead worker runs out; the tests do not wait for it.
        ImportRun.objects.filter(batch=batch).update(claimed_until=clock.now() - timedelta(seconds=1))
        finished = ImportRun.objects.filter(finished_at__isnull=False)
        wait_for(finished.exists, what="the end of the import", seconds=300)
        wait_for(lambda: not default_storage.exists(batch.file.path), what="the text to be thrown away", seconds=60)
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()

    assert imported() == Incident.objects.count() == ROWS
    assert Incident.objects.values("source_reference").distinct().count() == ROWS
    rows = TrailEntry.objects.filter(operation="exchange.import_row")
    assert rows.count() == rows.values("sentence").distinct().count() == ROWS
    assert check_chain(batch.provider_id).whole
