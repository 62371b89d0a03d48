"""Forms of supervision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from saferpractice.access.models import Person, Service, Team
from saferpractice.access.rules import REPORTS, Role
from saferpractice.assurance.models import LearningPoint
from saferpractice.assurance.operations.supervision import Account
from saferpractice.assurance.queries.supervision import GridFilter, Prompted, since_of, wording_shown
from saferpractice.assurance.rules.supervision import Needs, month_after
from saferpractice.deadlines.rules import day_label
from saferpractice.design import forms
from saferpractice.design.words import lower_first
from saferpractice.pathways.models import SupervisionPick

NO_ONE = "nobody"


class GridForm(forms.Form):
    """What the grid shows. Anything odd in the address is ignored."""

    mark_optional = False
    place = forms.SelectField("Service or team", required=False, empty="Everywhere")
    supervisor = forms.SelectField("Supervisor", required=False, empty="Anybody")
    months = forms.SelectField(
        "How far back", required=False, empty="6 months", choices=[("3", "3 months"), ("12", "12 months")]
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        services: Iterable[Service] = (),
        teams: Iterable[Team] = (),
        supervisors: Iterable[Person] = (),
    ) -> None:
        super().__init__(data)
        places = [(f"service:{one.pk}", one.name) for one in services]
        places += [(f"team:{one.pk}", f"{one.service.name}: {one.name}") for one in teams]
        chosen: dict[str, Any] = self.fields
        chosen["place"].choices = [("", "Everywhere"), *sorted(places, key=lambda place: place[1])]
        people = sorted({(str(one.pk), one.name) for one in supervisors}, key=lambda one: one[1])
        chosen["supervisor"].choices = [("", "Anybody"), *people]

    def wanted(self, today: date) -> GridFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        kind, _, place = (data.get("place") or "").partition(":")
        month = today.replace(day=1)
        return GridFilter(
            first=month_after(month, 1 - int(data.get("months") or 6)),
            last=month,
            service_id=UUID(place) if kind == "service" else None,
            team_id=UUID(place) if kind == "team" else None,
            supervisor_id=UUID(data["supervisor"]) if data.get("supervisor") else None,
        )


def point_choices(
    points: Iterable[LearningPoint], prompted: Prompted | None = None
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Points to choose from with a hint each: how new it is, and when it was discussed."""
    if prompted is None:
        return [(str(one.pk), wording_shown(one)) for one in points], {str(one.pk): _since(one) for one in points}
    order = [one.point.pk for one in prompted.prompts]
    listed = sorted(points, key=lambda one: order.index(one.pk) if one.pk in order else len(order))
    hints = {str(one.pk): _since(one) for one in listed}
    for prompt in prompted.prompts:
        if prompt.discussed_on is not None:
            hints[str(prompt.point.pk)] = f"Discussed on {day_label(prompt.discussed_on)}"
        elif prompt.is_new(prompted.last_held):
            hints[str(prompt.point.pk)] = f"New: {lower_first(_since(prompt.point))}"
    return [(str(one.pk), one.wording) for one in listed], hints


def _since(point: LearningPoint) -> str:
    since = since_of(point)
    if point.finding is not None:
        return f"A finding, agreed {day_label(since)}" if since else "A finding"
    what = "A briefing" if point.briefing is not None else "A change"
    if since is None:
        return f"{what}, not live yet"
    return f"{what}, {'given' if point.briefing is not None else 'live since'} {day_label(since)}"


class _AccountForm(forms.Form):
    """What was talked about, on which day, and what will be done differently."""

    submission_key = forms.HiddenField()
    points = forms.ManyChoicesField(
        "What did you talk about?",
        hint="Each point comes from a finding or a change in this service.",
        required_message="Choose at least one learning point",
    )
    held_on = forms.DayField("On which day?", past=True, noun="the day", required_message="Enter the day")
    words = forms.LongTextField(
        "What will be done differently?",
        rows=3,
        hint="One sentence. Name no person you support.",
        max_length=2000,
        required_message="Say in one sentence what will be done differently",
    )

    def _points(self, points: Sequence[LearningPoint], prompted: Prompted | None) -> None:
        self.by_id = {str(one.pk): one for one in points}
        field: Any = self.fields["points"]
        field.choices, field.hints = point_choices(points, prompted)

    def account(self, pick: SupervisionPick | None = None) -> Account:
        """What is to be written down. Only on a valid form."""
        data = self.cleaned_data
        points = [self.by_id[one] for one in data["points"]]
        return Account(points=points, held_on=data["held_on"], words=data["words"], pick=pick)


