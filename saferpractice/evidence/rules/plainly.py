"""A text as it is searched: without case, accents and unseen characters, and where each letter came from."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_HYPHENS = "\u2212\u2043\u00b7\u30fb"
_APOSTROPHES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u02bb`\u00b4\u055a\uff07"
_UNSEEN = "\u115f\u1160\u3164\uffa0"
_SPECIAL = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
    | dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys(_UNSEEN, "")
    | {"\u2800": " "}
    # Letters of other alphabets that look like ours: somebody may have pasted them, nobody would see.
    | dict(zip("авекмнорстухіјѕ", "abekmhopctyxijs", strict=True))
    | dict(zip("αβεικνορτυχ", "abeiknoptux", strict=True))
)
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """One character as it is searched: often one, sometimes none or two."""
    if character.isspace():
        return " "
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    kept = []
    for one in unicodedata.normalize("NFKD", character.casefold()).casefold().translate(_SPECIAL):
        category = unicodedata.category(one)
        if category not in {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"}:
            kept.append("-" if category == "Pd" else one)
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without what hides a word in it.

    Attributes:
        original: as it was written.
        text: lower case, no accents, no unseen characters, each white space one blank, one hyphen, one apostrophe.
        places: for each character of ``text``, where in ``original`` it came from.
    """

    original: str
    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, original: str) -> Plain:
        """``original`` as it is searched."""
        letters: list[str] = []
        places: list[int] = []
        for place, character in enumerate(original):
            for one in _plain(character):
                letters.append(one)
                places.append(place)
        return cls(original, "".join(letters), tuple(places))

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` (not empty) stands in ``original``, with the accents and unseen signs after it."""
        first, last = self.places[start], self.places[end - 1] + 1
        while last < len(self.original) and not _plain(self.original[last]):
            last += 1
        return first, last

    def capital(self, place: int) -> bool:
        """Whether the letter at ``place`` of ``text`` was written large."""
        letter = self.original[self.places[place]]
        return letter.isupper() or letter.istitle()

    def words(self) -> list[tuple[str, int, int]]:
        """Each run of letters, with its start and end in ``text``."""
        return [(found[0], found.start(), found.end()) for found in _WORD.finditer(self.text)]
