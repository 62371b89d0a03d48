"""What a pathway definition holds. It is data: read from a file or a form, validated whole, never code."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from saferpractice.deadlines.rules import Timescale, TimescaleError
from saferpractice.design.typed import as_written
from saferpractice.lists.rules.files import CODE_MEANING, Code, Label, Words
from saferpractice.lists.rules.mistakes import Shape
from saferpractice.pathways.rules.conditions import Condition, Test
from saferpractice.pathways.rules.spans import LocalText, Span, SpanOrField, local_named, read_span

RoleCode = Literal[
    "support_worker", "duty_manager", "safeguarding_lead", "reviewer", "supervisor", "quality_lead", "director"
]
"""Roles that can owe something on a pathway, and be told when it is late."""
Told = Literal[RoleCode, "owner"]
"""Whoever is told when something is late: a role, or whoever owes it."""
FieldType = Literal[
    "text",
    "choice",
    "choices",
    "moment",
    "yes-no",
    "role",
    "partner",
    "partners",
    "indicators",
    "level",
    "record",
    "contact-method",
    "listed",
]
NamedList = Literal["lawful-bases"]
"""The dated lists that a field of type listed may offer."""
Sharing = Literal["never", "chosen", "named", "decides"]
WITH_OPTIONS = frozenset({"choice", "choices", "level"})
Value = int | str


class Indicator(Shape):
    """Something staff look for and tick."""

    id: Code = Field(description=CODE_MEANING)
    label: Label = Field(description="the words beside the box")
    look_for: tuple[Label, ...] = Field(min_length=1, description="what to look for, a list of short phrases")


class Option(Shape):
    """One answer that can be chosen."""

    id: Code = Field(description=CODE_MEANING)
    label: Label = Field(description="the words people read")


class RecordField(Shape):
    """One field of a record. Options of a level stand from lowest to highest."""

    id: Code = Field(description=CODE_MEANING)
    label: Label = Field(description="the question or heading people read")
    hint: str = Field(default="", max_length=1000, description="a sentence of help")
    type: FieldType = Field(description="the type of the field")
    options: tuple[Option, ...] = Field(default=(), description="what can be chosen, a list")
    of: tuple[Code, ...] = Field(default=(), description="the kinds of record it may name, a list of their codes")
    roles: tuple[RoleCode, ...] = Field(default=(), description="the roles it may name, a list; left out means any")
    from_list: NamedList | None = Field(default=None, alias="list", description="the dated list it is chosen from")
    required: bool = Field(default=False, description="true when the record does not count without it")
    required_when: Test | None = Field(default=None, description="a test of another field of the same record")

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.type in WITH_OPTIONS and len(self.options) < 2:
            raise ValueError(f'A field of type {self.type} needs options, two at least: give them to "{self.id}".')
        if self.type not in WITH_OPTIONS and self.options:
            raise ValueError(f'A field of type {self.type} has no options: take them out of "{self.id}".')
        if (self.type == "listed") is not (self.from_list is not None):
            raise ValueError(f'Write "list" for a field of type listed, and for no other: see "{self.id}".')
        if self.of and self.type != "record":
            raise ValueError(f'A field of type {self.type} names no record: take "of" out of "{self.id}".')
        if self.roles and self.type != "role":
            raise ValueError(f'A field of type {self.type} names no role: take "roles" out of "{self.id}".')
        if self.required and self.required_when:
            raise ValueError(f'"{self.id}" is required always or only sometimes. Write one of the two.')
        return self

    @cached_property
    def may_name(self) -> tuple[RoleCode, ...]:
        """The roles that a field of type role offers, in order."""
        return self.roles or get_args(RoleCode)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """How high each option stands, from 0."""
        return {option.id: rank for rank, option in enumerate(self.options)}


class RecordKind(Shape):
    """A kind of record staff make: the note standard.

    ``sharing`` says what partners may see of it: never; chosen (one record after another is shared with a partner);
    named (the partners it names are shown it); or decides (it decides whether the partner it names is shown anything,
    which it is when one of ``lets_share`` holds). ``by_partner`` says that a partner may make it too.
    """

    id: Code = Field(description=CODE_MEANING)
    label: Label = Field(description="what the record is called")
    made_by: tuple[RoleCode, ...] = Field(min_length=1, description="roles that make it, a list")
    fields: tuple[RecordField, ...] = Field(min_length=1, description="its fields, a list")
    sharing: Sharing = Field(default="never", description="never, chosen, named or decides")
    lets_share: tuple[Test, ...] = Field(
        default=(), description="tests of its fields, a list: when one holds, the partner may be shown what is shared"
    )
    by_partner: bool = Field(default=False, description="true when a partner may make such a record too")

    @model_validator(mode="after")
    def _sharing_is_whole(self) -> Self:
        if (self.sharing == "decides") is not bool(self.lets_share):
            raise ValueError('Write "lets_share" when "sharing" is decides, and only then: what lets it be shared.')
        if self.sharing == "decides" and len(self.naming_partners) != 1:
            raise ValueError('A record that decides on sharing is about one partner: give it one field "partner".')
        if self.sharing == "decides" and self.naming_partners[0].type == "partners":
            raise ValueError("A record that decides on sharing is about one partner: make its field of type partner.")
        if self.sharing == "named" and not self.naming_partners:
            raise ValueError('"sharing" is named, and no field names a partner. Give it one of type partner.')
        if self.by_partner and self.sharing == "decides":
            raise ValueError('No partner decides on what is shared with it: take "by_partner" out.')
        return self

    @cached_property
    def naming_partners(self) -> tuple[RecordField, ...]:
        """The fields that name partners."""
        return tuple(field for field in self.fields if field.type in {"partner", "partners"})

    @cached_property
    def by_id(self) -> dict[str, RecordField]:
        """Its fields by their codes."""
        return {field.id: field for field in self.fields}

    @cached_property
    def ticks(self) -> tuple[RecordField, ...]:
        """The fields in which indicators are ticked: a kind with one is a checklist."""
        return tuple(field for field in self.fields if field.type == "indicators")

    @cached_property
    def attempt(self) -> tuple[RecordField, RecordField] | None:
        """The method and the answer of an attempt to reach the person, where two taps are all this record needs.

        That is a contact method and one yes or no, and nothing else that is always required.
        """
        asked = [part for part in self.fields if part.required]
        methods = [part for part in asked if part.type == "contact-method"]
        answers = [part for part in asked if part.type == "yes-no"]
        return (methods[0], answers[0]) if len(methods) == len(answers) == 1 and len(asked) == 2 else None

    @cached_property
    def needed(self) -> tuple[tuple[str, RecordField], ...]:
        """The fields that are required, always or sometimes, each with its code."""
        return tuple((field.id, field) for field in self.fields if field.required or field.required_when)


class MetBy(Shape):
    """The record that meets an obligation. It counts when every required field is filled in and every test holds."""

    record: Code = Field(description="the code of a kind of record")
    tests: tuple[Test, ...] = Field(default=(), alias="with", description="tests of its fields, a list")
    about: Code | None = Field(
        default=None, description="the field that names the record it answers, for an obligation of each record"
    )


class Repeats(Shape):
    """Owed again, so long after it was done, until a condition holds."""

    every: Span = Field(description="a length of time, such as 1 week")
    until: Condition = Field(description="the condition that ends it")


class Step(Shape):
    """Who is told when it is late. The first step comes as soon as it is late."""

    tell: tuple[Told, ...] = Field(min_length=1, description="roles, or owner, a list")
    after: Span | None = Field(default=None, description="how long after the deadline, such as 4 hours")


class Obligation(Shape):
    """What somebody must do by when, proven by which record."""

    id: Code = Field(description=CODE_MEANING)
    title: Label = Field(description='what must be done, beginning with a verb: "Consult the duty manager"')
    when: Condition = Field(description="the condition that makes it due")
    again: Literal["once", "every time", "for each record"] = Field(
        default="once",
        description="once in a case, every time a record brings the condition about anew, or for each record by itself",
    )
    who: RoleCode = Field(description="the role that owes it")
    met_by: tuple[MetBy, ...] = Field(min_length=1, description="the records that meet it, a list: any one of them")
    within: SpanOrField = Field(
        description='a length of time, or "the moment in" and a field of the record that makes it due'
    )
    repeats: Repeats | None = Field(default=None, description="every and until")
    shows: tuple[LocalText, ...] = Field(
        default=(), description='local texts to show while it is owed, a list such as "local welfare-check-route"'
    )
    then: tuple[Step, ...] = Field(min_length=1, description="who is told when it is late, a list in order")

    @model_validator(mode="after")
    def _steps_follow_each_other(self) -> Self:
        if any(step.after is None for step in self.then[1:]):
            raise ValueError('Every step after the first needs "after": how long after the deadline it comes.')
        return self

    @model_validator(mode="after")
    def _each_record_is_answered(self) -> Self:
        if any((way.about is not None) is not (self.again == "for each record") for way in self.met_by):
            raise ValueError(
                'Write "about" under "met_by" when the obligation is owed for each record, and only then: '
                "the field that says which record is answered."
            )
        return self


class LocalValue(Shape):
    """A value a service may set for itself within stated bounds."""

    id: Code = Field(description=CODE_MEANING)
    label: Label = Field(description="what the value is, as a question or heading")
    type: Literal["count", "span", "text"] = Field(description="count, span (a length of time) or text")
    default: Value = Field(description="the value that holds until a service sets its own")
    lowest: Value | None = Field(default=None, description="the lowest that may be set")
    highest: Value | None = Field(default=None, description="the highest that may be set")
    reason: Words = Field(description="why the default is what it is")

    @model_validator(mode="after")
    def _within_its_bounds(self) -> Self:
        if self.type == "text":
            if self.lowest is not None or self.highest is not None:
                raise ValueError(f'"{self.id}" is text: it has no bounds. Take lowest and highest out.')
        elif self.lowest is None or self.highest is None:
            raise ValueError(f'"{self.id}" needs lowest and highest, so that a service knows what it may set.')
        else:
            self._bounds_can_be_read()
        problem = self.problem_with(self.default)
        if problem:
            raise ValueError(f'The default of "{self.id}" {problem}')
        return self

    def _bounds_can_be_read(self) -> None:
        for name, bound in (("lowest", self.lowest), ("highest", self.highest)):
            try:
                self._size(bound)
            except TimescaleError as error:
                raise ValueError(f'The {name} of "{self.id}" {error}') from error

    def problem_with(self, value: Value) -> str | None:
        """Why ``value`` cannot be set, as the end of a sentence that says what to write; None when it can."""
        if self.type == "text":
            return None if isinstance(value, str) and as_written(value) else "is empty. Write the text."
        try:
            wanted, low, high = (self._size(each) for each in (value, self.lowest, self.highest))
        except TimescaleError as error:
            return str(error)
        if not wanted[0] == low[0] == high[0]:
            return f"is {value}. Write it in the unit of its bounds, {self.lowest} to {self.highest}."
        if not low[1] <= wanted[1] <= high[1]:
            return f"is {value}. Write a value from {self.lowest} to {self.highest}."
        return None

    def _size(self, value: Value | None) -> tuple[str, int]:
        if self.type == "count":
            if type(value) is not int:
                raise TimescaleError(f'is "{value}". Write a whole number.')
            return "count", value
        span = read_span(str(value))
        return span.kind.value, span.amount or 1


class Closing(Shape):
    """When a case may be closed."""

    when: Condition = Field(description="the condition that must hold")
    says: Label = Field(description="what must be there, as a sentence for the page")


class Supervision(Shape):
    """How many cases a month, per team, go through supervision, and with which record."""

    cases: int = Field(ge=1, le=20, description="how many open cases of each team, each month")
    record: Code = Field(description="the code of the kind of record the supervisor makes")


class Measure(Shape):
    """What is read from an obligation's records, without anybody entering a number."""

    id: Code = Field(description=CODE_MEANING)
    title: Label = Field(description="what it is called on charts")
    of: Code = Field(description="the code of the obligation it is read from")
    shows: Literal["share-in-time", "time-to-met", "completeness", "repeat"] = Field(description="what is measured")
    better: Literal["higher", "lower"] = Field(description="which way is better")
    target: int | None = Field(default=None, ge=0, le=100, description="a target in per cent, where there is one")
    within_days: int | None = Field(default=None, ge=1, le=730, description="for repeat: within how many days")


