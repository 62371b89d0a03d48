"""What is done across the loop: answering who asks what is held, and keeping records beyond their time."""

from saferpractice.home.operations.answering import add_words, confirm_places, gather_records, release_records
from saferpractice.home.operations.disposing import decide_disposal, dispose, propose_disposal
from saferpractice.home.operations.retaining import end_hold, place_hold

__all__ = [
    "add_words",
    "confirm_places",
    "decide_disposal",
    "dispose",
    "end_hold",
    "gather_records",
    "place_hold",
    "propose_disposal",
    "release_records",
]
