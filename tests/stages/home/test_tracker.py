"""The learning tracker: who sees what, in which order, found how, kept and taken away how (R35)."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.operations import add_non_working_day
from saferpractice.deadlines.rules import calendar_days, clock_hours, working_days
from saferpractice.home.forms import asked_of_tracker
from saferpractice.home.models import SavedView
from saferpractice.incidents.operations import keep_from, name_person
from saferpractice.incidents.rules import KeptFromReason
from tests.conftest import TestClock
from tests.factories.audits import a_draw, read_all
from tests.factories.deadlines import an_obligation
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def rows_of(person: Person, **query: str) -> list[dict[str, str]]:
    response: Any = signed_in(person).get(reverse("home:tracker_file"), query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def titles(person: Person, **query: str) -> list[str]:
    return [row["What"] for row in rows_of(person, **query)]


def shown(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def things(cast: Cast) -> dict[str, Obligation]:
    """One late, one due today, one next month, one met, one cancelled; two teams; owned and by role."""
    made = {
        "late": an_obligation(team=cast.north, at=NOW - 2 * DAY, owner=cast.worker, title="Ring the landlord"),
        "today": an_obligation(team=cast.north, at=NOW, title="Decide the threshold"),
        "later": an_obligation(
            team=cast.east, at=NOW, owner=cast.reviewer, title="Café audit", timescale=calendar_days(30)
        ),
        "met": an_obligation(team=cast.north, at=NOW - 3 * DAY, owner=cast.worker, title="Brief the night shift"),
        "cancelled": an_obligation(team=cast.north, at=NOW - DAY, title="No longer asked"),
    }
    kinds = {"late": "changes.action", "today": "triage.threshold", "later": "assurance.look", "met": "changes.proof"}
    for name, kind in kinds.items():
        Obligation.objects.filter(pk=made[name].pk).update(kind=kind)
    met = {"met_at": NOW - 2 * DAY, "met_by_type": "changes.rolloutproof", "met_by_id": cast.north.pk}
    Obligation.objects.filter(pk=made["met"].pk).update(**met)
    Obligation.objects.filter(pk=made["cancelled"].pk).update(cancelled_at=NOW, cancelled_because="The change fell")
    return made


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("worker", ["Ring the landlord"]),
            ("colleague", []),
            ("worker_elsewhere", []),
            ("duty_manager", ["Ring the landlord", "Decide the threshold"]),
            ("duty_manager_elsewhere", ["Café audit"]),
            ("supervisor", ["Ring the landlord", "Decide the threshold"]),
            ("reviewer", ["Café audit"]),
            ("lead", ["Ring the landlord", "Decide the threshold", "Café audit"]),
            ("quality_lead", ["Ring the landlord", "Decide the threshold", "Café audit"]),
            ("director", ["Ring the landlord", "Decide the threshold", "Café audit"]),
            ("administrator", []),
            ("stranger", []),
        ],
    )
    def test_each_their_own_places_and_work(
        self, cast: Cast, things: dict[str, Obligation], name: str, expected: list[str]
    ) -> None:
        person = cast.people()[name]
        assert titles(person) == expected
        page = shown(signed_in(person).get(reverse("home:tracker")))
        for thing in things.values():
            listed = f'href="{reverse("home:go", args=[thing.pk])}"' in page
            assert listed is (thing.title in expected)
            assert (signed_in(person).get(reverse("home:go", args=[thing.pk])).status_code != 404) is (
                thing.title in titles(person, show="all")
            )

    @pytest.mark.parametrize("name", ["commissioner", "inspector"])
    def test_who_only_reads_has_no_tracker(self, cast: Cast, things: object, name: str) -> None:
        client = signed_in(cast.people()[name])
        assert client.get(reverse("home:tracker")).status_code == 404
        assert client.get(reverse("home:tracker_file")).status_code == 404

    def test_what_is_restricted_shows_to_its_owner_and_to_who_is_named(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")
        name_person(by=cast.lead, at=NOW, incident=incident, person=cast.quality_lead, reason="Oversees")
        an_obligation(
            team=cast.north, at=NOW, story_id=incident.pk, restricted=True, owner=cast.reviewer, title="Secret work"
        )
        who = {name for name, person in cast.people().items() if "Secret work" in _all_titles(person)}
        assert who == {"reviewer", "lead", "quality_lead"}
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, because=KeptFromReason.RELATIVE)
        assert "Secret work" not in _all_titles(cast.reviewer)


def _all_titles(person: Person) -> list[str]:
    response: Any = signed_in(person).get(reverse("home:tracker_file"), {"show": "all"})
    return b"".join(response.streaming_content).decode().split('"') if response.status_code == 200 else []


class TestFinding:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, ["late", "today", "later"]),
            ({"show": "late"}, ["late"]),
            ({"show": "week"}, ["today"]),
            ({"show": "met"}, ["met"]),
            ({"show": "cancelled"}, ["cancelled"]),
            ({"show": "all"}, ["met", "late", "cancelled", "today", "later"]),
            ({"sort": "-due"}, ["later", "today", "late"]),
            ({"show": "all", "sort": "-opened"}, ["later", "today", "cancelled", "late", "met"]),
            ({"sphere": "actions"}, ["late"]),
            ({"sphere": "decisions"}, ["today"]),
            ({"sphere": "changes", "show": "all"}, ["met"]),
            ({"sphere": "checks"}, ["later"]),
            ({"sphere": "documents"}, []),
            ({"q": "landlord"}, ["late"]),
            ({"q": "RING the"}, ["late"]),
            ({"q": "ring threshold"}, []),
            ({"q": "wren"}, ["late"]),
            ({"q": "east"}, ["later"]),
            ({"q": "rowan café"}, ["later"]),
            ({"q": "%"}, []),
            ({"q": "_____"}, []),
            ({"q": "'; --"}, []),
            ({"q": "nothing"}, []),
            ({"show": "odd", "sort": "odd", "sphere": "odd", "team": "odd", "owner": "7"}, ["late", "today", "later"]),
        ],
    )
    def test_filter_order_and_words(
        self, cast: Cast, things: dict[str, Obligation], query: dict[str, str], expected: list[str]
    ) -> None:
        found = titles(cast.director, **query)
        if query.get("sort") == "-opened":
            assert sorted(found[:2]) == sorted(things[name].title for name in expected[:2])
            found, expected = found[2:], expected[2:]
        assert found == [things[name].title for name in expected]

    def test_by_team_and_owner(self, cast: Cast, things: dict[str, Obligation]) -> None:
        assert titles(cast.director, team=str(cast.east.pk)) == ["Café audit"]
        assert titles(cast.director, owner=str(cast.worker.pk)) == ["Ring the landlord"]
        assert titles(cast.director, owner=str(cast.worker.pk), team=str(cast.east.pk)) == []
        assert len(titles(cast.duty_manager, team=str(cast.east.pk))) == 2, "a team they do not know is no filter"

    def test_an_incidents_reference_finds_everything_asked_for_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        an_obligation(team=cast.north, at=NOW, story_id=incident.pk, title="Ring her sister")
        an_obligation(team=cast.north, at=NOW, title="Something else")
        assert set(titles(cast.lead, q=incident.reference)) == {
            f"Triage incident {incident.reference}",
            "Ring her sister",
        }

    def test_every_row_says_owner_deadline_clock_state_and_proof(
        self, cast: Cast, things: dict[str, Obligation]
    ) -> None:
        rows = {row["What"]: row for row in rows_of(cast.director, show="all")}
        late = rows["Ring the landlord"]
        assert (late["Owner"], late["Team"], late["Clock"]) == ("Wren Ashdown", "North team", "Local")
        assert late["State"] == "1 day late"
        assert late["Link"].startswith("http")
        assert rows["Decide the threshold"]["Owner"] == "Duty manager, North team"
        assert rows["Decide the threshold"]["State"] == "Due today by 6:05am"
        assert rows["Brief the night shift"]["Proven by"] == "Rollout proof"
        assert rows["Brief the night shift"]["State"].startswith("Met 20 hours late")
        assert rows["No longer asked"]["Proven by"] == "The change fell"

    def test_a_moved_deadline_says_what_it_was(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=working_days(1), title="Moved thing")
        day = (NOW + DAY).date()
        add_non_working_day(by=cast.administrator, at=NOW, provider=cast.provider, day=day, reason="Coronation")
        said = "Was the end of Thursday 5 March 2026, until Thursday 5 March 2026 became a day off"
        assert rows_of(cast.director)[0]["Moved"] == said
        assert said in shown(signed_in(cast.director).get(reverse("home:tracker")))
        assert one.title == "Moved thing"


class TestTheFile:
    @pytest.mark.parametrize(
        "title", ["=HYPERLINK(1)", "+1", "-1", "@sum", "\t=1", " =1", "＝1", "=cmd|' /C calc'!A0", "\u200b=1"]
    )
    def test_nothing_somebody_typed_runs_in_a_spreadsheet(self, cast: Cast, title: str) -> None:
        an_obligation(team=cast.north, at=NOW, title=title, owner=cast.worker)
        cell = titles(cast.director)[0]
        assert cell.startswith("'")
        assert cell.removeprefix("'").strip() == title.strip()

    def test_commas_quotes_lines_and_emoji_stay_one_cell(self, cast: Cast) -> None:
        an_obligation(team=cast.north, at=NOW, title='Say "yes", then;\nwait 🙂', owner=cast.worker)
        assert titles(cast.director) == ['Say "yes", then;\nwait 🙂']

    def test_holds_all_rows_of_the_view_and_is_on_record(self, cast: Cast) -> None:
        for number in range(31):
            an_obligation(team=cast.north, at=NOW, title=f"Thing {number}", owner=cast.worker)
        an_obligation(team=cast.east, at=NOW, title="Elsewhere", owner=cast.worker_elsewhere)
        assert len(titles(cast.director, team=str(cast.north.pk))) == 31
        look = AccessEntry.objects.get(page="tracker export")
        assert look.by_id == cast.director.pk
        assert str(cast.north.pk) in look.detail

    def test_is_saved_not_shown(self, cast: Cast) -> None:
        response = signed_in(cast.director).get(reverse("home:tracker_file"))
        assert response["Content-Disposition"] == 'attachment; filename="tracker-2026-03-04.csv"'
        assert response["Cache-Control"] == "no-store"
        assert response["X-Content-Type-Options"] == "nosniff"


class TestSavedViews:
    def test_keep_the_filters_and_nothing_else(self, cast: Cast, things: object) -> None:
        client = signed_in(cast.director)
        query = f"show=late&q=ring&after=x~y&evil=1&team={cast.north.pk}&sort="
        saved = client.post(reverse("home:save_view"), {"name": "Late in North", "query": query})
        view = SavedView.objects.get()
        assert view.query == f"q=ring&show=late&team={cast.north.pk}"
        assert saved.url == f"/tracker?{view.query}"
        page = shown(client.get(saved.url))
        assert "Late in North" in page
        assert "Ring the landlord" in page

    @pytest.mark.parametrize(("name", "words"), [("", "Enter a name for this view"), ("x" * 81, "80")])
    def test_a_name_that_cannot_be_used_is_said_beside_its_field_with_the_list_kept(
        self, cast: Cast, things: object, name: str, words: str
    ) -> None:
        page = shown(signed_in(cast.director).post(reverse("home:save_view"), {"name": name, "query": "show=met"}))
        assert 'id="id_name-error"' in page
        assert words in page
        assert "Brief the night shift" in page
        assert "Ring the landlord" not in page
        assert '<details class="nhsuk-details" open>' in page
        assert not SavedView.objects.exists()

    def test_the_same_name_replaces_and_somebody_elses_stays(self, cast: Cast) -> None:
        for person in (cast.director, cast.lead):
            signed_in(person).post(reverse("home:save_view"), {"name": "Mine", "query": "show=late"})
        signed_in(cast.director).post(reverse("home:save_view"), {"name": "Mine", "query": "show=met"})
        assert dict(SavedView.objects.values_list("person__name", "query")) == {
            "Drew Castell": "show=met",
            "Lark Penrose": "show=late",
        }

    def test_anothers_view_is_not_there_to_forget(self, cast: Cast) -> None:
        signed_in(cast.director).post(reverse("home:save_view"), {"name": "Mine", "query": ""})
        view = SavedView.objects.get()
        address = reverse("home:forget_view", args=[view.pk])
        assert signed_in(cast.lead).post(address).status_code == 404
        assert "Mine" not in shown(signed_in(cast.lead).get(reverse("home:tracker")))
        assert signed_in(cast.director).post(address).url == "/tracker"
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("", ""),
            ("show=late&show=met", "show=met"),
            ("q=%0D%0ALocation:%20x", "q=%0D%0ALocation%3A+x"),
            ("//evil.example/?show=late", ""),
            ("q=" + "x" * 5000, "q=" + "x" * 100),
        ],
    )
    def test_an_odd_query_is_only_ever_a_filter(self, query: str, kept: str) -> None:
        assert asked_of_tracker(query).urlencode() == kept


class TestPages:
    def test_older_and_newer_keep_the_filters(self, cast: Cast) -> None:
        for number in range(30):
            an_obligation(team=cast.north, at=NOW, title=f"Ring {number}", owner=cast.worker)
        client = signed_in(cast.director)
        first = shown(client.get("/tracker?q=ring&sort=-due"))
        assert 'rel="prev"' not in first
        older = html.unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])  # type: ignore[index]
        assert "q=ring" in older
        assert "sort=-due" in older
        second = shown(client.get(older))
        assert len(re.findall(r'href="/go/', second)) == 5
        assert 'rel="next"' not in second
        assert 'href="/tracker?q=ring&amp;sort=-due" rel="prev"' in second

    def test_a_long_list_costs_no_more_statements(self, cast: Cast) -> None:
        pages = {name: signed_in(cast.people()[name]) for name in ("director", "duty_manager", "worker")}
        counts: dict[str, list[int]] = {f"{name} {address}": [] for name in pages for address in self.ADDRESSES}
        for more in (3, 27):
            for _ in range(more):
                an_incident(by=cast.worker, team=cast.north, themes=("lost-contact", "exploitation"))
                an_obligation(team=cast.north, at=NOW, owner=cast.worker, timescale=clock_hours(60))
            for name, client in pages.items():
                for address in self.ADDRESSES:
                    client.get(address)
                    with CaptureQueriesContext(connection) as seen:
                        response = client.get(address)
                        if response.streaming:
                            b"".join(response.streaming_content)
                    counts[f"{name} {address}"].append(len(seen))
        assert [f"{key}: {few} then {many}" for key, (few, many) in counts.items() if many > few] == []

    ADDRESSES = ("/tracker", "/tracker.csv", "/work", "/reports", "/incidents", "/incidents?q=door")


@pytest.mark.requirement("R16", "R37")
class TestAudits:
    def test_what_was_owed_says_what_the_audit_answered(self, cast: Cast) -> None:
        population = a_draw(cast, records=3, numbers={"expected": 50, "half_width": 1})
        read_all(population, by=cast.lead, failing=3)
        found = {row["What"]: row["Proven by"] for row in rows_of(cast.director, show="met")}
        said = "Audit result: does not meet the target"
        assert found["Read the records drawn for the audit: Consultations in the new form"] == said
        assert found["Audit whether the change is used: Consultations in the new form"] == said
        page = shown(signed_in(cast.director).get(reverse("home:tracker"), {"show": "met"}))
        assert page.count(said) == 2

    def test_the_next_audit_stands_there_with_its_owner(self, cast: Cast) -> None:
        read_all(a_draw(cast, records=3), by=cast.lead)
        (row,) = [row for row in rows_of(cast.director) if row["What"].startswith("Audit whether")]
        assert (row["Owner"], row["Proven by"]) == (cast.duty_manager.name, "")
