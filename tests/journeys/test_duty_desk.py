"""The duty manager at the desk, and a worker who tries to reach somebody: by keyboard, by thumb, without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.deadlines.models import Obligation
from saferpractice.jobs import sweeps
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries import owed_rows
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_record, hours
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import Cast, build_cast

Browse = Callable[..., Page]
TWO = ("infection-risk", "refusal-of-care")
ROW = "#desk [data-row]"


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(hours(8))
    sweeps.beat(hours(8))
    return build_cast()


def at_threshold(cast: Cast, person: str = "P-1042") -> PathwayCase:
    case = a_case(cast, person=person)
    a_record(case, "checklist", 1, by=cast.worker, present=TWO)
    return case


class Keyboard:
    """Somebody without a mouse: every key is counted, but for the letters of what they write."""

    ON = """() => {
      const at = document.activeElement;
      if (!at.matches("a, button, summary, input, select, textarea")) return "";
      const label = at.labels && at.labels.length ? at.labels[0].innerText : at.innerText || "";
      const group = at.closest("fieldset");
      return `${group ? group.querySelector("legend").innerText + " " : ""}${label}`.replace(/\\s+/g, " ").trim();
    }"""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def to(self, words: str, most: int = 40) -> None:
        """Go on until what has the focus is called ``words``."""
        for _ in range(most):
            if words in self.page.evaluate(self.ON):
                return
            self.press("Tab")
        raise AssertionError(f"“{words}” was not reached; the focus is on “{self.page.evaluate(self.ON)}”")

    def write(self, words: str, text: str) -> None:
        self.to(words)
        self.page.keyboard.type(text)


@pytest.mark.requirement("R18")
def test_a_consultation_is_recorded_without_a_mouse_and_with_few_keys(cast: Cast, browse: Browse) -> None:
    case = at_threshold(cast)
    page = browse(as_=cast.duty_manager)
    page.goto("/duty")
    keys = Keyboard(page)
    keys.press("Tab")
    keys.press("Enter")  # skip to the content
    keys.to("Consult the duty manager or safeguarding lead")
    keys.press("Enter")
    page.wait_for_url("**/write/consultation**")
    expect(page.get_by_label("Who was consulted?")).to_have_value("duty_manager")
    keys.to("What was decided?")
    keys.press("ArrowDown")
    keys.write("Why?", "Two indicators, and she refuses the nurse.")
    keys.write("capacity", "Presumed. She weighs it and says no.")
    keys.write("What does the person want to happen?", "Wren to come, and nobody else.")
    keys.write("What is done now", "Wren stays until the nurse rings.")
    keys.to("Save")
    keys.press("Enter")
    page.wait_for_url("**/duty")
    (owed, *_) = owed_rows(case)
    record = PathwayRecord.objects.get(kind="consultation")
    assert owed.obligation.met_by_id == record.pk
    assert (record.values["consulted"], record.happened_at, record.decided_by) == (
        "duty_manager", hours(8), cast.duty_manager,
    )  # fmt: skip
    assert keys.keys <= 40, f"{keys.keys} keys beside what was written"


@pytest.mark.requirement("R18", "R22")
def test_the_desk_as_it_looks(cast: Cast, browse: Browse) -> None:
    an_incident(
        by=cast.worker, team=cast.north, still_at_risk="yes", risk_words="He is there", physical_harm="moderate",
        at=hours(7),
    )  # fmt: skip
    at_threshold(cast)
    case = a_case(cast, "lost-contact", person="P-2211")
    for hour in (6, 7):
        a_record(case, "missed-contact", hour, by=cast.worker, what="no-reply")
    Obligation.objects.filter(title__startswith="Tell duty").update(due_at=hours(7), next_escalation_at=hours(7))
    sweeps.escalate_due(hours(8))
    desk = Hands(browse(as_=cast.duty_manager)).open("/duty").sees("Still at risk", "Escalated").looks("duty-desk")
    desk.sees("Escalated to you: late and not done yet").press("I have seen this")
    desk.does_not_see("Escalated to you")
    expect(desk.page).to_have_url(re.compile("/duty$"))
    Hands(browse(as_=cast.lead, width=375)).open("/duty").sees("To Corin Vale, Dale Marlow, Wren Ashdown").looks()


class Desk:
    """The desk open in a window whose timers the test winds on."""

    def __init__(self, cast: Cast, browse: Browse) -> None:
        self.page = browse(as_=cast.duty_manager)
        self.page.clock.install()
        self.page.goto("/duty")
        self.status = self.page.get_by_role("status")

    def half_a_minute(self) -> None:
        with self.page.expect_response("**/duty/rows*"):
            self.page.clock.run_for(31_000)

    def rows(self) -> int:
        return self.page.locator(ROW).count()


@pytest.fixture
def desk(cast: Cast, browse: Browse) -> Desk:
    at_threshold(cast)
    opened = Desk(cast, browse)
    opened.page.mouse.move(5, 5)
    opened.page.clock.run_for(9_000)
    return opened


@pytest.mark.requirement("R22")
class TestKeptFresh:
    def test_what_is_new_comes_by_itself_and_is_said(self, desk: Desk, cast: Cast) -> None:
        at_threshold(cast, "P-2211")
        desk.half_a_minute()
        expect(desk.page.locator(ROW)).to_have_count(2)
        expect(desk.status).to_have_text("Brought up to date: 1 new.")
        assert desk.status.get_attribute("aria-live") == "polite"
        a_record(
            PathwayCase.objects.get(person_supported__reference="P-2211"), "checklist", 2, by=cast.worker, present=[]
        )

    def test_the_focus_stays_where_it_is_and_nothing_moves(self, desk: Desk, cast: Cast) -> None:
        link = desk.page.locator(ROW).first
        link.focus()
        before = link.bounding_box()
        an_incident(by=cast.worker, team=cast.north, still_at_risk="yes", risk_words="There", at=hours(8))
        desk.half_a_minute()
        expect(desk.status).to_have_text("There is news: 1 new. Nothing below has moved.")
        expect(link).to_be_focused()
        assert (link.bounding_box(), desk.rows()) == (before, 1)
        show = desk.page.get_by_role("button", name="Show what is new")
        show.focus()
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator(ROW)).to_have_count(2)
        expect(desk.page.locator(ROW).first).to_contain_text("Triage incident")
        expect(show).to_be_hidden()

    def test_no_row_moves_under_the_pointer(self, desk: Desk, cast: Cast) -> None:
        row = desk.page.locator(ROW).first
        row.hover()
        before = row.bounding_box()
        an_incident(by=cast.worker, team=cast.north, still_at_risk="yes", risk_words="There", at=hours(8))
        desk.half_a_minute()
        expect(desk.status).to_contain_text("Nothing below has moved")
        assert (row.bounding_box(), desk.rows()) == (before, 1)

    def test_a_form_that_is_being_filled_in_is_left_alone(self, desk: Desk, cast: Cast) -> None:
        choice = desk.page.get_by_label("What", exact=True)
        choice.select_option(label="Pathways")
        choice.focus()
        at_threshold(cast, "P-2211")
        desk.half_a_minute()
        expect(desk.page.locator(ROW)).to_have_count(2)
        expect(choice).to_have_value("pathways")
        expect(choice).to_be_focused()

    def test_the_time_left_goes_on_in_the_rows_that_stand_there(self, desk: Desk, the_clock: TestClock) -> None:
        row = desk.page.locator("#desk-table tbody tr").first
        expect(row).to_contain_text("13 hours left")
        row.evaluate("row => { row.mine = true }")
        the_clock.stand_at(hours(11))
        sweeps.beat(hours(11))
        desk.half_a_minute()
        expect(row).to_contain_text("10 hours 55 minutes left")
        assert row.evaluate("row => row.mine"), "it is the same row, not another in its place"
        expect(desk.status).to_be_empty()

    def test_a_silent_worker_is_said(self, desk: Desk, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(9))
        desk.half_a_minute()
        expect(desk.page.get_by_text("Deadlines are not being watched")).to_be_visible()

    def test_whoever_is_signed_out_is_told_and_keeps_what_they_saw(self, desk: Desk) -> None:
        desk.page.context.clear_cookies()
        desk.half_a_minute()
        expect(desk.status).to_contain_text("Not kept up to date: you are signed out")
        assert desk.rows() == 1

    def test_without_scripts_a_link_does_the_same(self, cast: Cast, browse: Browse) -> None:
        at_threshold(cast)
        plain = Hands(browse(as_=cast.duty_manager, javascript=False)).open("/duty?what=pathways").sees("P-1042")
        at_threshold(cast, "P-2211")
        plain.does_not_see("P-2211").follow("Refresh").sees("P-2211")
        expect(plain.page.get_by_role("button", name="Show what is new")).to_have_count(0)


@pytest.mark.requirement("R21", "R22", "R23")
class TestReaching:
    @pytest.fixture
    def case(self, cast: Cast) -> PathwayCase:
        made = a_case(cast, "lost-contact")
        for hour in (1, 5):
            a_record(made, "missed-contact", hour, by=cast.worker, what="no-reply")
        return made

    @pytest.mark.parametrize("javascript", [True, False])
    def test_how_they_want_to_be_reached_then_two_taps(
        self, cast: Cast, browse: Browse, case: PathwayCase, javascript: bool
    ) -> None:
        worker = Hands(browse(as_=cast.worker, width=375, javascript=javascript))
        worker.open(f"/pathways/cases/{case.pk}").sees("Nobody has written down how they want to be reached")
        worker.sees("The local welfare check route", "Whom to ring for a welfare check")
        worker.follow("Write down how they want to be reached")
        worker.select("The way they like best", "Phone call").write(
            "Number, address or name for way 1", "01632 960 018"
        )
        worker.write("What to mind with way 1", "Not before 10")
        worker.select("Way 2", "Through somebody they chose").write(
            "Number, address or name for way 2", "her sister Ada"
        )
        worker.press("Move way 2 up")
        expect(worker.page.get_by_label("Number, address or name for way 1")).to_have_value("her sister Ada")
        if javascript:
            worker.looks("ways")
        worker.press("Save").is_told("Written down: how the person wants to be reached.")
        worker.sees("2. Phone call", "01632 960 018", "Not before 10")
        if javascript:
            worker.looks("case-reach")
        worker.page.locator("summary", has_text="01632 960 018").click()  # one
        answer = worker.page.get_by_role("button", name="Not reached by phone call")
        box = answer.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["width"] >= 120, "wide enough for a thumb"
        answer.dblclick()  # two, and a finger that trembles
        worker.is_told("Written down: Contact attempt.")
        record = PathwayRecord.objects.get(kind="attempt")
        assert record.values == {"method": "phone", "reached": "no"}
        assert record.happened_at == hours(8)

    def test_the_same_by_keyboard(self, cast: Cast, browse: Browse, case: PathwayCase) -> None:
        page = browse(as_=cast.worker)
        page.goto(f"/pathways/cases/{case.pk}")
        keys = Keyboard(page)
        keys.to("Phone call")
        keys.press("Enter")
        keys.to("Reached by phone call")
        keys.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="Written down: Contact attempt.")).to_be_visible()
        assert PathwayRecord.objects.get(kind="attempt").values["method"] == "phone"


@pytest.mark.requirement("R22")
def test_a_director_is_put_on_call(cast: Cast, browse: Browse) -> None:
    director = Hands(browse(as_=cast.director, width=375)).open("/duty").follow("Which director is on call")
    director.sees("Nobody is on the rota").select("Which director?", "Drew Castell")
    director.give_day("From when?", hours(8)).give_day("Until when?", hours(8) + timedelta(days=2))
    director.press("Put on call").is_told("Drew Castell is on the rota.").sees("On call now").looks("on-call")
    director.follow("Take off").write("Why?", "Ill").press("Take off call").sees("Nobody is on the rota").looks()
