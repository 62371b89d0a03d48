"""The report form and the small forms about an incident."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.deadlines.rules import Occurrence, resolve_local
from saferpractice.design import forms
from saferpractice.incidents.rules import LONGEST_TEXT, PART_WORDS, Answer, KeptFromReason, Precision, Report
from saferpractice.lists.queries import Choice


def _pairs(choices: Iterable[Choice]) -> list[tuple[str, str]]:
    return [(choice.code, choice.label) for choice in choices]


def _hints(choices: Iterable[Choice]) -> dict[Any, str]:
    return {choice.code: choice.hint for choice in choices if choice.hint}


class ReportForm(forms.Form):
    """The fewest questions that keep people safe. Everything else is asked later, by somebody else."""

    submission_key = forms.HiddenField()
    still_at_risk = forms.ChoiceField(
        "Is anyone still at risk now?",
        choices=Answer,
        inline=True,
        reveals={Answer.YES: ["risk_words"]},
        required_message="Choose whether anyone is still at risk now. If you are not sure, choose “I don't know”",
        hint="If a life is in danger, call 999 first. If you choose “Yes” or “I don't know”, somebody is told at once.",
    )
    risk_words = forms.LongTextField(
        "Who is at risk, and from what?", rows=2, required=False, mark_optional=False, max_length=LONGEST_TEXT
    )
    what_happened = forms.LongTextField(
        "What happened?",
        hint="Write it as you would tell a colleague. A sentence is enough; you can add to it later.",
        rows=6,
        max_length=LONGEST_TEXT,
    )
    occurred_precision = forms.ChoiceField(
        "When did it happen?",
        choices=[
            (Precision.EXACT.value, "I know the day and time"),
            (Precision.ABOUT.value, "I know about when"),
            (Precision.DAY.value, "I only know the day"),
            (Precision.UNKNOWN.value, "I don't know"),
        ],
        reveals={
            Precision.EXACT: ["occurred_exactly_at"],
            Precision.ABOUT: ["occurred_about_at"],
            Precision.DAY: ["occurred_on"],
        },
        required_message="Choose how well you know when it happened",
    )
    occurred_exactly_at = forms.LocalDateTimeField(
        "Day and time", past=True, recent=True, noun="the day and time it happened"
    )
    occurred_about_at = forms.LocalDateTimeField(
        "About when",
        past=True,
        recent=True,
        noun="about when it happened",
        hint="Your best guess, for example 23 11 2026 and 2am",
    )
    occurred_on = forms.DayField("Day", past=True, recent=True, noun="the day it happened")
    team = forms.RecordField(
        "Where did it happen?",
        label_from=lambda team: f"{team.name}, {team.service.name}",
        required_message="Choose the team it happened in",
    )
    person_reference = forms.TextField(
        "Who does it concern?",
        hint="The reference of the person supported, for example P-1042. Leave it empty if you don't know it.",
        required=False,
        max_length=60,
        width=20,
    )
    person_name = forms.TextField(
        "Their name",
        hint="Only if you must. It is locked away, and never shown in lists or e-mails.",
        required=False,
        width=30,
    )
    physical_harm = forms.ChoiceField(
        "Physical harm",
        hint="How badly was their body hurt? Choose what fits best. It can be changed later.",
        required_message="Choose the physical harm that fits best",
    )
    psychological_harm = forms.ChoiceField(
        "Psychological harm",
        hint="How badly were they upset or frightened, or made more unwell in mind?",
        required_message="Choose the psychological harm that fits best",
    )
    done_at_once = forms.LongTextField(
        "What was done at once?",
        rows=3,
        required=False,
        max_length=LONGEST_TEXT,
        hint="Who was called, what was made safe.",
    )
    themes = forms.ManyChoicesField("What is it about?", required=False, hint="Choose any that fit.")
    name_withheld = forms.TickField(
        "Keep my name from colleagues",
        required=False,
        mark_optional=False,
        hint="Only the safeguarding lead and directors can see who reported this.",
    )
    restricted = forms.TickField(
        "Only named people should see this",
        required=False,
        mark_optional=False,
        hint="For example an allegation against somebody who works here. It goes to the safeguarding lead only.",
        reveals=["restricted_reason"],
    )
    restricted_reason = forms.TextField("Why?", required=True, mark_optional=False)

    def __init__(
        self,
        *args: Any,
        teams: QuerySet[Team],
        lists: dict[str, tuple[Choice, ...]],
        own_team: Team | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        if own_team is not None:
            self.fields["team"].initial = own_team.pk
        for name, listed in (
            ("physical_harm", "physical-harm"),
            ("psychological_harm", "psychological-harm"),
            ("themes", "themes"),
        ):
            choose(self.fields[name], lists[listed])

    def report(self) -> Report:
        """The answers as the operation takes them. Only on a valid form."""
        data = self.cleaned_data
        precision = Precision(data["occurred_precision"])
        moment = {
            Precision.EXACT: data["occurred_exactly_at"],
            Precision.ABOUT: data["occurred_about_at"],
            Precision.DAY: start_of_day(data["occurred_on"]) if data["occurred_on"] else None,
            Precision.UNKNOWN: None,
        }[precision]
        return Report(
            what_happened=data["what_happened"],
            occurred_at=moment,
            occurred_precision=precision,
            physical_harm=data["physical_harm"],
            psychological_harm=data["psychological_harm"],
            still_at_risk=data["still_at_risk"],
            risk_words=data["risk_words"],
            done_at_once=data["done_at_once"],
            person_reference=data["person_reference"],
            person_name=data["person_name"],
            themes=tuple(data["themes"]),
            name_withheld=data["name_withheld"],
            restricted=data["restricted"],
            restricted_reason=data["restricted_reason"] or "",
        )


class HarmForm(forms.Form):
    """Grade the harm again."""

    physical_harm = forms.ChoiceField("Physical harm", required_message="Choose the physical harm that fits best")
    psychological_harm = forms.ChoiceField(
        "Psychological harm", required_message="Choose the psychological harm that fits best"
    )
    reason = forms.LongTextField(
        "What is known now that changes the grading?", rows=3, required_message="Say what is known now"
    )

    def __init__(self, *args: Any, lists: dict[str, tuple[Choice, ...]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self.fields["physical_harm"], lists["physical-harm"])
        choose(self.fields["psychological_harm"], lists["psychological-harm"])


class CorrectionForm(forms.Form):
    """Put a correction, or something learnt later, beside the report."""

    part = forms.SelectField("What do you want to correct or add to?", choices=list(PART_WORDS.items()))
    text = forms.LongTextField(
        "The correction, or what you have learnt", max_length=LONGEST_TEXT, required_message="Enter the correction"
    )
    reason = forms.LongTextField("How do you know?", rows=2, required_message="Say how you know")


class RestrictionForm(forms.Form):
    """Restrict an incident to named people, or lift that: ``wanted`` is what the page offered when it was opened.

    Sent twice, or from a page that stood open while somebody else decided, it must never do the opposite.
    """

    RESTRICTED, OPEN = "restricted", "open"

    wanted = forms.HiddenField(required=False)
    reason = forms.LongTextField("Why?", rows=3, required_message="Say why")

    @property
    def restricts(self) -> bool:
        """Whether the page offers to restrict."""
        return bool(self["wanted"].value() == self.RESTRICTED)

    def clean(self) -> dict[str, Any] | None:
        """What was offered must be known."""
        if self.cleaned_data.get("wanted") not in {self.RESTRICTED, self.OPEN}:
            raise forms.ValidationError("Go back, open this page again and decide there.")
        return super().clean()


class WithdrawalForm(forms.Form):
    """Withdraw an incident that should not stand."""

    reason = forms.LongTextField(
        "Why should it not stand?",
        rows=3,
        required_message="Say why it should not stand",
        hint="If it was reported twice, name the incident that stays",
    )


class NamePersonForm(forms.Form):
    """Let somebody into an incident by name."""

    person = forms.RecordField("Who?", label_from=lambda person: person.name, required_message="Choose a person")
    reason = forms.TextField("Why do they need to see it?", required_message="Say why they need to see it")

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class KeepFromForm(forms.Form):
    """Keep somebody from ever reading an incident."""

    person = forms.RecordField("Who?", label_from=lambda person: person.name, required_message="Choose a person")
    because = forms.ChoiceField("Why?", choices=KeptFromReason, required_message="Choose why")

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


def start_of_day(day: date) -> datetime:
    """The moment (UTC) at which a London day begins; stands for "some time on this day"."""
    moment = resolve_local(day, time(0), Occurrence.FIRST)
    if not isinstance(moment, datetime):  # London's clocks have never changed at midnight
        raise TypeError(f"{day} has no midnight in London")
    return moment


def choose(field: Any, choices: Iterable[Choice]) -> None:
    """Give a choosing field the entries of a list, each with its hint."""
    listed = list(choices)
    field.choices = _pairs(listed)
    field.hints = _hints(listed)
