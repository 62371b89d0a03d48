"""Pages of charts: the chart of a measure, new limits by a quality lead with a reason, and team by team."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person, Team
from saferpractice.access.operations import create_team
from saferpractice.access.rules import Place
from saferpractice.assurance.models import ChartRebase
from saferpractice.assurance.operations import withdraw_rebase
from saferpractice.assurance.rules.measures.periods import Length, begins_at, last_periods
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from tests.factories.assurance import a_rebase
from tests.factories.changes import a_live_change
from tests.factories.incidents import an_incident
from tests.factories.pathways import used
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R25", "R36")]

KEY = "self-neglect.same-day-consultation"
MONTHS = last_periods(Length.MONTH, local_day(NOW), 25)[:-1]
"""Two years of months that are over."""
WHY = "Two people look at every missed contact since then"
ORDINARY = [6, 7, 5, 6, 8, 6, 7, 5, 6, 7, 8, 6]
WORSE = [*ORDINARY, *ORDINARY[:11], 1]
BETTER = [*[3] * 12, *[9] * 12]


@pytest.fixture(autouse=True)
def _now(the_clock: Any, cast: Cast) -> None:
    the_clock.stand_at(NOW)
    used(cast)


def consulted(team: Team, met: list[int], out_of: int = 10) -> None:
    """In each month so many of ``out_of`` consultations in time, the rest late."""
    rows = []
    for period, in_time in zip(MONTHS[-len(met) :], met, strict=True):
        for number in range(out_of):
            at = begins_at(period) + timedelta(days=number, hours=9)
            rows.append(_owed(team, at, hours=2 if number < in_time else 30))
    Obligation.objects.bulk_create(rows)


def _owed(team: Team, at: datetime, hours: int) -> Obligation:
    return Obligation(
        provider_id=team.provider_id, team=team, kind="pathways.owed", standard="self-neglect.consult",
        title="Asked", subject_type="a.row", subject_id=uuid4(), role="support_worker", clock="local",
        opened_at=at, due_at=at + timedelta(hours=8), met_at=at + timedelta(hours=hours),
    )  # fmt: skip


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(name: str, *more: Any, place: str = "", **query: str) -> str:
    asked = {"place": place, **query}
    return reverse(f"assurance:{name}", args=[KEY, *more]) + "?" + "&".join(f"{k}={v}" for k, v in asked.items() if v)


def page(person: Person, name: str, *more: Any, status: int = 200, **query: str) -> str:
    response = browser(person).get(address(name, *more, **query))
    assert response.status_code == status
    return html.unescape(response.content.decode())


def send(person: Person, name: str, *more: Any, place: str = "", **sent: str) -> Any:
    return browser(person).post(address(name, *more, place=place), {"submission_key": uuid4().hex, **sent})


class TestTheChartOfAMeasure:
    def test_it_stands_on_its_page_with_why_and_table(self, cast: Cast) -> None:
        consulted(cast.north, WORSE)
        found = page(cast.quality_lead, "measure", place=str(cast.north.pk))
        assert '<svg class="sp-spc"' in found
        assert "Drawn as a p chart." in found
        assert "Special cause: lower, and that is a concern" in found
        assert f"{MONTHS[-1].label}: 10%" in found
        assert "is not over: it counts for nothing" not in found, "nothing was owed in the running month"

    def test_a_change_that_went_live_is_marked(self, cast: Cast) -> None:
        consulted(cast.north, WORSE)
        a_live_change(cast, title="A second look at each", at=NOW - timedelta(days=60))
        for who, marked in ((cast.quality_lead, True), (cast.supervisor, True)):
            found = page(who, "measure", place=str(cast.north.pk))
            assert ("A second look at each</a>" in found) is marked
        assert "A second look at each" not in page(cast.quality_lead, "measure", place=str(cast.east.pk))

    @pytest.mark.parametrize(
        ("who", "may"), [("quality_lead", True), ("lead", False), ("duty_manager", False), ("worker", False)]
    )
    def test_only_a_quality_lead_is_offered_new_limits(self, cast: Cast, who: str, may: bool) -> None:
        found = page(getattr(cast, who), "measure", place=str(cast.north.pk))
        assert ("Begin new limits on this chart" in found) is may

    def test_a_worker_sees_no_small_number_in_the_picture_either(self, cast: Cast) -> None:
        consulted(cast.north, [3] * 20, out_of=4)
        mine, theirs = (page(who, "measure", place=str(cast.north.pk)) for who in (cast.worker, cast.quality_lead))
        assert "75%" in theirs
        assert "75%" not in mine
        assert "No value is known here yet, so no chart is drawn." in mine
        assert "sp-spc-wide" in theirs
        assert "sp-spc-wide" not in mine

    def test_rare_events_are_refused_in_words(self, cast: Cast) -> None:
        for days in (40, 90, 200):
            an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(days=days), person_reference=f"P-{days}")
        name = re.search(r'href="/measures/(incidents[^"?/]*)', html.unescape(
            browser(cast.quality_lead).get("/measures").content.decode()
        ))  # fmt: skip
        assert name is not None
        found = html.unescape(browser(cast.quality_lead).get(f"/measures/{name[1]}").content.decode())
        assert "Drawn as an XmR chart" not in found
        assert "So nothing is concluded from it yet." in found
        assert 'sp-spc-icon"' not in found


class TestRebasing:
    def test_a_person_and_a_reason_stand_on_the_chart(self, cast: Cast) -> None:
        consulted(cast.north, BETTER)
        place, on = str(cast.north.pk), MONTHS[12].from_on
        form = page(cast.quality_lead, "rebase", place=place)
        assert "Why does the process differ from this day on?" in form
        assert f'value="{on.isoformat()}"' in form
        assert f'value="{MONTHS[-1].from_on.isoformat()}"' in form
        done = send(cast.quality_lead, "rebase", place=place, on=on.isoformat(), reason=WHY)
        assert done.status_code == 302
        assert ChartRebase.objects.get().place == cast.north.place
        found = page(cast.supervisor, "measure", place=place)
        assert f"New limits from {MONTHS[12].label}" in found
        assert WHY in found
        assert "decided by Quill Harker, quality lead, 4 March 2026" in found

    def test_without_a_reason_nothing_is_written_and_the_day_is_kept(self, cast: Cast) -> None:
        on = MONTHS[12].from_on.isoformat()
        answer = send(cast.quality_lead, "rebase", place=str(cast.north.pk), on=on, reason=" ")
        assert "Say why the process differs from this day on" in answer.content.decode()
        assert f'value="{on}" selected' in answer.content.decode()
        assert not ChartRebase.objects.exists()

    @pytest.mark.parametrize("on", ["2025-06-16", "2031-01-01", "", "nonsense"])
    def test_a_day_that_begins_no_period_is_refused(self, cast: Cast, on: str) -> None:
        answer = send(cast.quality_lead, "rebase", place=str(cast.north.pk), on=on, reason=WHY)
        assert answer.status_code == 200
        assert "There is a problem" in answer.content.decode()
        assert not ChartRebase.objects.exists()

    def test_the_same_form_twice_is_one_decision_and_other_answers_are_told(self, cast: Cast) -> None:
        sent = {"place": str(cast.north.pk), "on": MONTHS[12].from_on.isoformat(), "submission_key": "k" * 32}
        for _ in range(2):
            assert send(cast.quality_lead, "rebase", reason=WHY, **sent).status_code == 302
        assert ChartRebase.objects.count() == 1
        assert send(cast.quality_lead, "rebase", reason="Another", **sent).status_code == 409

    @pytest.mark.parametrize("who", ["lead", "duty_manager", "supervisor", "worker", "director", "stranger"])
    def test_for_others_the_page_is_not_there(self, cast: Cast, who: str) -> None:
        page(getattr(cast, who), "rebase", status=404)
        assert send(getattr(cast, who), "rebase", on=MONTHS[12].from_on.isoformat(), reason=WHY).status_code == 404
        assert not ChartRebase.objects.exists()

    def test_every_decision_is_listed_the_withdrawn_too(self, cast: Cast) -> None:
        withdrawn = a_rebase(cast, reason="The wrong month")
        withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=withdrawn, reason="Typed wrongly")
        a_rebase(cast, reason="The right month")
        found = page(cast.quality_lead, "rebase", place=str(cast.north.pk))
        assert "Withdrawn 4 March 2026 by Quill Harker: Typed wrongly" in found
        assert found.count("/withdraw?") == 1


class TestWithdrawing:
    def test_the_chart_is_drawn_without_it(self, cast: Cast) -> None:
        consulted(cast.north, BETTER)
        rebase = a_rebase(cast)
        assert rebase.reason in page(cast.quality_lead, "withdraw_rebase", rebase.pk)
        assert send(cast.quality_lead, "withdraw_rebase", rebase.pk, why="An error").status_code == 302
        assert rebase.reason not in page(cast.quality_lead, "measure", place=str(cast.north.pk))

    def test_never_without_a_reason(self, cast: Cast) -> None:
        answer = send(cast.quality_lead, "withdraw_rebase", a_rebase(cast).pk, why=" ")
        assert "There is a problem" in answer.content.decode()
        assert not hasattr(ChartRebase.objects.get(), "withdrawal")

    @pytest.mark.parametrize("who", ["lead", "director", "worker"])
    def test_for_others_the_page_is_not_there(self, cast: Cast, who: str) -> None:
        rebase = a_rebase(cast)
        page(getattr(cast, who), "withdraw_rebase", rebase.pk, status=404)
        assert send(getattr(cast, who), "withdraw_rebase", rebase.pk, why="An error").status_code == 404

    def test_nor_one_of_another_provider_or_measure(self, cast: Cast) -> None:
        theirs = a_rebase(cast, by=SET_UP, place=Place(cast.stranger.provider_id))
        page(cast.quality_lead, "withdraw_rebase", theirs.pk, status=404)
        page(cast.quality_lead, "withdraw_rebase", a_rebase(cast, key="another").pk, status=404)


class TestTeamByTeam:
    def lines(self, person: Person, **query: str) -> list[dict[str, str]]:
        response = browser(person).get(address("measure_teams_file", **query))
        body = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        return list(csv.DictReader(io.StringIO(body)))

    def names(self, found: str) -> list[str]:
        return re.findall(r'sp-sparks__name"><a [^>]*>([^<,]*)', found)

    @pytest.fixture
    def counted(self, cast: Cast) -> None:
        consulted(cast.east, BETTER)
        consulted(cast.north, ORDINARY * 2)
        consulted(cast.south, WORSE)

    @pytest.mark.usefixtures("counted")
    def test_what_needs_a_look_comes_first(self, cast: Cast) -> None:
        found = page(cast.quality_lead, "measure_teams")
        order = self.names(found)
        assert order[0] == "South team"
        assert set(order) == {"South team", "North team", "East team"}
        assert found.count('<svg class="sp-spark"') == 3
        assert "Special cause: a concern: 1 team" in found
        assert "10% in February 2026" in found

    @pytest.mark.usefixtures("counted")
    def test_one_kind_of_need_at_a_time(self, cast: Cast) -> None:
        assert self.names(page(cast.quality_lead, "measure_teams", need="0")) == ["South team"]
        assert self.names(page(cast.quality_lead, "measure_teams", need="4")) == []
        assert len(self.names(page(cast.quality_lead, "measure_teams", need="nonsense"))) == 3
        assert [line["Team"] for line in self.lines(cast.quality_lead, need="0")] == [
            "South team, Riverside community service"
        ]

    @pytest.mark.usefixtures("counted")
    def test_of_one_service_only_its_teams(self, cast: Cast) -> None:
        found = page(cast.quality_lead, "measure_teams", place=str(cast.harbour.pk))
        assert self.names(found) == ["East team"]
        assert set(self.names(page(cast.duty_manager, "measure_teams"))) == {"South team", "North team"}

    @pytest.mark.usefixtures("counted")
    def test_the_file_says_the_same_and_leaves_a_trace(self, cast: Cast) -> None:
        first = self.lines(cast.quality_lead)[0]
        assert first["Needs a look"] == "Special cause: a concern"
        assert first["Variation"] == "Special cause: lower, and that is a concern"
        assert first["Latest"] == "10% in February 2026"
        assert first["Chart"] == "p chart"
        assert "qicharts2 0.8.1" in first["Rules"]
        assert AccessEntry.objects.filter(by_id=cast.quality_lead.pk, page="measure by team export").count() == 1

    def test_service_by_service_too(self, cast: Cast) -> None:
        consulted(cast.east, BETTER)
        consulted(cast.south, WORSE)
        found = page(cast.quality_lead, "measure_teams", each="service")
        assert self.names(found) == ["Riverside community service", "Harbour crisis service"]
        assert "Service by service" in found
        assert "1 service" in found
        lines = self.lines(cast.quality_lead, each="service")
        assert [line["Service"] for line in lines] == ["Riverside community service", "Harbour crisis service"]
        assert f"place={cast.riverside.pk}" in found

    @pytest.mark.usefixtures("counted")
    def test_a_service_has_the_chart_of_its_own_page(self, cast: Cast) -> None:
        rebased = a_rebase(cast, place=Place(cast.provider.pk, cast.riverside.pk), periods_ago=12)
        lines = {line["Service"]: line for line in self.lines(cast.quality_lead, each="service")}
        alone = page(cast.quality_lead, "measure", place=str(cast.riverside.pk))
        assert f">{lines['Riverside community service']['Average']}<" in alone.replace("\n", "").replace(" ", "")
        assert rebased.service_id == cast.riverside.pk

    @pytest.mark.usefixtures("counted")
    @pytest.mark.parametrize("each", ["service", "nonsense", "whole", ""])
    def test_a_service_is_made_of_teams_whatever_the_address_asks(self, cast: Cast, each: str) -> None:
        found = page(cast.quality_lead, "measure_teams", place=str(cast.harbour.pk), each=each)
        assert self.names(found) == ["East team"]
        assert set(self.names(page(cast.quality_lead, "measure_teams", place=str(cast.east.pk)))) == {"East team"}

    def test_each_team_has_its_own_new_limits(self, cast: Cast) -> None:
        for team in (cast.north, cast.south):
            consulted(team, BETTER)
        a_rebase(cast, periods_ago=12)
        found = {line["Team"][:5]: line for line in self.lines(cast.quality_lead)}
        assert found["North"]["Average"] == "90"
        assert found["South"]["Average"] == "60"

    def test_it_takes_as_many_statements_however_many_teams(self, cast: Cast) -> None:
        client = browser(cast.quality_lead)

        def statements() -> int:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(address("measure_teams")).status_code == 200
            return len(seen)

        statements()
        before = statements()
        for number in range(3):
            create_team(by=SET_UP, at=NOW, service=cast.riverside, name=f"Team {number}")
        assert statements() == before
