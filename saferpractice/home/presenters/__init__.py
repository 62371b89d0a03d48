"""What the pages across the loop show."""

from saferpractice.home.presenters.desk import DESK_HEADER, desk_lines, desk_rows, flags_shown
from saferpractice.home.presenters.work import (
    EVIDENCE_WORDS,
    TRACKER_HEADER,
    counted,
    due_cell,
    evidence_words,
    incident_rows,
    moved_words,
    state_cell,
    story_of,
    tracker_lines,
    tracker_rows,
    ways,
    who_owes,
    work_rows,
)

__all__ = [
    "DESK_HEADER",
    "EVIDENCE_WORDS",
    "TRACKER_HEADER",
    "counted",
    "desk_lines",
    "desk_rows",
    "due_cell",
    "evidence_words",
    "flags_shown",
    "incident_rows",
    "moved_words",
    "state_cell",
    "story_of",
    "tracker_lines",
    "tracker_rows",
    "ways",
    "who_owes",
    "work_rows",
]
