"""What the file on audits may say: the records that are read, and how they were audited."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import Day, Key, Moment, Step, Text
from saferpractice.lists.rules.mistakes import Shape

Percent = str
"""A number in quotes such as "95", so that it stays exact."""


class NoteShape(Shape):
    """Something written down on a case ``after`` so many minutes; ``fails``: questions, from 1, it does not meet."""

    who: Literal["worker", "manager", "supervisor"]
    after: int = Field(default=25, ge=0, description="minutes after what was written before it")
    kind: Key = Field(description="the code of a kind of record of the pathway")
    values: dict[str, Any] = Field(default_factory=dict, description="what was filled in, by the codes of the fields")
    fails: tuple[int, ...] = ()


class SittingShape(Shape):
    """What was written down one after the other, from a moment on."""

    at: Moment
    wrote: tuple[NoteShape, ...] = Field(min_length=1)


class EndedShape(Shape):
    """A last checklist, and the case is closed."""

    at: Moment
    values: dict[str, Any] = Field(description="what was filled in, by the codes of the fields")
    reason: Text


class AuditedCaseShape(Shape):
    """A case of a team, from its opening to its end."""

    key: Key
    team: Key
    pathway: Key
    reference: Text
    at: Moment
    worker: Key
    manager: Key
    supervisor: Key
    notes: tuple[SittingShape, ...] = Field(min_length=1)
    ended: EndedShape


class QuestionShape(Shape):
    """A question asked of every record; yes meets the standard."""

    ask: Text
    look_for: Text
    about: Literal["used", "loop"]


class ListShape(Shape):
    """The list of the records of some days is frozen."""

    at: Moment
    first: Day
    last: Day


class DrawShape(Shape):
    """The dice are thrown."""

    at: Moment
    seed: Text
    words: Text


class ReadingsShape(Step):
    """Somebody reads so many records by rank. ``otherwise``: once, they say no to that question where it is met."""

    records: int = Field(ge=1)
    otherwise: int | None = None


class SettledShape(Step):
    """What two auditors read differently is settled by what stands in the record."""

    reason: Text


class AnsweredShape(Shape):
    """The first record that does not meet the standard makes an action; of the others it is said why none."""

    at: Moment
    what: Text
    owner: Key
    due: Day
    others: Text


class AuditShape(Step):
    """An audit, planned and brought as far as the file says."""

    key: Key
    change: Key
    title: Text
    questions: tuple[QuestionShape, ...] = Field(min_length=1)
    records: Text = Field(description='a source and its filters such as "case_records:self-neglect:consultation"')
    claim: Literal["discovery", "decision", "estimate"]
    numbers: dict[str, Percent]
    target: Percent
    by_two: bool = False
    months: int
    due: Day
    list: ListShape
    draw: DrawShape
    readings: tuple[ReadingsShape, ...] = ()
    settled: SettledShape | None = None
    answered: AnsweredShape | None = None


class AuditsFile(Shape):
    """The file audits.yml."""

    cases: tuple[AuditedCaseShape, ...] = ()
    audits: tuple[AuditShape, ...] = ()
