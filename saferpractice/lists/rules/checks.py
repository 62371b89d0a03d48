"""What a check of typed input answers, and when a written reason counts as one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from saferpractice.design.typed import as_written


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to "can this stand?".

    ``problems`` maps a field to what must be put right first; ``prompts`` maps a field to what is worth a second
    thought. A prompt never blocks.
    """

    problems: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)

    @property
    def stands(self) -> bool:
        """Whether nothing must be put right."""
        return not self.problems


LEAST_WORDS = 4
"""Fewer different words than this cannot say why: "not met threshold" names an outcome, not a reason."""
LONGEST = 20_000
"""Characters. A longer reason is a document pasted by mistake."""

_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset(
    {"n", "a", "na", "none", "nil", "no", "yes", "ok", "okay", "tbc", "tbd", "asap", "ditto", "same", "pending"}
    | {"as", "above", "see", "below", "per", "notes", "case", "policy", "not", "applicable", "unknown", "known"}
    | {"done", "completed", "to", "be", "confirmed", "todo", "test", "xxx"}
)


def reason_problem(text: str, *, what: str = "the reason") -> str | None:
    """What is wrong with ``text`` as a written reason, or None when somebody else could follow it.

    Refused: nothing, a filler ("n/a", "as above", "see notes"), the same letter or word over and over, fewer than
    four different words, more than 20,000 characters. Whether the reason is a good one is for people to judge.
    """
    if len(text) > LONGEST:
        return f"Shorten {what} to {LONGEST:,} characters, and attach the rest as a document."
    words = [word.lower() for word in _WORD.findall(text) if as_written(word)]
    if not words:
        return f"Write {what}: someone who was not there must be able to follow it."
    if all(word in _FILLERS for word in words):
        return f'Write {what} itself: "{text.strip()[:40]}" does not tell a later reader anything.'
    if len(set(words)) < LEAST_WORDS or all(len(set(word)) == 1 for word in words):
        return f"Write {what} in a sentence: say what you knew, and why it led to this."
    return None
