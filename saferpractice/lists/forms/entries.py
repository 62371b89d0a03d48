"""What every entry has, and the small forms: fewer than five further facts.

Fields are named after the part of the entry they fill ("detail.ask"), so that a mistake found in an entry finds its
field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.lists.queries import Choice
from saferpractice.lists.rules.own import code_from


class EntryForm(forms.Form):
    """What every entry has. Lists with further facts have a form of their own below."""

    label = forms.TextField("Name", hint="The words people read. Plain and short.", max_length=300, width=30)
    hint = forms.LongTextField("Help under it", required=False, rows=2, max_length=4000)

    def __init__(
        self,
        *args: Any,
        now: Any,
        before: Mapping[str, Any] | None = None,
        lists: Mapping[str, Iterable[Choice]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.before: Mapping[str, Any] = before or {}
        super().__init__(*args, now=now, **kwargs)
        self.ask(lists or {})
        self.fields["source.title"] = forms.TextField(
            "Who says so?",
            hint="The document or decision this comes from, such as: quality meeting of 3 March 2026.",
            required_message="Enter where this comes from",
            max_length=300,
        )
        self.fields["source.url"] = forms.TextField(
            "Its address", hint="Beginning with https://", required=False, max_length=180
        )
        self.fields["valid_from"] = forms.DayField(
            "From which day?", future=True, hint="Today or later.", required_message="Enter the first day it holds"
        )
        self.fields["valid_to"] = forms.DayField(
            "Until which day?", future=True, required=False, hint="If you know it."
        )
        for field in self.fields.values():  # those added here came after the form said what to do in each
            if isinstance(field, forms.DayField):
                field.now = now
            if getattr(field, "required_message", ""):
                field.error_messages["required"] = field.required_message  # type: ignore[attr-defined]

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """Add the fields this list has besides."""

    def detail(self) -> dict[str, Any]:
        """The further facts, from what was typed; what is not asked stays as it was."""
        return dict(self.before)

    def entry(self, *, code: str | None, taken: Iterable[str]) -> dict[str, Any]:
        """The entry as a list file holds it. Only on a valid form."""
        data = self.cleaned_data
        return {
            "code": code or code_from(data["label"], set(taken)),
            "label": data["label"],
            "hint": data["hint"],
            "detail": self.detail(),
            "source": {"title": data["source.title"], "url": data["source.url"] or None},
            "valid_from": data["valid_from"],
            "valid_to": data["valid_to"],
        }

    def field_for(self, part: str) -> str | None:
        """The field that fills ``part`` of an entry, or the nearest around it; None when there is none."""
        while part and part not in self.fields:
            part = part.rpartition(".")[0]
        if part == "detail":
            return None
        return part or None


class FundingForm(EntryForm):
    """Who pays."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """Whether such care is NHS-funded."""
        known: dict[bool | None, str] = {True: "yes", False: "no"}
        self.fields["detail.nhs_funded"] = forms.ChoiceField(
            "Is such care NHS-funded?",
            choices=[("yes", "Yes"), ("no", "No"), ("unknown", "It cannot be said")],
            initial=known.get(self.before["nhs_funded"], "unknown") if self.before else None,
            required_message="Choose whether it is NHS-funded",
        )

    def detail(self) -> dict[str, Any]:
        """Yes, no or not known."""
        return {"nhs_funded": {"yes": True, "no": False}.get(self.cleaned_data["detail.nhs_funded"])}


class CharacteristicForm(EntryForm):
    """A group of people supported."""

    OF = [
        ("age-band", "Age"),
        ("sex", "Sex"),
        ("ethnic-group", "Ethnic group"),
        ("disability", "Disability"),
        ("accommodation", "Accommodation"),
    ]

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """Which characteristic it belongs to."""
        self.fields["detail.of"] = forms.ChoiceField(
            "Which characteristic is it a group of?",
            choices=self.OF,
            initial=self.before.get("of"),
            required_message="Choose the characteristic",
        )

    def detail(self) -> dict[str, Any]:
        """The characteristic."""
        return {"of": self.cleaned_data["detail.of"]}


class ProofForm(EntryForm):
    """A kind of rollout proof."""

    ASKED = {
        "counts_people": "Does it say how many, of those who need it?",
        "needs_file": "Is the document itself kept?",
        "compares_versions": "Is the version before kept beside it?",
    }

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """What such a proof must carry."""
        for name, question in self.ASKED.items():
            self.fields[f"detail.{name}"] = forms.YesNoField(
                question, initial=self.before.get(name), required_message="Choose yes or no"
            )

    def detail(self) -> dict[str, Any]:
        """What such a proof must carry."""
        return {name: self.cleaned_data[f"detail.{name}"] for name in self.ASKED}


class ConditionForm(EntryForm):
    """A system condition and its home in each framework."""

    HOMES = {
        "seips": ("SEIPS element", "seips"),
        "yorkshire": ("Yorkshire factor", "yorkshire"),
        "sar_domain": ("Domain of safeguarding adult reviews", "sar-domains"),
    }

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """The question, and its homes."""
        self.fields["detail.ask"] = forms.TextField(
            "Which question brings it to light?", max_length=500, initial=self.before.get("ask")
        )
        for name, (label, target) in self.HOMES.items():
            self.fields[f"detail.{name}"] = forms.SelectField(
                label, choices=_pairs(lists[target]), initial=self.before.get(name)
            )

    def detail(self) -> dict[str, Any]:
        """The condition's facts; one of a provider's own is not of the brief."""
        typed = {name: self.cleaned_data[f"detail.{name}"] for name in ("ask", *self.HOMES)}
        return {"brief": bool(self.before.get("brief", False)), **typed}


class ChangeTypeForm(EntryForm):
    """A type of operational change."""

    def ask(self, lists: Mapping[str, Iterable[Choice]]) -> None:
        """Its places in the hierarchy and an example."""
        places = _pairs(lists["action-hierarchy"])
        self.fields["detail.hierarchy"] = forms.SelectField(
            "Place in the hierarchy of changes", choices=places, initial=self.before.get("hierarchy")
        )
        self.fields["detail.when_cannot_be_passed"] = forms.SelectField(
            "Its place when the step cannot be passed by",
            choices=places,
            required=False,
            empty="It can always be passed by",
            initial=self.before.get("when_cannot_be_passed"),
        )
        self.fields["detail.example"] = forms.LongTextField(
            "What is different for the worker on Monday?", rows=3, initial=self.before.get("example"), max_length=2000
        )

    def detail(self) -> dict[str, Any]:
        """The type's facts."""
        data = self.cleaned_data
        return {
            "hierarchy": data["detail.hierarchy"],
            "when_cannot_be_passed": data["detail.when_cannot_be_passed"] or None,
            "brief": bool(self.before.get("brief", False)),
            "example": data["detail.example"],
        }


def _pairs(choices: Iterable[Choice]) -> list[tuple[str, str]]:
    return [(choice.code, choice.label) for choice in choices]
