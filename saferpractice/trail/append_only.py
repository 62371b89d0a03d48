"""Database triggers that refuse to change or delete rows, on SQLite and on PostgreSQL.

The operations never do it; the triggers hold against everything else that can reach the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

KINDS = ("update", "delete")
_IF = "IS NOT TRUE"
"""In a trigger of SQLite that lets something through."""


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
        statements = make(self.table, columns)
        for kind, guard in _kept(schema_editor).pop(self.table, {}).items():
            statements = [guard if f"{self.table}_no_{kind} " in one else one for one in statements]
        for statement in statements:
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
    """As ``Protect``, for a table that got another column: the triggers it had know nothing of that one.

    By what its rows may go is kept (``LetGo``).
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the triggers anew."""
        _keep_permits(schema_editor, self.table)
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

    SQLite alters a table by making another, and the triggers go with the old one without a word. By what its rows may
    go is kept (``LetGo``), for ``protect`` in the same migration.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the triggers."""
        _keep_permits(schema_editor, self.table)
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


class LetGo(Protect):
    """A migration operation after which rows of a protected table can be deleted while a condition holds, else not.

    The condition may name other tables. SQLite refuses to alter a table that a trigger of another names, so it should
    name few, and none that will change.
    """

    def __init__(self, table: str, condition: Callable[[str], str]) -> None:
        super().__init__(table)
        self.condition = condition

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the trigger anew."""
        for statement in self._statements(schema_editor.connection.vendor, self.condition("OLD")):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Refuse always again."""
        for statement in self._statements(schema_editor.connection.vendor, "1 = 0"):
            schema_editor.execute(statement, params=None)

    def _statements(self, vendor: str, condition: str) -> list[str]:
        table = self.table
        if vendor == "postgresql":
            return [
                f"DROP TRIGGER IF EXISTS {table}_no_delete ON {table}",
                _function(f"{table}_let_go", condition, "OLD"),
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION {table}_let_go()",
            ]
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_delete",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN ({condition}) IS NOT TRUE "
            f"BEGIN SELECT RAISE(ABORT, '{_words(table)}'); END",
        ]

    def describe(self) -> str:
        """What it does, for the list of migrations."""
        return f"Let rows of {self.table} go where two people permitted it"


class LetEmpty(LetGo):
    """A migration operation after which columns of a protected table can be emptied while a condition holds.

    All of them at once, and nothing else of the row with them.
    """

    def __init__(self, table: str, condition: Callable[[str], str], empty: Mapping[str, str]) -> None:
        super().__init__(table, condition)
        self.empty = empty
        self.columns: list[str] = []

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make the trigger anew."""
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_table_description(cursor, self.table)
        self.columns = [column.name for column in found]
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Refuse always again."""
        Protect.database_backwards(self, app_label, schema_editor, from_state, to_state)
        Protect.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def _statements(self, vendor: str, condition: str) -> list[str]:
        table, postgresql = self.table, vendor == "postgresql"
        differs = "IS DISTINCT FROM" if postgresql else "IS NOT"
        text = "::text" if postgresql else ""
        changed = " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in self.columns)
        others = " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in self.columns if c not in self.empty)
        emptied = " AND ".join(f"NEW.\"{c}\"{text} = '{value}'" for c, value in self.empty.items())
        permitted = f"NOT ({others}) AND {emptied} AND ({condition})"
        if postgresql:
            return [
                f"DROP TRIGGER IF EXISTS {table}_no_update ON {table}",
                _function(f"{table}_let_empty", permitted, "NEW"),
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) "
                f"EXECUTE FUNCTION {table}_let_empty()",
            ]
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN ({changed}) AND ({permitted}) IS NOT TRUE "
            f"BEGIN SELECT RAISE(ABORT, '{_words(table)}'); END",
        ]

    def describe(self) -> str:
        """What it does, for the list of migrations."""
        return f"Let the words of {self.table} be emptied where two people permitted it"


class LetIn(LetGo):
    """A migration operation after which rows come into a table only while a condition holds, and are never changed."""

    def _statements(self, vendor: str, condition: str) -> list[str]:
        table, condition = self.table, self.condition("NEW")
        if vendor == "postgresql":
            return [
                _function(f"{table}_let_in", f"TG_OP = 'INSERT' AND ({condition})", "NEW"),
                f"CREATE TRIGGER {table}_no_insert BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW "
                f"EXECUTE FUNCTION {table}_let_in()",
            ]
        return [
            f"CREATE TRIGGER {table}_no_insert BEFORE INSERT ON {table} WHEN ({condition}) IS NOT TRUE "
            f"BEGIN SELECT RAISE(ABORT, 'no such row comes into {table}'); END",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_words(table)}'); END",
        ]

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the triggers."""
        on = f" ON {self.table}" if schema_editor.connection.vendor == "postgresql" else ""
        for kind in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.table}_no_{kind}{on}")

    def describe(self) -> str:
        """What it does, for the list of migrations."""
        return f"Let rows into {self.table} only where two people permitted it"


def let_go(table: str, condition: Callable[[str], str]) -> LetGo:
    """A migration operation after which rows of a protected table go only while ``condition`` (of the row) holds."""
    return LetGo(table, condition)


def let_empty(table: str, condition: Callable[[str], str], *, empty: Mapping[str, str]) -> LetEmpty:
    """A migration operation after which the columns ``empty`` may get those values, all, while ``condition`` holds."""
    return LetEmpty(table, condition, empty)


def let_in(table: str, condition: Callable[[str], str]) -> LetIn:
    """A migration operation after which a row comes into ``table`` only while ``condition`` (of the row) holds."""
    return LetIn(table, condition)


def _kept(schema_editor: BaseDatabaseSchemaEditor) -> dict[str, dict[str, str]]:
    """By table and kind, the triggers that let through what was permitted, while the table is without them."""
    kept: dict[str, dict[str, str]] = schema_editor.__dict__.setdefault("permits_kept", {})
    return kept


def _keep_permits(schema_editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Keep the triggers of ``table`` that let through what was permitted, to be made again by ``protect``.

    Raises:
        ValueError: the words of its rows may be emptied: a trigger that names the columns must be decided anew.
    """
    postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        if postgresql:
            cursor.execute(
                "SELECT t.tgname, pg_get_triggerdef(t.oid), p.proname FROM pg_trigger t "
                "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = to_regclass(%s) AND NOT t.tgisinternal",
                [table],
            )
        else:
            cursor.execute("SELECT name, sql, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        found = {name: (sql, by) for name, sql, by in cursor.fetchall()}
    permits = {"delete": f"{table}_let_go", "update": f"{table}_let_empty"} if postgresql else dict.fromkeys(KINDS, _IF)
    for kind in KINDS:
        sql, by = found.get(f"{table}_no_{kind}", ("", ""))
        if permits[kind] not in by:
            continue
        if kind == "update":
            raise ValueError(f"rows of {table} may be emptied by a permit: drop its triggers and say let_empty again")
        _kept(schema_editor).setdefault(table, {})[kind] = sql


def _words(table: str) -> str:
    return f"rows of {table} are never changed or deleted"


def _function(name: str, condition: str, result: str) -> str:
    """A trigger function of PostgreSQL that refuses unless the condition is true: not where it is unknown."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF ({condition}) IS NOT TRUE THEN "
        "RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = '23000'; END IF; "
        f"RETURN {result}; END $$"
    )


def _sqlite(table: str, columns: list[str]) -> list[str]:
    words = _words(table)
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
