"""Pages of measures: who reads which place, what a worker does not see, and the rows behind a number."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.assurance.presenters.measures import kept_back_words, plain, words_of
from saferpractice.assurance.queries.measures import measure_of
from saferpractice.assurance.queries.measures.places import places_read
from saferpractice.assurance.rules.measures.reading import Read
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.pathways.models import PathwayCase
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, a_case, a_record, hours
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R32", "R34")]

APRIL = NOW + timedelta(days=40)
CONSULTED = "self-neglect.same-day-consultation"
MARCH = "from=2026-03-01&to=2026-03-31"
TWO = ("infection-risk", "refusal-of-care")


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(APRIL)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def get(person: Person, name: str, *arguments: str, query: str = "", status: int = 200) -> str:
    response = signed_in(person).get(f"{reverse(f'assurance:{name}', args=arguments)}?{query}")
    assert response.status_code == status
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return html.unescape(body.decode("utf-8-sig"))


def lines(person: Person, name: str, *arguments: str, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(person, name, *arguments, query=query))))


def march(person: Person, key: str) -> int:
    """How many rows the number of March 2026 was read from."""
    (row,) = [each for each in lines(person, "measure_file", key) if each["From"] == "2026-03-01"]
    return int(row["Out of"] or row["Count"] or 0)


def consulted(cast: Cast, person: str, **more: Any) -> PathwayCase:
    case = a_case(cast, person=person, **more)
    a_record(case, "checklist", 1, by=more.get("by", cast.worker), present=TWO)
    a_record(case, "consultation", 3, by=more.get("by", cast.worker), values=CONSULTATION)
    return case


class TestWhoReadsWhat:
    @pytest.mark.parametrize(
        ("who", "names"),
        [
            ("quality_lead", ["Example Care", "Harbour crisis service", "Riverside community service",
                              "East team, Harbour crisis service", "North team, Riverside community service",
                              "South team, Riverside community service"]),
            ("duty_manager", ["Riverside community service", "North team, Riverside community service",
                              "South team, Riverside community service"]),
            ("supervisor", ["North team, Riverside community service"]),
            ("worker", ["North team, Riverside community service"]),
            ("commissioner", []),
            ("inspector", []),
            ("administrator", []),
        ],
    )  # fmt: skip
    def test_places_by_role(self, cast: Cast, who: str, names: list[str]) -> None:
        found = places_read(cast.people()[who], APRIL)
        assert [each.name for each in found] == names
        assert {each.everything for each in found} <= {who != "worker"}

    def test_a_place_not_covered_is_not_shown_whatever_the_address_says(self, cast: Cast) -> None:
        consulted(cast, "P-1", by=cast.lead, team=cast.east)
        asked = f"place={cast.east.pk}"
        (line,) = (
            each
            for each in lines(cast.duty_manager, "measure_file", CONSULTED, query=asked)
            if each["From"] == "2026-03-01"
        )
        assert (line["Count"], line["Out of"]) == ("", "0")  # of Riverside, the place they do cover
        (line,) = (
            each
            for each in lines(cast.quality_lead, "measure_file", CONSULTED, query=asked)
            if each["From"] == "2026-03-01"
        )
        assert (line["Count"], line["Out of"]) == ("1", "1")

    def test_somebody_who_has_left_reads_nothing(self, cast: Cast) -> None:
        cast.quality_lead.is_active = False
        assert places_read(cast.quality_lead, APRIL) == []

    def test_a_worker_reads_pathways_and_no_incidents(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        page = get(cast.worker, "measures")
        assert "Consulted on the same day" in page
        assert "Incidents" not in page.split("<main", 1)[1]
        for key in ("incidents.all", "loop.triage.time", "self-neglect.unmanaged"):
            get(cast.worker, "measure", key, status=404)
            get(cast.worker, "measure_rows", key, query=MARCH, status=404)

    def test_a_worker_is_told_no_small_number(self, cast: Cast) -> None:
        for number in range(4):
            consulted(cast, f"P-{number}")
        page = get(cast.worker, "measure", CONSULTED)
        assert "Fewer than 5: not shown" in page
        assert "4 of 4" not in page
        (line,) = (each for each in lines(cast.worker, "measure_file", CONSULTED) if each["From"] == "2026-03-01")
        assert (line["Number"], line["Count"], line["Out of"]) == ("Fewer than 5: not shown", "", "")
        assert "4 of 4" in get(cast.supervisor, "measure", CONSULTED)
        consulted(cast, "P-5")
        assert "5 of 5" in get(cast.worker, "measure", CONSULTED)


class TestRows:
    def test_a_point_leads_to_its_rows_and_they_to_their_cases(self, cast: Cast) -> None:
        case = consulted(cast, "P-1")
        page = get(cast.duty_manager, "measure", CONSULTED)
        (address,) = set(re.findall(r'href="([^"]*/rows\?[^"]*from=2026-03-01[^"]*)"', page))
        rows = html.unescape(signed_in(cast.duty_manager).get(address).content.decode())
        assert reverse("pathways:case", args=[case.pk]) in rows
        assert "In time" in rows

    @pytest.mark.parametrize(
        ("key", "text"),
        [
            ("self-neglect.consult.time", "In time"),
            ("self-neglect.repeat-threshold", "Not again"),
            ("self-neglect.consult.again-rate", "Not again"),
            ("self-neglect.consultation-complete", "Complete"),
        ],
    )
    def test_every_kind_of_measure_has_rows(self, cast: Cast, key: str, text: str) -> None:
        case = consulted(cast, "P-1")
        (line,) = lines(cast.quality_lead, "measure_rows_file", key, query=MARCH)
        assert line["Counts as"] == text
        assert line["Where"].endswith(reverse("pathways:case", args=[case.pk]))

    @pytest.mark.parametrize(
        "key",
        [
            "incidents.all",
            "incidents.all.rate",
            "incidents.reporting",
            "incidents.theme.self-neglect",
            "incidents.harm.1",
            "self-neglect.unmanaged",
            "loop.triage.time",
        ],
    )
    def test_of_incidents_too(self, cast: Cast, key: str) -> None:
        consulted(cast, "P-9")
        incident = an_incident(
            by=cast.worker, team=cast.north, at=NOW, themes=("self-neglect",), person_reference="P-1"
        )
        (line,) = lines(cast.quality_lead, "measure_rows_file", key, query=MARCH)
        assert line["Where"].endswith(reverse("home:incident", args=[incident.pk]))
        assert reverse("home:incident", args=[incident.pk]) in get(cast.quality_lead, "measure_rows", key, query=MARCH)

    def test_a_restricted_incident_is_in_no_number_until_the_restriction_is_lifted(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW)
        case = consulted(cast, "P-SECRET", by=cast.lead, incident=incident)
        decide_restriction(by=cast.lead, at=hours(4), incident=incident, restricted=True, reason="Not for all.")
        for key in ("incidents.all", "loop.triage.time", CONSULTED, "self-neglect.consultation-complete"):
            for who in (cast.duty_manager, cast.quality_lead):
                rows = get(who, "measure_rows", key, query=MARCH) + get(who, "measure_rows_file", key, query=MARCH)
                for word in (incident.reference, "P-SECRET", str(case.pk), str(incident.pk)):
                    assert word not in rows, (key, who)
            assert not march(cast.duty_manager, key), key
        decide_restriction(by=cast.lead, at=hours(5), incident=incident, restricted=False, reason="It is over.")
        for key in ("incidents.all", "loop.triage.time", CONSULTED, "self-neglect.consultation-complete"):
            assert march(cast.duty_manager, key) == 1, key

    def test_who_is_kept_from_an_incident_reads_the_same_page_as_if_there_were_none(self, cast: Cast) -> None:
        seen = an_incident(by=cast.worker, team=cast.north, at=NOW)
        before = get(cast.duty_manager, "measure_rows", "incidents.all", query=MARCH)
        hidden = an_incident(by=cast.worker, team=cast.north, at=hours(2))
        keep_from(
            by=cast.lead, at=hours(3), incident=hidden, person=cast.duty_manager, because=KeptFromReason.ALLEGED_SOURCE
        )
        after = get(cast.duty_manager, "measure_rows", "incidents.all", query=MARCH)
        assert seen.reference in after and hidden.reference not in after

        def same(page: str) -> str:
            return re.sub(r'nonce="[^"]*"|value="[^"]{20,}"', "", page)

        assert same(before) == same(after)

    def test_looking_leaves_a_trace(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        for name, page in (("measure_rows", "rows of a measure"), ("measure_rows_file", "measure export")):
            get(cast.duty_manager, name, CONSULTED, query=MARCH)
            entry = AccessEntry.objects.filter(by_id=cast.duty_manager.pk).latest("at", "pk")
            assert entry.page == page and CONSULTED in entry.detail
        get(cast.duty_manager, "measures_file")
        assert AccessEntry.objects.filter(by_id=cast.duty_manager.pk, page="measures export").count() == 1

    @pytest.mark.parametrize(
        "query",
        ["", "from=2026-03-01", "from=x&to=y", "from=2026-03-31&to=2026-03-01", "from=2020-01-01&to=2026-03-01"],
    )
    def test_a_stretch_that_is_none_is_not_there(self, cast: Cast, query: str) -> None:
        consulted(cast, "P-1")
        get(cast.quality_lead, "measure_rows", CONSULTED, query=query, status=404)

    def test_fifty_a_page(self, cast: Cast) -> None:
        for number in range(52):
            an_incident(by=cast.worker, team=cast.north, at=hours(number / 10), person_reference=f"P-{number}")
        first = get(cast.quality_lead, "measure_rows", "incidents.all", query=MARCH)
        second = get(cast.quality_lead, "measure_rows", "incidents.all", query=f"{MARCH}&page=2")
        references = list(Incident.objects.order_by("-occurred_at").values_list("reference", flat=True))
        assert [one for one in references if one in first] == references[:50]
        assert [one for one in references if one in second] == references[50:]


class TestPages:
    def test_the_list_has_every_measure_with_its_newest_number(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        page = get(cast.quality_lead, "measures", query=f"place={cast.riverside.pk}&length=month")
        assert "March 2026" in page and "April 2026" not in page  # April is running
        row = next(part for part in page.split("<tr") if "Consulted on the same day" in part)
        assert "100%" in row and "1 of 1" in row and "95%" in row

    def test_what_is_read_from_every_obligation_stands_there_when_asked_for(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        named = "Consulted on the same day"
        more = "Consult the duty manager or safeguarding lead: time taken"
        page = get(cast.quality_lead, "measures")
        assert named in page and more not in page
        page = get(cast.quality_lead, "measures", query="every=1")
        assert named in page and more in page
        keys = {line["Measure"] for line in lines(cast.quality_lead, "measures_file")}
        assert {named, more} <= keys  # the file always has them all

    def test_what_the_address_asks_that_cannot_be_is_ignored(self, cast: Cast) -> None:
        page = get(cast.quality_lead, "measures", query="place=nonsense&length=day")
        assert "Example Care" in page and "March 2026" in page

    def test_the_running_period_is_marked(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        page = get(cast.quality_lead, "measure", CONSULTED)
        row = next(part for part in page.split("<tr") if "April 2026" in part and "Not over yet" in part)
        assert "March 2026" not in row
        (line,) = (each for each in lines(cast.quality_lead, "measure_file", CONSULTED) if each["From"] == "2026-04-01")
        assert line["Over"] == "No"

    def test_each_team_stands_beside_the_others(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        page = get(cast.quality_lead, "measure", CONSULTED)
        part = page.split("Each team, March 2026", 1)[1]
        north = next(each for each in part.split("<tr") if "North team" in each)
        east = next(each for each in part.split("<tr") if "East team" in each)
        assert "1 of 1" in north and "Nothing to say" in east

    def test_the_definition_is_on_the_page(self, cast: Cast) -> None:
        consulted(cast, "P-1")
        defined = measure_of(CONSULTED, cast.provider.pk, APRIL)
        assert defined is not None
        page = get(cast.quality_lead, "measure", CONSULTED)
        for said in (defined.measure.numerator, defined.measure.denominator, defined.measure.rows):
            assert said[1:] in page

    def test_a_measure_there_is_not(self, cast: Cast) -> None:
        get(cast.quality_lead, "measure", "no.such", status=404)

    def test_the_way_there_is_in_the_header_of_those_who_may(self, cast: Cast) -> None:
        way = f'href="{reverse("assurance:measures")}"'
        for who, may in (("quality_lead", True), ("worker", True), ("administrator", False), ("commissioner", False)):
            page = signed_in(cast.people()[who]).get(reverse("home:my_work")).content.decode()
            assert (way in page) is may, who


class TestWords:
    @pytest.mark.parametrize(
        ("key", "read", "words"),
        [
            ("loop.triage.in-time", Read(19.0, 20.0), "95%"),
            ("loop.triage.in-time", Read(2.0, 3.0), "66.7%"),
            ("loop.triage.in-time", Read(None, 0.0), "Nothing to say"),
            ("loop.triage.time", Read(1.0, 4.0), "1 hour"),
            ("loop.triage.time", Read(2.5, 4.0), "2.5 hours"),
            ("loop.triage.time", Read(None, 4.0, still_open=4), "Half not met yet"),
            ("loop.triage.time", Read(None, 0.0), "Nothing to say"),
            ("incidents.all", Read(0.0), "0"),
            ("incidents.all.rate", Read(3.0, 1.5), "2 for 1,000 worker days"),
            ("incidents.all", Read(None, withheld=True), "Fewer than 5: not shown"),
        ],
    )
    def test_a_number_in_words(self, cast: Cast, key: str, read: Read, words: str) -> None:
        defined = measure_of(key, cast.provider.pk, APRIL)
        assert defined is not None
        assert words_of(defined.measure, read) == words

    @pytest.mark.parametrize(
        ("value", "words"), [(None, ""), (0.0, "0"), (0.034, "0.034"), (5.0, "5"), (2.25, "2.2"), (12345.0, "12,345")]
    )
    def test_no_more_digits_than_say_something(self, value: float | None, words: str) -> None:
        assert plain(value) == words

    def test_how_many_may_not_be_opened_is_said_only_when_they_are_many(self) -> None:
        few = {kept_back_words(number, everything=True) for number in range(5)}
        assert len(few) == 1
        assert "There are 5 of them." in kept_back_words(5, everything=True)
        assert kept_back_words(50, everything=False) in few
