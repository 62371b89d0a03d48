"""Pure rules of an inspection: what an inspector is shown of an incident, and nothing that says who anybody is.

A story is made of the types below. None of them can hold the words of staff before they were masked, nor a name: a
member of staff is the roles they held, the person supported is "the person".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from saferpractice.access.rules import Role
from saferpractice.design.typed import as_written
from saferpractice.evidence.rules.identifiers import identifiers_in, removed
from saferpractice.evidence.rules.plainly import Plain

LONGEST_DAYS: Final = 92
"""An inspection is open for three months at most; one that takes longer is opened again."""
LONGEST_PERIOD_DAYS: Final = 366 * 5
MOST_DRAWN: Final = 50
LEAST_SEED: Final = 6
"""Characters: as many as dice are thrown for an audit."""
HARM_LEVELS: Final = ("none", "low", "moderate", "severe", "fatal")
"""The codes of both national lists of harm, upwards. An incident's harm is the worse of its two levels."""
HARM_WORDS: Final = ("No harm", "Low harm", "Moderate harm", "Severe harm", "The person died")
TIERS: Final = ("A", "B", "C")
UNDECIDED: Final = "undecided"
"""In place of a tier: none was decided."""

_KEY: Final = object()


class Masked:
    """Words of staff out of which everything was taken that could say who somebody is. Only ``mask`` makes one."""

    __slots__ = ("_text",)

    def __init__(self, text: str, *, key: object) -> None:
        if key is not _KEY:
            raise TypeError("only mask() makes masked words")
        self._text = text

    def __str__(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Masked) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Masked({self._text!r})"

    def short(self, longest: int = 90) -> Masked:
        """The beginning of the words, for a row of a table."""
        words = " ".join(self._text.split())
        return self if len(words) <= longest else Masked(words[: longest - 1].rstrip() + "…", key=_KEY)


@dataclass(frozen=True, slots=True)
class Known:
    """Who can be meant in the words of an incident: names of staff and of people its records are about, and the
    references of everybody supported, each with the letters by which it is looked for first."""

    names: tuple[tuple[str, tuple[str, ...]], ...]
    references: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, names: Iterable[str], references: Iterable[str]) -> Known:
        """From names and references as they stand on the records."""
        # Half of a double name ("Smith" of O'Brien-Smith) is a name too; a name of single letters is always near.
        pieces = {name: [*map(_squashed, name.split()), *_PIECE.findall(Plain.of(name).text)] for name in names}
        parts = {name: tuple(one for one in found if len(one) > 1) or ("",) for name, found in pieces.items()}
        squashed = {one: _squashed(one) for one in references}
        return cls(tuple(parts.items()), tuple((one, letters) for one, letters in squashed.items() if letters))

    def near(self, text: str) -> set[str]:
        """Those that may stand in ``text``: looking properly for thousands, text by text, would take too long."""
        letters = _squashed(text)
        initials = bool(_INITIAL.search(text))
        names = {name for name, parts in self.names if initials or any(part in letters for part in parts)}
        return names | {one for one, squashed in self.references if squashed in letters}


_PIECE: Final = re.compile(r"[^\W\d_]+")
_INITIAL: Final = re.compile(r"\b[^\W\d_]\.")


def _squashed(text: str) -> str:
    return "".join(one for one in Plain.of(text).text if one.isalnum())


def mask(text: str, known: Known) -> Masked:
    """``text`` without whatever could say who somebody is: names and references known, and what looks like one."""
    return Masked(removed(text, identifiers_in(text, known.near(text))), key=_KEY)


class Roles:
    """The roles somebody held when they did something, in words, and nothing of who they are."""

    __slots__ = ("_words",)

    def __init__(self, signed_as: str) -> None:
        """Of the role words of a signature only those that are roles stay."""
        known = {role.label for role in Role}
        held = [part for part in (one.strip() for one in signed_as.split(",")) if part in known]
        self._words = ", ".join(held)

    def __str__(self) -> str:
        return self._words or "No role on record"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Roles) and other._words == self._words

    def __hash__(self) -> int:
        return hash(self._words)

    def __repr__(self) -> str:
        return f"Roles({self._words!r})"


THE_SOFTWARE: Final = "The software"


