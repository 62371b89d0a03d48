"""Steps from the change to the verdict."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from saferpractice.exchange.example.shapes.parts import Day, FileShape, Key, Step, Text
from saferpractice.lists.rules.mistakes import Shape


class AgreedChangeStep(Step):
    """``change``: a change is agreed that answers findings, here or of other incidents."""

    key: Key
    findings: tuple[Key, ...] = Field(min_length=1, description="keys of findings")
    title: Text
    type: Text
    monday: Text
    cannot_be_passed: bool = False
    why_not_passed: str = ""
    live_on: Day
    owner: Key
    reach: tuple[Key, ...] = Field(min_length=1, description="keys of teams")
    briefing: str = ""


class BriefingStep(Step):
    """``briefing``: a message is kept beside a change."""

    change: Key
    text: Text


class LiveStep(Step):
    """``live``: a change goes live."""

    change: Key
    words: str = ""


class ProofStep(Step):
    """``proof``: proof of rollout."""

    change: Key
    teams: tuple[Key, ...] = Field(min_length=1, description="keys of teams")
    kind: Text
    held: Day
    reached: int | None = None
    needed: int | None = None
    who: str = ""
    words: str = ""
    file: FileShape | None = None
    previous: FileShape | None = None
    no_previous_because: str = ""


class WithdrawChangeStep(Step):
    """``withdraw-change``: a change will not be made."""

    change: Key
    reason: Text


class ActionStep(Step):
    """``action``: somebody is given one thing to do, for a change or else for the review's plan."""

    key: Key
    change: Key | None = None
    what: Text
    owner: Key
    due: Day


class EvidenceStep(Step):
    """``evidence``: what shows that an action is done."""

    action: Key
    words: Text
    record: str = ""
    file: FileShape | None = None

    @model_validator(mode="after")
    def _something_behind_it(self) -> Self:
        if not self.record and self.file is None:
            raise ValueError("needs a record or a file behind the words.")
        return self


class EvidenceDecisionStep(Step):
    """``evidence-decision``: evidence is accepted or sent back."""

    action: Key
    accepted: bool
    reason: str = ""


class Window(Shape):
    """A stretch of days, both ends included."""

    first: Day
    last: Day


class PlanStep(Step):
    """``plan``: how a change will be judged, before any result is seen."""

    key: Key
    change: Key
    measure: Text
    definition: Text
    serves: Literal["used", "outcome"] = "used"
    kind: Literal["rate", "proportion"]
    direction: Literal["reduce", "increase"]
    exposure: Text
    counts_incidents: bool = False
    baseline: Window
    roll_in: Window
    smallest_effect: str = Field(pattern=r"^\d+(\.\d+)?$", description='a number in quotes such as "0.2"')
    looks: tuple[Day, ...] = Field(min_length=1, description="days")
    primary: bool = True


class ResultStep(Step):
    """``result``: what was counted, for the baseline (no look) or a look by its number from 1."""

    plan: Key
    look: int | None = Field(default=None, ge=1)
    count: int
    out_of: int
    source: Text
    index_events: int | None = None
