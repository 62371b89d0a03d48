"""Steps of the example on pathways: put one in use, open a case, write down."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import Key, Moment, Step, Text


class PathwayStep(Step):
    """A pathway that ships is put in use."""

    code: Key = Field(description="the code of a pathway that ships")


class CaseStep(Step):
    """A case is opened in the team of the incident."""

    key: Key = Field(description="a key for the case, to be named by later steps")
    pathway: Key = Field(description="the code of a pathway in use")
    reference: Text = Field(description="the reference of the person supported")


class WroteStep(Step):
    """Something is written down on a case."""

    case: Key = Field(description="the key of a case")
    kind: Key = Field(description="the code of a kind of record of its pathway")
    when: Moment | None = Field(default=None, description="when it happened, where that was not when it was written")
    values: dict[str, Any] = Field(default_factory=dict, description="what was filled in, by the codes of the fields")


class ClosedCaseStep(Step):
    """A case is closed."""

    case: Key = Field(description="the key of a case")
    reason: Text = Field(description="why")


class VersionStep(Step):
    """A new version of a pathway carries out a change: drafted, proposed, approved by somebody else, live at once."""

    pathway: Key = Field(description="the code of a pathway in use")
    change: Key = Field(description="the key of the change that it carries out")
    says: dict[str, Any] = Field(min_length=1, description="what it says otherwise, by the inputs of the form")
    why: Text = Field(description="why practice should change")
    approved_by: Key = Field(description="the key of the person who approves it")
    reason: Text = Field(description="why it is right")
