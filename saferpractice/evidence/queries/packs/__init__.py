"""Reads of evidence packs."""

from saferpractice.evidence.queries.packs.cited import entries_cited
from saferpractice.evidence.queries.packs.confirming import (
    Text,
    confirmed_among,
    numbers_of,
    still_open,
    texts_of,
)
from saferpractice.evidence.queries.packs.gathering import MOST_INCIDENTS, gathered, how_many, in_scope, period_of
from saferpractice.evidence.queries.packs.listed import (
    PackFilter,
    PackState,
    incident_named,
    pack_seen,
    packs_seen,
    proves_itself,
    quarters_to_choose,
    services_to_choose,
    state_of,
)
from saferpractice.evidence.queries.packs.published import published_within, quarters_told

__all__ = [
    "MOST_INCIDENTS",
    "PackFilter",
    "PackState",
    "Text",
    "confirmed_among",
    "entries_cited",
    "gathered",
    "how_many",
    "in_scope",
    "incident_named",
    "numbers_of",
    "pack_seen",
    "packs_seen",
    "period_of",
    "proves_itself",
    "published_within",
    "quarters_to_choose",
    "quarters_told",
    "services_to_choose",
    "state_of",
    "still_open",
    "texts_of",
]
