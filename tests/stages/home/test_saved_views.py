"""Views of the tracker that people keep: any words they searched for, and only for themselves."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.home.models import LONGEST_VIEW, SavedView
from tests.conftest import TestClock
from tests.factories.deadlines import an_obligation
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def save(client: Client, name: str, **query: str) -> str:
    response = client.post(reverse("home:save_view"), {"name": name, "query": urlencode(query)}, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


class TestWords:
    @pytest.mark.parametrize(
        "words",
        ["landlord", "بحث عن المالك", "café & crisis=?#", "💙 blue", "100%", "a+b", '"quoted"', "<script>", "ß" * 40],
    )
    def test_of_any_script_come_back_as_they_were_typed(self, cast: Cast, words: str) -> None:
        lead = signed_in(cast.lead)
        save(lead, "Mine", q=words, sort="-due")
        kept = SavedView.objects.get().query
        assert parse_qs(kept) == {"q": [words], "sort": ["-due"]}
        page = lead.get(f"{reverse('home:tracker')}?{kept}")
        assert page.status_code == 200
        assert "<script>" not in page.content.decode().split("<main")[1]

    @pytest.mark.parametrize(("words", "kept"), [("ب" * 83, True), ("ب" * 84, False), ("💙" * 100, False)])
    def test_more_than_can_be_kept_is_said_and_nothing_is_cut(self, cast: Cast, words: str, kept: bool) -> None:
        page = save(signed_in(cast.lead), "Mine", q=words)
        assert SavedView.objects.exists() is kept
        assert ("asks for too much to be kept" in page) is not kept
        assert words in page, "the list is still the one that was asked for"
        assert all(len(view.query) <= LONGEST_VIEW for view in SavedView.objects.all())

    def test_what_was_kept_before_stays_when_the_new_one_cannot_be(self, cast: Cast) -> None:
        lead = signed_in(cast.lead)
        save(lead, "Mine", q="landlord")
        save(lead, "Mine", q="💙" * 100)
        assert SavedView.objects.get().query == "q=landlord"

    @pytest.mark.parametrize("name", ["", " ", "\u2003", "\x00", "x" * 81])
    def test_a_name_that_is_none(self, cast: Cast, name: str) -> None:
        save(signed_in(cast.lead), name, q="landlord")
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize("name", ["<b>Mine</b>", "=1+1", "الخاص بي", "💙"])
    def test_a_name_is_shown_as_it_is(self, cast: Cast, name: str) -> None:
        lead = signed_in(cast.lead)
        save(lead, name, q="landlord")
        page = lead.get(reverse("home:tracker")).content.decode()
        assert "<b>Mine" not in page
        assert SavedView.objects.get().name == name


class TestWhose:
    def test_a_view_shows_each_person_only_what_they_may_see(self, cast: Cast) -> None:
        an_obligation(team=cast.east, at=NOW, owner=cast.worker_elsewhere, title="Ring the landlord")
        for name, sees in (("lead", True), ("worker", False), ("worker_elsewhere", True), ("stranger", False)):
            client = signed_in(cast.people()[name])
            save(client, "Mine", q="landlord")
            kept = SavedView.objects.get(person=cast.people()[name]).query
            page = client.get(f"{reverse('home:tracker')}?{kept}").content.decode()
            assert ("Ring the landlord" in page) is sees, name

    def test_somebody_else_s_is_neither_shown_nor_forgotten(self, cast: Cast) -> None:
        save(signed_in(cast.lead), "About a colleague", q="landlord")
        view = SavedView.objects.get()
        for name in ("director", "quality_lead", "worker", "stranger"):
            client = signed_in(cast.people()[name])
            assert "About a colleague" not in client.get(reverse("home:tracker")).content.decode()
            assert client.post(reverse("home:forget_view", args=[view.pk])).status_code == 404
        assert SavedView.objects.exists()

    @pytest.mark.parametrize("name", ["commissioner", "inspector"])
    def test_who_has_no_tracker_keeps_no_view(self, cast: Cast, name: str) -> None:
        response = signed_in(cast.people()[name]).post(reverse("home:save_view"), {"name": "Mine", "query": "q=x"})
        assert response.status_code == 404
        assert not SavedView.objects.exists()

    def test_it_leads_to_no_other_page(self, cast: Cast) -> None:
        sent = {"name": "Mine", "query": "next=https://example.org&q=x&after=0001&show=//example.org"}
        response = signed_in(cast.lead).post(reverse("home:save_view"), sent)
        leads = urlsplit(response["Location"])
        assert (leads.netloc, leads.path) == ("", reverse("home:tracker"))
        assert set(parse_qs(leads.query)) <= {"q", "show"}
