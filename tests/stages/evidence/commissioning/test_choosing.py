"""Somebody who commissions several services, or several providers, reads each, and nothing beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person, Service, Team
from saferpractice.access.operations import assign_role, end_role, let_commissioner_read
from saferpractice.access.rules import Place, Role
from saferpractice.evidence.queries.commissioning import commissioned, quarters_read
from tests.factories.commissioning import (
    PUBLISHED_AT,
    QUARTER,
    TRIAGE,
    a_target,
    another_provider,
    duties,
    published,
    somebody,
)
from tests.factories.web import signed_in, words
from tests.personas import LONG_AGO, SET_UP, Cast

pytestmark = [pytest.mark.requirement("R32"), pytest.mark.usefixtures("db")]

OF_A_QUARTER = ("commissioner_quarter", "commissioner_file")
PAGES = (*OF_A_QUARTER, "schedule", "schedule_file", "schedule_pdf")
RIVERSIDE, HARBOUR, WHOLE, TEAM = "Riverside community service", "Harbour crisis service", "whole", "a team"
NUMBERS = {"": "55", RIVERSIDE: "30", HARBOUR: "20"}
"""How many of each were in time, as it is published."""


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(PUBLISHED_AT)


@pytest.fixture
def there(cast: Cast) -> Cast:
    """Both services counted in the quarter, a target, and all of it published."""
    duties(cast.north, 31, 10)
    duties(cast.east, 22, 6)
    a_target(cast)
    published(cast)
    return cast


def who_commissions(cast: Cast, *what: str) -> Person:
    """Somebody who is a commissioner of each of these, one role after the other."""
    places = {
        WHOLE: Place(cast.provider.pk),
        RIVERSIDE: Place(cast.provider.pk, cast.riverside.pk),
        HARBOUR: Place(cast.provider.pk, cast.harbour.pk),
        TEAM: cast.north.place,
    }
    made = somebody("several", Role.COMMISSIONER, places[what[0]])
    for one in what[1:]:
        assign_role(by=SET_UP, at=LONG_AGO, person=made, role=Role.COMMISSIONER, place=places[one])
    return Person.objects.get(pk=made.pk)


def address(name: str, provider_id: object, service: str | None = None) -> str:
    args = [provider_id, QUARTER.code] if name in OF_A_QUARTER else [provider_id]
    query = "" if service is None else f"?service={service}"
    return reverse(f"evidence:{name}", args=args) + query


def lines(response: HttpResponse) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


ASKED = ("nothing", RIVERSIDE, HARBOUR, "elsewhere", "the provider", "a word", "no word")
THERE, GONE = 200, 404


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ([WHOLE], [THERE, GONE, GONE, GONE, GONE, GONE, GONE]),
        ([RIVERSIDE], [THERE, THERE, GONE, GONE, GONE, GONE, GONE]),
        ([HARBOUR], [THERE, GONE, THERE, GONE, GONE, GONE, GONE]),
        ([RIVERSIDE, HARBOUR], [THERE, THERE, THERE, GONE, GONE, GONE, GONE]),
        ([HARBOUR, RIVERSIDE], [THERE, THERE, THERE, GONE, GONE, GONE, GONE]),
        ([HARBOUR, WHOLE], [THERE, GONE, GONE, GONE, GONE, GONE, GONE]),
        ([WHOLE, HARBOUR], [THERE, GONE, GONE, GONE, GONE, GONE, GONE]),
        ([TEAM], [GONE] * 7),
        ([HARBOUR, TEAM], [THERE, GONE, THERE, GONE, GONE, GONE, GONE]),
    ],
    ids=lambda one: " and ".join(one) if isinstance(one[0], str) else "",
)
def test_each_service_that_is_commissioned_and_no_other(held: Sequence[str], found: list[int], there: Cast) -> None:
    elsewhere = Service.objects.exclude(provider=there.provider).first() or another_provider("Zinnia Care").service
    asked = dict(
        zip(
            ASKED,
            [None, there.riverside.pk, there.harbour.pk, elsewhere.pk, there.provider.pk, "harbour", ""],
            strict=True,
        )
    )
    client = signed_in(who_commissions(there, *held))
    for name in PAGES[:4]:
        codes = [client.get(address(name, there.provider.pk, asked[one])).status_code for one in ASKED]
        assert dict(zip(ASKED, codes, strict=True)) == dict(zip(ASKED, found, strict=True)), name


@pytest.mark.parametrize(("service", "other"), [(RIVERSIDE, HARBOUR), (HARBOUR, RIVERSIDE)])
def test_of_two_services_each_has_its_own_numbers_on_every_page(service: str, other: str, there: Cast) -> None:
    reader = who_commissions(there, RIVERSIDE, HARBOUR)
    client, ids = signed_in(reader), {RIVERSIDE: there.riverside.pk, HARBOUR: there.harbour.pk}
    found = lines(client.get(address("commissioner_file", there.provider.pk, ids[service])))
    assert {(one["Service"], one["Count"]) for one in found if one["Code"] == TRIAGE} == {(service, NUMBERS[service])}
    (target,) = lines(client.get(address("schedule_file", there.provider.pk, ids[service])))
    assert target["Count"] == NUMBERS[service]
    for name in ("commissioner_quarter", "schedule"):
        page = words(client.get(address(name, there.provider.pk, ids[service])))
        assert re.findall(r"> ?Count </span><span>(\d+)</span>", page) == [NUMBERS[service]]
        heading = page.split("<h1")[1].split("</h1>")[0]
        assert service in heading
        assert other not in heading
        assert f"service={ids[service]}" in page, "its files are those of the same service"
    looks = AccessEntry.objects.filter(by_id=reader.pk)
    assert {one.detail.split(",")[0] for one in looks} == {service}


def chosen(page: str) -> tuple[str, list[tuple[str, str]]]:
    """Of the chooser on a page, what is shown, and the others with their addresses."""
    nav = page.split('aria-label="What you commission"')[1].split("</nav>", maxsplit=1)[0]
    return re.findall(r"<strong[^>]*>([^<]*)<", nav)[0], re.findall(r'href="([^"]*)">([^<]*)<', nav)


@pytest.mark.parametrize("name", ["commissioner_quarter", "schedule"])
def test_a_plain_list_leads_from_one_to_the_other(name: str, there: Cast) -> None:
    client = signed_in(who_commissions(there, RIVERSIDE, HARBOUR))
    shown, ((href, other),) = chosen(words(client.get(address(name, there.provider.pk))))
    assert (shown, other) == (f"{HARBOUR}, Example Care", f"{RIVERSIDE}, Example Care"), "the first by name is shown"
    back, ((_, again),) = chosen(words(client.get(href)))
    assert (back, again) == (other, shown)


def test_who_commissions_one_thing_has_nothing_to_choose(there: Cast) -> None:
    for held in (WHOLE, HARBOUR):
        reader = somebody(f"one.{held[:3]}", Role.COMMISSIONER, Place(there.provider.pk), name="One")
        page = words(signed_in(reader).get(address("commissioner_quarter", there.provider.pk)))
        assert "What you commission" not in page


def test_the_first_page_has_each_with_its_quarters(there: Cast) -> None:
    client = signed_in(who_commissions(there, RIVERSIDE, HARBOUR))
    page = words(client.get(reverse("evidence:commissioner")))
    assert re.findall(r"<h2[^>]*>([^<]*service, Example Care)<", page) == [
        f"{HARBOUR}, Example Care",
        f"{RIVERSIDE}, Example Care",
    ]
    for href in re.findall(r'href="(/[^"]*service=[^"]*)"', page):
        assert client.get(href).status_code == 200
    assert page.count(f"service={there.harbour.pk}") == page.count(f"service={there.riverside.pk}") == 2


def test_two_services_stand_beside_each_other_by_name(there: Cast) -> None:
    client = signed_in(who_commissions(there, RIVERSIDE, HARBOUR))
    page = words(client.get(reverse("evidence:compare"), {"measure": TRIAGE, "quarter": QUARTER.code}))
    assert page.count("<circle") == 2
    table = page[page.index("The numbers, by name") :]
    assert table.index(HARBOUR) < table.index(RIVERSIDE)


class TestTwoProviders:
    @pytest.fixture
    def zinnia(self, there: Cast) -> Team:
        team = another_provider("Zinnia Care")
        duties(team, 44, 5)
        return team

    def read_there(self, cast: Cast, team: Team, *, at: Any = LONG_AGO) -> Person:
        let_commissioner_read(
            by=SET_UP, at=at, provider=team.provider, email=cast.commissioner.email, place=Place(team.provider_id)
        )
        return Person.objects.get(pk=cast.commissioner.pk)

    def test_each_is_read_and_chosen_between(self, there: Cast, zinnia: Team) -> None:
        published(there, provider=zinnia.provider, by=SET_UP)
        client = signed_in(self.read_there(there, zinnia))
        shown, ((href, other),) = chosen(words(client.get(address("commissioner_quarter", there.provider.pk))))
        assert (shown, other) == ("Example Care", "Zinnia Care")
        page = words(client.get(href))
        assert "<span>45</span>" in page
        assert "<span>55</span>" not in page
        assert HARBOUR not in page

    def test_a_quarter_that_one_has_not_published_is_not_offered(self, there: Cast, zinnia: Team) -> None:
        client = signed_in(self.read_there(there, zinnia))
        assert "What you commission" not in words(client.get(address("commissioner_quarter", there.provider.pk)))
        shown, others = chosen(words(client.get(address("schedule", there.provider.pk))))
        assert (shown, [name for _, name in others]) == ("Example Care", ["Zinnia Care"]), "its contract stands already"
        page = words(client.get(reverse("evidence:commissioner")))
        assert "Zinnia Care has published no quarter yet" in page
        assert "Example Care has published no quarter yet" not in page

    def test_a_service_of_one_is_none_of_the_other(self, there: Cast, zinnia: Team) -> None:
        published(there, provider=zinnia.provider, by=SET_UP)
        client = signed_in(self.read_there(there, zinnia))
        for provider, service in ((zinnia.provider_id, there.harbour.pk), (there.provider.pk, zinnia.service_id)):
            assert client.get(address("commissioner_quarter", provider, service)).status_code == 404

    @pytest.mark.parametrize(
        ("days", "reads"),
        [(-1, ["Example Care"]), (0, ["Example Care", "Zinnia Care"]), (5, ["Example Care"])],
        ids=["before", "while", "after"],
    )
    def test_what_is_commissioned_is_as_long_as_the_role(
        self, days: int, reads: list[str], there: Cast, zinnia: Team
    ) -> None:
        published(there, provider=zinnia.provider, by=SET_UP)
        reader = self.read_there(there, zinnia, at=PUBLISHED_AT)
        held = reader.role_assignments.get(provider_id=zinnia.provider_id)
        end_role(by=SET_UP, at=PUBLISHED_AT + timedelta(days=5), assignment=held)
        reader, at = Person.objects.get(pk=reader.pk), PUBLISHED_AT + timedelta(days=days)
        assert [one.name for one in commissioned(reader, at)] == reads
        assert [one.name for one in quarters_read(reader, at)] == reads


def test_a_service_that_came_later_is_called_as_it_is_today(cast: Cast) -> None:
    from saferpractice.access.operations import create_service

    published(cast)
    new = create_service(by=SET_UP, at=PUBLISHED_AT, provider=cast.provider, name="Meadow service")
    reader = somebody("meadow", Role.COMMISSIONER, Place(cast.provider.pk, new.pk))
    Service.objects.filter(pk=cast.harbour.pk).update(name="Renamed service")
    assign_role(
        by=SET_UP, at=LONG_AGO, person=reader, role=Role.COMMISSIONER, place=Place(cast.provider.pk, cast.harbour.pk)
    )
    read = quarters_read(Person.objects.get(pk=reader.pk), PUBLISHED_AT)
    assert [one.service for one in read] == ["Meadow service", HARBOUR], "as it was when it was published"
