"""The learning bulletin: its parts, that it fits a page, and that a child of twelve could read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from saferpractice.design.typed import as_written

PARTS = {
    "learned": "What we learned",
    "different": "What is different now",
    "worked": "Did it work?",
    "ask": "What we ask of you",
}
"""The parts by the name under which they are kept, with their headings in order."""
REQUIRED = ("learned", "different")
MOST_WORDS = 400
"""In all of it: one page."""
OLDEST = 12
"""Years. The reading age that it must not go above."""
FEWEST_WORDS = 10
"""Below so many words a reading age says nothing."""

_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard a text is to read: the age at which most people can, and its longest sentence."""

    age: int
    longest: str


def syllables(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, without a silent e at the end."""
    letters = word.lower()
    groups = len(_VOWELS.findall(letters))
    if letters.endswith("e") and not letters.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    if letters.endswith("ed") and not letters.endswith(("ted", "ded")) and groups > 1:
        groups -= 1
    return max(1, groups)


def reading(text: str) -> Reading | None:
    """The reading age of a text (Flesch-Kincaid grade and five years, rounded); None for a few words only.

    A line end ends a sentence too: what stands in a list is read line by line. Kincaid and others, "Derivation of new
    readability formulas", Naval Technical Training Command, 1975.
    """
    sentences = [part for part in _SENTENCE.split(text) if _WORD.search(part)]
    words = _WORD.findall(text)
    if len(words) < FEWEST_WORDS:
        return None
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    longest = max(sentences, key=lambda part: len(_WORD.findall(part)))
    return Reading(max(5, round(grade + 5)), " ".join(longest.split()))


def problems_of_bulletin(words: Mapping[str, str]) -> dict[str, str]:
    """What must be put right before a bulletin is published, by part; "" for all of it."""
    asked = {"learned": "Enter what you learned.", "different": "Enter what is different now."}
    found = {name: sentence for name, sentence in asked.items() if not as_written(words.get(name, ""))}
    total = sum(len(_WORD.findall(text)) for text in words.values())
    if total > MOST_WORDS:
        found[""] = f"This has {total} words. Shorten it to {MOST_WORDS}, so that it fits a page."
    for name, text in words.items():
        how = reading(text)
        if how is not None and how.age > OLDEST:
            start = how.longest if len(how.longest) <= 80 else how.longest[:79].rstrip() + "…"
            found.setdefault(
                name,
                f"This reads like a text for people of {how.age}. Write shorter sentences and plainer words, so that "
                f"somebody of {OLDEST} could read it. The longest sentence begins: “{start}”",
            )
    return found
