"""Pages of pathways: how practice works in plain English, and the cases worked by it."""

from saferpractice.pathways.views.cases import case, cases, cases_file, close, new_case, owed
from saferpractice.pathways.views.contact import attempt, ways
from saferpractice.pathways.views.practice import index, local_values, one, put_in_use
from saferpractice.pathways.views.records import correct, write

__all__ = [
    "attempt",
    "case",
    "cases",
    "cases_file",
    "close",
    "correct",
    "index",
    "local_values",
    "new_case",
    "one",
    "owed",
    "put_in_use",
    "ways",
    "write",
]
