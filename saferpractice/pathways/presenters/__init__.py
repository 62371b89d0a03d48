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
from saferpractice.pathways.presenters.records import known_of, moves_shown, record_label, timeline
from saferpractice.pathways.presenters.versions import (
    approval_lines,
    comparable,
    compared,
    draft_rows,
    draft_tag,
    edit_sections,
    proposals_shown,
    version_rows,
    version_tag,
)

__all__ = [
    "CASES_HEADER",
    "PARTS",
    "ToWrite",
    "approval_lines",
    "case_lines",
    "case_rows",
    "case_state",
    "comparable",
    "compared",
    "draft_rows",
    "draft_tag",
    "edit_sections",
    "form_to_meet",
    "index_rows",
    "known_of",
    "moves_shown",
    "owed_before",
    "owed_shown",
    "panel",
    "parts",
    "proposals_shown",
    "reach_of",
    "record_label",
    "texts_at_hand",
    "timeline",
    "to_write",
    "version_rows",
    "version_tag",
    "ways_before",
]
