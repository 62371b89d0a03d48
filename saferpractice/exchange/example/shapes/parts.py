"""The small parts that every file of the example is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from saferpractice.exchange.example.moments import Calendar
from saferpractice.lists.rules.mistakes import Shape

_ANY_DAY = Calendar(datetime(2026, 11, 23, 12, tzinfo=UTC))


def _moment(text: str) -> str:
    _ANY_DAY.moment(text)
    return text


def _day(text: str) -> str:
    _ANY_DAY.day(text)
    return text


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", description="a name of small letters, digits and hyphens")]
Text = Annotated[str, Field(min_length=1, description="words")]
Moment = Annotated[str, AfterValidator(_moment)]
Day = Annotated[str, AfterValidator(_day)]
YesNo = Literal["yes", "no", "unknown"]
Harm = Literal["none", "low", "moderate", "severe", "fatal"]
Tier = Literal["A", "B", "C"]


class Step(Shape):
    """Something a person did at a moment."""

    at: Moment = Field(description="a moment such as w-76 Thu 16:40")
    by: Key = Field(description="the key of a person")


class FileShape(Shape):
    """A text file that goes with a step."""

    name: Text
    text: Text
