"""The forms of an inspection: opened, ended, drawn from, a restricted incident shown to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person, Service
from saferpractice.design import forms
from saferpractice.evidence.operations import Disclosure
from saferpractice.evidence.queries.inspections import Wanted
from saferpractice.evidence.rules.inspections import HARM_WORDS, LEAST_SEED, LONGEST_DAYS, MOST_DRAWN, TIERS, UNDECIDED
from saferpractice.lists.queries import Choice
from saferpractice.triage.rules import TierCode


def _name(row: Any) -> str:
    return str(row.name)


class OpenForm(forms.Form):
    """Who inspects what, until when, by which power, and whether they see who the incidents concern."""

    submission_key = forms.HiddenField()
    inspector = forms.RecordField(
        "Who inspects?",
        label_from=_name,
        hint="Somebody who holds the role of inspector. An administrator adds them under People.",
        required_message="Choose who inspects",
    )
    reference = forms.TextField(
        "Their reference",
        hint="The number of the inspection, or of the letter that announced it.",
        max_length=60,
        width=20,
        required_message="Enter the reference that the inspector gave",
    )
    authority = forms.ChoiceField("By which power do they inspect?", required_message="Choose the power")
    services = forms.RecordsField(
        "Which services?", label_from=_name, required_message="Choose the services that are inspected"
    )
    period_from = forms.DayField("Incidents that became known from this day", past=True, noun="the first day")
    period_to = forms.DayField("to this day", past=True, noun="the last day")
    ends_at = forms.LocalDateTimeField(
        "Until when may they look?",
        future=True,
        hint=f"At most {LONGEST_DAYS} days. It closes by itself, and can be ended at any time before.",
        required_message="Enter until when they may look",
    )
    identity = forms.YesNoField(
        "Do they see who the incidents concern?",
        hint="If not, a person supported is called “the person”, and what could name them is taken out of every text.",
        reveals={True: ["identity_power", "identity_because"]},
        initial=False,
        required_message="Choose whether they see who the incidents concern",
    )
    identity_power = forms.ChoiceField("By which power?", required_message="Choose the power that allows it")
    identity_because = forms.LongTextField(
        "Why do they need to know?",
        rows=3,
        max_length=2000,
        required_message="Say why the inspector needs to know who the people are",
    )

    def __init__(
        self,
        *args: Any,
        inspectors: QuerySet[Person],
        services: QuerySet[Service],
        powers: Iterable[Choice],
        may_disclose: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["inspector"].queryset = inspectors
        fields["services"].queryset = services
        listed = list(powers)
        fields["authority"].choices = [(one.code, one.label) for one in listed]
        fields["identity_power"].choices = [(one.code, one.label) for one in listed if one.detail["reaches_identity"]]
        if not may_disclose:
            for name in ("identity", "identity_power", "identity_because"):
                del fields[name]

    def disclosure(self) -> Disclosure | None:
        """That identity is shown, when it was chosen. Only on a valid form."""
        data = self.cleaned_data
        if not data.get("identity"):
            return None
        return Disclosure(power=data["identity_power"], because=data["identity_because"])


class EndForm(forms.Form):
    """Why an inspection ends before its time."""

    reason = forms.LongTextField(
        "Why does it end now?", rows=3, max_length=2000, required_message="Say why it ends now"
    )


class ReleaseForm(forms.Form):
    """Why a restricted incident is shown."""

    reason = forms.LongTextField(
        "Why should the inspector see it?",
        rows=3,
        max_length=2000,
        required_message="Say why the inspector should see it",
    )


HARMS = [(str(level), words) for level, words in enumerate(HARM_WORDS)]
TIER_CHOICES = [*((one, TierCode(one).label) for one in TIERS), (UNDECIDED, "No tier decided")]


class WantedForm(forms.Form):
    """Which incidents of an inspection a list shows. Anything odd in the address is ignored."""

    mark_optional = False
    harm = forms.SelectField("Level of harm", choices=HARMS, required=False, empty="Any level")
    tier = forms.SelectField("Tier", choices=TIER_CHOICES, required=False, empty="Any tier")
    service = forms.SelectField("Service", required=False, empty="Any service")

    def __init__(self, *args: Any, services: Iterable[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [("", "Any service"), *((str(one.pk), one.name) for one in services)]
        self.fields["service"].choices = listed  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """What is asked for, with any wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(
            harm=int(data["harm"]) if data.get("harm") else None,
            tier=data.get("tier") or "",
            service_id=UUID(data["service"]) if data.get("service") else None,
            from_on=data.get("from_on"),
            to_on=data.get("to_on"),
        )


class SampleForm(WantedForm):
    """Which incidents to draw from, and how many."""

    submission_key = forms.HiddenField()
    from_on = forms.DayField("Known from", required=False, past=True, noun="the first day")
    to_on = forms.DayField("Known to", required=False, past=True, noun="the last day")
    size = forms.NumberField(
        "How many to draw?", min_value=1, max_value=MOST_DRAWN, initial=5, width=3, required_message="Enter how many"
    )


class SeedForm(forms.Form):
    """What the draw is made with."""

    seed = forms.TextField(
        "Your seed",
        hint=f"At least {LEAST_SEED} letters or digits that nobody here could know: six dice, or words of your own.",
        max_length=200,
        width=20,
        required_message="Enter a seed",
    )


__all__ = ["EndForm", "OpenForm", "ReleaseForm", "SampleForm", "SeedForm", "WantedForm"]
