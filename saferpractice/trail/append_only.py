"""Database triggers that refuse to change or delete rows, on SQLite and on PostgreSQL.

The operations never do it; the triggers hold against everything else that can reach the database.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Protect(Operation):
    """A migration operation after which rows of ``table`` can be added, and neither deleted nor changed.

    Not a ``RunPython``: that has Django build every historical model anew, for nothing, once for each table.

    Args:
        table: the table's name.
        may_change: columns that may still be set (for example the moment a role ended).
    """

    def __init__(self, table: str, may_change: tuple[str, ...] = ()) -> None:
        self.table = table
        self.may_change = may_change

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the triggers."""
        make = _postgresql if schema_editor.connection.vendor == "postgresql" else _sqlite
        with schema_editor.connection.cursor() as cursor:
            table = schema_editor.connection.introspection.get_table_description(cursor, self.table)
        columns = [column.name for column in table if column.name not in self.may_change]
        for statement in make(self.table, columns):
            schema_editor.execute(statement, params=None)  # no parameters: a % in the text is a %

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the triggers."""
        on = f" ON {self.table}" if schema_editor.connection.vendor == "postgresql" else ""
        kinds = ("update", "delete", "truncate") if on else ("update", "delete")
        for kind in kinds:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.table}_no_{kind}{on}")

    def describe(self) -> str:
        """What it does, for the list of migrations."""
        return f"Refuse to change or delete rows of {self.table}"


class ProtectAgain(Protect):
    """As ``Protect``, for a table that got another column: the triggers it had know nothing of that one."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the triggers anew."""
        self.database_backwards(app_label, schema_editor, from_state, to_state)
        super().database_forwards(app_label, schema_editor, from_state, to_state)


def protect_again(table: str, *, may_change: tuple[str, ...] = ()) -> ProtectAgain:
    """A migration operation that makes the triggers of a protected table hold its new columns too."""
    return ProtectAgain(table, may_change)


def protect(table: str, *, may_change: tuple[str, ...] = ()) -> Protect:
    """A migration operation after which rows of ``table`` can be added, and neither deleted nor changed."""
    return Protect(table, may_change)


class Unprotect(Protect):
    """A migration operation that takes the triggers of ``table`` off, before it is altered and protected anew.

    SQLite alters a table by making another, and the triggers go with the old one without a word.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the triggers."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the triggers."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What it does, for the list of migrations."""
        return f"Let {self.table} be altered"


def unprotect(table: str, *, may_change: tuple[str, ...] = ()) -> Unprotect:
    """A migration operation after which ``table`` can be altered. ``protect`` must follow in the same migration."""
    return Unprotect(table, may_change)


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
