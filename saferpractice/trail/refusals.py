"""How an operation says no: a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


class Refused(Exception):
    """The person may not do this. ``sentence`` says why, and is what the page shows."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Invalid(Exception):
    """The input breaks a rule. ``problems`` maps a field name ("" for the whole) to what to do about it."""

    def __init__(self, problems: Mapping[str, str] | str) -> None:
        self.problems: dict[str, str] = {"": problems} if isinstance(problems, str) else dict(problems)
        super().__init__(" ".join(self.problems.values()))


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that is not the one on record: what was asked, what is recorded, what is typed now."""

    question: str
    recorded: str
    typed: str


class SentBefore(Invalid):
    """The form was sent before, with other answers. What is on record stays, what was typed must be kept and shown."""

    def __init__(self, sentence: str, differences: Iterable[Difference]) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.differences = tuple(differences)


SHOWN, BEFORE = 300, 60
"""Characters of a long answer that are shown from where two of them part, and of what comes before that place."""


def differing(answers: Iterable[tuple[str, str, str]]) -> Iterator[Difference]:
    """The answers that differ, of question, recorded and typed. Long ones are cut to where they part."""
    for question, recorded, typed in answers:
        if recorded != typed:
            start = max(0, _parts_at(recorded, typed) - BEFORE)
            if max(len(recorded), len(typed)) <= SHOWN:
                start = 0
            yield Difference(question, _cut(recorded, start), _cut(typed, start))


def _parts_at(one: str, other: str) -> int:
    """The place of the first character that differs."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _cut(text: str, start: int) -> str:
    shown = text[start : start + SHOWN]
    before, after = "… " if start else "", " …" if len(text) > start + SHOWN else ""
    return f"{before}{shown}{after}" if shown.strip() else "Not given" if not start else "… (it ends here)"


class Stale(Exception):
    """Somebody else saved this meanwhile. ``sentence`` says so; what was typed must be kept and shown."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
