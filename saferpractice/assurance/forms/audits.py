"""Forms of audits: the size, the plan, the list, the seed, ending a plan, and the filter of the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.assurance.operations import AuditDeclared
from saferpractice.assurance.queries.audit_populations import read_choice
from saferpractice.assurance.queries.audits import AuditFilter
from saferpractice.assurance.rules.audits import MOST_QUESTIONS, NUMBERS, About, Answer, Claim, Question
from saferpractice.assurance.rules.sampling import Against
from saferpractice.design import forms

HUNDRED = Decimal(100)
_PERCENT: dict[str, Any] = {"suffix": "%", "min_value": 0, "max_value": 100, "width": 5}
CLAIM_HINTS = {
    Claim.DISCOVERY.value: "For what must not go wrong. The smallest sample in which one failure would have shown.",
    Claim.DECISION.value: "For a step that should nearly always be done. A few failures are allowed.",
    Claim.ESTIMATE.value: "For a figure to report or to compare with the last audit.",
}


class ClaimForm(forms.Form):
    """What the sample is to allow somebody to say, in plain numbers."""

    claim = forms.ChoiceField(
        "What do you want to be able to say?",
        choices=[(one.value, one.label) for one in Claim],
        hints=CLAIM_HINTS,
        reveals={one.value: list(names) for one, names in NUMBERS.items()},
        required_message="Choose what you want to be able to say",
    )
    tolerable = forms.DecimalField(
        "Fewer than how many fail?",
        hint="For example 10: you want to show that fewer than 10% fail.",
        required_message="Enter what share would be too many, like 10",
        **_PERCENT,
    )
    acceptable = forms.DecimalField(
        "How many may fail while all is well?",
        hint="For example 5",
        required_message="Enter what share may fail, like 5",
        **_PERCENT,
    )
    unacceptable = forms.DecimalField(
        "How many failing is too many?",
        hint="For example 25. The wider the gap, the fewer records.",
        required_message="Enter what share is too many, like 25",
        **_PERCENT,
    )
    wrongly_failed = forms.DecimalField(
        "How often may good practice be failed by chance?",
        initial=10,
        required_message="Enter how often good practice may be failed, like 10",
        **_PERCENT,
    )
    wrongly_passed = forms.DecimalField(
        "How often may bad practice pass by chance?",
        initial=10,
        required_message="Enter how often bad practice may pass, like 10",
        **_PERCENT,
    )
    expected = forms.DecimalField(
        "About how many do you expect to meet the standard?",
        hint="Enter 50 if you do not know: that takes most records.",
        required_message="Enter about how many you expect, like 80",
        **_PERCENT,
    )
    half_width = forms.DecimalField(
        "Give or take how much?",
        hint="In percentage points, for example 10",
        required_message="Enter how exact it must be, like 10",
        **_PERCENT,
    )

    def claimed(self) -> tuple[Claim, dict[str, Decimal]]:
        """The claim and its numbers. Only on a valid form."""
        claim = Claim(self.cleaned_data["claim"])
        return claim, {name: self.cleaned_data[name] for name in NUMBERS[claim]}


class SizeForm(ClaimForm):
    """How many records a claim takes. A GET form: every answer stands in the address, so it works without scripts."""

    mark_optional = False
    population = forms.NumberField(
        "About how many such records are there in the period?",
        min_value=1,
        max_value=5000,
        width=5,
        required_message="Enter about how many records there are, like 80",
    )


class AuditPlanForm(ClaimForm):
    """A plan, declared before any record is drawn."""

    submission_key = forms.HiddenField()
    title = forms.TextField(
        "What is audited?",
        hint="For example: consultations in the new form",
        required_message="Enter what is audited",
    )
    records = forms.SelectField(
        "Which records are read?",
        hint="Those of the teams the change must reach, of a period you choose each time.",
        required_message="Choose which records are read",
    )
    target = forms.DecimalField(
        "What share must meet the standard?",
        hint="The target the answer is given against, for example 90",
        required_message="Enter the target, like 90",
        **_PERCENT,
    )
    read_by_two = forms.YesNoField(
        "Do two auditors read each record?",
        hint="Neither sees the other’s answers until both are done. It shows whether a question is understood alike.",
        yes="Yes, two",
        no="No, one",
        required_message="Choose how many auditors read each record",
    )
    by_team = forms.YesNoField(
        "Must every team be spoken for?",
        hint="Then each team is drawn for by itself, at least one record each, and the estimate is weighted.",
        required_message="Choose whether every team must be spoken for",
    )
    months = forms.NumberField(
        "Audit again after how many months?",
        min_value=1,
        max_value=24,
        initial=3,
        width=3,
        required_message="Enter after how many months it is audited again, like 3",
    )
    first_on = forms.DayField(
        "First result by which day?",
        noun="the day of the first result",
        hint="The owner of the change owes it by then.",
        required_message="Enter the day of the first result",
    )

    def __init__(self, *args: Any, records: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["records"].choices = [("", ""), *records]  # type: ignore[attr-defined]
        for number in range(1, MOST_QUESTIONS + 1):
            self.fields |= _question_fields(number)

    def clean(self) -> dict[str, Any]:
        """A question begun must be finished."""
        data = super().clean() or {}
        for number in range(2, MOST_QUESTIONS + 1):
            begun = any(data.get(f"{name}_{number}") for name in ("ask", "look_for", "meets", "about"))
            for name, advice in (("ask", "Enter the question"), ("meets", "Choose the answer that meets the standard"),
                                 ("about", "Choose what it tests")):  # fmt: skip
                if begun and not data.get(f"{name}_{number}"):
                    self.add_error(f"{name}_{number}", f"{advice}, or clear question {number}")
        return data

    def declared(self) -> AuditDeclared:
        """The plan as the operation takes it. Only on a valid form."""
        data = self.cleaned_data
        source, filters = read_choice(data["records"])
        claim, numbers = self.claimed()
        asked = [number for number in range(1, MOST_QUESTIONS + 1) if data.get(f"ask_{number}")]
        return AuditDeclared(
            title=data["title"],
            questions=tuple(
                Question(
                    code=f"q{place}",
                    ask=data[f"ask_{number}"],
                    look_for=data[f"look_for_{number}"],
                    meets=Answer(data[f"meets_{number}"]),
                    about=About(data[f"about_{number}"]),
                    may_not_apply=data[f"may_not_apply_{number}"],
                )
                for place, number in enumerate(asked, start=1)
            ),
            source=source,
            filters=filters,
            claim=claim,
            numbers=numbers,
            target=data["target"] / HUNDRED,
            read_by_two=data["read_by_two"],
            by_team=data["by_team"],
            months=data["months"],
            first_on=data["first_on"],
        )


def _question_fields(number: int) -> dict[str, Any]:
    """One question of the set; only the first must be there."""
    first = number == 1
    common: dict[str, Any] = {"required": first, "mark_optional": False}
    return {
        f"ask_{number}": forms.TextField(
            f"Question {number}",
            max_length=300,
            hint="With a yes or a no as its answer. For example: are all four parts of the note filled in?"
            if first
            else "",
            required_message="Enter at least one question",
            **common,
        ),
        f"look_for_{number}": forms.LongTextField(
            "What to look for",
            rows=2,
            max_length=1000,
            hint="So that two auditors would answer the same." if first else "",
            required_message="Enter what to look for",
            **common,
        ),
        f"meets_{number}": forms.ChoiceField(
            "Which answer meets the standard?",
            choices=[(one.value, one.label) for one in (Answer.YES, Answer.NO)],
            inline=True,
            required_message="Choose the answer that meets the standard",
            **common,
        ),
        f"about_{number}": forms.ChoiceField(
            "What does it test?",
            choices=[(one.value, one.label) for one in About],
            inline=True,
            required_message="Choose what it tests",
            **common,
        ),
        f"may_not_apply_{number}": forms.TickField(
            "It does not apply to every record", required=False, mark_optional=False
        ),
    }


class FreezeForm(forms.Form):
    """The period whose records are listed."""

    period_from = forms.DayField("Records from", noun="the first day", required_message="Enter the first day")
    period_to = forms.DayField(
        "Records to", noun="the last day", hint="A day before today", required_message="Enter the last day"
    )


class SeedForm(forms.Form):
    """The seed, known to nobody before the list was frozen."""

    came_from = forms.ChoiceField(
        "Where does it come from?",
        choices=[("dice", "Dice thrown before others"), ("published", "A value published on a later day")],
        hints={
            "dice": "Six dice or more, for example in the quality meeting",
            "published": "For example the numbers of a lottery of a day after the list was frozen",
        },
        reveals={"published": ["published_on"]},
        required_message="Choose where the seed comes from",
    )
    published_on = forms.DayField(
        "For which day was it published?", noun="the day", required_message="Enter the day for which it was published"
    )
    seed = forms.TextField(
        "The seed",
        width=20,
        max_length=200,
        hint="Exactly as thrown or published, such as 4 1 6 2 5 3. It cannot be entered twice.",
        required_message="Enter the seed",
    )
    words = forms.TextField(
        "Who saw it, or where can it be looked up?",
        max_length=300,
        required_message="Say who saw the dice, or where it was published",
    )


class EndForm(forms.Form):
    """A plan ended."""

    reason = forms.LongTextField(
        "Why is nothing more audited by this plan?", rows=3, required_message="Say why nothing more is audited by it"
    )


class AuditFilterForm(forms.Form):
    """What the list of audits shows. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    q = forms.TextField("Search", required=False, max_length=100)
    answer = forms.SelectField(
        "Newest answer",
        choices=[("", ""), *((one.value, one.value.capitalize()) for one in Against), ("none", "No result yet")],
        empty="Any",
        required=False,
    )
    team = forms.RecordField("Team", label_from=lambda team: team.name, empty="Any", required=False)

    def __init__(self, data: Mapping[str, Any], *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def wanted(self) -> AuditFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return AuditFilter(
            words=data.get("q") or "",
            answer=data.get("answer") or "",
            team_id=data["team"].pk if data.get("team") else None,
        )


class ScoreForm(forms.Form):
    """One record read: an answer to each question, or why it cannot be audited."""

    def __init__(self, *args: Any, questions: Iterable[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {
            one.code: forms.ChoiceField(
                one.ask,
                choices=[(each.value, each.label) for each in one.answers],
                hint=f"Look for: {one.look_for}",
                inline=True,
                required=False,
                mark_optional=False,
            )
            for one in questions
        }
        self.codes = tuple(asked)
        self.fields = {**asked, **self.fields}

    cannot = forms.TickField("This record cannot be audited", required=False, mark_optional=False, reveals=["why_not"])
    why_not = forms.TextField(
        "Why not?",
        hint="It stays in the report, and the next record in rank is read in its place.",
        max_length=300,
        required_message="Say why it cannot be audited",
    )
    remark = forms.LongTextField("Remark", required=False, rows=2, max_length=2000, hint="Without anybody’s name")

    def answered(self) -> dict[str, Any]:
        """What was read, as the operation takes it. Only on a valid form."""
        data = self.cleaned_data
        answers = {code: data[code] for code in self.codes if data.get(code)}
        return {"answers": answers, "why_not": data["why_not"] if data["cannot"] else ""}


class SettleForm(ScoreForm):
    """What counts where two auditors differ, with the reason."""

    reason = forms.LongTextField("Why is this what counts?", rows=3, required_message="Say why this is what counts")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["remark"]


class FollowUpForm(forms.Form):
    """What is done about a record that does not meet the standard."""

    track = forms.YesNoField(
        "Track an action?",
        yes="Yes",
        no="No, and I say why",
        reveals={True: ["what", "owner", "due_on"], False: ["why_none"]},
        required_message="Choose whether an action is tracked",
    )
    what = forms.LongTextField(
        "What must be done?",
        rows=3,
        hint="Say it so that anybody could tell whether it is done.",
        required_message="Enter what must be done",
    )
    owner = forms.RecordField(
        "Who must do it?", label_from=lambda person: person.name, required_message="Choose who must do it"
    )
    due_on = forms.DayField(
        "By which day?", future=True, noun="The day it is due", required_message="Enter the day it is due"
    )
    why_none = forms.LongTextField("Why is none needed?", rows=2, required_message="Say why none is needed")

    def __init__(self, *args: Any, owners: QuerySet[Person], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, now=now, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