class Definition(Shape):
    """A pathway, whole."""

    pathway: Code = Field(description="the pathway's code, which is also the file's name")
    title: Label = Field(description="what the pathway is called")
    about: Words = Field(description="what it is for, in a sentence or two")
    applies_to: Words = Field(description="whom it is for")
    source: Words = Field(description="where this practice comes from")
    local: tuple[LocalValue, ...] = Field(default=(), description="values a service sets for itself, a list")
    indicators: tuple[Indicator, ...] = Field(default=(), description="what staff look for and tick, a list")
    records: tuple[RecordKind, ...] = Field(min_length=1, description="the kinds of record staff make, a list")
    obligations: tuple[Obligation, ...] = Field(min_length=1, description="who must do what by when, a list")
    closing: Closing = Field(description="when and says")
    supervision: Supervision | None = Field(default=None, description="cases and record")
    measures: tuple[Measure, ...] = Field(default=(), description="what is read from the obligations, a list")

    @cached_property
    def kinds(self) -> dict[str, RecordKind]:
        """The kinds of record by their codes."""
        return {kind.id: kind for kind in self.records}

    @cached_property
    def ticked_in(self) -> dict[str, str]:
        """The kinds of record on which indicators are ticked, each with the code of the field that holds the ticks."""
        return {kind.id: part.id for kind in self.records for part in kind.fields if part.type == "indicators"}

    @cached_property
    def begins_with(self) -> RecordKind:
        """The kind of record a case begins with: the first checklist that is not supervision's, else the first kind."""
        by_supervision = self.supervision and self.supervision.record
        checklists = (kind for kind in self.records if kind.ticks and kind.id != by_supervision)
        return next(checklists, self.records[0])

    @cached_property
    def deciding(self) -> RecordKind | None:
        """The kind of record that decides what partners are shown; None where nothing is ever shared."""
        return next((kind for kind in self.records if kind.sharing == "decides"), None)

    def moments_of(self, name: str, when: Condition) -> tuple[RecordField, ...]:
        """The fields of this name that hold the moment of a deadline, of the records by which ``when`` comes about."""
        kinds = (self.kinds.get(code) for code in when.records_named())
        fields = (kind.by_id.get(name) for kind in kinds if kind)
        return tuple(part for part in fields if part and part.type == "moment")

    @cached_property
    def owed(self) -> dict[str, Obligation]:
        """The obligations by their codes."""
        return {obligation.id: obligation for obligation in self.obligations}

    @cached_property
    def locals(self) -> dict[str, LocalValue]:
        """The local values by their codes."""
        return {value.id: value for value in self.local}


def span_of(text: str, local: dict[str, Value]) -> Timescale:
    """The length of time that ``text`` of a definition writes, a local value taken from ``local``."""
    name = local_named(text)
    return read_span(str(local[name]) if name else text)


__all__ = [
    "Closing",
    "Definition",
    "Indicator",
    "LocalValue",
    "Measure",
    "MetBy",
    "Obligation",
    "Option",
    "RecordField",
    "RecordKind",
    "Repeats",
    "Step",
    "Supervision",
    "Value",
    "span_of",
]
