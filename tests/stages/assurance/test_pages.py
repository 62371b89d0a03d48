"""Pages of an impact check: what they show, to whom, what is kept, what is refused."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult
from saferpractice.assurance.operations import amend_plan
from saferpractice.assurance.presenters import panel, verdict_words
from saferpractice.assurance.queries import verdict_today
from saferpractice.assurance.rules import Direction, Kind
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live, withdraw_change
from tests.factories.assurance import FIRST_LOOK, LAST_LOOK, a_plan, counted, declared, the_look
from tests.factories.changes import a_change, a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16")]

LIVE_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
ON_FIRST = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
ON_LAST = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(ON_LAST)


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    agreed = a_change(cast)
    go_live(by=agreed.owner, at=LIVE_AT, change=agreed, live_at=LIVE_AT)
    return OperationalChange.objects.get(pk=agreed.pk)


@pytest.fixture
def plan(cast: Cast, change: OperationalChange) -> ImpactPlan:
    return a_plan(by=cast.quality_lead, change=change)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(person: Person, name: str, *args: Any) -> str:
    response = signed_in(person).get(reverse(f"assurance:{name}", args=args))
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def answers(**changes: str) -> dict[str, str]:
    return {
        "submission_key": "k",
        "measure": "Escalation notes with all four parts",
        "definition": "Notes read against the standard",
        "serves": "used",
        "kind": "proportion",
        "exposure": "notes",
        "direction": "increase",
        "smallest_percent": "20",
        "baseline_from": "2025-02-01",
        "baseline_to": "2026-01-31",
        "roll_in_from": "2026-03-16",
        "roll_in_to": "2026-03-31",
        "look_1": "2026-07-01",
        "look_2": "2026-10-01",
        "primary": "yes",
    } | changes


def amended(cast: Cast, plan: ImpactPlan, at: datetime, **changes: Any) -> ImpactPlan:
    return amend_plan(
        by=cast.lead,
        at=at,
        plan=plan,
        declared=declared(**changes),
        why="The note was given a fifth part",
        submission_key=uuid4().hex,
    )


class TestThePlan:
    def test_it_shows_what_was_declared_so_that_anybody_can_hold_the_result_against_it(
        self, cast: Cast, plan: ImpactPlan
    ) -> None:
        page = shown(cast.lead, "plan", plan.pk)
        for words in (
            "Escalation notes with all four parts",
            "Notes of the month read against the note standard by the quality lead",
            "Whether the change is used",
            "More or higher",
            "A rise of 20 percentage points",
            "1 February 2025 to 31 January 2026",
            "16 March 2026 to 31 March 2026",
            "1 July 2026, 1 October 2026",
            "Primary: it decides whether the change worked",
            "Quill Harker",
        ):
            assert words in page

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"kind": Kind.RATE, "direction": Direction.REDUCE, "smallest_effect": Decimal("0.7")}, "A fall of 30%"),
            ({"kind": Kind.RATE, "direction": Direction.INCREASE, "smallest_effect": Decimal("1.5")}, "A rise of 50%"),
            ({"direction": Direction.REDUCE}, "A fall of 20 percentage points"),
            ({"serves": "outcome"}, "Whether outcomes improve"),
        ],
    )
    def test_each_kind_of_effect_is_said_in_words(
        self, cast: Cast, change: OperationalChange, changes: dict[str, Any], words: str
    ) -> None:
        assert words in shown(cast.lead, "plan", a_plan(by=cast.lead, change=change, **changes).pk)

    def test_an_amended_plan_says_why_and_leads_to_the_earlier_and_back(self, cast: Cast, plan: ImpactPlan) -> None:
        newer = amended(cast, plan, datetime(2026, 5, 1, 9, 0, tzinfo=UTC))
        page = shown(cast.lead, "plan", newer.pk)
        assert "Amended because" in page
        assert "The note was given a fifth part" in page
        assert reverse("assurance:plan", args=[plan.pk]) in page
        old = shown(cast.lead, "plan", plan.pk)
        assert "This plan was amended" in old
        assert reverse("assurance:plan", args=[newer.pk]) in old
        for name in ("result", "amend"):
            assert reverse(f"assurance:{name}", args=[plan.pk]) not in old
            assert reverse(f"assurance:{name}", args=[newer.pk]) in page

    def test_a_late_edit_is_marked_exploratory_wherever_the_verdict_stands(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=FIRST_LOOK)
        address = reverse("changes:change", args=[plan.change_id])
        assert "Exploratory" not in signed_in(cast.lead).get(address).content.decode()
        assert "Exploratory" not in shown(cast.lead, "plan", plan.pk)
        newer = amended(cast, plan, ON_FIRST)
        assert "Exploratory" in signed_in(cast.lead).get(address).content.decode()
        assert "Exploratory" in shown(cast.lead, "plan", newer.pk)
        assert "Improved" not in shown(cast.lead, "plan", newer.pk), "an early look asks for a very clear result"

    def test_numbers_are_shown_with_where_they_come_from_and_who_entered_them(
        self, cast: Cast, plan: ImpactPlan
    ) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.lead, plan=plan, count=24, out_of=30, look=LAST_LOOK)
        page = shown(cast.director, "plan", plan.pk)
        assert "30 notes" in page
        assert "Audit read by the quality lead" in page
        assert "Lark Penrose, 1 October 2026" in page
        assert "Before: 15 of 30 notes (50%). After: 24 of 30 (80%)." in page
        assert "Every verdict on record" in page

    def test_a_share_has_a_chart_and_a_rate_has_none(self, cast: Cast, change: OperationalChange) -> None:
        share = a_plan(by=cast.lead, change=change)
        counted(by=cast.lead, plan=share, count=15, out_of=30)
        assert "sp-chart" in shown(cast.lead, "plan", share.pk)
        rate = a_plan(
            by=cast.lead,
            change=change,
            kind=Kind.RATE,
            direction=Direction.REDUCE,
            smallest_effect=Decimal("0.7"),
            primary=False,
            measure="Late calls",
            exposure="months",
        )
        counted(by=cast.lead, plan=rate, count=15, out_of=12, index_events=0)
        page = shown(cast.lead, "plan", rate.pk)
        assert "12 months" in page
        assert "sp-chart" not in page

    def test_of_a_withdrawn_change_it_is_read_and_nothing_more(self, cast: Cast, plan: ImpactPlan) -> None:
        withdraw_change(by=cast.lead, at=ON_FIRST, change=plan.change, reason="Another way was found.")
        page = shown(cast.lead, "plan", plan.pk)
        assert "The change was withdrawn, so there is nothing to check." in page
        assert reverse("assurance:amend", args=[plan.pk]) not in page
        change_page = signed_in(cast.lead).get(reverse("changes:change", args=[plan.change_id])).content.decode()
        assert reverse("assurance:new_plan", args=[plan.change_id]) not in change_page

    def test_whom_it_reaches_reads_it_and_is_told_why_they_enter_nothing(self, cast: Cast, plan: ImpactPlan) -> None:
        page = shown(cast.colleague, "plan", plan.pk)
        assert "Only its owner, or a reviewer" in page
        assert reverse("assurance:result", args=[plan.pk]) not in page
        assert reverse("assurance:amend", args=[plan.pk]) not in page


class TestWhoLooked:
    def looks(self, person: Person) -> list[tuple[str, bool]]:
        found = AccessEntry.objects.filter(by_id=person.pk).order_by("at", "pk")
        return [(entry.page, entry.story_id is not None) for entry in found]

    @pytest.mark.parametrize(("who", "of_the_case"), [("lead", True), ("duty_manager", True), ("colleague", False)])
    def test_a_look_at_the_case_is_one_only_for_who_may_open_it(
        self, cast: Cast, plan: ImpactPlan, who: str, of_the_case: bool
    ) -> None:
        person = cast.people()[who]
        shown(person, "plan", plan.pk)
        assert self.looks(person) == [("impact check", of_the_case)]

    @pytest.mark.parametrize(
        ("name", "page"), [("result", "impact results"), ("amend", "amend impact plan"), ("plan", "impact check")]
    )
    def test_every_page_leaves_a_trace(self, cast: Cast, plan: ImpactPlan, name: str, page: str) -> None:
        shown(cast.lead, name, plan.pk)
        assert self.looks(cast.lead) == [(page, True)]

    def test_the_form_of_a_new_plan_too(self, cast: Cast, change: OperationalChange) -> None:
        shown(cast.lead, "new_plan", change.pk)
        assert self.looks(cast.lead) == [("impact plan", True)]

    @pytest.mark.parametrize("name", ["plan", "result", "amend", "new_plan", "look"])
    def test_what_is_not_there_is_not_found_and_leaves_none(self, cast: Cast, name: str) -> None:
        assert signed_in(cast.lead).get(reverse(f"assurance:{name}", args=[uuid4()])).status_code == 404
        assert self.looks(cast.lead) == []


class TestTheAddressOfALook:
    def test_it_leads_to_where_its_results_are_entered(self, cast: Cast, plan: ImpactPlan) -> None:
        look = the_look(plan, FIRST_LOOK)
        response = signed_in(cast.lead).get(reverse("assurance:look", args=[look.pk]))
        assert response.headers["Location"] == reverse("assurance:result", args=[plan.pk])

    @pytest.mark.parametrize("who", ["worker_elsewhere", "administrator", "inspector", "stranger"])
    def test_for_others_there_is_none(self, cast: Cast, plan: ImpactPlan, who: str) -> None:
        look = the_look(plan, FIRST_LOOK)
        assert signed_in(cast.people()[who]).get(reverse("assurance:look", args=[look.pk])).status_code == 404


class TestDeclaring:
    def post(self, person: Person, change: OperationalChange, **changes: str) -> Any:
        return signed_in(person).post(reverse("assurance:new_plan", args=[change.pk]), answers(**changes))

    def test_it_begins_with_the_day_the_change_goes_live(self, cast: Cast, change: OperationalChange) -> None:
        page = shown(cast.lead, "new_plan", change.pk)
        for part, value in (("day", "11"), ("month", "3"), ("year", "2026")):
            assert f'name="roll_in_from-{part}" type="text" value="{value}"' in page

    def test_sent_twice_it_is_one_plan_and_both_lead_to_it(self, cast: Cast, change: OperationalChange) -> None:
        first, second = (self.post(cast.lead, change) for _ in range(2))
        made = ImpactPlan.objects.get()
        assert first.headers["Location"] == second.headers["Location"] == reverse("assurance:plan", args=[made.pk])

    def test_the_same_key_from_somebody_else_is_another_form(self, cast: Cast, change: OperationalChange) -> None:
        self.post(cast.lead, change)
        page = self.post(cast.quality_lead, change).content.decode()
        assert "This change has a primary measure already" in html.unescape(page)
        assert ImpactPlan.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"look_1": "2026-03-20", "look_2": ""}, "The first look must come after the roll-in has ended"),
            ({"look_1": "2026-10-01", "look_2": "2026-07-01"}, "Give the looks in order of date"),
            ({"look_1": "2026-07-01", "look_2": "2026-07-01"}, "Give the looks in order of date"),
            ({"kind": "rate", "direction": "reduce", "smallest_percent": "100"}, "Give the smallest worthwhile ratio"),
            ({"smallest_percent": "101"}, "Give the smallest worthwhile difference"),
            ({"baseline_to": "2026-03-16"}, "The baseline overlaps the roll-in"),
            ({"baseline_to": "2025-01-01"}, "The baseline must end on or after the day it begins"),
            ({"roll_in_to": "2026-03-01"}, "The roll-in must end on or after the day it begins"),
            ({"primary": "no"}, "Declare the primary measure first"),
            ({"measure": ""}, "Enter what will show it"),
            ({"kind": "feeling"}, "feeling is not one of the available choices"),
        ],
    )
    def test_what_cannot_be_used_is_said_and_everything_typed_is_kept(
        self, cast: Cast, change: OperationalChange, changes: dict[str, str], sentence: str
    ) -> None:
        page = html.unescape(
            self.post(cast.lead, change, definition="Kept: <b>five</b> parts 🙂", **changes).content.decode()
        )
        assert sentence in page
        assert "Kept: <b>five</b> parts 🙂" in page
        assert not ImpactPlan.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "smallest"),
        [
            ({"kind": "rate", "direction": "reduce", "smallest_percent": "30"}, "0.7"),
            ({"kind": "rate", "direction": "increase", "smallest_percent": "30"}, "1.3"),
            ({"kind": "rate", "direction": "increase", "smallest_percent": "250"}, "3.5"),
            ({"direction": "reduce", "smallest_percent": "12.5"}, "0.125"),
        ],
    )
    def test_what_is_worth_having_is_typed_in_per_cent_and_comes_back_so(
        self, cast: Cast, change: OperationalChange, changes: dict[str, str], smallest: str
    ) -> None:
        self.post(cast.lead, change, **changes)
        made = ImpactPlan.objects.get()
        assert made.smallest_effect == Decimal(smallest)
        assert f'value="{changes["smallest_percent"]}"' in shown(cast.lead, "amend", made.pk)

    def test_a_change_withdrawn_meanwhile_says_so_and_keeps_what_was_typed(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        withdraw_change(by=cast.lead, at=ON_FIRST, change=change, reason="Another way was found.")
        page = self.post(cast.lead, change, definition="Kept words").content.decode()
        assert "This change was withdrawn, so there is nothing to check." in page
        assert "Kept words" in page


class TestAmending:
    def test_a_form_opened_before_somebody_elses_amendment_is_stale_and_kept(
        self, cast: Cast, plan: ImpactPlan
    ) -> None:
        amended(cast, plan, datetime(2026, 5, 1, 9, 0, tzinfo=UTC))
        sent = answers(why="My own reason", definition="My own words")
        response = signed_in(cast.lead).post(reverse("assurance:amend", args=[plan.pk]), sent)
        page = html.unescape(response.content.decode())
        assert response.status_code == 200
        assert "This plan was amended meanwhile. Open the newest one and amend that." in page
        assert "My own words" in page
        assert ImpactPlan.objects.count() == 2

    def test_sent_twice_it_is_amended_once(self, cast: Cast, plan: ImpactPlan) -> None:
        client = signed_in(cast.lead)
        address = reverse("assurance:amend", args=[plan.pk])
        first, second = (client.post(address, answers(why="A fifth part")) for _ in range(2))
        assert first.headers["Location"] == second.headers["Location"]
        assert ImpactPlan.objects.count() == 2

    @pytest.mark.parametrize("why", ["", "   "])
    def test_without_a_reason_it_is_refused(self, cast: Cast, plan: ImpactPlan, why: str) -> None:
        response = signed_in(cast.lead).post(reverse("assurance:amend", args=[plan.pk]), answers(why=why))
        assert "Say why the plan is amended" in response.content.decode()
        assert ImpactPlan.objects.count() == 1


class TestEntering:
    def post(self, person: Person, plan: ImpactPlan, **changes: str) -> Any:
        sent = {"look": "baseline", "count": "9", "out_of": "30", "source": "Audit of the month"} | changes
        return signed_in(person).post(reverse("assurance:result", args=[plan.pk]), sent)

    def test_only_looks_that_have_come_are_offered(self, cast: Cast, plan: ImpactPlan, the_clock: Any) -> None:
        the_clock.stand_at(datetime(2026, 9, 30, 22, 59, tzinfo=UTC))
        page = shown(cast.lead, "result", plan.pk)
        assert "The look on 1 July 2026" in page
        assert "The look on 1 October 2026" not in page
        the_clock.stand_at(datetime(2026, 9, 30, 23, 0, tzinfo=UTC))
        assert "The look on 1 October 2026" in shown(cast.lead, "result", plan.pk)

    def test_a_look_that_has_not_come_cannot_be_slipped_in(self, cast: Cast, plan: ImpactPlan, the_clock: Any) -> None:
        counted(by=cast.lead, plan=plan, count=9, out_of=30)
        the_clock.stand_at(datetime(2026, 6, 30, 12, 0, tzinfo=UTC))
        response = self.post(cast.lead, plan, look=str(the_look(plan, FIRST_LOOK).pk))
        assert response.status_code == 200
        assert ImpactResult.objects.count() == 1

    def test_the_questions_speak_of_what_the_plan_counts(self, cast: Cast, plan: ImpactPlan) -> None:
        page = shown(cast.lead, "result", plan.pk)
        assert "How many notes met the standard?" in page
        assert "How many notes were read?" in page
        assert "How many of them led to the change?" not in page

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"count": ""}, "Enter how many"),
            ({"count": "31"}, "No more notes can be counted than were read."),
            ({"count": "-1"}, "0 or more"),
            ({"out_of": "0"}, "Give how many notes were read"),
            ({"out_of": "29.5"}, "Give a whole number of notes."),
            ({"source": " "}, "Say where the numbers come from"),
            ({"look": "tomorrow"}, "tomorrow is not one of the available choices"),
            ({"look": ""}, "Choose which results these are"),
        ],
    )
    def test_each_slip_is_said_beside_what_was_typed(
        self, cast: Cast, plan: ImpactPlan, changes: dict[str, str], sentence: str
    ) -> None:
        page = html.unescape(self.post(cast.lead, plan, **({"source": "Kept source"} | changes)).content.decode())
        assert sentence in page
        assert "source" in changes or "Kept source" in page
        assert not ImpactResult.objects.exists()

    def test_follow_up_before_the_baseline_is_refused(self, cast: Cast, plan: ImpactPlan) -> None:
        page = self.post(cast.lead, plan, look=str(the_look(plan, FIRST_LOOK).pk)).content.decode()
        assert "Enter the baseline first" in page
        assert not ImpactResult.objects.exists()

    def test_what_whoever_counted_had_to_say_makes_a_verdict_impossible(self, cast: Cast, plan: ImpactPlan) -> None:
        self.post(cast.lead, plan, unstable="on")
        self.post(cast.lead, plan, look=str(the_look(plan, LAST_LOOK).pk), count="29")
        assert "unstable before the change" in shown(cast.lead, "plan", plan.pk)
        assert ImpactCheck.objects.get().verdict == "Cannot be judged"

    def test_sent_twice_it_is_entered_once(self, cast: Cast, plan: ImpactPlan) -> None:
        assert [self.post(cast.lead, plan).status_code for _ in range(2)] == [302, 302]
        assert ImpactResult.objects.count() == 1

    def test_a_plan_amended_meanwhile_is_stale_and_what_was_typed_is_kept(self, cast: Cast, plan: ImpactPlan) -> None:
        amended(cast, plan, datetime(2026, 5, 1, 9, 0, tzinfo=UTC))
        page = self.post(cast.lead, plan, source="Kept source").content.decode()
        assert "Enter the results under the newest plan" in page
        assert "Kept source" in page

    def test_events_that_led_to_the_change_are_asked_for_beside_their_field(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=datetime(2026, 1, 10, 12, 0, tzinfo=UTC))
        finding = a_finding(cast, review=a_review(cast, "B", incident=incident))
        plan = a_plan(
            by=cast.lead,
            change=a_change(cast, findings=[finding]),
            kind=Kind.RATE,
            direction=Direction.REDUCE,
            smallest_effect=Decimal("0.7"),
            exposure="months",
        )
        page = html.unescape(self.post(cast.lead, plan, count="20", out_of="12").content.decode())
        assert "How many of them led to the change?" in page
        assert "Say how many of these led to the change (10 January 2026)" in page
        assert self.post(cast.lead, plan, count="20", out_of="12", index_events="3").status_code == 302
        assert ImpactResult.objects.get().index_events == 3

    @pytest.mark.parametrize("who", ["lead", "quality_lead", "director", "duty_manager", "reviewer"])
    def test_who_may(self, cast: Cast, plan: ImpactPlan, who: str) -> None:
        assert self.post(cast.people()[who], plan).status_code == 302

    @pytest.mark.parametrize("who", ["worker", "colleague", "supervisor", "duty_manager_elsewhere", "inspector"])
    def test_who_may_not_finds_no_such_page(self, cast: Cast, plan: ImpactPlan, who: str) -> None:
        assert self.post(cast.people()[who], plan).status_code == 404
        assert not ImpactResult.objects.exists()


class TestThePanel:
    def of(self, cast: Cast, change: OperationalChange) -> Any:
        incident = change.findings.get().incident
        return panel(incident=incident, by=cast.lead, at=ON_LAST)

    def test_a_change_without_a_plan_says_so(self, cast: Cast, change: OperationalChange) -> None:
        page = signed_in(cast.lead).get(reverse("changes:change", args=[change.pk])).content.decode()
        assert "No impact check has been planned." in page
        assert self.of(cast, change)["changes"][0]["not_tested"] == ""

    @pytest.mark.parametrize(
        ("serves", "sentence"),
        [
            (["used"], "No plan tests yet whether outcomes improve."),
            (["outcome"], "No plan tests yet whether the change is used."),
            (["used", "outcome"], ""),
            (["outcome", "used"], ""),
        ],
    )
    def test_a_change_is_tested_for_use_and_for_outcomes(
        self, cast: Cast, change: OperationalChange, serves: list[str], sentence: str
    ) -> None:
        for number, one in enumerate(serves):
            a_plan(by=cast.lead, change=change, serves=one, primary=number == 0, measure=f"Measure {number}")
        assert self.of(cast, change)["changes"][0]["not_tested"] == sentence

    def test_withdrawn_changes_are_left_out(self, cast: Cast, change: OperationalChange) -> None:
        withdraw_change(by=cast.lead, at=ON_FIRST, change=change, reason="Another way was found.")
        assert self.of(cast, change) is None

    @pytest.mark.parametrize(
        ("after", "word", "meaning"),
        [(29, "Improved", "good"), (4, "Got worse", "bad"), (16, "Not shown", "warning")],
    )
    def test_the_verdict_has_its_word_and_its_colour(
        self, cast: Cast, plan: ImpactPlan, after: int, word: str, meaning: str
    ) -> None:
        counted(by=cast.lead, plan=plan, count=15, out_of=30)
        counted(by=cast.lead, plan=plan, count=after, out_of=30, look=LAST_LOOK)
        words = verdict_words(verdict_today(plan, LAST_LOOK))
        assert (words["word"], words["meaning"], words["alpha"]) == (word, meaning, 0.05)


def test_what_a_page_costs_does_not_grow_with_the_numbers_entered(cast: Cast, plan: ImpactPlan) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            shown(cast.lead, "plan", plan.pk)
        return len(captured)

    counted(by=cast.lead, plan=plan, count=15, out_of=30)
    counted(by=cast.lead, plan=plan, count=20, out_of=30, look=FIRST_LOOK)
    few = cost()
    for count in range(21, 30):
        counted(by=cast.lead, plan=plan, count=count, out_of=30, look=FIRST_LOOK)
        counted(by=cast.lead, plan=plan, count=count, out_of=30, look=LAST_LOOK)
    assert cost() == few
