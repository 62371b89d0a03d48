"""The forms of an evidence pack: what it is about and for whom, its texts, why it is taken back, the list's filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet

from saferpractice.access.models import Service
from saferpractice.design import forms
from saferpractice.evidence.operations import Wanted
from saferpractice.evidence.queries.packs import PackFilter, PackState, Text
from saferpractice.evidence.rules.packs.confirming import MOST_WORDS, Choice
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.evidence.rules.thematic.quarters import Quarter, quarter_from
from saferpractice.incidents.models import Incident

NAMED = "inspector_named"
"""For an inspector, telling who the people supported are."""
READERS = {
    Disclosure.FULL.value: "Readers inside the service",
    Disclosure.INSPECTOR.value: "An inspector",
    NAMED: "An inspector who must know who the people supported are",
    Disclosure.COMMISSIONER.value: "A commissioner",
}
HINTS = {
    Disclosure.FULL.value: "Everything you may read yourself, with names. It must not leave the service.",
    Disclosure.INSPECTOR.value: "Staff by their role, nobody supported by name. You look through every text first.",
    NAMED: "As above, and who the people supported are. Only where a law allows it.",
    Disclosure.COMMISSIONER.value: "Numbers alone, of the quarters that were published to commissioners.",
}
OF_QUARTERS = frozenset({Subject.QUARTER, Subject.INSPECTION})
"""What a pack for a commissioner can be about: no person, and nothing that is counted a second time."""
ASKED: dict[Subject, tuple[str, ...]] = {
    Subject.INCIDENT: ("reference",),
    Subject.LEARNING: ("reference",),
    Subject.THEME: ("theme", "period_from", "period_to", "services"),
    Subject.QUARTER: ("quarter", "services"),
    Subject.INSPECTION: ("period_from", "period_to", "services"),
}
"""What is asked for each subject, before the readers."""


class PackForm(forms.Form):
    """What a pack of one subject is about, and who reads it."""

    submission_key = forms.HiddenField(required=False)
    reference = forms.TextField(
        "Which incident?",
        hint="Its reference, for example 2026-00014",
        required_message="Enter the reference of the incident",
        max_length=30,
        width=10,
    )
    theme = forms.SelectField("Which theme?", required_message="Choose the theme")
    quarter = forms.SelectField("Which quarter?", required_message="Choose the quarter")
    period_from = forms.DayField(
        "From which day?", past=True, noun="The first day", required_message="Enter the first day it covers"
    )
    period_to = forms.DayField(
        "To which day?", past=True, noun="The last day", required_message="Enter the last day it covers"
    )
    services = forms.RecordsField(
        "Which services?", label_from=lambda service: service.name, required_message="Choose at least one service"
    )
    disclosure = forms.ChoiceField(
        "Who will read it?",
        choices=READERS,
        hints=HINTS,
        reveals={NAMED: ["identity_basis", "identity_why"]},
        required_message="Choose who will read it",
    )
    identity_basis = forms.TextField(
        "Which law allows it?",
        hint="The Act and section, or the notice you were given",
        max_length=300,
        required_message="Enter the law that allows it",
    )
    identity_why = forms.TextField(
        "Why must they know?", max_length=300, required_message="Enter why they must know who the people are"
    )

    def __init__(
        self,
        *args: Any,
        subject: Subject,
        services: QuerySet[Service],
        themes: Iterable[tuple[str, str]],
        quarters: Iterable[Quarter],
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {"submission_key": uuid4().hex} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.subject = subject
        every = {name for names in ASKED.values() for name in names}
        for name in every - set(ASKED[subject]):
            del self.fields[name]
        if subject not in OF_QUARTERS:
            others = {code: words for code, words in READERS.items() if code != Disclosure.COMMISSIONER}
            self.fields["disclosure"].choices = list(others.items())  # type: ignore[attr-defined]
        if "services" in self.fields:
            self.fields["services"].queryset = services  # type: ignore[attr-defined]
        if "theme" in self.fields:
            self.fields["theme"].choices = list(themes)  # type: ignore[attr-defined]
        if "quarter" in self.fields:
            self.fields["quarter"].choices = [(one.code, one.label) for one in quarters]  # type: ignore[attr-defined]

    def wanted(self, incident: Incident | None) -> Wanted:
        """What is asked for. Only on a valid form; ``incident`` is the one the reference names, if there is one."""
        data = self.cleaned_data
        named = data["disclosure"] == NAMED
        return Wanted(
            subject=self.subject,
            disclosure=Disclosure.INSPECTOR if named else Disclosure(data["disclosure"]),
            services=[incident.team.service] if incident else list(data.get("services") or []),
            incident=incident,
            theme=data.get("theme") or "",
            period=self._period(),
            identity_basis=data["identity_basis"] if named else "",
            identity_why=data["identity_why"] if named else "",
        )

    def _period(self) -> tuple[date, date] | None:
        data = self.cleaned_data
        if self.subject is Subject.QUARTER:
            quarter = quarter_from(data["quarter"])
            return (quarter.first, quarter.last) if quarter else None
        return (data["period_from"], data["period_to"]) if "period_from" in data else None


class TextForm(forms.Form):
    """What a person decides about one text of a pack."""

    choice = forms.ChoiceField(
        "What goes outside?",
        choices=[(each.value, each.label) for each in Choice],
        reveals={Choice.EDITED.value: ["words"]},
        required_message="Choose what goes outside",
    )
    words = forms.LongTextField(
        "In other words", rows=4, max_length=MOST_WORDS, required_message="Enter the words to share"
    )

    def __init__(self, *args: Any, text: Text, **kwargs: Any) -> None:
        self.text = text
        kwargs["prefix"] = text.said.key[:16]
        kwargs["initial"] = {"words": text.marked.words} | self._standing(text)
        super().__init__(*args, **kwargs)

    @staticmethod
    def _standing(text: Text) -> dict[str, str]:
        """What stands decided; else, where nothing was found, that it goes out as it is: a person still says so."""
        before = text.confirmed
        if before is None:
            return {} if text.marked.found else {"choice": Choice.MASKED.value}
        if before.left_out:
            return {"choice": Choice.LEFT_OUT.value}
        if before.words == text.marked.words:
            return {"choice": Choice.MASKED.value}
        return {"choice": Choice.EDITED.value, "words": before.words}

    def chosen(self) -> tuple[Choice, str]:
        """The choice and the words. Only on a valid form."""
        return Choice(self.cleaned_data["choice"]), self.cleaned_data.get("words") or ""


class WithdrawPackForm(forms.Form):
    """Why a pack is not to be used any more."""

    reason = forms.TextField(
        "Why is it not to be used any more?",
        hint="Name nobody: whoever may open the pack reads this.",
        max_length=300,
        required_message="Enter why it is not to be used any more",
    )


class PackFilterForm(forms.Form):
    """What the list of packs shows. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    q = forms.TextField("Search", required=False, max_length=100)
    subject = forms.SelectField(
        "About", choices=[("", ""), *((one.value, one.label) for one in Subject)], empty="Anything", required=False
    )
    disclosure = forms.SelectField(
        "For whom", choices=[("", ""), *((one.value, one.label) for one in Disclosure)], empty="Anybody", required=False
    )
    state = forms.SelectField(
        "State", choices=[("", ""), *((one.value, one.label) for one in PackState)], empty="Any", required=False
    )

    def __init__(self, data: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)

    def wanted(self) -> PackFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return PackFilter(
            subject=data.get("subject") or "",
            disclosure=data.get("disclosure") or "",
            state=PackState(data["state"]) if data.get("state") else None,
            words=data.get("q") or "",
        )
