"""Finding wording that blames a person, with a question about the system to ask instead (R13).

It prompts and never blocks: the writer may go on, with a reason that is kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from saferpractice.findings.rules.causation import gives_a_cause, shipped_rules
from saferpractice.lists.rules import ListFile, ListMistakes, Mistake, load
from saferpractice.lists.rules.mistakes import Shape, parse
from saferpractice.lists.rules.wording import Found, PhraseMistake, Phrases, Word, words_of

DATA = Path(__file__).resolve().parent.parent / "data"
LOOK_BACK = 16
"""Words before a phrase in which its subject is looked for."""
LOOK_AHEAD = 4
"""Words after a phrase that may name its subject: "failure of the phone line", "completed by the key worker"."""
NEAR = 4
"""Words before a phrase in which "not", "never" or "rather than" turns it round."""


@dataclass(frozen=True, slots=True)
class BlameMatch:
    """Words that blame: where they stand in the text, what kind of blame, and what to ask instead."""

    start: int
    end: int
    words: str
    kind: str
    label: str
    question: str

    @property
    def span(self) -> tuple[int, int]:
        """Where the words stand, so that ``text[start:end]`` are they."""
        return self.start, self.end


class BlameDetail(Shape):
    """What the list "blame-wording" holds of each kind."""

    phrases: tuple[str, ...] = Field(min_length=1, description="phrases, in the small language of lists/rules/wording")
    unless_about_system: bool = Field(default=False, description="true or false")
    unless_because: bool = Field(default=False, description="true or false")
    unless_next: tuple[str, ...] = Field(default=(), description="a list of words")
    unless_before: tuple[str, ...] = Field(default=(), description="a list of words")
    question: str = Field(min_length=1, max_length=500, description="the question about the system to ask instead")


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    label: str
    detail: BlameDetail
    phrases: Phrases


@dataclass(frozen=True, slots=True)
class BlameWords:
    """The kinds of blame, in the order of the list, and the words that name people and parts of the system."""

    kinds: tuple[_Kind, ...]
    people: frozenset[str]
    system: frozenset[str]


def blame_words(listed: ListFile) -> BlameWords:
    """The wording in the list "blame-wording".

    Raises:
        ListMistakes: a phrase or a kind is not written as it must be.
    """
    kinds: list[_Kind] = []
    mistakes: list[Mistake] = []
    for entry in listed.entries:
        detail, wrong = parse(BlameDetail, entry.detail, under="detail")
        try:
            phrases = Phrases(detail.phrases if detail else (), listed.groups)
        except PhraseMistake as mistake:
            wrong = [*wrong, str(mistake)]
        if detail and not wrong:
            kinds.append(_Kind(entry.code, entry.label, detail, phrases))
        mistakes += [Mistake(f"{listed.list_code}.yml", entry.code, sentence) for sentence in wrong]
    if mistakes:
        raise ListMistakes(mistakes)
    groups: Mapping[str, Sequence[str]] = listed.groups
    people = frozenset(groups.get("staff", ())) | frozenset(groups.get("person", ()))
    return BlameWords(tuple(kinds), people, frozenset(groups.get("system", ())))


@cache
def shipped_words() -> BlameWords:
    """The wording that ships with the product. Read once for each process."""
    return blame_words(load(DATA / "blame-wording.yml"))


def blame_in(text: str, wording: BlameWords | None = None) -> tuple[BlameMatch, ...]:
    """Every place in ``text`` that blames a person, in order and not overlapping.

    The longest wording at a place is taken. Reads as far as ``wording.MOST_CHARACTERS``; takes time in proportion to
    the text, whatever it holds.
    """
    known = wording or shipped_words()
    words = words_of(text)
    causes = _sentences_with_a_cause(words)
    found = [
        (match, kind)
        for kind in known.kinds
        for match in kind.phrases.find(words)
        if _blames(match, kind.detail, words, known, causes)
    ]
    # Where two kinds find the same words the longer wording says more; the list's order settles the rest.
    found.sort(key=lambda pair: pair[0].first - pair[0].end)
    taken: dict[int, tuple[Found, _Kind]] = {}
    for match, kind in found:
        places = range(match.first, match.end)
        if not any(place in taken for place in places):
            taken |= dict.fromkeys(places, (match, kind))
    return tuple(_match(text, words, *taken[place]) for place in sorted(taken) if taken[place][0].first == place)


def _match(text: str, words: Sequence[Word], found: Found, kind: _Kind) -> BlameMatch:
    start, end = words[found.first].start, words[found.end - 1].end
    return BlameMatch(start, end, text[start:end], kind.code, kind.label, kind.detail.question)


def _sentences_with_a_cause(words: Sequence[Word]) -> frozenset[int]:
    return frozenset(words[found.first].sentence for found in gives_a_cause(words, shipped_rules()))


def _blames(
    match: Found, detail: BlameDetail, words: Sequence[Word], known: BlameWords, causes: frozenset[int]
) -> bool:
    first = words[match.first]
    if detail.unless_because and first.sentence in causes:
        return False
    before = [word for word in words[max(0, match.first - LOOK_BACK) : match.first] if word.sentence == first.sentence]
    after = [word.text for word in words[match.end : match.end + LOOK_AHEAD] if word.sentence == first.sentence]
    if after and after[0] in detail.unless_next:
        return False
    if {word.text for word in before[-NEAR:]} & set(detail.unless_before):
        return False
    if not detail.unless_about_system:
        return True
    within = {word.text for word in words[match.first : match.end]}
    if known.people & within or ("by" in after and known.people & set(after)):
        return True
    subject = _subject(before, first.clause, known)
    if subject is None:
        return not (after and after[0] in {"of", "in", "by", "with"} and known.system & set(after))
    return subject in known.people


def _subject(before: Sequence[Word], clause: int, known: BlameWords) -> str | None:
    """What the words at the end of ``before`` are about: a word for a person or for the system, or None.

    In the same clause the nearest: "staff said the form failed to load". In the clauses before, the first of the last
    one that has any: "staff did not know the policy and failed to call".
    """
    named = [
        word
        for word, following in itertools.zip_longest(before, before[1:])
        # "agency staff" are staff: a word for the system that stands before one for people only describes them.
        if word.text in known.people
        or (word.text in known.system and not (following and following.text in known.people))
    ]
    if not named:
        return None
    if named[-1].clause == clause:
        return named[-1].text
    return next(word.text for word in named if word.clause == named[-1].clause)
