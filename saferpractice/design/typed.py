"""What people typed, and whether there is anything to read in it. Every room may ask; it knows no framework."""

from __future__ import annotations

import unicodedata

_DRAWN = frozenset("LNPS")
"""Letters, numbers, punctuation and symbols (emoji too). Marks need one of them to stand on; the rest has no shape."""
_BLANK = frozenset(
    "\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}"
    "\N{BRAILLE PATTERN BLANK}\N{OBJECT REPLACEMENT CHARACTER}\N{MUSICAL SYMBOL NULL NOTEHEAD}"
    "\N{COMBINING GRAPHEME JOINER}\N{KHMER VOWEL INHERENT AQ}\N{KHMER VOWEL INHERENT AA}"
) | {chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}
"""Letters, symbols and marks by name that are drawn as nothing, among them the selectors of variants."""

_NEVER_DRAWN = (range(0x2065, 0x2066), range(0xFDD0, 0xFDF0), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
"""Where nothing stands yet, or ever will, and what may come has no shape."""


def is_blank(character: str) -> bool:
    """Whether a character that counts as a letter, a mark or a symbol is drawn as nothing."""
    return character in _BLANK


def is_drawn(character: str) -> bool:
    """Whether a character by itself has a shape that a reader can see.

    One that this software's tables do not know yet may be a letter of a newer Unicode: it counts, unless its place is
    kept for what is never drawn.
    """
    category = unicodedata.category(character)
    if category == "Cn":
        return not (ord(character) & 0xFFFE == 0xFFFE or any(ord(character) in kept for kept in _NEVER_DRAWN))
    return category[0] in _DRAWN and character not in _BLANK


def as_written(text: str) -> str:
    """``text`` without white space around it; "" where a reader would see nothing at all.

    A zero-width space, a soft hyphen or a filler passes for a reason where only white space is looked for. Where
    anything can be read, all of it stays as it was typed: what joins the parts of an emoji, or turns the direction
    of writing, means something there.
    """
    stripped = text.strip()
    return stripped if any(map(is_drawn, stripped)) else ""
