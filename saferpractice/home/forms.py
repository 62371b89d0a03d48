"""The forms that narrow a list, and the one that names a view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from saferpractice.access.models import Person, Team
from saferpractice.deadlines.rules import end_of_day
from saferpractice.design import forms
from saferpractice.home.queries import DeskFilter, LooksWanted, TrackerFilter
from saferpractice.home.queries.retention import KeptFilter
from saferpractice.home.rules import Sort, Sphere, Which
from saferpractice.home.rules.retention import HoldKind, Kept


class TrackerForm(forms.Form):
    """What the tracker shows. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    q = forms.TextField("Search", required=False, max_length=100)
    show = forms.SelectField(
        "Show",
        choices=[(w.value, w.label) for w in Which if w is not Which.OPEN],
        empty=Which.OPEN.label,
        required=False,
    )
    sphere = forms.SelectField("What", choices=[(s.value, s.label) for s in Sphere], empty="Everything", required=False)
    team = forms.RecordField(
        "Team", label_from=lambda team: f"{team.name}, {team.service.name}", empty="All teams", required=False
    )
    owner = forms.RecordField("Owner", label_from=lambda person: person.name, empty="Anybody", required=False)
    sort = forms.SelectField(
        "Order",
        choices=[(s.value, s.label) for s in Sort if s is not Sort.DUE],
        empty=Sort.DUE.label,
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any], *args: Any, teams: QuerySet[Team], owners: QuerySet[Person], **kwargs: Any
    ) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["team"].queryset = teams.select_related("service")  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]

    def wanted(self) -> TrackerFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        team, owner = data.get("team"), data.get("owner")
        return TrackerFilter(
            which=Which(data.get("show") or Which.OPEN),
            sphere=Sphere(data["sphere"]) if data.get("sphere") else None,
            team_id=_pk(team),
            owner_id=_pk(owner),
            words=data.get("q") or "",
            sort=Sort(data.get("sort") or Sort.DUE),
        )


def asked_of_tracker(query: str) -> QueryDict:
    """What a query string asks of the tracker: its filters and order, nothing else, and not the page."""
    typed, kept = QueryDict(query[:2000]), QueryDict(mutable=True)
    for name in TrackerForm.base_fields:
        value = typed.get(name, "")[:100]
        if value:
            kept[name] = value
    return kept


def _pk(row: Any) -> UUID | None:
    return row.pk if row is not None else None


class SaveViewForm(forms.Form):
    """Name the view that is shown, to come back to it."""

    name = forms.TextField("Name this view", max_length=80, required_message="Enter a name for this view")
    query = forms.HiddenField(required=False)


class DeskForm(forms.Form):
    """What the duty desk shows. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    team = forms.RecordField(
        "Team", label_from=lambda team: f"{team.name}, {team.service.name}", empty="All teams", required=False
    )
    what = forms.SelectField(
        "What",
        choices=[(s.value, s.label) for s in (Sphere.DECISIONS, Sphere.PATHWAYS)],
        empty="Everything",
        required=False,
    )
    escalated = forms.TickField("Only what is escalated", required=False)

    def __init__(self, data: Mapping[str, Any], *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def wanted(self) -> DeskFilter:
        """The filter, with everything shown wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return DeskFilter(
            team_id=_pk(data.get("team")),
            sphere=Sphere(data["what"]) if data.get("what") else None,
            escalated=bool(data.get("escalated")),
        )

    def query(self) -> str:
        """The filter as it stands in an address: nothing else that somebody wrote there."""
        return urlencode({name: self.data[name][:100] for name in self.fields if self.data.get(name)})


class FindPersonForm(forms.Form):
    """Which person supported, by the reference under which the provider knows them."""

    reference = forms.TextField(
        "Reference of the person",
        hint="As it stands in reports and on cases",
        max_length=60,
        required_message="Enter a reference",
    )


class GatherForm(forms.Form):
    """Who asked what is held about a person, and when."""

    asked_by = forms.TextField(
        "Who asked?",
        hint="The person, or somebody for them and on what ground. Check who they are first.",
        max_length=200,
        required_message="Enter who asked",
    )  # fmt: skip
    asked_on = forms.DayField("When did they ask?", past=True, noun="The day on which they asked")
    submission_key = forms.HiddenField()


class WordsForm(forms.Form):
    """Further words that tell of somebody else."""

    words = forms.TextField("Words", max_length=200, required_message="Enter the words to mark")


class ReleaseForm(forms.Form):
    """To whom it goes, and how."""

    to_whom = forms.TextField("Who gets it?", max_length=200, required_message="Enter who gets it")
    how = forms.TextField("How do they get it?", hint="Such as “on an encrypted disk, by hand”", max_length=200,
                          required_message="Enter how they get it")  # fmt: skip
    read = forms.TickField(
        "I have read every record as it leaves", required_message="Read it as it leaves, then tick this"
    )


