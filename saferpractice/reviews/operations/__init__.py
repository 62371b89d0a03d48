"""Writes of stage 3: open a review, staff it, reconstruct what happened, supply its documents, complete it."""

from saferpractice.reviews.operations.completing import complete_review, sign_off_oversight
from saferpractice.reviews.operations.documents import state_nothing_found, supply_document, supply_from_record
from saferpractice.reviews.operations.kinds import COMPLETE, DOCUMENT, OPEN, OVERSIGHT
from saferpractice.reviews.operations.opening import open_review
from saferpractice.reviews.operations.people import assign_reviewer, offer_support, record_involved
from saferpractice.reviews.operations.timeline import (
    add_timeline_entry,
    correct_timeline_entry,
    draw_timeline_from_records,
)

__all__ = [
    "COMPLETE",
    "DOCUMENT",
    "OPEN",
    "OVERSIGHT",
    "add_timeline_entry",
    "assign_reviewer",
    "complete_review",
    "correct_timeline_entry",
    "draw_timeline_from_records",
    "offer_support",
    "open_review",
    "record_involved",
    "sign_off_oversight",
    "state_nothing_found",
    "supply_document",
    "supply_from_record",
]
