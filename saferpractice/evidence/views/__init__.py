"""Pages of stage 7."""

from saferpractice.evidence.views.meetings import decision, give_out, meeting, sign
from saferpractice.evidence.views.thematic import (
    comment,
    comment_draft,
    draw,
    thematic,
    thematic_file,
    thematic_reviews,
)

__all__ = [
    "comment",
    "comment_draft",
    "decision",
    "draw",
    "give_out",
    "meeting",
    "sign",
    "thematic",
    "thematic_file",
    "thematic_reviews",
]
