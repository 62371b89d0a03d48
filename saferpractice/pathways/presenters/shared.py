"""What several pages show in the same way."""

from __future__ import annotations

from markupsafe import Markup

from saferpractice.deadlines.rules import ObligationState
from saferpractice.design.words import tag_colour

MEANING = {
    ObligationState.OPEN: "working",
    ObligationState.DUE_TODAY: "warning",
    ObligationState.LATE: "bad",
    ObligationState.MET: "good",
    ObligationState.MET_LATE: "quiet",
    ObligationState.CANCELLED: "quiet",
}


def tag(text: str, meaning: str) -> Markup:
    """A word in a coloured tag; ``meaning`` is one of those of ``tag_colour``."""
    return Markup('<strong class="nhsuk-tag nhsuk-tag--{}">{}</strong>').format(tag_colour(meaning), text)
