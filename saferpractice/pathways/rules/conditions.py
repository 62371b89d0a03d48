"""The conditions a pathway may set. This is all of them: there are no free expressions.

A condition is printed in words, compared with its predecessor and replayed over history, which a formula in a
programming language would not allow.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from saferpractice.lists.rules.files import CODE_MEANING, Code
from saferpractice.lists.rules.mistakes import Shape
from saferpractice.pathways.rules.spans import Count, Span


class Test(Shape):
    """A test of one field of a record. Exactly one of ``is``, ``one_of`` and ``present``."""

    __test__ = False  # not a test of pytest's

    field: Code = Field(description="the code of a field of that record")
    equals: str | None = Field(default=None, alias="is", description="the code of an option, or yes, or no")
    one_of: tuple[str, ...] | None = Field(default=None, description="codes of options, a list", min_length=1)
    present: bool | None = Field(default=None, description="true when the field must be filled in, false when empty")

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(part is not None for part in (self.equals, self.one_of, self.present)) != 1:
            raise ValueError(f'Write exactly one of is, one_of and present for the field "{self.field}".')
        return self

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The codes of which the field must hold one, unless the test is of its being present."""
        return (self.equals,) if self.equals is not None else self.one_of or ()


class IndicatorsPresent(Shape):
    """At least so many indicators are ticked at once, in the newest checklist."""

    at_least: Count = Field(description="a whole number, or local and the code of a local value")
    of: tuple[Code, ...] = Field(default=(), description="codes of indicators, a list; left out means any of them")


class RecordsMade(Shape):
    """At least so many records of a kind; with ``within``, so close together that the last falls in that time."""

    record: Code = Field(description="the code of a kind of record")
    at_least: Count = Field(default=1, description="a whole number, or local and the code of a local value")
    within: Span | None = Field(default=None, description="a length of time, such as 7 days")
    tests: tuple[Test, ...] = Field(default=(), alias="with", description="tests of its fields, a list")


class FieldIs(Test):
    """A test of the newest record of a kind."""

    record: Code = Field(description="the code of a kind of record")


class LevelFallen(Shape):
    """A level has fallen since the first record that gave one."""

    record: Code = Field(description="the code of a kind of record")
    field: Code = Field(description="the code of a field of type level")


class ObligationIs(Shape):
    """Where another obligation stands."""

    id: Code = Field(description="the code of another obligation")
    equals: Literal["met", "late"] = Field(alias="is", description="met or late")


class Condition(Shape):
    """One condition: exactly one of its parts."""

    indicators: IndicatorsPresent | None = Field(default=None, description="at_least, and of")
    records: RecordsMade | None = Field(default=None, description="record, at_least, within and with")
    field: FieldIs | None = Field(default=None, description="record, field, and one of is, one_of, present")
    level_fallen: LevelFallen | None = Field(default=None, description="record and field")
    obligation: ObligationIs | None = Field(default=None, description="id and is")
    all_of: tuple[Condition, ...] | None = Field(default=None, description="conditions, a list", min_length=1)
    any_of: tuple[Condition, ...] | None = Field(default=None, description="conditions, a list", min_length=1)
    negated: Condition | None = Field(default=None, alias="not", description="a condition")

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            known = ", ".join(field.alias or name for name, field in type(self).model_fields.items())
            raise ValueError(f"Write exactly one of {known} for a condition.")
        return self

    @cached_property
    def key(self) -> str:
        """The same text for conditions that say the same, so that such are worked out once for a case."""
        return self.model_dump_json(exclude_defaults=True)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions directly inside this one."""
        inside = (*(self.all_of or ()), *(self.any_of or ()))
        return (*inside, self.negated) if self.negated else inside

    def whole(self) -> tuple[Condition, ...]:
        """This condition and every one inside it."""
        return (self, *(found for part in self.parts() for found in part.whole()))

    def records_named(self) -> tuple[str, ...]:
        """The codes of the kinds of record by which it comes about, each once: of these a deadline's moment is read."""
        named = (part.records or part.field for part in self.whole())
        return tuple(dict.fromkeys(each.record for each in named if each))


__all__ = [
    "CODE_MEANING",
    "Condition",
    "FieldIs",
    "IndicatorsPresent",
    "LevelFallen",
    "ObligationIs",
    "RecordsMade",
    "Test",
]
