"""Search takes no notice of accents or of printers' signs on PostgreSQL either.

"cafe" finds "café" and "wasn" finds "wasn’t" there as they do on SQLite, whatever the locale of the server: in some
every sign beyond ASCII counts as a letter.
"""

import unicodedata

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _parts(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)


LETTERS = [
    chr(code)
    for codes in (range(0xC0, 0x250), range(0x1E00, 0x1F00))
    for code in codes
    if len(_parts(chr(code))) > 1 and _parts(chr(code))[0].isascii()
]
"""Latin letters with marks that Unicode takes apart into a plain letter and its marks."""
MARKS = "".join(chr(code) for code in range(0x300, 0x370))
SIGNS = "/.:@_+-"
PRINTED = "’‘‚‛“”„‟–—―‐‑…•·«»‹›′″¡¿§¶†‡°©®™€£\u00a0\u2009\u202f"
FROM = SIGNS + PRINTED + "".join(LETTERS) + MARKS
TO = " " * len(SIGNS + PRINTED) + "".join(_parts(letter)[0] for letter in LETTERS)
"""Each of FROM becomes the same place of TO; the marks, beyond its end, go."""
WORDS = f"to_tsvector('english', translate(text, '{FROM}', '{TO}'))"
BEFORE = f"to_tsvector('english', translate(text, '{SIGNS}', '{' ' * len(SIGNS)}'))"


def _words_from(expression: str, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    for statement in (
        "DROP INDEX incidents_search_words",
        "ALTER TABLE incidents_search DROP COLUMN words",
        f"ALTER TABLE incidents_search ADD COLUMN words tsvector GENERATED ALWAYS AS ({expression}) STORED",
        "CREATE INDEX incidents_search_words ON incidents_search USING gin (words)",
    ):
        editor.execute(statement, params=None)


def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    _words_from(WORDS, editor)


def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    _words_from(BEFORE, editor)


class Migration(migrations.Migration):
    dependencies = [("incidents", "0003_search")]

    operations = [migrations.RunPython(forwards, backwards)]
