"""The quality lead declares a plan on a measure of this system, and the first look reads the numbers by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect

from saferpractice.assurance.models import ImpactCheck, ImpactResult
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live
from tests.conftest import TestClock
from tests.factories.changes import a_change
from tests.factories.own_measures import asked
from tests.factories.pathways import used
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import Cast, build_cast

Browse = Callable[..., Page]
pytestmark = pytest.mark.requirement("R4", "R16", "R20")
DECLARED, LIVE = datetime(2026, 3, 10, 10, 0, tzinfo=UTC), datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
LOOK = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(DECLARED)
    cast = build_cast()
    used(cast)
    return cast


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    for month in range(12):
        asked(cast.north, date(2025 + (1 + month) // 12, (1 + month) % 12 + 1, 1), in_time=2 + month % 2, late=4)
    agreed = a_change(cast)
    go_live(by=agreed.owner, at=LIVE, change=agreed, live_at=LIVE)
    return agreed


def declare(hands: Hands, change: OperationalChange) -> None:
    hands.open(f"/changes/{change.pk}/impact/new").follow("Use a measure of this system").looks("impact-own-plan")
    hands.press("Declare the plan").sees("Choose the measure that will show it").looks()
    hands.select("Which measure will show it?", "Self-neglect threshold: Consulted on the same day")
    hands.select("Whose numbers?", "North team, Riverside community service").choose("Charts by", "Months")
    hands.choose("What does it test?", "Is the change used?").choose("Which way is better?", "More or higher")
    hands.write("What is the smallest improvement worth having?", "20")
    hands.give_day("Baseline from", date(2025, 2, 1)).give_day("Baseline to", date(2026, 1, 31))
    hands.give_day("First team starts on", LIVE.date()).give_day("Last team starts on", date(2026, 3, 31))
    hands.give_day("First look", LOOK.date())
    hands.choose("Does this one decide whether the change worked?", "Yes, it is the primary measure")
    hands.press("Declare the plan").is_told("declared").looks("impact-own-declared")


@pytest.mark.parametrize("width", [1280, 375])
def test_a_plan_is_declared_and_judged_from_the_records(
    cast: Cast, change: OperationalChange, browse: Browse, the_clock: TestClock, width: int
) -> None:
    the_clock.stand_at(LIVE)
    hands = Hands(browse(as_=cast.quality_lead, width=width))
    declare(hands, change)
    baseline = ImpactResult.objects.get()
    assert (baseline.count, baseline.out_of) == (30, 78)
    hands.sees("Too early to tell", "30").does_not_see("Enter results")

    asked(cast.north, date(2026, 5, 1), in_time=38, late=2)
    the_clock.stand_at(LOOK)
    hands.page.reload()
    hands.press("Read the numbers now").looks("impact-own-judged").sees("Improved", "38 of 40")
    expect(hands.page.locator("main")).to_contain_text("chance alone is an unlikely explanation")
    assert ImpactCheck.objects.latest("decided_at").verdict == "Improved"
