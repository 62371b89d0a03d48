"""A NUL is in no record: in the path of an address nothing is there, elsewhere it is as if it had not been sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from saferpractice.access.middleware import CleanHeadersMiddleware, OddCharactersMiddleware
from tests.architecture.source import product_modules
from tests.stages.access import table
from tests.stages.access.asking import ADDRESSES, OF_INCIDENTS, OF_PROVIDERS, OURS, address_of, ask
from tests.stages.access.scene import ORDINARY, Scene
from tests.stages.access.table import Row, arguments
from tests.stages.access.test_table import said

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

NUL = "\x00"


def odd_addresses(row: Row, ids: Mapping[str, Any]) -> Iterator[str]:
    """The row's address with a NUL before, inside and after each of its parts that are words."""
    right = address_of(row, ids).split("?")[0]
    for value in arguments(row, ADDRESSES[row.name], ids).values():
        if isinstance(value, str):
            for odd in (NUL + value, value[:1] + NUL + value[1:], value + NUL, NUL):
                yield f"/{quote(odd)}".join(right.rsplit(f"/{quote(value, safe=':')}", 1))


def rows_with_words(scene: Scene) -> Iterator[tuple[Row, list[str], str]]:
    """Each row that takes words, its odd addresses, and somebody who gets an answer at the right one."""
    for rows, ids, state in ((OF_INCIDENTS, scene.stories[ORDINARY].ids, ORDINARY), (OF_PROVIDERS, scene.ours, OURS)):
        for row in rows:
            may = (row.may("GET", state) or frozenset()) | (row.may("POST", state) or frozenset())
            odd = [one for one in odd_addresses(row, ids) if "%00" in one]
            if odd:
                yield row, odd, next(name for name in ("lead", "quality_lead", *sorted(may)) if name in may)


def test_no_such_address_is_there_for_anybody(scene: Scene, undrawn: None) -> None:
    wrong, tried = [], set()
    for row, odd, who in rows_with_words(scene):
        tried.add(row.name)
        for address in odd:
            for name, expected in ((who, {"not there"}), ("nobody", {"sign in", "not there"})):
                for method in ("GET", "POST"):
                    got = said(ask(scene.client(name), method, address, row.sent(dict(scene.ours))))
                    if got not in expected:
                        wrong.append(f"{name}: {method} {address!r}: {got}")
    assert wrong == []
    assert {"evidence:pack_file", "evidence:quality_statement", "assurance:measure", "exchange:mapping"} <= tried
    assert len(tried) > 38


def test_who_is_not_signed_in_is_asked_to_first(scene: Scene, undrawn: None) -> None:
    address = reverse("assurance:measure", args=[NUL])
    assert said(ask(scene.client("nobody"), "GET", address)) == "sign in"
    assert said(ask(scene.client("lead"), "GET", address)) == "not there"


def test_nor_where_nobody_need_be_signed_in(undrawn: None) -> None:
    open_ones = (*table.OPEN, *table.BY_KEY, *table.SIGNING_IN, *table.OF_PARTNERS)
    tried = []
    for name in open_ones:
        try:
            address = reverse(name, kwargs=dict.fromkeys(ADDRESSES[name], f"a{NUL}"))
        except NoReverseMatch:
            continue
        if ADDRESSES[name]:
            tried.append(name)
            assert said(ask(Client(), "GET", address)) == "not there", name
    assert "partner:invitation" in tried


def passed_on(request: HttpRequest, view: Any = lambda request: None) -> HttpRequest:
    """The request as a page gets it."""
    seen: list[HttpRequest] = []

    def page(one: HttpRequest) -> HttpResponse:
        OddCharactersMiddleware(lambda _: HttpResponse()).process_view(one, view, (), {})
        seen.append(one)
        return HttpResponse()

    CleanHeadersMiddleware(page)(request)
    return seen[0]


