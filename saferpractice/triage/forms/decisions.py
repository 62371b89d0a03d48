"""The small forms of triage: the threshold, telling one body, the tier, a referral, its answer, a hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.triage.rules import ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import (
    LONGEST_TEXT,
    Telling,
    TellingState,
    ThresholdChoice,
    TierChoice,
)


def with_values(data: Any, changes: Mapping[str, list[str]]) -> Any:
    """What a request carried, with some values put in place of those sent."""
    changed = data.copy()
    for name, values in changes.items():
        changed.setlist(name, values)
    return changed


class ThresholdForm(forms.Form):
    """Refer, do not refer, or more information by a day, and why."""

    outcome = forms.ChoiceField(
        "Does this go to the local authority as a safeguarding concern?",
        choices=ThresholdOutcome,
        hints={
            ThresholdOutcome.REFER: "Reasonable cause to suspect is enough. The authority decides what follows.",
            ThresholdOutcome.DO_NOT_REFER: "Kept as a decision of its own, with your reasons.",
            ThresholdOutcome.MORE_INFORMATION: "You come back to it by the day you set.",
        },
        reveals={ThresholdOutcome.MORE_INFORMATION: ["more_information_by"]},
        required_message="Choose whether this goes to the local authority, or hand it to the safeguarding lead",
    )
    more_information_by = forms.DayField(
        "By which day is it decided?",
        future=True,
        noun="The day",
        hint="It is decided that day even if the information has not come.",
    )
    rationale = forms.LongTextField(
        "Why?",
        rows=4,
        max_length=LONGEST_TEXT,
        hint="What you know, and why it leads to this. Somebody who was not there must be able to follow it.",
        required_message="Write why: somebody who was not there must be able to follow it",
    )

    def choice(self) -> ThresholdChoice:
        """The decision as the operations take it. Only on a valid form."""
        data = self.cleaned_data
        return ThresholdChoice(
            outcome=data["outcome"], rationale=data["rationale"], more_information_by=data["more_information_by"]
        )


class TellForm(forms.Form):
    """Whether one body or partner must be told, need not be, or was."""

    state = forms.ChoiceField(
        "Must they be told?",
        choices=[
            (TellingState.REQUIRED.value, "Yes, they are still to be told"),
            (TellingState.DONE.value, "Yes, and they have been told"),
            (TellingState.NOT_REQUIRED.value, "No, they need not be told"),
        ],
        reveals={TellingState.DONE: ["done_at", "their_reference", "note"], TellingState.NOT_REQUIRED: ["reason"]},
        required_message="Choose whether they must be told",
    )
    done_at = forms.LocalDateTimeField(
        "When were they told?", past=True, noun="When they were told", required_message="Enter when they were told"
    )
    their_reference = forms.TextField(
        "Their reference",
        required=False,
        width=20,
        max_length=120,
        hint="For example a log number, or who you spoke to.",
    )
    note = forms.LongTextField("What was said", required=False, rows=2, max_length=LONGEST_TEXT)
    reason = forms.LongTextField(
        "Why not?",
        rows=2,
        max_length=LONGEST_TEXT,
        required_message="Write why they need not be told",
    )

    def __init__(self, *args: Any, body: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if body:
            state: Any = self.fields["state"]
            state.label, state.required_message = body, f"Choose whether this must be told: {body}"

    def telling(self, duty: str) -> Telling:
        """The decision as the operations take it. Only on a valid form."""
        data = self.cleaned_data
        return Telling(
            duty=duty,
            state=TellingState(data["state"]),
            reason=data["reason"] or data["note"],
            their_reference=data["their_reference"],
            done_at=data["done_at"],
        )


TIER_HINTS = {
    TierCode.A: "A quick look at causes and immediate local changes. Low harm or a near miss.",
    TierCode.B: "Timeline, decisions, supervision and partner interface. Moderate harm or a repeated pattern.",
    TierCode.C: "Senior oversight, evidence and a tracked plan. Serious harm, a high-risk failure, or agencies that "
    "failed to come together.",
}


class TierForm(forms.Form):
    """The tier chosen, beside the one the rules propose."""

    seen = forms.HiddenField(required=False)
    tier = forms.ChoiceField(
        "Which review does this get?",
        choices=TierCode,
        hints=TIER_HINTS,
        required_message="Choose a tier",
    )
    reason = forms.LongTextField(
        "Why another tier than the one proposed?",
        required=False,
        mark_optional=False,
        rows=3,
        max_length=LONGEST_TEXT,
        hint="Only where you choose a lighter or a heavier review. For example: the lesson is known and being acted "
        "on, or there is more to learn here than the harm shows.",
    )

    def choice(self) -> TierChoice:
        """The decision as the operations take it. Only on a valid form."""
        data = self.cleaned_data
        seen = data["seen"] if data["seen"] in set(TierCode) else ""
        return TierChoice(tier=data["tier"], reason=data["reason"], seen=TierCode(seen) if seen else None)


class TierDecisionForm(TierForm):
    """The tier on a page of its own."""

    submission_key = forms.HiddenField()


class ThresholdDecisionForm(ThresholdForm):
    """The threshold on a page of its own. ``considered`` once the person has seen what is worth a second thought."""

    submission_key = forms.HiddenField()
    considered = forms.HiddenField(required=False)


class TellDecisionForm(TellForm):
    """One duty on a page of its own."""

    submission_key = forms.HiddenField()


class ReferralForm(forms.Form):
    """That the concern was sent: to whom, how, when."""

    submission_key = forms.HiddenField()
    authority = forms.TextField(
        "Which local authority?", hint="The one for the place where the person is.", width=30, max_length=200
    )
    how = forms.TextField(
        "How was it sent?",
        hint="For example: their web form, or by phone to the duty social worker, and her name.",
        max_length=200,
    )
    sent_at = forms.LocalDateTimeField("When was it sent?", past=True, noun="When it was sent")


class AcknowledgementForm(forms.Form):
    """The authority's answer."""

    submission_key = forms.HiddenField()
    authority_reference = forms.TextField("Their reference", required=False, width=20, max_length=120)
    received_at = forms.LocalDateTimeField("When did their answer come?", past=True, noun="When their answer came")
    answer = forms.LongTextField(
        "What did they answer?",
        required=False,
        rows=3,
        max_length=LONGEST_TEXT,
        hint="For example: they have it and decide by Friday; they make a section 42 enquiry; they do not, and why.",
    )


class HandOverForm(forms.Form):
    """What somebody is unsure about."""

    submission_key = forms.HiddenField(required=False)
    question = forms.LongTextField(
        "What are you unsure about?",
        rows=2,
        max_length=LONGEST_TEXT,
        hint="A sentence is enough. The safeguarding lead is told at once, and what you have filled in goes with it.",
        required_message="Say what you are unsure about. A sentence is enough",
    )


class SafetyActionDoneForm(forms.Form):
    """That a safety action has been done."""

    done_at = forms.LocalDateTimeField("When was it done?", past=True, noun="When it was done")
    note = forms.LongTextField("How did it go?", required=False, rows=2, max_length=LONGEST_TEXT)
