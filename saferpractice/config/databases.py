"""Database settings: SQLite as the embedded default, PostgreSQL when ``DATABASE_URL`` says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class DatabaseUrlError(ValueError):
    """``DATABASE_URL`` cannot be used; the message says what to write instead."""


def sqlite(path: Path | str) -> dict[str, Any]:
    """Settings for one SQLite file.

    WAL with ``synchronous=FULL``: WAL with NORMAL lost acknowledged writes when the power was cut.
    IMMEDIATE transactions take the write lock at the start, so two writers queue instead of failing.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """Settings for PostgreSQL 15 or later, through psycopg's connection pool.

    Raises:
        DatabaseUrlError: the URL is not ``postgresql://user:password@host:port/name``.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise DatabaseUrlError("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    options: dict[str, Any] = {"pool": {"min_size": 1, "max_size": 8, "timeout": 20}}
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    options.update(query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": options,
    }


def from_environment(database_url: str, data_dir: Path) -> dict[str, Any]:
    """The default database: ``database_url`` when given, else a SQLite file in ``data_dir``."""
    if database_url:
        return postgresql(database_url)
    return sqlite(data_dir / "saferpractice.sqlite3")
