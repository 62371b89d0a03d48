"""The page that says who is told when work is late, and the one that sets it (R35)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from saferpractice.access.models import Person
from saferpractice.access.operations import create_service, create_team, set_active
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import ChainDecision
from saferpractice.deadlines.operations import set_chain
from saferpractice.deadlines.rules import OWNER, make_chain
from tests.conftest import TestClock
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
PAGE, SET, BACK = "/deadlines/who-is-told", "/deadlines/who-is-told/set", "/deadlines/who-is-told/back"
TYPED: dict[str, Any] = {
    "level_1": [OWNER, "duty_manager"],
    "hours_2": "2",
    "level_2": ["supervisor"],
    "hours_3": "8",
    "level_3": ["director"],
    "hours_4": "",
    "level_4": [],
    "reason": "Our on-call rota",
}


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def admin(cast: Cast) -> Client:
    return signed_in(cast.administrator)


def shown(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_shows_each_service_with_who_holds_each_role(admin: Client, cast: Cast) -> None:
    page = shown(admin.get(PAGE))
    for words in (
        "Riverside community service",
        "Duty manager: Dale Marlow",
        "Duty manager: Dinah Frost",
        "24 hours after the deadline",
        "As Safer Practice ships",
        "at most 72 hours after",
    ):
        assert words in page
    assert "Nobody holds these roles" not in page


def test_a_gap_stands_on_the_page_and_on_the_administrators_work(admin: Client, cast: Cast) -> None:
    assert "Nobody holds a role" not in shown(admin.get("/work"))
    set_active(by=SET_UP, at=NOW, person=cast.duty_manager, active=False)
    page = shown(admin.get(PAGE))
    assert "Nobody is duty manager in North team and South team, Riverside community service." in page
    assert "Nobody</strong> in North team and South team: the next is told" in page
    assert "1 gap: the next in the chain is told meanwhile" in shown(admin.get("/work"))
    assert "the next in the chain" not in shown(signed_in(cast.lead).get("/work"))


class TestSetting:
    def test_a_service_of_its_own(self, admin: Client, cast: Cast) -> None:
        address = f"{SET}?service={cast.riverside.pk}"
        first = shown(admin.get(address))
        assert 'value="24"' in first, "it begins with what holds now"
        assert admin.post(address, TYPED).url == PAGE
        made = ChainDecision.objects.get()
        assert (made.service, made.role, made.decided_by) == (cast.riverside, "", cast.administrator)
        assert (
            made.steps == make_chain([(0, [OWNER, "duty_manager"]), (2, ["supervisor"]), (8, ["director"])]).as_data()
        )
        page = shown(admin.get(PAGE))
        assert "Set for this service" in page
        assert "Our on-call rota" in page
        assert "Supervisor: Sorrel Beck" in page
        assert "Nobody is supervisor in South team, Riverside community service." in page

    def test_for_one_roles_work(self, admin: Client, cast: Cast) -> None:
        admin.post(f"{SET}?role=reviewer", TYPED)
        assert ChainDecision.objects.get().role == Role.REVIEWER
        assert "Riverside community service: work of the reviewer" in shown(admin.get(PAGE))

    def test_and_going_back(self, admin: Client, cast: Cast) -> None:
        admin.post(f"{SET}?service={cast.riverside.pk}", TYPED)
        address = f"{BACK}?service={cast.riverside.pk}"
        assert "Say why" in shown(admin.post(address, {"reason": ""}))
        assert admin.post(address, {"reason": "The rota ended"}).url == PAGE
        page = shown(admin.get(PAGE))
        assert "Set for this service" not in page
        assert "Back to what holds without it" in page
        assert "Our on-call rota" in page, "what was set stays on record"

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"level_1": []}, "level_1", "Choose who is told at this level"),
            ({"hours_2": ""}, "hours_2", "Enter after how many hours level 2 is told"),
            ({"hours_2": "73"}, "hours_2", "72"),
            ({"hours_2": "0"}, "hours_2", "1"),
            ({"hours_2": "soon"}, "hours_2", "number"),
            ({"hours_3": "2"}, "hours_3", "each level comes after the last"),
            ({"hours_3": ""}, "hours_3", "Enter after how many hours level 3 is told"),
            ({"level_3": []}, "level_3", "or take its hours out"),
            ({"hours_4": "20"}, "level_4", "or take its hours out"),
            ({"hours_3": "", "level_3": [], "hours_4": "9", "level_4": ["director"]}, "level_3", "before level 4"),
            ({"level_3": ["inspector"]}, "level_3", "Select"),
            ({"reason": " "}, "reason", "so that the next administrator knows"),
        ],
    )
    def test_a_mistake_stands_beside_its_field_and_what_was_typed_stays(
        self, admin: Client, cast: Cast, typed: dict[str, Any], field: str, words: str
    ) -> None:
        page = shown(admin.post(SET, TYPED | typed))
        assert "Error: Set who is told" in page
        start = page.index(f'id="id_{field}-error"')
        assert words in page[start : start + 400]
        assert 'value="Our on-call rota"' in page or field == "reason"
        assert not ChainDecision.objects.exists()

    def test_a_chain_that_reaches_nobody_senior_is_refused_in_words(self, admin: Client, cast: Cast) -> None:
        page = shown(admin.post(SET, TYPED | {"level_3": ["quality_lead"]}))
        assert "Tell a safeguarding lead or a director at one of the levels." in page

    @pytest.mark.parametrize("query", ["service=x", "role=king", "service=0192e4a0-0000-7000-8000-000000000000"])
    def test_what_does_not_exist_is_not_there(self, admin: Client, cast: Cast, query: str) -> None:
        for address in (SET, BACK):
            assert admin.get(f"{address}?{query}").status_code == 404
            assert admin.post(f"{address}?{query}", TYPED).status_code == 404

    def test_a_service_of_another_provider_is_not_there(self, admin: Client, cast: Cast) -> None:
        theirs = create_service(by=SET_UP, at=NOW, provider=cast.stranger.provider, name="Theirs")
        assert admin.post(f"{SET}?service={theirs.pk}", TYPED).status_code == 404
        assert "Theirs" not in shown(admin.get(PAGE))


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    "name", ["worker", "duty_manager", "lead", "quality_lead", "director", "inspector", "stranger"]
)
def test_for_everybody_else_it_is_not_there(cast: Cast, name: str) -> None:
    client = signed_in(cast.people()[name])
    for address in (PAGE, SET, BACK):
        assert client.get(address).status_code == 404
    assert client.post(SET, TYPED).status_code == 404
    assert client.post(BACK, {"reason": "x"}).status_code == 404
    assert not ChainDecision.objects.exists()


def test_one_that_cannot_be_read_says_so_and_how_to_mend_it(admin: Client, cast: Cast) -> None:
    ChainDecision.objects.create(
        provider=cast.provider, steps="rubbish", reason="x", decided_at=NOW, decided_by_name="A"
    )
    page = shown(admin.get(PAGE))
    assert "so the chain as shipped is used. Set it again." in page
    assert "Cannot be read any more" in page


def test_more_services_cost_no_more_statements(admin: Client, cast: Cast) -> None:
    shown(admin.get(PAGE))
    counts = []
    for number in range(2):
        for each in range(1 + 9 * number):
            service = create_service(by=SET_UP, at=NOW, provider=cast.provider, name=f"Service {number} {each}")
            create_team(by=SET_UP, at=NOW, service=service, name="Team")
            set_chain(
                by=cast.administrator,
                at=NOW,
                provider=cast.provider,
                service=service,
                role=None,
                chain=make_chain([(0, [OWNER]), (2, ["director"])]),
                reason="x",
            )
        with CaptureQueriesContext(connection) as seen:
            shown(admin.get(PAGE))
        counts.append(len(seen))
    assert counts[0] == counts[1]