class TestWhatAPageGets:
    def test_no_nul_in_what_is_asked(self) -> None:
        request = passed_on(RequestFactory().get("/", {"q": ["a\x00b", "\x00", "whole"], "p\x00": "1"}))
        assert dict(request.GET.lists()) == {"q": ["ab", "", "whole"], "p": ["1"]}
        assert isinstance(request.GET, QueryDict)
        with pytest.raises(AttributeError, match="immutable"):
            request.GET["q"] = "changed"

    def test_no_nul_in_what_is_sent(self) -> None:
        request = passed_on(RequestFactory().post("/", {"why": "Be\x00cause", "\x00key": "k"}))
        assert request.POST.dict() == {"why": "Because", "key": "k"}

    def test_what_holds_none_is_the_very_same(self) -> None:
        request = RequestFactory().post("/?q=ab", {"why": "👩🏽\u200d⚕\ufe0f \u200b\x07"})
        asked, sent = request.GET, request.POST
        assert passed_on(request).GET is asked
        assert request.POST is sent

    def test_calls_of_other_systems_answer_for_themselves(self) -> None:
        def call(request: HttpRequest) -> None: ...

        call.csrf_exempt = True  # type: ignore[attr-defined]
        request = passed_on(RequestFactory().post("/?q=%00", {"why": NUL}), call)
        assert (request.GET["q"], request.POST["why"]) == (NUL, NUL)

    def test_a_header_holds_a_space_instead(self) -> None:
        request = passed_on(RequestFactory().get("/", headers={"User-Agent": "a\x00b", "Accept": "text/html"}))
        assert (request.headers["User-Agent"], request.headers["Accept"]) == ("a b", "text/html")

    def test_a_cookie_is_not_read(self) -> None:
        request = RequestFactory().get("/", headers={"Cookie": 'session="abcdefgh\\000"; theme="plain"; n\x00=1'})
        assert NUL in request.COOKIES["session"]
        assert passed_on(request).COOKIES.get("theme") == "plain"
        assert not any(NUL in name + value for name, value in request.COOKIES.items())


class TestWholeRequests:
    def test_a_session_by_an_odd_name_is_nobody_s(self, scene: Scene, undrawn: None) -> None:
        assert Session.objects.exists()
        answer = Client(headers={"Cookie": 'session="abcdefgh\\000ijkl"'}).get(reverse("home:my_work"))
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("account_login"))

    def test_signing_in_from_a_browser_with_an_odd_name(self, scene: Scene, undrawn: None, settings: Any) -> None:
        settings.USERSESSIONS_TRACK_ACTIVITY = True
        client = scene.client("lead")
        assert client.get(reverse("home:my_work"), headers={"User-Agent": "x\x00y"}).status_code == 200

    def test_a_call_with_an_odd_name_is_answered_as_a_problem(self, scene: Scene) -> None:
        heads = {"Authorization": "Bearer \x00", "On-Behalf-Of": "lead\x00@example.org"}
        answer = Client().get("/api/v1/pathways", headers=heads)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert json.loads(answer.content)["title"] == "Not known"


SENT = re.compile(r"""POST\.get(?:list)?\(["'](\w+)["']|POST\[["'](\w+)["']""")


def sent_to_pages() -> list[str]:
    """Every name that a page reads from what is sent, beside its form."""
    views = [module for module in product_modules() if module.layer == "views"]
    return sorted({one or other for module in views for one, other in SENT.findall(module.text)})


def test_what_is_sent_beside_a_form_is_no_fault_either(scene: Scene, undrawn: None) -> None:
    names = sent_to_pages()
    assert {"submission_key", "key", "query", "sha256", "back"} <= set(names)
    faults, tried = [], 0
    for rows, ids, state in ((OF_INCIDENTS, scene.stories[ORDINARY].ids, ORDINARY), (OF_PROVIDERS, scene.ours, OURS)):
        for row in rows:
            may = row.may("POST", state) or frozenset()
            who = next((name for name in ("lead", "quality_lead", "administrator", *sorted(may)) if name in may), "")
            if who and who != "stranger":
                tried += 1
                client = scene.client(who)
                client.raise_request_exception = False
                sent = dict.fromkeys(names, f"a{NUL}b\u200b") | row.sent(dict(ids))
                answer = ask(client, "POST", address_of(row, ids), sent)
                if answer.status not in {200, 302, 400, 403, 404}:
                    faults.append(f"{row.name} for {who}: {answer.status}")
    assert tried > 120
    assert faults == []
