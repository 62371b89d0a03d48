"""The form of a local time: the ways of counting that its bounds allow, or the times of the evening."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.lists.forms.entries import EntryForm
from saferpractice.lists.queries import Choice
from saferpractice.lists.rules.local_times import UNITS

_TIME = re.compile(r"^(\d{1,2})[:.]?(\d{2})$")


class LocalTimeForm(EntryForm):
    """A local time within its bounds."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """How it is counted and how many; or from when until when."""
        for name in ("label", "hint"):
            del self.fields[name]  # what is counted does not change, only how long it may take
        if self.before.get("evening"):
            self._ask_evening()
            return
        bounds = self.before["bounds"]
        kinds = [
            (b["kind"], "The same day" if b["kind"] == "same_day" else UNITS[b["kind"]].capitalize()) for b in bounds
        ]
        counted = [kind for kind, _ in kinds if kind != "same_day"]
        chosen = self.before["timescale"]
        self.fields["kind"] = forms.ChoiceField(
            "How is it counted?",
            choices=kinds,
            initial=chosen["kind"],
            reveals={kind: [f"amount_{kind}"] for kind in counted},
            required_message="Choose how it is counted",
        )
        for bound in bounds:
            if bound["kind"] in counted:
                self.fields[f"amount_{bound['kind']}"] = forms.NumberField(
                    "How many?",
                    hint=f"{bound['least']} to {bound['most']}.",
                    suffix=UNITS[bound["kind"]],
                    min_value=bound["least"],
                    max_value=bound["most"],
                    initial=chosen.get("amount") if chosen["kind"] == bound["kind"] else None,
                    required_message=f"Enter a number from {bound['least']} to {bound['most']}",
                )

    def _ask_evening(self) -> None:
        evening = self.before["evening"]
        self.fields["waits"] = forms.YesNoField(
            "May the same day wait for the next morning when it is asked in the evening?",
            reveals={True: ["starts", "due_by"]},
            initial=evening["from"] is not None,
            required_message="Choose yes or no",
        )
        self.fields["starts"] = forms.TextField(
            "From which time in the evening?",
            hint=f"{evening['earliest']} or later.",
            width=5,
            initial=evening["from"],
            required_message="Enter a time, like 18:00",
        )
        self.fields["due_by"] = forms.TextField(
            "By which time next morning?",
            hint=f"{evening['latest']} or earlier.",
            width=5,
            initial=evening["due_by"],
            required_message="Enter a time, like 10:00",
        )

    def clean(self) -> dict[str, Any] | None:
        """Times are hours and minutes."""
        data = super().clean()
        for name in ("starts", "due_by"):
            if self.cleaned_data.get(name):
                found = _TIME.match(self.cleaned_data[name].strip())
                if not found or int(found[1]) > 23 or int(found[2]) > 59:
                    self.add_error(name, "Enter a time in hours and minutes, like 18:00")
                else:
                    self.cleaned_data[name] = f"{int(found[1]):02}:{found[2]}"
        return data

    def detail(self) -> dict[str, Any]:
        """The time chosen; the bounds stay."""
        data = self.cleaned_data
        if self.before.get("evening"):
            chosen = {"from": data["starts"] or None, "due_by": data["due_by"] or None}
            return {"evening": {**self.before["evening"], **chosen}}
        kind = data["kind"]
        timescale = {"kind": kind} if kind == "same_day" else {"kind": kind, "amount": data[f"amount_{kind}"]}
        return {"timescale": timescale, "bounds": self.before["bounds"]}

    def entry(self, *, code: str | None, taken: Iterable[str]) -> dict[str, Any]:
        """The entry as a list file holds it: named as it ships. Only on a valid form."""
        self.cleaned_data |= {"label": self.initial["label"], "hint": self.initial["hint"]}
        return super().entry(code=code, taken=taken)

    def field_for(self, part: str) -> str | None:
        """The field beside which a mistake in ``part`` stands."""
        if part.startswith("detail.evening"):
            return "due_by" if part.endswith("due_by") else "starts"
        return "kind" if part.startswith("detail") and "kind" in self.fields else super().field_for(part)
