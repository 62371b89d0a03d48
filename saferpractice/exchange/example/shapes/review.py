"""Steps of the review and its findings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import FileShape, Key, Moment, Step, Text
from saferpractice.lists.rules.mistakes import Shape


class ReviewStep(Step):
    """``review``: the review is opened."""

    method: Text
    reviewer: Key | None = None
    independence: str = ""
    despite: str = ""


class ReviewerStep(Step):
    """``reviewer``: somebody is asked to carry out the review."""

    person: Key
    independence: Text
    despite: str = ""


class InvolvedStep(Step):
    """``involved``: somebody on the staff was involved."""

    person: Key
    how: Text


class SupportStep(Step):
    """``support``: somebody affected is offered support."""

    affected: Literal["person", "family", "staff"]
    who: Text
    offered: Text
    questions: str = ""
    told: str = ""


class DrawStep(Step):
    """``draw-timeline``: the timeline is drawn from the records."""


class EntryStep(Step):
    """``entry``: an entry of the timeline by hand."""

    key: Key
    when: Moment
    sure: Literal["exact", "about", "day"] = "exact"
    what: Text
    source: Text


class ViewShape(Shape):
    """What the reviewer thinks of one threshold decision, in the order they were taken."""

    verdict: Literal["sound", "not_sound", "cannot_tell"]
    why: Text


class DocumentStep(Step):
    """``document``: a required document is supplied."""

    kind: Text
    answers: dict[str, str] = Field(default_factory=dict)
    views: tuple[ViewShape, ...] = ()
    text: str = ""
    file: FileShape | None = None


class FindingShape(Shape):
    """A finding."""

    key: Key
    condition: Text
    statement: Text
    more_likely: Text
    less_likely: Text
    evidence: tuple[Key, ...] = Field(default=(), description="keys of timeline entries; none: all that stand")
    kept_because: str = ""


class FindingStep(Step, FindingShape):
    """``finding``: the review finds a system condition."""


class RapidStep(Step):
    """``rapid-review``: a tier A review on one page."""

    answers: dict[str, dict[str, str]]
    finding: FindingShape | None = None
    summary: str = ""
    nothing_found_because: str = ""


class CompleteStep(Step):
    """``complete``: the review is completed."""

    summary: Text
    nothing_found_because: str = ""


class OversightStep(Step):
    """``oversight``: senior oversight signs off, or sends back."""

    accepted: bool
    words: Text
