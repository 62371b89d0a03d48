"""The form of how long records are kept: the years, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.lists.forms.entries import EntryForm
from saferpractice.lists.queries import Choice
from saferpractice.lists.rules.retention import LONGEST


class RetentionForm(EntryForm):
    """Years, from the national minimum up."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """For how many years."""
        for name in ("label", "hint"):
            del self.fields[name]  # what is kept does not change, only for how long
        least = self.before["at_least"]
        self.fields["detail.years"] = forms.NumberField(
            "For how many years?",
            hint=f"{least} is the national minimum. You may keep records longer, never shorter.",
            suffix="years",
            min_value=least,
            max_value=LONGEST,
            initial=self.before["years"],
            required_message=f"Enter a number of years, {least} or more",
        )

    def detail(self) -> dict[str, Any]:
        """The years chosen; the rest stays."""
        return {**self.before, "years": self.cleaned_data["detail.years"]}

    def entry(self, *, code: str | None, taken: Iterable[str]) -> dict[str, Any]:
        """The entry as a list file holds it: named as it ships. Only on a valid form."""
        self.cleaned_data |= {"label": self.initial["label"], "hint": self.initial["hint"]}
        return super().entry(code=code, taken=taken)
