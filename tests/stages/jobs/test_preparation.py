"""What is prepared before serving, and when it is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.template import engines
from jinja2 import Environment

from saferpractice.access.models import Person, Provider
from saferpractice.design import nhsuk
from saferpractice.jobs import preparation
from saferpractice.jobs.preparation import CannotServe
from tests.databases import Database


class TestDatabase:
    def test_one_that_is_up_to_date_is_left_alone(self, fresh_database: Database) -> None:
        assert preparation.migrate() is False

    def test_one_that_is_behind_is_brought_up_to_date(self, fresh_database: Database) -> None:
        jobs = MigrationRecorder(connection).migration_qs.filter(app="jobs")
        applied = set(jobs.values_list("name", flat=True))
        from django.core.management import call_command

        call_command("migrate", "jobs", "zero", verbosity=0)
        assert preparation.migrate() is True
        assert set(jobs.values_list("name", flat=True)) == applied

    def test_a_newer_one_is_refused_and_not_touched(self, fresh_database: Database) -> None:
        MigrationRecorder(connection).record_applied("incidents", "0099_from_the_future")
        with pytest.raises(CannotServe, match=r"newer version .*incidents\.0099_from_the_future.* Nothing was changed"):
            preparation.migrate()

    def test_another_program_s_tables_are_no_concern(self, fresh_database: Database) -> None:
        MigrationRecorder(connection).record_applied("reporting_tool", "0001_initial")
        assert preparation.migrate() is False

    def test_one_that_is_away_is_a_sentence(self, fresh_database: Database, settings: Any, tmp_path: Path) -> None:
        connection.close()
        chosen = connection.settings_dict
        before = dict(chosen)
        if connection.vendor == "sqlite":
            chosen["NAME"] = str(tmp_path / "no" / "such.sqlite3")
        else:
            chosen["HOST"] = str(tmp_path)
        try:
            with pytest.raises(CannotServe, match="The database cannot be reached"):
                preparation.migrate()
        finally:
            connection.close()
            chosen.update(before)


class TestDataFolder:
    def test_two_starts_on_an_empty_folder_prepare_it_once(self, fresh_database: Database, tmp_path: Path) -> None:
        code = (
            "import django; django.setup()\n"
            "from saferpractice.jobs import preparation\n"
            "with preparation.alone(): print(preparation.migrate())\n"
        )
        environment = {
            **os.environ,
            **fresh_database.environment,
            "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings",
        }
        if connection.vendor == "sqlite":
            environment["DATA_DIR"] = str(tmp_path)
        else:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.close()
        started = [
            subprocess.Popen(
                [sys.executable, "-c", code],
                env=environment,
                cwd=django_settings.BASE_DIR,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        said = sorted(process.communicate(timeout=120)[0].strip() for process in started)
        assert [process.returncode for process in started] == [0, 0]
        assert said == ["False", "True"]

    def test_one_that_cannot_be_written_is_refused(self, settings: Any, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        settings.DATA_DIR = tmp_path / "file" / "data"
        with pytest.raises(CannotServe, match=r"cannot be written .* Choose another with DATA_DIR"):
            preparation.alone().__enter__()


class TestAddress:
    def test_a_name_nobody_knows(self) -> None:
        with pytest.raises(CannotServe, match=r"HOST is 'no-such-host\.invalid'"):
            preparation.check_address("no-such-host.invalid", 8000)

    def test_an_address_of_another_computer(self) -> None:
        with pytest.raises(CannotServe, match=r"on 192\.0\.2\.1 cannot be used"):
            preparation.check_address("192.0.2.1", 8000)


class TestStaticFiles:
    @pytest.fixture
    def source(self, settings: Any, tmp_path: Path) -> Path:
        """A folder of static files of our own, so that it can be changed."""
        folder = tmp_path / "source"
        folder.mkdir()
        (folder / "one.css").write_text("main { color: black }")
        settings.STATICFILES_DIRS = [folder]
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        settings.STATIC_ROOT = tmp_path / "collected"
        return folder

    def test_they_are_collected_once(self, source: Path, settings: Any) -> None:
        assert preparation.collect_static_files() is True
        assert (settings.STATIC_ROOT / "one.css").exists()
        assert preparation.collect_static_files() is False

    @pytest.mark.parametrize("what", ["changed", "added", "removed"])
    def test_and_again_when_one_is(self, source: Path, settings: Any, what: str) -> None:
        (source / "two.css").write_text("h1 { margin: 0 }")
        assert preparation.collect_static_files() is True
        if what == "changed":
            (source / "one.css").write_text("main { color: navy }")
        elif what == "added":
            (source / "three.css").write_text("p { margin: 0 }")
        else:
            (source / "two.css").unlink()
        assert preparation.collect_static_files() is True
        if what == "changed":
            assert "navy" in (settings.STATIC_ROOT / "one.css").read_text()

    def test_an_interrupted_collection_is_repeated(
        self, source: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        preparation.collect_static_files()
        (source / "one.css").write_text("main { color: navy }")

        def interrupted(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(preparation, "call_command", interrupted)
            with pytest.raises(KeyboardInterrupt):
                preparation.collect_static_files()
        assert preparation.collect_static_files() is True


class TestPages:
    @pytest.fixture(autouse=True)
    def kept_apart(self, settings: Any, tmp_path: Path) -> Iterator[None]:
        """Leave the template engine of the other tests as it is."""
        settings.DATA_DIR = tmp_path
        environments = (engines["jinja2"].env, nhsuk.components())
        for environment in environments:
            environment.cache.clear()
        yield
        for environment in environments:
            environment.bytecode_cache = None

    def test_every_page_is_compiled(self) -> None:
        pages = list((django_settings.BASE_DIR / "saferpractice").glob("*/templates/**/*.html"))
        assert preparation.compile_templates() >= len(pages) > 5

    def test_the_next_start_need_not_compile_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        preparation.compile_templates()
        for environment in (engines["jinja2"].env, nhsuk.components()):
            environment.cache.clear()
        compiled: list[Any] = []
        monkeypatch.setattr(Environment, "compile", lambda *source, **_: compiled.append(source))
        preparation.compile_templates()
        assert compiled == []


class TestExample:
    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        called: list[str] = []
        monkeypatch.setattr(preparation, "call_command", called.append)
        return called

    def test_it_is_loaded_into_an_empty_database(self, db: None, calls: list[str]) -> None:
        assert preparation.load_example() is True
        assert calls == ["load_example"]

    def test_never_into_one_with_people(self, db: None, calls: list[str]) -> None:
        provider = Provider.objects.create(name="Meadow Care")
        Person.objects.create(provider=provider, name="Anna", email="anna@example.org")
        assert preparation.load_example() is False
        assert calls == []

    def test_half_of_it_is_none_of_it(self, fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(_name: str) -> None:
            Provider.objects.create(name="Meadow Care")
            raise KeyboardInterrupt

        monkeypatch.setattr(preparation, "call_command", interrupted)
        with pytest.raises(KeyboardInterrupt):
            preparation.load_example()
        assert not Provider.objects.exists()
