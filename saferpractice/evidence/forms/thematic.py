"""The forms of a thematic review: the quarter, the commentary, the meeting, what it decided, the signature."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.changes.forms import ActionForm
from saferpractice.design import forms
from saferpractice.design.typed import as_written
from saferpractice.evidence.operations import There, ToDo
from saferpractice.evidence.rules.thematic.quarters import Quarter, quarter_from
from saferpractice.evidence.rules.thematic.signing import MOST_WORDS

OPEN_TO_ALL = "Everybody who works here reads this once it is signed: name nobody, and no incident by its number."


def _name(person: Person) -> str:
    return person.name


class DrawForm(forms.Form):
    """Which quarter, and how many people were supported in it."""

    quarter = forms.SelectField("Which quarter?", required_message="Choose the quarter")
    supported = forms.NumberField(
        "How many people did you support in it?",
        required=False,
        min_value=1,
        max_value=10_000_000,
        hint="With it the page shows incidents for each 100 people. Leave it empty if you do not know.",
        width=10,
    )

    def __init__(self, *args: Any, quarters: Iterable[Quarter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = [(one.code, one.label) for one in quarters]  # type: ignore[attr-defined]

    def chosen(self) -> Quarter:
        """The quarter. Only on a valid form."""
        found = quarter_from(self.cleaned_data["quarter"])
        if found is None:
            raise ValueError("the form offers quarters only")
        return found


class CommentaryForm(forms.Form):
    """What there is to say on one section. ``submission_key`` is the number of the commentary that stood before."""

    submission_key = forms.HiddenField(required=False)
    words = forms.LongTextField(
        "Commentary",
        hint=f"What the numbers mean, and what they do not. {OPEN_TO_ALL}",
        rows=4,
        max_length=MOST_WORDS,
        required_message="Enter what there is to say on these numbers",
    )

    kept_back = False
    """Whether it shows what somebody typed and has not kept yet."""

    def based_on(self) -> int:
        """The number of the commentary that stood when it was typed, 0 for none."""
        sent = str(self["submission_key"].value() or "0")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else 0


class MeetingForm(forms.Form):
    """When the review was put before a meeting, who chaired it and who was there."""

    submission_key = forms.HiddenField(required=False)
    held_on = forms.DayField(
        "When was the meeting?", past=True, noun="the day of the meeting", required_message="Enter the day it was held"
    )
    chaired_by = forms.RecordField(
        "Who chaired it?",
        label_from=_name,
        hint="The chair reads the review and signs it. It cannot be whoever drew its numbers.",
        required_message="Choose who chaired it",
    )
    present = forms.RecordsField("Who was there?", label_from=_name, required_message="Tick whoever was there")
    apologies = forms.RecordsField("Who sent apologies?", label_from=_name, required=False)
    others = forms.LongTextField(
        "Who else was there?",
        hint="One to a line: the name, a comma, and what they are. For example: Ash Fielding, expert by experience.",
        required=False,
        rows=3,
        max_length=4000,
    )

    def __init__(self, *args: Any, chairs: QuerySet[Person], colleagues: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chaired_by"].queryset = chairs  # type: ignore[attr-defined]
        for name in ("present", "apologies"):
            self.fields[name].queryset = colleagues  # type: ignore[attr-defined]

    def there(self) -> list[There]:
        """Who was there and who sent apologies. Only on a valid form."""
        data = self.cleaned_data
        lines = [line for line in data["others"].splitlines() if as_written(line)]
        named = [line.partition(",") for line in lines]
        return [
            *(There(person=one) for one in data["present"]),
            *(There(person=one, present=False) for one in data["apologies"]),
            *(There(name=name.strip(), role=role.strip()) for name, _, role in named),
        ]


class DecisionForm(forms.Form):
    """What a meeting decided, and the action that follows from it."""

    submission_key = forms.HiddenField(required=False)
    words = forms.LongTextField(
        "What was decided?",
        hint=f"Also where nothing more is needed, and why. {OPEN_TO_ALL}",
        rows=4,
        max_length=MOST_WORDS,
        required_message="Enter what was decided",
    )
    follows = forms.YesNoField(
        "Must somebody do something because of it?",
        reveals={True: ["what", "owner", "due_on"]},
        required_message="Choose whether somebody must do something",
    )
    what = forms.LongTextField(
        "What must be done?",
        rows=3,
        max_length=MOST_WORDS,
        hint="Say it so that anybody could tell whether it is done.",
        required_message="Enter what must be done",
    )
    owner = forms.RecordField("Who must do it?", label_from=_name, required_message="Choose who must do it")
    due_on = forms.DayField(
        "By which day?", future=True, noun="the day it is due", required_message="Enter the day it is due"
    )

    def __init__(self, *args: Any, owners: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]

    def to_do(self) -> ToDo | None:
        """What somebody must do, if anything. Only on a valid form."""
        data = self.cleaned_data
        if not data["follows"]:
            return None
        return ToDo(what=data["what"], owner=data["owner"], due_on=data["due_on"])


class GiveOutForm(ActionForm):
    """A further action that follows from a decision."""

    def to_do(self) -> ToDo:
        """What somebody must do. Only on a valid form."""
        data = self.cleaned_data
        return ToDo(what=data["what"], owner=data["owner"], due_on=data["due_on"])


class SignForm(forms.Form):
    """The chair's signature. The page sends the hash of what they read beside it."""

    read = forms.TickField(
        "I chaired this meeting, have read the review, and it says what the meeting saw and decided",
        required_message="Tick that you have read it and that it says what the meeting saw and decided",
    )
