"""The plan of an impact check that reads a measure of this system: its numbers are never typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from saferpractice.assurance.forms.impact import PlanForm
from saferpractice.assurance.forms.measures import LENGTHS
from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.operations import Declared, Own
from saferpractice.assurance.queries.measures.places import Placed
from saferpractice.assurance.queries.own_measures import own_of
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.assurance.rules.own_measures import words_of_plan
from saferpractice.design import forms


class OwnPlanForm(PlanForm):
    """Declared before any result is seen. What is counted, and how, the measure itself says."""

    measure = definition = kind = exposure = counts_incidents = None  # type: ignore[assignment]
    own_measure = forms.SelectField(
        "Which measure will show it?",
        choices=[],
        hint="Times are judged by the share that was met in time. For rare incidents choose a share: two a year can "
        "hardly ever show a fall.",
        required_message="Choose the measure that will show it",
    )
    place = forms.SelectField(
        "Whose numbers?",
        choices=[],
        hint="Places that the change reaches.",
        required_message="Choose whose numbers are read",
    )
    length = forms.ChoiceField(
        "Charts by",
        choices=[(each.value, words) for each, words in LENGTHS.items()],
        hint="From 12 periods before and 8 after, it is looked at whether a trend was there already.",
        inline=True,
        required_message="Choose the length of a period",
    )
    compared_with = forms.SelectField(
        "Which team shall stand beside it?",
        choices=[],
        required=False,
        empty="None",
        hint="A team without the change. What happens there too is not the change’s doing.",
    )

    def __init__(
        self, *args: Any, measures: Sequence[Defined], places: Sequence[Placed], others: Sequence[Placed], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.measures = {each.key: each for each in measures}
        self.places = {each.code: each for each in places}
        offered: dict[str, list[tuple[str, str]]] = {
            "own_measure": [(each.key, f"{each.section}: {each.measure.name}") for each in measures],
            "place": [(each.code, each.name) for each in places],
            "compared_with": [(each.code, each.name) for each in others],
        }
        for name, choices in offered.items():
            self.fields[name].choices = [("", ""), *choices]  # type: ignore[attr-defined]
        if not others:
            del self.fields["compared_with"]

    @classmethod
    def initial_from(cls, plan: ImpactPlan) -> dict[str, Any]:
        """What an amendment starts from."""
        found, own = super().initial_from(plan), own_of(plan)
        if own is None:
            return found
        return found | {
            "own_measure": own.measure_key,
            "place": str(own.team_id or own.service_id or "all"),
            "length": own.length,
            "compared_with": str(own.compared_with_id or ""),
        }

    def declared(self) -> Declared:
        """The plan as the operation takes it. Only on a valid form."""
        data = self.cleaned_data
        length = Length(data["length"])
        return self.declared_of(
            **asdict(words_of_plan(self.measures[data["own_measure"]], length)),
            own=Own(
                measure_key=data["own_measure"],
                place=self.places[data["place"]].place,
                length=length,
                compared_with=UUID(data["compared_with"]) if data.get("compared_with") else None,
            ),
        )


class OwnAmendForm(OwnPlanForm):
    """Such a plan amended, with the reason."""

    why = forms.LongTextField(
        "Why is the plan amended?",
        rows=2,
        hint="It stands beside the verdict. After the first look it makes the check exploratory.",
        required_message="Say why the plan is amended",
    )
