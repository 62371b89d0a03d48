"""Finding incidents by words, the same way on both databases."""

from __future__ import annotations

import re
import unicodedata

from django.db import connection
from django.db.models.expressions import RawSQL

from saferpractice.incidents.models import Incidents

MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a search, at most twelve, without accents; signs that an engine would read as commands go."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text[:500]) if not unicodedata.combining(c))
    return tuple(_WORD.findall(plain)[:MOST_WORDS])


def matching(incidents: Incidents, text: str) -> Incidents:
    """Those of ``incidents`` whose reference, narrative or corrections hold every word of ``text``.

    Words match whatever their ending ("escalated" finds "escalation"). A search without words finds nothing.
    """
    words = words_of(text)
    if not words:
        return incidents.none()
    if connection.vendor == "postgresql":
        found = RawSQL(
            "SELECT incident_id FROM incidents_search WHERE words @@ plainto_tsquery('english', %s)",
            [" ".join(words).replace("-", " ")],  # as the migration took the text apart
        )
    else:
        quoted = " ".join(f'"{word}"' for word in words)
        found = RawSQL("SELECT incident_id FROM incidents_search WHERE incidents_search MATCH %s", [quoted])
    return incidents.filter(pk__in=found)
