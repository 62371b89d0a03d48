"""Everybody, in a care record system and by its calls: what they get is what their own roles say, never more."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.exchange.operations import set_up_integration
from saferpractice.exchange.operations.integrations import NewKeys
from tests.factories.integrations import ORIGIN, signed
from tests.stages.access import table
from tests.stages.access.scene import AT, ELSEWHERE, ORDINARY, RESTRICTED, THEIRS, WITHDRAWN, Scene
from tests.stages.access.table import ADMINISTERS, EVERYBODY, RECORDS, WRITES, names

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17", "R34"), pytest.mark.usefixtures("quiet")]

TICKS = (WRITES | names("kept_from")) - names("stranger")
"""Who ticks checklists somewhere at the provider: they may open one about anybody, and read what is theirs to read."""
BEFORE = "Last time"


@pytest.fixture
def keys(scene: Scene) -> NewKeys:
    cast = scene.cast
    return set_up_integration(
        by=cast.administrator, at=AT, provider=cast.provider, name="All", origins=ORIGIN,
        services=[cast.riverside, cast.harbour],
    )  # fmt: skip


def in_a_frame(scene: Scene, keys: NewKeys, name: str, state: str) -> tuple[int, str]:
    """What ``name`` gets of the person in an incident, in a frame."""
    reference = scene.stories[state].incident.person_supported.reference  # type: ignore[union-attr]
    parameters = signed(keys, AT, person=reference, staff=scene.people[name].email)
    page = Client().get(reverse("embed:checklist", args=[keys.integration.pk]), parameters)
    return page.status_code, page.content.decode()


@pytest.mark.parametrize("state", [ORDINARY, RESTRICTED, WITHDRAWN, ELSEWHERE, THEIRS])
def test_everybody_in_a_frame(scene: Scene, keys: NewKeys, state: str) -> None:
    wrong = []
    for name in sorted(EVERYBODY):
        status, body = in_a_frame(scene, keys, name, state)
        may = name in TICKS
        if (status == 200) is not may:
            wrong.append(f"{name}: {status}")
        if (BEFORE in body) is not (may and name in RECORDS["case"][state]):
            wrong.append(f"{name} reads of last time: {BEFORE in body}")
    assert wrong == []


def test_everybody_by_a_call(scene: Scene, keys: NewKeys) -> None:
    client, got = Client(), set()
    for name, person in scene.people.items():
        headers = {"Authorization": f"Bearer {keys.token}", "On-Behalf-Of": person.email}
        answer = client.get("/api/v1/answers", {"person": "P-1", "pathway": "self-neglect"}, headers=headers)
        if answer.status_code == 200:
            got.add(name)
    assert got == TICKS


@pytest.mark.parametrize("name", ["nobody", *sorted(EVERYBODY)])
def test_being_signed_in_counts_for_nothing(scene: Scene, name: str) -> None:
    client, integration = scene.client(name), scene.ours["integration_id"]
    said = {
        "embed:checklist": client.get(reverse("embed:checklist", args=[integration])).status_code,
        "embed:save": client.post(reverse("embed:save"), {"present": "infection-risk"}).status_code,
        "api:pathways": client.get("/api/v1/pathways").status_code,
        "api:answers": client.get("/api/v1/answers").status_code,
        "api:checklists": client.post("/api/v1/checklists").status_code,
        "api:links": client.post("/api/v1/links").status_code,
        "api:openapi-json": client.get("/api/v1/openapi.json").status_code,
        "api:api-root": client.get("/api/v1/").status_code,
    }
    assert set(said) == set(table.BY_KEY)
    assert said == {
        "embed:checklist": 404, "embed:save": 404, "api:pathways": 401, "api:answers": 401, "api:checklists": 401,
        "api:links": 401, "api:openapi-json": 200, "api:api-root": 404,
    }  # fmt: skip


def test_a_list_of_supervision_names_only_cases_one_may_open(scene: Scene) -> None:
    address = reverse("pathways:supervision_list", args=[scene.ours["list_id"]])
    reference = scene.stories[ORDINARY].incident.person_supported.reference  # type: ignore[union-attr]
    for name, named in (("lead", True), ("supervisor", True), ("kept_from", False)):
        assert (reference in scene.client(name).get(address).content.decode()) is named, name
    assert scene.client("administrator").get(address).status_code == 404
    assert names("administrator") == ADMINISTERS
