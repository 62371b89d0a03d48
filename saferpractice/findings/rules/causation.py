"""The five rules for stating a cause, as hints beside a statement (R13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from saferpractice.lists.rules import ListFile, ListMistakes, Mistake, load
from saferpractice.lists.rules.mistakes import Shape, parse
from saferpractice.lists.rules.wording import Found, PhraseMistake, Phrases, Word, words_of

DATA = Path(__file__).resolve().parent.parent / "data"
CAUSE_AND_EFFECT = "cause-and-effect"


class CausationDetail(Shape):
    """What the list "causation-rules" holds of each rule."""

    kinds: tuple[str, ...] = Field(description="kinds of blame-wording.yml, a list")
    hint: str = Field(min_length=1, max_length=500, description="what to write instead")
    phrases: tuple[str, ...] = Field(default=(), description="phrases, in the small language of lists/rules/wording")


@dataclass(frozen=True, slots=True)
class CausationHint:
    """A rule that a statement does not keep yet, and what to write instead."""

    code: str
    label: str
    hint: str
    source: str


@dataclass(frozen=True, slots=True)
class CausationRules:
    """The rules in their order, each with the kinds of wording that call for it, and the words that give a cause."""

    rules: tuple[tuple[CausationHint, frozenset[str]], ...]
    causes: Phrases


def causation_rules(listed: ListFile) -> CausationRules:
    """The rules in the list "causation-rules".

    Raises:
        ListMistakes: a rule or a phrase is not written as it must be.
    """
    rules: list[tuple[CausationHint, frozenset[str]]] = []
    mistakes: list[Mistake] = []
    causes = Phrases(())
    for entry in listed.entries:
        detail, wrong = parse(CausationDetail, entry.detail, under="detail")
        if detail:
            hint = CausationHint(entry.code, entry.label, detail.hint, str(entry.source))
            rules.append((hint, frozenset(detail.kinds)))
            try:
                causes = Phrases(detail.phrases) if entry.code == CAUSE_AND_EFFECT else causes
            except PhraseMistake as mistake:
                wrong = [*wrong, str(mistake)]
        mistakes += [Mistake(f"{listed.list_code}.yml", entry.code, sentence) for sentence in wrong]
    if mistakes:
        raise ListMistakes(mistakes)
    return CausationRules(tuple(rules), causes)


@cache
def shipped_rules() -> CausationRules:
    """The rules that ship with the product. Read once for each process."""
    return causation_rules(load(DATA / "causation-rules.yml"))


def gives_a_cause(words: Sequence[Word], rules: CausationRules) -> Iterator[Found]:
    """Every place among ``words`` that gives a cause or an effect."""
    return rules.causes.find(words)


def causation_hints(
    statement: str, kinds: Iterable[str], rules: CausationRules | None = None
) -> tuple[CausationHint, ...]:
    """The rules that ``statement`` does not keep yet. ``kinds`` are the kinds of blame found in it.

    Source: five rules of causation, VA National Center for Patient Safety, as in RCA2 (2015).
    """
    known = rules or shipped_rules()
    found = set(kinds)
    words = words_of(statement)
    no_cause = bool(words) and not any(True for _ in gives_a_cause(words, known))
    return tuple(hint for hint, calls in known.rules if calls & found or (hint.code == CAUSE_AND_EFFECT and no_cause))
