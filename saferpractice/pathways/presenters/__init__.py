"""What the pages of pathways and cases show."""

from saferpractice.pathways.presenters.cases import (
    CASES_HEADER,
    ToWrite,
    case_lines,
    case_rows,
    case_state,
    form_to_meet,
    owed_before,
    owed_shown,
    panel,
    to_write,
)
from saferpractice.pathways.presenters.contact import reach_of, texts_at_hand, ways_before
from saferpractice.pathways.presenters.practice import PARTS, index_rows, parts
from saferpractice.pathways.presenters.records import known_of, record_label, timeline

__all__ = [
    "CASES_HEADER",
    "PARTS",
    "ToWrite",
    "case_lines",
    "case_rows",
    "case_state",
    "form_to_meet",
    "index_rows",
    "known_of",
    "owed_before",
    "owed_shown",
    "panel",
    "parts",
    "reach_of",
    "record_label",
    "texts_at_hand",
    "timeline",
    "to_write",
    "ways_before",
]
