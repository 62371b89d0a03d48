"""Finding incidents by words, the same way on both databases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from saferpractice.incidents.models import Incidents
from saferpractice.incidents.rules import SAY_NOTHING

MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a search, at most twelve, without accents; signs that an engine would read as commands go.

    Words that say nothing ("the", "and") are left out: "the landlord" finds every landlord.
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", text[:500]) if not unicodedata.combining(c))
    return tuple(word for word in _WORD.findall(plain) if word.lower() not in SAY_NOTHING)[:MOST_WORDS]


def holding_any(incidents: Incidents, words: Collection[str]) -> Incidents:
    """Those of ``incidents`` whose reference, narrative or corrections hold at least one of ``words``; none for none.

    Each of ``words`` is letters alone, in lower case, without accents, and says something (``SAY_NOTHING`` does not).
    Endings do not matter.
    """
    if not words:
        return incidents.none()
    if connection.vendor == "postgresql":
        any_of = " | ".join(words)
        found = RawSQL("SELECT incident_id FROM incidents_search WHERE words @@ to_tsquery('english', %s)", [any_of])
    else:
        any_of = " OR ".join(f'"{word}"' for word in words)
        found = RawSQL("SELECT incident_id FROM incidents_search WHERE incidents_search MATCH %s", [any_of])
    return incidents.filter(pk__in=found)


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


def forget(incident_ids: Collection[UUID]) -> None:
    """Take incidents out of what is searched. Call in the transaction in which they go.

    SQLite only marks words as gone until it next writes that part of its index: it is written anew at once.
    """
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for pk in incident_ids:
            key = pk.hex if sqlite else pk
            cursor.execute("DELETE FROM incidents_search WHERE incident_id = %s", [key])
        if sqlite:
            cursor.execute("INSERT INTO incidents_search (incidents_search) VALUES ('optimize')")
