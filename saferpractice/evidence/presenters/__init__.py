"""What pages show of stage 7."""

from saferpractice.evidence.presenters.learning import link_of, may_supply, panel
from saferpractice.evidence.presenters.pages import (
    anchor_of,
    decisions_shown,
    may_read_any,
    meeting_initial,
    prefix_of,
    quarter_rows,
)
from saferpractice.evidence.presenters.thematic import Shown, Table, file_rows, sections

__all__ = [
    "Shown",
    "Table",
    "anchor_of",
    "decisions_shown",
    "file_rows",
    "link_of",
    "may_read_any",
    "may_supply",
    "meeting_initial",
    "panel",
    "prefix_of",
    "quarter_rows",
    "sections",
]
