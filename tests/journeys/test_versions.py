"""A lesson ships as a version of a pathway: drafted, compared, approved by somebody else, live, used, proven."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from saferpractice.changes.models import OperationalChange
from saferpractice.pathways.models import PathwayCase, PathwayDraft
from tests.conftest import TestClock
from tests.factories.changes import a_change
from tests.factories.pathways import a_case, a_record, used
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, Cast, build_cast

MORNING = NOW + timedelta(hours=8)


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(MORNING)
    return build_cast()


def part(page: Page, title: str) -> Locator:
    """One part of the edit form, opened."""
    found = page.locator("details").filter(has=page.locator("summary", has_text=title))
    found.locator("summary").click()
    return found


@pytest.mark.requirement("R2", "R3", "R14", "R18")
def test_a_change_becomes_a_version_and_its_use_the_proof(
    cast: Cast, browse: Callable[..., Page], the_clock: TestClock
) -> None:
    used(cast)
    change = a_change(cast, reach=[cast.north])
    case = a_case(cast, at=MORNING)
    a_record(case, "checklist", 8, by=cast.worker, values={"present": ["infection-risk", "refusal-of-care"]})

    lead = Hands(browse(as_=cast.lead)).open("/pathways/self-neglect").follow("Versions, and how it is changed")
    lead.press("Begin a draft").looks("draft-edit")
    assert PathwayDraft.objects.count() == 1
    page = lead.page
    consult = part(page, "Consult the duty manager or safeguarding lead")
    consult.get_by_label("Within how long?").fill("2")
    consult.get_by_label("Unit").first.select_option(label="hours")
    expect(page.locator("[data-words]")).to_contain_text("within 2 hours")
    added = part(page, "Add an indicator")
    added.get_by_label("Indicator", exact=True).fill("Alone for a week")
    lead.press("Save the draft").is_told("There is a problem").looks("draft-mistake")
    added = page.locator("details[open]").filter(has_text="Add an indicator")
    added.get_by_label("What to look for").fill("Nobody came\nThe post is not taken in")
    lead.press("Save the draft").is_told("The draft is saved").looks("draft")
    lead.sees("Alone for a week. Look for", "within 2 hours")

    lead.follow("Name a change it carries out").looks()
    lead.select("Which change does this version carry out?", change.title).press("Name it").sees(change.title)
    lead.press("Propose it").write("Why should practice change", "Two people fell ill within the day.")
    lead.press("Propose it").is_told("Proposed").sees("You worked on this version. Somebody else decides on it.")

    director = Hands(browse(as_=cast.director, width=375)).open("/pathways/self-neglect/versions").looks("versions")
    director.follow("Draft by Lark Penrose").looks("draft-proposed").press("Approve it").looks("approve")
    director.write("Why is it right?", "The nights asked for it.").choose("When does it go live?", "At once")
    director.press("Approve it").is_told("one open case moved to it").sees("In use").looks("version")
    director.press("Compare with version 1").sees("Changed", "New").looks("compare")

    worker = Hands(browse(as_=cast.worker)).open(f"/pathways/cases/{case.pk}")
    worker.sees("Moved to version 2", "Consult the duty manager or safeguarding lead").looks("case-moved")

    the_clock.stand_at(MORNING + timedelta(hours=1))
    later = a_case(cast, person="P-7", version=PathwayCase.objects.get().moves.get().to_version, at=MORNING)
    a_record(later, "checklist", 9, by=cast.worker, values={"present": ["infection-risk", "refusal-of-care"]})
    manager = Hands(browse(as_=cast.duty_manager)).open(f"/pathways/cases/{later.pk}")
    manager.follow("Consult the duty manager").select("Who was consulted?", "Duty manager")
    manager.choose("What was decided?", "Do not refer").write("Why?", "Support is in place.", exact=True)
    manager.write("What was considered about the person's mental capacity", "Presumed.")
    manager.write("What does the person want to happen?", "To stay at home.")
    manager.write("What is done now to keep them safe?", "Shopping brought.").press("Save").is_told("Written down")

    lead.open(f"/changes/{OperationalChange.objects.get().pk}").sees("Rollout proven", "Used on a pathway")
    lead.sees("done under version 2").looks("change-by-pathway")
