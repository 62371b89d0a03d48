"""What is restricted changes no number, no row and no file, for anybody, of any measure, at any place."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.rules import Place
from saferpractice.assurance.presenters.measures import kept_back_words
from saferpractice.assurance.queries import measures as queries
from saferpractice.assurance.queries.measures.places import places_read
from saferpractice.assurance.queries.measures.rows import rows_behind
from saferpractice.assurance.rules.measures.periods import Length, between, last_periods
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, name_person, withdraw_incident
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, a_case, a_record, hours, used
from tests.factories.web import signed_in
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R32", "R34")]

APRIL = NOW + timedelta(days=40)
TWO = ("infection-risk", "refusal-of-care")
READERS = (("quality_lead", ""), ("quality_lead", "harbour"), ("quality_lead", "north"), ("worker", "north"))
"""Who reads which place: everything of the provider, a service and a team; and a worker how their own team works."""
NOBODY = ("administrator", "commissioner", "inspector", "reviewer", "stranger", "duty_manager_elsewhere")
MARCH = between(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(APRIL)


def happened(cast: Cast, number: int, *, restricted: bool = False) -> str:
    """An incident of the theme with its case at the threshold and what was written of it; the person it is about."""
    person = f"{'SECRET' if restricted else 'P'}-{number}"
    given: dict[str, Any] = {"restricted": True, "restricted_reason": "About a colleague"} if restricted else {}
    incident = an_incident(
        by=cast.lead, team=cast.north, at=hours(number), themes=("self-neglect",), person_reference=person, **given
    )
    if restricted:
        name_person(by=cast.lead, at=hours(number), incident=incident, person=cast.reviewer, reason="Reviews it")
    case = a_case(cast, by=cast.lead, person=person, incident=incident, at=hours(number))
    a_record(case, "checklist", number + 1, by=cast.lead, present=TWO)
    a_record(case, "consultation", number + 3, by=cast.lead, values=CONSULTATION)
    a_record(case, "checklist", number + 30, by=cast.lead, present=TWO)
    return person


def files(cast: Cast, *readers: tuple[str, str]) -> list[bytes]:
    """The file of every measure through its periods, as each of ``readers`` gets it for the place."""
    found = []
    for name, place in readers:
        code = str(getattr(cast, place).pk) if place else "all"
        response = signed_in(cast.people()[name]).get(reverse("assurance:measures_file"), {"place": code})
        found.append(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    return found


def rows_of(person: Person, place: Place) -> dict[str, tuple[tuple[str, ...], int, int]]:
    """The rows behind the number of March of every measure, and how many of them may not be opened."""
    where, found = queries.where_of(place, (MARCH,), APRIL), {}
    for each in queries.measures_of(person.provider_id, APRIL):
        rows = rows_behind(each, where, person, None)
        found[each.key] = tuple(str(one) for one in rows.rows), rows.opened, rows.kept_back
    return found


class TestRestricted:
    def test_no_file_has_another_byte(self, cast: Cast) -> None:
        for number in range(6):
            happened(cast, number)
        before = files(cast, *READERS)
        assert b"Fewer than" in before[-1]
        happened(cast, 2, restricted=True)
        happened(cast, 100, restricted=True)
        assert files(cast, *READERS) == before
        happened(cast, 3 * 24)
        told = [one != other for one, other in zip(files(cast, *READERS), before, strict=True)]
        assert told == [True, False, True, True], "one that is not restricted is seen at once, but not at Harbour"

    @pytest.mark.parametrize("name", ["duty_manager", "lead"])
    def test_no_row_and_not_one_more_that_may_not_be_opened(self, cast: Cast, name: str) -> None:
        """The safeguarding lead may open it: it is no row of a number for them either."""
        happened(cast, 1)
        person = cast.people()[name]
        before = rows_of(person, cast.north.place)
        assert sum(opened for _, opened, _ in before.values()) >= 20
        happened(cast, 2, restricted=True)
        assert rows_of(person, cast.north.place) == before

    def test_restricted_afterwards_it_leaves_every_number_and_lifted_it_is_in_all_of_them_again(
        self, cast: Cast
    ) -> None:
        reader = ("quality_lead", "north")
        happened(cast, 1)
        without = files(cast, reader)
        happened(cast, 2)
        whole, incident = files(cast, reader), _newest(cast)
        assert whole != without
        decide_restriction(by=cast.lead, at=hours(50), incident=incident, restricted=True, reason="About a colleague")
        assert files(cast, reader) == without
        decide_restriction(by=cast.lead, at=hours(60), incident=incident, restricted=False, reason="It is over")
        assert files(cast, reader) == whole

    def test_a_withdrawn_one_leaves_the_numbers_of_incidents(self, cast: Cast) -> None:
        happened(cast, 1)
        happened(cast, 2)
        incident = _newest(cast)
        withdraw_incident(by=cast.lead, at=hours(50), incident=incident, reason="Reported twice")
        for key in ("incidents.all", "incidents.theme.self-neglect", "incidents.harm.1", "incidents.reporting"):
            found = queries.counts_between(key, cast.north.place, MARCH.from_on, MARCH.to_on, at=APRIL)
            assert found.count == 1, key
        assert queries.counts_between(
            "incidents.all", cast.north.place, MARCH.from_on, MARCH.to_on, at=hours(49)
        ).count == 2, "as of the moment before, it stood"  # fmt: skip


def _newest(cast: Cast) -> Incident:
    return Incident.objects.filter(provider=cast.provider).order_by("-recorded_at")[0]


class TestWhoIsNotThere:
    @pytest.mark.parametrize("name", NOBODY)
    @pytest.mark.parametrize("page", ["measure_rows", "measure_file"])
    def test_for_others_every_page_of_a_team_is_missing_or_of_their_own_place(
        self, cast: Cast, name: str, page: str
    ) -> None:
        person = happened(cast, 1)
        asked = {"place": str(cast.north.pk), "from": "2026-03-01", "to": "2026-03-31"}
        response = signed_in(cast.people()[name]).get(reverse(f"assurance:{page}", args=["incidents.all"]), asked)
        if response.status_code == 200:
            body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
            assert name in {"duty_manager_elsewhere", "stranger"}
            assert _newest(cast).reference not in body.decode()
            assert person not in body.decode()
            assert "North team" not in body.decode()
        else:
            assert response.status_code == 404

    @pytest.mark.parametrize("name", ["supervisor", "duty_manager"])
    def test_who_reads_one_team_learns_nothing_of_the_provider(self, cast: Cast, name: str) -> None:
        for code in ("all", str(cast.harbour.pk), str(cast.east.pk), "x", ""):
            response = signed_in(cast.people()[name]).get(
                reverse("assurance:measure_file", args=["incidents.all"]), {"place": code}
            )
            entry = AccessEntry.objects.filter(by_id=cast.people()[name].pk).latest("at", "pk")
            own = cast.north.pk if name == "supervisor" else cast.riverside.pk
            assert response.status_code == 200
            assert f"place={own}" in entry.detail, "the trace names the place that was shown, not the one asked for"


class TestOddAddresses:
    @pytest.mark.parametrize(
        "page", ["0", "-1", "x", "", "1.5", "²", "٣", "9" * 13, "9" * 5000, "99999999999", "1 OR 1=1", "🙂"]
    )
    def test_a_page_that_is_none_shows_a_page(self, cast: Cast, page: str) -> None:
        used(cast)
        an_incident(by=cast.worker, team=cast.north, at=NOW)
        response = signed_in(cast.quality_lead).get(
            reverse("assurance:measure_rows", args=["incidents.all"]),
            {"page": page, "from": "2026-03-01", "to": "2026-03-31"},
        )
        assert response.status_code == 200

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            ("9999-12-31", "9999-12-31"),
            ("0001-01-01", "0001-01-01"),
            ("0001-01-01", "9999-12-31"),
            ("3000-01-01", "3000-01-01"),
            ("1899-12-31", "1900-01-01"),
            ("2026-02-30", "2026-03-01"),
            ("٢٠٢٦-٠٣-٠١", "2026-03-31"),
        ],
    )
    @pytest.mark.parametrize("page", ["measure_rows", "measure_rows_file"])
    def test_days_that_nobody_lived_are_not_there(self, cast: Cast, page: str, first: str, last: str) -> None:
        response = signed_in(cast.quality_lead).get(
            reverse(f"assurance:{page}", args=["incidents.all"]), {"from": first, "to": last}
        )
        assert response.status_code == 404

    @pytest.mark.parametrize("key", ["incidents.all%00", "../incidents.all", "incidents.theme.", "loop", "🙂"])
    def test_a_measure_that_is_none_is_not_there(self, cast: Cast, key: str) -> None:
        assert (
            signed_in(cast.quality_lead).get(f"/measures/{key}/rows?from=2026-03-01&to=2026-03-31").status_code == 404
        )


TABLE_ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
HEADING = re.compile(r'<span class="nhsuk-table__heading".*?</span>', re.DOTALL)
CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)


def table_of(page: str, first: str) -> list[list[str]]:
    """The rows of the table on ``page`` whose first cell begins with ``first``, as plain words."""
    rows = []
    for row in TABLE_ROW.findall(HEADING.sub("", page)):
        cells = [
            re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", cell))).strip() for cell in CELL.findall(row)
        ]
        if cells and cells[0].startswith(first):
            rows.append(cells)
    return rows


class TestTheFileIsThePage:
    @pytest.mark.parametrize("length", list(Length))
    @pytest.mark.parametrize("name", ["quality_lead", "worker"])
    def test_period_by_period(self, cast: Cast, length: Length, name: str) -> None:
        """What the page says of each period, the file says in numbers: the count, out of how many, and what is kept."""
        for number in range(7):
            happened(cast, 20 * number)
        key, client = "self-neglect.same-day-consultation", signed_in(cast.people()[name])
        asked = {"place": str(cast.north.pk), "length": length.value}
        page = client.get(reverse("assurance:measure", args=[key]), asked).content.decode()
        file = b"".join(client.get(reverse("assurance:measure_file", args=[key]), asked).streaming_content)  # type: ignore[attr-defined]
        lines = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
        periods = last_periods(length, local_day(APRIL), 24)
        assert [(line["From"], line["To"]) for line in lines] == [
            (period.from_on.isoformat(), period.to_on.isoformat()) for period in periods
        ]
        assert [line["Over"] for line in lines] == ["Yes"] * 23 + ["No"]
        checked = 0
        for period, line in zip(periods, lines, strict=True):
            (shown,) = (row for row in table_of(page, period.label) if row[0] == period.label and len(row) == 4)
            if line["Number"] == "Fewer than 5: not shown":
                assert shown[1].startswith("Fewer than 5")
                assert (shown[2], shown[3], line["Count"], line["Out of"]) == ("", "", "", "")
                continue
            assert shown[2] == (f"{line['Count'] or 0} of {line['Out of']}" if line["Out of"] not in {"", "0"} else "")
            if line["Number"]:
                assert shown[1].split("%")[0] == f"{float(line['Number']):,.1f}".removesuffix(".0")
                checked += 1
            else:
                assert shown[1].startswith("Nothing to say")
        assert checked

    def test_team_by_team(self, cast: Cast) -> None:
        used(cast)
        for number in range(3):
            an_incident(by=cast.worker, team=cast.north, at=hours(number), person_reference=f"P-{number}")
        client = signed_in(cast.quality_lead)
        page = client.get(reverse("assurance:measure_teams", args=["incidents.all"])).content.decode()
        file = b"".join(
            client.get(reverse("assurance:measure_teams_file", args=["incidents.all"])).streaming_content  # type: ignore[attr-defined]
        )
        lines = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))[1:]
        teams = [line[0] for line in lines]
        assert sorted(teams) == sorted(
            f"{team.name}, {team.service.name}" for team in (cast.north, cast.south, cast.east)
        )
        places = [html.unescape(page).index(name) for name in teams]
        assert places == sorted(places), "in the order of the page"


class TestKeptBack:
    @pytest.mark.parametrize("everything", [True, False])
    def test_none_and_a_few_are_told_alike(self, *, everything: bool) -> None:
        assert len({kept_back_words(number, everything=everything) for number in range(5)}) == 1

    def test_many_are_counted_for_those_who_read_everything_alone(self) -> None:
        assert "There are 5 of them" in kept_back_words(5, everything=True)
        assert kept_back_words(5, everything=False) == kept_back_words(0, everything=False)


class TestAnEmptyProvider:
    def test_every_measure_of_every_length_says_that_there_is_nothing_to_say(self, cast: Cast) -> None:
        used(cast)
        place = cast.north.place
        for length in Length:
            over = last_periods(length, local_day(APRIL), 24)
            numbers = queries.read(queries.measures_of(cast.provider.pk, APRIL), queries.where_of(place, over, APRIL))
            for key, by_team in numbers.items():
                reads = by_team[None]
                assert len(reads) == 24
                counted = {read.count for read in reads}
                assert counted <= {None, 0.0}, key
                if key.startswith("incidents.") and not key.endswith((".rate", "reporting")):
                    assert counted == {0.0}, "no incident is a zero: incidents are always counted"
                else:
                    assert all(read.share in {None, 0.0} for read in reads), key
        assert not Obligation.objects.filter(kind="pathways.owed").exists()

    def test_its_pages_and_files_come_all_the_same(self, cast: Cast) -> None:
        client = signed_in(cast.stranger)
        for name, args in (("measures", []), ("measures_file", []), ("measure", ["incidents.all"])):
            assert client.get(reverse(f"assurance:{name}", args=args)).status_code == 200
        assert client.get(reverse("assurance:measure_teams", args=["incidents.all"])).status_code == 200
        assert places_read(cast.stranger, APRIL)[0].name == "Another Provider"
