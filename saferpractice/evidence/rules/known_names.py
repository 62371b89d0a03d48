"""Where the names on the records stand in a text, whole or in part."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache

from saferpractice.evidence.rules.ordinary import CAPITAL_TITLES, ORDINARY, PARTICLES, TITLES
from saferpractice.evidence.rules.plainly import Plain

Word = tuple[str, int, int]
Breaks = dict[str, set[int]]
"""Letters of a name run together, and after how many of them it may be broken."""

MOST_PIECES = 6
NOT_ALONE = PARTICLES | {"of", "the", "and"}
SHORTEST_PIECE = 3
"""Letters. "Al" of "Al-Said" is not looked for by itself."""
JOINED_AT_LEAST = 8
"""Letters of a whole name run together ("marysmith"). Fewer are found only where a capital shows the join ("MaLi")."""

_PIECE = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[ \-'.,/_]{0,3}")
_JOINING = re.compile(r"[ ,.'\-/]{1,3}")


class _Forms:
    """Every way in which the known names are looked for."""

    def __init__(self, known: Collection[str]) -> None:
        self.parts: Breaks = defaultdict(set)
        self.wholes: Breaks = defaultdict(set)
        self.initials: set[str] = set()
        for name in known:
            if not any(one.isdigit() for one in name):
                self._add(name)

    def _add(self, name: str) -> None:
        written = [word for word in Plain.of(name).text.split() if _PIECE.search(word)]
        written = [word for word in written if word.rstrip(".") not in TITLES | CAPITAL_TITLES] or written
        parts = [_PIECE.findall(word) for word in written]
        for word, part in zip(written, parts, strict=True):
            if len("".join(part)) >= 2 and "".join(part) not in NOT_ALONE:
                _put(self.parts, part)
            for barrel in [_PIECE.findall(one) for one in word.split("-")] + [[piece] for piece in part]:
                if len("".join(barrel)) >= SHORTEST_PIECE and "".join(barrel) not in NOT_ALONE:
                    _put(self.parts, barrel)
        if len(parts) > 1:
            for order in (parts, [parts[0], parts[-1]], [parts[-1], parts[0]], [parts[-1], *parts[:-1]]):
                _put(self.wholes, [piece for part in order for piece in part])
            self.initials |= {"".join(part[0][0] for part in parts), parts[0][0][0] + parts[-1][0][0]}


@lru_cache(maxsize=4)
def _forms_of(known: frozenset[str]) -> _Forms:
    """The forms of these names. Kept: a pack has hundreds of texts, and all are read for the same names."""
    return _Forms(known)


def _put(forms: Breaks, pieces: list[str]) -> None:
    joined, at = "".join(pieces), 0
    places = forms[joined]
    for piece in pieces[:-1]:
        at += len(piece)
        places.add(at)


def found(plain: Plain, known: Collection[str]) -> Iterator[tuple[int, int]]:
    """Start and end in ``plain.text`` of each name of ``known``, with the initials beside it; none overlap."""
    forms = _forms_of(frozenset(known))
    words = plain.words()
    hits: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        length = _longest(plain, words, at, forms)
        if length:
            hits.append((at, at + length))
        at += length or 1
    last: tuple[int, int] | None = None
    for first, end in hits:
        start, stop = _with_initials(plain, words, first, end)
        if last is not None and (start <= last[1] or _JOINING.fullmatch(plain.text, last[1], start)):
            last = (last[0], max(last[1], stop))
            continue
        if last is not None:
            yield last
        last = (start, stop)
    if last is not None:
        yield last


def _longest(plain: Plain, words: list[Word], at: int, forms: _Forms) -> int:
    """How many words from ``at`` on are a name; 0 when none is."""
    best, joined, breaks = 0, "", set[int]()
    for count, (letters, start, _) in enumerate(words[at : at + MOST_PIECES], 1):
        if count > 1:
            if not _BETWEEN.fullmatch(plain.text, words[at + count - 2][2], start):
                break
            breaks.add(len(joined))
        joined += letters
        if _is_name(plain, words[at : at + count], joined, breaks, forms):
            best = count
    return best


def _is_name(plain: Plain, words: list[Word], joined: str, breaks: set[int], forms: _Forms) -> bool:
    _, start, end = words[0]
    if len(words) == 1:
        large = plain.capital(start)
        for one in (joined, joined[:-1] if joined.endswith("s") and len(joined) > SHORTEST_PIECE + 1 else joined):
            if one in forms.parts and (large or not (one in ORDINARY or joined in ORDINARY)):
                return True
        inner = any(plain.capital(place) for place in range(start + 1, end)) and not all(
            plain.capital(place) for place in range(start, end)
        )
        return joined in forms.wholes and (len(joined) >= JOINED_AT_LEAST or inner)
    if joined in forms.initials and len(joined) == len(words):
        between = plain.text[words[0][2] : words[-1][1]]
        return "." in between and all(plain.capital(one[1]) for one in words)
    return any(joined in known and breaks <= known[joined] for known in (forms.parts, forms.wholes))


def _with_initials(plain: Plain, words: list[Word], first: int, end: int) -> tuple[int, int]:
    """A name with the single letters beside it: "J. Smith", "Smith, J."."""
    text = plain.text
    while first > 0:
        letters, start, stop = words[first - 1]
        between = text[stop : words[first][1]]
        if len(letters) > 1 or not re.fullmatch(r"\.? {0,2}-?", between) or text[start - 1 : start] == "'":
            break
        if "." not in between and (letters == "i" or (letters == "a" and not plain.capital(start))):
            break
        first -= 1
    while end < len(words):
        letters, start, _ = words[end]
        between = text[words[end - 1][2] : start]
        if len(letters) > 1 or not re.fullmatch(r",? {1,2}|\. ?", between) or not plain.capital(start):
            break
        if letters in {"a", "i"} and text[words[end][2] : words[end][2] + 1] != ".":
            break
        end += 1
    return words[first][1], words[end - 1][2]


def references(plain: Plain, known: Collection[str]) -> Iterator[tuple[int, int]]:
    """Start and end in ``plain.text`` of each of ``known`` that has a digit, however its parts are set apart."""
    for runs, pattern in _patterns_of(frozenset(known)):
        # Looking for its parts first is quick, and most references are in no text at all.
        if all(run in plain.text for run in runs):
            for hit in pattern.finditer(plain.text):
                yield hit.span()


@lru_cache(maxsize=4)
def _patterns_of(known: frozenset[str]) -> tuple[tuple[list[str], re.Pattern[str]], ...]:
    """Those of ``known`` that are references: the parts of each, and how it may be written."""
    found = []
    for one in known:
        runs = re.findall(r"[^\W\d_]+|\d+", Plain.of(one).text)
        if any(run.isdigit() for run in runs):
            pattern = r"[\W_]{0,2}".join(re.escape(run) for run in runs)
            found.append((runs, re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])")))
    return tuple(found)
