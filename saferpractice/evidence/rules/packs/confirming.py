"""What goes outside of words somebody typed: what the software marks in them, and what a person may decide."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.design.typed import as_written
from saferpractice.evidence.rules.identifiers import Identifier, identifiers_in, removed
from saferpractice.evidence.rules.plainly import Plain

MOST_WORDS = 20_000


class Choice(StrEnum):
    """What a person decided about a text."""

    MASKED = "masked"
    EDITED = "edited"
    LEFT_OUT = "left_out"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {"masked": "Share it as shown", "edited": "Share it in other words", "left_out": "Leave it out"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text as it would go out: what was found in it stands masked."""

    words: str
    found: tuple[Identifier, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What was found, each kind once."""
        return tuple(dict.fromkeys(one.kind.value for one in self.found))


def marked(text: str, known: Collection[str]) -> Marked:
    """``text`` with everything masked that could tell who somebody is, as far as the software finds it."""
    found = identifiers_in(text, known)
    return Marked(removed(text, found), found)


def problem_of(words: str, known: Collection[str]) -> str:
    """Why words that somebody wrote in place of a text may not go out, or nothing."""
    if not as_written(Plain.of(words).text):
        return "Enter the words to share, or choose to leave the text out."
    if len(words) > MOST_WORDS:
        return f"Shorten it to {MOST_WORDS:,} characters."
    kinds = marked(words, known).kinds
    if kinds:
        return f"This could still tell who somebody is: {', '.join(kinds)}. Take it out, or say it otherwise."
    return ""
