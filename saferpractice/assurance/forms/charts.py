"""New limits on a chart, and many charts on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from saferpractice.assurance.forms.measures import MeasuresForm
from saferpractice.assurance.queries.measures import Each
from saferpractice.assurance.queries.measures.places import parts_of
from saferpractice.assurance.rules.charts.looking import Need
from saferpractice.assurance.rules.measures.series import Period
from saferpractice.design import forms


class RebaseForm(forms.Form):
    """From which period the process differs, and why."""

    submission_key = forms.HiddenField()
    on = forms.SelectField(
        "From which period on does the process differ?",
        choices=[],
        empty="Choose",
        required_message="Choose the period from which the process differs",
    )
    reason = forms.LongTextField(
        "Why does the process differ from this day on?",
        hint="What changed in how the work is done, or in what is counted. A better or worse number is no reason.",
        rows=4,
        required_message="Say why the process differs from this day on",
    )

    def __init__(self, *args: Any, periods: Sequence[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest_first = [(period.from_on.isoformat(), period.label) for period in reversed(periods[1:])]
        self.fields["on"].choices = newest_first  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        """The first day of the period chosen."""
        return date.fromisoformat(self.cleaned_data["on"])


class WithdrawRebaseForm(forms.Form):
    """Why a decision that new limits begin is taken back."""

    why = forms.LongTextField(
        "Why is it withdrawn?", rows=3, hint="It stays on record, with this beside it.", required_message="Say why"
    )


class TeamsForm(MeasuresForm):
    """Which of many charts are shown. Anything odd in the address is ignored, never an error."""

    need = forms.SelectField("Show", choices=[(str(int(one)), one.words) for one in Need], required=False, empty="All")
    each = forms.SelectField("A chart for each", choices=[], required=False)

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        asked = str(data.get("need", ""))
        self.wanted: Need | None = next((each for each in Need if str(int(each)) == asked), None)
        choices = [one for one in parts_of(self.placed) if one is not Each.WHOLE] or [Each.TEAM]
        self.each_one = next((one for one in choices if one.value == data.get("each", "")), choices[-1])
        self.fields["each"].choices = [(one.value, one.value.capitalize()) for one in reversed(choices)]  # type: ignore[attr-defined]
        self.data = {
            **self.data,
            "need": asked if self.wanted is not None else "",
            "each": self.each_one.value,
        }
