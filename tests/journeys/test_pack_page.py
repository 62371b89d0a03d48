"""The page of a pack opened from disk, as somebody outside does: nothing of the application is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from saferpractice.evidence.rendering import html
from saferpractice.evidence.rules.packs.document import Note, Section, Typed
from tests.factories.packs_drawn import a_chart, a_drawn_pack, a_story, a_table, every_block, every_chart, some_facts
from tests.journeys.browser import Complaints, assert_accessible, assert_fits, picture

pytestmark = pytest.mark.requirement("R32", "R34")

LONG = Typed("w" * 600 + " \U0001f600 \u0645\u0631\u062d\u0628\u0627 <script>alert(1)</script>")


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """The address of a saved page with one of everything."""
    sections = (
        Section("Everything", every_block()),
        Section("Charts", tuple(a_chart(svg=svg) for svg in every_chart()), level=2),
        Section("Long words", (some_facts(LONG), a_table(3, what=LONG))),
        Section("Nothing more", (Note("The end"), a_story(2))),
    )
    file = tmp_path / "pack.html"
    file.write_text(html(a_drawn_pack(sections=sections)), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    """A window whose page may not complain: of its own policy, of a script, of anything fetched."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    complaints = Complaints("")
    context.on("console", complaints._console)
    context.on("request", complaints._request)
    yield context.new_page()
    context.close()
    assert complaints.found == []


def test_it_opens_from_disk_styled_and_fits_a_phone(window: Page, saved: str) -> None:
    window.goto(saved)
    expect(window).to_have_title("Evidence pack: Incident 2026-0014")
    band = window.locator("header")
    expect(band).to_have_css("background-color", "rgb(0, 94, 184)")
    assert_fits(window)
    picture(window, "pack")


def test_by_keyboard(window: Page, saved: str) -> None:
    window.goto(saved)
    window.keyboard.press("Tab")
    expect(window.get_by_role("link", name="Skip to main content")).to_be_focused()
    window.get_by_role("navigation", name="Contents").get_by_role("link", name="Long words").click()
    expect(window.get_by_role("heading", name="Long words")).to_be_in_viewport()


def test_no_script_would_run_if_one_were_there(browser: Browser, tmp_path: Path) -> None:
    script = '<p id="p">still</p><script>p.textContent = "ran"</script><main'
    file = tmp_path / "scripted.html"
    file.write_text(html(a_drawn_pack(Note("One"))).replace("<main", script), encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(file.as_uri())
    expect(page.locator("#p")).to_have_text("still")
    context.close()


def test_axe_finds_nothing(browser: Browser, saved: str) -> None:
    context = browser.new_context(bypass_csp=True)  # the page lets no script in, and axe is one
    page = context.new_page()
    page.goto(saved)
    assert_accessible(page)
    context.close()
