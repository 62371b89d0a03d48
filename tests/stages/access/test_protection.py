"""What protects every address alike: tokens, headers, and the log of looking that a look cannot do without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntries, AccessEntry
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Refused
from tests.stages.access import table
from tests.stages.access.asking import ADDRESSES, OF_INCIDENTS, OURS, ROWS, address_of, ask
from tests.stages.access.scene import AT, CANARY, ORDINARY, RESTRICTED, Scene
from tests.stages.access.table import Row

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34"), pytest.mark.usefixtures("quiet")]


def ids_of(scene: Scene, row: Row) -> dict[str, object]:
    """What the row's address is about, for somebody who may."""
    return scene.stories[ORDINARY].ids if row in OF_INCIDENTS else scene.ours


FIRST = ("lead", "administrator", "reviewer", "worker", "duty_manager", "director", "quality_lead", "supervisor",
         "colleague", "commissioner", "inspector")  # fmt: skip


def who_may(row: Row, method: str) -> str:
    """Somebody who may; the same few people wherever possible."""
    may = row.may(method, ORDINARY if row in OF_INCIDENTS else OURS) or frozenset()
    return next(name for name in FIRST if name in may)


def test_no_deed_is_done_without_the_token_of_its_form(scene: Scene) -> None:
    before, unguarded = TrailEntry.objects.count(), []
    for row in (row for row in ROWS if row.post is not None):
        client = Client(enforce_csrf_checks=True)
        client.cookies = scene.client(who_may(row, "POST")).cookies
        answer = ask(client, "POST", address_of(row, ids_of(scene, row)), row.sent(ids_of(scene, row)))
        if answer.status != 403 or "Please send that again" not in answer.body:
            unguarded.append(row.name)
    assert unguarded == []
    assert TrailEntry.objects.count() == before


@pytest.mark.parametrize("name", [name for name in table.SIGNING_IN if not ADDRESSES[name]])
def test_nor_is_any_on_the_way_in(scene: Scene, name: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse(name), {"login": "lead@example.org", "password": "x"})
    assert answer.status_code in {403, 405}


HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}

OF_A_PACK = POLICY - {"style-src 'self'", "connect-src 'self'", "form-action 'self'"} | {
    "form-action 'none'",
    "style-src 'unsafe-inline'",
}
"""The page of a pack, or of what is given to a person, is one file with its own style sheet (and an empty picture for
its icon). It may run nothing, fetch nothing and send nothing."""


def guarded(heads: object) -> list[str]:
    """What an answer's headers lack."""
    found = dict(heads.items())  # type: ignore[attr-defined]
    lacking = [name for name, value in HEADERS.items() if found.get(name) != value]
    if "no-store" not in found.get("Cache-Control", ""):
        lacking.append("Cache-Control")
    policy = found.get("Content-Security-Policy", "")
    if (
        policy != "sandbox"
        and set(policy.split("; ")) - {"img-src data:"} != OF_A_PACK
        and (not set(policy.split("; ")) >= POLICY or "unsafe" in policy)
    ):
        lacking.append("Content-Security-Policy")
    return lacking


def every_answer(scene: Scene) -> Iterator[tuple[str, object]]:
    """An answer of every address to somebody who may GET it, then the answers that are errors or led away."""
    for row in ROWS:
        if row.get is not None:
            yield row.name, ask(scene.client(who_may(row, "GET")), "GET", address_of(row, ids_of(scene, row))).heads
    visitor, lead = Client(), scene.client("lead")
    for name in (*table.OPEN, *(name for name in table.SIGNING_IN if not ADDRESSES[name])):
        yield name, visitor.get(reverse(name)).headers
    yield "sign in first", visitor.get(reverse("home:my_work")).headers
    yield "not found", lead.get("/nowhere").headers
    yield "no such method", lead.post(reverse("home:my_work")).headers
    yield "no token", Client(enforce_csrf_checks=True).post(reverse("account_login")).headers
    yield "bad host", visitor.get("/", headers={"host": "elsewhere.example"}).headers


def test_every_answer_carries_the_headers_that_guard_it(scene: Scene) -> None:
    lacking = {name: guarded(heads) for name, heads in every_answer(scene)}
    assert {name: what for name, what in lacking.items() if what} == {}


