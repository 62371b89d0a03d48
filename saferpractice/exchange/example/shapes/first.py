"""Steps from the report to the tier."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from saferpractice.exchange.example.shapes.parts import Day, Harm, Key, Moment, Step, Text, Tier, YesNo
from saferpractice.incidents.rules import KeptFromReason, Precision
from saferpractice.lists.rules.mistakes import Shape


class ReportStep(Step):
    """``report``: the incident is reported. The first step of every incident."""

    what: Text
    when: Moment | None = None
    sure: Precision = Precision.EXACT
    physical: Harm
    psychological: Harm
    risk: YesNo
    risk_words: str = ""
    done: str = ""
    also: str = ""
    themes: tuple[str, ...] = Field(min_length=1, description="codes of the list themes")
    person: str = Field(default="", description="the reference of the person supported")
    person_name: str = ""
    name_withheld: bool = False
    restricted: bool = False
    restricted_reason: str = ""
    known: Moment | None = None


class HarmStep(Step):
    """``harm``: the harm is graded again."""

    physical: Harm
    psychological: Harm
    reason: Text


class CorrectionStep(Step):
    """``correction``: something learnt later is put beside the report."""

    part: Text
    text: Text
    reason: Text


class NamedStep(Step):
    """``named``: somebody is let into a restricted incident by name."""

    person: Key
    reason: Text


class KeptFromStep(Step):
    """``kept-from``: somebody must not read the incident."""

    person: Key
    because: KeptFromReason


class WithdrawIncidentStep(Step):
    """``withdraw-incident``: the incident should not stand."""

    reason: Text


class SafetyShape(Shape):
    """A safety action; without ``done`` it is still to be done."""

    what: Text
    who: Text
    done: Moment | None = None


class ThresholdShape(Shape):
    """Refer, do not refer, or more information by a day."""

    outcome: Literal["refer", "do_not_refer", "more_information"]
    why: Text
    until: Day | None = None


class TellingShape(Shape):
    """What is decided about telling somebody outside."""

    duty: Text
    state: Literal["required", "not_required", "done"]
    reason: str = ""
    reference: str = ""
    done: Moment | None = None


class TierShape(Shape):
    """The tier chosen, with a reason where it departs from the rules."""

    tier: Tier
    why: str = ""


class TriageStep(Step):
    """``triage``: the standard form."""

    needs: YesNo = "yes"
    abuse: YesNo
    unprotected: YesNo | None = None
    types: tuple[str, ...] = ()
    wishes: Text
    wishes_words: str = ""
    family: YesNo = "no"
    family_words: str = ""
    healthcare: YesNo = "no"
    prolonged: YesNo = "no"
    breakdown: YesNo = "no"
    high_risk: YesNo = "no"
    risk: YesNo = "no"
    risk_words: str = ""
    safety: tuple[SafetyShape, ...] = ()
    nothing_at_once: str = ""
    threshold: ThresholdShape | None = None
    tellings: tuple[TellingShape, ...] = ()
    tier: TierShape | None = None


class ThresholdStep(Step, ThresholdShape):
    """``threshold``: the threshold is decided (again)."""


class TellingStep(Step, TellingShape):
    """``telling``: somebody outside is told, or need not be."""


class TierStep(Step, TierShape):
    """``tier``: the tier is decided (again)."""


class ReferralStep(Step):
    """``referral``: the concern is sent to the authority."""

    authority: Text
    how: Text


class AcknowledgedStep(Step):
    """``acknowledged``: the authority answers."""

    reference: str = ""
    answer: str = ""


class HandOverStep(Step):
    """``hand-over``: an unsure case goes to the safeguarding lead."""

    question: Text


class SafetyDoneStep(Step):
    """``safety-done``: a safety action still open is done."""

    number: int = Field(default=1, ge=1, description="which of those still to be done, from 1")
    note: str = ""
