"""Calls of care record systems: in the name of one member of staff, within some services, or refused with a way on."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from saferpractice.access.models import AccessEntry
from saferpractice.access.operations import set_active
from saferpractice.exchange.models import IntegrationKey, IntegrationUse
from saferpractice.exchange.operations import renew_keys, revoke_integration
from saferpractice.exchange.operations.integrations import NewKeys
from saferpractice.exchange.rules.links import CALLS_A_MINUTE
from saferpractice.exchange.views.api import description
from saferpractice.incidents.operations import decide_restriction
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries import library
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.integrations import an_integration
from tests.factories.pathways import a_case, a_record, hours, used
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R17")
TWO = ["infection-risk", "refusal-of-care"]
AT = hours(10)
WORKER = "worker@example.org"


class Caller:
    """A care record system that calls."""

    def __init__(self, keys: NewKeys) -> None:
        self.keys, self.client = keys, Client(enforce_csrf_checks=True)

    def ask(self, what: str, staff: str | None = WORKER, token: str | None = None, **query: str) -> HttpResponse:
        return self.client.get(f"/api/v1/{what}", query, headers=self._headers(staff, token))

    def send(
        self, what: str, staff: str | None = WORKER, token: str | None = None, key: str | None = "one", **data: Any
    ) -> HttpResponse:
        headers = self._headers(staff, token) | ({"Idempotency-Key": key} if key is not None else {})
        return self.client.post(f"/api/v1/{what}", json.dumps(data), content_type="application/json", headers=headers)

    def write(self, **changes: Any) -> HttpResponse:
        given = {"person": "P-1042", "pathway": "self-neglect", "values": {"present": TWO}}
        return self.send("checklists", **given | changes)

    def _headers(self, staff: str | None, token: str | None) -> dict[str, str]:
        token = self.keys.token if token is None else token
        found = {"Authorization": f"Bearer {token}"} if token else {}
        return found | ({"On-Behalf-Of": staff} if staff is not None else {})


@pytest.fixture
def call(cast: Cast, the_clock: TestClock) -> Caller:
    the_clock.stand_at(AT)
    used(cast)
    return Caller(an_integration(cast))


def problem(response: HttpResponse, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(response.content)
    assert said["status"] == status
    assert said["title"]
    assert said["detail"].endswith(".")
    return said


def answer(response: HttpResponse) -> Any:
    assert response.status_code == 200, response.content
    return json.loads(response.content)


class TestReading:
    def test_pathways_in_use_with_what_to_look_for(self, call: Caller) -> None:
        (one,) = answer(call.ask("pathways"))
        definition = library()["self-neglect"]
        assert (one["pathway"], one["title"], one["ticks"]) == ("self-neglect", definition.title, ["present"])
        assert one["indicators"] == [
            {"id": each.id, "label": each.label, "look_for": list(each.look_for)} for each in definition.indicators
        ]

    def test_last_answers(self, cast: Cast, call: Caller) -> None:
        a_record(a_case(cast), "checklist", 1, by=cast.colleague, present=TWO)
        said = answer(call.ask("answers", person="p-1042", pathway="self-neglect"))
        assert (said["present"], said["case_open"], said["by"]) == (TWO, True, "Corin Vale")
        assert said["happened_at"] == hours(1).isoformat().replace("+00:00", "Z")

    def test_somebody_hidden_is_like_nobody(self, cast: Cast, call: Caller) -> None:
        a_record(a_case(cast, by=cast.worker_elsewhere, team=cast.east, person="P-1"), "checklist", 1,
                 by=cast.worker_elsewhere, present=TWO)  # fmt: skip
        incident = an_incident(by=cast.worker, team=cast.north)
        a_record(a_case(cast, by=cast.lead, incident=incident, person="P-2"), "checklist", 1, by=cast.lead, present=TWO)
        decide_restriction(by=cast.lead, at=hours(2), incident=incident, restricted=True, reason="About staff")
        told = [answer(call.ask("answers", person=f"P-{n}", pathway="self-neglect")) for n in (1, 2, 3)]
        assert [one | {"person": ""} for one in told] == [told[2] | {"person": ""}] * 3
        assert told[2]["present"] == []

    def test_every_look_is_kept(self, cast: Cast, call: Caller) -> None:
        call.ask("answers", person="P-1042", pathway="self-neglect")
        entry = AccessEntry.objects.get()
        assert (entry.page, entry.by_id, entry.detail) == (
            "last answers, call", cast.worker.pk, "P-1042, in “Example Records”",
        )  # fmt: skip


class TestWriting:
    def test_the_first_indicator_opens_the_case(self, cast: Cast, call: Caller) -> None:
        said = answer(call.write())
        record = PathwayRecord.objects.get()
        assert said["record"] == str(record.pk)
        assert said["case"] == str(record.case_id)
        assert "2 of 5 are present. Consult the duty manager" in said["told"]
        assert (record.decided_by, record.case.team, record.happened_at) == (cast.worker, cast.north, AT)

    def test_the_same_key_gives_the_same_record(self, call: Caller) -> None:
        assert answer(call.write()) == answer(call.write())
        assert (PathwayCase.objects.count(), PathwayRecord.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        "changes", [{"values": {"present": ["infection-risk"]}}, {"person": "P-7"}], ids=["answers", "person"]
    )
    def test_the_same_key_with_something_else_is_refused(self, call: Caller, changes: dict[str, Any]) -> None:
        call.write()
        assert "errors" in problem(call.write(**changes), 422)
        assert PathwayRecord.objects.count() == 1

    def test_two_systems_may_use_the_same_key(self, cast: Cast, call: Caller) -> None:
        answer(call.write())
        answer(Caller(an_integration(cast, name="Another")).write(person="P-7"))
        assert PathwayCase.objects.count() == 2

    def test_when_it_happened(self, call: Caller) -> None:
        answer(call.write(happened_at=hours(4).isoformat()))
        assert PathwayRecord.objects.get().happened_at == hours(4)

    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"values": {"present": []}}, "present"),
            ({"values": {}}, "present"),
            ({"values": {"present": ["nothing-such"]}}, "present"),
            ({"values": {"present": "not-a-code"}}, "present"),
            ({"happened_at": (AT + timedelta(hours=1)).isoformat()}, "happened_at"),
            ({"happened_at": "2026-03-04T10:00"}, "happened_at"),
            ({"person": ""}, "person"),
            ({"person": "P" * 61}, "person"),
            ({"values": None}, "values"),
            ({"key": "k" * 41}, "key"),
            ({"key": ""}, "key"),
            ({"key": None}, "Idempotency-Key"),
        ],
    )
    def test_what_cannot_be_written_says_where(self, call: Caller, changes: dict[str, Any], where: str) -> None:
        said = problem(call.write(**changes), 422)
        assert where.lower().replace("-", "_") in {name.lower().replace("-", "_") for name in said["errors"]}
        assert not PathwayCase.objects.exists()

    @pytest.mark.parametrize("values", [{}, {"present": None}, {"seen": "All well"}])
    def test_on_an_open_case_a_checklist_left_empty_is_refused(self, cast: Cast, call: Caller, values: Any) -> None:
        a_case(cast)
        said = problem(call.write(values=values), 422)
        assert said["errors"] == {"present": "Tick what is present, or say that none of these is."}
        assert not PathwayRecord.objects.exists()

    def test_on_an_open_case_none_of_them_is_an_answer(self, cast: Cast, call: Caller) -> None:
        a_case(cast)
        answer(call.write(values={"present": []}))
        assert PathwayRecord.objects.get().values == {"present": []}

    def test_whoever_works_in_several_teams_names_one(self, cast: Cast, call: Caller) -> None:
        said = problem(call.write(staff="duty@example.org"), 422)
        assert "North team, South team" in said["detail"]
        assert problem(call.write(staff="duty@example.org", team="East team"), 422)
        answer(call.write(staff="duty@example.org", team="South team"))
        assert PathwayCase.objects.get().team == cast.south

    def test_an_open_case_says_which_team(self, cast: Cast, call: Caller) -> None:
        case = a_case(cast)
        answer(call.write(staff="duty@example.org"))
        assert PathwayRecord.objects.get().case == case


class TestWhoMay:
    @pytest.mark.parametrize("token", ["", "wrong", "sp_wrong"])
    def test_without_a_token_that_holds(self, call: Caller, token: str) -> None:
        response = call.ask("pathways", token=token)
        problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"

    def test_a_token_is_kept_as_its_hash_only(self, call: Caller) -> None:
        key = IntegrationKey.objects.get()
        assert call.keys.token not in str(key.__dict__)
        assert call.keys.link_secret not in str(key.__dict__)
        assert len(call.keys.token) > 40

    def test_renewed_and_revoked(self, cast: Cast, call: Caller) -> None:
        new = renew_keys(by=cast.administrator, at=AT, integration=call.keys.integration)
        problem(call.ask("pathways"), 401)
        answer(call.ask("pathways", token=new.token))
        revoke_integration(by=cast.administrator, at=AT, integration=call.keys.integration, reason="Ended")
        problem(call.ask("pathways", token=new.token), 401)

    @pytest.mark.parametrize(
        "staff",
        ["nobody@example.org", "stranger@example.org", "worker.elsewhere@example.org", "admin@example.org", ""],
    )
    @pytest.mark.parametrize("what", ["pathways", "answers", "checklists", "links"])
    def test_in_whose_name_nothing_is_done(self, call: Caller, staff: str, what: str) -> None:
        about = {"person": "P-1042", "pathway": "self-neglect"}
        response = (
            call.write(staff=staff) if what == "checklists"
            else call.send(what, staff=staff, **about) if what == "links"
            else call.ask(what, staff=staff, **about)
        )  # fmt: skip
        assert "e-mail address" in problem(response, 403)["detail"]
        assert not PathwayCase.objects.exists()
        assert not AccessEntry.objects.exists()

    def test_nobody_named(self, call: Caller) -> None:
        problem(call.ask("pathways", staff=None), 422)

    def test_somebody_who_left(self, cast: Cast, call: Caller) -> None:
        set_active(by=cast.administrator, at=AT, person=cast.worker, active=False)
        problem(call.write(), 403)

    def test_a_role_that_makes_no_checklist(self, call: Caller) -> None:
        problem(call.write(staff="reviewer@example.org"), 404)

    def test_a_pathway_that_is_not_in_use(self, call: Caller) -> None:
        problem(call.write(pathway="exploitation"), 404)

    def test_a_signed_in_browser_is_not_a_caller(self, cast: Cast, call: Caller) -> None:
        client = Client()
        client.force_login(cast.director)
        assert client.get("/api/v1/pathways", headers={"On-Behalf-Of": WORKER}).status_code == 401

    def test_too_many_calls(self, call: Caller, the_clock: TestClock) -> None:
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=call.keys.integration, at=AT, way="call", outcome="done: answers")
            for _ in range(CALLS_A_MINUTE - 1)
        )
        answer(call.ask("pathways"))
        response = call.ask("pathways")
        problem(response, 429)
        assert response["Retry-After"] == "60"
        the_clock.stand_at(AT + timedelta(seconds=60))
        answer(call.ask("pathways"))


class TestLinks:
    def test_a_link_made_for_a_call_opens_once(self, call: Caller) -> None:
        said = answer(call.send("links", person="P-1042", pathway="self-neglect"))
        address = urlsplit(said["url"])
        query = {name: value[0] for name, value in parse_qs(address.query).items()}
        page = Client().get(address.path, query)
        assert "Self-neglect checklist" in page.content.decode()
        assert Client().get(address.path, query).status_code == 404


class TestDescription:
    def test_it_is_the_one_in_the_documents(self) -> None:
        written = json.loads((Path(settings.BASE_DIR) / "docs" / "reference" / "openapi.json").read_text())
        assert json.loads(json.dumps(description())) == written, "make fix renews docs/reference/openapi.json"

    def test_anybody_may_read_it(self, db: None) -> None:
        response = Client().get("/api/v1/openapi.json")
        assert response.status_code == 200
        assert set(json.loads(response.content)["paths"]) == {
            "/api/v1/pathways", "/api/v1/answers", "/api/v1/checklists", "/api/v1/links",
        }  # fmt: skip
