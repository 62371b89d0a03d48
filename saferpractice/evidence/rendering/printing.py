"""Text as the fonts at hand can print it. A PDF/A may hold no character without a shape, so none is let through.

A reader still learns that something stood there: an emoji is named, a passage in another script is counted. The
attached data has what was written, unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

LONGEST_WORD = 24
"""Longer words may break anywhere, so that none runs out of its column or off the page."""
PIECE = 12
_BREAK = "\u200b"
_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_LINES = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_CONTROLS = re.compile(
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff\\ud800-\\udfff]"
)
"""What a page shows nothing of, or what makes a text run the other way; joiners and variants are needed there."""
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Controls, direction marks, joiners: they print nothing, and some make a text read as something else."""
_DRESSES = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
"""Marks that only change how the sign before them looks: variants and skin tones."""
_SCRIPTS = {"CJK": "Chinese or Japanese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}


@cache
def printable_characters() -> frozenset[str]:
    """The characters that the fonts in ``data/fonts`` or the one that comes with Typst can print, upright and bold."""
    found: set[str] = set()
    for part in (Path(__file__).parent / "data" / "glyphs.txt").read_text("ascii").split():
        first, _, last = part.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


def printable(text: str) -> str:
    """One line of ``text`` with every character that has no shape put into words; unseen characters are left out."""
    if text.isascii() and text.isprintable():
        return text
    flat = unicodedata.normalize("NFC", "".join(" " if c.isspace() else c for c in text))
    seen = "".join(c for c in flat if unicodedata.category(c) not in _UNSEEN and not _DRESSES.match(c))
    if printable_characters().issuperset(seen):
        return seen
    return "".join(_told(kind, "".join(run)) for kind, run in groupby(_with_spaces(seen), key=_kind))


def readable(text: str) -> str:
    """``text`` as a page can show it in any script: without controls, and without marks that turn its direction."""
    return _CONTROLS.sub("", _LINES.sub("\n", text))


def lines_of(text: str) -> list[str]:
    """Each line of ``text`` as it is printed, with places to break in words that are too long; none is empty."""
    found = (breaking(printable(line).strip()) for line in _LINES.split(text))
    return [line for line in found if line]


def breaking(text: str) -> str:
    """``text`` with places to break, which nobody sees, in very long words."""
    return _LONG.sub(lambda word: _BREAK.join(_pieces(word.group())), text)


def _pieces(word: str) -> Iterator[str]:
    """Parts of a word, none of which begins with a mark that belongs to the letter before."""
    start = 0
    for end in range(1, len(word) + 1):
        if end == len(word) or (end - start >= PIECE and not unicodedata.combining(word[end])):
            yield word[start:end]
            start = end


def _with_spaces(text: str) -> Iterator[str]:
    """The characters of ``text``; a space between two words of a script that cannot be printed goes with them."""
    for place, character in enumerate(text):
        inside = character == " " and 0 < place < len(text) - 1
        if inside and _script(text[place - 1]) and _script(text[place - 1]) == _script(text[place + 1]):
            yield text[place - 1]
        else:
            yield character


def _kind(character: str) -> str:
    """Nothing for what can be printed, the name of a script, or a sign of its own."""
    if character in printable_characters():
        return ""
    return _script(character) or character


def _script(character: str) -> str:
    """The script of a letter, mark or digit that cannot be printed."""
    if character in printable_characters() or unicodedata.category(character)[0] not in "LMN":
        return ""
    first = unicodedata.name(character, "unknown").split("-")[0].split()[0]
    return _SCRIPTS.get(first, first.capitalize())


def _told(kind: str, run: str) -> str:
    if not kind:
        return run
    if len(kind) > 1:
        return f"[{kind} text, {len(run)} characters: see the attached data]"
    name = unicodedata.name(kind, f"character U+{ord(kind):04X}")
    return f"[{name if name.startswith('character') else name.lower()}]" + (f" ({len(run)} times)" if run[1:] else "")
