"""The plan of an impact check, and its results."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from saferpractice.assurance.models import ImpactPlan, PlannedLook
from saferpractice.assurance.operations import SERVES, Declared
from saferpractice.assurance.rules import Direction, Kind
from saferpractice.design import forms

HUNDRED = Decimal(100)


def smallest_as_percent(plan: ImpactPlan) -> Decimal:
    """The smallest worthwhile effect as a person types it: per cent of fall or rise, or percentage points."""
    effect = plan.smallest_effect if plan.kind == Kind.PROPORTION else abs(1 - plan.smallest_effect)
    # "normalize" alone would show 30 as 3E+1.
    return Decimal(f"{(effect * HUNDRED).normalize():f}")


def smallest_from_percent(percent: Decimal, kind: Kind, direction: Direction) -> Decimal:
    """The smallest worthwhile effect as the rules read it, from what a person typed."""
    if kind is Kind.PROPORTION:
        return percent / HUNDRED
    return 1 - percent / HUNDRED if direction is Direction.REDUCE else 1 + percent / HUNDRED


class PlanForm(forms.Form):
    """Declared before any result is seen."""

    submission_key = forms.HiddenField()
    measure = forms.TextField(
        "What will show it?",
        hint="In words, for example: late escalations after a second missed contact",
        required_message="Enter what will show it",
    )
    definition = forms.LongTextField(
        "How is it counted?",
        rows=3,
        hint="Exactly what counts and where it is read, so that two people would count the same.",
        required_message="Enter how it is counted",
    )
    serves = forms.ChoiceField(
        "What does it test?", choices=tuple(SERVES.items()), required_message="Choose what it tests"
    )
    kind = forms.ChoiceField(
        "What kind of number is it?",
        choices=[
            (Kind.RATE.value, "Events over time or contacts"),
            (Kind.PROPORTION.value, "Records that meet a standard, of records read"),
        ],
        hints={
            Kind.RATE.value: "For example incidents a month. Two a year can hardly ever show a fall: choose records.",
            Kind.PROPORTION.value: "For example 18 of 20 notes complete",
        },
        required_message="Choose what kind of number it is",
    )
    exposure = forms.TextField(
        "Counted in or out of what?",
        hint="For events: months, or contacts. For records: escalation notes, referrals.",
        width=20,
        max_length=60,
        required_message="Enter what it is counted in, for example months or records",
    )
    counts_incidents = forms.TickField(
        "It counts reported incidents",
        required=False,
        mark_optional=False,
        hint="Better reporting raises such a count.",
    )
    direction = forms.ChoiceField(
        "Which way is better?",
        choices=[(Direction.REDUCE.value, "Fewer or lower"), (Direction.INCREASE.value, "More or higher")],
        inline=True,
        required_message="Choose which way is better",
    )
    smallest_percent = forms.DecimalField(
        "What is the smallest improvement worth having?",
        suffix="%",
        min_value=1,
        max_value=1000,
        hint="A fall or rise in per cent; for records, percentage points.",
        required_message="Enter the smallest improvement worth having, like 30",
        noun="the smallest improvement",
    )
    baseline_from = forms.DayField("Baseline from", noun="the first day of the baseline")
    baseline_to = forms.DayField(
        "Baseline to",
        noun="the last day of the baseline",
        hint="Twelve months before the change is best. Leave out the bad spell that led to it.",
    )
    roll_in_from = forms.DayField("First team starts on", noun="the day the first team starts")
    roll_in_to = forms.DayField("Last team starts on", noun="the day the last team starts")
    look_1 = forms.DayField("First look", noun="the day of the first look")
    look_2 = forms.DayField("Second look", required=False, noun="the day of the second look")
    look_3 = forms.DayField("Third look", required=False, noun="the day of the third look")
    primary = forms.YesNoField(
        "Does this one decide whether the change worked?",
        yes="Yes, it is the primary measure",
        no="No, it supports another",
        required_message="Choose whether it is the primary measure",
    )

    PROBLEM_FIELDS = {"looks": "look_1", "smallest_effect": "smallest_percent"}

    @classmethod
    def initial_from(cls, plan: ImpactPlan) -> dict[str, Any]:
        """What an amendment starts from."""
        looks = sorted(look.on for look in plan.looks.all())
        return {
            **{
                name: getattr(plan, name)
                for name in (
                    "measure",
                    "definition",
                    "serves",
                    "kind",
                    "exposure",
                    "counts_incidents",
                    "direction",
                    "baseline_from",
                    "baseline_to",
                    "roll_in_from",
                    "roll_in_to",
                    "primary",
                )
            },
            "smallest_percent": smallest_as_percent(plan),
            **{f"look_{number}": on for number, on in enumerate(looks[:3], start=1)},
        }

    def declared(self) -> Declared:
        """The plan as the operation takes it. Only on a valid form."""
        data = self.cleaned_data
        return self.declared_of(
            measure=data["measure"],
            definition=data["definition"],
            kind=Kind(data["kind"]),
            exposure=data["exposure"],
            counts_incidents=data["counts_incidents"],
        )

    def declared_of(self, *, kind: Kind, **counted: Any) -> Declared:
        """The plan with what is counted given: the parts of it that every plan asks for. Only on a valid form."""
        data = self.cleaned_data
        direction = Direction(data["direction"])
        return Declared(
            serves=data["serves"],
            kind=kind,
            direction=direction,
            baseline_from=data["baseline_from"],
            baseline_to=data["baseline_to"],
            roll_in_from=data["roll_in_from"],
            roll_in_to=data["roll_in_to"],
            smallest_effect=smallest_from_percent(data["smallest_percent"], kind, direction),
            looks=tuple(data[name] for name in ("look_1", "look_2", "look_3") if data[name]),
            primary=data["primary"],
            **counted,
        )


class AmendForm(PlanForm):
    """A plan amended, with the reason."""

    why = forms.LongTextField(
        "Why is the plan amended?",
        rows=2,
        hint="It stands beside the verdict. After the first look it makes the check exploratory.",
        required_message="Say why the plan is amended",
    )


class ResultForm(forms.Form):
    """What was counted, for the baseline or a look that has come."""

    look = forms.ChoiceField("Which results are these?", required_message="Choose which results these are")
    from_audit = forms.SelectField(
        "Take the numbers from an audit",
        required=False,
        empty="No, I enter them below",
        hint="Then leave the numbers below empty: they and their source are the audit’s.",
    )
    count = forms.NumberField("How many?", required_message="Enter how many")
    out_of = forms.DecimalField("Out of how many?", min_value=0, required_message="Enter out of how many")
    index_events = forms.NumberField(
        "How many of them led to the change?",
        required=False,
        hint="Baseline only. They are left out: a bad spell is no ordinary year. Enter 0 if that was done.",
    )
    definition_changed = forms.TickField(
        "It was counted differently from the plan", required=False, mark_optional=False
    )
    unstable = forms.TickField(
        "The figures were already moving up or down before the change", required=False, mark_optional=False
    )
    source = forms.LongTextField(
        "Where do the numbers come from?",
        rows=2,
        hint="The audit or report, who counted, and when.",
        required_message="Say where the numbers come from",
    )

    def __init__(
        self, *args: Any, plan: ImpactPlan, looks: list[PlannedLook], audits: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if plan.kind == Kind.PROPORTION and audits:
            self.fields["from_audit"].choices = [("", ""), *audits]  # type: ignore[attr-defined]
            if self.data.get("from_audit"):
                for name in ("count", "out_of", "source"):
                    self.fields[name].required = False
        else:
            del self.fields["from_audit"]
        self.fields["look"].choices = [  # type: ignore[attr-defined]
            ("baseline", "The baseline"),
            *((str(look.pk), f"The look on {look.on:%-d %B %Y}") for look in looks),
        ]
        self.fields["count"].label = (
            "How many events?" if plan.kind == Kind.RATE else f"How many {plan.exposure} met the standard?"
        )
        self.fields["out_of"].label = (
            f"In how many {plan.exposure}?" if plan.kind == Kind.RATE else f"How many {plan.exposure} were read?"
        )
        if plan.kind == Kind.PROPORTION:
            del self.fields["index_events"]
