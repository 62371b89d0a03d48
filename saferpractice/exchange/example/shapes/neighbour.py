"""What the file on the second provider may say: its places and people, and what its finished quarters hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saferpractice.exchange.example.shapes.files import PersonShape, ServiceShape
from saferpractice.exchange.example.shapes.learning import TakesPartStep
from saferpractice.exchange.example.shapes.parts import Key, Moment, Text
from saferpractice.exchange.example.shapes.pathway import PathwayStep
from saferpractice.lists.rules.mistakes import Shape


class OfAQuarterShape(Shape):
    """Something of a finished quarter: in which week and on which day of it, in which team, by and about whom."""

    key: Key
    week: int = Field(ge=1, le=12, description="the week of the quarter, 1 to 12")
    day: Literal["Mon", "Tue", "Wed", "Thu"] = Field(description="Mon, Tue, Wed or Thu")
    team: Key
    by: Key
    person: Text = Field(description="the reference of the person supported")


class CountedShape(OfAQuarterShape):
    """An incident: reported, triaged so many hours later, reviewed on one page."""

    what: Text
    done: Text
    theme: Text = Field(description="a code of the list themes")
    triaged_after: int = Field(default=3, ge=1, le=200, description="hours from the report to triage")
    wishes: Text
    why: Text = Field(description="why it is not referred")
    likely: Text = Field(description="what made it more likely")
    found: Text = Field(description="why nothing about the system was found")


class LostShape(OfAQuarterShape):
    """A case in which contact was lost twice and found again."""

    note_after: int = Field(default=40, ge=1, le=400, description="minutes from the second missed contact to the note")
    tried: Text
    risk: Text
    found: Text = Field(description="how contact was found again")
    outcome: Text


class CountedQuarterShape(Shape):
    """A quarter that is over: what happened in it, and who published it to commissioners."""

    quarters_ago: int = Field(ge=1, description="1 for the last quarter that is over")
    published_by: Key
    led_by: Key = Field(description="who triages, tells, and closes cases")
    reviewed_by: Key
    incidents: tuple[CountedShape, ...] = ()
    lost_contact: tuple[LostShape, ...] = ()


class LetReadShape(Shape):
    """A commissioner of the first provider is let read what this one publishes."""

    at: Moment
    by: Key
    commissioner: Key = Field(description="the key of a commissioner in provider.yml")


class NeighbourFile(Shape):
    """The file neighbour.yml. Its password is that of the first provider."""

    name: Text
    since: Moment
    mail_domain: Text
    services: tuple[ServiceShape, ...]
    people: tuple[PersonShape, ...]
    lets_read: LetReadShape | None = None
    takes_part: TakesPartStep | None = None
    pathways: tuple[PathwayStep, ...] = ()
    quarters: tuple[CountedQuarterShape, ...] = ()
