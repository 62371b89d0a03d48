"""Database settings: SQLite as the embedded default, PostgreSQL when ``DATABASE_URL`` says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_LOOKS_LIKE = (
    "DATABASE_URL must look like postgresql://user:password@host:5432/name. "
    "In the password write @ as %40, : as %3A, / as %2F, # as %23 and % as %25."
)


class DatabaseUrlError(ValueError):
    """``DATABASE_URL`` cannot be used; the message says what to write instead. It never quotes the password."""


def sqlite(path: Path | str) -> dict[str, Any]:
    """Settings for one SQLite file.

    WAL with ``synchronous=FULL``: WAL with NORMAL lost acknowledged writes when the power was cut.
    IMMEDIATE transactions take the write lock at the start, so two writers queue instead of failing.
    Without ``recursive_triggers`` a row that REPLACE takes away would pass the trigger that forbids deleting it.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA recursive_triggers=ON;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """Settings for PostgreSQL 15 or later, through psycopg's connection pool.

    Raises:
        DatabaseUrlError: the URL is not ``postgresql://user:password@host:port/name``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise DatabaseUrlError(_LOOKS_LIKE) from None  # the cause may quote the password
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise DatabaseUrlError(_LOOKS_LIKE)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or unquote(parts.hostname or "")
    port_text = query.pop("port", "")
    options: dict[str, Any] = {**query, "pool": {"min_size": 1, "max_size": 8, "timeout": 20}}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or port_text),
        "OPTIONS": options,
    }


def from_environment(database_url: str, data_dir: Path) -> dict[str, Any]:
    """The default database: ``database_url`` when given, else a SQLite file in ``data_dir``."""
    if database_url:
        return postgresql(database_url)
    return sqlite(data_dir / "saferpractice.sqlite3")
