"""Looking for words in every column of every table, those that Django knows nothing of too."""

from __future__ import annotations

from uuid import UUID

from django.db import connection


def tables() -> dict[str, list[str]]:
    """Every table of the database and its columns."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            )
        else:
            cursor.execute(
                "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
            )
        found: dict[str, list[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, []).append(column)
    return found


def places_of(*words: str) -> set[str]:
    """The columns in which one of the words stands, as text or as bytes, whatever its capitals."""
    found, sought = set(), [word.lower() for word in words]
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    text = bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                    if any(word in text.lower() for word in sought):
                        found.add(f"{table}.{name}")
    return found


def places_of_id(key: UUID) -> set[str]:
    """The columns in which an id stands, however the database writes it."""
    return places_of(str(key), key.hex)
