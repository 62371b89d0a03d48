"""The forms of a review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import Occurrence, day_label, local_day, resolve_local
from saferpractice.design import forms
from saferpractice.lists.queries import Choice
from saferpractice.reviews.models import RequiredDocument, ReviewDocument, TimelineEntry
from saferpractice.reviews.records import outcome_words
from saferpractice.reviews.rules import DECISION_REVIEW, Affected, DecisionView, SuppliedBy, Verdict
from saferpractice.triage.models import ThresholdDecision


class ReviewerForm(forms.Form):
    """Say who carries out a review, and how it is known that they stand outside what happened."""

    person = forms.RecordField(
        "Who carries it out?",
        label_from=lambda person: person.name,
        hint="Somebody who did not report it and was not involved. Somebody from another service is more independent.",
        required_message="Choose who carries it out",
    )
    independence = forms.LongTextField(
        "How do you know that they are independent?",
        hint="For example: works in another service, and has not met the person or the staff involved.",
        rows=2,
        required_message="Say how you know that they are independent",
    )
    despite = forms.LongTextField("Why are they still the right person?", rows=2, required=False, mark_optional=False)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    @property
    def warned(self) -> bool:
        """Whether the software warned, so that the page asks why to go on."""
        return bool(self["despite"].errors or self["despite"].value())


class OpenReviewForm(ReviewerForm):
    """Open the review a tier decision asks for; the reviewer may be chosen now or later."""

    method = forms.ChoiceField("How is it carried out?", required_message="Choose how the review is carried out")

    field_order = ("method", "person", "independence", "despite")

    def __init__(self, *args: Any, tier: str, methods: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = [one for one in methods if tier in one.detail.get("tiers", (tier,))]
        listed = [*usual, *(one for one in methods if one not in usual)]
        field: Any = self.fields["method"]
        field.choices = [(one.code, one.label) for one in listed]
        field.hints = {one.code: _method_hint(one, tier) for one in listed}
        if usual and not self.is_bound:
            for_this_tier = min(usual, key=lambda one: len(one.detail.get("tiers", ("A", "B", "C"))))
            self.initial.setdefault("method", for_this_tier.code)
        for name in ("person", "independence"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """A reviewer named now needs the statement now."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("person") and not data.get("independence"):
            self.add_error("independence", "Say how you know that they are independent")
        return data


def _method_hint(method: Choice, tier: str) -> str:
    tiers = method.detail.get("tiers", ())
    usual = "" if not tiers or tier in tiers else f" Usual for tier {' and '.join(tiers)}."
    how_long = f" {method.detail['how_long']}" if method.detail.get("how_long") else ""
    return f"{method.hint}{how_long}{usual}"


class InvolvedForm(forms.Form):
    """Record that somebody on the staff was involved, or that they were not after all."""

    person = forms.RecordField("Who?", label_from=lambda person: person.name, required_message="Choose a person")
    involved = forms.YesNoField("Were they involved in what happened?", initial=True, inline=True)
    how = forms.TextField(
        "How, or why not?",
        max_length=300,
        hint="For example: was on shift, took the call. This is not about fault.",
        required_message="Say how they were involved, or why they were not",
    )

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class SupportForm(forms.Form):
    """Support offered to somebody affected, what they want answered, what they were told."""

    affected = forms.ChoiceField("Who was affected?", choices=Affected, required_message="Choose who was affected")
    who = forms.TextField("Who, without a name?", hint="For example: his sister, the two workers on duty", width=30)
    offered = forms.LongTextField(
        "What was offered?",
        rows=3,
        hint="If nothing could be offered, say why.",
        required_message="Say what was offered",
    )
    questions = forms.LongTextField("What do they want answered?", rows=3, required=False)
    told = forms.LongTextField("What were they told?", rows=3, required=False)


class TimelineEntryForm(forms.Form):
    """Something that happened: when, how well that is known, what, and where it comes from."""

    precision = forms.ChoiceField(
        "How well do you know when?",
        choices=[("exact", "I know the day and time"), ("about", "I know about when"), ("day", "I only know the day")],
        reveals={"exact": ["exactly_at"], "about": ["about_at"], "day": ["on_day"]},
        required_message="Choose how well you know when",
        initial="exact",
    )
    exactly_at = forms.LocalDateTimeField("Day and time", past=True, noun="the day and time")
    about_at = forms.LocalDateTimeField("About when", past=True, noun="about when")
    on_day = forms.DayField("Day", past=True, noun="the day")
    what = forms.LongTextField(
        "What happened, or what was known?",
        rows=3,
        max_length=10_000,
        hint="What people could know at that moment, not what became clear later.",
        required_message="Enter what happened, or what was known",
    )
    source = forms.TextField(
        "Where does this come from?",
        max_length=300,
        hint="For example: care record, note of 3 March; talk with the night worker",
        required_message="Say where this comes from",
    )

    def clean(self) -> dict[str, Any]:
        """The three ways to give the time become one moment."""
        data: dict[str, Any] = super().clean() or {}
        day = data.pop("on_day", None)
        exactly, about = data.pop("exactly_at", None), data.pop("about_at", None)
        data["happened_at"] = exactly or about or (_start_of(day) if day else None)
        return data


