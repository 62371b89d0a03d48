"""Pages across the loop: what each shows, and to whom."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.config import clock
from saferpractice.deadlines.models import Obligation
from saferpractice.home.models import SavedView
from saferpractice.incidents.rules import Answer
from saferpractice.trail.models import TrailEntry
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]


def same_page(response: HttpResponse) -> str:
    """The page without what differs on every request: the nonce, the CSRF token, the address asked for."""
    text = response.content.decode()
    text = re.sub(r'nonce="[^"]*"', "", text)
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


class TestFrontPage:
    def test_it_names_the_product_before_sign_in(self, client: Client, db: None) -> None:
        page = client.get("/")
        assert page.status_code == 200
        assert "Safer Practice" in page.content.decode()
        assert reverse("account_login") in page.content.decode()

    def test_signed_in_it_leads_to_work(self, cast: Cast) -> None:
        assert signed_in(cast.worker).get("/").headers["Location"] == reverse("home:my_work")

    def test_everything_else_is_behind_sign_in(self, client: Client, cast: Cast) -> None:
        for name in ("home:my_work", "home:incidents", "home:tracker", "home:tracker_file", "incidents:report"):
            response = client.get(reverse(name))
            assert response.status_code == 302
            assert reverse("account_login") in response.headers["Location"]


class TestMenu:
    def test_every_entry_leads_somewhere_for_whoever_sees_it(self, cast: Cast) -> None:
        for name, person in cast.people().items():
            client = signed_in(person)
            menu = re.findall(
                r'nhsuk-header__navigation-link" href="([^"]+)"', client.get(reverse("home:my_work")).content.decode()
            )
            assert reverse("home:my_work") in menu
            assert {address: client.get(address).status_code for address in menu} == dict.fromkeys(menu, 200), name

    @pytest.mark.requirement("R17", "R21")
    def test_whoever_meets_people_reaches_the_checklist_from_the_front_of_it(self, cast: Cast) -> None:
        page = html.unescape(signed_in(cast.worker).get(reverse("home:my_work")).content.decode())
        menu = re.findall(r'nhsuk-header__navigation-link" href="([^"]+)"', page)
        assert menu[:3] == [reverse("home:my_work"), reverse("incidents:report"), reverse("pathways:index")]


class TestMyWork:
    @pytest.mark.parametrize(
        "name",
        [
            "worker",
            "duty_manager",
            "lead",
            "reviewer",
            "supervisor",
            "director",
            "administrator",
            "commissioner",
            "inspector",
        ],
    )
    def test_everybody_has_a_page(self, cast: Cast, name: str) -> None:
        person = cast.people()[name]
        assert signed_in(person).get(reverse("home:my_work")).status_code == 200

    @pytest.mark.requirement("R6")
    def test_somebody_at_risk_is_first_on_the_duty_managers_page(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=clock.now(), still_at_risk=Answer.YES)
        page = signed_in(cast.duty_manager).get(reverse("home:my_work")).content.decode()
        assert "Somebody may still be at risk" in page
        assert incident.reference in page
        elsewhere = signed_in(cast.duty_manager_elsewhere).get(reverse("home:my_work")).content.decode()
        assert incident.reference not in elsewhere


class TestOneIncident:
    def test_opening_it_leaves_a_trace(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        page = signed_in(cast.duty_manager).get(reverse("home:incident", args=[incident.pk]))
        assert page.status_code == 200
        look = AccessEntry.objects.get(story_id=incident.pk)
        assert (look.by_name, look.page) == ("Dale Marlow", "incident")

    def test_not_yours_and_not_there_are_the_same_answer(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        client = signed_in(cast.duty_manager_elsewhere)
        hidden = client.get(reverse("home:incident", args=[incident.pk]))
        absent = client.get(reverse("home:incident", args=[cast.north.pk]))
        assert hidden.status_code == absent.status_code == 404
        assert same_page(hidden) == same_page(absent)
        assert not AccessEntry.objects.exists()

    def test_a_withheld_name_is_shown_to_nobody_but_the_lead(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        address = reverse("home:incident", args=[incident.pk])
        assert "Wren" not in signed_in(cast.duty_manager).get(address).content.decode()
        assert "Wren" in signed_in(cast.lead).get(address).content.decode()


class TestMyReport:
    def test_the_reporter_sees_its_lines_and_a_colleague_nothing(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        address = reverse("home:my_report", args=[incident.pk])
        page = signed_in(cast.worker).get(address).content.decode()
        assert "Received" in page
        assert signed_in(cast.colleague).get(address).status_code == 404

    @pytest.mark.parametrize(("at_risk", "by"), [(Answer.YES, "3:05am"), (Answer.NO, "the end of")])
    def test_who_is_to_decide_and_by_when_and_what_not_to_wait_for(self, cast: Cast, at_risk: Answer, by: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=at_risk)
        page = signed_in(cast.worker).get(reverse("home:my_report", args=[incident.pk])).content.decode()
        decides = page.split("The duty manager is to decide by ")[1].split("</dd>")[0]
        assert by in decides
        assert "do not wait: ring them now, and 999 when there is danger to life." in decides


class TestTracker:
    @pytest.fixture(autouse=True)
    def _three(self, cast: Cast) -> None:
        now = clock.now()
        self.late = an_incident(by=cast.worker, team=cast.north, at=now - timedelta(days=3))
        self.today = an_incident(by=cast.worker, team=cast.south, at=now, still_at_risk=Answer.YES)
        self.elsewhere = an_incident(by=cast.worker_elsewhere, team=cast.east, at=now)

    def shown(self, person: Person, query: str = "") -> list[str]:
        page = signed_in(person).get(reverse("home:tracker") + query).content.decode()
        places = {i.reference: page.find(f"incident {i.reference}") for i in (self.late, self.today, self.elsewhere)}
        return [reference for reference, place in sorted(places.items(), key=lambda item: item[1]) if place >= 0]

    def test_late_first_and_only_ones_own_place(self, cast: Cast) -> None:
        assert self.shown(cast.duty_manager) == [self.late.reference, self.today.reference]
        assert self.shown(cast.duty_manager_elsewhere) == [self.elsewhere.reference]
        assert self.shown(cast.worker) == []

    @pytest.mark.parametrize(
        ("query", "who"),
        [
            ("?show=late", ["late"]),
            ("?show=met", []),
            ("?sphere=actions", []),
            ("?sphere=decisions&sort=-due", ["today", "late"]),
            ("?q=at+risk", ["today"]),
            ("?show=nonsense&sort=nonsense&team=nonsense", ["late", "today"]),
            ("?after=nonsense", ["late", "today"]),
        ],
    )
    def test_filter_sort_and_search(self, cast: Cast, query: str, who: list[str]) -> None:
        assert self.shown(cast.duty_manager, query) == [getattr(self, name).reference for name in who]

    def test_pages_follow_each_other_without_gap_or_repeat(self, cast: Cast) -> None:
        for n in range(60):
            an_incident(by=cast.worker, team=cast.north, at=clock.now() - timedelta(days=1), person_reference=f"P-{n}")
        client, seen, address = signed_in(cast.duty_manager), [], reverse("home:tracker") + "?q=Triage"
        while address:
            page = client.get(address).content.decode()
            seen += re.findall(r'href="(/go/[0-9a-f-]+)"', page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            address = html.unescape(following[1]) if following else ""
        assert len(seen) == len(set(seen)) == 62

    def test_the_file_holds_every_row_shown(self, cast: Cast) -> None:
        response = signed_in(cast.duty_manager).get(reverse("home:tracker_file"))
        text = b"".join(response.streaming_content).decode()
        assert text.count("Triage incident") == 2
        assert self.elsewhere.reference not in text

    def test_a_view_is_saved_shown_and_forgotten_by_its_owner_only(self, cast: Cast) -> None:
        client = signed_in(cast.duty_manager)
        client.post(reverse("home:save_view"), {"name": "Late ones", "query": "show=late"})
        view = SavedView.objects.get()
        assert "?show=late" in client.get(reverse("home:tracker")).content.decode()
        signed_in(cast.lead).post(reverse("home:forget_view", args=[view.pk]))
        assert SavedView.objects.exists()
        client.post(reverse("home:forget_view", args=[view.pk]))
        assert not SavedView.objects.exists()

    def test_go_leads_those_who_may_not_do_it_to_the_page_that_says_who_may(self, cast: Cast) -> None:
        mine = Obligation.objects.get(story_id=self.late.pk)
        address = reverse("home:go", args=[mine.pk])
        page = reverse("home:incident", args=[self.late.pk])
        ways = {
            "duty_manager": reverse("triage:record", args=[self.late.pk]),
            "supervisor": f"{page}#stage-triage",
            "quality_lead": f"{page}#stage-triage",
        }
        for name, way in ways.items():
            response = signed_in(cast.people()[name]).get(address, follow=True)
            assert (response.redirect_chain, response.status_code) == ([(way, 302)], 200), name

    def test_go_leads_only_those_who_may_know_of_it(self, cast: Cast) -> None:
        mine = Obligation.objects.get(story_id=self.late.pk)
        address = reverse("home:go", args=[mine.pk])
        assert signed_in(cast.duty_manager).get(address).status_code == 302
        assert signed_in(cast.duty_manager_elsewhere).get(address).status_code == 404
        assert signed_in(cast.commissioner).get(address).status_code == 404


class TestStory:
    def test_a_long_story_begins_with_what_people_did(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        for number in range(25):
            TrailEntry.objects.create(
                provider_id=cast.provider.pk,
                sequence=1000 + number,
                at=clock.now(),
                operation="test",
                by_name="Safer Practice worker",
                by_role="process",
                subject_type="incidents.incident",
                subject_id=incident.pk,
                story_id=incident.pk,
                sentence=f"reminded somebody, time {number}",
            )
        page = signed_in(cast.duty_manager).get(reverse("home:incident", args=[incident.pk])).content.decode()
        latest = page[page.index('id="the-story"') : page.index("The whole story")]
        assert f"Reported incident {incident.reference}" in latest
        assert "Reminded somebody" not in latest
        assert page.count("Reminded somebody") == 25

    @pytest.mark.requirement("R35")
    def test_each_limit_says_who_set_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        page = signed_in(cast.duty_manager).get(reverse("home:incident", args=[incident.pk])).content.decode()
        assert '<br><span class="sp-clock">Set locally</span>' in page

    def test_what_waits_among_those_at_risk_says_that_it_is_late(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(NOW)
        an_incident(by=cast.worker, team=cast.north, at=NOW, still_at_risk=Answer.YES)
        client = signed_in(cast.duty_manager)
        callout = re.compile(r"Somebody may still be at risk\s*</.*?</ul>", re.DOTALL)
        for hours, late in ((0.5, False), (1.5, True)):
            the_clock.stand_at(NOW + timedelta(hours=hours))
            found = callout.search(client.get(reverse("home:my_work")).content.decode())
            assert found is not None
            assert ('nhsuk-tag--red">Late<' in found[0]) == late


class TestIncidentsList:
    def test_search_finds_only_what_one_may_open(self, cast: Cast) -> None:
        here = an_incident(by=cast.worker, team=cast.north, what_happened="The landlord rang about noise.")
        there = an_incident(by=cast.worker, team=cast.east, what_happened="The landlord rang about rent.")
        address = reverse("home:incidents") + "?q=landlord"
        page = signed_in(cast.duty_manager).get(address).content.decode()
        assert here.reference in page
        assert there.reference not in page

    @pytest.mark.parametrize("name", ["worker", "administrator", "commissioner", "inspector"])
    def test_who_has_no_list(self, cast: Cast, name: str) -> None:
        assert signed_in(cast.people()[name]).get(reverse("home:incidents")).status_code == 404
