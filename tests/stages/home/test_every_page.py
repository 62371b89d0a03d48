"""Every page that somebody can reach by following links: nothing leads nowhere, and all are built alike."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.incidents.rules import Answer
from tests.conftest import TestClock
from tests.factories.assurance import a_plan
from tests.factories.changes import a_briefing_held, a_finding, a_live_change, an_action, some_evidence
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review, completed
from tests.factories.triage import a_triage, choose, refer, was_told
from tests.personas import NOW, Cast
from tests.rules.design import Page

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
AT = NOW + timedelta(days=2)
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MENU = re.compile(r'nhsuk-header__navigation-link" href="([^"]+)"')


@dataclass(frozen=True)
class Reached:
    """A page somebody came to, and the page whose link led there."""

    address: str
    came_from: str
    status: int
    html: str

    @cached_property
    def page(self) -> Page:
        return Page(self.html)

    @property
    def links(self) -> list[str]:
        found = [element["href"] or "" for element in self.page.all("a")]
        return [urljoin(self.address, one) for one in found if not urlsplit(one).netloc and not one.startswith("#")]


def kind_of(address: str) -> str:
    """Pages of one kind differ in ids and in what is asked of a list; of a list of lists, one is enough."""
    path = ID.sub("*", urlsplit(address).path)
    return re.sub(r"^/lists/[^/]+(/entries/[^/]+)?", lambda m: "/lists/*/entries/*" if m[1] else "/lists/*", path)


def walk(client: Client) -> Iterator[Reached]:
    """Follow links from "my work": every piece of work, and of each kind of page one, of incidents three (they differ
    most). Files that are downloads are asked for and not read."""
    waiting, asked, kinds = deque([(reverse("home:my_work"), "")]), set[str](), dict[str, int]()
    while waiting:
        address, came_from = waiting.popleft()
        kind = kind_of(address)
        if address in asked or kinds.get(kind, 0) >= (3 if kind == "/incidents/*" else 1):
            continue
        asked.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        response = client.get(address)
        if response.status_code == 302:
            waiting.appendleft((urljoin(address, response.headers["Location"]), came_from))
            kinds[kind] = 0 if kind.startswith("/go/") else kinds[kind]
            continue
        is_page = not response.streaming and response.headers["Content-Type"].startswith("text/html")
        reached = Reached(address, came_from, response.status_code, response.content.decode() if is_page else "")
        yield reached
        if is_page and reached.status == 200:
            waiting.extend((one.split("#")[0], address) for one in reached.links)


@pytest.fixture
def much(cast: Cast, the_clock: TestClock) -> None:
    """Incidents at every stage of the loop."""
    the_clock.stand_at(AT)
    an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.YES, risk_words="She is alone with him.")
    triaged = an_incident(by=cast.worker, team=cast.north)
    a_triage(by=cast.lead, incident=triaged, threshold=refer(), tellings=[was_told()], tier=choose("B", "A pattern."))
    a_review(cast, "C")
    completed(a_review(cast, "A"), cast)
    finding = a_finding(cast)
    change = a_live_change(cast, findings=[finding])
    a_finding(cast, review=finding.review)
    a_briefing_held(cast, change, cast.north)
    a_plan(by=cast.duty_manager, change=change)
    some_evidence(an_action(cast, change=change))
    an_action(cast, change=change, owner=cast.supervisor)


@pytest.mark.parametrize(
    ("name", "at_least"),
    [
        ("worker", 8),
        ("duty_manager", 30),
        ("lead", 30),
        ("reviewer", 25),
        ("supervisor", 15),
        ("quality_lead", 30),
        ("director", 30),
        ("administrator", 12),
        ("commissioner", 4),
        ("inspector", 4),
    ],
)
def test_everybody_finds_their_way(cast: Cast, much: None, name: str, at_least: int) -> None:
    client = Client()
    client.force_login(cast.people()[name])
    reached = list(walk(client))
    nowhere = [f"{one.address} ({one.status}) from {one.came_from}" for one in reached if one.status != 200]
    assert nowhere == []
    pages = [one for one in reached if one.html]
    assert len({kind_of(one.address) for one in pages}) >= at_least
    menu = set(MENU.findall(pages[0].html)) | {reverse("home:help"), reverse("home:accessibility")}
    assert [fault for one in pages for fault in faults(one, menu)] == []


def faults(one: Reached, menu: set[str]) -> Iterator[str]:
    """What a page is built unlike the others, in words."""
    where = kind_of(one.address)
    main = Page(one.html[one.html.index("<main") : one.html.index("</main>") + len("</main>")])
    levels = [int(element.tag[1]) for element in main.elements if re.fullmatch("h[1-6]", element.tag)]
    if levels.count(1) != 1:
        yield f"{where} has {levels.count(1)} headings of the first level"
    for above, below in zip([1, *levels], levels, strict=False):
        if below > above + 1:
            yield f"{where} has a heading h{below} under h{above}"
    if not one.page.all("title")[0].text.removesuffix(" – Safer Practice").strip():
        yield f"{where} has no title"
    back = {"nhsuk-back-link", "nhsuk-breadcrumb__link"} & {element["class"] for element in one.page.all("a")}
    if not back and urlsplit(one.address).path not in menu and not where.startswith("/account/"):
        yield f"{where} has no way back"
    ids = [element["id"] for element in one.page.elements if element["id"]]
    if len(ids) != len(set(ids)):
        yield f"{where} uses an id twice: {sorted(one for one in set(ids) if ids.count(one) > 1)}"
    for element in main.all("a"):
        if not element["href"]:
            yield f"{where} has a link to nowhere"
