"""The form of what is recorded of a person for the equity view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.incidents.rules import UNGROUPED, Characteristic


class CharacteristicsForm(forms.Form):
    """One question for each characteristic that the provider records. Nothing must be answered."""

    mark_optional = False

    def __init__(self, *args: Any, groups: Mapping[Characteristic, Mapping[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for what, labels in groups.items():
            answers = [*labels.items(), *UNGROUPED.items()]
            self.fields[what.value] = forms.SelectField(what.label, choices=answers, empty="Not asked", required=False)

    def answers(self) -> dict[Characteristic, str]:
        """What was chosen. Only on a valid form."""
        return {Characteristic(name): code for name, code in self.cleaned_data.items()}
