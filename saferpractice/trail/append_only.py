"""Database triggers that refuse to change or delete rows, on SQLite and on PostgreSQL.

The operations never do it; the triggers hold against everything else that can reach the database.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def protect(table: str, *, may_change: tuple[str, ...] = ()) -> migrations.RunPython:
    """A migration operation after which rows of ``table`` can be added, and neither deleted nor changed.

    Args:
        table: the table's name.
        may_change: columns that may still be set (for example the moment a role ended).
    """

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        make = _postgresql if editor.connection.vendor == "postgresql" else _sqlite
        columns = [
            column.name
            for column in editor.connection.introspection.get_table_description(editor.connection.cursor(), table)
            if column.name not in may_change
        ]
        for statement in make(table, columns):
            editor.execute(statement, params=None)  # no parameters: a % in the text is a %

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        kinds = ("update", "delete", "truncate") if on else ("update", "delete")
        for kind in kinds:
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{kind}{on}")

    return migrations.RunPython(forwards, backwards)


def _sqlite(table: str, columns: list[str]) -> list[str]:
    words = f"rows of {table} are never changed or deleted"
    changed = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in columns)
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END",
    ]


def _postgresql(table: str, columns: list[str]) -> list[str]:
    changed = " OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in columns)
    return [
        "CREATE OR REPLACE FUNCTION saferpractice_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = '23000'; END $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) "
        "EXECUTE FUNCTION saferpractice_refuse()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION saferpractice_refuse()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION saferpractice_refuse()",
    ]
