"""The care record checklist: by thumb on a phone, and in a care record system's frame."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from saferpractice.exchange.operations.integrations import NewKeys
from saferpractice.jobs.sweeps import supervise
from saferpractice.pathways.models import PathwayCase, PathwayRecord, SupervisionPick
from tests.conftest import TestClock
from tests.factories.integrations import an_integration, signed
from tests.factories.pathways import a_case, used
from tests.journeys.browser import PATIENCE, assert_fits
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, Cast, build_cast

MORNING = NOW + timedelta(hours=8)


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(MORNING)
    return build_cast()


@pytest.fixture
def phone(browser: Browser, live_site: Site) -> Iterator[BrowserContext]:
    """A small phone with a touch screen."""
    context = browser.new_context(
        base_url=live_site.url,
        viewport={"width": 375, "height": 667},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def sign_in(context: BrowserContext, live_site: Site, person: Any) -> Page:
    client = Client()
    client.force_login(person)
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_site.url}])
    return context.new_page()


def row_of(page: Page, label: str) -> Any:
    return page.locator(".nhsuk-checkboxes__item").filter(has_text=label)


@pytest.mark.requirement("R17", "R18")
def test_by_thumb_the_first_tick_opens_the_case(cast: Cast, phone: BrowserContext, live_site: Site) -> None:
    used(cast)
    page = sign_in(phone, live_site, cast.worker)
    worker = Hands(page).open("/pathways/people/")
    worker.looks("people")
    worker.write("Reference of the person", "p-1042").press("Find")
    worker.sees("Nothing is written down for P-1042 on a pathway of your teams")
    page.get_by_role("button", name="Begin: Self-neglect checklist").tap()
    worker.looks("checklist-begin")

    row = row_of(page, "Signs of infection risk")
    box = row.bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["width"] >= 300
    row.tap(
        position={"x": box["width"] - 12, "y": box["height"] - 8}
    )  # far from the box itself, once the page is still
    expect(page.get_by_label("Signs of infection risk")).to_be_checked()
    row_of(page, "Essential care refused again and again").tap()

    save = page.get_by_role("button", name="Save", exact=True)
    page.evaluate("scrollTo(0, 0)")
    at = save.bounding_box()
    assert at
    assert at["y"] + at["height"] <= 667, "the button is within reach without scrolling"
    assert at["y"] > 667 / 2, "at the bottom, where the thumb is"
    save.tap()
    worker.is_told("Written down: Self-neglect checklist")
    worker.sees("2 of 5 are present. Consult the duty manager or safeguarding lead. Due by the end of today.")
    record = PathwayRecord.objects.get()
    assert (record.happened_at, record.case.person_supported.reference) == (MORNING, "P-1042")

    worker.follow("Everything about P-1042").sees("Last time: 2 of 5 present").looks("person")
    page.get_by_role("button", name="Self-neglect checklist").tap()
    expect(page.get_by_label("Signs of infection risk")).to_be_checked()
    worker.sees("Last time: 2 of 5 present").looks("checklist-again")
    page.set_viewport_size({"width": 320, "height": 568})
    assert_fits(page)
    page.get_by_role("link", name="Cancel").scroll_into_view_if_needed()
    page.get_by_role("link", name="Cancel").tap()
    worker.sees("What must be done now")


@pytest.mark.requirement("R17")
def test_without_javascript_the_checklist_works_the_same(cast: Cast, browse: Callable[..., Page]) -> None:
    used(cast)
    page = browse(as_=cast.worker, width=375, javascript=False)
    hands = Hands(page).open("/pathways/begin/self-neglect?person=P-7")
    row_of(page, "Unsafe environment").click()
    hands.press("Save").sees("1 of 5 is present.")


class RecordSystem:
    """A care record system on a site of its own, whose page shows an address in a frame."""

    def __init__(self, browser: Browser) -> None:
        system = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = f'<!doctype html><title>Record</title><iframe src="{html.escape(system.shows)}" width="375">'
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.shows = ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://localhost:{self.server.server_address[1]}"
        self.context = browser.new_context(viewport={"width": 375, "height": 667})
        self.context.set_default_timeout(PATIENCE)

    def show(self, address: str) -> FrameLocator:
        self.shows = address
        page = self.context.new_page()
        page.goto(f"{self.origin}/record")
        return page.frame_locator("iframe")

    def is_refused(self, address: str) -> FrameLocator:
        """Show it and wait until the browser says that it may not."""
        self.shows = address
        page = self.context.new_page()
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.goto(f"{self.origin}/record")
        return page.frame_locator("iframe")

    def close(self) -> None:
        self.context.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def system(browser: Browser) -> Iterator[RecordSystem]:
    made = RecordSystem(browser)
    yield made
    made.close()


def address_of(site: Site, keys: NewKeys) -> str:
    query = "&".join(f"{name}={value}" for name, value in signed(keys, MORNING).items())
    return f"{site.url}/embed/checklist/{keys.integration.pk}?{query}"


@pytest.mark.requirement("R17")
def test_in_a_frame_of_the_care_record_system(
    cast: Cast, live_site: Site, system: RecordSystem, browse: Callable[..., Page]
) -> None:
    used(cast)
    keys = an_integration(cast, origins=system.origin)
    inside = system.show(address_of(live_site, keys))
    expect(inside.get_by_role("heading", name="Self-neglect checklist")).to_be_visible()
    inside.get_by_label("Signs of infection risk").check()
    inside.get_by_label("Unsafe environment").check()
    inside.get_by_role("button", name="Save", exact=True).click()
    expect(inside.get_by_text("2 of 5 are present. Consult the duty manager")).to_be_visible()
    record = PathwayRecord.objects.get()
    assert (record.decided_by, record.case.person_supported.reference) == (cast.worker, "P-1042")
    assert not system.context.cookies()

    alone = browse(width=375)  # the same page by itself: read by a screen reader, on the smallest phone
    alone.goto(address_of(live_site, keys))
    Hands(alone).looks("embedded")


@pytest.mark.requirement("R17")
def test_the_browser_refuses_it_in_a_frame_of_another_site(cast: Cast, live_site: Site, system: RecordSystem) -> None:
    used(cast)
    keys = an_integration(cast, origins="https://records.example.org")
    inside = system.is_refused(address_of(live_site, keys))
    expect(inside.get_by_role("heading", name="Self-neglect checklist")).to_have_count(0)


@pytest.mark.requirement("R19")
def test_a_supervisor_looks_at_the_case_that_was_drawn(
    cast: Cast, browse: Callable[..., Page], the_clock: TestClock
) -> None:
    used(cast)
    for number in range(3):
        a_case(cast, person=f"P-{number}")
    supervise(MORNING)
    pick = SupervisionPick.objects.get()
    supervisor = Hands(browse(as_=cast.supervisor)).open("/work").sees("Look at a case in supervision")
    supervisor.open("/pathways/supervision/").sees("To be looked at").looks("supervision")
    supervisor.follow("March 2026").sees(pick.case.person_supported.reference).looks("supervision-draw")
    supervisor.page.get_by_text("Repeat the draw yourself").click()
    supervisor.looks()
    the_clock.stand_at(MORNING + timedelta(hours=1))
    supervisor.open(f"/pathways/supervision/cases/{pick.pk}")
    supervisor.choose("What is present according to the checklist?", "Unsafe environment")
    supervisor.write("What was agreed?", "The fire service visits this week.").press("Save")
    supervisor.is_told("Written down: Case looked at in supervision")
    supervisor.open("/pathways/supervision/").sees("Looked at")
    assert PathwayCase.objects.open().count() == 3


@pytest.mark.requirement("R17")
def test_an_administrator_sets_up_a_care_record_system(cast: Cast, browse: Callable[..., Page]) -> None:
    used(cast)
    admin = Hands(browse(as_=cast.administrator)).open("/integrations/").sees("No integrations yet")
    admin.press("Set up an integration").looks()
    admin.write("What is the system called?", "Example Records")
    admin.write("Which sites may show the checklist in a frame?", "http://records.example.org")
    admin.choose("For which services?", "Riverside community service").press("Set it up")
    admin.is_told("is not encrypted. Write it with https.").looks("integration-new")
    admin.write("Which sites may show the checklist in a frame?", "https://records.example.org").press("Set it up")
    admin.sees("They are shown once", "sp_").looks("integration-keys")
    admin.follow("How the system uses them").looks("integration")
    admin.press("Revoke it").write("Why is it revoked?", "Contract ended").press("Revoke it")
    admin.is_told("is revoked").looks("integration-revoked")
