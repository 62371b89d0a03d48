"""People, places and roles: who may set them up, and what a role at a place gives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.operations import (
    assign_role,
    create_person,
    create_provider,
    create_service,
    create_team,
    end_role,
    place_of,
    set_active,
)
from saferpractice.access.permissions import allowed, check_can_manage_people
from saferpractice.access.queries import team_ids_seen, teams_to_report_from
from saferpractice.access.rules import Place, Role
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.personas import LONG_AGO, NOW, PASSWORD, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]


@pytest.mark.parametrize(
    "name",
    [
        "worker",
        "duty_manager",
        "lead",
        "reviewer",
        "supervisor",
        "quality_lead",
        "director",
        "commissioner",
        "inspector",
        "stranger",
    ],
)
def test_only_an_administrator_manages_people(cast: Cast, name: str) -> None:
    by = cast.people()[name]
    with pytest.raises(Refused, match="Only an administrator of this place"):
        create_person(by=by, at=NOW, provider=cast.provider, name="New", email="new@example.org")
    may, why = allowed(check_can_manage_people, by=by, at=NOW, provider_id=cast.provider.pk)
    assert not may
    assert "administrator" in why


def test_an_administrator_adds_somebody_who_can_then_be_found_by_e_mail(cast: Cast) -> None:
    made = create_person(
        by=cast.administrator, at=NOW, provider=cast.provider, name=" Jo  Reed ", email="Jo.Reed@Example.org"
    )
    assert made.email == "jo.reed@example.org"
    assert not made.has_usable_password()
    assert Person.objects.get_by_natural_key("JO.REED@example.org") == made


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [("", "a@example.org", "name"), ("A", "", "email"), ("A", "WORKER@example.org", "email")],
)
def test_a_person_needs_a_name_and_an_address_of_their_own(cast: Cast, name: str, email: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_person(by=cast.administrator, at=NOW, provider=cast.provider, name=name, email=email)
    assert field in refused.value.problems


def test_nobody_inside_a_provider_makes_another(cast: Cast) -> None:
    with pytest.raises(Refused):
        create_provider(by=cast.administrator, at=NOW, name="Third")


def test_places_have_names_of_their_own(cast: Cast) -> None:
    with pytest.raises(Invalid):
        create_service(by=cast.administrator, at=NOW, provider=cast.provider, name="harbour crisis SERVICE")
    with pytest.raises(Invalid):
        create_team(by=cast.administrator, at=NOW, service=cast.harbour, name="east team")
    with pytest.raises(Invalid):
        create_team(by=cast.administrator, at=NOW, service=cast.harbour, name=" ")
    assert (
        create_team(by=cast.administrator, at=NOW, service=cast.riverside, name="East team").service == cast.riverside
    )


SEEN = {
    "worker": set(),
    "colleague": set(),
    "worker_elsewhere": set(),
    "duty_manager": {"north", "south"},
    "duty_manager_elsewhere": {"east"},
    "supervisor": {"north"},
    "lead": {"north", "south", "east"},
    "reviewer": set(),
    "quality_lead": {"north", "south", "east"},
    "director": {"north", "south", "east"},
    "administrator": set(),
    "commissioner": set(),
    "inspector": set(),
    "stranger": set(),
}


@pytest.mark.parametrize(("name", "teams"), SEEN.items())
def test_how_far_each_persona_sees(cast: Cast, name: str, teams: set[str]) -> None:
    expected = {getattr(cast, team).pk for team in teams}
    assert team_ids_seen(cast.people()[name], NOW) == expected


def test_a_role_holds_from_its_start_to_its_end(cast: Cast) -> None:
    assert cast.duty_manager.roles(cast.north.place, LONG_AGO - timedelta(seconds=1)) == frozenset()
    assert cast.duty_manager.roles(cast.north.place, LONG_AGO) == {Role.DUTY_MANAGER}
    held = RoleAssignment.objects.get(person=cast.duty_manager)
    end_role(by=cast.administrator, at=NOW, assignment=held)
    later = Person.objects.get(pk=cast.duty_manager.pk)
    assert later.roles(cast.north.place, NOW - timedelta(seconds=1)) == {Role.DUTY_MANAGER}
    assert later.roles(cast.north.place, NOW) == frozenset()
    with pytest.raises(Invalid, match="already ended"):
        end_role(by=cast.administrator, at=NOW, assignment=held)


def test_a_leaver_sees_nothing_and_cannot_sign_in(cast: Cast) -> None:
    from django.contrib.auth import authenticate
    from django.test import RequestFactory

    request = RequestFactory().post("/account/login/")
    assert authenticate(request, email="duty@example.org", password=PASSWORD) == cast.duty_manager
    set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
    gone = Person.objects.get(pk=cast.duty_manager.pk)
    assert gone.roles_anywhere(NOW) == frozenset()
    assert team_ids_seen(gone, NOW) == frozenset()
    assert authenticate(request, email="duty@example.org", password=PASSWORD) is None


def test_an_administrator_cannot_lock_themselves_out(cast: Cast) -> None:
    with pytest.raises(Invalid, match="your own"):
        set_active(by=cast.administrator, at=NOW, person=cast.administrator, active=False)


def test_a_role_cannot_be_given_at_another_provider(cast: Cast) -> None:
    with pytest.raises(Invalid):
        assign_role(
            by=cast.administrator,
            at=NOW,
            person=cast.worker,
            role=Role.DIRECTOR,
            place=Place(cast.stranger.provider_id),
        )


def test_who_holds_a_role_over_a_team(cast: Cast) -> None:
    def names(role: Role, place: Place) -> set[str]:
        return {p.name for p in Person.objects.holding(role, place, NOW)}

    assert names(Role.DUTY_MANAGER, cast.north.place) == {"Dale Marlow"}
    assert names(Role.DUTY_MANAGER, cast.east.place) == {"Dinah Frost"}
    assert names(Role.SAFEGUARDING_LEAD, cast.east.place) == {"Lark Penrose"}
    assert names(Role.SUPERVISOR, cast.south.place) == set()
    set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
    assert names(Role.DUTY_MANAGER, cast.north.place) == set()


def test_an_incident_may_be_reported_from_any_team_of_ones_own_provider(cast: Cast) -> None:
    assert set(teams_to_report_from(cast.worker)) == {cast.north, cast.south, cast.east}


def test_a_place_is_the_team_or_the_service_or_the_provider(cast: Cast) -> None:
    provider_id = cast.provider.pk
    assert place_of(provider_id=provider_id, team=cast.north) == Place(provider_id, cast.riverside.pk, cast.north.pk)
    assert place_of(provider_id=provider_id, service=cast.riverside) == Place(provider_id, cast.riverside.pk)
    assert place_of(provider_id=provider_id) == Place(provider_id)


def test_setting_up_is_on_the_trail(cast: Cast) -> None:
    said = set(TrailEntry.objects.filter(provider_id=cast.provider.pk).values_list("sentence", flat=True))
    assert "set up the team North team of Riverside community service" in said
    assert "made Lark Penrose safeguarding lead of Example Care" in said
