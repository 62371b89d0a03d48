"""The forms about days off and about who is told when work is late."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Person, Service
from saferpractice.access.rules import Role
from saferpractice.deadlines.rules import (
    LONGEST_HOURS,
    MAY_BE_TOLD,
    MOST_LEVELS,
    OWNER,
    EscalationChain,
    hours_of,
    make_chain,
)
from saferpractice.design import forms


class DayOffForm(forms.Form):
    """Make a day a day off. ``seen`` is the day whose consequences the page showed."""

    day = forms.DayField("Which day?", future=True, noun="the day", hint="It must be a day that is usually worked")
    reason = forms.TextField(
        "Why is it a day off?",
        hint="For example the name of a bank holiday that was announced late",
        required_message="Say why it is a day off",
    )
    seen = forms.HiddenField(required=False)


class WorkedAgainForm(forms.Form):
    """Make a day off a working day again."""

    reason = forms.TextField(
        "Why is it a working day after all?", required_message="Say why it is a working day after all"
    )


class GoBackForm(forms.Form):
    """Go back to the chain that would hold without a decision."""

    reason = forms.TextField("Why?", max_length=300, required_message="Say why, so that the next administrator knows")


class CoverForm(forms.Form):
    """Put a director on call."""

    person = forms.RecordField(
        "Which director?", label_from=lambda person: person.name, required_message="Choose who is on call"
    )
    service = forms.RecordField(
        "For which service?", label_from=lambda service: service.name, empty="Every service", required=False
    )
    from_at = forms.LocalDateTimeField("From when?", noun="when it begins")
    until_at = forms.LocalDateTimeField("Until when?", noun="when it ends")

    def __init__(self, *args: Any, people: QuerySet[Person], services: QuerySet[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


class OffCallForm(forms.Form):
    """Take an entry off the rota."""

    reason = forms.TextField("Why?", max_length=300, required_message="Say why, so that whoever looks next knows")


def _told(label: str, *, required: bool) -> forms.ManyChoicesField:
    choices = [(OWNER, "Whoever owes it"), *((role, Role(role).label) for role in MAY_BE_TOLD)]
    return forms.ManyChoicesField(
        label, choices=choices, required=required, required_message="Choose who is told at this level"
    )


def _hours(level: int, *, required: bool) -> forms.NumberField:
    return forms.NumberField(
        f"Level {level}: how many hours after the deadline?",
        required=required,
        min_value=1,
        max_value=LONGEST_HOURS,
        width=3,
        suffix="hours",
        required_message=f"Enter after how many hours level {level} is told",
    )


class ChainForm(forms.Form):
    """Who is told at each level. Levels 3 and 4 may be left out."""

    level_1 = _told("Level 1: who is told as soon as it is late?", required=True)
    hours_2 = _hours(2, required=True)
    level_2 = _told("Level 2: who is told?", required=True)
    hours_3 = _hours(3, required=False)
    level_3 = _told("Level 3: who is told?", required=False)
    hours_4 = _hours(4, required=False)
    level_4 = _told("Level 4: who is told?", required=False)
    reason = forms.TextField(
        "Why is it set like this?", max_length=300, required_message="Say why, so that the next administrator knows"
    )

    @staticmethod
    def initial_of(chain: EscalationChain) -> dict[str, Any]:
        """What the form shows of a chain."""
        told = {f"level_{step.level}": list(step.to_roles) for step in chain.steps}
        return told | {f"hours_{step.level}": hours_of(step) for step in chain.steps if step.level > 1}

    def clean(self) -> dict[str, Any]:
        """A level has both its hours and its people, and none is left out before another."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        empty = 0
        for level in range(3, MOST_LEVELS + 1):
            hours, told = data.get(f"hours_{level}"), data.get(f"level_{level}")
            if told and hours is None and f"hours_{level}" not in self.errors:
                self.add_error(f"hours_{level}", f"Enter after how many hours level {level} is told")
            if hours is not None and not told:
                self.add_error(f"level_{level}", f"Choose who is told at level {level}, or take its hours out")
            if told and empty:
                self.add_error(f"level_{empty}", f"Set level {empty} before level {level}")
            empty = empty or (0 if told else level)
        return data

    def chain(self) -> EscalationChain:
        """The chain as set. Only on a valid form."""
        data = self.cleaned_data
        levels = [(data.get(f"hours_{n}") or 0, data[f"level_{n}"]) for n in range(1, MOST_LEVELS + 1)]
        return make_chain([(hours, told) for hours, told in levels if told])
