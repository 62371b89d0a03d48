"""Triage for tests, made through the operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from saferpractice.incidents.models import Incident
from saferpractice.trail.rules import By
from saferpractice.triage.models import SafeguardingReferral, TriageRecord
from saferpractice.triage.operations import decide_threshold, record_triage, send_referral
from saferpractice.triage.rules import Answer, ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import (
    SafetyAction,
    Telling,
    TellingState,
    ThresholdChoice,
    TierChoice,
    TriageForm,
)
from tests.personas import NOW

RATIONALE = "She has needs, her brother takes her money, and she asks for help with it."
DEPARTURE = "The lesson is known from two reviews this year, and the change is on its way."


def a_form(*, at: datetime = NOW, **changes: Any) -> TriageForm:
    """The standard form for somebody with needs whose brother takes their money; ``changes`` replace answers."""
    answers: dict[str, Any] = {
        "needs_care_and_support": Answer.YES,
        "abuse_or_neglect": Answer.YES,
        "abuse_types": ("financial",),
        "wishes": "asked-expressed",
        "wishes_words": "I want my card back. I don't want him in trouble.",
        "family_warning": Answer.NO,
        "healthcare_acts_suspected": Answer.NO,
        "still_at_risk": Answer.NO,
        "safety_actions": (SafetyAction(what="Stopped the bank card with her", who="Wren Ashdown", done_at=at),),
    }
    return TriageForm(**(answers | changes))


def refer(rationale: str = RATIONALE) -> ThresholdChoice:
    """The choice to refer."""
    return ThresholdChoice(outcome=ThresholdOutcome.REFER, rationale=rationale)


def do_not_refer(rationale: str = "He returned the card by himself and she sees no risk.") -> ThresholdChoice:
    """The choice not to refer."""
    return ThresholdChoice(outcome=ThresholdOutcome.DO_NOT_REFER, rationale=rationale)


def more_information(by_day: date) -> ThresholdChoice:
    """The choice to come back to the decision by a day."""
    return ThresholdChoice(
        outcome=ThresholdOutcome.MORE_INFORMATION,
        rationale="We do not know yet who holds the card; the bank answers tomorrow.",
        more_information_by=by_day,
    )


def choose(tier: str, reason: str = "") -> TierChoice:
    """The choice of a tier."""
    return TierChoice(tier=TierCode(tier), reason=reason)


def must_be_told(duty: str = "police") -> Telling:
    """The decision that somebody outside must be told."""
    return Telling(duty=duty, state=TellingState.REQUIRED)


def need_not_be_told(
    duty: str = "police", reason: str = "Nothing here is a crime, and nobody is in danger."
) -> Telling:
    """The decision that somebody outside need not be told."""
    return Telling(duty=duty, state=TellingState.NOT_REQUIRED, reason=reason)


def was_told(duty: str = "police", *, at: datetime = NOW, reference: str = "CAD 1042") -> Telling:
    """That somebody outside was told."""
    return Telling(duty=duty, state=TellingState.DONE, done_at=at, their_reference=reference)


def a_triage(
    *,
    by: By,
    incident: Incident,
    at: datetime = NOW,
    key: str | None = None,
    threshold: ThresholdChoice | None = None,
    tellings: Sequence[Telling] = (),
    tier: TierChoice | None = None,
    **changes: Any,
) -> TriageRecord:
    """A triage of ``incident``; without ``threshold`` and ``tier`` those are left open."""
    return record_triage(
        by=by,
        at=at,
        incident=incident,
        form=a_form(at=at, **changes),
        submission_key=key or f"test-{uuid4()}",
        threshold=threshold,
        tellings=tellings,
        tier=tier,
    )


def a_referral(*, by: By, incident: Incident, at: datetime = NOW) -> SafeguardingReferral:
    """A decision to refer ``incident`` and the referral that follows it."""
    decide_threshold(by=by, at=at, incident=incident, choice=refer())
    return send_referral(
        by=by, at=at, incident=incident, authority="Norwood County Council", how="Their web form", sent_at=at
    )
