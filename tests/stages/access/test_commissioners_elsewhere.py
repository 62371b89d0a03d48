"""A commissioner of one provider who reads what another publishes: the one thing that crosses, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.operations import assign_role, end_role, let_commissioner_read, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.evidence.models.commissioning import places_commissioned
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.commissioning import another_provider, somebody
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R32")]


@pytest.fixture
def outsider(cast: Cast) -> Person:
    """A commissioner of a third provider, not let in anywhere else."""
    return somebody("outsider", Role.COMMISSIONER, Place(another_provider("Third Care").provider_id), name="Cory Out")


def let_in(cast: Cast, email: str = "outsider@example.org", **more: Any) -> RoleAssignment:
    given = {"by": cast.administrator, "at": NOW, "provider": cast.provider, "place": Place(cast.provider.pk)}
    return let_commissioner_read(email=email, **(given | more))


def again(person: Person) -> Person:
    """The person as the next request meets them."""
    return Person.objects.get(pk=person.pk)


@pytest.mark.parametrize(
    ("role", "may"), [(role, role is Role.COMMISSIONER) for role in Role], ids=[role.value for role in Role]
)
def test_only_who_is_a_commissioner_already(cast: Cast, role: Role, *, may: bool) -> None:
    team = another_provider("Third Care")
    one = somebody("one", role, Place(team.provider_id))
    if may:
        assert places_commissioned(again(let_in(cast, one.email).person), NOW).keys() >= {cast.provider.pk}
        return
    with pytest.raises(Invalid, match="No commissioner of another provider"):
        let_in(cast, one.email)
    assert not RoleAssignment.objects.filter(person=one, provider=cast.provider).exists()


NOT_THERE: dict[str, Callable[[Cast, Person], str]] = {
    "nobody": lambda cast, one: "nobody@example.org",
    "part of the address": lambda cast, one: "outsider",
    "one of their own": lambda cast, one: cast.commissioner.email,
    "a name": lambda cast, one: one.name,
    "nothing": lambda cast, one: "",
}


@pytest.mark.parametrize("whom", sorted(NOT_THERE))
def test_nobody_is_found_by_anything_but_their_whole_address(cast: Cast, outsider: Person, whom: str) -> None:
    with pytest.raises(Invalid) as refused:
        let_in(cast, NOT_THERE[whom](cast, outsider))
    assert refused.value.problems["email"].startswith("No commissioner of another provider"), "the same for everybody"


def test_capitals_and_space_around_an_address_do_not_matter(cast: Cast, outsider: Person) -> None:
    assert let_in(cast, "  Outsider@Example.org ").person == outsider


def test_who_has_left_or_is_a_commissioner_no_more_is_not_let_in(cast: Cast, outsider: Person) -> None:
    end_role(by=SET_UP, at=NOW, assignment=outsider.role_assignments.get())
    with pytest.raises(Invalid, match="No commissioner"):
        let_in(cast)
    assign_role(by=SET_UP, at=NOW, person=outsider, role=Role.COMMISSIONER, place=Place(outsider.provider_id))
    set_active(by=SET_UP, at=NOW, person=outsider, active=False)
    with pytest.raises(Invalid, match="No commissioner"):
        let_in(cast)


@pytest.mark.parametrize(
    "name", ["worker", "quality_lead", "director", "lead", "commissioner", "inspector", "stranger"]
)
def test_only_an_administrator_of_the_provider_lets_in(cast: Cast, outsider: Person, name: str) -> None:
    with pytest.raises(Refused):
        let_in(cast, by=cast.people()[name])


def test_an_administrator_lets_nobody_into_another_provider(cast: Cast, outsider: Person) -> None:
    with pytest.raises(Refused):
        let_in(cast, provider=cast.stranger.provider, place=Place(cast.stranger.provider_id))
    with pytest.raises(Invalid, match="whole provider or one of its services"):
        let_in(cast, place=Place(cast.stranger.provider_id))


def test_whole_provider_or_a_service_and_no_team(cast: Cast, outsider: Person) -> None:
    let_in(cast, place=Place(cast.provider.pk, cast.harbour.pk))
    assert places_commissioned(again(outsider), NOW)[cast.provider.pk] == (Place(cast.provider.pk, cast.harbour.pk),)
    with pytest.raises(Invalid, match="whole provider or one of its services"):
        let_in(cast, place=cast.north.place)
    let_in(cast)
    whole = (Place(cast.provider.pk),)
    assert places_commissioned(again(outsider), NOW)[cast.provider.pk] == whole, "the widest counts"
    with pytest.raises(Invalid, match="reads this already"):
        let_in(cast)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_no_other_role_crosses(cast: Cast, outsider: Person, role: Role) -> None:
    """Neither administrator makes somebody anything at the other's provider, whoever they start from."""
    with pytest.raises(Refused):
        assign_role(by=cast.administrator, at=NOW, person=outsider, role=role, place=Place(cast.provider.pk))
    with pytest.raises(Invalid, match="own provider"):
        assign_role(by=SET_UP, at=NOW, person=outsider, role=role, place=Place(cast.provider.pk))


