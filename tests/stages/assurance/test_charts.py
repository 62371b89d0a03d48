"""Charts: the days on which changes went live, and new limits that a person decides for a reason (R4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.models import ChartRebase, ChartRebaseWithdrawal
from saferpractice.assurance.operations import rebase_chart, withdraw_rebase
from saferpractice.assurance.queries.charts import live_marks, rebases_at, rebases_of, rebases_within
from saferpractice.changes.operations import withdraw_change
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.changes import a_change, a_live_change
from tests.personas import NOW, SET_UP, Cast
from tests.rules.assurance.charts.builders import measure, months

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4")]

MEASURE = measure(key="lost-contact.visit.in-time", name="Visits in time")
PERIODS = months(12, date(2025, 3, 1))
ON = PERIODS[6].from_on
WHY = "Two people look at every missed contact since then"


def rebased(cast: Cast, *, by: Person | None = None, place: Place | None = None, **given: Any) -> ChartRebase:
    parts: dict[str, Any] = {
        "at": NOW,
        "of": "North team",
        "measure": MEASURE,
        "periods": PERIODS,
        "on": ON,
        "reason": WHY,
        "submission_key": uuid4().hex,
    }
    return rebase_chart(by=by or cast.quality_lead, place=place or cast.north.place, **(parts | given))


class TestLiveMarks:
    def marks(self, cast: Cast, person: Person | None = None, place: Place | None = None, **days: date) -> list[str]:
        from_on, to_on = days.get("from_on", date(2026, 1, 1)), days.get("to_on", date(2026, 3, 31))
        found = live_marks(place or cast.north.place, from_on, to_on, person or cast.quality_lead, NOW)
        return [mark.title for mark in found]

    @pytest.mark.parametrize(
        ("place", "marked"),
        [
            ("north", True),
            ("east", False),
            ("riverside", True),
            ("harbour", False),
            ("provider", True),
        ],
    )
    def test_a_change_is_marked_where_it_reaches(self, cast: Cast, place: str, marked: bool) -> None:
        a_live_change(cast, title="Checklist", reach=[cast.north, cast.south])
        places = {
            "north": cast.north.place,
            "east": cast.east.place,
            "riverside": Place(cast.provider.pk, cast.riverside.pk),
            "harbour": Place(cast.provider.pk, cast.harbour.pk),
            "provider": Place(cast.provider.pk),
        }
        assert self.marks(cast, place=places[place]) == (["Checklist"] if marked else [])

    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("quality_lead", True),
            ("worker", True),
            ("worker_elsewhere", False),
            ("stranger", False),
            ("administrator", False),
        ],
    )
    def test_nobody_learns_of_a_change_from_a_mark(self, cast: Cast, who: str, sees: bool) -> None:
        a_live_change(cast, title="Checklist", reach=[cast.north])
        assert self.marks(cast, getattr(cast, who)) == (["Checklist"] if sees else [])

    def test_one_that_is_only_agreed_is_not_marked(self, cast: Cast) -> None:
        a_change(cast, title="Agreed")
        assert self.marks(cast) == []

    @pytest.mark.parametrize(
        ("from_on", "to_on", "marked"),
        [
            (date(2026, 3, 2), date(2026, 3, 2), True),
            (date(2026, 3, 3), date(2026, 3, 9), False),
            (date(2026, 2, 1), date(2026, 3, 1), False),
        ],
    )
    def test_the_window_is_of_london_days_both_included(
        self, cast: Cast, from_on: date, to_on: date, marked: bool
    ) -> None:
        a_live_change(cast, title="Late in the day", at=datetime(2026, 3, 2, 23, 50, tzinfo=UTC))
        assert bool(self.marks(cast, from_on=from_on, to_on=to_on)) is marked

    def test_the_day_is_the_london_one(self, cast: Cast) -> None:
        summer = datetime(2025, 7, 9, 23, 30, tzinfo=UTC)
        a_live_change(cast, at=summer)
        found = live_marks(cast.north.place, date(2025, 7, 1), date(2025, 7, 31), cast.quality_lead, NOW)
        assert [mark.on for mark in found] == [date(2025, 7, 10)]

    def test_oldest_first_and_each_once(self, cast: Cast) -> None:
        later = a_live_change(cast, title="B", at=NOW - timedelta(days=1))
        a_live_change(cast, title="A", at=NOW - timedelta(days=9))
        assert self.marks(cast, place=Place(cast.provider.pk)) == ["A", "B"]
        assert later.reach.count() == 2

    def test_one_withdrawn_later_was_live_until_then(self, cast: Cast) -> None:
        change = a_live_change(cast, at=NOW - timedelta(days=9))
        withdraw_change(by=cast.quality_lead, at=NOW - timedelta(days=1), change=change, reason="It did not work here")
        (mark,) = live_marks(cast.north.place, date(2026, 1, 1), date(2026, 3, 31), cast.quality_lead, NOW)
        assert mark.withdrawn_on == date(2026, 3, 3)
        assert mark.change_id == change.pk

    def test_it_takes_as_many_statements_however_many_there_are(self, cast: Cast) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as seen:
                self.marks(cast, Person.objects.get(pk=cast.quality_lead.pk))
            return len(seen)

        a_live_change(cast)
        of_one = statements()
        for days in range(3):
            a_live_change(cast, at=NOW - timedelta(days=days))
        assert statements() == of_one
        assert len(self.marks(cast)) == 4


class TestRebasing:
    def test_a_person_decides_and_stands_on_it_with_a_reason(self, cast: Cast) -> None:
        rebase = rebased(cast)
        (found,) = rebases_of(cast.north.place, MEASURE.key)
        assert (found.on, found.reason) == (ON, WHY)
        assert found.by == "Quill Harker, quality lead"
        assert found.decided_on == date(2026, 3, 4)
        entry = TrailEntry.objects.get(subject_id=rebase.pk)
        assert "Visits in time" in entry.sentence
        assert WHY in entry.sentence

    @pytest.mark.parametrize(
        "who",
        [
            "worker",
            "duty_manager",
            "supervisor",
            "lead",
            "reviewer",
            "director",
            "administrator",
            "commissioner",
            "inspector",
            "stranger",
        ],
    )
    def test_nobody_but_a_quality_lead(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused, match="Only a quality lead of this place"):
            rebased(cast, by=getattr(cast, who))
        assert not ChartRebase.objects.exists()

    def test_a_quality_lead_of_one_service_stays_in_it(self, cast: Cast) -> None:
        place = Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=SET_UP, at=NOW, person=cast.colleague, role=Role.QUALITY_LEAD, place=place)
        here = Person.objects.get(pk=cast.colleague.pk)
        assert rebased(cast, by=here, at=NOW + timedelta(hours=1))
        for elsewhere in (cast.east.place, Place(cast.provider.pk)):
            with pytest.raises(Refused):
                rebased(cast, by=here, place=elsewhere, at=NOW + timedelta(hours=1))

    @pytest.mark.parametrize(
        ("given", "field"),
        [({"reason": "  "}, "reason"), ({"on": ON + timedelta(days=1)}, "on"), ({"on": PERIODS[0].from_on}, "on")],
    )
    def test_what_the_rule_refuses_is_not_written(self, cast: Cast, given: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            rebased(cast, **given)
        assert set(refused.value.problems) == {field}
        assert not ChartRebase.objects.exists()

    def test_a_day_is_decided_once_at_a_place(self, cast: Cast) -> None:
        rebased(cast)
        with pytest.raises(Invalid, match="already"):
            rebased(cast)
        assert rebased(cast, place=cast.south.place)
        assert rebased(cast, measure=measure(key="another"))

    def test_the_same_form_again_is_the_same_decision(self, cast: Cast) -> None:
        first = rebased(cast, submission_key="k")
        assert rebased(cast, submission_key="k") == first
        assert TrailEntry.objects.filter(subject_id=first.pk).count() == 1

    @pytest.mark.parametrize(
        ("given", "question"),
        [({"reason": "Another"}, "Why the process differs"), ({"on": PERIODS[7].from_on}, "From which day")],
    )
    def test_other_answers_in_it_are_told_apart(self, cast: Cast, given: dict[str, Any], question: str) -> None:
        rebased(cast, submission_key="k")
        with pytest.raises(SentBefore) as differs:
            rebased(cast, submission_key="k", **given)
        assert [one.question for one in differs.value.differences] == [question]

    def test_somebody_elses_form_is_not_taken_for_theirs(self, cast: Cast) -> None:
        rebased(cast, submission_key="k")
        assign_role(by=SET_UP, at=NOW, person=cast.colleague, role=Role.QUALITY_LEAD, place=Place(cast.provider.pk))
        other = Person.objects.get(pk=cast.colleague.pk)
        with pytest.raises(Invalid, match="somebody else"):
            rebased(cast, submission_key="k", by=other, at=NOW + timedelta(hours=1))


class TestWhoseChart:
    def test_a_decision_holds_for_its_own_place_only(self, cast: Cast) -> None:
        service, provider = Place(cast.provider.pk, cast.riverside.pk), Place(cast.provider.pk)
        rebased(cast, reason="team")
        rebased(cast, reason="service", place=service)
        rebased(cast, reason="provider", place=provider)
        found = {place: [one.reason for one in rebases_of(place, MEASURE.key)] for place in (service, provider)}
        assert found == {service: ["service"], provider: ["provider"]}
        assert [one.reason for one in rebases_of(cast.north.place, MEASURE.key)] == ["team"]
        assert rebases_of(cast.south.place, MEASURE.key) == []
        assert rebases_of(cast.north.place, "another") == []

    def test_all_of_a_provider_at_once(self, cast: Cast) -> None:
        rebased(cast)
        rebased(cast, place=cast.south.place, on=PERIODS[8].from_on)
        withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=rebased(cast, place=cast.east.place), reason="An error")
        found = rebases_within(cast.provider.pk, MEASURE.key)
        assert {place: [one.on for one in mine] for place, mine in found.items()} == {
            cast.north.place: [ON],
            cast.south.place: [PERIODS[8].from_on],
        }
        assert rebases_within(cast.stranger.provider_id, MEASURE.key) == {}


class TestWithdrawing:
    def test_it_stays_on_record_and_the_day_is_free_again(self, cast: Cast) -> None:
        rebase = rebased(cast)
        withdrawal = withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=rebase, reason="The wrong month")
        assert rebases_of(cast.north.place, MEASURE.key) == []
        assert [row.withdrawal for row in rebases_at(cast.north.place, MEASURE.key)] == [withdrawal]
        assert rebased(cast).pk != rebase.pk
        entry = TrailEntry.objects.filter(subject_id=rebase.pk).order_by("-sequence")[0]
        assert entry.sentence.endswith("because: The wrong month")

    def test_once(self, cast: Cast) -> None:
        rebase = rebased(cast)
        withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=rebase, reason="An error")
        with pytest.raises(Stale, match="already"):
            withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=rebase, reason="Again")

    def test_never_without_a_reason(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as refused:
            withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=rebased(cast), reason=" ")
        assert set(refused.value.problems) == {"why"}

    @pytest.mark.parametrize("who", ["lead", "director", "stranger"])
    def test_nobody_but_a_quality_lead(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            withdraw_rebase(by=getattr(cast, who), at=NOW, rebase=rebased(cast), reason="An error")
        assert not ChartRebaseWithdrawal.objects.exists()


class TestTheDatabaseItself:
    @pytest.mark.parametrize("change", [{"reason": "Prettier"}, {"on": date(2025, 4, 1)}])
    def test_decisions_are_never_changed(self, cast: Cast, change: dict[str, Any]) -> None:
        rebase = rebased(cast)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            ChartRebase.objects.filter(pk=rebase.pk).update(**change)

    def test_nor_deleted(self, cast: Cast) -> None:
        withdrawal = withdraw_rebase(by=cast.quality_lead, at=NOW, rebase=rebased(cast), reason="An error")
        for row in (withdrawal, withdrawal.rebase):
            with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
                type(row).objects.filter(pk=row.pk)._raw_delete("default")

    def test_a_team_names_its_service(self, cast: Cast) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            rebased(cast, place=Place(cast.provider.pk, None, cast.north.pk))
