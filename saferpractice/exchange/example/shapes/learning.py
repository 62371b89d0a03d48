"""What the file on carrying learning further may say: training, the contract, the bulletin, the library of lessons."""

from __future__ import annotations

from pydantic import Field

from saferpractice.access.rules import Role
from saferpractice.exchange.example.shapes.parts import Day, Key, Step, Text
from saferpractice.lists.rules.mistakes import Shape


class TrainedShape(Step):
    """Some people were trained on a day, and it is written down."""

    held: Day
    people: tuple[Key, ...] = Field(min_length=1, description="keys of people")


class NeedShape(Step):
    """Some roles in some teams must learn something because of a change."""

    change: Key
    what: Text
    roles: tuple[Role, ...] = Field(min_length=1, description="roles")
    teams: tuple[Key, ...] = Field(min_length=1, description="keys of teams")
    due: Day
    trained: tuple[TrainedShape, ...] = ()


class AgreedShape(Step):
    """A clause that was wanted is agreed."""

    agreed_with: Text
    agreed_on: Day


class ClauseShape(Step):
    """A clause of the service specification is wanted because of a change, and later perhaps agreed."""

    change: Key
    clause: Text
    wording: Text
    wanted_by: Day
    agreed: AgreedShape | None = None


class BulletinShape(Shape):
    """The learning bulletin of a quarter that is over: the last one is 1 ago."""

    quarters_ago: int = Field(ge=1, description="1 for the last quarter that is over")
    by: Key
    learned: Text
    different: Text
    worked: str = ""
    ask: str = ""
    stays: tuple[Text, ...] = Field(default=(), description="what looks like an identifier in it and names nobody")


class TakesPartStep(Step):
    """The provider takes part in the library of lessons from then on."""

    reason: Text


class LessonStep(Step):
    """A lesson is published from a change."""

    change: Key
    title: Text
    problem: Text
    different: Text
    advice: str = ""
    stays: tuple[Text, ...] = Field(default=(), description="what looks like an identifier in it and names nobody")


class LearningFile(Shape):
    """The file learning.yml."""

    needs: tuple[NeedShape, ...] = ()
    clauses: tuple[ClauseShape, ...] = ()
    bulletins: tuple[BulletinShape, ...] = ()
    takes_part: TakesPartStep | None = None
    lessons: tuple[LessonStep, ...] = ()
