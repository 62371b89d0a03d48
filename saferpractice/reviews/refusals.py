"""How a review says that something is still missing."""

from __future__ import annotations

from saferpractice.reviews.rules import Missing
from saferpractice.trail.refusals import Refused


class Incomplete(Refused):
    """A required document is missing. ``missing`` names each, so that the page can link to where it is supplied."""

    def __init__(self, sentence: str, missing: tuple[Missing, ...]) -> None:
        names = "; ".join(one.label for one in missing)
        super().__init__(f"{sentence} Missing: {names}.")
        self.missing = missing
