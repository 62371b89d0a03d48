"""Coverage of supervision as a measure: what is owed by month, place and period, and the workers behind a number."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.rules import Place
from saferpractice.assurance.operations.supervision import answer_discussion, record_absence
from saferpractice.assurance.queries import measures as queries
from saferpractice.assurance.queries.measures import Each
from saferpractice.assurance.queries.measures.rows import Behind, rows_behind
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import Length, last_periods
from saferpractice.assurance.rules.measures.reading import Read
from tests.conftest import TestClock
from tests.factories.supervision import AT, a_talk, supervised
from tests.factories.web import signed_in, words
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R38", "R19")]

KEY = "supervision.coverage"
APRIL = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
BEGUN = date(2026, 2, 2)


@pytest.fixture
def team(cast: Cast) -> Cast:
    """North team with its supervisor since February: five people owe a talk a month, one of them was talked with."""
    supervised(cast, from_on=BEGUN, at=datetime(2026, 2, 2, 9, 0, tzinfo=UTC))
    a_talk(cast)
    return cast


def defined(cast: Cast) -> Defined:
    found = queries.measure_of(KEY, cast.provider.pk, AT)
    assert found is not None
    return found


def counted(
    cast: Cast, at: datetime, place: Place | None = None, length: Length = Length.MONTH, how_many: int = 3
) -> dict[str, tuple[float | None, float | None, int]]:
    over = last_periods(length, at.date(), how_many)
    found = queries.reading(defined(cast), place or Place(cast.provider.pk), over, at)
    return {period.label: said(one) for period, one in zip(over, found.reads, strict=True)}


def said(one: Read) -> tuple[float | None, float | None, int]:
    return one.count, one.out_of, one.waiting


class TestWhatIsCounted:
    def test_month_by_month_and_nothing_before_it_was_kept(self, team: Cast) -> None:
        assert counted(team, AT, team.north.place) == {
            "January 2026": (None, 0, 0),
            "February 2026": (0, 2, 0),
            "March 2026": (1, 1, 1),
        }

    def test_what_can_still_be_held_in_time_is_out_of_it_until_it_is_late(self, team: Cast) -> None:
        assert counted(team, APRIL, team.north.place)["March 2026"] == (1, 2, 0)

    def test_what_the_worker_disputes_is_not_held(self, team: Cast) -> None:
        made = team.worker.discussions.get()
        answer_discussion(by=team.worker, at=AT, discussion=made, confirmed=False, words="We did not talk.")
        assert counted(team, APRIL, team.north.place)["March 2026"] == (0, 2, 0)

    def test_whoever_is_away_all_month_owes_nothing(self, team: Cast) -> None:
        record_absence(by=team.lead, at=AT, worker=team.colleague, from_on=BEGUN, until_on=date(2026, 2, 28))
        assert counted(team, AT, team.north.place)["February 2026"] == (0, 1, 0)
        assert counted(team, APRIL, team.north.place)["March 2026"] == (1, 2, 0), "only that month"

    def test_a_provider_that_keeps_none_is_said_nothing_of(self, cast: Cast) -> None:
        months = counted(cast, AT)
        assert months.pop("March 2026")[:2] == (None, 0)
        assert set(months.values()) == {(None, 0, 0)}

    def test_months_add_up_to_the_quarter(self, team: Cast) -> None:
        at = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
        months = counted(team, at, how_many=4)
        (quarter, running) = counted(team, at, length=Length.QUARTER, how_many=2).values()
        ended = [months[label] for label in ("January 2026", "February 2026", "March 2026")]
        assert quarter[:2] == (sum(one or 0 for one, _, _ in ended), sum(of or 0 for _, of, _ in ended)) == (1, 10)
        assert running == (None, 0, 5)

    def test_a_month_lies_in_the_week_of_its_last_day(self, team: Cast) -> None:
        weeks = counted(team, datetime(2026, 3, 18, 9, 0, tzinfo=UTC), team.north.place, Length.WEEK, 5)
        told = {label: one for label, one in weeks.items() if one[1]}
        assert list(told.values()) == [(0, 2, 0)]
        assert "23" in next(iter(told)), "of the week from 23 February"


class TestPlaces:
    PLACES = {"north": (1, 2), "south": (None, 0), "east": (0, 1), "riverside": (1, 3), "harbour": (0, 1)}

    def test_of_each_place_alone(self, team: Cast) -> None:
        places = {
            "north": team.north.place,
            "south": team.south.place,
            "east": team.east.place,
            "riverside": Place(team.provider.pk, team.riverside.pk),
            "harbour": Place(team.provider.pk, team.harbour.pk),
        }
        found = {name: counted(team, APRIL, place)["March 2026"][:2] for name, place in places.items()}
        whole = counted(team, APRIL)["March 2026"]
        assert (found["north"], found["riverside"]) == ((1, 2), (1, 3))
        assert whole == (1, 5, 0)
        assert whole[1] == (found["riverside"][1] or 0) + (found["harbour"][1] or 0)

    def test_teams_and_those_in_no_single_one_add_up(self, team: Cast) -> None:
        over = last_periods(Length.MONTH, APRIL.date(), 2)
        for place in (Place(team.provider.pk), Place(team.provider.pk, team.riverside.pk)):
            whole = queries.reading(defined(team), place, over, APRIL).reads[0]
            for each in (Each.SERVICE, Each.TEAM):
                parts = [team.north.pk, team.south.pk, team.east.pk, team.riverside.pk, team.harbour.pk, None]
                where = queries.where_of(place, over, APRIL, each)
                found = [
                    read[0] for read in queries.read([defined(team)], where, {pk: (pk,) for pk in parts})[KEY].values()
                ]
                assert sum(one.count or 0 for one in found) == whole.count
                assert sum(one.out_of or 0 for one in found) == whole.out_of
                assert sum(bool(one.out_of) for one in found) > 1 or each is Each.SERVICE


class TestRows:
    def rows(self, team: Cast, by: Person, place: Place | None = None) -> tuple[list[Behind], int]:
        over = (queries.between(date(2026, 3, 1), date(2026, 3, 31)),)
        found = rows_behind(defined(team), queries.where_of(place or Place(team.provider.pk), over, APRIL), by)
        assert found.opened == len(found.rows)
        return found.rows, found.kept_back

    def test_one_for_each_worker_and_month_with_what_became_of_it(self, team: Cast) -> None:
        rows, kept_back = self.rows(team, team.lead, team.north.place)
        assert [(row.text, row.counts_as, row.worker_id) for row in rows] == sorted([
            (f"{team.worker.name}, March 2026", "Discussed, not yet confirmed", team.worker.pk),
            (f"{team.colleague.name}, March 2026", "Missing", team.colleague.pk),
        ])  # fmt: skip
        assert kept_back == 0

    def test_a_reader_sees_only_those_whose_supervision_they_may_see(self, team: Cast) -> None:
        rows, kept_back = self.rows(team, team.supervisor)
        assert {row.worker_id for row in rows} == {team.worker.pk, team.colleague.pk}
        assert kept_back == 3
        rows, kept_back = self.rows(team, team.reviewer)
        assert (rows, kept_back) == ([], 5), "the number is theirs to read, the names are not"

    def test_nothing_owed_has_no_rows(self, cast: Cast) -> None:
        over = (queries.between(date(2025, 3, 1), date(2025, 3, 31)),)
        found = rows_behind(defined(cast), queries.where_of(Place(cast.provider.pk), over, AT), cast.lead)
        assert (found.rows, found.opened, found.kept_back) == ([], 0, 0)


def text_of(answer: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(words(answer))).split())


class TestPages:
    @pytest.fixture(autouse=True)
    def _now(self, the_clock: TestClock) -> None:
        the_clock.stand_at(APRIL)

    def page(self, by: Person, name: str = "measure", status: int = 200, **query: Any) -> str:
        answer = signed_in(by).get(reverse(f"assurance:{name}", args=[KEY]), query)
        assert answer.status_code == status
        return text_of(answer) if status == 200 else ""

    def test_it_stands_among_the_measures_that_are_named(self, team: Cast) -> None:
        answer = signed_in(team.quality_lead).get(reverse("assurance:measures"))
        assert "Safeguarding learning discussed in supervision March 2026 20% Read from 1 of 5" in text_of(answer)

    def test_services_teams_and_whoever_works_in_no_single_one(self, team: Cast) -> None:
        found = self.page(team.quality_lead)
        assert "Service Riverside community service Number 33.3% Read from 1 of 3" in found
        assert "Team North team, Riverside community service Number 50% Read from 1 of 2" in found
        assert "Team Those who work in no single team Number 0% Read from 0 of 2" in found
        assert "no single service" not in found

    def test_of_a_service_its_teams_only(self, team: Cast) -> None:
        found = self.page(team.quality_lead, place=str(team.riverside.pk))
        assert "Each service" not in found
        assert "Team North team, Riverside community service Number 50% Read from 1 of 2" in found
        assert "Team Those who work in no single team Number 0% Read from 0 of 1" in found

    @pytest.mark.parametrize("who", ["worker", "commissioner", "administrator"])
    def test_for_others_it_is_not_there(self, team: Cast, who: str) -> None:
        self.page(getattr(team, who), status=404)

    def test_a_row_leads_to_the_worker(self, team: Cast) -> None:
        query = {"from": "2026-03-01", "to": "2026-03-31", "place": str(team.north.pk)}
        answer = signed_in(team.supervisor).get(reverse("assurance:measure_rows", args=[KEY]), query)
        assert reverse("assurance:worker", args=[team.worker.pk]) in answer.content.decode()
        assert f"{team.worker.name}, March 2026" in words(answer)


def test_a_longer_history_takes_no_more_statements(team: Cast, django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for how_many in (2, 24):
        with CaptureQueriesContext(connection) as seen:
            counted(team, APRIL + timedelta(days=1), how_many=how_many)
        taken.append(len(seen))
    assert taken[0] == taken[1]
