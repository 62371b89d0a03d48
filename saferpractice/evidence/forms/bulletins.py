"""The form of a learning bulletin."""

from __future__ import annotations

from typing import Any

from saferpractice.design import forms
from saferpractice.evidence.forms.lessons import NO_NAMES, ConfirmedForm
from saferpractice.evidence.rules.bulletin import PARTS, problems_of_bulletin


class BulletinForm(ConfirmedForm):
    """What a quarter taught, in plain words. ``edition`` is the number of what is written here."""

    typed_in = tuple(PARTS)
    field_order = ("submission_key", "edition", *PARTS, "stays", "read")

    submission_key = forms.HiddenField(required=False)
    edition = forms.HiddenField(required=False)
    learned = forms.LongTextField(
        PARTS["learned"],
        hint=f"One thing to a line, in short sentences. {NO_NAMES}",
        required_message="Enter what you learned",
    )
    different = forms.LongTextField(
        PARTS["different"],
        hint="What people do that they did not do before.",
        required_message="Enter what is different now",
    )
    worked = forms.LongTextField(
        PARTS["worked"], hint="Say honestly what a check showed, whichever way.", required=False
    )
    ask = forms.LongTextField(PARTS["ask"], required=False, rows=3)

    def clean(self) -> dict[str, Any]:
        """Ask for a page that can be read by everybody."""
        given = super().clean()
        for name, sentence in problems_of_bulletin(self.words()).items():
            if name not in self.errors:
                self.add_error(name or None, sentence)
        return given

    def words(self) -> dict[str, str]:
        """The parts as they were typed."""
        return {name: str(self.cleaned_data.get(name) or "") for name in PARTS}

    def number(self) -> int:
        """The edition that was written; 0 when somebody changed the field."""
        sent = str(self.cleaned_data.get("edition") or "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