@dataclass(frozen=True, slots=True)
class Reference:
    """Which record a statement came from: its kind, and the end of its id or the number of an incident."""

    kind: str
    number: str

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that is on record. ``label`` and the keys of ``words`` are the product's own or those of a list.

    ``by`` is None where no person did it. ``state`` is a word with its meaning for colours.
    """

    reference: Reference
    label: str
    words: tuple[tuple[str, Masked], ...] = ()
    by: Roles | None = None
    at: datetime | None = None
    state: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One stage of a story. ``nothing`` is what there is to say when it holds no statement."""

    code: str
    title: str
    statements: tuple[Statement, ...]
    nothing: str = "Nothing is on record."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an incident concerns, where the power and the reason for showing it are on record."""

    reference: str
    name: str
    power: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One incident whole, as an inspector reads it. ``identity`` is None unless the inspection says why it is shown."""

    reference: str
    place: str
    harm: str
    tier: str
    themes: tuple[str, ...]
    defensible: bool
    sentence: str
    missing: tuple[Masked, ...]
    parts: tuple[Part, ...]
    identity: Identity | None


def harm_level(physical: str, psychological: str) -> int:
    """The worse of the two levels, 0 to 4. A code that nobody knows counts as no harm."""
    return max((HARM_LEVELS.index(one) for one in (physical, psychological) if one in HARM_LEVELS), default=0)


def problems_of_opening(
    *, period_from: date, period_to: date, ends_at: datetime, at: datetime, today: date, services: int
) -> dict[str, str]:
    """What keeps an inspection from being opened: field name to a sentence saying what to do."""
    found: dict[str, str] = {}
    if not services:
        found["services"] = "Choose the services that are inspected."
    if period_to < period_from:
        found["period_to"] = "Enter the same day as the first, or a later one."
    elif period_to > today:
        found["period_to"] = "Enter today or an earlier day: records of days to come are not there yet."
    elif (period_to - period_from).days > LONGEST_PERIOD_DAYS:
        found["period_from"] = "Choose five years or less."
    if ends_at <= at:
        found["ends_at"] = "Enter a time to come."
    elif (ends_at - at).days >= LONGEST_DAYS:
        found["ends_at"] = f"Choose {LONGEST_DAYS} days or less. An inspection that takes longer is opened again."
    return found


def problems_of_disclosure(power: str, because: str, *, allows: bool) -> dict[str, str]:
    """What keeps an inspection from showing who its incidents concern.

    Args:
        allows: whether the power allows personal records to be required.
    """
    found: dict[str, str] = {}
    if not power:
        found["identity_power"] = "Choose the power that allows it."
    elif not allows:
        found["identity_power"] = "This power does not allow it. Choose another, or show nobody's identity."
    if not as_written(because):
        found["identity_because"] = "Say why the inspector needs to know who the people are."
    return found


def problems_of_draw(seed: str) -> dict[str, str]:
    """What keeps a seed from being used."""
    if len(seed) < LEAST_SEED:
        return {"seed": f"Enter at least {LEAST_SEED} characters that nobody here could know, such as six dice."}
    return {}


class Standing(StrEnum):
    """How something that was owed by a moment stands."""

    IN_TIME = "in_time"
    LATE = "late"
    UNDER_WAY = "under_way"
    OVERDUE = "overdue"

    @property
    def label(self) -> str:
        """The standing in words."""
        return {"in_time": "In time", "late": "Done late", "under_way": "Under way, in time", "overdue": "Overdue"}[
            self.value
        ]


def standing_of(due_at: datetime, done_at: datetime | None, at: datetime) -> Standing:
    """How something due at ``due_at`` stands at ``at``. Done at the very moment it was due is in time."""
    if done_at is not None:
        return Standing.IN_TIME if done_at <= due_at else Standing.LATE
    return Standing.UNDER_WAY if at <= due_at else Standing.OVERDUE


def in_words(found: Mapping[Standing, int]) -> str:
    """Counts as a sentence: "4 in time, 1 done late, 0 under way, 2 overdue"."""
    short = {Standing.UNDER_WAY: "under way"}
    return ", ".join(f"{found.get(one, 0)} {short.get(one, one.label.lower())}" for one in Standing)


@dataclass(frozen=True, slots=True)
class Link:
    """A record in a table, and where it leads: the incident whose story holds it."""

    text: str
    incident: UUID


Cell = str | Masked | Link | Reference | Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the records say to one point of a quality statement: a count to begin with ("1 finding"), a sentence, the
    records."""

    title: str
    count: str
    sentence: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    nothing: str = ""
