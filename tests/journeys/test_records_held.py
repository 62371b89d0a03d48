"""Somebody asks what is held about them: who has seen it, all of it without others, released and provable (R34)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.home.models import RecordsRelease
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.sealing import seal
from tests.factories.incidents import an_incident
from tests.journeys.browser import assert_fits, picture
from tests.journeys.hands import Hands, status_of
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R34")
SAID = "Wren Ashdown found Maud at the door. Her brother Tom Ellery rang 01632 960123. Big Jim next door saw it."


@pytest.fixture
def cast(live_site: object) -> Cast:
    made = build_cast()
    an_incident(by=made.worker, team=made.north, what_happened=SAID, person_name="Maud Ellery", person_reference="P-77")
    return made


def found(by: Hands) -> Hands:
    """Find the person by their reference."""
    return by.open("/records").write("Reference of the person", "P-77").press("Find the person")


def test_the_person_is_told_who_has_seen_it(cast: Cast, browse: Callable[..., Page]) -> None:
    sorrel = Hands(browse(as_=cast.supervisor)).open("/incidents")
    sorrel.page.locator("main table a").first.click()
    sorrel.sees("Maud at the door")
    assert status_of(sorrel.page, "/records") == 404

    lark = Hands(browse(as_=cast.lead)).open("/records").looks("records")
    lark.write("Reference of the person", "P-7").press("Find the person").is_told("Check how it is written")
    found(lark).sees("Who has looked")
    rows = lark.page.get_by_role("table", name="Looks, newest first")
    expect(rows.get_by_text(cast.supervisor.name)).to_have_count(1)
    lark.looks("records-looks").write("Name of a member of staff", cast.director.name)
    lark.press("Show").sees("No look fits these filters.").follow("Clear")
    with lark.page.expect_download() as saved:
        lark.follow("Download these looks")
    assert cast.supervisor.name in saved.value.path().read_text(encoding="utf-8-sig")


def test_all_of_it_is_released_without_the_others(cast: Cast, browse: Callable[..., Page]) -> None:
    lark = found(Hands(browse(as_=cast.lead))).press("Gather what is held about this person").looks("records-gather")
    lark.press("Gather the records").is_told("Enter who asked")
    lark.write("Who asked?", "Maud, at the desk, with her passport")
    lark.give_day("When did they ask?", local_day(clock.now())).press("Gather the records")
    lark.sees("Places to confirm", "Confirm every place first").looks("records-confirm")
    assert lark.page.get_by_role("button", name="Release the records").is_disabled()

    for words in ("Big Jim", "Tom Ellery"):
        lark.write("Words", words).press("Mark these words").is_told("1 place marked")
    lark.page.get_by_role("checkbox", name="Keep “01632 960123”").first.check()
    while lark.page.get_by_role("button", name="Confirm these places").count():
        lark.press("Confirm these places")
        lark.page.wait_for_load_state()
    lark.sees("0 still to be confirmed").looks("records-confirmed")
    lark.follow("Read it as it leaves")
    expect(lark.page.locator("main")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert_fits(lark.page)
    picture(lark.page, "records-file")
    text = lark.page.content()
    assert "01632 960123" in text
    assert not [name for name in ("Ashdown", "Tom Ellery", "Big Jim", "Penrose") if name in text]
    lark.page.go_back()

    lark.write("Who gets it?", "Maud Ellery").write("How do they get it?", "On paper, by hand")
    lark.press("Release the records").is_told("Read it as it leaves, then tick this").looks("records-refused")
    lark.choose_alone("I have read every record as it leaves")
    lark.press("Release the records").is_told("The release is recorded").sees("Released").looks("records-released")
    entry = TrailEntry.objects.get(operation="home.release_records")
    assert entry.facts["manifest_sha256"] == RecordsRelease.objects.get().manifest_sha256
    seal(provider_id=cast.provider.pk, at=clock.now())
    with lark.page.expect_download() as saved:
        lark.press("Download what was released (ZIP)")
    with zipfile.ZipFile(io.BytesIO(saved.value.path().read_bytes())) as archive:
        assert "Tom Ellery" not in archive.read("records.html").decode()
        assert json.loads(archive.read("records.json"))["reference"] == "P-77"

    released = lark.page.url
    assert status_of(browse(as_=cast.director), released) == 404, "what one may read another may not"


def test_without_scripts_every_place_is_confirmed(cast: Cast, browse: Callable[..., Page]) -> None:
    page = browse(as_=cast.director, javascript=False)
    page.goto("/records")
    page.get_by_label("Reference of the person").fill("P-77")
    page.get_by_role("button", name="Find the person").press("Enter")
    page.get_by_role("button", name="Gather what is held about this person").press("Enter")
    page.get_by_label("Who asked?").fill("Her solicitor, with her signature")
    today = local_day(clock.now())
    for part, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_role("button", name="Gather the records").press("Enter")
    page.get_by_role("button", name="Confirm these places").press("Enter")
    expect(page.get_by_text("still to be confirmed")).to_contain_text("of which 0")
