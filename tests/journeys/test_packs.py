"""A quality lead builds an inspection pack, in a browser: asked for, confirmed, built, read, fetched, withdrawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from saferpractice.config import clock
from saferpractice.evidence.models import EvidencePack, PackBuilt, TextConfirmation
from saferpractice.evidence.operations import carry_on_packs
from saferpractice.evidence.rules.packs.document import Disclosure
from tests.factories.packs_made import a_whole_case, asked, bytes_of
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.personas import build_cast

pytestmark = pytest.mark.requirement("R5", "R32", "R34", "R36")


def look_at(page: Page, name: str) -> None:
    """Every page is accessible, fits a phone, and its picture is kept."""
    assert_accessible(page)
    assert_fits(page)
    picture(page, name)


def a_day(page: Page, question: str, day: str, month: str, year: str) -> None:
    group = page.get_by_role("group", name=question)
    for label, value in (("Day", day), ("Month", month), ("Year", year)):
        group.get_by_label(label, exact=True).fill(value)


def test_a_quality_lead_builds_an_inspection_pack(browse: Callable[..., Page], live_site: object) -> None:
    cast = build_cast()
    incident = a_whole_case(cast)
    page = browse(as_=cast.quality_lead)
    page.goto("/packs")
    expect(page.get_by_text("No packs yet")).to_be_visible()
    look_at(page, "packs-none")
    page.get_by_role("button", name="Make a pack").click()
    look_at(page, "pack-about")
    page.get_by_role("link", name="An inspection").click()
    a_day(page, "From which day?", "1", "1", "2026")
    a_day(page, "To which day?", "30", "6", "2026")
    page.get_by_label("Riverside community service").check()
    page.get_by_label("An inspector", exact=True).check()
    look_at(page, "pack-form")
    page.get_by_role("button", name="Ask for this pack").click()
    expect(page.get_by_role("heading", name="Riverside community service")).to_be_visible()
    look_at(page, "pack-asked")

    _look_through(page)
    expect(page.get_by_text("Every text is confirmed")).to_be_visible()
    page.get_by_role("button", name="Build the pack").click()
    expect(page.get_by_role("status").filter(has_text="Waiting for a worker")).to_be_visible()
    look_at(page, "pack-building")
    assert carry_on_packs(at=clock.now()) == 1
    page.get_by_role("link", name="See how far it is now").click()
    made = PackBuilt.objects.get()
    expect(page.get_by_text(made.pdf.sha256)).to_be_visible()
    look_at(page, "pack-ready")
    _read_and_fetch(page, made, incident.reference)

    page.goto("/packs")
    expect(page.get_by_role("cell", name="Ready")).to_be_visible()
    look_at(page, "packs")
    page.goto(f"/packs/{made.pack_id}")
    page.get_by_role("button", name="Withdraw this pack").click()
    look_at(page, "pack-withdraw")
    page.get_by_label("Why is it not to be used any more?").fill("The inspector asked for a longer time.")
    page.get_by_role("button", name="Withdraw the pack").click()
    expect(page.get_by_text("The inspector asked for a longer time.")).to_be_visible()
    expect(page.get_by_text(made.pdf.sha256)).not_to_be_visible()
    look_at(page, "pack-withdrawn")


def _look_through(page: Page) -> None:
    """Decide about every text: one left out, one in other words, the rest as shown."""
    page.get_by_role("button", name="Look through the texts").click()
    look_at(page, "pack-texts")
    expect(page.get_by_text("Maud Featherstone was found").first).not_to_be_visible()
    first = page.locator("section").filter(has_text="What happened").first
    first.get_by_label("Share it in other words").check()
    first.get_by_label("In other words", exact=True).fill("Mr Oakley rang from 0113 496 0000.")
    page.get_by_role("button", name="Confirm these").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    look_at(page, "pack-texts-refused")
    first = page.locator("section").filter(has_text="What happened").first
    first.get_by_label("In other words", exact=True).fill("She was found, and her son was told.")
    while page.get_by_role("button", name="Confirm").count():
        for card in page.locator("section").all():
            if not card.get_by_role("radio").and_(page.locator(":checked")).count():
                card.get_by_label("Share it as shown").check()
        page.get_by_role("button", name="Confirm").click()
    assert TextConfirmation.objects.filter(choice="edited").count() == 1
    page.get_by_role("link", name="Back to the pack").first.click()


def _read_and_fetch(page: Page, made: PackBuilt, reference: str) -> None:
    """The page of the pack in the browser, and a file of it."""
    with page.expect_download() as fetched:
        page.get_by_role("link", name="The pack as a PDF").click()
    assert fetched.value.path().read_bytes() == bytes_of(made.pdf)
    page.get_by_role("button", name="Read it here").click()
    expect(page.get_by_role("heading", name="Evidence pack", exact=True)).to_be_visible()
    expect(page.get_by_text("She was found, and her son was told.")).to_be_visible()
    assert reference in page.content()
    for name in ("Featherstone", "Ashdown", "Harker"):
        assert name not in page.content()
    look_at(page, "pack-read")
    page.go_back()


def test_without_scripts_the_page_says_how_far_it_is(browse: Callable[..., Page], live_site: object) -> None:
    cast = build_cast()
    a_whole_case(cast)
    asked(cast, disclosure=Disclosure.FULL)
    page = browse(as_=cast.quality_lead, javascript=False)
    page.goto(f"/packs/{EvidencePack.objects.get().pk}")
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    carry_on_packs(at=clock.now())
    page.get_by_role("link", name="See how far it is now").click()
    expect(page.get_by_role("button", name="Read it here")).to_be_visible()
