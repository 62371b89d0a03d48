"""What the file on thematic reviews may say."""

from __future__ import annotations

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import Key, Text
from saferpractice.lists.rules.mistakes import Shape


class DecidedShape(Shape):
    """What a meeting decided, with what somebody must do because of it."""

    words: Text
    what: str = ""
    owner: Key | None = None
    due_days: int = Field(default=120, ge=1, description="days after the meeting")


class MetShape(Shape):
    """The quality meeting: who chaired it and signs, who was there, who sent apologies, what was decided."""

    chair: Key
    present: tuple[Key, ...] = ()
    apologies: tuple[Key, ...] = ()
    others: dict[str, Text] = Field(default_factory=dict, description="names, each with what they are")
    decisions: tuple[DecidedShape, ...] = Field(min_length=1, description="at least one decision")


class ReviewedShape(Shape):
    """The thematic review of a quarter that is over: the last one is 1 ago. With a meeting it is signed."""

    quarters_ago: int = Field(ge=1, description="1 for the last quarter that is over")
    by: Key
    supported: int | None = None
    commentary: dict[str, Text] = Field(default_factory=dict, description="what is said, by section")
    meeting: MetShape | None = None


class PublishedShape(Shape):
    """A quarter that is over, published to commissioners, with the changes that are told by their titles."""

    quarters_ago: int = Field(ge=1, description="1 for the last quarter that is over")
    by: Key
    changes: tuple[Text, ...] = Field(default=(), description="titles of changes, as they were agreed")


class TargetShape(Shape):
    """A target of the contract, in whole per cent: at least, or at most, so much."""

    measure: Text
    by: Key
    at_least: int | None = Field(default=None, ge=0, le=100)
    at_most: int | None = Field(default=None, ge=0, le=100)
    quarters_ago: int = Field(ge=1, description="it holds from this quarter on")


class ThematicFile(Shape):
    """The file thematic.yml."""

    reviews: tuple[ReviewedShape, ...] = ()
    published: tuple[PublishedShape, ...] = ()
    targets: tuple[TargetShape, ...] = ()
