"""Finding phrases in what people write: by whole words, in one pass, with nothing that a text can stall.

A phrase is written in a small language, so that people can read and add phrases and none can be slow:

- ``remind staff`` these words, one after the other, in any case;
- ``remind|remember`` either word; ``remind*`` any word that begins so;
- ``@staff`` any word of the group of that name in the same file; ``@staff|team`` both;
- ``~3`` up to three other words may stand here (eight at most).

A phrase is found within one sentence only. A possessive ``'s`` is left out, and hyphens part words: "non-compliant" is
``non compliant``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MOST_CHARACTERS = 100_000
"""What stands after this many characters is not read: a finding or a change is never so long."""
WIDEST_GAP = 8

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_ENDS = frozenset(".!?;•")
_CLAUSE_ENDS = frozenset(",:()–—")
_TURNS = frozenset({"and", "but", "then", "which", "so", "while", "because"})


class PhraseMistake(ValueError):
    """A phrase cannot be used; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written: in small letters, where it stands in the text, in which sentence and which clause."""

    text: str
    start: int
    end: int
    sentence: int
    clause: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of ``text``, up to ``MOST_CHARACTERS``."""
    found: list[Word] = []
    sentence = clause = reached = 0
    for match in _WORD.finditer(text, 0, min(len(text), MOST_CHARACTERS)):
        between = text[reached : match.start()]
        word = match.group().lower().replace("’", "'").removesuffix("'s")
        if found and (_SENTENCE_ENDS & set(between) or _is_new_line(between)):
            sentence, clause = sentence + 1, clause + 1
        elif found and (_CLAUSE_ENDS & set(between) or word in _TURNS):
            clause += 1
        found.append(Word(word, match.start(), match.end(), sentence, clause))
        reached = match.end()
    return tuple(found)


def _is_new_line(between: str) -> bool:
    """A blank line, or a line that begins like an item of a list. A single line break is only where text wraps."""
    before, line_break, after = between.rpartition("\n")
    return bool(line_break) and ("\n" in before or bool(after.strip()))


@dataclass(frozen=True, slots=True)
class _Step:
    """One word of a phrase: which words fit, and how many others may stand before it."""

    exact: frozenset[str]
    beginnings: tuple[str, ...]
    gap: int

    def fits(self, word: str) -> bool:
        return word in self.exact or (bool(self.beginnings) and word.startswith(self.beginnings))


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found: the first word of it and the one after its last, by their place among the words."""

    first: int
    end: int
    phrase: str


class Phrases:
    """A set of phrases, ready to be looked for.

    Raises:
        PhraseMistake: a phrase is not written as this module's description says.
    """

    def __init__(self, phrases: Iterable[str], groups: Mapping[str, Sequence[str]] | None = None) -> None:
        self._by_word: dict[str, list[tuple[str, tuple[_Step, ...]]]] = defaultdict(list)
        self._by_beginning: list[tuple[str, tuple[_Step, ...]]] = []
        self._beginnings: tuple[str, ...] = ()
        for phrase in phrases:
            steps = _steps(phrase, groups or {})
            for word in steps[0].exact:
                self._by_word[word].append((phrase, steps))
            if steps[0].beginnings:
                self._by_beginning.append((phrase, steps))
                self._beginnings += steps[0].beginnings

    def at(self, words: Sequence[Word], place: int) -> Found | None:
        """The longest phrase that begins at ``place``."""
        first = words[place].text
        fitting = self._by_word.get(first, [])
        if self._beginnings and first.startswith(self._beginnings):
            fitting = [*fitting, *(pair for pair in self._by_beginning if first.startswith(pair[1][0].beginnings))]
        if not fitting:
            return None
        ends = ((_end(words, place, steps, 0), phrase) for phrase, steps in fitting)
        longest = max(((end, phrase) for end, phrase in ends if end is not None), default=None)
        return Found(place, longest[0], longest[1]) if longest else None

    def find(self, words: Sequence[Word]) -> Iterator[Found]:
        """Every place where a phrase begins, with the longest that does; none within another."""
        reached = 0
        for place in range(len(words)):
            found = self.at(words, place) if place >= reached else None
            if found:
                reached = found.end
                yield found


def _end(words: Sequence[Word], place: int, steps: tuple[_Step, ...], number: int) -> int | None:
    """Where the phrase ends if its step ``number`` fits at ``place`` or within the gap that step allows."""
    sentence = words[place - 1].sentence if number else words[place].sentence
    for at in range(place, min(place + steps[number].gap + 1, len(words))):
        if words[at].sentence != sentence:
            return None
        if steps[number].fits(words[at].text):
            if number + 1 == len(steps):
                return at + 1
            end = _end(words, at + 1, steps, number + 1)
            if end is not None:
                return end
    return None


def _steps(phrase: str, groups: Mapping[str, Sequence[str]]) -> tuple[_Step, ...]:
    steps: list[_Step] = []
    gap = 0
    for part in phrase.split():
        if part.startswith("~"):
            if not part[1:].isdigit() or not 1 <= int(part[1:]) <= WIDEST_GAP or gap or not steps:
                raise PhraseMistake(
                    f'"{phrase}": write ~1 to ~{WIDEST_GAP} between two words for the others that may stand there.'
                )
            gap = int(part[1:])
            continue
        steps.append(_step(phrase, part, groups, gap))
        gap = 0
    if not steps or gap:
        raise PhraseMistake(f'"{phrase}": write at least one word, and end with a word.')
    return tuple(steps)


def _step(phrase: str, part: str, groups: Mapping[str, Sequence[str]], gap: int) -> _Step:
    exact: set[str] = set()
    beginnings: list[str] = []
    for choice in part.split("|"):
        if choice.startswith("@"):
            if choice[1:] not in groups:
                known = ", ".join(f"@{name}" for name in groups) or "no groups"
                raise PhraseMistake(f'"{phrase}": there is no group {choice}. This file has {known}.')
            exact |= set(groups[choice[1:]])
        elif choice.endswith("*") and _is_word(choice[:-1]) and len(choice) > 3:
            beginnings.append(choice[:-1])
        elif _is_word(choice):
            exact.add(choice)
        else:
            raise PhraseMistake(
                f'"{phrase}": "{choice}" is not one word in small letters. Part words with spaces, and write a hyphen '
                "as a space."
            )
    return _Step(frozenset(exact), tuple(beginnings), gap)


def _is_word(choice: str) -> bool:
    return bool(_WORD.fullmatch(choice)) and choice == choice.lower()