class DiscussionForm(_AccountForm):
    """A discussion with one or more people."""

    workers = forms.ManyChoicesField("With whom?", required_message="Choose at least one person")
    pick = forms.SelectField("A case drawn for supervision that you looked at", required=False, empty="None")
    field_order = ("submission_key", "workers", "points", "held_on", "words", "pick")

    def __init__(
        self,
        *args: Any,
        workers: Sequence[Person],
        points: Sequence[LearningPoint],
        prompted: Prompted | None,
        picks: Sequence[SupervisionPick],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one in workers}
        self.picks = {str(one.pk): one for one in picks}
        fields: dict[str, Any] = self.fields
        fields["workers"].choices = [(pk, one.name) for pk, one in self.people.items()]
        self._points(points, prompted)
        if picks:
            named = [(pk, f"{one.case.version.title}: {one.case.person_supported}") for pk, one in self.picks.items()]
            fields["pick"].choices = [("", "None"), *named]
        else:
            del self.fields["pick"]

    def chosen(self) -> tuple[list[Person], Account, SupervisionPick | None]:
        """With whom, what, and the case. Only on a valid form."""
        pick = self.picks.get(self.cleaned_data.get("pick") or "")
        return [self.people[one] for one in self.cleaned_data["workers"]], self.account(pick), pick


class CorrectionForm(_AccountForm):
    """A discussion on record put right."""

    held = forms.YesNoField("Was it held?", reveals={True: ["points", "held_on", "words"]})
    because = forms.TextField(
        "Why is it corrected?", max_length=300, required_message="Say why it is corrected", width=30
    )
    field_order = ("submission_key", "held", "points", "held_on", "words", "because")

    def __init__(self, *args: Any, points: Sequence[LearningPoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._points(points, None)


class AnswerForm(forms.Form):
    """What the worker says of a discussion."""

    answer = forms.ChoiceField(
        "Is this how it was?",
        choices=[("so", "Yes, this is how it was"), ("not-so", "No, this is not how it was")],
        reveals={"not-so": ["words"]},
        required_message="Choose whether this is how it was",
    )
    words = forms.LongTextField(
        "How was it?",
        rows=3,
        hint="What you write stands beside what your supervisor wrote. A safeguarding lead is told.",
        max_length=2000,
        required_message="Say how it was",
    )


class AbsenceForm(forms.Form):
    """From when until when somebody is away, and never why."""

    from_on = forms.DayField("First day away", noun="the first day away")
    until_on = forms.DayField(
        "Last day away",
        required=False,
        noun="the last day away",
        hint="Leave this empty if nobody knows yet. Do not write why: that stays between them and their manager.",
    )


class AbsenceCorrectionForm(AbsenceForm):
    """An absence put right."""

    away = forms.YesNoField("Were they away?", reveals={True: ["from_on", "until_on"]})
    field_order = ("away", "from_on", "until_on")


class SupervisorForm(forms.Form):
    """Who supervises some people of a place, from which day."""

    workers = forms.ManyChoicesField("For whom?", required_message="Choose at least one person")
    supervisor = forms.SelectField(
        "Who supervises them?", empty="Choose", required_message="Choose who supervises them"
    )
    from_on = forms.DayField("From which day?", past=True, noun="the day", required_message="Enter the day")

    def __init__(
        self, *args: Any, workers: Sequence[tuple[Person, str]], supervisors: Iterable[Person], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.pk): one for one, _ in workers}
        self.supervisors = {str(one.pk): one for one in supervisors}
        fields: dict[str, Any] = self.fields
        fields["workers"].choices = [(str(one.pk), one.name) for one, _ in workers]
        fields["workers"].hints = {str(one.pk): hint for one, hint in workers}
        named = [(pk, one.name) for pk, one in self.supervisors.items()]
        fields["supervisor"].choices = [("", "Choose"), *named, (NO_ONE, "Nobody any more")]

    def chosen(self) -> dict[str, Any]:
        """What ``set_supervisor`` takes. Only on a valid form."""
        data = self.cleaned_data
        return {
            "workers": [self.people[one] for one in data["workers"]],
            "supervisor": self.supervisors.get(data["supervisor"]),
            "from_on": data["from_on"],
        }


class PointForm(forms.Form):
    """What a change, a briefing or a finding teaches."""

    submission_key = forms.HiddenField()
    wording = forms.TextField(
        "What does it teach, in one sentence?",
        max_length=300,
        hint="As a supervisor would put it to a worker. Name nobody.",
        required_message="Say in one sentence what it teaches",
    )


class WithdrawPointForm(forms.Form):
    """Why a learning point is not to be discussed any more."""

    reason = forms.LongTextField("Why is it withdrawn?", rows=2, required_message="Say why it is withdrawn")


class NeedsForm(forms.Form):
    """Who is owed a discussion each month."""

    roles = forms.ManyChoicesField(
        "Who is owed a discussion each month?",
        choices=[(role.value, role.label) for role in Role if role in REPORTS],
        required_message="Choose at least one role",
    )
    fewest_days = forms.NumberField(
        "From how many working days there in a month?",
        min_value=1,
        max_value=20,
        suffix="days",
        required_message="Enter a number of working days from 1 to 20",
    )
    joiner_days = forms.NumberField(
        "And in the month in which somebody joins?",
        min_value=1,
        max_value=20,
        suffix="days",
        required_message="Enter a number of working days from 1 to 20",
    )

    def needs(self) -> Needs:
        """What is typed. Only on a valid form."""
        data = self.cleaned_data
        return Needs(frozenset(data["roles"]), data["fewest_days"], data["joiner_days"])
