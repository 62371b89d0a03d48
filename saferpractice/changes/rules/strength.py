"""How strong a change is, by the published hierarchy of action effectiveness (R14, R15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Strength(StrEnum):
    """A grade of the hierarchy, and below it what is no control at all."""

    STRONGER = "stronger"
    INTERMEDIATE = "intermediate"
    WEAKER = "weaker"
    NONE = "none"

    @property
    def label(self) -> str:
        """The grade in words."""
        return "No control" if self is Strength.NONE else self.value.capitalize()


class Listed(Protocol):
    """An entry of a list in force, as it ships or as a provider put it in place."""

    @property
    def code(self) -> str:
        """What records keep."""

    @property
    def label(self) -> str:
        """What people read."""

    @property
    def detail(self) -> Mapping[str, Any]:
        """The further facts of its list."""

    @property
    def source(self) -> object:
        """Where it comes from; its text is shown."""


@dataclass(frozen=True, slots=True)
class Graded:
    """The strength of a change, the term of the published table it stands under, and why."""

    strength: Strength
    term: str
    published_term: str
    source: str
    why: str


def grade(change_type: Listed, hierarchy: Iterable[Listed], *, cannot_be_passed: bool) -> Graded:
    """The grade of a change of ``change_type`` (an entry of "change-types"), looked up in "action-hierarchy".

    A rule in software or on paper is intermediate; it earns *stronger* only where the step ``cannot_be_passed``, and
    only for types where that can be built. Source: VA National Center for Patient Safety, AHRQ CANDOR module 4.

    Raises:
        ValueError: the type names a term that the hierarchy does not hold.
    """
    terms = {term.code: term for term in hierarchy}
    impassable = change_type.detail.get("when_cannot_be_passed")
    code = impassable if cannot_be_passed and impassable else change_type.detail["hierarchy"]
    if code not in terms:
        raise ValueError(f'the type "{change_type.code}" stands under "{code}", which the hierarchy does not hold')
    term = terms[code]
    strength = Strength(term.detail["strength"])
    return Graded(
        strength=strength,
        term=term.label,
        published_term=term.detail["published_term"],
        source=str(term.source),
        why=_why(change_type.label, term.label, strength, impassable, cannot_be_passed=cannot_be_passed),
    )


def strength_of(change_type: Listed, hierarchy: Iterable[Listed], *, cannot_be_passed: bool) -> Strength:
    """The strength alone; see ``grade``."""
    return grade(change_type, hierarchy, cannot_be_passed=cannot_be_passed).strength


def _why(kind: str, term: str, strength: Strength, impassable: str | None, *, cannot_be_passed: bool) -> str:
    stands = f"{kind} stands under “{term}” in the published hierarchy: {strength.label.lower()}."
    if cannot_be_passed and impassable:
        return f"{stands} The work cannot go on without this step. If it can be overridden, each override is counted."
    if cannot_be_passed:
        return f"{stands} {kind} can always be passed by, so that does not make it stronger."
    if impassable:
        return f"{stands} It would be stronger if the work could not go on without this step."
    return stands
