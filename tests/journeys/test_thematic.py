"""A thematic review from its numbers to its signature, in a browser: drawn, said, met, decided, signed, read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from saferpractice.changes.models import TrackedAction
from saferpractice.config import clock
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import ThematicReview
from saferpractice.evidence.queries.thematic import OWED, still_holds
from saferpractice.evidence.rules.thematic.quarters import newest_finished
from saferpractice.jobs.sweeps import ask_for_reviews, escalate_due
from tests.factories.changes import a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.journeys.hands import Hands
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R36", "R35", "R33")
THEMES = ("self-neglect", "exploitation", "lost-contact")


def look_at(page: Page, name: str) -> None:
    """Every page is accessible, fits a phone, and its picture is kept."""
    assert_accessible(page)
    assert_fits(page)
    picture(page, name)


def a_year_of_incidents(cast: Cast) -> None:
    """Two to four a month for fourteen months up to the end of the last quarter, and a finding in it."""
    quarter = newest_finished(local_day(clock.now()))
    noon = datetime.combine(quarter.last, time(12), tzinfo=ZoneInfo("Europe/London"))
    for month in range(14):
        for one in range(2 + (month * 7) % 3):
            an_incident(
                by=cast.worker,
                team=(cast.north, cast.south, cast.east)[one % 3],
                at=noon - timedelta(days=30 * month + one * 5),
                themes=(THEMES[(month + one) % 3],),
                person_reference=f"P-{(month * 4 + one) % 30}",
            )
    at = noon - timedelta(days=20)
    a_finding(cast, review=a_review(cast, "B", at=at), at=at)


@pytest.mark.requirement("R34")
def test_a_thematic_review_to_signature(browse: Callable[..., Page]) -> None:
    cast = build_cast(at=clock.now() - timedelta(days=900))
    a_year_of_incidents(cast)
    quarter = newest_finished(local_day(clock.now()))
    today = local_day(clock.now())

    quill = browse(as_=cast.quality_lead)
    quill.goto("/thematic-reviews")
    expect(quill.get_by_text("Not begun").first).to_be_visible()
    look_at(quill, "thematic-quarters")
    quill.get_by_role("button", name="Draw the numbers of a quarter").click()
    look_at(quill, "thematic-draw")
    quill.get_by_label("Which quarter?").select_option(quarter.code)
    quill.get_by_label("How many people did you support in it?").fill("240")
    quill.get_by_role("button", name="Draw the numbers").click()
    expect(quill.get_by_role("heading", level=1)).to_contain_text("Thematic review")
    look_at(quill, "thematic-draft")

    for title in ("All incidents", "Self-neglect", "Exploitation", "Lost contact or late crisis escalation"):
        box = quill.get_by_label(f"Commentary on: {title}", exact=True)
        box.fill(f"What the meeting should know of {title.lower()}.")
        box.locator("xpath=ancestor::form").get_by_role("button", name="Keep this commentary").click()
        expect(quill.get_by_text(f"What the meeting should know of {title.lower()}.").first).to_be_visible()

    quill.get_by_role("button", name="Put it before a quality meeting").click()
    hands = Hands(quill)
    hands.give_day("When was the meeting?", today)
    hands.select("Who chaired it?", cast.director.name)
    hands.choose("Who was there?", cast.director.name, cast.quality_lead.name)
    hands.choose("Who sent apologies?", cast.lead.name)
    hands.write("Who else was there?", "Ash Fielding, expert by experience")
    look_at(quill, "thematic-meeting")
    quill.get_by_role("button", name="Write down the meeting").click()
    expect(quill.get_by_text("Ash Fielding")).to_be_visible()

    quill.get_by_role("button", name="Write down a decision").click()
    hands.write("What was decided?", "Night cover in Riverside is counted before the winter.")
    hands.choose("Must somebody do something because of it?", "Yes")
    hands.write("What must be done?", "Count the nights without cover in Riverside.")
    hands.select("Who must do it?", cast.supervisor.name)
    hands.give_day("By which day?", today + timedelta(days=28))
    look_at(quill, "thematic-decision")
    quill.get_by_role("button", name="Write it down").click()
    expect(quill.get_by_role("link", name="Count the nights without cover in Riverside.")).to_be_visible()
    expect(quill.get_by_text("Only whoever chaired the meeting signs.")).to_be_visible()

    sorrel = browse(as_=cast.supervisor, width=375)
    sorrel.goto("/work")
    expect(sorrel.get_by_text("Count the nights without cover in Riverside.")).to_be_visible()

    drew = browse(as_=cast.director)
    drew.goto("/work")
    drew.get_by_role("link", name="Read and sign the thematic review").first.click()
    drew.get_by_role("button", name="Read and sign").click()
    look_at(drew, "thematic-sign")
    drew.get_by_label("I chaired this meeting").check()
    drew.get_by_role("button", name="Sign the review").click()
    expect(drew.get_by_text(f"Signed by {cast.director.name}")).to_be_visible()
    look_at(drew, "thematic-signed")
    review = ThematicReview.objects.get()
    assert still_holds(review)
    assert TrackedAction.objects.get().owner == cast.supervisor

    wren = browse(as_=cast.worker, width=375)
    wren.goto("/thematic-reviews")
    wren.get_by_role("link", name=quarter.label).click()
    expect(wren.get_by_text("What the meeting should know of self-neglect.")).to_be_visible()
    expect(wren.get_by_text("fewer than 5").first).to_be_visible()
    expect(wren.get_by_text("North team")).to_have_count(0)
    look_at(wren, "thematic-worker")


@pytest.mark.requirement("R35")
def test_a_quarter_nobody_signs_is_owed_and_late(browse: Callable[..., Page]) -> None:
    cast = build_cast(at=clock.now() - timedelta(days=900))
    quarter = newest_finished(local_day(clock.now()))
    an_incident(by=cast.worker, team=cast.north, at=quarter.ends_at - timedelta(days=9))
    ask_for_reviews(quarter.ends_at + timedelta(hours=3))
    owed = Obligation.objects.get(kind=OWED)
    late = owed.due_at + timedelta(days=3)
    while escalate_due(late):
        pass
    quill = browse(as_=cast.quality_lead)
    quill.goto("/work")
    quill.get_by_role("link", name=f"Sign the thematic review of {quarter.short}").first.click()
    expect(quill.get_by_text("Nobody has drawn the numbers of this quarter yet.")).to_be_visible()
    look_at(quill, "thematic-owed")


def test_two_windows_lose_nothing(browse: Callable[..., Page]) -> None:
    cast = build_cast(at=clock.now() - timedelta(days=900))
    quarter = newest_finished(local_day(clock.now()))
    an_incident(by=cast.worker, team=cast.north, at=quarter.ends_at - timedelta(days=9))
    first = browse(as_=cast.quality_lead)
    first.goto(f"/thematic-reviews/draw?quarter={quarter.code}")
    first.get_by_role("button", name="Draw the numbers").click()
    expect(first.get_by_role("heading", level=1)).to_contain_text("Thematic review")
    second = browse(as_=cast.quality_lead)
    second.goto(first.url)
    for page, words in ((first, "What the first window said."), (second, "What the second window said.")):
        box = page.get_by_label("Commentary on: All incidents", exact=True)
        box.fill(words)
        box.locator("xpath=ancestor::form").get_by_role("button", name="Keep this commentary").click()
    expect(second.get_by_text("Somebody else commented on this meanwhile")).to_be_visible()
    expect(second.get_by_label("Commentary on: All incidents", exact=True)).to_have_value(
        "What the second window said."
    )
    expect(second.get_by_text("What the first window said.")).to_be_visible()
    look_at(second, "thematic-two-at-once")
