"""Forms for a provider's own entries in the dated lists."""

from __future__ import annotations

from datetime import date

from saferpractice.design import forms
from saferpractice.lists.forms.detailed import DocumentForm, DutyForm, MethodForm
from saferpractice.lists.forms.entries import (
    ChangeTypeForm,
    CharacteristicForm,
    ConditionForm,
    EntryForm,
    FundingForm,
    ProofForm,
)
from saferpractice.lists.forms.local_times import LocalTimeForm
from saferpractice.lists.forms.retention import RetentionForm

FORMS: dict[str, type[EntryForm]] = {
    "change-types": ChangeTypeForm,
    "characteristics": CharacteristicForm,
    "duties": DutyForm,
    "funding-sources": FundingForm,
    "local-times": LocalTimeForm,
    "required-documents": DocumentForm,
    "retention": RetentionForm,
    "review-methods": MethodForm,
    "rollout-proof-kinds": ProofForm,
    "system-conditions": ConditionForm,
}
"""The form of each list whose entries hold further facts."""


class EndForm(forms.Form):
    """End an entry."""

    last_day = forms.DayField(
        "What is its last day?", future=True, hint="Today or later.", required_message="Enter its last day"
    )
    reason = forms.LongTextField("Why?", rows=3, required_message="Say why it ends", max_length=2000)


class DayForm(forms.Form):
    """The list as it stands on another day."""

    mark_optional = False
    on = forms.DayField("As it stands on", required=False)
    every = forms.TickField("Show ended and replaced entries too", required=False)

    def day(self, today: date) -> date:
        """The day asked for, else ``today``."""
        self.is_valid()
        found: date = self.cleaned_data.get("on") or today
        return found


__all__ = ["FORMS", "DayForm", "EndForm", "EntryForm"]
