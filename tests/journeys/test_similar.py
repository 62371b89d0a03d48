"""Somebody opens a new incident and reads what was done the last time, on a phone and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.changes.models import OperationalChange
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from tests.conftest import TestClock
from tests.factories.changes import a_finding, a_live_change
from tests.factories.reviews import a_review
from tests.factories.similar import LEAVE, LEAVE_AGAIN, OTHERS, told
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.journeys.conftest import Site
from tests.personas import NOW, Cast, build_cast
from tests.stages.similar.test_findings import LEAVE as FINDING
from tests.stages.similar.test_findings import LEAVE_AGAIN as FINDING_BEFORE

pytestmark = pytest.mark.requirement("R10")
BEFORE = NOW - timedelta(days=40)


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(NOW + timedelta(minutes=25))
    return build_cast()


@pytest.fixture
def earlier(cast: Cast) -> Incident:
    """It went wrong in the same way before, and something was changed; what else is like it is restricted."""
    for text in OTHERS.values():
        told(cast, text, at=BEFORE)
    hidden = told(cast, LEAVE, at=BEFORE)
    decide_restriction(by=cast.lead, at=BEFORE, incident=hidden, restricted=True, reason="About a colleague")
    return told(cast, LEAVE_AGAIN, at=BEFORE, themes=("lost-contact",))


@pytest.fixture
def change(cast: Cast, earlier: Incident) -> OperationalChange:
    review = a_review(cast, "B", incident=earlier, at=BEFORE)
    finding = a_finding(cast, review=review, at=BEFORE, **FINDING_BEFORE)
    return a_live_change(cast, findings=[finding], title="One leave sheet for all wards")


@pytest.fixture
def finding(cast: Cast, change: OperationalChange) -> Finding:
    """The new incident, reviewed, with a finding that was made before."""
    incident = told(cast, LEAVE, themes=("lost-contact",))
    return a_finding(cast, review=a_review(cast, "B", incident=incident), **FINDING)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_what_was_done_the_last_time(
    browse: Callable[..., Page], cast: Cast, finding: Finding, earlier: Incident, javascript: bool
) -> None:
    page = browse(as_=cast.duty_manager, width=320, javascript=javascript)
    page.goto(f"/incidents/{finding.incident_id}")
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Similar before").click()
    similar = page.get_by_role("region", name="Similar before")
    expect(similar.get_by_role("link")).to_have_count(2)
    expect(similar).to_contain_text("Same theme: Lost contact or late crisis escalation.")
    expect(similar).to_contain_text("Words can mislead")
    expect(similar).to_contain_text("Effect not checked")
    if javascript:
        assert_accessible(page)
        assert_fits(page)
        picture(page, "similar-incident")
    similar.get_by_role("link", name="One leave sheet for all wards").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("One leave sheet for all wards")
    page.go_back()
    similar.get_by_role("link", name=f"Incident {earlier.reference}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(earlier.reference)
    expect(page.get_by_role("region", name="Similar before")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_the_same_condition_was_found_before(
    browse: Callable[..., Page], cast: Cast, finding: Finding, earlier: Incident, javascript: bool
) -> None:
    page = browse(as_=cast.reviewer, width=320, javascript=javascript)
    page.goto(f"/reviews/{finding.review_id}/findings")
    page.get_by_text("Similar before (1 earlier finding)").click()
    expect(page.get_by_text("Same condition: Fragmented information.")).to_be_visible()
    if javascript:
        assert_accessible(page)
        assert_fits(page)
        picture(page, "similar-finding")
    page.get_by_role("link", name=f"Fragmented information, incident {earlier.reference}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Findings")
    assert page.url.endswith(f"#finding-{earlier.findings.get().pk}")
