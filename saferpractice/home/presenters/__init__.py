"""What the pages across the loop show."""

from saferpractice.home.presenters.desk import DESK_HEADER, desk_lines, desk_rows, flags_shown
from saferpractice.home.presenters.disposal import waiting_disposals
from saferpractice.home.presenters.held import LOOKS_HEADER, gathered_rows, look_lines, look_rows
from saferpractice.home.presenters.trail import OUTLETS_HEADER, outlet_rows, stamp_shown, trail_shown
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
    "LOOKS_HEADER",
    "OUTLETS_HEADER",
    "TRACKER_HEADER",
    "counted",
    "desk_lines",
    "desk_rows",
    "due_cell",
    "evidence_words",
    "flags_shown",
    "gathered_rows",
    "incident_rows",
    "look_lines",
    "look_rows",
    "moved_words",
    "outlet_rows",
    "stamp_shown",
    "state_cell",
    "story_of",
    "tracker_lines",
    "tracker_rows",
    "trail_shown",
    "waiting_disposals",
    "ways",
    "who_owes",
    "work_rows",
]
