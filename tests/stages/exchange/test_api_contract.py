"""Whatever is sent to the calls, the answer is one of those described: never a fault, never a half-written case."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from saferpractice.exchange.models import LinkOpened
from saferpractice.exchange.operations.integrations import NewKeys
from saferpractice.exchange.views import api
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import correct_record
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.integrations import an_integration, open_link, signed
from tests.factories.pathways import a_case, a_record, hours, used
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R17")
AT = hours(10)
DESCRIBED: dict[str, Any] = json.loads(json.dumps(api.description()))
SAYS = {
    "/api/v1/pathways": ("get", None),
    "/api/v1/answers": ("get", api.LastAnswers),
    "/api/v1/checklists": ("post", api.ChecklistWritten),
    "/api/v1/links": ("post", api.LinkMade),
}
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.fixed_dictionaries(
    {
        "person": st.sampled_from(["P-1042", "p-1042", " ", "", "P" * 61, "\x00", "P\n2", "💙"]) | ANYTHING,
        "pathway": st.sampled_from(["self-neglect", "exploitation", "nothing", ""]) | ANYTHING,
        "values": st.fixed_dictionaries(
            {},
            optional={
                "present": st.lists(st.sampled_from(["infection-risk", "nothing-such"]), max_size=3) | ANYTHING,
                "seen": st.text(max_size=30) | ANYTHING,
                "unknown": ANYTHING,
            },
        )
        | ANYTHING,
    },
    optional={
        "team": st.sampled_from(["North team", "East team", "Nowhere"]) | ANYTHING,
        "happened_at": st.sampled_from(["2026-03-04T10:00:00Z", "2026-03-04", "9999-12-31T23:59:59Z"]) | ANYTHING,
    },
)


def headers(keys: NewKeys, key: str = "k") -> dict[str, str]:
    return {
        "Authorization": f"Bearer {keys.token}",
        "On-Behalf-Of": "worker@example.org",
        "Idempotency-Key": key,
    }


def as_described(path: str, response: HttpResponse) -> None:
    """The status is one of those described, and the body is what that says."""
    method, answered = SAYS[path]
    assert str(response.status_code) in DESCRIBED["paths"][path][method]["responses"], response.content
    said = json.loads(response.content)
    if response.status_code == 200:
        if answered is not None:
            answered.model_validate(said)
        return
    assert response["Content-Type"] == "application/problem+json"
    problem = api.ProblemSaid.model_validate(said)
    assert problem.status == response.status_code
    assert problem.detail


@pytest.fixture
def keys(cast: Cast, the_clock: TestClock) -> NewKeys:
    the_clock.stand_at(AT)
    used(cast)
    return an_integration(cast)


FUZZ = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestAnything:
    @FUZZ
    @given(body=NEARLY | ANYTHING, number=st.integers(0, 10**9))
    def test_sent_to_be_written(self, keys: NewKeys, body: Any, number: int) -> None:
        before = PathwayCase.objects.count(), PathwayRecord.objects.count()
        response = Client().post(
            "/api/v1/checklists", json.dumps(body), content_type="application/json", headers=headers(keys, str(number))
        )
        as_described("/api/v1/checklists", response)
        after = PathwayCase.objects.count(), PathwayRecord.objects.count()
        if response.status_code != 200:
            assert after == before
        assert after[1] >= after[0], "no case without its first record"

    @FUZZ
    @given(body=NEARLY | ANYTHING)
    def test_asked_for_a_link(self, keys: NewKeys, body: Any) -> None:
        response = Client().post(
            "/api/v1/links", json.dumps(body), content_type="application/json", headers=headers(keys)
        )
        as_described("/api/v1/links", response)

    @FUZZ
    @given(person=st.text(max_size=70), pathway=st.sampled_from(["self-neglect", "x"]) | st.text(max_size=90))
    def test_asked_about(self, keys: NewKeys, person: str, pathway: str) -> None:
        response = Client().get("/api/v1/answers", {"person": person, "pathway": pathway}, headers=headers(keys))
        as_described("/api/v1/answers", response)

    @pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\x00", '{"person": "P-1"'])
    def test_what_is_no_json(self, keys: NewKeys, body: str) -> None:
        response = Client().post("/api/v1/checklists", body, content_type="application/json", headers=headers(keys))
        as_described("/api/v1/checklists", response)
        assert response.status_code in {400, 422}

    @pytest.mark.parametrize(
        "changed",
        [
            {"person": "\ud83d"},
            {"pathway": "self-neglect\ud83d"},
            {"values": {"present": ["infection-risk"], "seen": "Half \ud83d of it"}},
            {"values": {"present": ["infection-risk\udc99"]}},
            {"values": {"present": ["infection-risk"], "\ud83d": "x"}},
            {"values": {"present": ["infection-risk"], "a\x00b": "x"}},
            {"values": {"present": ["infection-risk"], "seen": "x" * 1_000_000}},
            {"values": {"present": ["infection-risk"] * 10_000}},
            {"values": {"present": ["infection-risk"], "seen": float("nan")}},
            {"team": "North\ud83d"},
            {"happened_at": "9999-12-31T23:59:59.999999-14:00"},
            {"happened_at": "0001-01-01T00:00:00+14:00"},
            {"happened_at": "2026-02-29T10:00:00Z"},
            {"happened_at": "2026-13-01T10:00:00Z"},
            {"happened_at": 10**30},
        ],
        ids=lambda changed: ascii(changed)[:50],
    )
    def test_what_json_can_say_and_no_record_hold(self, keys: NewKeys, changed: dict[str, Any]) -> None:
        body = {"person": "P-1042", "pathway": "self-neglect", "values": {"present": ["infection-risk"]}}
        for path in ("/api/v1/checklists", "/api/v1/links"):
            response = Client().post(
                path, json.dumps(body | changed), content_type="application/json", headers=headers(keys)
            )
            as_described(path, response)

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            ("person=P-1&pathway=self-neglect", "application/x-www-form-urlencoded"),
            ("--x--", "multipart/form-data; boundary=x"),
            ("--x", "multipart/form-data"),
            ("{}", "text/plain; charset=nothing"),
            (b"\xff\xfe{\x00}\x00", "application/json"),
            (b'{"person": "\xff"}', "application/json; charset=utf-8"),
            ("[" * 100_000, "application/json"),
            ('{"person": ' + "9" * 5000 + "}", "application/json"),
            ('{"person": "a", "person": "b"}', "application/json"),
        ],
        ids=str,
    )
    def test_sent_as_something_else(self, keys: NewKeys, body: Any, content_type: str) -> None:
        response = Client().generic("POST", "/api/v1/checklists", body, content_type, headers=headers(keys))
        as_described("/api/v1/checklists", response)
        assert response.status_code in {400, 422}

    @pytest.mark.parametrize("name", ["On-Behalf-Of", "Idempotency-Key", "Authorization", "Accept-Language"])
    def test_a_nul_in_a_header(self, keys: NewKeys, name: str) -> None:
        sent = {"Accept-Language": "en"} | headers(keys)
        body = {"person": "P-1042", "pathway": "self-neglect", "values": {"present": ["infection-risk"]}}
        response = Client().post(
            "/api/v1/checklists", json.dumps(body), content_type="application/json",
            headers=sent | {name: f"{sent[name]}\x00x"},
        )  # fmt: skip
        as_described("/api/v1/checklists", response)

    @pytest.mark.parametrize("token", ["", "é", "sp_" + "x" * 5000, "Bearer", "\t"])
    def test_any_token(self, keys: NewKeys, token: str) -> None:
        response = Client().get("/api/v1/pathways", headers=headers(keys) | {"Authorization": f"Bearer {token}"})
        as_described("/api/v1/pathways", response)
        assert response.status_code == 401


class TestDescribed:
    @pytest.mark.parametrize("path", sorted(SAYS))
    def test_each_call_says_its_token_its_staff_and_its_problems(self, path: str) -> None:
        method, _ = SAYS[path]
        call = DESCRIBED["paths"][path][method]
        assert call["security"] == [{"Token": []}]
        named = {part["name"].lower().replace("_", "-"): part["required"] for part in call.get("parameters", [])}
        assert named["on-behalf-of"]
        assert {"200", "401", "403", "404", "422", "429"} <= set(call["responses"])
        assert call["summary"]

    def test_writing_says_its_key(self) -> None:
        call = DESCRIBED["paths"]["/api/v1/checklists"]["post"]
        assert any(part["name"].lower().replace("_", "-") == "idempotency-key" for part in call["parameters"])

    def test_a_moment_without_a_zone_is_not_taken(self) -> None:
        given = {"person": "P-1", "pathway": "self-neglect", "values": {}}
        api.ChecklistGiven.model_validate(given | {"happened_at": "2026-03-04T10:00:00+00:00"})
        with pytest.raises(ValidationError):
            api.ChecklistGiven.model_validate(given | {"happened_at": "2026-03-04T10:00:00"})

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_none(self, keys: NewKeys, method: str) -> None:
        for path in SAYS:
            assert getattr(Client(), method)(path, headers=headers(keys)).status_code == 405


class TestAfterEachOther:
    def test_the_story_of_one_person_by_calls_alone(self, cast: Cast, keys: NewKeys, the_clock: TestClock) -> None:
        client, about = Client(), {"person": "P-9", "pathway": "self-neglect"}

        def write(key: str, *present: str) -> Any:
            body = about | {"values": {"present": list(present)}}
            response = client.post(
                "/api/v1/checklists", json.dumps(body), content_type="application/json", headers=headers(keys, key)
            )
            return json.loads(response.content)

        def last() -> Any:
            return json.loads(client.get("/api/v1/answers", about, headers=headers(keys)).content)

        assert last() == {
            "person": "P-9", "pathway": "self-neglect", "case_open": False, "happened_at": None, "by": None,
            "present": [],
        }  # fmt: skip
        assert "nothing is opened" in write("none")["errors"]["present"]
        first = write("one", "infection-risk")
        the_clock.stand_at(hours(11))
        second = write("two", "infection-risk", "unsafe-environment")
        assert first["case"] == second["case"]
        assert "Consult the duty manager" in second["told"]
        the_clock.stand_at(hours(12))
        third = write("three")
        assert "None of 5 is present." in third["told"]
        assert (last()["present"], last()["case_open"]) == ([], True)
        assert PathwayCase.objects.get().records.count() == 3

    def test_what_was_put_right_is_what_is_answered(self, cast: Cast, keys: NewKeys) -> None:
        record = a_record(a_case(cast), "checklist", 1, by=cast.worker, present=["infection-risk"])
        correct_record(
            by=cast.worker, at=hours(2), record=record, happened_at=hours(1), reason="Ticked the wrong one",
            values={"present": ["unsafe-environment"]}, submission_key="c",
        )  # fmt: skip
        about = {"person": "P-1042", "pathway": "self-neglect"}
        said = json.loads(Client().get("/api/v1/answers", about, headers=headers(keys)).content)
        assert said["present"] == ["unsafe-environment"]

    def test_another_team_s_newer_answers_are_not_told(self, cast: Cast, keys: NewKeys) -> None:
        a_record(a_case(cast), "checklist", 1, by=cast.worker, present=["infection-risk"])
        theirs = a_case(cast, by=cast.worker_elsewhere, team=cast.east)
        a_record(theirs, "checklist", 5, by=cast.worker_elsewhere, present=["unsafe-environment"])
        about = {"person": "P-1042", "pathway": "self-neglect"}
        said = json.loads(Client().get("/api/v1/answers", about, headers=headers(keys)).content)
        assert said["present"] == ["infection-risk"]


def at_once(*deeds: Any) -> list[Any]:
    """Do several things at one moment, each in a thread of its own; what they gave."""
    gate, got = threading.Barrier(len(deeds)), []

    def run(deed: Any) -> None:
        try:
            gate.wait()
            got.append(deed())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


class TestAtOneMoment:
    @pytest.fixture
    def alone(self, fresh_database: Database, the_clock: TestClock) -> NewKeys:
        the_clock.stand_at(AT)
        cast = build_cast()
        used(cast)
        return an_integration(cast)

    def test_one_link_opened_twice_opens_once(self, alone: NewKeys) -> None:
        parameters = signed(alone, AT)
        answers = at_once(*[lambda: open_link(alone.integration, parameters).status_code] * 3)
        assert sorted(answers) == [200, 404, 404]
        assert LinkOpened.objects.count() == 1

    def test_one_call_made_twice_writes_once(self, alone: NewKeys) -> None:
        body = json.dumps({"person": "P-1", "pathway": "self-neglect", "values": {"present": ["infection-risk"]}})

        def write() -> Any:
            response = Client().post(
                "/api/v1/checklists", body, content_type="application/json", headers=headers(alone)
            )
            return response.status_code, response.content

        answers = at_once(write, write)
        assert len(answers) == 2
        assert len(set(answers)) == 1
        assert answers[0][0] == 200
        assert (PathwayCase.objects.count(), PathwayRecord.objects.count()) == (1, 1)

    def test_two_colleagues_tick_the_first_indicator_of_one_person(self, alone: NewKeys) -> None:
        body = json.dumps({"person": "P-1", "pathway": "self-neglect", "values": {"present": ["infection-risk"]}})

        def write(staff: str) -> int:
            sent = headers(alone, staff) | {"On-Behalf-Of": f"{staff}@example.org"}
            return Client().post(
                "/api/v1/checklists", body, content_type="application/json", headers=sent
            ).status_code  # fmt: skip

        assert at_once(lambda: write("worker"), lambda: write("colleague")) == [200, 200]
        assert (PathwayCase.objects.count(), PathwayRecord.objects.count()) == (1, 2)
