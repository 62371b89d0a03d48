"""The questions of the standard form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from saferpractice.design import forms
from saferpractice.design.typed import as_written
from saferpractice.lists.queries import Choice
from saferpractice.triage.rules import Answer
from saferpractice.triage.rules.form import LONGEST_TEXT, MOST_SAFETY_ACTIONS, SafetyAction, TriageForm

Lists = Mapping[str, Sequence[Choice]]
LISTS = ("abuse-types", "care-act-tests", "msp-wishes", "nationally-required")
"""The lists the questions take their words from."""
NOT_ASKED_NOW = frozenset({"not-recorded"})
"""Wishes "not recorded" is for records of old, not for somebody filling in the form."""
NONE_OF_THESE = "none-of-these"
SAID, NOT_ASKED = "asked-expressed", "not-asked"


class AnswersForm(forms.Form):
    """Everything but the safety actions, the decisions and who must be told."""

    still_at_risk = forms.ChoiceField("After what was done, is anyone still at risk?", choices=Answer, inline=True)
    risk_words = forms.LongTextField(
        "If so, or if it is not known: who is at risk, from what, and what protects them until then?",
        required=False,
        rows=2,
        max_length=LONGEST_TEXT,
        mark_optional=False,
    )
    no_safety_actions_because = forms.LongTextField(
        "If nothing had to be done at once: why not?",
        required=False,
        rows=2,
        max_length=LONGEST_TEXT,
        mark_optional=False,
    )
    needs_care_and_support = forms.ChoiceField(choices=Answer, inline=True)
    abuse_or_neglect = forms.ChoiceField(choices=Answer, reveals={Answer.YES: ["abuse_types"]})
    abuse_types = forms.ManyChoicesField(
        "Which types?",
        hint="Every type you have reason to suspect. You need not be sure.",
        required_message="Choose every type of abuse or neglect you have reason to suspect",
    )
    unable_to_protect_self = forms.ChoiceField(choices=Answer, inline=True, required=False)
    wishes = forms.ChoiceField(
        "Was the person asked what they want to happen?",
        reveals={SAID: ["wishes_said"], NOT_ASKED: ["wishes_not_asked"]},
        required_message="Choose whether the person was asked what they want",
    )
    wishes_said = forms.LongTextField(
        "What do they want?",
        rows=2,
        max_length=LONGEST_TEXT,
        hint="In their own words where you can.",
        required_message="Write down what the person wants",
    )
    wishes_not_asked = forms.LongTextField(
        "Why not, and when will somebody ask?",
        rows=2,
        max_length=LONGEST_TEXT,
        required_message="Say why the person was not asked, and when somebody will ask them",
    )
    family_warning = forms.ChoiceField(
        "Did a family member or carer warn of this?",
        choices=Answer,
        reveals={Answer.YES: ["family_warning_words"]},
    )
    family_warning_words = forms.LongTextField(
        "What did they warn of, when, and whom did they tell?",
        rows=2,
        max_length=LONGEST_TEXT,
        hint="It becomes a question for the review.",
        required_message="Write down what they warned of, when, and whom they told",
    )
    healthcare_acts_suspected = forms.ChoiceField(
        "Do you suspect that something healthcare staff did, or did not do, played a part?",
        choices=Answer,
        inline=True,
        hint="It decides how the event is recorded nationally (LFPSE). It blames nobody.",
    )
    prolonged_psychological_harm = forms.ChoiceField(
        "Has psychological harm lasted, or will it last, 28 days or more?", choices=Answer, inline=True
    )
    multi_agency_breakdown = forms.ChoiceField(
        "Did agencies fail to come together when they needed to?", choices=Answer, inline=True
    )
    high_risk_failure = forms.ChoiceField(
        "Did a safeguard against a high risk fail?",
        choices=Answer,
        inline=True,
        hint="Whatever the harm this time: for example nobody was on duty, or a known threat reached nobody.",
    )
    nationally_required = forms.SelectField(
        "Does national policy require a response of its own?",
        initial=NONE_OF_THESE,
        required_message="Choose one, or none of these",
    )

    def __init__(self, *args: Any, lists: Lists, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tests = {choice.code: choice for choice in lists["care-act-tests"]}
        for name in ("needs_care_and_support", "abuse_or_neglect", "unable_to_protect_self"):
            test = tests[name.replace("_", "-")]
            self.fields[name].label = test.detail["question"]
            self.fields[name].hint = test.hint  # type: ignore[attr-defined]
        _offer(self.fields["abuse_types"], lists["abuse-types"])
        _offer(self.fields["wishes"], [one for one in lists["msp-wishes"] if one.code not in NOT_ASKED_NOW])
        self.fields["abuse_types"].hints = {}  # type: ignore[attr-defined]  # eleven hints would bury the rest
        required: Any = self.fields["nationally_required"]
        _offer(required, lists["nationally-required"])
        required.choices = [(NONE_OF_THESE, "None of these"), *required.choices]
        for name in ("still_at_risk", "needs_care_and_support", "abuse_or_neglect", "family_warning"):
            asked: Any = self.fields[name]
            asked.required_message = f"Answer “{asked.label}”"

    def answers(self, safety_actions: Sequence[SafetyAction]) -> TriageForm:
        """The form as the operations take it. Only on a valid form."""
        data = dict(self.cleaned_data)
        said, not_asked = data.pop("wishes_said"), data.pop("wishes_not_asked")
        if data["nationally_required"] == NONE_OF_THESE:
            data["nationally_required"] = ""
        return TriageForm(
            **{**data, "abuse_types": tuple(data["abuse_types"]), "wishes_words": said or not_asked},
            safety_actions=tuple(safety_actions),
        )


def _offer(field: Any, listed: Sequence[Choice]) -> None:
    field.choices = [(choice.code, choice.label) for choice in listed]
    field.hints = {choice.code: choice.hint for choice in listed if choice.hint}


class SafetyActionForm(forms.Form):
    """One thing done, or to be done at once."""

    what = forms.LongTextField(
        "What was done, or must be done now?",
        rows=2,
        max_length=LONGEST_TEXT,
        required_message="Enter what was done, or must be done",
    )
    who = forms.TextField("By whom?", width=20, required_message="Enter who did it, or who will")
    done = forms.ChoiceField(
        "Is it done?",
        choices=[("done", "Done"), ("to_do", "Still to be done")],
        reveals={"done": ["done_at"]},
        required_message="Choose whether it is done",
    )
    done_at = forms.LocalDateTimeField(
        "When?", past=True, noun="When it was done", required_message="Enter when the safety action was done"
    )

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all was typed: such a row is left out."""
        return not any(as_written(value) for values in self.typed().values() for value in values)

    def action(self) -> SafetyAction:
        """The row as the operations take it. Only on a valid form."""
        data = self.cleaned_data
        return SafetyAction(what=data["what"], who=data["who"], done_at=data["done_at"])


class RowsForm(forms.Form):
    """How many rows of safety actions the page shows, and the key of the form."""

    submission_key = forms.HiddenField()
    rows = forms.HiddenField(required=False)

    @staticmethod
    def how_many(typed: Mapping[str, Any]) -> int:
        """The number of rows, whatever somebody wrote into the hidden field."""
        text = str(typed.get("rows") or "")
        return min(max(int(text), 1), MOST_SAFETY_ACTIONS) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def rows_of(
    count: int, data: Any = None, *, now: datetime, kept: Mapping[str, list[str]] | None = None
) -> list[SafetyActionForm]:
    """The rows of safety actions: each with a prefix of its own, "action-0" and on."""
    return [SafetyActionForm(data, prefix=f"action-{number}", now=now, kept=kept) for number in range(count)]
