"""The words of a lesson, and when they can be published."""

from __future__ import annotations

from dataclasses import dataclass

from saferpractice.design.typed import as_written
from saferpractice.evidence.rules.bundle import Bundle, cannot_be_shown

NOT_PROVEN = "This is not shown to have worked, so there is nothing to adopt. It is here to be read."
NO_PATHWAY = "No pathway carries this change out, so there is nothing to adopt. It is here to be read."
UNSEEN = "This holds characters that cannot be seen or that turn text round. Type it anew instead of pasting it."
MOST_TITLE, MOST_WORDS = 200, 4000
FIELDS = ("title", "problem", "change", "advice")
"""The parts that somebody types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonWords:
    """What a person says of a change to people who know nothing of it. ``advice`` may be empty."""

    title: str
    problem: str
    change: str
    advice: str = ""

    def stripped(self) -> LessonWords:
        """The words without space around them."""
        return LessonWords(**{name: getattr(self, name).strip() for name in FIELDS})


def problems_of_words(words: LessonWords) -> dict[str, str]:
    """What must be put right in the words, by field; nothing when they can stand."""
    asked = {
        "title": "Enter a title.",
        "problem": "Enter what went wrong before, in general.",
        "change": "Enter what is different now.",
    }
    found = {name: sentence for name, sentence in asked.items() if not as_written(getattr(words, name))}
    for name in FIELDS:
        most = MOST_TITLE if name == "title" else MOST_WORDS
        if len(getattr(words, name).strip()) > most:
            found[name] = f"Shorten this to {most:,} characters."
        elif cannot_be_shown(getattr(words, name)):
            found[name] = UNSEEN
    return found


def why_not_adopt(bundle: Bundle) -> str:
    """Why there is nothing to adopt in a lesson; "" when there is."""
    if bundle.pathway is None:
        return NO_PATHWAY
    return "" if bundle.proven else NOT_PROVEN
