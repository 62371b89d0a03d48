"""Full text search: FTS5 on SQLite, tsvector with GIN on PostgreSQL, filled by triggers as rows are added."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TEXT = {
    "incidents_incident": (
        "NEW.id",
        "NEW.reference || ' ' || NEW.what_happened || ' ' || NEW.done_at_once || ' ' || NEW.also_known",
    ),
    "incidents_correction": ("NEW.incident_id", "NEW.text"),
}


# PostgreSQL takes 21/09/2023 for a path and risk.log for a host, and would find neither's parts.
APART = "translate({}, '/.:@_+-', '       ')"


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _postgresql() if editor.connection.vendor == "postgresql" else _sqlite():
        editor.execute(statement, params=None)


def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    postgresql = editor.connection.vendor == "postgresql"
    for table in TEXT:
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_search" + (f" ON {table}" if postgresql else ""))
        if postgresql:
            editor.execute(f"DROP FUNCTION IF EXISTS {table}_search()")
    editor.execute("DROP TABLE IF EXISTS incidents_search")


def _sqlite() -> list[str]:
    made = [
        "CREATE VIRTUAL TABLE incidents_search USING fts5("
        "incident_id UNINDEXED, text, tokenize = 'porter unicode61 remove_diacritics 2')"
    ]
    return made + [
        f"CREATE TRIGGER {table}_search AFTER INSERT ON {table} BEGIN "
        f"INSERT INTO incidents_search (incident_id, text) VALUES ({key}, {text}); END"
        for table, (key, text) in TEXT.items()
    ]


def _postgresql() -> list[str]:
    made = [
        "CREATE TABLE incidents_search (incident_id uuid NOT NULL, text text NOT NULL, "
        f"words tsvector GENERATED ALWAYS AS (to_tsvector('english', {APART.format('text')})) STORED)",
        "CREATE INDEX incidents_search_words ON incidents_search USING gin (words)",
    ]
    for table, (key, text) in TEXT.items():
        made += [
            f"CREATE FUNCTION {table}_search() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO incidents_search (incident_id, text) VALUES ({key}, {text}); RETURN NULL; END $$",
            f"CREATE TRIGGER {table}_search AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_search()",
        ]
    return made


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_protect")]

    operations = [migrations.RunPython(forwards, backwards)]
