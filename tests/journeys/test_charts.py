"""A quality lead reads a chart, begins new limits with a reason, and looks at the teams, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from saferpractice.access.models import Team
from saferpractice.assurance.rules.measures.periods import Length, begins_at, last_periods
from saferpractice.config import clock
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from tests.factories.changes import a_live_change
from tests.factories.pathways import used
from tests.journeys.browser import assert_accessible, assert_fits, picture
from tests.personas import build_cast


def look_at(page: Page, name: str) -> None:
    """Every page is accessible, fits a phone, and its picture is kept."""
    assert_accessible(page)
    assert_fits(page)
    picture(page, name)


def consulted(team: Team, met: list[int]) -> None:
    """In each of the last months so many of ten consultations in time, the rest late."""
    over = last_periods(Length.MONTH, local_day(clock.now()), len(met) + 1)[:-1]
    Obligation.objects.bulk_create(
        Obligation(
            provider_id=team.provider_id, team=team, kind="pathways.owed", standard="self-neglect.consult",
            title="Asked", subject_type="a.row", subject_id=uuid4(), role="support_worker", clock="local",
            opened_at=at, due_at=at + timedelta(hours=8), met_at=at + timedelta(hours=2 if n < in_time else 30),
        )
        for period, in_time in zip(over, met, strict=True)
        for n in range(10)
        for at in [begins_at(period) + timedelta(days=n, hours=9)]
    )  # fmt: skip


@pytest.mark.requirement("R4", "R25", "R36")
def test_a_quality_lead_reads_a_chart_and_begins_new_limits(browse: Callable[..., Page]) -> None:
    cast, now = build_cast(), clock.now()
    used(cast)
    a_live_change(cast, title="A second look at each missed contact", at=now - timedelta(days=200))
    consulted(cast.north, [*[3, 4, 2] * 8, *[9, 8, 10, 9] * 3])
    consulted(cast.south, [*[6, 7, 5, 8] * 6, 1, 0])
    page = browse(as_=cast.quality_lead)
    page.goto(f"/measures/self-neglect.same-day-consultation?place={cast.north.pk}")
    expect(page.get_by_text("Special cause: higher, and that is an improvement")).to_be_visible()
    expect(page.get_by_role("link", name="A second look at each missed contact")).to_be_visible()
    page.get_by_text("Why this chart, and how to read it").click()
    expect(page.get_by_text("Drawn as a p chart.")).to_be_visible()
    page.get_by_text("The numbers as a table").click()
    expect(page.get_by_role("columnheader", name="What the rules say")).to_be_visible()
    look_at(page, "chart")

    page.get_by_role("link", name="Begin new limits on this chart").click()
    page.get_by_role("button", name="Begin new limits").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why the process differs from this day on")
    look_at(page, "chart-rebase")
    began = last_periods(Length.MONTH, local_day(now), 13)[0]
    page.get_by_label("From which period on does the process differ?").select_option(label=began.label)
    page.get_by_label("Why does the process differ from this day on?").fill(
        "Duty managers answer the phone all day now"
    )
    page.get_by_role("button", name="Begin new limits").click()
    expect(page.get_by_text("Your name and reason stand on the chart.")).to_be_visible()
    expect(page.get_by_text("decided by Quill Harker, quality lead")).to_be_visible()

    page.get_by_label("Place").select_option(label="Example Care")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="See a small chart for each team").click()
    names = page.locator(".sp-sparks__name")
    expect(names.first).to_contain_text("South team")
    look_at(page, "chart-teams")
    page.get_by_label("Show", exact=True).select_option(label="Special cause: a concern")
    page.get_by_role("button", name="Show").click()
    expect(names).to_have_count(1)
