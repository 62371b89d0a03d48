"""Pages of stage 3."""

from saferpractice.reviews.views.ending import complete, nothing_found, oversight
from saferpractice.reviews.views.people import involved, reviewer, support
from saferpractice.reviews.views.reviewing import document, open_review, required, review, save_draft
from saferpractice.reviews.views.timeline import correct_entry, draw, timeline

__all__ = [
    "complete",
    "correct_entry",
    "document",
    "draw",
    "involved",
    "nothing_found",
    "open_review",
    "oversight",
    "required",
    "review",
    "reviewer",
    "save_draft",
    "support",
    "timeline",
]
