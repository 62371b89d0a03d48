"""Forms for what is decided about versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saferpractice.design import forms


class ProposeForm(forms.Form):
    """Why practice should change."""

    revision = forms.HiddenField()
    why = forms.LongTextField(
        "Why should practice change, and what shows it?",
        hint="Whoever decides reads this beside what differs.",
        rows=4,
        required_message="Enter why practice should change",
    )


class ApproveForm(forms.Form):
    """Why it is right, and from when."""

    reason = forms.LongTextField("Why is it right?", rows=3, required_message="Enter why it is right")
    when = forms.ChoiceField(
        "When does it go live?",
        choices=[("now", "At once"), ("later", "From a moment")],
        reveals={"later": ["live_from"]},
        required_message="Choose when it goes live",
    )
    live_from = forms.LocalDateTimeField("From when?", future=True, noun="the moment")


class SendBackForm(forms.Form):
    """What is needed before it can be approved."""

    reason = forms.LongTextField(
        "What is needed before it can be approved?", rows=3, required_message="Enter what is needed"
    )


class TakeBackForm(forms.Form):
    """Why a proposal is taken back."""

    reason = forms.LongTextField("Why do you take it back?", rows=3, required_message="Enter why you take it back")


class DropForm(forms.Form):
    """Why a draft is dropped."""

    reason = forms.LongTextField("Why is it dropped?", rows=3, required_message="Enter why it is dropped")


class RetireForm(forms.Form):
    """Why a version is retired, and from when."""

    reason = forms.LongTextField(
        "Why is it retired, and what holds instead?", rows=3, required_message="Enter why it is retired"
    )
    when = forms.ChoiceField(
        "From when?",
        choices=[("now", "At once"), ("later", "From a moment")],
        reveals={"later": ["retired_at"]},
        required_message="Choose from when",
    )
    retired_at = forms.LocalDateTimeField("From which moment?", future=True, noun="the moment")


class CompareForm(forms.Form):
    """Which two versions are compared."""

    mark_optional = False
    before = forms.SelectField("Compare", required=False)
    after = forms.SelectField("with", required=False)

    def __init__(self, *args: Any, versions: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("before", "after"):
            self.fields[name].choices = versions  # type: ignore[attr-defined]
