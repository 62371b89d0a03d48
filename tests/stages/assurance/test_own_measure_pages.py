"""Pages of an impact check on an own measure: choosing it, its numbers with the rows behind them, what was left out."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.queries import baseline_of, newest_by_look
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live
from saferpractice.incidents.models import Incident
from tests.factories.assurance import DECLARED_AT, FIRST_LOOK, LAST_LOOK, a_plan
from tests.factories.changes import a_change
from tests.factories.own_measures import ALL_INCIDENTS, IN_TIME, an_own_plan, asked, happened
from tests.factories.pathways import used
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16", "R20")]

LIVE_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
BEFORE, AFTER = date(2025, 6, 1), date(2026, 5, 1)


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    used(cast)
    agreed = a_change(cast)
    go_live(by=agreed.owner, at=LIVE_AT, change=agreed, live_at=LIVE_AT)
    return OperationalChange.objects.get(pk=agreed.pk)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def filled(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "submission_key": uuid4().hex,
        "own_measure": IN_TIME,
        "place": str(cast.north.pk),
        "length": "month",
        "serves": "used",
        "direction": "increase",
        "smallest_percent": "10",
        "baseline_from": "2025-02-01",
        "baseline_to": "2026-01-31",
        "roll_in_from": "2026-03-16",
        "roll_in_to": "2026-03-31",
        "look_1": "2026-07-01",
        "look_2": "2026-10-01",
        "primary": "yes",
        **changes,
    }


@pytest.fixture(autouse=True)
def _declared_at(the_clock: Any) -> None:
    the_clock.stand_at(DECLARED_AT)


class TestDeclaring:
    def test_the_measure_is_chosen_and_the_baseline_is_there_at_once(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        asked(cast.north, BEFORE, in_time=3, late=5)
        client = signed_in(cast.quality_lead)
        address = reverse("assurance:new_own_plan", args=[change.pk])
        assert f'href="{address}"' in page(client, "assurance:new_plan", change.pk)
        answer = client.post(address, filled(cast, compared_with=str(cast.east.pk)))
        plan = ImpactPlan.objects.get()
        assert answer["Location"] == reverse("assurance:plan", args=[plan.pk])
        assert (plan.own_measure.measure_key, plan.own_measure.compared_with) == (IN_TIME, cast.east)
        assert float(plan.smallest_effect) == 0.1
        baseline = baseline_of(plan)
        assert baseline is not None and (baseline.count, baseline.out_of) == (3, 8)

    def test_only_what_can_be_judged_and_what_the_planner_reads_is_offered(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        shown = page(signed_in(cast.duty_manager), "assurance:new_own_plan", change.pk)
        offered = set(re.findall(r'<option value="([^"]+)"', shown))
        assert {IN_TIME, ALL_INCIDENTS, str(cast.north.pk), str(cast.riverside.pk)} <= offered
        assert not offered & {"loop.triage.time", "all", str(cast.east.pk), str(cast.harbour.pk)}
        assert 'name="compared_with"' not in shown, "a duty manager of Riverside reads no team without the change"

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("direction", "reduce", "Of this measure higher is better"),
            ("own_measure", "", "Choose the measure that will show it"),
            ("own_measure", "loop.triage.time", "own_measure-error"),
            ("place", "", "Choose whose numbers are read"),
            ("look_1", "2026-03-20", "The first look must come after the roll-in"),
        ],
    )
    def test_what_is_wrong_is_said_beside_it_and_nothing_is_kept(
        self, cast: Cast, change: OperationalChange, field: str, value: str, said: str
    ) -> None:
        client = signed_in(cast.quality_lead)
        answer = client.post(
            reverse("assurance:new_own_plan", args=[change.pk]), filled(cast, look_2="", **{field: value})
        )
        assert said in html.unescape(answer.content.decode())
        assert not ImpactPlan.objects.exists()

    def test_who_reads_no_numbers_of_its_places_counts_by_hand(self, cast: Cast) -> None:
        used(cast)
        change = a_change(cast, owner=cast.worker)
        answer = signed_in(cast.worker).get(reverse("assurance:new_own_plan", args=[change.pk]))
        assert answer["Location"] == reverse("assurance:new_plan", args=[change.pk])

    def test_amending_starts_from_what_was_declared(self, cast: Cast, change: OperationalChange) -> None:
        plan = an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place, compared=cast.east.pk)
        client = signed_in(cast.quality_lead)
        shown = page(client, "assurance:amend", plan.pk)
        for chosen in (IN_TIME, cast.north.pk, cast.east.pk):
            assert re.search(f'<option value="{chosen}"[^>]* selected', shown)
        client.post(
            reverse("assurance:amend", args=[plan.pk]),
            filled(cast, place=str(cast.south.pk), why="South began first"),
        )
        assert plan.replaced_by.own_measure.team == cast.south


class TestThePlan:
    @pytest.fixture
    def plan(self, cast: Cast, change: OperationalChange, the_clock: Any) -> ImpactPlan:
        asked(cast.north, BEFORE, in_time=10, late=30)
        plan = an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place)
        asked(cast.north, AFTER, in_time=38, late=2)
        the_clock.stand_at(datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
        return plan

    def test_a_look_that_has_come_is_read_with_one_button(self, cast: Cast, plan: ImpactPlan) -> None:
        client = signed_in(cast.duty_manager)
        assert "Read the numbers now" in page(client, "assurance:plan", plan.pk)
        address = reverse("assurance:read_numbers", args=[plan.pk])
        assert client.post(address).status_code == 302
        assert newest_by_look(plan)[FIRST_LOOK].count == 38
        shown = page(client, "assurance:plan", plan.pk)
        assert "Improved" in shown and "Read the numbers now" not in shown
        assert "The next look is read by itself on 1 October 2026" in shown
        again = client.post(address, follow=True)
        assert "There is nothing to read yet" in again.content.decode()

    def test_the_rows_behind_each_number_are_one_link_away(
        self, cast: Cast, change: OperationalChange, the_clock: Any
    ) -> None:
        counted = happened(cast, cast.north, BEFORE, 2), happened(cast, cast.north, AFTER, 3)
        plan = an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place, key=ALL_INCIDENTS)
        the_clock.stand_at(datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
        client = signed_in(cast.quality_lead)
        client.post(reverse("assurance:read_numbers", args=[plan.pk]))
        shown = page(client, "assurance:plan", plan.pk)
        links = re.findall(rf'href="({reverse("assurance:measure_rows", args=[ALL_INCIDENTS])}[?][^"]+)"', shown)
        for link, incidents in zip(links, counted, strict=True):
            behind = client.get(link).content.decode()
            assert all(one.reference in behind for one in incidents)
            assert sum(one.reference in behind for both in counted for one in both) == len(incidents)

    def test_rows_are_led_to_only_for_who_reads_the_place(self, cast: Cast, plan: ImpactPlan) -> None:
        shown = page(signed_in(cast.worker), "assurance:plan", plan.pk)
        assert "measures/" not in shown.split("<main")[1]
        assert "Read the numbers now" in shown, "with the reason why this person may not"
        assert reverse("assurance:read_numbers", args=[plan.pk]) not in shown

    def test_numbers_have_no_page_to_type_them(self, cast: Cast, plan: ImpactPlan) -> None:
        client = signed_in(cast.quality_lead)
        look = plan.looks.get(on=LAST_LOOK)
        for name, pk in (("assurance:result", plan.pk), ("assurance:look", look.pk)):
            assert client.get(reverse(name, args=[pk]))["Location"] == reverse("assurance:plan", args=[plan.pk])
        assert client.get(reverse("assurance:read_numbers", args=[plan.pk])).status_code == 405

    def test_a_plan_counted_by_hand_has_no_such_button(self, cast: Cast, change: OperationalChange) -> None:
        plan = a_plan(by=cast.quality_lead, change=change)
        client = signed_in(cast.quality_lead)
        assert "Read the numbers now" not in page(client, "assurance:plan", plan.pk)
        answer = client.post(reverse("assurance:read_numbers", args=[plan.pk]), follow=True)
        assert "entered by hand" in answer.content.decode()

    def test_what_was_left_out_is_named_to_who_may_open_it(self, cast: Cast, change: OperationalChange) -> None:
        story = Incident.objects.get(findings__changes=change)
        asked(cast.north, BEFORE, late=4, story=story.pk)
        happened(cast, cast.north, BEFORE, 1)
        plan = an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place)
        shown = {who: page(signed_in(cast.people()[who]), "assurance:plan", plan.pk) for who in ("lead", "worker")}
        assert story.reference in shown["lead"]
        assert story.reference not in shown["worker"]
        assert all("no measure of ordinary times" in one for one in shown.values())


class TestBesideTheVerdict:
    """What was there already, and what happened without the change, is read from the same rows."""

    @pytest.fixture
    def plan(self, cast: Cast, change: OperationalChange, the_clock: Any) -> ImpactPlan:
        for team, late in ((cast.north, 6), (cast.east, 6)):
            for number in range(12):
                month = date(2025 + (1 + number) // 12, (1 + number) % 12 + 1, 1)
                asked(team, month, in_time=2 + number % 2, late=late)
        plan = an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place, compared=cast.east.pk)
        for month in (4, 5, 6):
            asked(cast.north, date(2026, month, 1), in_time=12, late=1)
            asked(cast.east, date(2026, month, 1), in_time=3, late=9)
        the_clock.stand_at(datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
        return plan

    def test_nothing_stands_there_before_a_look(self, cast: Cast, plan: ImpactPlan) -> None:
        shown = page(signed_in(cast.quality_lead), "assurance:plan", plan.pk)
        assert "Was a trend there already?" not in shown and "What happened without the change?" not in shown

    def test_the_team_without_the_change_and_the_trend_are_said_in_a_sentence(
        self, cast: Cast, plan: ImpactPlan
    ) -> None:
        client = signed_in(cast.quality_lead)
        client.post(reverse("assurance:read_numbers", args=[plan.pk]))
        shown = page(client, "assurance:plan", plan.pk)
        assert "there are 12 and 3" in shown
        assert "Set against East team, where the change is not, North team moved by" in shown
        assert "(99.9% interval" in shown and "does not explain it" in shown
        assert "30 of 102" in shown and "36 of 39" in shown and "9 of 36" in shown

    def test_a_trend_through_the_months_is_found(self, cast: Cast, change: OperationalChange, the_clock: Any) -> None:
        for number in range(23):
            month = date(2025 + (1 + number) // 12, (1 + number) % 12 + 1, 1)
            asked(cast.north, month, in_time=3 + number, late=26 - number)
        plan = an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place, looks=(date(2027, 1, 4),))
        the_clock.stand_at(datetime(2027, 1, 4, 10, 0, tzinfo=UTC))
        client = signed_in(cast.quality_lead)
        client.post(reverse("assurance:read_numbers", args=[plan.pk]))
        shown = page(client, "assurance:plan", plan.pk)
        assert "A trend was there before the change: up by 3.45 percentage points a month" in shown
        assert "it stands at 86.2%" in shown and "it stepped by 0 percentage points" in shown
        assert "The trend before and after" in shown
