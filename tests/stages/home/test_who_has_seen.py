"""Who has looked at the records about somebody: every look, told to those who answer for it, and to nobody else."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.looks import record_look
from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import assign_role, create_person
from saferpractice.access.rules import Role
from saferpractice.home.queries import LooksWanted, held_about, looks_about, told
from saferpractice.home.queries.held import Look
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import keep_from, name_person, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.rules import NAME_WITHHELD
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LATER = NOW + timedelta(days=1)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def the_person(incident: Incident) -> PersonSupported:
    assert incident.person_supported is not None
    return incident.person_supported


def looked(by: Person, incident: Incident, page: str = "incident", at: datetime = NOW) -> None:
    record_look(by=by, at=at, page=page, story_id=incident.pk)


def looks(by: Person, incident: Incident, **wanted: object) -> list[Look]:
    held = held_about(by, LATER, the_person(incident).pk)
    assert held is not None
    return list(told(held, looks_about(held, LooksWanted(**wanted))))  # type: ignore[arg-type]


def page(by: Person, incident: Incident, query: str = "", name: str = "home:person_looks") -> HttpResponse:
    return signed_in(by).get(f"{reverse(name, args=[the_person(incident).pk])}{query}")


def lines(response: HttpResponse) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


class TestEveryLook:
    def test_at_an_incident_a_case_and_the_person_stands_there(self, cast: Cast, incident: Incident) -> None:
        case = a_case(cast, by=cast.lead, incident=incident)
        looked(cast.supervisor, incident)
        record_look(by=cast.duty_manager, at=NOW + timedelta(hours=1), page="case", story_id=case.pk)
        record_look(
            by=cast.worker, at=NOW + timedelta(hours=2), page="person supported", story_id=the_person(incident).pk
        )
        assert [(one.who, one.role, one.record, one.page) for one in looks(cast.lead, incident)] == [
            ("Wren Ashdown", "Support worker", "The person", "person supported"),
            ("Dale Marlow", "Duty manager", "Case: Self-neglect threshold", "case"),
            ("Sorrel Beck", "Supervisor", f"Incident {incident.reference}", "incident"),
        ]

    def test_at_every_incident_of_the_person_and_at_no_other(self, cast: Cast, incident: Incident) -> None:
        again = an_incident(by=cast.worker, team=cast.east)
        other = an_incident(by=cast.worker, team=cast.north, person_reference="P-2000")
        for one in (incident, again, other):
            looked(cast.director, one)
        assert sorted(one.record for one in looks(cast.lead, incident)) == sorted(
            f"Incident {one.reference}" for one in (incident, again)
        )

    def test_a_search_for_their_reference_is_one(self, cast: Cast, incident: Incident) -> None:
        record_look(by=cast.worker, at=NOW, page="person supported, search", story_id=None, detail="P-1042")
        record_look(by=cast.worker, at=NOW, page="person supported, search", story_id=None, detail="P-10")
        record_look(by=cast.worker, at=NOW, page="cases as a file", story_id=None, detail="P-1042")
        assert [one.record for one in looks(cast.lead, incident)] == ["Searched for by reference"]

    def test_also_at_a_report_that_was_withdrawn(self, cast: Cast, incident: Incident) -> None:
        looked(cast.supervisor, incident)
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="It was reported twice.")
        assert len(looks(cast.quality_lead, incident)) == 1

    def test_of_another_provider_is_not_there(self, cast: Cast, incident: Incident) -> None:
        looked(cast.stranger, incident)
        assert looks(cast.lead, incident) == []

    def test_says_why_somebody_was_named_on_the_record_while_they_were(self, cast: Cast) -> None:
        kept = an_incident(by=cast.lead, team=cast.north, restricted=True, restricted_reason="About a colleague")
        name_person(by=cast.lead, at=NOW, incident=kept, person=cast.reviewer, reason="Reviews it")
        looked(cast.reviewer, kept, at=NOW - timedelta(hours=1))
        looked(cast.reviewer, kept, at=NOW + timedelta(hours=1))
        assert [one.purpose for one in looks(cast.lead, kept)] == ["Reviews it", ""]


class TestNarrowing:
    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("", 4),
            ("?who=penrose", 1),
            ("?who=nobody", 0),
            ("?since=2026-07-01", 3),
            ("?until=2026-07-01", 3),
            ("?since=2026-07-01&until=2026-07-01", 2),
            ("?since-day=1&since-month=7&since-year=2026", 3),
            ("?since=nonsense&until=&who=", 4),
            ("?since=0001-01-01&until=9999-12-31", 4),
            ("?after=nonsense", 4),
        ],
    )
    def test_by_london_days_and_by_name(self, query: str, shown: int, cast: Cast, incident: Incident) -> None:
        """In summer a day in London begins an hour before it does in UTC."""
        looked(cast.lead, incident, at=datetime(2026, 6, 30, 22, 59, tzinfo=UTC))
        looked(cast.supervisor, incident, at=datetime(2026, 6, 30, 23, 0, tzinfo=UTC))
        looked(cast.supervisor, incident, at=datetime(2026, 7, 1, 22, 59, tzinfo=UTC))
        looked(cast.supervisor, incident, at=datetime(2026, 7, 1, 23, 0, tzinfo=UTC))
        found = lines(page(cast.director, incident, query, name="home:person_looks_file"))
        assert len([one for one in found[1:] if one[3].startswith("Incident")]) == shown

    def test_older_ones_are_a_page_further(
        self, cast: Cast, incident: Incident, monkeypatch: pytest.MonkeyPatch, the_clock: TestClock
    ) -> None:
        monkeypatch.setattr("saferpractice.home.views.held.PAGE", 2)
        the_clock.stand_at(LATER)
        for number in range(3):
            looked(cast.supervisor, incident, page=f"look {number}", at=NOW)
        first = page(cast.lead, incident, "?who=Sorrel")
        assert ("Look 2" in words(first), "Look 1" in words(first), "Look 0" in words(first)) == (True, True, False)
        (older,) = [part.split('"')[0] for part in first.content.decode().split('href="') if "after=" in part[:200]]
        second = signed_in(cast.lead).get(older.replace("&amp;", "&"))
        assert ("Look 1" in words(second), "Look 0" in words(second)) == (False, True)


class TestTheFile:
    def test_holds_what_the_page_shows(self, cast: Cast, incident: Incident, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)
        looked(cast.supervisor, incident, at=datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
        response = page(cast.lead, incident, name="home:person_looks_file")
        assert response["Content-Disposition"] == 'attachment; filename="looks-2026-03-05.csv"'
        header, first, *_ = lines(response)
        assert header[:4] == ["When (London)", "Who", "Role then", "Record"]
        assert first[1:5] == ["Sorrel Beck", "Supervisor", f"Incident {incident.reference}", "Incident"]
        assert first[0].startswith("2026-07-01 13:00")

    def test_a_name_cannot_be_a_formula(self, cast: Cast, incident: Incident) -> None:
        AccessEntry.objects.create(
            provider_id=cast.provider.pk, at=NOW, by_id=cast.worker.pk, by_name="=1+1", by_role="", page="incident",
            story_id=incident.pk,
        )  # fmt: skip
        assert "'=1+1" in [one[1] for one in lines(page(cast.lead, incident, name="home:person_looks_file"))]


class TestWhoMay:
    def test_each_look_here_is_one_itself(self, cast: Cast, incident: Incident) -> None:
        page(cast.lead, incident)
        lines(page(cast.lead, incident, "?who=x", name="home:person_looks_file"))
        mine = AccessEntry.objects.filter(story_id=the_person(incident).pk, by_id=cast.lead.pk).order_by("at", "pk")
        assert [(one.page, one.detail) for one in mine] == [
            ("who has looked at a person", ""),
            ("who has looked at a person, export", "who=x"),
        ]

    def test_the_search_leads_there_and_is_a_look(self, cast: Cast, incident: Incident) -> None:
        response = signed_in(cast.quality_lead).get(reverse("home:records"), {"reference": " p-1042"})
        assert response["Location"] == reverse("home:person_looks", args=[the_person(incident).pk])
        assert AccessEntry.objects.filter(page="records of a person, search", by_id=cast.quality_lead.pk).count() == 1

    def test_a_reference_that_is_not_there_gets_the_same_answer_as_one_that_may_not_be_read(self, cast: Cast) -> None:
        an_incident(by=cast.lead, team=cast.north, restricted=True, restricted_reason="x", person_reference="P-77")
        client = signed_in(cast.quality_lead)
        answers = [words(client.get(reverse("home:records"), {"reference": one})) for one in ("P-77", "P-78")]
        assert "You may read nothing about a person with this reference" in answers[0]
        shown = [re.search("<main.*</main>", one) for one in answers]
        assert shown[0] is not None
        assert shown[1] is not None
        assert shown[0][0].replace("P-77", "P-78") == shown[1][0]

    def test_senior_for_one_service_only_is_not_enough(self, cast: Cast, incident: Incident) -> None:
        """Records of a person lie in several services; who answers for one would give half an answer."""
        local = create_person(
            by=SET_UP, at=NOW, provider=cast.provider, name="Local Lead", email="local@example.org", password="x" * 20
        )
        assign_role(by=SET_UP, at=NOW, person=local, role=Role.SAFEGUARDING_LEAD, place=cast.north.place)
        assert page(local, incident).status_code == 404
        assert signed_in(local).get(reverse("home:records")).status_code == 404

    def test_whoever_is_kept_from_one_incident_of_a_person_sees_none(self, cast: Cast, incident: Incident) -> None:
        an_incident(by=cast.worker, team=cast.north)
        assert page(cast.director, incident).status_code == 200
        keep_from(
            by=cast.lead, at=NOW, incident=incident, person=cast.director, because=KeptFromReason.ALLEGED_SOURCE
        )  # fmt: skip
        assert page(cast.director, incident).status_code == 404

    def test_looks_at_what_only_named_people_may_read_are_theirs_alone(self, cast: Cast, incident: Incident) -> None:
        kept = an_incident(by=cast.lead, team=cast.north, restricted=True, restricted_reason="About a colleague")
        case = a_case(cast, by=cast.lead, incident=kept)
        looked(cast.reviewer, kept)
        record_look(by=cast.reviewer, at=NOW, page="case", story_id=case.pk)
        looked(cast.supervisor, incident)
        assert len(looks(cast.lead, incident)) == 3
        assert [one.who for one in looks(cast.quality_lead, incident)] == ["Sorrel Beck"]


class TestAReporterWhoseNameIsWithheld:
    @pytest.fixture
    def withheld(self, cast: Cast) -> Incident:
        made = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        looked(cast.worker, made, page="my report")
        looked(cast.supervisor, made)
        return made

    def test_stays_withheld_from_whoever_may_not_know(self, cast: Cast, withheld: Incident) -> None:
        found = looks(cast.quality_lead, withheld)
        assert {(one.who, one.role) for one in found} == {(NAME_WITHHELD, ""), ("Sorrel Beck", "Supervisor")}
        assert "Wren" not in words(page(cast.quality_lead, withheld))

    def test_and_is_not_found_by_name(self, cast: Cast, withheld: Incident) -> None:
        assert looks(cast.quality_lead, withheld, who="Wren") == []
        assert [one.who for one in looks(cast.lead, withheld, who="Wren")] == ["Wren Ashdown"]

    def test_but_their_looks_at_other_records_have_their_name(self, cast: Cast, withheld: Incident) -> None:
        looked(cast.worker, an_incident(by=cast.supervisor, team=cast.north))
        assert "Wren Ashdown" in [one.who for one in looks(cast.quality_lead, withheld)]
