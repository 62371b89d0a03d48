"""Writes of stage 7: draw, comment, minute and sign a thematic review."""

from saferpractice.evidence.operations.drafting import draw_review, keep_commentary, owe_review
from saferpractice.evidence.operations.meetings import (
    There,
    ToDo,
    give_out,
    record_decision,
    record_meeting,
    sign_review,
)

__all__ = [
    "There",
    "ToDo",
    "draw_review",
    "give_out",
    "keep_commentary",
    "owe_review",
    "record_decision",
    "record_meeting",
    "sign_review",
]
