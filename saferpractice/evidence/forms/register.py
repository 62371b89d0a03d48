"""The forms of the register: what a change means for training and for the service specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import REPORTS, Role
from saferpractice.design import forms
from saferpractice.evidence.queries.register import RegisterFilter
from saferpractice.evidence.rules.register import LONGEST_LINE, LONGEST_WORDS

ROLES = [(role.value, role.label) for role in Role if role in REPORTS]


def _team(team: Team) -> str:
    return f"{team.name}, {team.service.name}"


class RegisterForm(forms.Form):
    """What the register shows. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    q = forms.TextField("Search", required=False, max_length=100)
    kind = forms.SelectField(
        "What",
        choices=[("", ""), ("training", "Training"), ("clause", "Service specification")],
        empty="Everything",
        required=False,
    )
    state = forms.SelectField(
        "State",
        choices=[("", ""), ("overdue", "Overdue"), ("waits", "Something is to be done")],
        empty="Any",
        required=False,
    )
    team = forms.RecordField("Training of the team", label_from=_team, empty="Any", required=False)

    def __init__(self, data: Mapping[str, Any], *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def wanted(self) -> RegisterFilter:
        """The filter, with everything wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return RegisterFilter(
            kind=data.get("kind") or "",
            waits=data.get("state") == "waits",
            overdue=data.get("state") == "overdue",
            team=data.get("team"),
            words=data.get("q") or "",
        )


class NeedForm(forms.Form):
    """Who must learn what, by when."""

    submission_key = forms.HiddenField(required=False)
    what = forms.LongTextField(
        "What must they learn?", rows=4, max_length=LONGEST_WORDS, required_message="Enter what they must learn"
    )
    roles = forms.ManyChoicesField(
        "In which roles?", choices=ROLES, required_message="Tick the roles that must learn it"
    )
    teams = forms.RecordsField(
        "In which teams?", label_from=_team, required_message="Tick the teams that must learn it"
    )
    by_on = forms.DayField(
        "By when?", future=True, noun="the day by which they learn it", required_message="Enter the day"
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What the operation takes. Only on a valid form."""
        data = self.cleaned_data
        return {
            "what": data["what"],
            "roles": [Role(one) for one in data["roles"]],
            "teams": list(data["teams"]),
            "by_on": data["by_on"],
        }


class AttendanceForm(forms.Form):
    """Who was trained, and when."""

    trained_on = forms.DayField(
        "When were they trained?", past=True, noun="the day of the training", required_message="Enter the day"
    )
    people = forms.RecordsField(
        "Who was trained?", label_from=lambda person: person.name, required_message="Tick who was trained"
    )

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why something on the register does not hold."""

    reason = forms.LongTextField("Why?", rows=3, max_length=2000, required_message="Enter why")


class ClauseForm(forms.Form):
    """A clause of the service specification: agreed, or to be agreed by a day."""

    submission_key = forms.HiddenField(required=False)
    clause = forms.TextField(
        "Which clause?",
        hint="For example: Schedule 2A, 3.4 Crisis response.",
        max_length=LONGEST_LINE,
        required_message="Enter which clause it is",
    )
    wording = forms.LongTextField("Its wording", rows=5, max_length=LONGEST_WORDS, required_message="Enter the wording")
    agreed = forms.YesNoField(
        "Is it agreed?",
        reveals={True: ["agreed_with", "agreed_on"], False: ["wanted_by"]},
        required_message="Choose whether it is agreed",
    )
    agreed_with = forms.TextField(
        "With whom?", hint="For example: Norwood Integrated Care Board, contract meeting.", max_length=LONGEST_LINE
    )
    agreed_on = forms.DayField("When was it agreed?", past=True, noun="the day on which it was agreed")
    wanted_by = forms.DayField("By when should it be agreed?", future=True, noun="the day by which it should be agreed")

    def given(self) -> dict[str, Any]:
        """What the operation takes. Only on a valid form."""
        data = self.cleaned_data
        agreed = data["agreed"]
        return {
            "clause": data["clause"],
            "wording": data["wording"],
            "agreed_with": data["agreed_with"] if agreed else "",
            "agreed_on": data["agreed_on"] if agreed else None,
            "wanted_by": None if agreed else data["wanted_by"],
        }
