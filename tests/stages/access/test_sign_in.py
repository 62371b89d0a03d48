"""Signing in, staying signed in, and what ends it: nobody learns who has an account, and nobody outstays their role."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Role
from saferpractice.config import settings as real_settings
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, end_named_access, keep_from, name_person
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from tests.factories.incidents import an_incident
from tests.personas import NOW, PASSWORD, Cast
from tests.stages.access.table import CLOSED, OWN_ACCOUNT, SIGNING_IN, every_address

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def plain(response: HttpResponse, *emails: str) -> str:
    """A page without what differs on each request, and without the address that was typed."""
    text = re.sub(r'nonce="[^"]*"|value="[A-Za-z0-9]{64}"', "", response.content.decode())
    for email in emails:
        text = text.replace(email, "somebody")
    return text


class TestAllauthsPages:
    @pytest.mark.parametrize("name", [name for name in OWN_ACCOUNT if not every_address()[name]])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_an_account_is_behind_sign_in(self, cast: Cast, name: str, method: str) -> None:
        response = getattr(Client(), method)(reverse(name))
        assert response.status_code == 302
        assert response.headers["Location"].startswith(LOGIN)

    @pytest.mark.parametrize("name", OWN_ACCOUNT)
    def test_and_says_nothing_of_anybody_else(self, cast: Cast, name: str) -> None:
        takes = dict.fromkeys(every_address()[name], 1)
        response = signed_in(cast.worker).get(reverse(name, kwargs=takes))
        assert response.status_code in {200, 302, 404}
        text = response.content.decode()
        assert [
            p.name for p in cast.people().values() if p != cast.worker and (p.name in text or p.email in text)
        ] == []

    @pytest.mark.parametrize("name", [name for name in SIGNING_IN if not every_address()[name]])
    def test_the_way_in_names_nobody(self, cast: Cast, name: str) -> None:
        response = Client().get(reverse(name))
        assert response.status_code in {200, 302, 404, 405}
        text = response.content.decode()
        assert [p.name for p in cast.people().values() if p.name in text or p.email in text] == []

    @pytest.mark.parametrize("name", CLOSED)
    @pytest.mark.parametrize("who", ["nobody", "worker", "administrator"])
    def test_what_only_an_administrator_gives_is_not_there(self, cast: Cast, name: str, who: str) -> None:
        client = Client() if who == "nobody" else signed_in(cast.people()[who])
        for method in ("get", "post"):
            answer = getattr(client, method)(reverse(name))
            # Strangers are sent to sign in; behind that door there is no such page.
            assert answer.status_code == (302 if who == "nobody" else 404)
        assert Person.objects.count() == 14


class TestNobodyLearnsWhoHasAnAccount:
    KNOWN, UNKNOWN = "lead@example.org", "nobody.here@example.org"

    def test_by_a_wrong_password(self, cast: Cast) -> None:
        pages = {plain(sign_in(Client(), email, "wrong"), email) for email in (self.KNOWN, self.UNKNOWN)}
        assert len(pages) == 1
        assert "not correct" in pages.pop()

    def test_by_a_sign_in_that_is_closed(self, cast: Cast) -> None:
        set_active(by=cast.administrator, at=NOW, person=cast.lead, active=False)
        pages = {plain(sign_in(Client(), email, "wrong"), email) for email in (self.KNOWN, self.UNKNOWN)}
        assert len(pages) == 1
        closed = Client()
        sign_in(closed, self.KNOWN)
        assert closed.get(reverse("home:my_work")).status_code == 302, "nor does the right password open it"

    def test_by_asking_for_a_new_password(self, cast: Cast) -> None:
        answers = []
        for email in (self.KNOWN, self.UNKNOWN):
            client = Client()
            sent = client.post(reverse("account_reset_password"), {"email": email})
            page = client.get(sent.headers["Location"])
            answers.append((sent.status_code, sent.headers["Location"], plain(page, email)))
        assert answers[0] == answers[1]
        assert [message.to for message in mail.outbox if "/password/reset/key/" in message.body] == [[self.KNOWN]]

    def test_by_a_link_that_was_never_sent(self, cast: Cast) -> None:
        address = reverse("account_reset_password_from_key", kwargs={"uidb36": "1z", "key": "abc-123"})
        text = Client().get(address, follow=True).content.decode()
        assert "password1" not in text

    def test_guessing_comes_to_an_end(self, cast: Cast, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = real_settings.ACCOUNT_RATE_LIMITS
        cache.clear()
        client = Client()
        for _ in range(5):
            sign_in(client, self.KNOWN, "wrong")
        sign_in(client, self.KNOWN)
        assert client.get(reverse("home:my_work")).status_code == 302, "even the right password waits now"
        cache.clear()


class TestTheSession:
    def test_its_id_is_new_after_sign_in(self, cast: Cast) -> None:
        """A session somebody else began, on this computer or by a link, does not become the signed-in one."""
        client = Client()
        session = client.session
        session["put there"] = "before"
        session.save()
        client.cookies["session"] = session.session_key
        before, token = session.session_key, client.get(LOGIN).cookies["csrftoken"].value
        sign_in(client, "lead@example.org")
        assert client.cookies["session"].value != before
        assert client.cookies["csrftoken"].value != token
        old = Client()
        old.cookies["session"] = before
        assert old.get(reverse("home:my_work")).status_code == 302

    def test_scripts_cannot_read_its_cookies(self, cast: Cast) -> None:
        client = Client()
        client.get(LOGIN)
        sign_in(client, "lead@example.org")
        for name in ("session", "csrftoken"):
            assert client.cookies[name]["httponly"]
            assert client.cookies[name]["samesite"] == "Lax"

    def test_it_ends_with_sign_out_for_whoever_kept_its_id(self, cast: Cast) -> None:
        client, thief = signed_in(cast.lead), Client()
        thief.cookies["session"] = client.cookies["session"].value
        assert thief.get(reverse("home:my_work")).status_code == 200
        client.post(reverse("account_logout"))
        assert thief.get(reverse("home:my_work")).status_code == 302

    def test_a_look_at_sign_out_ends_nothing(self, cast: Cast) -> None:
        client = signed_in(cast.lead)
        client.get(reverse("account_logout"))
        assert client.get(reverse("home:my_work")).status_code == 200

    def test_a_new_password_ends_every_other_one(self, cast: Cast) -> None:
        here, elsewhere = signed_in(cast.lead), signed_in(cast.lead)
        sent = {"oldpassword": PASSWORD, "password1": "a louder river by day", "password2": "a louder river by day"}
        assert here.post(reverse("account_change_password"), sent).status_code == 302
        assert here.get(reverse("home:my_work")).status_code == 200
        assert elsewhere.get(reverse("home:my_work")).status_code == 302


@pytest.mark.parametrize(
    ("following", "leads_to"),
    [
        ("/tracker", "/tracker"),
        ("/incidents?q=fall", "/incidents?q=fall"),
        ("https://elsewhere.example/", "/work"),
        ("//elsewhere.example/", "/work"),
        ("/\\elsewhere.example", "/work"),
        ("\\\\elsewhere.example", "/work"),
        ("https:elsewhere.example", "/work"),
        ("javascript:alert(1)", "/work"),
        (" //elsewhere.example", "/work"),
        ("http://testserver@elsewhere.example/", "/work"),
    ],
)
def test_sign_in_leads_nowhere_but_here(cast: Cast, following: str, leads_to: str) -> None:
    assert sign_in(Client(), "lead@example.org", next=following).headers["Location"] == leads_to


class TestWhatEndsWhileSomebodyWorks:
    """The next request is the first that knows: no look, and no deed from a page that was open."""

    @pytest.fixture
    def incident(self, cast: Cast) -> Incident:
        return an_incident(by=cast.worker, team=cast.north)

    SENT = {"part": "what", "text": "Somebody else was there.", "reason": "She told me."}

    def tries(self, client: Client, incident: Incident) -> tuple[int, int]:
        """What a look and a deed come to; whatever they leave behind fails the test."""
        before = TrailEntry.objects.count(), AccessEntry.objects.count()
        look = client.get(reverse("home:incident", args=[incident.pk])).status_code
        deed = client.post(reverse("incidents:correct", args=[incident.pk]), self.SENT).status_code
        assert (TrailEntry.objects.count(), AccessEntry.objects.count()) == before
        return look, deed

    def test_a_leavers_session_dies(self, cast: Cast, incident: Incident) -> None:
        client = signed_in(cast.duty_manager)
        assert client.get(reverse("home:incident", args=[incident.pk])).status_code == 200
        set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
        assert self.tries(client, incident) == (302, 302)

    def end_the_role(self, cast: Cast, incident: Incident) -> None:
        end_role(by=cast.administrator, at=NOW, assignment=cast.duty_manager.role_assignments.get())

    def move_elsewhere(self, cast: Cast, incident: Incident) -> None:
        self.end_the_role(cast, incident)
        assign_role(
            by=cast.administrator, at=NOW, person=cast.duty_manager, role=Role.DUTY_MANAGER, place=cast.east.place
        )

    def restrict(self, cast: Cast, incident: Incident) -> None:
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")

    def keep_them_from_it(self, cast: Cast, incident: Incident) -> None:
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.RELATIVE)

    @pytest.mark.parametrize("ends", [end_the_role, move_elsewhere, restrict, keep_them_from_it])
    def test_access_that_ended_is_gone_with_the_next_request(self, cast: Cast, incident: Incident, ends: Any) -> None:
        client = signed_in(cast.duty_manager)
        assert client.get(reverse("incidents:correct", args=[incident.pk])).status_code == 200, "the page is open"
        ends(self, cast, incident)
        assert self.tries(client, incident) == (404, 404)

    def test_access_by_name_too(self, cast: Cast, incident: Incident) -> None:
        named = name_person(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, reason="Reads along")
        client = signed_in(cast.colleague)
        assert client.get(reverse("incidents:correct", args=[incident.pk])).status_code == 200
        end_named_access(by=cast.lead, at=NOW, named=named)
        assert self.tries(client, incident) == (404, 404)
