"""The quality lead and the duty manager read measures, look behind a number, and take it away as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from saferpractice.jobs import sweeps
from tests.conftest import TestClock
from tests.factories.pathways import CONSULTATION, a_case, a_record
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, Cast, build_cast

Browse = Callable[..., Page]
pytestmark = pytest.mark.requirement("R20", "R32")
APRIL = NOW + timedelta(days=40)
TWO = ("infection-risk", "refusal-of-care")


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(APRIL)
    sweeps.beat(APRIL)
    cast = build_cast()
    for person, consulted in (("P-1042", 3), ("P-2077", 40)):
        case = a_case(cast, person=person)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        a_record(case, "consultation", consulted, by=cast.worker, values=CONSULTATION)
    return cast


@pytest.mark.parametrize("width", [1280, 320])
def test_the_quality_lead_reads_a_measure_and_what_is_behind_it(cast: Cast, browse: Browse, width: int) -> None:
    hands = Hands(browse(as_=cast.quality_lead, width=width))
    hands.open("/measures").sees("Consulted on the same day").looks(f"measures-{width}")
    row = hands.page.get_by_role("row").filter(has_text="Consulted on the same day")
    expect(row).to_contain_text("50%")
    expect(row).to_contain_text("1 of 2")
    hands.follow("Consulted on the same day").sees("How it is counted").looks(f"measure-{width}")
    hands.follow("March 2026").sees("P-1042", "P-2077", "Not in time").looks(f"measure-rows-{width}")
    with hands.page.expect_download() as saved:
        hands.follow("Download these rows as a spreadsheet file")
    path = saved.value.path()
    lines = list(csv.DictReader(Path(path).read_text(encoding="utf-8-sig").splitlines()))
    assert sorted(line["Counts as"] for line in lines) == ["In time", "Not in time"]
    hands.follow("P-1042").sees("Self-neglect threshold")


def test_the_duty_manager_does_it_by_keyboard_in_their_own_service(cast: Cast, browse: Browse) -> None:
    page = browse(as_=cast.duty_manager)
    page.goto("/work")
    page.get_by_role("navigation").get_by_role("link", name="Measures").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Measures")
    expect(page.locator("main")).to_contain_text("Riverside community service")
    place = page.get_by_label("Place")
    assert "Harbour" not in place.inner_text()
    place.focus()
    page.keyboard.type("North")  # chosen by typing, as any list is
    page.get_by_role("button", name="Show").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**place=**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("North team")
    page.get_by_role("link", name="Consulted on the same day").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Consulted on the same day")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download these numbers as a spreadsheet file").focus()
        page.keyboard.press("Enter")
    lines = csv.DictReader(Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines())
    assert [(line["Count"], line["Out of"]) for line in lines if line["From"] == "2026-03-01"] == [("1", "2")]
