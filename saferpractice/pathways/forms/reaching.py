"""The form of how a person wants to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.forms import Field

from saferpractice.design import forms
from saferpractice.incidents.rules import LONGEST_DETAIL, MOST_WAYS, ContactMethod, Way


class WaysForm(forms.Form):
    """How the person wants to be reached, the way they like best first. A row without a method is no way."""

    mark_optional = False
    from_on = forms.DayField("From which day does this hold?", future=True, noun="the day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: dict[str, Field] = {}
        for number in range(1, MOST_WAYS + 1):
            label = "The way they like best" if number == 1 else f"Way {number}"
            methods = [(way.value, way.label) for way in ContactMethod]
            asked[f"method_{number}"] = forms.SelectField(label, choices=methods, empty="No way", required=False)
            asked[f"detail_{number}"] = forms.TextField(
                f"Number, address or name for way {number}", required=False, max_length=LONGEST_DETAIL
            )
            asked[f"note_{number}"] = forms.TextField(
                f"What to mind with way {number}", required=False, max_length=LONGEST_DETAIL
            )
        self.fields = {**asked, **self.fields}

    @staticmethod
    def initial_of(ways: Sequence[Way], today: date) -> dict[str, Any]:
        """What the form shows of a list."""
        found: dict[str, Any] = {"from_on": today}
        for number, way in enumerate(ways, start=1):
            found |= {f"method_{number}": way.method.value, f"detail_{number}": way.detail, f"note_{number}": way.note}
        return found

    def clean(self) -> dict[str, Any]:
        """A number without a method is a mistake, not nothing; and ways stand one after the other."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, MOST_WAYS + 1):
            if not data.get(f"method_{number}") and (data.get(f"detail_{number}") or data.get(f"note_{number}")):
                self.add_error(f"method_{number}", "Choose how, or take out what is written below it")
        return data

    def ways(self) -> list[Way]:
        """The ways in order. Only on a valid form."""
        data = self.cleaned_data
        return [
            Way(ContactMethod(data[f"method_{n}"]), data[f"detail_{n}"].strip(), data[f"note_{n}"].strip())
            for n in range(1, MOST_WAYS + 1)
            if data.get(f"method_{n}")
        ]

    def moved_up(self, number: int) -> dict[str, list[str]]:
        """What was typed, with a way in the place of the one above it: to show again, not to keep."""
        typed = self.typed()
        if 2 <= number <= MOST_WAYS:
            for part in ("method", "detail", "note"):
                above, below = f"{part}_{number - 1}", f"{part}_{number}"
                typed[above], typed[below] = typed.get(below, [""]), typed.get(above, [""])
        return typed
