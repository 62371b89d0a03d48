"""Reviewing an incident in the browser: a rapid review on a phone, a formal one with every page looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.findings.models import Finding
from saferpractice.reviews.models import Review, ReviewCompletion
from saferpractice.reviews.operations import offer_support, record_involved
from saferpractice.reviews.rules import Affected
from tests.conftest import TestClock
from tests.factories.findings import BLAMING, KEPT, MORE_LIKELY, REDUCES, STATEMENT, a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review, a_threshold_decision, a_tier_decision, an_entry, completed, supply
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.journeys.conftest import Site
from tests.personas import NOW, Cast, build_cast

Browse = Callable[..., Page]


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    """The people, in the database the application serves; the clock stands an hour after ``NOW``."""
    the_clock.stand_at(NOW + timedelta(hours=1))
    return build_cast()


def looked_at(page: Page, name: str = "") -> None:
    assert_accessible(page)
    assert_fits(page)
    assert len(page.locator("h1").all()) == 1
    if name:
        picture(page, f"review-{name}")


def only_read(page: Page, _name: str = "") -> None:
    """Without JavaScript neither axe nor the measuring of widths can run in the page."""
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.requirement("R9", "R12", "R13")
@pytest.mark.parametrize("javascript", [True, False])
def test_a_rapid_review_on_a_phone(cast: Cast, browse: Browse, javascript: bool) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    a_tier_decision(incident, "A", by=cast.lead)
    look = looked_at if javascript else only_read
    page = browse(cast.duty_manager, width=375, javascript=javascript)
    page.goto(f"/incidents/{incident.pk}/reviews/open")
    look(page, "open")
    page.get_by_label("Who carries it out?").select_option(label="Rowan Thwaite")
    page.get_by_role("button", name="Open the review").click()
    expect(page.get_by_role("alert")).to_contain_text("Say how you know that they are independent")
    page.get_by_label("How do you know that they are independent?").fill("Works for the whole provider, was not there.")
    page.get_by_role("button", name="Open the review").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tier A, rapid review")
    review = Review.objects.get()

    page = browse(cast.reviewer, width=375, javascript=javascript)
    page.goto(f"/reviews/{review.pk}")
    look(page, "rapid-begin")
    page.get_by_role("button", name="Do it all on one page").click()
    expect(page.get_by_label("What was done at once to make people safe")).to_have_value(
        "Called the person's sister and the duty manager."
    )
    page.get_by_label("What is still open").fill("Nothing is open.")
    page.get_by_label("How are the person, the family").fill("He is well. The worker was offered a talk.")
    page.get_by_label("How does this usually go").fill("By day the team calls back; at night nobody does.")
    page.get_by_label("What about the system made it more likely?").fill(MORE_LIKELY)
    page.get_by_label("Has this happened before").fill("Twice this winter.")
    page.get_by_role("group", name="Did something about the system").get_by_label("Yes").check()
    page.get_by_label("Lack of duty cover").check()
    page.get_by_label("What did it lead to?").fill(BLAMING)
    page.get_by_label("What change to the system").fill(REDUCES)
    look(page, "rapid")
    page.get_by_role("button", name="Complete the review").click()
    expect(page.locator("mark").first).to_be_visible()
    look(page, "rapid-wording")
    page.get_by_label("What did it lead to?").fill(STATEMENT)
    page.get_by_role("button", name="Complete the review").click()
    expect(page.get_by_role("alert")).to_contain_text("The rapid review is done.")
    look(page, "rapid-done")
    assert ReviewCompletion.objects.get().summary == STATEMENT
    assert Finding.objects.get().blaming_words == []


@pytest.mark.requirement("R10", "R11", "R12", "R13")
def test_a_formal_investigation(cast: Cast, browse: Browse) -> None:
    review = a_review(cast, "C", done_at_once="Called the sister.")
    a_threshold_decision(review.incident, by=cast.lead)
    page = browse(cast.reviewer)
    page.goto(f"/reviews/{review.pk}")
    looked_at(page, "formal-begin")
    expect(page.get_by_text("First supply what is missing")).to_be_visible()

    page.get_by_role("link", name="Timeline").click()
    looked_at(page)
    page.get_by_role("button", name="Draw what the records say").click()
    expect(page.locator(".sp-story__entry")).to_have_count(4)
    page.get_by_label("I know about when").check()
    when = page.get_by_role("group", name="About when")
    when.get_by_label("Day").fill("3")
    when.get_by_label("Month").fill("3")
    when.get_by_label("Year").fill("2026")
    when.get_by_label("Time").fill("9:40pm")
    page.get_by_label("What happened, or what was known?").fill("The duty phone rang out.")
    page.get_by_label("Where does this come from?").fill("Phone log")
    page.get_by_role("button", name="Add to the timeline").click()
    expect(page.locator(".sp-story__entry")).to_have_count(5)
    looked_at(page, "timeline")
    page.get_by_role("link", name="Put right").last.click()
    looked_at(page)

    page.goto(f"/reviews/{review.pk}/documents/decision-review")
    page.get_by_label("Not sound on what was known then").check()
    page.get_by_label("Why do you think so?").fill("The sister's call was on record.")
    looked_at(page, "decision-review")
    page.get_by_role("button", name="Save for later").click()
    expect(page.get_by_text("You began it on")).to_be_visible()
    page.get_by_role("link", name="Decision review").click()
    expect(page.get_by_label("Why do you think so?")).to_have_value("The sister's call was on record.")

    page.goto(f"/reviews/{review.pk}/findings/new")
    page.get_by_label("Lack of duty cover").check()
    page.get_by_label("What about the system").fill(BLAMING)
    page.get_by_label("What conditions made the incident").fill(MORE_LIKELY)
    page.get_by_label("What change to the system").fill(REDUCES)
    page.get_by_label("The duty phone rang out.").check()
    page.get_by_role("button", name="Record the finding").click()
    expect(page.locator("mark").first).to_be_visible()
    looked_at(page, "finding-wording")
    page.get_by_label("Why does the wording stay as it is?").fill(KEPT)
    page.get_by_role("button", name="Record the finding").click()
    expect(page.get_by_role("alert")).to_contain_text("It now asks for a change")
    looked_at(page, "findings")

    record_involved(by=cast.lead, at=NOW, incident=review.incident, person=cast.colleague, how="Was on shift")
    offer_support(
        by=cast.lead, at=NOW, review=review, affected=Affected.FAMILY, who="his sister", offered="A call each week"
    )
    for kind in ("immediate-actions", "terms-of-reference", "supervision-check", "partner-interface-review"):
        supply(review, kind, cast)
    supply(review, "decision-review", cast)
    supply(review, "evidence-pack", cast)
    for name in ("involved", "support", "reviewer", "complete"):
        page.goto(f"/reviews/{review.pk}/{name}")
        looked_at(page, name)
    overseer = browse(cast.director)
    overseer.goto(f"/reviews/{review.pk}/oversight")
    looked_at(overseer, "oversight")
    page.goto(f"/reviews/{review.pk}")
    looked_at(page, "formal-later")


@pytest.mark.requirement("R13")
def test_which_conditions_come_up_most(cast: Cast, browse: Browse) -> None:
    for number, condition in enumerate(("no-duty-cover", "no-duty-cover", "workload", "poor-follow-up")):
        review = a_review(cast, "B", incident=an_incident(by=cast.worker, team=cast.north))
        a_finding(review, cast, condition=condition, statement=f"{STATEMENT} Seen {number + 1} times by now.")
        an_entry(review, by=cast.reviewer, what="The rota was read.")
    page = browse(cast.quality_lead)
    page.goto("/conditions")
    looked_at(page, "conditions")
    page.get_by_label("Service").select_option(label="Riverside community service")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("4 findings")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download this list as a spreadsheet file").click()
    assert saved.value.suggested_filename == "conditions-2026-03-04.csv"


@pytest.mark.requirement("R12")
def test_a_complete_review_is_read_and_not_written(cast: Cast, browse: Browse) -> None:
    review = completed(a_review(cast, "C"), cast)
    page = browse(cast.lead)
    page.goto(f"/reviews/{review.pk}")
    looked_at(page, "complete-to-read")
    expect(page.get_by_role("button", name="Complete the review")).to_have_count(0)