def test_so_does_the_page_of_a_fault(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saferpractice.home.views.pages.panels_of", lambda **_: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(scene.cast.lead)
    answer = client.get(reverse("home:incident", args=[scene.stories[ORDINARY].incident.pk]))
    assert answer.status_code == 500
    assert guarded(answer.headers) == []
    assert CANARY[ORDINARY] not in answer.content.decode()


@pytest.mark.parametrize("name", ["home:file", "changes:file", "changes:evidence_file"])
def test_a_file_is_saved_and_never_run(scene: Scene, name: str) -> None:
    row = next(row for row in OF_INCIDENTS if row.name == name)
    heads = ask(scene.client("lead"), "GET", address_of(row, scene.stories[ORDINARY].ids)).heads
    assert heads["Content-Disposition"].startswith("attachment")
    assert heads["Content-Security-Policy"] == "sandbox"


class TestLooking:
    """Every look is written before anything is shown, and a look that cannot be written is not had."""

    def test_a_look_that_cannot_be_written_is_refused(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise DatabaseError("the log of looking does not answer")

        monkeypatch.setattr(AccessEntries, "create", broken)
        client = Client(raise_request_exception=False)
        client.force_login(scene.cast.lead)
        told = []
        for row in OF_INCIDENTS:
            if row.leaves_trace and "lead" in (row.may("GET", ORDINARY) or ()):
                answer = ask(client, "GET", address_of(row, scene.stories[ORDINARY].ids))
                if answer.status != 500 or CANARY[ORDINARY] in answer.text:
                    told.append(row.name)
        assert told == []

    @pytest.mark.parametrize("address", ["home:incidents", "home:tracker_file", "findings:pareto", "changes:list",
                                         "changes:export", "findings:pareto_file", "exchange:imports"])  # fmt: skip
    def test_neither_is_a_list_or_an_export(self, scene: Scene, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        before = AccessEntry.objects.count()
        assert ask(scene.client("lead"), "GET", reverse(address)).status == 200
        assert AccessEntry.objects.count() == before + 1, "looking at a list is a look"
        monkeypatch.setattr(AccessEntries, "create", lambda *_, **__: 1 / 0)
        client = Client(raise_request_exception=False)
        client.force_login(scene.cast.lead)
        assert ask(client, "GET", reverse(address)).status == 500

    def test_an_entry_says_who_in_which_role_looked_at_what_and_when(self, scene: Scene) -> None:
        story = scene.stories[RESTRICTED]
        ask(scene.client("reviewer"), "GET", reverse("reviews:timeline", args=[story.ids["review_id"]]))
        entry = AccessEntry.objects.of_story(story.incident.pk)[0]
        assert (entry.by_name, entry.by_role, entry.page) == ("Rowan Thwaite", "Reviewer", "timeline")
        assert (entry.at, entry.provider_id, entry.by_id) == (AT, scene.cast.provider.pk, scene.cast.reviewer.pk)

    def test_the_entry_of_a_file_names_the_file(self, scene: Scene) -> None:
        story = scene.stories[ORDINARY]
        ask(scene.client("lead"), "GET", reverse("home:file", args=[story.ids["review_file_id"]]))
        assert AccessEntry.objects.of_story(story.incident.pk)[0].page == f"file pack-{CANARY[ORDINARY]}.txt"

    @pytest.mark.parametrize("name", ["duty_manager", "director", "kept_from", "stranger"])
    def test_a_refused_look_is_no_look(self, scene: Scene, name: str) -> None:
        """The log says who has read a record. Somebody who was refused has not."""
        state = ORDINARY if name in {"kept_from", "stranger"} else RESTRICTED
        before = AccessEntry.objects.of_story(scene.stories[state].incident.pk).count()
        for row in OF_INCIDENTS:
            if name not in (row.may("GET", state) or ()):
                ask(scene.client(name), "GET", address_of(row, scene.stories[state].ids))
        assert AccessEntry.objects.of_story(scene.stories[state].incident.pk).count() == before


def test_a_refusal_that_no_page_caught_names_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where a view forgets its check, the operation's refusal of a look is the page of nothing."""

    def forgot(**_: object) -> None:
        raise Refused(f"There is such a thing: {CANARY[RESTRICTED]}")

    monkeypatch.setattr("saferpractice.home.views.pages.panels_of", forgot)
    answer = ask(scene.client("lead"), "GET", reverse("home:incident", args=[scene.stories[ORDINARY].incident.pk]))
    assert answer.status == 404
    assert CANARY[RESTRICTED] not in answer.body
