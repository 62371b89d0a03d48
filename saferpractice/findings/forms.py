"""The forms of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Service
from saferpractice.design import forms
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import FindingWords
from saferpractice.findings.queries import entry_as_it_stands
from saferpractice.incidents.forms import choose
from saferpractice.lists.queries import Choice
from saferpractice.reviews.models import RequiredDocument, TimelineEntry
from saferpractice.reviews.presenters import when_words

KEPT_REASON = "Why does the wording stay as it is?"


def _entry_label(entry: TimelineEntry) -> str:
    words = " ".join(entry.what.split())
    return f"{when_words(entry)}: {words[:140]}{'…' if len(words) > 140 else ''}"


class FindingForm(forms.Form):
    """A system condition: which, in words, the two questions, what it rests on."""

    condition = forms.ChoiceField(
        "Which system condition is it?", required_message="Choose the system condition that this is about"
    )
    statement = forms.LongTextField(
        "What about the system, and what did it lead to?",
        hint="Cause and effect in a sentence or two, for example: duty cover ended at midnight, so the second missed "
        "visit reached nobody who could decide.",
        rows=4,
        required_message="Enter which condition it was, and what it led to",
    )
    made_more_likely = forms.LongTextField(
        "What conditions made the incident more likely?",
        rows=4,
        required_message="Enter what conditions made the incident more likely",
    )
    reduces_recurrence = forms.LongTextField(
        "What change to the system would make it less likely to happen again?",
        rows=4,
        required_message="Enter what change would make it less likely",
    )
    evidence = forms.RecordsField(
        "What does it rest on?",
        hint="The entries of the timeline that show it.",
        label_from=_entry_label,
        required_message="Choose at least one entry of the timeline that this rests on",
    )
    kept_reason = forms.LongTextField(KEPT_REASON, rows=2, required=False, mark_optional=False)

    def __init__(
        self, *args: Any, conditions: Iterable[Choice], entries: QuerySet[TimelineEntry], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choose(self.fields["condition"], conditions)
        self.fields["evidence"].queryset = entries  # type: ignore[attr-defined]

    @property
    def asked_to_keep(self) -> bool:
        """Whether the software asked about wording, so that the page asks why it stays."""
        return bool(self["kept_reason"].errors or self["kept_reason"].value())

    def words(self) -> FindingWords:
        """The finding as written."""
        data = self.cleaned_data
        return FindingWords(
            condition=data["condition"],
            statement=data["statement"],
            made_more_likely=data["made_more_likely"],
            reduces_recurrence=data["reduces_recurrence"],
            evidence=tuple(entry.pk for entry in data["evidence"]),
            kept_reason=data["kept_reason"],
        )


class CorrectFindingForm(FindingForm):
    """Put a finding right, with the reason."""

    corrected_because = forms.LongTextField("Why is it put right?", rows=2, required_message="Say why it is put right")


def finding_initial(finding: Finding) -> dict[str, Any]:
    """What the form shows of a finding that is to be put right, or taken further by a later review."""
    return {
        "condition": finding.condition,
        "statement": finding.statement,
        "made_more_likely": finding.made_more_likely,
        "reduces_recurrence": finding.reduces_recurrence,
        "evidence": [entry_as_it_stands(entry).pk for entry in finding.evidence.all()],
        "kept_reason": finding.kept_because,
    }


class RapidForm(forms.Form):
    """A whole rapid review on one page: its short forms, and one finding or why there is none."""

    found = forms.YesNoField(
        "Did something about the system make it more likely?",
        yes="Yes",
        no="No, nothing",
        reveals={
            True: ["condition", "statement", "reduces_recurrence"],
            False: ["nothing_found_because"],
        },
        required_message="Say whether something about the system made it more likely",
        size="m",
    )
    condition = forms.ChoiceField(
        "Which system condition is it?", required_message="Choose the system condition that this is about"
    )
    statement = forms.LongTextField(
        "What did it lead to?",
        hint="Cause and effect in a sentence, for example: nobody held the duty phone after midnight, so the call "
        "reached nobody.",
        rows=3,
        required_message="Enter what it led to",
    )
    reduces_recurrence = forms.LongTextField(
        "What change to the system would make it less likely to happen again?",
        rows=3,
        required_message="Enter what change would make it less likely",
    )
    kept_reason = forms.LongTextField(KEPT_REASON, rows=2, required=False, mark_optional=False)
    nothing_found_because = forms.LongTextField(
        "How do you know?", rows=3, required_message="Say why nothing about the system was found"
    )

    CAUSE = ("quick-root-cause", "more-likely")
    """The question of the short form that is also the first of the two questions: it is not asked twice."""

    def __init__(
        self,
        *args: Any,
        conditions: Iterable[Choice],
        documents: Sequence[RequiredDocument],
        prefill: dict[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choose(self.fields["condition"], conditions)
        self.documents = list(documents)
        for document in self.documents:
            for question in document.questions:
                name = answer_name(document.kind, question["code"])
                self.fields[name] = forms.LongTextField(
                    question["ask"],
                    hint=question.get("hint", ""),
                    required=question.get("required", True),
                    required_message=f"Answer “{question['ask']}”",
                    rows=2,
                    initial=prefill.get(name, ""),
                )
        self.cause = answer_name(*self.CAUSE)
        if self.cause not in self.fields:
            self.cause = "made_more_likely"
            self.fields[self.cause] = forms.LongTextField(
                "What conditions made the incident more likely?",
                rows=3,
                required_message="Enter what conditions made the incident more likely",
            )
        self.order_fields([*self.names(), "found"])

    def names(self) -> list[str]:
        """The fields of the short forms, in order."""
        return [answer_name(row.kind, one["code"]) for row in self.documents for one in row.questions]

    @property
    def asked_to_keep(self) -> bool:
        """Whether the software asked about wording."""
        return bool(self["kept_reason"].errors or self["kept_reason"].value())

    def answers(self) -> dict[str, dict[str, str]]:
        """The answers of each short form by question code."""
        return {
            row.kind: {one["code"]: self.cleaned_data[answer_name(row.kind, one["code"])] for one in row.questions}
            for row in self.documents
        }

    def words(self) -> FindingWords | None:
        """The finding as written; None where nothing was found."""
        data = self.cleaned_data
        if not data["found"]:
            return None
        return FindingWords(
            condition=data["condition"],
            statement=data["statement"],
            made_more_likely=data[self.cause],
            reduces_recurrence=data["reduces_recurrence"],
            kept_reason=data["kept_reason"],
        )


def answer_name(kind: str, code: str) -> str:
    """The field of one answer of one short form, as the operation names it too."""
    return f"{kind}-answer_{code}"


class ConditionsForm(forms.Form):
    """Which findings are counted: of one service, found between two days."""

    mark_optional = False
    service = forms.RecordField(
        "Service", label_from=lambda service: service.name, required=False, empty="All services"
    )
    first = forms.DayField("Found from", required=False, noun="the first day")
    last = forms.DayField("Found to", required=False, noun="the last day")

    def __init__(self, *args: Any, services: QuerySet[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A period runs forwards."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", "Enter a last day that is not before the first")
        return data
