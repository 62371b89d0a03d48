"""What the file on supervision may say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import Day, Key, Moment, Step, Text
from saferpractice.lists.rules.mistakes import Shape


class SupervisorsStep(Step):
    """Somebody supervises some people from that day on."""

    supervisor: Key
    workers: tuple[Key, ...] = Field(min_length=1)


class JoinsStep(Step):
    """Somebody new begins in a team, with a supervisor."""

    key: Key
    name: Text
    role: Literal["support_worker", "duty_manager"]
    team: Key
    supervisor: Key


class PointStep(Step):
    """A change is put into words for supervision."""

    change: Key
    wording: Text


class TalksShape(Shape):
    """Somebody talks with the same people at several moments, and writes it down at once; ``words`` go round."""

    by: Key
    workers: tuple[Key, ...] = Field(min_length=1)
    at: tuple[Moment, ...] = Field(min_length=1)
    words: tuple[Text, ...] = Field(min_length=1)


class AwayStep(Step):
    """Somebody is recorded as away."""

    worker: Key
    first: Day = Field(alias="from")
    last: Day | None = Field(default=None, alias="until")


class DisputeShape(Shape):
    """A worker says of the talk of a moment that it was not so."""

    worker: Key
    talk: Moment
    words: Text


class SupervisionFile(Shape):
    """The file supervision.yml."""

    supervisors: tuple[SupervisorsStep, ...] = ()
    joins: tuple[JoinsStep, ...] = ()
    points: tuple[PointStep, ...] = ()
    talks: tuple[TalksShape, ...] = ()
    away: tuple[AwayStep, ...] = ()
    unanswered: tuple[Key, ...] = ()
    disputes: tuple[DisputeShape, ...] = ()
