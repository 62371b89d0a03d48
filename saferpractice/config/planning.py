"""What the database knows of its own tables when it chooses how to answer."""

from __future__ import annotations

from django.db import connection


def renew_statistics() -> None:
    """Count what the tables hold, so that the database chooses its indexes by what is there.

    After many rows at once it is a must: PostgreSQL renews its own within a minute of a commit, but until then takes a
    full table for an empty one, and one question of a page can run for minutes. SQLite has only this.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize=0x10002")
