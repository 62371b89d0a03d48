"""The design room in a browser: accessible, narrow, by keyboard, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FloatRect, Locator, Page, Route, expect

from tests.journeys import gallery
from tests.journeys.browser import assert_accessible, assert_fits

pytestmark = pytest.mark.requirement("R6")


@pytest.fixture(autouse=True)
def the_gallery(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.journeys.gallery"
    gallery.SENT.clear()
    gallery.DRAFTS.clear()


@pytest.mark.parametrize("address", ["/form", "/list", "/list?team=1&sort=-days", "/record"])
def test_every_piece_is_accessible_and_narrow(page: Page, address: str) -> None:
    page.goto(address)
    assert_accessible(page)
    assert_fits(page)
    assert_fits(page, 375)


def test_a_form_with_everything_wrong(page: Page) -> None:
    page.goto("/form")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Other", exact=True).check()
    page.get_by_role("button", name="Send the report").click()
    expect(page).to_have_title("Error: Report an incident – Safer Practice")
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    assert_accessible(page)
    assert_fits(page)
    links = page.get_by_role("alert").get_by_role("link")
    expect(links).to_have_count(8)
    for n in range(links.count()):
        links.nth(n).click()
        assert page.evaluate("['INPUT', 'TEXTAREA', 'SELECT'].includes(document.activeElement.tagName)"), n


def place(found: Locator) -> FloatRect:
    """Where something is drawn, in pixels."""
    box = found.bounding_box()
    assert box is not None, f"{found} is not drawn"
    return box


@pytest.mark.parametrize("javascript", [True, False])
def test_what_belongs_to_a_choice_is_shown_with_it(browse: Callable[..., Page], javascript: bool) -> None:
    page = browse(javascript=javascript)
    page.goto("/form")
    for choice, field in (("Yes", "Who, and from what?"), ("Other", "Which other?")):
        expect(page.get_by_label(field)).to_be_hidden()
        page.get_by_label(choice, exact=True).check()
        expect(page.get_by_label(field)).to_be_visible()
    page.get_by_label("No", exact=True).check()
    expect(page.get_by_label("Who, and from what?")).to_be_hidden()


def test_what_was_typed_is_kept_to_the_last_space(browse: Callable[..., Page]) -> None:
    page = browse(javascript=False)
    page.goto("/form")
    typed = "\n  Two lines,\n\n    indented 👩🏽‍⚕️ <b>"
    page.get_by_label("What happened?").fill(typed)
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Who, and from what?").fill(typed)
    for _ in range(2):
        page.get_by_role("button", name="Send the report").click()
        expect(page.get_by_label("What happened?")).to_have_value(typed)
        expect(page.get_by_label("Who, and from what?")).to_have_value(typed)


@pytest.mark.parametrize("javascript", [True, False])
def test_choices_in_a_line_stay_in_line(browse: Callable[..., Page], javascript: bool) -> None:
    page = browse(javascript=javascript)
    page.goto("/form")
    yes, no = page.get_by_label("Yes", exact=True), page.get_by_label("No", exact=True)
    assert place(yes)["y"] == place(no)["y"]
    yes.check()
    assert place(yes)["y"] == place(no)["y"]
    revealed = page.get_by_label("Who, and from what?")
    assert place(revealed)["y"] > place(no)["y"] + place(no)["height"]


@pytest.mark.parametrize("width", [320, 375, 700])
def test_on_a_phone_a_row_is_a_card_headed_by_what_it_is_about(browse: Callable[..., Page], width: int) -> None:
    page = browse(width=width)
    page.goto("/list")
    row = page.get_by_role("row").filter(has_text="2026-022")
    head, team, state = row.get_by_role("rowheader"), row.get_by_role("cell").nth(0), row.get_by_role("cell").nth(1)
    expect(head.get_by_text("Reference")).to_be_hidden()
    expect(state.get_by_text("State")).to_be_visible()
    left = place(head.get_by_role("link"))["x"]
    assert place(head.get_by_role("link"))["y"] < place(team)["y"] < place(state)["y"]
    assert place(state.get_by_text("State"))["x"] == pytest.approx(left, abs=1)
    assert place(state.get_by_text("Overdue"))["x"] > left + 80
    assert_fits(page, width)


def test_on_a_wide_screen_a_table_has_columns(page: Page) -> None:
    page.goto("/list")
    row = page.get_by_role("row").filter(has_text="2026-022")
    assert place(row.get_by_role("rowheader"))["y"] == place(row.get_by_role("cell").nth(1))["y"]
    expect(row.get_by_role("cell").nth(1).get_by_text("State")).to_be_hidden()


def test_by_keyboard_past_the_menu(page: Page) -> None:
    page.goto("/record")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#maincontent")


class TestDrafts:
    def test_saved_as_it_is_typed(self, page: Page) -> None:
        page.goto("/form")
        page.get_by_label("What happened?").fill("First")
        expect(page.get_by_text("Saved at 14:03")).to_be_visible()
        assert gallery.DRAFTS[-1]["what"] == ["First"]
        assert page.locator("[name=draft]").input_value() == "17"
        page.get_by_label("Owner").fill("Anna")
        page.get_by_label("Owner").press("Tab")
        with page.expect_response("**/draft"):
            pass
        assert gallery.DRAFTS[-1] | {"what": ["First"], "owner": ["Anna"], "draft": ["17"]} == gallery.DRAFTS[-1]
        assert "csrfmiddlewaretoken" not in gallery.DRAFTS[-1]

    def test_a_day_tapped_is_kept_as_one_typed(self, page: Page) -> None:
        page.goto("/form")
        page.get_by_label("Day", exact=True).first.fill("7")
        with page.expect_response("**/draft"):
            page.get_by_role("button", name="Yesterday, 22 November").click()
        expect(page.get_by_label("Time")).to_be_focused()
        expected = {"when-day": ["22"], "when-month": ["11"], "when-year": ["2026"]}
        assert gallery.DRAFTS[-1] | expected == gallery.DRAFTS[-1]
        assert gallery.SENT == []
        page.get_by_label("Time").fill("11.50pm")
        page.get_by_role("button", name="Today, 23 November").click()
        assert [page.locator(f"[name=when-{part}]").input_value() for part in ("day", "month", "time")] == [
            *("23", "11", "11.50pm")
        ]

    def test_without_a_program_no_day_is_offered_to_tap(self, browse: Callable[..., Page]) -> None:
        page = browse(javascript=False)
        page.goto("/form")
        expect(page.locator("[name=when-day]")).to_be_visible()
        expect(page.get_by_text("Today, 23 November")).to_be_hidden()

    def test_nothing_typed_nothing_saved(self, page: Page) -> None:
        page.goto("/form")
        page.get_by_label("Owner").focus()
        page.get_by_label("Owner").dispatch_event("change")
        page.goto("/list")
        assert gallery.DRAFTS == []

    def test_leaving_the_page_saves_what_was_typed_last(self, page: Page) -> None:
        page.goto("/form")
        page.get_by_label("Owner").fill("Anna")
        with page.expect_request("**/draft"):
            page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden'})")
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def test_signed_out_meanwhile_says_so(self, page: Page) -> None:
        page.route("**/draft", lambda route: route.fulfill(status=302, headers={"location": "/account/login/"}))
        page.goto("/form")
        page.get_by_label("Owner").fill("Anna")
        expect(page.get_by_text("Not saved: you have been signed out.")).to_be_visible()
        expect(page.get_by_label("Owner")).to_have_value("Anna")

    def test_a_fault_is_said_and_tried_again(self, page: Page, complaints: Any) -> None:
        answers = iter(["failed", "fine"])

        def answer(route: Route) -> None:
            route.abort() if next(answers) == "failed" else route.continue_()

        page.clock.install()
        page.route("**/draft", answer)
        page.goto("/form")
        page.get_by_label("Owner").fill("Anna")
        page.clock.run_for(2_000)
        expect(page.get_by_text("Not saved yet. Trying again.")).to_be_visible()
        page.clock.run_for(11_000)
        expect(page.get_by_text("Saved at 14:03")).to_be_visible()
        complaints.found.clear()  # the failed request is part of the journey


class TestSendingOnce:
    def test_two_clicks_send_one_report(self, page: Page) -> None:
        page.goto("/form")
        button = page.get_by_role("button", name="Send the report")
        button.evaluate("button => { button.click(); button.click(); }")
        expect(page).to_have_title("Error: Report an incident – Safer Practice")
        assert len(gallery.SENT) == 1

    def test_the_button_pressed_is_part_of_what_is_sent(self, page: Page) -> None:
        page.goto("/form")
        page.get_by_role("button", name="Save for later").click()
        expect(page).to_have_title("Error: Report an incident – Safer Practice")
        assert gallery.SENT[0]["later"] == ["yes"]

    def test_after_going_back_it_can_be_sent_again(self, page: Page) -> None:
        page.goto("/form")
        for _ in range(2):
            page.get_by_role("button", name="Send the report").click()
            expect(page).to_have_title("Error: Report an incident – Safer Practice")
            page.go_back()
            expect(page).to_have_title("Report an incident – Safer Practice")
        assert len(gallery.SENT) == 2


def test_a_step_that_cannot_be_taken_does_nothing(page: Page) -> None:
    page.goto("/record")
    page.get_by_role("button", name="Complete the review").click(force=True)
    expect(page).to_have_url("/record")
    expect(page.get_by_role("button", name="Complete the review")).to_have_accessible_description(
        "Add the timeline first."
    )


class TestPhones:
    def test_filters_are_folded_until_one_is_set(self, browse: Callable[..., Page]) -> None:
        page = browse(width=375)
        page.goto("/list")
        expect(page.get_by_label("Search")).to_be_hidden()
        page.get_by_text("Filter", exact=True).click()
        page.get_by_label("Search").fill("oak")
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url("/list?q=oak&team=")
        expect(page.get_by_label("Search")).to_be_visible()

    def test_without_javascript_they_are_open(self, browse: Callable[..., Page]) -> None:
        page = browse(width=375, javascript=False)
        page.goto("/list")
        expect(page.get_by_label("Search")).to_be_visible()


def test_sorting(page: Page) -> None:
    page.goto("/list?team=1")
    for expected in ("?team=1&sort=days", "?team=1&sort=-days", "?team=1&sort=days"):
        page.get_by_role("link", name="Days").click()
        expect(page).to_have_url(f"/list{expected}")
    expect(page.get_by_role("columnheader", name="Days")).to_have_attribute("aria-sort", "ascending")


def test_the_time_that_came_twice_is_asked_about(page: Page) -> None:
    page.goto("/form")
    for name, typed in {"when-day": "25", "when-month": "10", "when-year": "2026", "when-time": "1:30am"}.items():
        page.locator(f"[name={name}]").fill(typed)
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("link", name="happened twice on 25 October 2026").click()
    page.get_by_label("The second time, after (GMT)").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("link", name="happened twice")).to_have_count(0)


def test_print(page: Page) -> None:
    page.goto("/record")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Accept")).to_be_hidden()
    expect(page.get_by_text("Referred")).to_be_visible()
