"""How facts are told to the readers of a pack. Each level has a teller, and a teller has no way to say more than that.

The sections of a pack are written once, for a ``Teller``. The inspector's knows no names of staff, and of typed words
only those a person has confirmed: so what may not be said is not there to be hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from saferpractice.evidence.rules.packs.document import Cell, Cleared, Subject, Typed, Who
from saferpractice.evidence.rules.packs.facts import Said, Staff, Supported

THE_PERSON = "The person supported"
SOMEBODY = "Somebody who works here"
LEFT_OUT = "Left out by the sharer."
TO_CONFIRM = "To be confirmed."


class Unconfirmed(LookupError):
    """Words that nobody has confirmed were to be told outside."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a person decided about some typed words: the words as they may go out, or that they are left out."""

    words: str
    left_out: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """The law that allows a pack to say who a person supported is, and why it is said."""

    basis: str
    why: str


class Teller(Protocol):
    """Turns facts about people into values of a pack."""

    outside: bool

    def who(self, staff: Staff) -> Who:
        """Somebody who works here."""

    def said(self, said: Said | None, *, after: str = "") -> Cell:
        """Words somebody typed, after words of the product; None where there are neither."""

    def person(self, person: Supported | None) -> Cell:
        """The person supported; None where the record names nobody."""


def _joined(before: str, words: str) -> str:
    return f"{before} {words}" if before else words


class Inside:
    """Tells everything, for readers inside the service."""

    outside = False

    def who(self, staff: Staff) -> Who:
        """Role and name."""
        return Who(staff.role, staff.name)

    def said(self, said: Said | None, *, after: str = "") -> Cell:
        """As it was typed."""
        return Typed(_joined(after, said.text)) if said else after or None

    def person(self, person: Supported | None) -> Cell:
        """By the reference that is used inside."""
        return Subject(person.reference) if person else None


@dataclass(slots=True)
class ToInspector:
    """Tells roles, confirmed words, and no person supported unless ``identity`` says which law allows it and why."""

    confirmed: Mapping[str, Confirmed]
    identity: Identity | None = None
    outside: bool = True

    def who(self, staff: Staff) -> Who:
        """The role alone."""
        return Who(staff.role or SOMEBODY)

    def said(self, said: Said | None, *, after: str = "") -> Cell:
        """What a person confirmed of it.

        Raises:
            Unconfirmed: nobody has.
        """
        if said is None:
            return after or None
        found = self.confirmed.get(said.key)
        if found is None:
            raise Unconfirmed(f"{said.source.reference}: {said.part}")
        if found.left_out:
            return _joined(after, LEFT_OUT)
        return Cleared(_joined(after, found.words), found.by, found.at)

    def person(self, person: Supported | None) -> Cell:
        """That it is a person supported; with ``identity``, who."""
        if person is None:
            return None
        if self.identity is None:
            return THE_PERSON
        return Subject(person.name or person.reference, self.identity.basis, self.identity.why)


@dataclass(slots=True)
class Asking(ToInspector):
    """Tells as to an inspector, and keeps the words that an inspector's pack would tell, each once, in its order."""

    confirmed: Mapping[str, Confirmed] = field(default_factory=dict)
    asked: dict[str, Said] = field(default_factory=dict)

    def said(self, said: Said | None, *, after: str = "") -> Cell:
        """A place for the words, which are kept to be asked about."""
        if said is None:
            return after or None
        self.asked.setdefault(said.key, said)
        return TO_CONFIRM
