"""What pages show of changes, their proof and their actions."""

from saferpractice.changes.presenters.carried import beside_draft, by_pathway
from saferpractice.changes.presenters.pages import action_page, change_page
from saferpractice.changes.presenters.panel import panel
from saferpractice.changes.presenters.rows import (
    EXPORT_HEADER,
    action_row,
    change_row,
    export_lines,
    mix_rows,
    state_tag,
    strength_tag,
)

__all__ = [
    "EXPORT_HEADER",
    "action_page",
    "action_row",
    "beside_draft",
    "by_pathway",
    "change_page",
    "change_row",
    "export_lines",
    "mix_rows",
    "panel",
    "state_tag",
    "strength_tag",
]
