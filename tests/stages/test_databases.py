"""The databases of the tests are what they claim to be: real, opened as in production, one's own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from saferpractice.access.models import Provider
from tests.databases import Database, PostgresqlServer


def add_provider(name: str) -> None:
    Provider.objects.create(name=name)
    connection.close()


@pytest.mark.usefixtures("db")
class TestRollingBack:
    """Each of these adds the same row to a table where it may stand once."""

    def test_first(self) -> None:
        assert not Provider.objects.exists()
        add = Provider.objects.create(name="Once")
        assert Provider.objects.get() == add

    def test_second(self) -> None:
        assert not Provider.objects.exists()
        Provider.objects.create(name="Once")

    def test_constraints_are_the_database_s_own(self) -> None:
        Provider.objects.create(name="Once")
        with pytest.raises(IntegrityError), transaction.atomic():
            Provider.objects.create(name="Once")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_fresh_database_is_one_s_own(fresh_database: Database, turn: int) -> None:
    assert not Provider.objects.exists(), f"turn {turn} sees another test's rows"
    add_provider("From the test")
    other = threading.Thread(target=add_provider, args=["From a thread"])
    other.start()
    other.join()
    assert set(Provider.objects.values_list("name", flat=True)) == {"From the test", "From a thread"}


def test_another_process_reaches_the_same_database(fresh_database: Database) -> None:
    add_provider("From the test")
    code = (
        "import django; django.setup()\n"
        "from saferpractice.access.models import Provider\n"
        "print(Provider.objects.get().name); Provider.objects.create(name='From the process')"
    )
    environment = {
        **os.environ,
        **fresh_database.environment,
        "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings",
    }
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )
    assert told.stdout.strip() == "From the test"
    assert Provider.objects.filter(name="From the process").exists()


def test_it_is_the_kind_this_run_tests(fresh_database: Database) -> None:
    assert connection.vendor == settings.TEST_DATABASE
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT version()")
            assert cursor.fetchone()[0].startswith("PostgreSQL 18")
        else:
            read = {}
            for name in ("journal_mode", "synchronous", "foreign_keys"):
                cursor.execute(f"PRAGMA {name}")
                read[name] = cursor.fetchone()[0]
            full = 2
            assert read == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1}


def test_it_is_migrated(fresh_database: Database) -> None:
    call_command("migrate", check_unapplied=True, verbosity=0)  # exits when something is missing


def test_the_server_starts_where_its_user_may_not_look(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settings.TEST_DATABASE != "postgresql":
        assert "postgres_server" not in request.fixturenames, "a run on SQLite starts no server"
        return
    real, refused = PostgresqlServer._output, []

    def output(self: PostgresqlServer, *command: str | Path) -> str:
        if not refused:
            refused.append(command)
            raise PermissionError
        return real(self, *command)

    monkeypatch.setattr(PostgresqlServer, "_output", output)
    server = PostgresqlServer()
    try:
        assert server.bin.is_relative_to(server.home)
        server.run("SELECT 1")
    finally:
        server.stop()
    assert not server.home.exists()


def test_files_go_with_the_database(fresh_database: Database) -> None:
    assert fresh_database.data_dir == settings.DATA_DIR
