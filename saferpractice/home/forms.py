"""The forms that narrow a list, and the one that names a view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from saferpractice.access.models import Person, Team
from saferpractice.design import forms
from saferpractice.home.queries import DeskFilter, TrackerFilter
from saferpractice.home.rules import Sort, Sphere, Which


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
