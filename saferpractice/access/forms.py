"""Forms about people and places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from saferpractice.access.models import Provider, Service
from saferpractice.access.queries import PeopleFilter
from saferpractice.access.rules import Place, Role
from saferpractice.design import forms

WHAT_A_ROLE_DOES = {
    Role.SUPPORT_WORKER: "Reports incidents, and sees what became of their own reports.",
    Role.DUTY_MANAGER: "Triages incidents of the place and sees all that are not restricted.",
    Role.SAFEGUARDING_LEAD: "Decides on thresholds, restrictions and who may see; is told of restricted reports.",
    Role.REVIEWER: "Sees only the incidents they are named on, to review them.",
    Role.SUPERVISOR: "Sees incidents of the place that are not restricted, for supervision.",
    Role.QUALITY_LEAD: "Sees incidents of the place that are not restricted; keeps the lists; checks impact.",
    Role.DIRECTOR: "Sees incidents of the place that are not restricted; signs off investigations.",
    Role.ADMINISTRATOR: "Looks after people, places and lists. Sees no incident.",
    Role.COMMISSIONER: "Reads what is prepared for commissioners. Cannot report.",
    Role.INSPECTOR: "Reads the incidents of an inspection while one is open to them. Cannot report.",
}


class PeopleForm(forms.Form):
    """What the list of people shows. Anything odd in the address is ignored."""

    mark_optional = False
    q = forms.TextField("Search", required=False, max_length=100, hint="A name or e-mail address")
    role = forms.SelectField("Role", choices=[(r.value, r.label) for r in Role], required=False, empty="Any role")
    place = forms.SelectField("Place", required=False, empty="Any place")
    state = forms.SelectField(
        "Sign-in",
        choices=[("open", "Can sign in"), ("closed", "Sign-in closed"), ("no-role", "Holds no role")],
        required=False,
        empty="Everybody",
    )

    def __init__(self, data: Mapping[str, Any], *args: Any, services: Iterable[Service], **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["place"].choices = [("", ""), *place_choices(services)]  # type: ignore[attr-defined]

    def wanted(self) -> PeopleFilter:
        """The filter, with the usual value wherever an answer cannot be used."""
        self.is_valid()
        data = self.cleaned_data
        kind, _, place_id = (data.get("place") or "").partition(":")
        return PeopleFilter(
            words=data.get("q") or "",
            role=Role(data["role"]) if data.get("role") else None,
            service_id=UUID(place_id) if kind == "service" else None,
            team_id=UUID(place_id) if kind == "team" else None,
            state=data.get("state") or "",
        )


def place_choices(services: Iterable[Service]) -> list[tuple[str, str]]:
    """Services and their teams, to choose from."""
    found = []
    for service in services:
        found.append((f"service:{service.pk}", service.name))
        found += [(f"team:{team.pk}", f"{service.name}: {team.name}") for team in service.teams.all()]
    return found


class PersonForm(forms.Form):
    """Somebody's name and the address they sign in with."""

    name = forms.TextField("Full name", required_message="Enter the person's name", width=30)
    email = forms.EmailField("Work e-mail address", hint="They sign in with it.", max_length=254)


class RoleForm(forms.Form):
    """A role at a place."""

    role = forms.ChoiceField("Which role?", choices=Role, hints=WHAT_A_ROLE_DOES, required_message="Choose a role")
    place = forms.SelectField(
        "Where?",
        hint="A role covers the place and everything within it.",
        required_message="Choose where they hold the role",
    )
    last_on = forms.DayField(
        "What is the last day?",
        noun="The last day",
        required=False,
        future=True,
        hint="For a temporary role: bank or agency staff, a secondment. What it opens closes at the end of that day.",
    )

    def __init__(self, *args: Any, provider: Provider, services: Iterable[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = list(services)
        whole = Place(provider.pk)
        self.places = {"provider": whole}
        for service in services:
            self.places[f"service:{service.pk}"] = Place(provider.pk, service.pk)
            self.places |= {f"team:{team.pk}": team.place for team in service.teams.all()}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("provider", f"The whole provider ({provider.name})"),
            *place_choices(services),
        ]

    def chosen_place(self) -> Place:
        """The place chosen. Only on a valid form."""
        return self.places[self.cleaned_data["place"]]


class AddPersonForm(PersonForm, RoleForm):
    """Somebody new, with their first role."""

    field_order = ("name", "email", "role", "place", "last_on")


class CommissionerForm(forms.Form):
    """A commissioner of another provider, by the address they sign in with, and what they may read about."""

    email = forms.EmailField(
        "The e-mail address they sign in with",
        hint="The whole address. They are a commissioner at another provider already.",
        max_length=254,
        required_message="Enter the e-mail address",
    )
    place = forms.SelectField("What may they read about?", required_message="Choose what they may read about")

    def __init__(self, *args: Any, provider: Provider, services: Iterable[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = list(services)
        self.places = {"provider": Place(provider.pk)}
        self.places |= {f"service:{one.pk}": Place(provider.pk, one.pk) for one in services}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            ("provider", f"The whole provider ({provider.name})"),
            *((f"service:{one.pk}", one.name) for one in services),
        ]

    def chosen_place(self) -> Place:
        """The place chosen. Only on a valid form."""
        return self.places[self.cleaned_data["place"]]


class NameForm(forms.Form):
    """The name of a service or a team."""

    name = forms.TextField("Name", required_message="Enter a name", width=30)


class ProfileForm(forms.Form):
    """What kind of provider this is."""

    health_service_body = forms.YesNoField(
        "Is it a health service body?",
        hint="An NHS trust or foundation trust. It tells NHS England instead of CQC for some events.",
    )
    nhs_funded = forms.YesNoField(
        "Is its care NHS-funded?",
        hint="Under the NHS Standard Contract, also in part. The contract's days for the duty of candour then apply.",
    )
    secure_unit = forms.YesNoField(
        "Does it run a low, medium or high secure unit?",
        hint="Absence without leave from such a unit, and the return, are each notified to CQC.",
    )
    repeat_window_days = forms.NumberField(
        "How far back counts as a repeat?",
        suffix="days",
        hint="An earlier incident of the same person, or of the same theme in the same team, within so many days "
        "makes this one a repeat. 7 to 730.",
        required_message="Enter a number of days from 7 to 730",
    )
