"""Which database the settings choose, and that it is opened so that what was acknowledged is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db.utils import ConnectionHandler

from saferpractice.config.databases import DatabaseUrlError, from_environment, postgresql, sqlite


def parameters(url: str) -> dict[str, Any]:
    """What Django hands to psycopg for ``url``. Nothing is connected."""
    found: dict[str, Any] = ConnectionHandler({"default": postgresql(url)})["default"].get_connection_params()
    return found


class TestTheChoice:
    def test_without_an_address_it_is_a_file_in_the_data_folder(self, tmp_path: Path) -> None:
        chosen = from_environment("", tmp_path)
        assert chosen["ENGINE"] == "django.db.backends.sqlite3"
        assert Path(chosen["NAME"]).parent == tmp_path

    @pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
    def test_with_an_address_it_is_postgresql(self, tmp_path: Path, scheme: str) -> None:
        assert from_environment(f"{scheme}://u:p@db/loop", tmp_path)["ENGINE"] == "django.db.backends.postgresql"


class TestSqlite:
    def test_its_settings_keep_what_was_acknowledged_when_the_power_is_cut(self) -> None:
        options = sqlite("x.sqlite3")["OPTIONS"]
        assert "journal_mode=WAL" in options["init_command"]
        assert "synchronous=FULL" in options["init_command"]
        assert options["transaction_mode"] == "IMMEDIATE"
        assert options["timeout"] >= 5

    def test_sqlite_takes_them_as_meant(self, tmp_path: Path) -> None:
        settings = sqlite(tmp_path / "x.sqlite3")
        with closing(sqlite3.connect(settings["NAME"])) as connection:
            connection.executescript(settings["OPTIONS"]["init_command"])
            read = {
                name: connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 is FULL

    def test_two_connections_do_not_share_settings(self) -> None:
        one, other = sqlite("a"), sqlite("b")
        one["OPTIONS"]["timeout"] = 0
        assert other["OPTIONS"]["timeout"] > 0


class TestPostgresql:
    def test_every_part_of_the_address_arrives(self) -> None:
        found = parameters("postgresql://keeper:pass@db.example:6432/loop?sslmode=verify-full")
        expected = {"dbname": "loop", "user": "keeper", "password": "pass", "host": "db.example", "port": "6432"}
        assert expected.items() <= found.items()
        assert found["sslmode"] == "verify-full"

    def test_difficult_characters_are_written_as_percent_codes(self) -> None:
        found = parameters("postgresql://k%40x:p%2F%23%3A%25%40w@db/my%20loop")
        assert (found["user"], found["password"], found["dbname"]) == ("k@x", "p/#:%@w", "my loop")

    @pytest.mark.parametrize("where", ["host=/run/postgresql&port=5433", "port=5433&host=/run/postgresql"])
    def test_a_socket_is_given_in_the_query(self, where: str) -> None:
        found = parameters(f"postgresql://keeper@/loop?{where}")
        assert (found["host"], found["port"]) == ("/run/postgresql", "5433")
        assert "port" not in postgresql(f"postgresql://keeper@/loop?{where}")["OPTIONS"]

    def test_what_is_left_out_is_left_to_postgresql(self) -> None:
        found = parameters("postgresql:///loop")
        assert not {"host", "port", "user", "password"} & found.keys()

    def test_connections_come_from_a_bounded_pool_whatever_the_address_says(self) -> None:
        for url in ("postgresql://u@db/loop", "postgresql://u@db/loop?pool=none"):
            pool = postgresql(url)["OPTIONS"]["pool"]
            assert 1 <= pool["min_size"] <= pool["max_size"] <= 20
            assert pool["timeout"] > 0

    @pytest.mark.parametrize(
        "url",
        [
            "db.example/loop",
            "host=db dbname=loop",
            "mysql://u:secret-word@db/loop",
            "sqlite:///loop.sqlite3",
            "postgresql://u:secret-word@db",
            "postgresql://u:secret-word@db/",
            "postgresql://u:secret-word@db:port/loop",
            "postgresql://u:secret-word@db:99999/loop",
            "postgresql://u:secret-word#1@db/loop",
            "postgresql://u:secret-word/1@db/loop",
            "postgresql://[::1/loop",
            "postgresql://u:secret-word℀@db/loop",  # a sign that would turn into "a/c" in a host name
        ],
    )
    def test_a_bad_address_is_refused_with_what_to_write_and_without_the_password(self, url: str) -> None:
        with pytest.raises(DatabaseUrlError) as refused:
            postgresql(url)
        said = str(refused.value)
        assert "DATABASE_URL must look like postgresql://user:password@host:5432/name" in said
        assert "write @ as %40" in said
        assert "secret-word" not in said
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
