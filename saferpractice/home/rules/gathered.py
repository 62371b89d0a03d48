"""What is held about a person, gathered for their request: which words tell of somebody else, and it without them.

Nothing here decides that a name goes or stays. It says where names stand; a person confirms each place.
"""

from __future__ import annotations

import hashlib
import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from saferpractice.design.typed import as_written
from saferpractice.evidence.rules.identifiers import identifiers_in
from saferpractice.trail.rules import NAME_WITHHELD

BETWEEN = "\n¶\n"
"""Stands between two texts that are searched at once: no name goes on across it."""
REMOVED = "[removed]"
AROUND = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a record: what it is, what it says, and whether all of it is somebody's name (``is_name``)."""

    label: str
    text: str
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class GatheredRecord:
    """One record: its own key within what was gathered, what kind of thing it is, and its parts."""

    key: str
    kind: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything gathered about a person, in the order in which it is told.

    Attributes:
        reference, name: the person's own, which are never somebody else's; ``name`` is "" where none is recorded.
        known: names and references on the records that are somebody else's: staff, other people, partners.
    """

    reference: str
    name: str
    known: tuple[str, ...]
    records: tuple[GatheredRecord, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON's own types."""
        return asdict(self)

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Gathered:
        """What ``plain`` gave."""
        records = tuple(
            GatheredRecord(one["key"], one["kind"], tuple(Part(**part) for part in one["parts"]))
            for one in value["records"]
        )
        return cls(value["reference"], value["name"], tuple(value["known"]), records)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that may tell who somebody else is: characters ``start`` to ``end`` of a part of a record."""

    record: str
    part: int
    start: int
    end: int
    text: str
    kind: str

    @property
    def key(self) -> str:
        """What the place is known by in a form and in a decision; another for other words at the same place."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:8]
        return f"{self.record}/{self.part}/{self.start}/{self.end}/{digest}"

    @property
    def same(self) -> str:
        """What two places have in common that tell of the same."""
        return " ".join(self.text.casefold().split())


def marks_in(gathered: Gathered, added: Collection[str] = ()) -> tuple[Mark, ...]:
    """Every place that may tell who somebody else is, in order, none overlapping another.

    Args:
        added: further words that somebody wrote down to be taken out, wherever they stand and whatever their case.
    """
    texts = [(record.key, place, part) for record in gathered.records for place, part in enumerate(record.parts)]
    patterns = [
        re.compile(r"\s+".join(re.escape(piece) for piece in words.split()), re.IGNORECASE)
        for words in added
        if as_written(words)
    ]
    found: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)
    for key, place, part in texts:
        if part.is_name and as_written(part.text) and part.text != NAME_WITHHELD:
            found[key, place].append((0, len(part.text), "name"))
        for pattern in patterns:
            found[key, place] += [(*hit.span(), "added") for hit in pattern.finditer(part.text)]
    for (key, place, _), span in _identified(gathered, [part.text for _, _, part in texts], texts):
        found[key, place].append(span)
    return tuple(
        Mark(key, place, start, end, part.text[start:end], kind)
        for key, place, part in texts
        for start, end, kind in _joined(found[key, place])
        if not _is_own(part.text[start:end], gathered)
    )


Text = tuple[str, int, Part]


def _identified(
    gathered: Gathered, texts: Sequence[str], owners: Sequence[Text]
) -> Iterable[tuple[Text, tuple[int, int, str]]]:
    """What identifies somebody, found in all texts at one reading: the forms of every known name are made once."""
    begins, whole = [], []
    at = 0
    for text in texts:
        begins.append(at)
        whole.append(text)
        at += len(text) + len(BETWEEN)
    number = 0
    for one in identifiers_in(BETWEEN.join(whole), gathered.known):
        while number + 1 < len(begins) and begins[number + 1] <= one.start:
            number += 1
        start, end = one.start - begins[number], min(one.end - begins[number], len(texts[number]))
        if start < end:
            yield owners[number], (start, end, one.kind.value)


def _joined(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans that overlap become one, of the kind of the first."""
    result: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if result and start < result[-1][1]:
            first, last, earlier = result[-1]
            result[-1] = (first, max(last, end), earlier)
        else:
            result.append((start, end, kind))
    return result


def _is_own(text: str, gathered: Gathered) -> bool:
    """Whether the words are the person's own reference or name, or a part of it that is nobody else's."""
    words = text.casefold().split()
    own = {gathered.reference.casefold(), *gathered.name.casefold().split()}
    others = {word for name in gathered.known for word in name.casefold().split()}
    return bool(words) and all(word in own for word in words) and not set(words) & others


@dataclass(frozen=True, slots=True)
class Question:
    """What a person confirms at once: one place in a text, or every place where the same name stands by itself."""

    marks: tuple[Mark, ...]
    before: str
    after: str
    where: str

    @property
    def key(self) -> str:
        """What it is known by in a form."""
        return hashlib.sha256("\n".join(mark.key for mark in self.marks).encode()).hexdigest()[:20]


def questions(gathered: Gathered, marks: Iterable[Mark]) -> tuple[Question, ...]:
    """The places to be confirmed, names that stand by themselves first, each with where it is and what is around it."""
    records = {record.key: record for record in gathered.records}
    alone: dict[str, list[Mark]] = defaultdict(list)
    found = []
    for mark in marks:
        record = records[mark.record]
        part = record.parts[mark.part]
        if part.is_name:
            alone[mark.same].append(mark)
            continue
        before, after = around(part, mark)
        found.append(Question((mark,), before, after, f"{record.kind}, {part.label.lower()}"))
    names = []
    for same in alone.values():
        kinds = Counter(records[mark.record].kind for mark in same)
        where = ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))
        names.append(Question(tuple(same), "", "", where))
    return (*names, *found)


def answer_by(asked_on: date) -> date:
    """The last day for an answer: a month after they asked (UK GDPR, article 12(3)).

    The same day of the next month, or its last day where it has none.
    """
    year, month = divmod(asked_on.year * 12 + asked_on.month, 12)
    return date(year, month + 1, min(asked_on.day, monthrange(year, month + 1)[1]))


def without(gathered: Gathered, marks: Iterable[Mark], kept: Collection[str]) -> Gathered:
    """What was gathered with every marked place taken out, but those whose keys are ``kept``; ``known`` is empty."""
    out: dict[tuple[str, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        if mark.key not in kept:
            out[mark.record, mark.part].append(mark)
    records = tuple(
        GatheredRecord(
            record.key,
            record.kind,
            tuple(
                Part(part.label, _cut(part.text, out[record.key, place]), part.is_name)
                for place, part in enumerate(record.parts)
            ),
        )
        for record in gathered.records
    )
    return Gathered(gathered.reference, gathered.name, (), records)


def _cut(text: str, marks: list[Mark]) -> str:
    pieces, at = [], 0
    for mark in sorted(marks, key=lambda one: one.start):
        pieces += [text[at : mark.start], REMOVED]
        at = mark.end
    return "".join([*pieces, text[at:]])


def around(part: Part, mark: Mark) -> tuple[str, str]:
    """What stands before and after a place, cut where it is long."""
    before, after = part.text[: mark.start], part.text[mark.end :]
    return (
        f"… {before[-AROUND:]}" if len(before) > AROUND else before,
        f"{after[:AROUND]} …" if len(after) > AROUND else after,
    )
