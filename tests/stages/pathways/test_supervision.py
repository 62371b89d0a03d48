"""One open case a month of each team, drawn by chance, put to its supervisor, and what became of it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.operations import decide_restriction
from saferpractice.jobs import sweeps
from saferpractice.pathways import operations
from saferpractice.pathways.models import (
    PathwayCase,
    SupervisionDraw,
    SupervisionList,
    SupervisionPick,
)
from saferpractice.pathways.queries import end_of_month, library, month_of
from saferpractice.pathways.rules.definition import Definition
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Refused
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R19")]
KIND = "pathways.supervise"


def cases(cast: Cast, number: int, **more: Any) -> list[PathwayCase]:
    return [a_case(cast, person=f"P-{place}", **more) for place in range(1, number + 1)]


def close(case: PathwayCase, by: Person, at: datetime = NOW + timedelta(hours=3)) -> None:
    operations.write_record(
        by=by, at=at - timedelta(minutes=1), case=case, kind="checklist",
        happened_at=at - timedelta(minutes=1), values={"present": []}, submission_key=f"none-{case.pk}"[:80],
    )  # fmt: skip
    operations.close_case(by=by, at=at, case=case, reason="Well again.")


def of(team: Team) -> SupervisionList:
    return SupervisionList.objects.get(team=team)


def picks(team: Team) -> list[SupervisionPick]:
    return list(SupervisionPick.objects.filter(draw__frozen__team=team).order_by("rank"))


def picks_of(team: Team, month: date) -> list[SupervisionPick]:
    return [pick for pick in picks(team) if pick.draw.frozen.month == month]


def asked(pick: SupervisionPick) -> list[str]:
    """What became of each obligation about a case drawn, oldest first."""
    found = Obligation.objects.filter(subject_id=pick.pk, kind=KIND).order_by("opened_at", "pk")
    return ["met" if one.met_at else "cancelled" if one.cancelled_at else "open" for one in found]


def looked(case: PathwayCase, by: Person, hour: float = 2, **values: Any) -> Any:
    return a_record(case, "supervision", hour, by=by, values={"present": ["infection-risk"], **values})


def with_supervision(number: int) -> Definition:
    definition = library()["self-neglect"]
    assert definition.supervision is not None
    return definition.model_copy(update={"supervision": definition.supervision.model_copy(update={"cases": number})})


class TestMonths:
    @pytest.mark.parametrize(
        ("moment", "month"),
        [
            (datetime(2026, 3, 31, 22, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
            (datetime(2026, 3, 31, 23, 0, tzinfo=UTC), date(2026, 4, 1)),  # midnight in London, summer time
            (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), date(2026, 10, 1)),
            (datetime(2026, 11, 1, 0, 0, tzinfo=UTC), date(2026, 11, 1)),
            (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        ],
    )
    def test_a_month_is_london_s(self, moment: datetime, month: date) -> None:
        assert month_of(moment) == month

    @pytest.mark.parametrize(
        ("month", "ends"),
        [
            (date(2026, 2, 1), datetime(2026, 3, 1, tzinfo=UTC)),
            (date(2026, 3, 1), datetime(2026, 3, 31, 23, tzinfo=UTC)),
            (date(2028, 2, 1), datetime(2028, 3, 1, tzinfo=UTC)),
            (date(2026, 12, 1), datetime(2027, 1, 1, tzinfo=UTC)),
        ],
    )
    def test_it_ends_at_a_london_midnight(self, month: date, ends: datetime) -> None:
        assert end_of_month(month) == ends


class TestDrawing:
    def test_one_open_case_of_each_team(self, cast: Cast) -> None:
        north = cases(cast, 5)
        east = a_case(cast, by=cast.worker_elsewhere, team=cast.east, person="P-90")
        sweeps.supervise(NOW)
        assert sorted(of(cast.north).case_ids) == sorted(str(case.pk) for case in north)
        assert [pick.case for pick in picks(cast.east)] == [east]
        (pick,) = picks(cast.north)
        owed = Obligation.objects.get(subject_id=pick.pk)
        assert (owed.role, owed.team, owed.due_at) == (Role.SUPERVISOR, cast.north, end_of_month(date(2026, 3, 1)))
        assert owed.title == f"Look at a case in supervision: Self-neglect threshold, {pick.case.person_supported}"

    def test_a_team_without_an_open_case_is_said_to_have_none(self, cast: Cast) -> None:
        cases(cast, 2)
        sweeps.supervise(NOW)
        empty = of(cast.south)
        assert (empty.case_ids, empty.list_hash) == ([], hashlib.sha256(b"").hexdigest())
        assert picks(cast.south) == []
        assert "had no open case" in words(page(cast.lead, empty))

    def test_anybody_can_repeat_it(self, cast: Cast) -> None:
        cases(cast, 6)
        sweeps.supervise(NOW)
        frozen, draw = of(cast.north), SupervisionDraw.objects.get(frozen__team=cast.north)
        again = sorted(
            frozen.case_ids, key=lambda one: hmac.new(draw.seed.encode(), one.encode(), "sha256").hexdigest()
        )
        assert [str(pick.case_id) for pick in picks(cast.north)] == again[:1]
        assert frozen.list_hash == hashlib.sha256("\n".join(sorted(frozen.case_ids)).encode()).hexdigest()

    def test_the_seed_is_the_seal_of_the_frozen_list(self, cast: Cast) -> None:
        cases(cast, 2)
        sweeps.supervise(NOW)
        frozen, draw = of(cast.north), SupervisionDraw.objects.get(frozen__team=cast.north)
        seal = TrailEntry.objects.get(provider_id=cast.provider.pk, sequence=draw.sealed_by)
        assert (seal.operation, seal.subject_id, seal.hash) == ("pathways.freeze_cases", frozen.pk, draw.seed)
        assert seal.facts["list"] == frozen.list_hash
        assert check_chain(cast.provider.pk).whole
        drawn = TrailEntry.objects.get(operation="pathways.draw_cases", subject_id=draw.pk)
        assert drawn.sequence > seal.sequence, "the list stands before the seed is used"

    def test_the_seeds_of_two_teams_differ(self, cast: Cast) -> None:
        cases(cast, 1)
        sweeps.supervise(NOW)
        seeds = SupervisionDraw.objects.values_list("seed", flat=True)
        assert len(set(seeds)) == len(seeds) == 3

    def test_once_a_month_however_often_the_worker_comes(self, cast: Cast) -> None:
        cases(cast, 3)
        assert sweeps.supervise(NOW) == 6
        before = [pick.pk for pick in picks(cast.north)]
        assert sweeps.supervise(NOW + timedelta(days=20)) == 0
        assert [pick.pk for pick in picks(cast.north)] == before

    def test_a_new_month_is_drawn_anew_and_one_missed_is_not_made_up_for(self, cast: Cast) -> None:
        cases(cast, 3)
        sweeps.supervise(NOW)
        sweeps.supervise(NOW + timedelta(days=62))
        months = sorted(set(SupervisionList.objects.values_list("month", flat=True)))
        assert months == [date(2026, 3, 1), date(2026, 5, 1)]

    def test_as_many_as_the_definition_says(self, cast: Cast) -> None:
        cases(cast, 5)
        used(cast, definition=with_supervision(3))
        sweeps.supervise(NOW)
        assert [pick.rank for pick in picks(cast.north)] == [1, 2, 3]

    def test_a_pathway_without_supervision_is_left_alone(self, cast: Cast) -> None:
        a_case(cast, "lost-contact")
        assert sweeps.supervise(NOW) == 0

    def test_a_pathway_put_in_use_this_month_waits_for_the_next(self, cast: Cast) -> None:
        operations.put_in_use(by=SET_UP, at=NOW, provider=cast.provider, definition=library()["self-neglect"])
        assert sweeps.supervise(NOW) == 0
        assert sweeps.supervise(NOW + timedelta(days=40)) == 6

    def test_closed_and_restricted_cases_are_not_on_the_list(self, cast: Cast) -> None:
        open_, closed = cases(cast, 2)
        close(closed, cast.duty_manager)
        incident = an_incident(team=cast.north, by=cast.worker, restricted=True, restricted_reason="About staff")
        a_case(cast, by=cast.lead, incident=incident, person="P-77")
        sweeps.supervise(NOW + timedelta(hours=4))
        assert of(cast.north).case_ids == [str(open_.pk)]

    def test_a_worker_that_died_after_freezing_is_followed_by_one_that_draws(self, cast: Cast) -> None:
        case = a_case(cast)
        operations.freeze_cases(by=sweeps.WORKER, at=NOW, team=cast.north, version=case.version)
        later = a_case(cast, person="P-9")
        sweeps.supervise(NOW + timedelta(hours=1))
        assert [pick.case for pick in picks(cast.north)] == [case]
        assert str(later.pk) not in of(cast.north).case_ids

    def test_a_case_closed_between_freezing_and_drawing_is_passed_over(self, cast: Cast) -> None:
        one, other = cases(cast, 2)
        operations.freeze_cases(by=sweeps.WORKER, at=NOW, team=cast.north, version=one.version)
        close(one, cast.duty_manager)
        sweeps.supervise(NOW + timedelta(hours=4))
        assert [pick.case for pick in picks(cast.north)] == [other]
        assert len(of(cast.north).case_ids) == 2

    def test_nobody_draws_by_hand(self, cast: Cast) -> None:
        case = a_case(cast)
        with pytest.raises(Refused, match="so that nobody chooses them"):
            operations.freeze_cases(by=cast.supervisor, at=NOW, team=cast.north, version=case.version)
        frozen = operations.freeze_cases(by=sweeps.WORKER, at=NOW, team=cast.north, version=case.version)
        with pytest.raises(Refused):
            operations.draw_cases(by=cast.director, at=NOW, frozen=frozen)
        assert not SupervisionDraw.objects.exists()

    def test_one_team_that_fails_does_not_stop_the_others(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        a_case(cast)
        real = sweeps.freeze_cases

        def broken(**given: Any) -> Any:
            if given["team"] == cast.south:
                raise RuntimeError("no")
            return real(**given)

        monkeypatch.setattr(sweeps, "freeze_cases", broken)
        sweeps.supervise(NOW)
        assert set(SupervisionList.objects.values_list("team", flat=True)) == {cast.north.pk, cast.east.pk}
        monkeypatch.undo()
        sweeps.supervise(NOW)
        assert SupervisionList.objects.count() == 3

    @pytest.mark.parametrize("table", ["supervisionlist", "supervisiondraw", "supervisionpick"])
    def test_what_was_drawn_cannot_be_altered(self, cast: Cast, table: str) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        for statement in (
            f"UPDATE pathways_{table} SET decided_by_name = 'x'",
            f"DELETE FROM pathways_{table}",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestLookingAtIt:
    @pytest.fixture
    def pick(self, cast: Cast) -> SupervisionPick:
        cases(cast, 3)
        sweeps.supervise(NOW)
        (pick,) = picks(cast.north)
        return pick

    def test_the_record_meets_it(self, cast: Cast, pick: SupervisionPick) -> None:
        record = looked(pick.case, cast.supervisor, agreed="Visit twice a week.")
        owed = Obligation.objects.get(subject_id=pick.pk)
        assert (owed.met_at, owed.met_by_id) == (hours(2), record.pk)

    def test_another_kind_or_another_case_does_not(self, cast: Cast, pick: SupervisionPick) -> None:
        a_record(pick.case, "checklist", 1, by=cast.supervisor, present=["infection-risk"])
        other = PathwayCase.objects.exclude(pk=pick.case_id).first()
        assert other is not None
        looked(other, cast.supervisor, agreed="Visit twice a week.")
        assert asked(pick) == ["open"]

    def test_unfinished_does_not_count_until_it_is_completed(self, cast: Cast, pick: SupervisionPick) -> None:
        record = looked(pick.case, cast.supervisor)
        assert asked(pick) == ["open"]
        operations.correct_record(
            by=cast.supervisor, at=hours(3), record=record, happened_at=hours(2),
            values={"present": [], "agreed": "Ring the nurse."}, reason="Not finished", submission_key="c",
        )  # fmt: skip
        assert asked(pick) == ["met"]

    def test_what_happened_before_it_was_drawn_does_not_count(self, cast: Cast, pick: SupervisionPick) -> None:
        a_record(pick.case, "supervision", -1, written=1, by=cast.supervisor, present=[], agreed="Before.")
        assert asked(pick) == ["open"]

    def test_taken_back_it_is_owed_anew(self, cast: Cast, pick: SupervisionPick) -> None:
        record = looked(pick.case, cast.supervisor, agreed="Visit.")
        operations.correct_record(
            by=cast.supervisor, at=hours(3), record=record, happened_at=hours(2), values={},
            reason="Another case", submission_key="c", withdrawn=True,
        )  # fmt: skip
        assert asked(pick) == ["met", "open"]

    def test_its_own_case_says_so_and_leads_there(
        self, cast: Cast, pick: SupervisionPick, the_clock: TestClock
    ) -> None:
        the_clock.stand_at(hours(1))
        shown = words(signed_in(cast.supervisor).get(reverse("pathways:case", args=[pick.case_id])))
        assert "Look at this case in supervision" in shown
        assert "It was drawn for March 2026." in shown
        went = signed_in(cast.supervisor).get(reverse("pathways:supervise", args=[pick.pk]))
        assert went["Location"] == reverse("pathways:write", args=[pick.case_id, "supervision"])
        manager = signed_in(cast.duty_manager).get(reverse("pathways:supervise", args=[pick.pk]))
        assert manager["Location"] == reverse("pathways:case", args=[pick.case_id])
        looked(pick.case, cast.supervisor, 0.5, agreed="Visit.")
        assert "drawn for March" not in words(
            signed_in(cast.supervisor).get(reverse("pathways:case", args=[pick.case_id]))
        )


class TestReplacing:
    def test_closed_before_it_was_looked_at_the_next_in_rank_takes_its_place(self, cast: Cast) -> None:
        cases(cast, 3)
        sweeps.supervise(NOW)
        (first,) = picks(cast.north)
        close(first.case, cast.duty_manager)
        old, new = picks(cast.north)
        assert (asked(old), asked(new)) == (["cancelled"], ["open"])
        assert (new.rank, new.instead_of) == (2, old)
        shown = words(page(cast.lead, of(cast.north)))
        assert "The case was closed before it was looked at" in shown
        assert "In the place of rank 1" in shown

    def test_looked_at_and_then_closed_nothing_is_put_in_its_place(self, cast: Cast) -> None:
        cases(cast, 3)
        sweeps.supervise(NOW)
        (pick,) = picks(cast.north)
        looked(pick.case, cast.supervisor, 1, agreed="Well enough.", present=[])
        close(pick.case, cast.duty_manager)
        assert [asked(one) for one in picks(cast.north)] == [["met"]]

    def test_the_last_one_has_no_successor(self, cast: Cast) -> None:
        a_case(cast)
        sweeps.supervise(NOW)
        (pick,) = picks(cast.north)
        close(pick.case, cast.duty_manager)
        assert [asked(one) for one in picks(cast.north)] == [["cancelled"]]

    def test_after_the_month_nothing_is_put_in_its_place(self, cast: Cast) -> None:
        cases(cast, 3)
        sweeps.supervise(NOW)
        (pick,) = picks(cast.north)
        close(pick.case, cast.duty_manager, at=NOW + timedelta(days=40))
        assert [asked(one) for one in picks(cast.north)] == [["cancelled"]]

    def test_one_whose_incident_is_restricted_meanwhile_is_replaced_once(self, cast: Cast) -> None:
        incident = an_incident(team=cast.north, by=cast.worker)
        tied = a_case(cast, by=cast.lead, incident=incident)
        sweeps.supervise(NOW)
        other = a_case(cast, person="P-2")
        april = NOW + timedelta(days=40)
        sweeps.supervise(april)
        if picks_of(cast.north, date(2026, 4, 1))[0].case != tied:
            close(other, cast.duty_manager, at=april + timedelta(hours=1))
        decide_restriction(
            by=cast.lead, at=april + timedelta(hours=2), incident=incident, restricted=True, reason="About staff"
        )
        sweeps.supervise(april + timedelta(hours=3))
        sweeps.supervise(april + timedelta(hours=4))
        drawn = picks_of(cast.north, date(2026, 4, 1))
        assert [asked(pick) for pick in drawn if pick.case == tied] == [["cancelled"]]
        assert len(drawn) == 2 and len({pick.case_id for pick in drawn}) == 2


def page(person: Person, frozen: SupervisionList) -> Any:
    return signed_in(person).get(reverse("pathways:supervision_list", args=[frozen.pk]))


class TestPages:
    @pytest.fixture(autouse=True)
    def _drawn(self, cast: Cast, the_clock: TestClock) -> None:
        cases(cast, 2)
        sweeps.supervise(NOW)
        the_clock.stand_at(hours(1))

    def test_the_list_and_how_to_repeat_it(self, cast: Cast) -> None:
        shown = words(signed_in(cast.supervisor).get(reverse("pathways:supervision")))
        assert "March 2026" in shown
        assert "To be looked at" in shown
        assert "South team" not in shown, "one sees the teams one oversees"
        frozen = of(cast.north)
        told = words(page(cast.supervisor, frozen))
        assert all(text in told for text in (frozen.list_hash, frozen.draw.seed, "keyed-draw/1", *frozen.case_ids))

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("supervisor", 200),
            ("duty_manager", 200),
            ("lead", 200),
            ("quality_lead", 200),
            ("director", 200),
            ("worker", 404),
            ("reviewer", 404),
            ("duty_manager_elsewhere", 404),
            ("administrator", 404),
            ("commissioner", 404),
            ("stranger", 404),
        ],
    )
    def test_who_reads_the_draw_of_north(self, cast: Cast, who: str, status: int) -> None:
        assert page(cast.people()[who], of(cast.north)).status_code == status

    def test_a_case_one_may_not_open_is_counted_and_not_named(self, cast: Cast) -> None:
        incident = an_incident(team=cast.north, by=cast.worker)
        tied = a_case(cast, by=cast.lead, incident=incident, person="P-SECRET")
        sweeps.supervise(NOW + timedelta(days=40))
        frozen = SupervisionList.objects.get(team=cast.north, month=date(2026, 4, 1))
        assert str(tied.pk) in frozen.case_ids
        decide_restriction(by=cast.lead, at=hours(24 * 41), incident=incident, restricted=True, reason="About staff")
        shown = words(page(cast.supervisor, frozen))
        assert "P-SECRET" not in shown
        assert "A case that you may not open" in shown
