"""The helpers of the journeys find what they are there to find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from saferpractice.access.models import Person, Provider
from tests.journeys import browser as helpers
from tests.journeys.browser import Complaints, assert_accessible, assert_fits, picture


@pytest.fixture(autouse=True)
def pages_with_faults(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.journeys.pages"


def test_a_good_page_passes(page: Page) -> None:
    page.goto("/good")
    assert_accessible(page)
    assert_fits(page)


def test_axe_finds_a_field_without_a_label(page: Page) -> None:
    page.goto("/unlabelled")
    with pytest.raises(AssertionError, match="Form elements must have labels"):
        assert_accessible(page)


def test_a_wide_page_is_found(page: Page) -> None:
    page.goto("/wide")
    with pytest.raises(AssertionError, match="on a screen of 320 px"):
        assert_fits(page)


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("/inline", "Content security policy: script-src"),
        ("/elsewhere", "Content security policy: img-src"),
        ("/missing", "Failed to load resource"),
        ("/broken", "The server failed with 500"),
    ],
)
def test_faults_are_collected(page: Page, complaints: Complaints, address: str, complaint: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert [text for text in complaints.found if complaint in text], complaints.found
    complaints.found.clear()  # else this test fails at its end, as a journey should


def test_a_page_that_is_refused_is_no_fault(page: Page) -> None:
    answer = page.goto("/refused")
    assert answer is not None
    assert answer.status == 404


def test_two_people_work_side_by_side(browse: Callable[..., Page]) -> None:
    provider = Provider.objects.create(name="Meadow Care")
    anna, bola = (
        Person.objects.create(provider=provider, name=name, email=f"{name}@example.org") for name in ("anna", "bola")
    )
    pages = browse(as_=anna), browse(as_=bola, width=375, javascript=False), browse()
    for page in pages:
        page.goto("/who")
    assert [page.locator("h1").inner_text() for page in pages] == ["anna", "bola", "AnonymousUser"]


def test_pictures_are_kept_in_two_widths(page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(helpers, "ROOT", tmp_path)
    monkeypatch.delenv("PICTURES", raising=False)
    page.goto("/good")
    picture(page, "good")
    monkeypatch.setenv("PICTURES", "1")
    picture(page, "good")
    taken = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.png"))
    assert taken == [
        "build/pictures/good-1280.png",
        "build/pictures/good-375.png",
        "docs/pictures/good-1280.png",
        "docs/pictures/good-375.png",
    ]
    assert page.viewport_size == {"width": 1280, "height": 900}


class NoPlaywrightBrowser:
    """Playwright without a browser of its own."""

    class chromium:  # noqa: N801
        executable_path = "/nowhere/chromium"


class TestFindingChromium:
    def test_the_one_named_is_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        mine = tmp_path / "my-chromium"
        mine.touch()
        monkeypatch.setenv("CHROMIUM", str(mine))
        assert helpers.find_chromium(NoPlaywrightBrowser()) == str(mine)  # type: ignore[arg-type]

    def test_the_one_named_must_be_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHROMIUM", "/nowhere/my-chromium")
        with pytest.raises(helpers.NoBrowserError, match="nothing is there"):
            helpers.find_chromium(NoPlaywrightBrowser())  # type: ignore[arg-type]

    def test_without_any_it_says_how_to_get_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(helpers.shutil, "which", lambda name: None)
        with pytest.raises(helpers.NoBrowserError, match="apt-get install chromium"):
            helpers.find_chromium(NoPlaywrightBrowser())  # type: ignore[arg-type]
