"""Forms of publishing to commissioners: which changes are told, and a target of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.http import QueryDict

from saferpractice.design import forms
from saferpractice.design.words import lower_first
from saferpractice.evidence.queries.to_publish import Told
from saferpractice.evidence.rules.commissioning.published import Learned
from saferpractice.evidence.rules.thematic.quarters import Quarter, quarter_from

ENDED = "ended"


class PublishForm(forms.Form):
    """Which changes are told outside by their titles."""

    changes = forms.ManyChoicesField(
        "Which of these changes are told, by their titles?",
        required=False,
        hint="Read each title as a stranger would: it must name nobody, and nobody must know themselves in it.",
    )
    read = forms.TickField(
        "I have read the numbers and the titles above, and they are fit to be read outside",
        required_message="Tick that you have read them",
    )

    def __init__(self, *args: Any, offered: Iterable[Told], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = {str(one.change_id): one.learned for one in offered}
        if found:
            self.fields["changes"].choices = [(pk, one.title) for pk, one in found.items()]  # type: ignore[attr-defined]
            self.fields["changes"].hints = {pk: _beside(one) for pk, one in found.items()}  # type: ignore[attr-defined]
        else:
            del self.fields["changes"]

    def clean(self) -> dict[str, Any]:
        """A change that was chosen must not get lost where none is offered any more: a quarter is published once."""
        chosen = self.data.getlist("changes") if isinstance(self.data, QueryDict) else []
        if "changes" not in self.fields and any(chosen):
            self.add_error(
                None, "A change that you chose is not offered any more. Read what is told, and send it again."
            )
        return self.cleaned_data

    def chosen(self) -> list[UUID]:
        """The changes chosen. Only on a valid form."""
        return [UUID(one) for one in self.cleaned_data.get("changes") or []]


def _beside(one: Learned) -> str:
    """What is told beside the title of a change."""
    answers = f"Answers: {lower_first(one.condition)}. " if one.condition else ""
    went = f"Training: {lower_first(one.training)}. Service specification: {lower_first(one.specification)}."
    return f"{answers}{one.kind}. {one.rollout}. Did it work? {one.verdict}. {went}"


class TargetForm(forms.Form):
    """A target of the contract for one measure."""

    submission_key = forms.HiddenField(required=False)
    measure = forms.SelectField("Which measure?", required_message="Choose a measure")
    asks = forms.ChoiceField(
        "What does the contract ask for?",
        choices=[("at-least", "At least a share"), ("at-most", "At most a share"), (ENDED, "Nothing any more")],
        reveals={"at-least": ["least"], "at-most": ["most"]},
        required_message="Choose what the contract asks for",
    )
    least = forms.NumberField("At least", suffix="%", max_value=100, required_message="Enter a number from 0 to 100")
    most = forms.NumberField("At most", suffix="%", max_value=100, required_message="Enter a number from 0 to 100")
    quarter = forms.SelectField("From which quarter on?", required_message="Choose the quarter")

    def __init__(
        self, *args: Any, measures: Sequence[tuple[str, str]], quarters: Iterable[Quarter], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.titles = dict(measures)
        self.fields["measure"].choices = list(measures)  # type: ignore[attr-defined]
        self.fields["quarter"].choices = [(one.code, one.label) for one in quarters]  # type: ignore[attr-defined]

    def agreed(self) -> dict[str, Any]:
        """What the operation takes. Only on a valid form."""
        data = self.cleaned_data
        quarter = quarter_from(data["quarter"])
        if quarter is None:
            raise ValueError("the form offers quarters only")
        return {
            "measure": data["measure"],
            "title": self.titles[data["measure"]],
            "target": {"at-least": data.get("least"), "at-most": data.get("most"), ENDED: None}[data["asks"]],
            "at_least": data["asks"] != "at-most",
            "from_quarter": quarter,
        }