class LooksForm(forms.Form):
    """Which looks at somebody's records. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    since = forms.DayField("From", required=False, noun="The first day")
    until = forms.DayField("To", required=False, noun="The last day")
    who = forms.TextField("Name of a member of staff", required=False, max_length=100)

    def wanted(self) -> LooksWanted:
        """The filter, with no bound wherever an answer cannot be used."""
        self.is_valid()
        first, last = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return LooksWanted(
            since=end_of_day(first - timedelta(days=1)) if first else None,
            before=end_of_day(last) if last else None,
            who=self.cleaned_data.get("who") or "",
        )

    def query(self) -> str:
        """The filter as it stands in an address: nothing else that somebody wrote there."""
        names = [*(f"{day}-{part}" for day in ("since", "until") for part in ("day", "month", "year")), "who"]
        return urlencode({name: self.data[name][:100] for name in names if self.data.get(name)})


class IncidentsForm(forms.Form):
    """What the list of incidents shows."""

    mark_optional = False
    q = forms.TextField("Search reports", required=False, max_length=200, hint="Words from the report, or a reference")
    theme = forms.SelectField("Theme", empty="All themes", required=False)
    team = forms.RecordField(
        "Team", label_from=lambda team: f"{team.name}, {team.service.name}", empty="All teams", required=False
    )
    risk = forms.TickField("Only where somebody may still be at risk", required=False)

    def __init__(
        self, data: Mapping[str, Any], *args: Any, teams: QuerySet[Team], themes: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["team"].queryset = teams.select_related("service")  # type: ignore[attr-defined]
        self.fields["theme"].choices = themes  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Who, and which incident."""

    person = forms.RecordField("Who?", label_from=lambda person: person.name, required_message="Choose who")
    reference = forms.TextField(
        "Number of the incident",
        hint="Such as 2026-00014.",
        max_length=30,
        width=20,
        required_message="Enter the number of the incident",
    )

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class KeptForm(forms.Form):
    """Which records whose time is over are shown. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    show = forms.SelectField(
        "Show", choices=[(k.value, k.label) for k in Kept if k is not Kept.DUE], empty=Kept.DUE.label, required=False
    )
    kind = forms.SelectField("Kept as", empty="Any kind", required=False)
    team = forms.RecordField(
        "Team", label_from=lambda team: f"{team.name}, {team.service.name}", empty="All teams", required=False
    )

    def __init__(
        self, data: Mapping[str, Any], *args: Any, teams: QuerySet[Team], kinds: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["team"].queryset = teams.select_related("service")  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def wanted(self) -> KeptFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        return KeptFilter(Kept(data.get("show") or Kept.DUE), data.get("kind") or "", _pk(data.get("team")))

    def query(self) -> str:
        """The filter as it stands in an address: nothing else that somebody wrote there."""
        return urlencode({name: self.data[name][:100] for name in self.fields if self.data.get(name)})


class HoldForm(forms.Form):
    """What is to be kept whatever its age, and why."""

    what = forms.ChoiceField(
        "What is to be kept?",
        choices=[
            ("incident", "One incident"),
            ("person", "Everything about one person supported"),
            ("everything", "Everything the provider holds"),
        ],
        hints={"everything": "When an inquiry says that nothing may be destroyed"},
        reveals={"incident": ["incident"], "person": ["person"]},
        required_message="Choose what is to be kept",
    )
    incident = forms.TextField(
        "Number of the incident", hint="Such as 2026-00014.", max_length=30, width=20,
        required_message="Enter the number of the incident",
    )  # fmt: skip
    person = forms.TextField(
        "Reference of the person", max_length=60, width=20, required_message="Enter the reference of the person"
    )
    kind = forms.ChoiceField(
        "Why?",
        choices=[(k.value, k.label) for k in HoldKind],
        hints={k.value: k.hint for k in HoldKind if k.hint},
        required_message="Choose why",
    )
    reason = forms.LongTextField(
        "Say more", hint="Who asked for it, when, under which reference. Whoever may read the records can read this.",
        rows=3, max_length=2000,
        required_message="Say who asked for it and when",
    )  # fmt: skip
    submission_key = forms.HiddenField()


class EndHoldForm(forms.Form):
    """Why records need not be kept longer for this."""

    reason = forms.LongTextField(
        "Why can it end?", hint="Such as “The inquiry published its report on …”.", rows=3, max_length=2000,
        required_message="Say why it can end",
    )  # fmt: skip


class ProposeDisposalForm(forms.Form):
    """Why incidents whose time is over may go."""

    reason = forms.LongTextField(
        "Why may it go?",
        hint="What you looked at, and that nobody needs it any more. This stays, so name nobody.",
        rows=3, max_length=2000,
        required_message="Say why it may go",
    )  # fmt: skip
    submission_key = forms.HiddenField()


class DecideDisposalForm(forms.Form):
    """What is decided about a proposal, and why."""

    def __init__(self, *args: Any, own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own:
            self.fields["decision"].choices = [("refuse", "Take the proposal back")]  # type: ignore[attr-defined]
            self.fields["decision"].initial = "refuse"

    decision = forms.ChoiceField(
        "What do you decide?",
        choices=[("approve", "It goes"), ("refuse", "It is kept")],
        hints={"approve": "All of it, within minutes. Nobody can bring it back"},
        required_message="Choose whether it goes",
    )
    reason = forms.LongTextField(
        "Why?", hint="This stays, so name nobody.", rows=3, max_length=2000, required_message="Say why"
    )
