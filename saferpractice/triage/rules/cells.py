"""The cells of a decision table: closed conditions on closed facts, three-valued.

A condition is true, false, or None while the fact it asks about is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import Field, model_validator

from saferpractice.lists.rules.mistakes import Shape, parse
from saferpractice.triage.rules.answers import RepeatKind

HARM = ("none", "low", "moderate", "severe", "fatal")
"""Levels of harm from least to worst. Psychological harm ends at severe."""

FactValue = str | bool | frozenset[str] | None


@dataclass(frozen=True, slots=True)
class FactKind:
    """What a fact can be: an ordered level, yes or no, or a set of codes (``codes`` when the set is closed)."""

    question: str
    levels: tuple[str, ...] = ()
    is_set: bool = False
    codes: tuple[str, ...] = ()

    @property
    def operators(self) -> frozenset[str]:
        """The conditions that can be put on it."""
        if self.levels:
            return frozenset({"in", "at_least"})
        return frozenset({"in", "is"}) if self.is_set else frozenset({"is"})

    def values(self) -> tuple[FactValue, ...]:
        """Every value that a condition can tell apart, not known included.

        For a set: none, and each code alone; a condition on a larger set is the "or" of these.
        """
        if self.levels:
            return (*self.levels, None)
        if self.is_set:
            return (frozenset(), *(frozenset({code}) for code in self.codes or ("any-code",)), None)
        return (True, False, None)


FACTS: Mapping[str, FactKind] = {
    "physical_harm": FactKind("How much physical harm was there?", levels=HARM),
    "psychological_harm": FactKind("How much psychological harm was there?", levels=HARM[:4]),
    "prolonged_psychological_harm": FactKind("Has psychological harm lasted, or will it last, 28 days or more?"),
    "repeat_kinds": FactKind(
        "Does this repeat earlier incidents?", is_set=True, codes=tuple(kind.value for kind in RepeatKind)
    ),
    "multi_agency_breakdown": FactKind("Did agencies fail to come together?"),
    "high_risk_failure": FactKind("Did a safeguard against a high risk fail?"),
    "nationally_required": FactKind("Does national policy require a response?", is_set=True),
    "needs_care_and_support": FactKind("Does the person have needs for care and support?"),
    "abuse_or_neglect": FactKind("Is the person experiencing, or at risk of, abuse or neglect?"),
    "abuse_types": FactKind("Which types of abuse or neglect?", is_set=True),
    "healthcare_acts_suspected": FactKind("Are acts or omissions by healthcare staff suspected?"),
    "family_warning": FactKind("Did a family member or carer warn of this?"),
}
"""Every fact a condition may ask about."""


class CellMistake(ValueError):
    """A condition cannot be used; the message says what to write instead."""


class Cell(Shape):
    """One condition on one fact. Exactly one of the three.

    ``in``: is one of these (for a set: holds at least one of them). ``is``: yes or no (for a set: holds anything, or
    nothing). ``at_least``: this level of harm or a worse one.
    """

    among: tuple[str, ...] | None = Field(default=None, alias="in", min_length=1, description="a list of codes")
    holds: bool | None = Field(default=None, alias="is", description="true or false")
    at_least: str | None = Field(default=None, description="a level of harm")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or self.operator is None:
            raise ValueError('needs exactly one of "in", "is" and "at_least".')
        return self

    @property
    def operator(self) -> str | None:
        """The word the file uses for this condition."""
        given = {"in": self.among, "is": self.holds, "at_least": self.at_least}
        return next((word for word, value in given.items() if value is not None), None)

    def reads(self, value: FactValue) -> bool | None:
        """Whether the condition is met by ``value``; None while the fact is not known."""
        if value is None:
            return None
        if isinstance(value, frozenset):
            return bool(value & set(self.among)) if self.among is not None else bool(value) == self.holds
        if self.among is not None:
            return value in self.among
        if self.at_least is not None:
            return HARM.index(str(value)) >= HARM.index(self.at_least)
        return value == self.holds


def cells_from(when: Mapping[str, Any]) -> dict[str, Cell]:
    """The conditions written as ``{fact: {operator: value}}``.

    Raises:
        CellMistake: an unknown fact, an operator that does not fit it, a level or code that it cannot have.
    """
    found: dict[str, Cell] = {}
    for name, written in when.items():
        kind = FACTS.get(name)
        if kind is None:
            raise CellMistake(f'"{name}" is not a fact that can be asked about. Write one of: {", ".join(FACTS)}.')
        if not isinstance(written, Mapping):
            raise CellMistake(f'"{name}": is {written!r}. Write a condition such as {{is: true}}.')
        cell, wrong = parse(Cell, written, under=name)
        if cell is None:
            raise CellMistake(" ".join(wrong))
        _check_fits(name, kind, cell)
        found[name] = cell
    return found


def _check_fits(name: str, kind: FactKind, cell: Cell) -> None:
    if cell.operator not in kind.operators:
        raise CellMistake(f'"{name}" has no "{cell.operator}". Write {" or ".join(sorted(kind.operators))}.')
    possible = kind.levels or kind.codes
    named = [cell.at_least] if cell.at_least is not None else list(cell.among or ())
    for value in named:
        if possible and value not in possible:
            raise CellMistake(f'"{name}" cannot be "{value}". Write one of: {", ".join(possible)}.')


def all_of(readings: Iterable[bool | None]) -> bool | None:
    """All met, at least one not met, or None: what is known does not decide it."""
    undecided = False
    for reading in readings:
        if reading is False:
            return False
        undecided = undecided or reading is None
    return None if undecided else True


def meets(cells: Mapping[str, Cell], facts: Mapping[str, FactValue]) -> bool | None:
    """Whether every condition is met by ``facts``; a fact that is absent is not known."""
    return all_of(cell.reads(facts.get(name)) for name, cell in cells.items())
