"""A finding answered by a change, in a browser: a reminder refused, proof per team, an action and its evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from tests.factories.changes import a_briefing_held, a_change, a_finding, a_live_change, a_template_in_use, an_action
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.personas import build_cast


def look_at(page: Page, name: str) -> None:
    """Every page is accessible, fits a phone, and its picture is kept."""
    assert_accessible(page)
    assert_fits(page)
    picture(page, name)


@pytest.mark.requirement("R14", "R15")
def test_a_reminder_is_kept_beside_the_change_that_answers(browse: Callable[..., Page]) -> None:
    cast = build_cast()
    finding = a_finding(cast, at=clock.now())
    page = browse(as_=cast.reviewer)
    page.goto(f"/findings/{finding.pk}/answer")
    expect(page.get_by_label(finding.statement)).to_be_checked()
    look_at(page, "change-new")
    page.get_by_label("What is different for the worker on Monday?").fill("Remind all staff to look for self-neglect.")
    page.get_by_label("Revised risk prompt").check()
    page.get_by_label("A short name for it").fill("Reminder about self-neglect")
    page.get_by_role("button", name="Agree the change").click()
    expect(page.get_by_text("These words are a reminder, not a change")).to_be_visible()
    expect(page.get_by_label("A short name for it")).to_have_value("Reminder about self-neglect")
    look_at(page, "change-refused")
    page.get_by_role("button", name="Keep them as the briefing of the change I describe now").click()
    expect(page.get_by_label("A reminder or message to go with it")).to_have_value(
        "Remind all staff to look for self-neglect."
    )
    page.get_by_label("What is different for the worker on Monday?").fill(
        "The visit note asks five questions about food, drink, infection, the home and refused care, and does not "
        "close until they are answered. At two signs you ring the duty manager the same day."
    )
    page.get_by_label("The work cannot go on without this step").check()
    page.get_by_label("What stops the work going on without it?").fill("The note does not close.")
    page.get_by_label("A short name for it").fill("Self-neglect checklist in the visit note")
    page.get_by_label("Who owns it?").select_option(label="Dale Marlow")
    day = local_day(clock.now()) + timedelta(days=7)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("North team, Riverside community service").check()
    page.get_by_label("South team, Riverside community service").check()
    page.get_by_role("button", name="Agree the change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Self-neglect checklist in the visit note")
    expect(page.get_by_text("Stronger", exact=True)).to_be_visible()
    expect(page.get_by_text("Remind all staff to look for self-neglect.")).to_be_visible()
    look_at(page, "change-agreed")
    assert OperationalChange.objects.get().strength == "stronger"


@pytest.mark.requirement("R3")
def test_a_rollout_is_proven_team_by_team(browse: Callable[..., Page]) -> None:
    cast, now = build_cast(), clock.now()
    change = a_live_change(cast, at=now)
    page = browse(as_=cast.duty_manager)
    page.goto(f"/changes/{change.pk}")
    expect(page.get_by_text("Rollout: 0 of 2 teams proven")).to_be_visible()
    page.get_by_role("link", name="Record proof", exact=True).first.click()
    page.get_by_label("Briefing held").check()
    look_at(page, "proof-kind")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("North team, Riverside community service")).to_be_checked()
    day = local_day(now)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("How many different people of the team took part?").fill("12")
    page.get_by_label("How many people of the team need it?").fill("10")
    page.get_by_label("Who took part?").fill("The day shift, and the nights on Tuesday")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter 10 or fewer")
    expect(page.get_by_label("Who took part?")).to_have_value("The day shift, and the nights on Tuesday")
    look_at(page, "proof-refused")
    page.get_by_label("How many different people of the team took part?").fill("9")
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("Rollout: 1 of 2 teams proven")).to_be_visible()
    a_template_in_use(cast, change, [cast.south], at=now)
    page.reload()
    expect(page.get_by_text("Rollout: 2 of 2 teams proven")).to_be_visible()
    look_at(page, "change-proven")
    page.get_by_role("link", name="Compare the versions").click()
    expect(page.get_by_text("Food and drink")).to_be_visible()
    look_at(page, "versions")


@pytest.mark.requirement("R35")
def test_evidence_is_accepted_by_somebody_else(browse: Callable[..., Page]) -> None:
    cast, now = build_cast(), clock.now()
    change = a_change(cast, at=now)
    action = an_action(cast, change=change, at=now)
    owner = browse(as_=cast.duty_manager)
    owner.goto(f"/actions/{action.pk}")
    look_at(owner, "action-open")
    owner.get_by_label("What was done, and what shows it?").fill("The form has the five questions.")
    owner.get_by_role("button", name="Give the evidence").click()
    expect(owner.get_by_role("alert")).to_contain_text("Add a file, or enter the record")
    owner.locator("input[type=file]").set_input_files(
        {"name": "form.txt", "mimeType": "text/plain", "buffer": b"Five questions"}
    )
    owner.get_by_role("button", name="Give the evidence").click()
    expect(owner.get_by_text("You own this action, or did.")).to_be_visible()
    judge = browse(as_=cast.quality_lead, width=375)
    judge.goto(f"/actions/{action.pk}")
    look_at(judge, "action-waiting")
    judge.get_by_label("No, send it back").check()
    judge.get_by_label("What is lacking?").fill("Show a note that was made with it.")
    judge.get_by_role("button", name="Save the decision").click()
    expect(judge.get_by_text("Evidence sent back")).to_be_visible()
    owner.reload()
    owner.get_by_label("What was done, and what shows it?").fill("Here is a note of today.")
    owner.get_by_label("Or the record where it can be found").fill("Care record, note of today")
    owner.get_by_role("button", name="Give the evidence").click()
    judge.reload()
    judge.get_by_label("Yes, accept it").check()
    judge.get_by_role("button", name="Save the decision").click()
    expect(judge.get_by_text("Done", exact=True).first).to_be_visible()
    look_at(judge, "action-done")
    assert TrackedAction.objects.get().evidence.count() == 2


@pytest.mark.requirement("R14", "R35")
def test_the_list_and_the_plan(browse: Callable[..., Page]) -> None:
    cast, now = build_cast(), clock.now()
    proven = a_live_change(cast, at=now, title="Second duty worker from 4pm to 10pm", change_type="staffing-or-cover")
    a_template_in_use(cast, proven, [cast.north], at=now)
    a_briefing_held(cast, proven, cast.south, at=now)
    a_change(cast, at=now, change_type="training", title="Threshold decisions practised from real cases")
    change = a_change(cast, at=now)
    finding = change.findings.get()
    an_action(cast, review=finding.review, at=now)
    page = browse(as_=cast.lead)
    page.goto("/changes")
    look_at(page, "changes-list")
    page.get_by_label("Strength").select_option("weaker")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="Threshold decisions practised from real cases")).to_be_visible()
    expect(page.get_by_role("link", name="Second duty worker")).to_have_count(0)
    page.goto(f"/reviews/{finding.review_id}/action-plan")
    look_at(page, "action-plan")
    worker = browse(as_=cast.worker, width=375)
    worker.goto(f"/changes/{proven.pk}")
    expect(worker.get_by_text("You see the change because it reaches your team or you own it.")).to_be_visible()
    look_at(worker, "change-for-a-worker")