class CorrectEntryForm(TimelineEntryForm):
    """Put a timeline entry right, with the reason."""

    reason = forms.LongTextField(
        "How do you know that the entry was wrong?", rows=2, required_message="Say how you know that it was wrong"
    )


def entry_initial(entry: TimelineEntry) -> dict[str, Any]:
    """What the form shows of an entry that is to be put right."""
    field = {"exact": "exactly_at", "about": "about_at", "day": "on_day"}[entry.precision]
    moment: Any = local_day(entry.happened_at) if field == "on_day" else entry.happened_at
    return {"precision": entry.precision, field: moment, "what": entry.what, "source": entry.source}


def _start_of(day: Any) -> datetime:
    moment = resolve_local(day, datetime.min.time(), Occurrence.FIRST)
    if not isinstance(moment, datetime):  # London's clocks have never changed at midnight
        raise TypeError(f"{day} has no midnight in London")
    return moment


class DocumentForm(forms.Form):
    """One required document: its own questions, the decisions it looks at, further words, a file."""

    def __init__(
        self,
        *args: Any,
        required: RequiredDocument,
        decisions: Iterable[ThresholdDecision] = (),
        before: ReviewDocument | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.required_document = required
        self.decisions = list(decisions) if required.kind == DECISION_REVIEW else []
        answered = {one["code"]: one["answer"] for one in before.answers} if before else {}
        seen = {one["decision"]: one for one in before.decisions} if before else {}
        for decision in self.decisions:
            self._ask_view(decision, seen.get(str(decision.pk), {}))
        for question in required.questions:
            self.fields[f"answer_{question['code']}"] = forms.LongTextField(
                question["ask"],
                hint=question.get("hint", ""),
                required=question.get("required", True),
                required_message=f"Answer “{question['ask']}”",
                rows=4,
                initial=answered.get(question["code"], ""),
            )
        self._ask_file(before)

    def _ask_view(self, decision: ThresholdDecision, before: dict[str, str]) -> None:
        words = f"{outcome_words(decision.outcome)}, decided {day_label(local_day(decision.decided_at))}"
        self.fields[f"verdict_{decision.pk}"] = forms.ChoiceField(
            f"Decision: {words}",
            choices=Verdict,
            hint=f"{decision.decided_by_name} wrote: {decision.rationale}",
            required_message="Say whether this decision was sound on what was known then",
            initial=before.get("verdict"),
        )
        self.fields[f"why_{decision.pk}"] = forms.LongTextField(
            "Why do you think so?",
            hint="What was known then, and which guidance there was to use.",
            rows=3,
            required_message="Say why you think so",
            initial=before.get("why", ""),
        )

    def _ask_file(self, before: ReviewDocument | None) -> None:
        is_file = self.required_document.supplied_by == SuppliedBy.FILE
        there = before is not None and before.file is not None
        label = "Put another file in its place" if there else "The file" if is_file else "Attach a file"
        self.fields["upload"] = forms.UploadField(
            label, required=is_file and not there, required_message="Choose the file"
        )
        self.fields["text"] = forms.LongTextField(
            "What does the file hold?" if is_file else "Anything else",
            required=False,
            rows=3,
            initial=before.text if before else "",
        )

    def answers(self) -> dict[str, str]:
        """The answers by question code."""
        return {
            question["code"]: self.cleaned_data[f"answer_{question['code']}"]
            for question in self.required_document.questions
        }

    def views(self) -> dict[UUID, DecisionView]:
        """What the reviewer thinks of each decision, by its id."""
        return {
            decision.pk: DecisionView(
                self.cleaned_data[f"verdict_{decision.pk}"], self.cleaned_data[f"why_{decision.pk}"]
            )
            for decision in self.decisions
        }


class OversightForm(forms.Form):
    """Sign a formal investigation off, or send it back."""

    accepted = forms.YesNoField(
        "Do you sign this review off?",
        yes="Yes, I sign it off",
        no="No, I send it back",
        required_message="Say whether you sign it off or send it back",
    )
    words = forms.LongTextField(
        "What did you test, or what is still lacking?",
        hint="That the terms were met, that the findings follow from the evidence, that the plan answers the findings.",
        rows=4,
        required_message="Say what you tested, or what is still lacking",
    )
    seen = forms.HiddenField(required=False)


class NothingFoundForm(forms.Form):
    """Why nothing about the system was found, in place of findings."""

    because = forms.LongTextField(
        "Why was nothing about the system found?",
        hint="Which conditions you looked for, where you looked, and how you know that none made it more likely.",
        rows=5,
        required_message="Say why nothing about the system was found",
    )


class CompleteForm(forms.Form):
    """Complete the review."""

    summary = forms.LongTextField(
        "What did the review find?",
        hint="A few sentences for people who will not read it whole. No names.",
        rows=5,
        required_message="Enter what the review found",
    )
    nothing_found_because = forms.LongTextField(
        "Why was nothing about the system found?", rows=3, required=False, mark_optional=False
    )

    def __init__(self, *args: Any, asks_why_nothing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_why_nothing:
            del self.fields["nothing_found_because"]
