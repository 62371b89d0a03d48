"""Fixtures for every test. How to use them: docs/how-tos/write-a-test.md."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from hypothesis import settings as hypothesis_settings

from saferpractice.config import clock
from tests.databases import (
    Database,
    Databases,
    PostgresqlDatabases,
    PostgresqlServer,
    ServerStartError,
    SqliteDatabases,
    in_use,
)

if TYPE_CHECKING:
    from tests.personas import Cast

# The machine may be slow, and a slow example is not a wrong one. The suite draws the same examples every time, so that
# a red run is about the commit and not about luck; HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis_settings.register_profile("tests", deadline=None, print_blob=True, derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tests"))


def pytest_report_header() -> str:
    """Say which database this run uses."""
    return f"database: {settings.TEST_DATABASE}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse the fixtures that flush tables: the trail cannot be emptied."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        flushes = {"transactional_db", "live_server", "django_db_reset_sequences"} & set(
            getattr(item, "fixturenames", ())
        )
        if flushes or (mark and (mark.kwargs.get("transaction") or mark.kwargs.get("serialized_rollback"))):
            raise pytest.UsageError(
                f"{item.nodeid}: the trail cannot be flushed. A test that commits asks for the fixture fresh_database "
                "(or live_site) instead; see docs/how-tos/write-a-test.md."
            )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL, started once for the whole run and stopped at its end."""
    try:
        server = PostgresqlServer()
    except ServerStartError as error:
        pytest.exit(f"The tests need a PostgreSQL of their own. {error}", returncode=1)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: object,
) -> Databases:
    """Makes migrated databases of the kind this run tests."""
    folder = Path(settings.DATA_DIR)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        if settings.TEST_DATABASE == "postgresql":
            return PostgresqlDatabases(request.getfixturevalue("postgres_server"), folder)
        return SqliteDatabases(folder)


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases, django_db_blocker: object) -> Iterator[None]:
    """The database of every test that rolls back (fixture ``db``)."""
    with databases.copy() as database, django_db_blocker.unblock(), in_use(database):  # type: ignore[attr-defined]
        yield


@pytest.fixture
def fresh_database(databases: Databases, django_db_blocker: object) -> Iterator[Database]:
    """A migrated database of one's own, in which this process works and commits.

    Threads reach it as they are; other processes with ``{**os.environ, **fresh_database.environment}``.
    """
    with databases.copy() as database, django_db_blocker.unblock(), in_use(database):  # type: ignore[attr-defined]
        yield database


class TestClock:
    """The clock that views, commands and the worker read, in the test's hand."""

    __test__ = False

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def stand_at(self, moment: datetime) -> None:
        """From now on it is ``moment``, in every thread of this process."""
        assert moment.tzinfo, "say which time zone"
        self._monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def the_clock(monkeypatch: pytest.MonkeyPatch) -> TestClock:
    """Stop the clock: ``the_clock.stand_at(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))``."""
    return TestClock(monkeypatch)


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and places of ``tests/personas.py``, in a database that is rolled back."""
    from tests.personas import usual_cast

    return usual_cast()
