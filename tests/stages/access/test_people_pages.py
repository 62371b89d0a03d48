"""Pages about people and places: what an administrator can do there, and that they are not there for anybody else."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person, Provider, RoleAssignment, Service, Team
from saferpractice.access.operations import assign_role, correct_person, end_role, set_provider_profile
from saferpractice.access.rules import Place, Role
from saferpractice.config import clock
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.personas import NOW, PASSWORD, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]


@pytest.fixture
def admin(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.administrator)
    return client


def text_of(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def rows_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def said() -> set[str]:
    return set(TrailEntry.objects.values_list("sentence", flat=True))


class TestTheList:
    def test_it_shows_everybody_of_the_provider_and_nobody_of_another(self, admin: Client, cast: Cast) -> None:
        page = text_of(admin.get(reverse("access:people")))
        for name, person in cast.people().items():
            assert (person.name in page) == (name != "stranger")

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ({"q": "wren"}, {"worker"}),
            ({"q": "DUTY.elsewhere@"}, {"duty_manager_elsewhere"}),
            ({"role": "duty_manager"}, {"duty_manager", "duty_manager_elsewhere"}),
            ({"role": "director", "q": "wren"}, set()),
            ({"state": "closed"}, set()),
            ({"state": "no-role"}, set()),
        ],
    )
    def test_it_is_narrowed(self, admin: Client, cast: Cast, query: dict[str, str], shown: set[str]) -> None:
        rows = rows_of(admin.get(reverse("access:people_file"), query))
        assert {row["Name"] for row in rows} == {cast.people()[name].name for name in shown}

    def test_a_place_counts_with_what_lies_within_it(self, admin: Client, cast: Cast) -> None:
        address = reverse("access:people_file")
        in_service = rows_of(admin.get(address, {"place": f"service:{cast.riverside.pk}"}))
        assert {row["Name"] for row in in_service} == {"Wren Ashdown", "Corin Vale", "Dale Marlow", "Sorrel Beck"}
        in_team = rows_of(admin.get(address, {"place": f"team:{cast.east.pk}"}))
        assert {row["Name"] for row in in_team} == {"Esme Holt"}

    @pytest.mark.parametrize(
        "query", ["?role=king", "?place=team:1", "?place=x", "?page=-1", "?page=x", "?state=asleep"]
    )
    def test_an_odd_address_is_no_error(self, admin: Client, query: str) -> None:
        assert "Wren Ashdown" in text_of(admin.get(reverse("access:people") + query))

    def test_a_place_of_another_provider_is_no_choice(self, admin: Client, cast: Cast) -> None:
        service = Service.objects.create(provider_id=cast.stranger.provider_id, name="Elsewhere entirely")
        page = text_of(admin.get(reverse("access:people"), {"place": f"service:{service.pk}"}))
        assert "Elsewhere entirely" not in page

    def test_long_lists_come_in_pages(self, admin: Client, cast: Cast) -> None:
        Person.objects.bulk_create(
            Person(provider=cast.provider, name=f"Person {n:03}", email=f"p{n}@example.org", password="!")
            for n in range(60)
        )
        first = text_of(admin.get(reverse("access:people")))
        second = text_of(admin.get(reverse("access:people") + "?page=1"))
        found = [re.findall(r'href="/people/([0-9a-f-]{36})"', page) for page in (first, second)]
        assert len(found[0]) == 50
        assert len(set(found[0]) | set(found[1])) == Person.objects.filter(provider=cast.provider).count()

    def test_the_file_runs_nothing_somebody_typed(self, admin: Client, cast: Cast) -> None:
        Person.objects.filter(pk=cast.worker.pk).update(name='=HYPERLINK("http://x")')
        rows = rows_of(admin.get(reverse("access:people_file")))
        assert '\'=HYPERLINK("http://x")' in {row["Name"] for row in rows}

    def test_a_name_is_text(self, admin: Client, cast: Cast) -> None:
        Person.objects.filter(pk=cast.worker.pk).update(name="<b>Wren</b>")
        assert "<b>Wren" not in text_of(admin.get(reverse("access:people")))


class TestAddingSomebody:
    def sent(self, cast: Cast, **changes: str) -> dict[str, str]:
        return {
            "name": "Jo Reed",
            "email": "jo@example.org",
            "role": "support_worker",
            "place": f"team:{cast.north.pk}",
        } | changes

    def test_they_get_a_link_set_a_password_and_sign_in(self, admin: Client, cast: Cast) -> None:
        response = admin.post(reverse("access:add_person"), self.sent(cast))
        made = Person.objects.get(email="jo@example.org")
        assert response.headers["Location"] == reverse("access:person", args=[made.pk])
        assert made.roles(cast.north.place, clock.now()) == {Role.SUPPORT_WORKER}
        [message] = mail.outbox
        assert message.to == ["jo@example.org"]
        assert "Set your password" in message.subject
        [link] = re.findall(r"http://testserver(\S+)", message.body)
        visitor = Client()
        page = visitor.get(link, follow=True)
        address = page.redirect_chain[-1][0]
        visitor.post(address, {"password1": "a different river at dawn", "password2": "a different river at dawn"})
        signed = visitor.post(
            reverse("account_login"), {"login": "jo@example.org", "password": "a different river at dawn"}
        )
        assert signed.headers["Location"] == reverse("home:my_work")
        assert visitor.get(reverse("home:my_work")).status_code == 200
        assert "had a link to set a password sent to Jo Reed" in said()
        used = Client().get(link, follow=True)
        assert "password1" not in used.content.decode(), "the link works once"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"name": " "}, "Enter the person&#39;s name"),
            ({"email": "nonsense"}, "Enter an email address in the correct format"),
            ({"email": "WORKER@example.org"}, "Somebody already signs in with this e-mail address"),
            ({"role": ""}, "Choose a role"),
            ({"role": "king"}, "role"),
            ({"place": ""}, "Choose where they hold the role"),
            ({"role": "administrator"}, "An administrator looks after the whole provider"),
        ],
    )
    def test_a_mistake_keeps_what_was_typed_and_adds_nobody(
        self, admin: Client, cast: Cast, changes: dict[str, str], sentence: str
    ) -> None:
        before = Person.objects.count()
        page = text_of(admin.post(reverse("access:add_person"), self.sent(cast, **changes)))
        assert sentence in page
        assert 'value="Jo Reed"' in page or "name" in changes
        assert Person.objects.count() == before
        assert not mail.outbox

    def test_a_mail_server_that_fails_is_said_and_loses_nobody(
        self, admin: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*args: Any, **kwargs: Any) -> int:
            raise ConnectionRefusedError("no mail today")

        monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
        page = text_of(admin.post(reverse("access:add_person"), self.sent(cast), follow=True))
        assert "The link could not be sent" in page
        assert Person.objects.filter(email="jo@example.org").exists()
        monkeypatch.undo()
        made = Person.objects.get(email="jo@example.org")
        admin.post(reverse("access:send_link", args=[made.pk]))
        assert [message.to for message in mail.outbox] == [["jo@example.org"]]


class TestOnePerson:
    def test_it_shows_roles_now_and_before(self, admin: Client, cast: Cast) -> None:
        held = RoleAssignment.objects.get(person=cast.worker)
        address = reverse("access:person", args=[cast.worker.pk])
        assert "North team, Riverside community service" in text_of(admin.get(address))
        admin.post(reverse("access:end_role", args=[cast.worker.pk, held.pk]))
        page = text_of(admin.get(address))
        assert "Held before" in page
        assert "Holds no role" in page
        assert "Ended the role of support worker for Wren Ashdown" in page

    def test_a_role_is_given_at_a_service(self, admin: Client, cast: Cast) -> None:
        sent = {"role": "supervisor", "place": f"service:{cast.harbour.pk}"}
        response = admin.post(reverse("access:give_role", args=[cast.worker.pk]), sent)
        assert response.status_code == 302
        given = RoleAssignment.objects.get(person=cast.worker, role="supervisor")
        assert (given.service, given.team) == (cast.harbour, None)
        again = text_of(admin.post(reverse("access:give_role", args=[cast.worker.pk]), sent))
        assert "already holds this role there" in again

    def test_a_place_of_another_provider_cannot_be_sent(self, admin: Client, cast: Cast) -> None:
        other = Service.objects.create(provider_id=cast.stranger.provider_id, name="Elsewhere")
        sent = {"role": "supervisor", "place": f"service:{other.pk}"}
        text_of(admin.post(reverse("access:give_role", args=[cast.worker.pk]), sent))
        assert RoleAssignment.objects.filter(person=cast.worker).count() == 1

    def test_a_role_is_ended_only_under_its_own_person(self, admin: Client, cast: Cast) -> None:
        held = RoleAssignment.objects.get(person=cast.worker)
        wrong = reverse("access:end_role", args=[cast.colleague.pk, held.pk])
        assert admin.post(wrong).status_code == 404
        held.refresh_from_db()
        assert held.until_at is None

    def test_sign_in_is_closed_and_reopened(self, admin: Client, cast: Cast) -> None:
        theirs = Client()
        theirs.force_login(cast.worker)
        assert theirs.get(reverse("home:my_work")).status_code == 200
        address = reverse("access:set_sign_in", args=[cast.worker.pk])
        assert "can no longer sign in" in text_of(admin.post(address, {"active": "no"}, follow=True))
        assert theirs.get(reverse("home:my_work")).status_code == 302
        assert "Wren Ashdown can sign in again" in text_of(admin.post(address, {"active": "yes"}, follow=True))
        assert Person.objects.get(pk=cast.worker.pk).is_active
        assert {"closed the sign-in of Wren Ashdown", "reopened the sign-in of Wren Ashdown"} <= said()

    def test_closing_is_offered_for_anybody_but_oneself(self, admin: Client, cast: Cast) -> None:
        theirs = text_of(admin.get(reverse("access:person", args=[cast.worker.pk])))
        own = text_of(admin.get(reverse("access:person", args=[cast.administrator.pk])))
        assert ("Close their sign-in" in theirs, "You cannot close your own" in theirs) == (True, False)
        assert ("Close their sign-in" in own, "You cannot close your own" in own) == (False, True)

    def test_no_link_is_sent_to_somebody_whose_sign_in_is_closed(self, admin: Client, cast: Cast) -> None:
        admin.post(reverse("access:set_sign_in", args=[cast.worker.pk]), {"active": "no"})
        page = text_of(admin.post(reverse("access:send_link", args=[cast.worker.pk]), follow=True))
        assert "Reopen it first" in page
        assert not mail.outbox

    def test_a_name_and_an_address_are_corrected(self, admin: Client, cast: Cast) -> None:
        address = reverse("access:correct_person", args=[cast.worker.pk])
        assert 'value="Wren Ashdown"' in text_of(admin.get(address))
        admin.post(address, {"name": "Wren Lowe", "email": "Wren.Lowe@example.org"})
        client = Client()
        signed = client.post(reverse("account_login"), {"login": "wren.lowe@example.org", "password": PASSWORD})
        assert signed.status_code == 302
        old = Client().post(reverse("account_login"), {"login": "worker@example.org", "password": PASSWORD})
        assert old.status_code == 200, "the old address opens nothing"
        taken = text_of(admin.post(address, {"name": "Wren Lowe", "email": "lead@example.org"}))
        assert "Somebody already signs in" in taken


class TestTheLastAdministrator:
    def test_cannot_be_ended(self, admin: Client, cast: Cast) -> None:
        held = RoleAssignment.objects.get(person=cast.administrator)
        page = text_of(admin.post(reverse("access:end_role", args=[cast.administrator.pk, held.pk]), follow=True))
        assert "only administrator" in page
        held.refresh_from_db()
        assert held.until_at is None

    def test_one_of_two_can(self, cast: Cast) -> None:
        place = Place(cast.provider.pk)
        assign_role(by=cast.administrator, at=NOW, person=cast.director, role=Role.ADMINISTRATOR, place=place)
        held = RoleAssignment.objects.get(person=cast.administrator)
        later = NOW + timedelta(minutes=1)
        assert end_role(by=cast.director, at=later, assignment=held).until_at == later

    def test_one_whose_sign_in_is_closed_does_not_count(self, cast: Cast) -> None:
        place = Place(cast.provider.pk)
        assign_role(by=cast.administrator, at=NOW, person=cast.director, role=Role.ADMINISTRATOR, place=place)
        Person.objects.filter(pk=cast.director.pk).update(is_active=False)
        held = RoleAssignment.objects.get(person=cast.administrator)
        with pytest.raises(Invalid, match="only administrator"):
            end_role(by=cast.administrator, at=NOW + timedelta(minutes=1), assignment=held)

    def test_the_role_is_for_the_whole_provider(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="whole provider"):
            assign_role(
                by=cast.administrator, at=NOW, person=cast.director, role=Role.ADMINISTRATOR, place=cast.north.place
            )


class TestPlaces:
    def test_a_service_and_its_team_are_added(self, admin: Client, cast: Cast) -> None:
        admin.post(reverse("access:add_service"), {"name": "Meadow day service"})
        service = Service.objects.get(name="Meadow day service")
        admin.post(reverse("access:add_team", args=[service.pk]), {"name": "Day team"})
        assert Team.objects.get(name="Day team").service == service
        page = text_of(admin.get(reverse("access:places")))
        assert "Meadow day service" in page
        assert "Day team" in page

    def test_a_name_twice_is_an_error_beside_its_field(self, admin: Client, cast: Cast) -> None:
        page = text_of(admin.post(reverse("access:add_team", args=[cast.harbour.pk]), {"name": "EAST team"}))
        assert "There is already a team with this name" in page
        assert 'value="EAST team"' in page

    def test_a_service_of_another_provider_is_not_there(self, admin: Client, cast: Cast) -> None:
        other = Service.objects.create(provider_id=cast.stranger.provider_id, name="Elsewhere")
        address = reverse("access:add_team", args=[other.pk])
        assert admin.get(address).status_code == 404
        assert admin.post(address, {"name": "Team"}).status_code == 404
        assert not other.teams.exists()


class TestProfile:
    SENT = {"health_service_body": "yes", "nhs_funded": "no", "secure_unit": "yes", "repeat_window_days": "120"}

    def test_it_is_set_on_the_trail_with_what_was(self, admin: Client, cast: Cast) -> None:
        admin.post(reverse("access:provider"), self.SENT)
        provider = Provider.objects.get(pk=cast.provider.pk)
        assert (provider.health_service_body, provider.nhs_funded, provider.secure_unit) == (True, False, True)
        entry = TrailEntry.objects.get(operation="access.set_provider_profile")
        assert "health service body yes" in entry.sentence
        assert entry.facts["was"]["repeat_window_days"] == 90
        assert entry.facts["now"]["repeat_window_days"] == 120

    @pytest.mark.parametrize("days", ["", "x", "6", "731", "-1", "9999999999999"])
    def test_a_window_that_cannot_be_is_said_beside_its_field(self, admin: Client, cast: Cast, days: str) -> None:
        page = text_of(admin.post(reverse("access:provider"), self.SENT | {"repeat_window_days": days}))
        assert "There is a problem" in page
        assert Provider.objects.get(pk=cast.provider.pk).repeat_window_days == 90

    def test_saying_the_same_again_says_that_nothing_differs(self, cast: Cast) -> None:
        set_provider_profile(
            by=cast.administrator,
            at=NOW,
            provider=cast.provider,
            health_service_body=False,
            nhs_funded=True,
            secure_unit=False,
            repeat_window_days=90,
        )
        assert "set the profile of Example Care (nothing differs)" in said()

    @pytest.mark.parametrize("name", ["director", "quality_lead", "stranger"])
    def test_nobody_else_sets_it_or_corrects_people(self, cast: Cast, name: str) -> None:
        by = cast.people()[name]
        with pytest.raises(Refused):
            set_provider_profile(
                by=by,
                at=NOW,
                provider=cast.provider,
                health_service_body=True,
                nhs_funded=True,
                secure_unit=True,
                repeat_window_days=90,
            )
        with pytest.raises(Refused):
            correct_person(by=by, at=NOW, person=cast.worker, name="X", email="x@example.org")


class TestReviewOfAccess:
    def test_it_asks_about_leavers_and_people_who_stay_away(self, admin: Client, cast: Cast) -> None:
        now = clock.now()
        Person.objects.filter(pk=cast.worker.pk).update(last_login=now - timedelta(days=91))
        Person.objects.filter(pk=cast.lead.pk).update(last_login=now - timedelta(days=89))
        Person.objects.filter(pk=cast.director.pk).update(is_active=False)
        RoleAssignment.objects.filter(person=cast.reviewer).update(until_at=now)
        asked = {row["Name"]: row["To ask about"] for row in rows_of(admin.get(reverse("access:review_file")))}
        assert asked["Wren Ashdown"] == "Not signed in for 90 days"
        assert asked["Lark Penrose"] == ""
        assert asked["Drew Castell"] == "Sign-in is closed, roles still held"
        assert asked["Rowan Thwaite"] == "Can sign in and holds no role"
        assert asked["Corin Vale"] == "Has never signed in"
        page = text_of(admin.get(reverse("access:review")))
        assert all(name in page for name in asked)

    def test_a_leaver_without_roles_is_not_asked_about_again(self, admin: Client, cast: Cast) -> None:
        RoleAssignment.objects.filter(person=cast.worker).update(until_at=clock.now())
        Person.objects.filter(pk=cast.worker.pk).update(is_active=False)
        names = {row["Name"] for row in rows_of(admin.get(reverse("access:review_file")))}
        assert "Wren Ashdown" not in names

    def test_that_it_was_done_is_on_record(self, admin: Client, cast: Cast) -> None:
        address = reverse("access:review")
        assert "No review is on record yet" in text_of(admin.get(address))
        page = text_of(admin.post(address, follow=True))
        assert "Last reviewed by Alder Finch" in page
        assert "reviewed who holds which role (13 roles, 13 people)" in said()


class TestTheWayThere:
    @pytest.mark.parametrize("name", ["administrator", "director", "worker", "inspector"])
    def test_only_administrators_have_the_link(self, cast: Cast, name: str) -> None:
        client = Client()
        client.force_login(cast.people()[name])
        page = text_of(client.get(reverse("home:my_work")))
        assert (f'href="{reverse("access:people")}"' in page) == (name == "administrator")
