"""Which earlier texts are most like a new one: by the words they share, the rarer the more they count.

The measure is Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), the full-text
ranking of most search engines. It is worked out anew over the texts that the reader may open and nothing else: a text
that is hidden from somebody changes neither what they find nor its order. ``docs/adr`` has what was measured.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Set
from dataclasses import dataclass
from math import fsum, log
from typing import Generic, TypeVar

from saferpractice.incidents.rules import SAY_NOTHING

Key = TypeVar("Key", bound=Hashable)

MOST = 5
"""How many are shown at once."""
FEWEST_WORDS = 5
"""Different words that two texts must share before one is named beside the other."""
SMALLEST_SHARE = 0.12
"""How much of what a text would score against itself another must reach; below it was hardly better than chance."""
MOST_WORDS_SHOWN = 6
MOST_TELLING = 12
LONGEST = 20_000
"""Characters of a text that are read; an imported one may be longer, and a page must not wait for it."""

_OTHER_TEXTS = 20
"""Texts that are taken to say none of the words: among a handful, a word is not common because three of five say it."""
_SATURATION, _LENGTH = 1.2, 0.75
"""``k1`` and ``b`` of BM25, at the values usual since TREC."""
_ACCENT = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as it is compared: how often it says each word, and what it says, without accents."""

    counts: Mapping[str, int]
    text: str

    @property
    def length(self) -> int:
        """How many words there are, said again or not."""
        return sum(self.counts.values())

    @property
    def plain(self) -> frozenset[str]:
        """The words that it also writes without a capital. Names are not among them."""
        return frozenset(word for word in _WORD.findall(self.text) if word in self.counts)


@dataclass(frozen=True, slots=True)
class Like(Generic[Key]):
    """An earlier text that is like the one asked about, with the words that made it so, the most telling first."""

    key: Key
    words: tuple[str, ...]


def words_in(text: str) -> Words:
    """The words of ``text``: three letters or more, without accents, none of those that say nothing ("the", "and")."""
    letters = text[:LONGEST]
    if not letters.isascii():
        letters = _ACCENT.sub("", unicodedata.normalize("NFKD", letters))
    counts = Counter(_WORD.findall(letters.lower()))
    for word in SAY_NOTHING & counts.keys():
        del counts[word]
    if not letters.isascii():
        counts = Counter({word: often for word, often in counts.items() if word.isalpha()})
    return Words(counts, letters)


def weights(asked: Words, pool: Collection[Words]) -> dict[str, float]:
    """What each word of ``asked`` counts: the fewer texts of the pool say it, the more; one that none says, most."""
    said, size = _said(asked, pool), len(pool) + 1 + _OTHER_TEXTS
    return {word: log(1 + (size - said[word] - 0.5) / (said[word] + 1.5)) for word in asked.counts}


def telling(asked: Words, pool: Collection[Words]) -> list[str]:
    """At most twelve words of ``asked`` to look for among texts beyond the pool: one text in a hundred says them.

    Words that are only ever written with a capital are left out: a name finds the same person, not the same mistake.
    """
    said, found = _said(asked, pool), weights(asked, pool)
    rare = [word for word in asked.plain if said[word] * 100 <= len(pool)]
    return sorted(rare, key=lambda word: (-asked.counts[word] * found[word], word))[:MOST_TELLING]


def _said(asked: Words, pool: Iterable[Words]) -> Counter[str]:
    """How many texts of the pool say each word of ``asked``."""
    said: Counter[str] = Counter()
    for text in pool:
        said.update(asked.counts.keys() & text.counts.keys())
    return said


def most_alike(asked: Words, pool: Mapping[Key, Words]) -> list[Like[Key]]:
    """At most five of ``pool`` that are most like ``asked``, the likest first; those hardly alike are left out.

    Between two as like as each other, the one that comes first in ``pool`` comes first.
    """
    alike = [one for one in ranked(asked, pool) if len(one.scores) >= FEWEST_WORDS and one.share >= SMALLEST_SHARE]
    return [Like(one.key, _shown(one.scores, asked, pool[one.key])) for one in alike[:MOST]]


@dataclass(frozen=True, slots=True)
class Ranked(Generic[Key]):
    """A text of the pool with what each shared word adds, and how much of the score of the asked text that is."""

    key: Key
    scores: Mapping[str, float]
    share: float


def ranked(asked: Words, pool: Mapping[Key, Words]) -> list[Ranked[Key]]:
    """Every text of ``pool`` that shares a word with ``asked``, the likest first."""
    if not pool or not asked.counts:
        return []
    weigh = weights(asked, pool.values())
    usual = (asked.length + sum(text.length for text in pool.values())) / (len(pool) + 1)
    # fsum: the order in which words are added must not decide between texts that are equally alike
    itself = fsum(_scores(asked, weigh, usual, _said(asked, pool.values()).keys()).values())
    scored = ((key, _scores(text, weigh, usual, asked.counts.keys())) for key, text in pool.items())
    found = [Ranked(key, scores, fsum(scores.values()) / itself) for key, scores in scored if scores]
    return sorted(found, key=lambda one: -one.share)


def _scores(text: Words, weigh: Mapping[str, float], usual: float, wanted: Set[str]) -> dict[str, float]:
    """What each of the ``wanted`` words that ``text`` says adds to its score."""
    longer = _SATURATION * (1 - _LENGTH + _LENGTH * text.length / usual)
    both = ((word, text.counts[word]) for word in text.counts.keys() & wanted)
    return {word: weigh[word] * often * (_SATURATION + 1) / (often + longer) for word, often in both}


def _shown(scores: Mapping[str, float], asked: Words, text: Words) -> tuple[str, ...]:
    """The words to show, the most telling first; never one that is only written with a capital, as names are."""
    plain = asked.plain & text.plain & scores.keys()
    return tuple(sorted(plain, key=lambda word: (-scores[word], word))[:MOST_WORDS_SHOWN])
