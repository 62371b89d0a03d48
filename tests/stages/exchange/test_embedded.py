"""The checklist in a care record system's frame: one person, one checklist, one member of staff, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person, RoleAssignment
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Role
from saferpractice.exchange.models import IntegrationUse
from saferpractice.exchange.operations import renew_keys, revoke_integration, set_up_integration
from saferpractice.exchange.operations.integrations import NewKeys
from saferpractice.exchange.rules.links import CALLS_A_MINUTE, LINK_LIVES, TICKET_LIVES
from saferpractice.incidents.operations import decide_restriction
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.models import TrailEntry
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.integrations import ORIGIN, an_integration, open_link, signed
from tests.factories.pathways import a_case, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]
TWO = ["infection-risk", "refusal-of-care"]
AT = hours(10)


@pytest.fixture(autouse=True)
def _now(cast: Cast, the_clock: TestClock) -> None:
    the_clock.stand_at(AT)
    used(cast)


@pytest.fixture
def keys(cast: Cast) -> NewKeys:
    return an_integration(cast)


def opened(keys: NewKeys, **changes: Any) -> HttpResponse:
    return open_link(keys.integration, signed(keys, AT, **changes))


def ticket_of(page: HttpResponse) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', words(page))
    assert found
    return found[1]


def save(ticket: str, client: Client | None = None, **data: Any) -> HttpResponse:
    client = client or Client(enforce_csrf_checks=True)
    return client.post(reverse("embed:save"), {"ticket": ticket, **data})


def frames(response: HttpResponse) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", response["Content-Security-Policy"])
    assert found
    return found[1].strip()


class TestTicking:
    def test_opened_ticked_and_written_by_the_member_of_staff(self, cast: Cast, keys: NewKeys) -> None:
        told = words(save(ticket_of(opened(keys)), present=TWO))
        assert "2 of 5 are present. Consult the duty manager" in told
        record = PathwayRecord.objects.get()
        assert (record.decided_by, record.case.team) == (cast.worker, cast.north)
        assert record.case.person_supported.reference == "P-1042"
        whole = TrailEntry.objects.get(operation="exchange.write_through")
        assert (whole.by_id, whole.sentence) == (cast.worker.pk, "did so in “Example Records”")

    def test_last_time_s_answers_are_in_view(self, cast: Cast, keys: NewKeys) -> None:
        a_record(a_case(cast), "checklist", 1, by=cast.colleague, present=TWO)
        shown = words(opened(keys, person="p-1042"))
        assert "Last time: 2 of 5 present" in shown
        assert "Corin Vale" in shown

    def test_an_open_case_is_written_on(self, cast: Cast, keys: NewKeys) -> None:
        case = a_case(cast)
        save(ticket_of(opened(keys)), present=["infection-risk"])
        assert PathwayRecord.objects.get().case == case

    def test_saved_twice_there_is_one_record(self, keys: NewKeys) -> None:
        ticket = ticket_of(opened(keys))
        assert save(ticket, present=TWO).status_code == save(ticket, present=TWO).status_code == 200
        assert (PathwayCase.objects.count(), PathwayRecord.objects.count()) == (1, 1)

    def test_nothing_ticked_is_said_and_can_be_put_right(self, keys: NewKeys) -> None:
        page = save(ticket_of(opened(keys)), seen="Well.")
        assert "with none of them nothing is opened" in words(page)
        assert "Well." in words(page)
        assert "are present" in words(save(ticket_of(page), present=TWO))

    def test_whoever_works_in_several_teams_of_the_service_is_asked(self, cast: Cast, keys: NewKeys) -> None:
        ticket = ticket_of(opened(keys, staff="duty@example.org"))
        assert "Choose the team" in words(save(ticket, present=TWO))
        save(ticket, present=TWO, team=str(cast.east.pk))
        assert not PathwayCase.objects.exists(), "a team of another service"
        save(ticket, present=TWO, team=str(cast.south.pk))
        assert PathwayCase.objects.get().team == cast.south

    def test_every_look_and_use_is_kept(self, cast: Cast, keys: NewKeys) -> None:
        save(ticket_of(opened(keys)), present=TWO)
        looks = list(AccessEntry.objects.order_by("at", "pk").values_list("page", "by_id", "detail"))
        detail = "P-1042, in “Example Records”"
        assert looks == [
            ("embedded checklist", cast.worker.pk, detail),
            ("embedded checklist, saving", cast.worker.pk, detail),
        ]
        uses = IntegrationUse.objects.order_by("pk").values_list("way", "outcome", "by_id")
        assert list(uses) == [("link", "done: opened", cast.worker.pk), ("page", "done: saved", cast.worker.pk)]


class TestNoWiderSession:
    def test_no_cookie_is_set_and_none_is_read(self, cast: Cast, keys: NewKeys) -> None:
        page = opened(keys)
        done = save(ticket_of(page), present=TWO)
        assert not page.cookies
        assert not done.cookies
        other = signed_in(cast.lead)
        shown = other.get(reverse("embed:checklist", args=[keys.integration.pk]), signed(keys, AT))
        assert "Lark Penrose" not in words(shown)
        save(ticket_of(shown), client=other, present=["infection-risk"])
        assert PathwayRecord.objects.order_by("-decided_at", "-pk").first().decided_by == cast.worker  # type: ignore[union-attr]

    def test_it_opens_no_other_page(self, keys: NewKeys) -> None:
        client = Client()
        client.get(reverse("embed:checklist", args=[keys.integration.pk]), signed(keys, AT))
        for name in ("home:my_work", "pathways:index", "pathways:people"):
            assert client.get(reverse(name)).status_code == 302

    def test_the_page_leads_nowhere(self, keys: NewKeys) -> None:
        assert re.findall(r'<a [^>]*href="([^#"][^"]*)"', words(opened(keys))) == []

    def test_a_restricted_incident_s_case_stays_out_of_it(self, cast: Cast, keys: NewKeys) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        tied = a_case(cast, by=cast.lead, incident=incident)
        a_record(tied, "checklist", 1, by=cast.lead, present=TWO)
        decide_restriction(by=cast.lead, at=hours(2), incident=incident, restricted=True, reason="About staff")
        page = opened(keys)
        assert "Last time" not in words(page)
        save(ticket_of(page), present=["infection-risk"])
        assert tied.records.count() == 1


class TestFrames:
    def test_exactly_the_configured_sites(self, cast: Cast) -> None:
        keys = an_integration(cast, origins=f"{ORIGIN}\nhttp://localhost:3000")
        page = opened(keys)
        for response in (page, save(ticket_of(page)), save(ticket_of(page), present=TWO)):
            assert response.status_code == 200
            assert frames(response) == f"{ORIGIN} http://localhost:3000"
            assert "X-Frame-Options" not in response

    def test_an_integration_without_sites_may_not_frame(self, cast: Cast) -> None:
        page = opened(an_integration(cast, origins=""))
        assert (frames(page), page["X-Frame-Options"]) == ("'none'", "DENY")

    @pytest.mark.parametrize("name", ["home:my_work", "pathways:index", "pathways:people", "integrations:all"])
    def test_no_other_page_may_be_framed(self, cast: Cast, keys: NewKeys, name: str) -> None:
        for person in (cast.administrator, cast.lead):
            response = signed_in(person).get(reverse(name))
            assert (frames(response), response["X-Frame-Options"]) == ("'none'", "DENY")

    def test_the_rest_of_the_policy_stays(self, keys: NewKeys) -> None:
        policy = opened(keys)["Content-Security-Policy"]
        for part in ("default-src 'none'", "form-action 'self'", "style-src 'self'", "base-uri 'none'"):
            assert part in policy


Spoil = Callable[[Cast, NewKeys], dict[str, str]]


def _leave(cast: Cast, keys: NewKeys) -> dict[str, str]:
    set_active(by=cast.administrator, at=AT, person=cast.worker, active=False)
    return signed(keys, AT)


def _lose_role(cast: Cast, keys: NewKeys) -> dict[str, str]:
    end_role(by=SET_UP, at=AT - timedelta(hours=1), assignment=RoleAssignment.objects.get(person=cast.worker))
    return signed(keys, AT)


def _revoke(cast: Cast, keys: NewKeys) -> dict[str, str]:
    revoke_integration(by=cast.administrator, at=AT, integration=keys.integration, reason="Contract ended")
    return signed(keys, AT)


def _renew(cast: Cast, keys: NewKeys) -> dict[str, str]:
    renew_keys(by=cast.administrator, at=AT, integration=keys.integration)
    return signed(keys, AT)


def _replay(cast: Cast, keys: NewKeys) -> dict[str, str]:
    parameters = signed(keys, AT)
    assert open_link(keys.integration, parameters).status_code == 200
    return parameters


def _other_system(cast: Cast, keys: NewKeys) -> dict[str, str]:
    other = set_up_integration(
        by=SET_UP, at=AT, provider=cast.stranger.provider, name="Theirs", origins=ORIGIN,
        services=[cast.stranger.provider.services.create(name="Their service")],
    )  # fmt: skip
    return signed(other, AT)


REFUSED: dict[str, tuple[Spoil, str]] = {
    "forged": (lambda cast, keys: signed(keys, AT, secret="guessed"), "forged"),
    "no signature": (lambda cast, keys: signed(keys, AT) | {"signature": ""}, "forged"),
    "another person than was signed": (lambda cast, keys: signed(keys, AT) | {"person": "P-7"}, "forged"),
    "another colleague than was signed": (
        lambda cast, keys: signed(keys, AT) | {"staff": "colleague@example.org"},
        "forged",
    ),
    "expired": (lambda cast, keys: signed(keys, AT, expires=str(int(AT.timestamp()))), "expired"),
    "good for too long": (
        lambda cast, keys: signed(keys, AT, expires=str(int((AT + 2 * LINK_LIVES).timestamp()))),
        "too far ahead",
    ),
    "opened before": (_replay, "opened before"),
    "a part lacks": (lambda cast, keys: {n: v for n, v in signed(keys, AT).items() if n != "nonce"}, "not readable"),
    "signed by another system": (_other_system, "forged"),
    "nobody of that address": (
        lambda cast, keys: signed(keys, AT, staff="nobody@example.org"),
        "not staff of these services",
    ),
    "of another provider": (
        lambda cast, keys: signed(keys, AT, staff="stranger@example.org"),
        "not staff of these services",
    ),
    "works in another service": (
        lambda cast, keys: signed(keys, AT, staff="worker.elsewhere@example.org"),
        "not staff of these services",
    ),
    "works in no team": (
        lambda cast, keys: signed(keys, AT, staff="admin@example.org"),
        "not staff of these services",
    ),
    "has left": (_leave, "not staff of these services"),
    "has no role any more": (_lose_role, "not staff of these services"),
    "makes no checklists": (lambda cast, keys: signed(keys, AT, staff="reviewer@example.org"), "no such checklist"),
    "a pathway that is not in use": (
        lambda cast, keys: signed(keys, AT, pathway="exploitation"),
        "no such checklist",
    ),
    "keys renewed": (_renew, "forged"),
    "revoked": (_revoke, ""),
}


NO_INTEGRATION = "0" * 8 + "-0000-7000-8000-" + "0" * 12


class TestWhatDoesNotHold:
    @pytest.mark.parametrize("what", sorted(REFUSED))
    def test_one_and_the_same_page_and_the_reason_kept(self, cast: Cast, keys: NewKeys, what: str) -> None:
        spoil, why = REFUSED[what]
        parameters = spoil(cast, keys)
        looks = AccessEntry.objects.count()
        response = open_link(keys.integration, parameters)
        nowhere = Client().get(reverse("embed:checklist", args=[NO_INTEGRATION]))
        assert response.status_code == nowhere.status_code == 404
        nonce = re.compile(r'nonce="[^"]*"|nonce-[^\']*')
        assert nonce.sub("", words(response)) == nonce.sub("", words(nowhere))
        assert frames(response) == "*"  # an empty frame would tell the worker nothing
        assert "X-Frame-Options" not in response
        assert "Open the checklist again" in words(response)
        assert not any(name in words(response) for name in ("P-1042", cast.worker.name))
        assert AccessEntry.objects.count() == looks
        kept = IntegrationUse.objects.filter(integration=keys.integration, outcome__startswith="refused")
        assert [use.outcome for use in kept] == ([f"refused: {why}"] if why else [])

    def test_an_integration_that_never_was(self, keys: NewKeys, caplog: pytest.LogCaptureFixture) -> None:
        parameters = signed(keys, AT)
        address = reverse("embed:checklist", args=[NO_INTEGRATION])
        assert Client().get(address, parameters).status_code == 404

    def test_a_flood_of_forged_links_is_not_kept_without_end(self, keys: NewKeys) -> None:
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=keys.integration, at=AT, way="link", outcome="refused: forged")
            for _ in range(CALLS_A_MINUTE)
        )
        assert opened(keys, secret="guessed").status_code == 404
        assert IntegrationUse.objects.count() == CALLS_A_MINUTE

    def test_a_forged_link_does_not_use_up_the_true_one(self, keys: NewKeys) -> None:
        parameters = signed(keys, AT)
        assert open_link(keys.integration, parameters | {"signature": "0" * 64}).status_code == 404
        assert open_link(keys.integration, parameters).status_code == 200

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_a_link_is_only_opened(self, keys: NewKeys, method: str) -> None:
        address = reverse("embed:checklist", args=[keys.integration.pk])
        assert getattr(Client(), method)(address, signed(keys, AT)).status_code == 405


class TestTickets:
    @pytest.mark.parametrize("spoil", [_leave, _lose_role, _revoke, _renew], ids=["left", "role", "revoked", "renewed"])
    def test_what_held_when_it_was_opened_is_judged_anew(self, cast: Cast, keys: NewKeys, spoil: Spoil) -> None:
        ticket = ticket_of(opened(keys))
        spoil(cast, keys)
        assert save(ticket, present=TWO).status_code == 404
        assert not PathwayCase.objects.exists()

    @pytest.mark.parametrize(("later", "status"), [(-1, 200), (0, 404), (1, 404)])
    def test_it_lives_half_an_hour(self, keys: NewKeys, the_clock: TestClock, later: int, status: int) -> None:
        ticket = ticket_of(opened(keys))
        the_clock.stand_at(AT + TICKET_LIVES + timedelta(seconds=later))
        assert save(ticket, present=TWO).status_code == status

    def test_what_was_typed_on_a_page_that_ran_out_is_given_back(self, keys: NewKeys, the_clock: TestClock) -> None:
        ticket = ticket_of(opened(keys))
        the_clock.stand_at(AT + TICKET_LIVES)
        told = save(ticket, present=TWO, seen="A man answered <b>for her</b>.\nHe had her card.").content.decode()
        assert "Nothing was saved" in told
        assert "A man answered &lt;b&gt;for her&lt;/b&gt;.<br>He had her card." in told
        assert not any(other in told for other in (TWO[0], ticket, "P-1042"))

    def test_a_ticket_of_somebody_else_shows_nothing_that_was_sent(self, keys: NewKeys) -> None:
        told = words(save("forged", present=TWO, seen="Call this number now."))
        assert "Open the checklist again" in told
        assert "Call this number" not in told

    @pytest.mark.parametrize("ticket", ["", "x", "a:b:c", "signed for another use"])
    def test_one_that_is_not_ours(self, keys: NewKeys, ticket: str) -> None:
        if ticket == "signed for another use":
            ticket = signing.dumps({"staff": "x"}, salt="another")
        assert save(ticket, present=TWO).status_code == 404

    def test_it_cannot_be_turned_to_another_person(self, keys: NewKeys) -> None:
        ticket = ticket_of(opened(keys))
        save(ticket, present=TWO, person_reference="P-7", person="P-7")
        assert PathwayCase.objects.get().person_supported.reference == "P-1042"

    def test_a_form_sent_from_elsewhere_without_it_does_nothing(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        assert client.post(reverse("embed:save"), {"present": TWO}).status_code == 404

    def test_one_who_moves_to_another_service_meanwhile(self, cast: Cast, keys: NewKeys) -> None:
        ticket = ticket_of(opened(keys))
        _lose_role(cast, keys)
        assign_role(by=SET_UP, at=AT, person=cast.worker, role=Role.SUPPORT_WORKER, place=cast.east.place)
        assert Person.objects.get(pk=cast.worker.pk).roles(cast.east.place, AT)
        assert save(ticket, present=TWO).status_code == 404