def _ended_here(cast: Cast, outsider: Person) -> None:
    end_role(by=cast.administrator, at=NOW, assignment=outsider.role_assignments.get(provider=cast.provider))


def _ended_at_home(cast: Cast, outsider: Person) -> None:
    end_role(by=SET_UP, at=NOW, assignment=outsider.role_assignments.get(provider=outsider.provider))


def _left(cast: Cast, outsider: Person) -> None:
    set_active(by=SET_UP, at=NOW, person=outsider, active=False)


@pytest.mark.parametrize("end", [_ended_here, _ended_at_home, _left])
def test_it_ends_at_once(cast: Cast, outsider: Person, end: Callable[[Cast, Person], None]) -> None:
    let_in(cast, at=NOW - timedelta(days=9))
    assert cast.provider.pk in places_commissioned(again(outsider), NOW)
    end(cast, outsider)
    assert cast.provider.pk not in places_commissioned(again(outsider), NOW)


def test_nobody_elsewhere_ends_it(cast: Cast, outsider: Person) -> None:
    held = let_in(cast, at=NOW - timedelta(days=9))
    home = somebody("home.admin", Role.ADMINISTRATOR, Place(outsider.provider_id))
    with pytest.raises(Refused):
        end_role(by=home, at=NOW, assignment=held)


class TestPages:
    @pytest.fixture(autouse=True)
    def today(self, the_clock: Any) -> None:
        the_clock.stand_at(NOW)

    def test_let_in_by_their_address(self, cast: Cast, outsider: Person) -> None:
        client, page = signed_in(cast.administrator), reverse("access:commissioners")
        assert outsider.name not in words(client.get(page)), "nobody is offered"
        assert client.post(page, {"email": outsider.email, "place": "provider"}).status_code == 302
        assert outsider.name in words(client.get(page))
        assert outsider.name in words(client.get(reverse("access:review")))

    def test_ended_by_a_button(self, cast: Cast, outsider: Person) -> None:
        held = let_in(cast, at=NOW - timedelta(days=9))
        client = signed_in(cast.administrator)
        assert client.post(reverse("access:end_commissioner", args=[held.pk])).status_code == 302
        held.refresh_from_db()
        assert held.until_at == NOW

    def test_an_unknown_address_is_said_beside_the_field(self, cast: Cast) -> None:
        page = words(signed_in(cast.administrator).post(
            reverse("access:commissioners"), {"email": "nobody@example.org", "place": "provider"}
        ))  # fmt: skip
        assert "No commissioner of another provider signs in with this address" in page

    def test_their_own_administrator_does_not_read_where_else(self, cast: Cast, outsider: Person) -> None:
        let_in(cast, at=NOW - timedelta(days=9))
        home = somebody("home.admin", Role.ADMINISTRATOR, Place(outsider.provider_id))
        page = words(signed_in(home).get(reverse("access:person", args=[outsider.pk])))
        assert page.count("/end") == 1, "their own role alone"
        assert "Example Care" not in page

    def test_their_page_here_is_not_there_for_the_administrator(self, cast: Cast, outsider: Person) -> None:
        let_in(cast)
        assert signed_in(cast.administrator).get(reverse("access:person", args=[outsider.pk])).status_code == 404

    @pytest.mark.parametrize("whose", ["commissioner", "administrator"])
    def test_only_a_role_from_outside_is_ended_here(self, cast: Cast, whose: str) -> None:
        held = cast.people()[whose].role_assignments.get()
        sent = signed_in(cast.administrator).post(reverse("access:end_commissioner", args=[held.pk]))
        assert sent.status_code == 404
