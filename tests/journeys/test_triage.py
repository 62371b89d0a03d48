"""A duty manager triages at five past two in the morning, on a phone, alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import Answer
from saferpractice.triage.models import TriageRecord
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.triage import a_triage, choose, do_not_refer
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.journeys.conftest import Site
from tests.personas import NOW, Cast, build_cast

pytestmark = [pytest.mark.requirement("R6"), pytest.mark.requirement("R8"), pytest.mark.requirement("R10")]


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:

    the_clock.stand_at(NOW + timedelta(minutes=25))
    return build_cast()


@pytest.fixture
def incident(cast: Cast) -> Incident:
    before = an_incident(
        by=cast.colleague,
        team=cast.north,
        at=NOW - timedelta(days=23),
        what_happened="Mr P would not let us in. A man we did not know answered for him from inside.",
        themes=("exploitation",),
    )
    a_triage(
        by=cast.duty_manager, incident=before, at=NOW - timedelta(days=23), threshold=do_not_refer(), tier=choose("A")
    )
    an_incident(by=cast.worker_elsewhere, team=cast.east, at=NOW - timedelta(days=9), themes=("lost-contact",))
    return an_incident(
        by=cast.worker,
        team=cast.north,
        what_happened="On the evening visit Mr P had no food in the flat and his card was gone. Two men sat in the "
        "living room and answered for him. He whispered that they take his money on pay day and that he may not "
        "tell anybody. He looked frightened and had lost weight since last week.",
        still_at_risk=Answer.YES,
        risk_words="Mr P. The two men have keys to his flat.",
        done_at_once="Rang the duty manager from the car. Left food. Agreed a call at 10pm.",
        psychological_harm="low",
        themes=("exploitation",),
    )


def fill_in(page: Page, answer: Callable[[str, str], None]) -> None:
    page.get_by_label("What was done, or must be done now?").fill("Asked the out-of-hours locksmith to change the lock")
    page.get_by_label("By whom?").fill("Dale Marlow, with Harbour Homes")
    answer("Is it done?", "Still to be done")
    answer("After what was done, is anyone still at risk?", "Yes")
    page.get_by_label("If so, or if it is not known").fill("Mr P, from the two men. He stays with his sister tonight.")
    answer("Is there reason to think the person has needs for care and support?", "Yes")
    answer("Is there reason to think the person is experiencing abuse or neglect", "Yes")
    page.get_by_label("Financial or material abuse").check()
    page.get_by_label("Psychological abuse").check()
    answer("Was the person asked what they want to happen?", "Asked, and said what they want")
    page.get_by_label("What do they want?").fill("“I want them out and my card back. No court.”")
    answer("Did a family member or carer warn of this?", "Yes")
    page.get_by_label("What did they warn of, when, and whom did they tell?").fill(
        "His sister rang the office on Monday."
    )
    answer("Does this go to the local authority", "Refer to the local authority")
    page.get_by_label("Why?", exact=True).fill(
        "He has needs for care and support, two men take his money and he is afraid of them. He asks for help."
    )
    answer("Has psychological harm lasted", "Not known yet")
    answer("Do you suspect that something healthcare staff did", "No")
    answer("Did agencies fail to come together", "Not known yet")
    answer("Did a safeguard against a high risk fail?", "No")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_the_standard_form(browse: Callable[..., Page], cast: Cast, incident: Incident, javascript: bool) -> None:
    page = browse(as_=cast.duty_manager, width=375, javascript=javascript)

    def answer(question: str, choice: str) -> None:
        page.get_by_role("group", name=question).get_by_label(choice, exact=True).first.check()

    page.goto(f"/incidents/{incident.pk}")
    page.get_by_role("button", name="Triage this incident").or_(
        page.get_by_role("link", name="Triage this incident")
    ).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Triage incident")
    expect(page.get_by_text("2 other incidents within 90 days")).to_be_visible()
    expect(page.get_by_text("and 1 that you may not open")).to_be_visible()
    if javascript:
        picture(page, "triage-empty")
        assert_accessible(page)
        assert_fits(page)
    fill_in(page, answer)
    page.get_by_role("button", name="Work out the tier and who must be told").click()
    expect(page.get_by_text("The rules propose tier B, structured review.")).to_be_visible()
    if javascript:
        picture(page, "triage-worked-out")
        assert_accessible(page)
        assert_fits(page)
    page.get_by_role("button", name="Record the triage").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose whether this must be told: Police")
    if javascript:
        picture(page, "triage-errors")
        assert_accessible(page)
    for group in page.locator("section.sp-row").get_by_role("group").all():
        group.get_by_label("Yes, they are still to be told").check()
    police = page.get_by_role("group", name="Police")
    police.get_by_label("Yes, and they have been told").check()
    police.get_by_label("Day").fill("4")
    police.get_by_label("Month").fill("3")
    police.get_by_label("Year").fill("2026")
    police.get_by_label("Time").fill("2:20am")
    police.get_by_label("Their reference").fill("CAD 0088")
    page.get_by_role("button", name="Record the triage").click()
    expect(page.get_by_text(f"Incident {incident.reference} is triaged.")).to_be_visible()
    record = TriageRecord.objects.get(incident=incident)
    assert record.abuse_types == ["psychological", "financial"]
    assert incident.tier_decisions.get().tier == "B"
    assert incident.partner_escalations.get(duty_code="police").their_reference == "CAD 0088"
    if javascript:
        picture(page, "triage-incident")
        assert_accessible(page)
        assert_fits(page)
        for address, name in (
            (f"/incidents/{incident.pk}/threshold", "threshold"),
            (f"/incidents/{incident.pk}/telling", "telling"),
            (f"/incidents/{incident.pk}/telling?duty=cqc-18-abuse", "telling-one"),
            (f"/incidents/{incident.pk}/referral", "referral"),
            (f"/incidents/{incident.pk}/tier", "tier"),
            (f"/incidents/{incident.pk}/handover", "handover"),
        ):
            page.goto(address)
            picture(page, f"triage-{name}")
            assert_accessible(page)
            assert_fits(page)
