"""What the file on inspections may say: the packs that were made, and what an inspector was let look at."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import Day, Harm, Key, Moment, Step, Text
from saferpractice.lists.rules.mistakes import Shape


class PackShape(Step):
    """An evidence pack about one incident. One for an inspector waits for its texts until they are confirmed."""

    incident: Key
    readers: Literal["full", "inspector"]
    confirmed: Moment | None = Field(default=None, description="when its texts were looked through")
    built: Moment | None = Field(default=None, description="when the worker built it")


class DrawShape(Shape):
    """The inspector freezes a list, and draws from it a little later."""

    frozen: Moment
    harm: Harm | None = None
    tier: str = ""
    size: int = Field(ge=1, le=50, description="how many are drawn")
    drawn: Moment
    seed: Text


class InspectionShape(Step):
    """An inspection is opened, until the end of a day. ``services`` none: all of them."""

    inspector: Key
    reference: Text
    authority: Text = Field(description="the code of a power of inspection")
    services: tuple[Key, ...] = ()
    first: Day
    last: Day
    ends: Day
    draws: tuple[DrawShape, ...] = ()


class InspectionFile(Shape):
    """The file inspection.yml."""

    packs: tuple[PackShape, ...] = ()
    inspections: tuple[InspectionShape, ...] = ()
