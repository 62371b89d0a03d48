"""A commissioner reads a quarter, in a browser: published by one person, held to the contract, compared by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.access.rules import Place, Role
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from tests.factories.changes import a_live_change
from tests.factories.commissioning import another_provider, duties, published, somebody
from tests.factories.incidents import an_incident
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.journeys.hands import Hands
from tests.personas import SET_UP, Cast, build_cast

pytestmark = pytest.mark.requirement("R32", "R33")
TITLE = "Five questions in the visit note"
NAMED = "Marigold Quennell"


def look_at(page: Page, name: str) -> None:
    """Every page is accessible, fits a phone, and its picture is kept."""
    assert_accessible(page)
    assert_fits(page)
    picture(page, name)


def a_year_of_duties(cast: Cast, newest: Quarter) -> None:
    """Four quarters in which triage comes in time more often, two services, and a third where little is counted."""
    for back in range(4):
        at = newest.before(back).starts_at + timedelta(days=9)
        duties(cast.north, 90 - 15 * back, 6 + 15 * back, at=at)
        duties(cast.east, 40, 5, at=at)
        duties(cast.north, 12, 2, at=at, kind="findings.answer")
        duties(cast.east, 2, 1, at=at, kind="findings.answer")
    an_incident(
        by=cast.worker, team=cast.north, at=newest.starts_at + timedelta(days=9), person_reference="P-77",
        person_name=NAMED,
    )  # fmt: skip


def test_a_commissioner_reads_a_quarter(browse: Callable[..., Page]) -> None:
    cast = build_cast(at=clock.now() - timedelta(days=900))
    newest = newest_finished(local_day(clock.now()))
    a_year_of_duties(cast, newest)
    a_live_change(cast, at=newest.starts_at + timedelta(days=20), title=TITLE)
    for back in (3, 2, 1):
        published(cast, quarter=newest.before(back), at=clock.now())
    other = another_provider("Zinnia Care")
    duties(other, 40, 40, at=newest.starts_at + timedelta(days=9))
    published(cast, quarter=newest, at=clock.now(), provider=other.provider, by=SET_UP)
    admin = somebody("zinnia.admin", Role.ADMINISTRATOR, Place(other.provider_id))

    quill = browse(as_=cast.quality_lead)
    quill.goto("/for-commissioners")
    quill.get_by_role("link", name=newest.label).click()
    expect(quill.get_by_text("This is what commissioners will read.")).to_be_visible()
    look_at(quill, "commissioner-publish")
    quill.get_by_label(TITLE).check()
    quill.get_by_role("button", name="Publish this quarter").click()
    expect(quill.get_by_role("alert")).to_contain_text("Tick that you have read them")
    expect(quill.get_by_label(TITLE)).to_be_checked()
    quill.get_by_label("I have read the numbers and the titles above").check()
    quill.get_by_role("button", name="Publish this quarter").click()
    expect(quill.get_by_text(f"{newest.short} is published.")).to_be_visible()

    drew = browse(as_=cast.director)
    drew.goto("/for-commissioners")
    drew.get_by_role("button", name="Write down a target").click()
    hands = Hands(drew)
    hands.select("Which measure?", "From incident to triage: in time")
    hands.choose("What does the contract ask for?", "At least a share")
    drew.get_by_role("textbox", name="At least").fill("80")
    hands.select("From which quarter on?", newest.before(3).label)
    look_at(drew, "commissioner-target")
    drew.get_by_role("button", name="Write down the target").click()
    expect(drew.get_by_text("The target is written down.")).to_be_visible()
    look_at(drew, "commissioner-publishing")

    theirs = browse(as_=admin)
    theirs.goto("/people/commissioners")
    theirs.get_by_label("The e-mail address they sign in with").fill(cast.commissioner.email)
    theirs.get_by_label("What may they read about?").select_option("provider")
    theirs.get_by_role("button", name="Let them read what you publish").click()
    expect(theirs.get_by_role("table").get_by_text(cast.commissioner.name)).to_be_visible()
    look_at(theirs, "commissioner-let-in")

    cass = browse(as_=cast.commissioner)
    cass.goto("/work")
    look_at(cass, "commissioner-work")
    cass.get_by_role("button", name="Read what your providers published").click()
    look_at(cass, "commissioner-list")
    cass.get_by_role("link", name=newest.label).first.click()
    expect(cass.get_by_text(TITLE)).to_be_visible()
    expect(cass.get_by_text("Better").first).to_be_visible()
    cass.get_by_text("Each service").nth(1).click()
    cass.get_by_text("Quarter by quarter").first.click()
    look_at(cass, "commissioner-quarter")
    expect(cass.get_by_text(NAMED)).to_have_count(0)
    expect(cass.get_by_text("P-77")).to_have_count(0)

    cass.goto("/commissioner")
    cass.get_by_role("link", name="The contract’s measures of Example Care").click()
    expect(cass.get_by_text("Met", exact=True).first).to_be_visible()
    look_at(cass, "commissioner-contract")
    with cass.expect_download() as saved:
        cass.get_by_role("link", name="as a PDF").click()
    assert saved.value.suggested_filename == "contract-measures.pdf"

    cass.goto("/commissioner")
    cass.get_by_role("button", name="Compare providers").click()
    cass.get_by_label("Measure").select_option(label="From incident to triage: in time")
    cass.get_by_label("Quarter").select_option(newest.code)
    cass.get_by_role("button", name="Show").click()
    expect(cass.get_by_text("Beyond the 99.8% limits").first).to_be_visible()
    look_at(cass, "commissioner-compare")

    phone = browse(as_=cast.commissioner, width=375)
    phone.goto(f"/commissioner/{cast.provider.pk}/{newest.code}")
    look_at(phone, "commissioner-quarter-phone")
