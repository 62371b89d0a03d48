"""An audit in a browser: from the population to the verdict, with two auditors who differ and records that fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from saferpractice.assurance.models import AuditPopulation, AuditResult
from tests.factories.audits import FROZEN_AT, READ_AT, consultations
from tests.factories.changes import a_live_change
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.journeys.hands import Hands
from tests.personas import NOW, build_cast

pytestmark = pytest.mark.requirement("R16", "R37")
PLANNED = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


def look_at(page: Page, name: str) -> None:
    """The page is accessible, fits a phone, and its picture is kept."""
    assert_accessible(page)
    assert_fits(page)
    picture(page, f"audit-{name}")


def _question(hands: Hands, number: int, ask: str, look_for: str) -> None:
    page = hands.page
    if number > 1:
        page.get_by_text(f"Question {number} (optional)").click()
    page.locator(f"#id_ask_{number}").fill(ask)
    page.locator(f"#id_look_for_{number}").fill(look_for)
    page.locator(f'input[name="meets_{number}"][value="yes"]').check()
    page.locator(f'input[name="about_{number}"][value="used"]').check()


def _read(page: Page, first: str, second: str = "Yes") -> None:
    """Answer both questions of the record on the page and go on."""
    hands = Hands(page)
    hands.choose("Is the decision written down with its reason?", first)
    hands.choose("Is the next step dated?", second)
    page.get_by_role("button", name="Save and go on").click()


def test_from_the_population_to_the_verdict(browse: Callable[..., Page], the_clock: Any) -> None:
    cast = build_cast()
    change = a_live_change(cast, live_at=NOW)
    consultations(cast, 5)

    # The lead asks how many records it takes, and plans the audit.
    the_clock.stand_at(PLANNED)
    page = browse(as_=cast.lead)
    hands = Hands(page)
    hands.open(f"/changes/{change.pk}/audits/size")
    page.get_by_label("About how many meet the standard").check()
    page.get_by_label("About how many do you expect to meet the standard?").fill("80")
    page.get_by_label("Give or take how much?").fill("40")
    page.get_by_label("About how many such records are there in the period?").fill("5")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_text("Read 3 of 5")).to_be_visible()
    look_at(page, "size")
    page.get_by_role("button", name="Plan an audit with this").click()
    hands.write("What is audited?", "Consultations in the new form")
    hands.select("Which records are read?", "Self-neglect threshold: Consultation")
    _question(hands, 1, "Is the decision written down with its reason?", "A reason somebody else could follow")
    _question(hands, 2, "Is the next step dated?", "A day, or that there is none")
    hands.write("What share must meet the standard?", "60")
    hands.choose("Do two auditors read each record?", "Yes, two")
    hands.choose("Must every team be spoken for?", "No")
    hands.give_day("First result by which day?", date(2026, 4, 1))
    look_at(page, "plan-form")
    page.get_by_role("button", name="Plan the audit").click()
    expect(page.get_by_text("The next result is due by 1 April 2026")).to_be_visible()
    look_at(page, "plan")

    # A week later the list is frozen, and then dice are thrown.
    the_clock.stand_at(FROZEN_AT)
    page.get_by_role("button", name="Freeze the list for the first audit").click()
    look_at(page, "freeze")
    hands.give_day("Records from", date(2026, 3, 5))
    hands.give_day("Records to", date(2026, 3, 12))
    page.get_by_role("button", name="Freeze the list").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Consultations in the new form")
    expect(page.get_by_text("5 records, 3 to be read")).to_be_visible()
    page.get_by_role("button", name="Enter the seed").click()
    page.get_by_label("Dice thrown before others").check()
    hands.write("The seed", "123")
    hands.write("Who saw it, or where can it be looked up?", "Six dice, thrown in the quality meeting")
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.get_by_role("link", name="Enter at least 6 characters")).to_be_visible()
    expect(page.get_by_label("The seed", exact=True)).to_have_value("123")
    look_at(page, "seed")
    hands.write("The seed", "4 1 6 2 5 3")
    page.get_by_role("button", name="Draw the sample").click()
    expect(page.get_by_text("The sample is drawn")).to_be_visible()
    look_at(page, "drawn")

    # Two auditors read on a tablet and on a phone, and do not see each other's answers.
    the_clock.stand_at(READ_AT)
    population = AuditPopulation.objects.get()
    tablet = browse(as_=cast.quality_lead, width=768)
    tablet.goto(f"/audits/lists/{population.pk}")
    tablet.get_by_role("button", name="Read the next record").click()
    expect(tablet.get_by_text("Record 1 of 3")).to_be_visible()
    look_at(tablet, "reading")
    tablet.get_by_role("button", name="Save and go on").click()
    expect(tablet.get_by_role("heading", name="There is a problem")).to_be_visible()
    _read(tablet, "No")
    expect(tablet.get_by_text("Record 2 of 3")).to_be_visible()
    tablet.get_by_role("link", name="Leave and come back later").click()
    tablet.get_by_role("button", name="Read the next record").click()
    expect(tablet.get_by_text("Record 2 of 3")).to_be_visible()
    for _ in range(2):
        _read(tablet, "Yes")
    expect(tablet.get_by_text("There is nothing more for you to read in this audit")).to_be_visible()
    expect(tablet.get_by_text("Read by 1 of 2")).to_have_count(3)

    phone = browse(as_=cast.reviewer, width=375)
    phone.goto(f"/audits/lists/{population.pk}/read")
    expect(phone.get_by_label("No", exact=True).first).not_to_be_checked()
    _read(phone, "No")
    _read(phone, "No")
    _read(phone, "Yes")

    # One record was read differently: it is settled, and the verdict is there.
    page.goto(f"/audits/lists/{population.pk}")
    look_at(page, "differs")
    page.get_by_role("link", name="Settle").click()
    expect(page.get_by_text("Differs")).to_be_visible()
    look_at(page, "settle")
    hands.choose("Is the decision written down with its reason?", "Yes")
    hands.write("Why is this what counts?", "The reason stands on the second page.")
    page.get_by_role("button", name="This is what counts").click()
    result = AuditResult.objects.get()
    assert (result.met, result.read) == (2, 3)
    expect(page.get_by_text(result.sentence)).to_be_visible()
    expect(page.get_by_text("Cannot say from this sample")).to_be_visible()
    look_at(page, "result")

    # What failed becomes a tracked action, and the next audit is owed.
    page.get_by_role("link", name="Track an action?").click()
    hands.choose("Track an action?", "Yes")
    hands.write("What must be done?", "Go through the reason in supervision.")
    hands.select("Who must do it?", "Sorrel Beck")
    hands.give_day("By which day?", date(2026, 4, 2))
    look_at(page, "follow-up")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Action tracked")).to_be_visible()
    page.get_by_role("link", name="Back to the audit plan").click()
    expect(page.get_by_text("The next result is due by 18 June 2026")).to_be_visible()
    page.goto("/audits/")
    expect(page.get_by_role("link", name="Consultations in the new form")).to_be_visible()
    look_at(page, "list")
    owner = browse(as_=cast.duty_manager)
    owner.goto("/")
    expect(owner.get_by_text("Audit whether the change is used: Consultations in the new form")).to_be_visible()
    owner.goto(f"/changes/{change.pk}")
    expect(owner.get_by_text(result.sentence)).to_be_visible()
    look_at(owner, "change")
