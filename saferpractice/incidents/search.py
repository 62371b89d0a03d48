"""Finding incidents by words, the same way on both databases."""

from __future__ import annotations

import re
import unicodedata

from django.db import connection
from django.db.models.expressions import RawSQL

from saferpractice.incidents.models import Incidents

MOST_WORDS = 12
_SAY_NOTHING = (
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself "
    "it its itself they them their theirs themselves what which who whom this that these those am is are was were be "
    "been being have has had having do does did doing a an the and but if or because as until while of at by for with "
    "about against between into through during before after above below to from up down in out on off over under again "
    "further then once here there when where why how all any both each few more most other some such no nor not only "
    "own same so than too very s t can will just don should now"
)
SAY_NOTHING = frozenset(_SAY_NOTHING.split())
"""Words that PostgreSQL leaves out of an English text, and so leaves out of a search too."""
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a search, at most twelve, without accents; signs that an engine would read as commands go.

    Words that say nothing ("the", "and") are left out: "the landlord" finds every landlord.
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", text[:500]) if not unicodedata.combining(c))
    return tuple(word for word in _WORD.findall(plain) if word.lower() not in SAY_NOTHING)[:MOST_WORDS]


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
