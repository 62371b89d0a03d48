"""What is owed in supervision: asked for once a month, met by the record, moved, cancelled with a reason, escalated."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, create_person, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.models import ExpectedDiscussion
from saferpractice.assurance.operations.supervision import (
    answer_discussion,
    ask_for_discussion,
    bring_into_step,
    correct_absence,
    correct_discussion,
    record_absence,
    set_supervision_needs,
    set_supervisor,
)
from saferpractice.assurance.queries.supervision import CONFIRM, KIND, to_ask, to_follow
from saferpractice.assurance.rules.supervision import Needs
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.jobs import sweeps
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.supervision import AT, WORKER, a_point, account, supervised, talked
from tests.personas import LONG_AGO, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R38")]

FIRST = datetime(2026, 3, 1, 0, 5, tzinfo=UTC)
"""Five past midnight on the first of March."""
END = datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
"""The end of the last working day of March, in summer time."""
APRIL = datetime(2026, 4, 9, 10, 0, tzinfo=UTC)


def owed(worker: Person, month: date = date(2026, 3, 1)) -> list[Obligation]:
    """Every obligation to talk with ``worker`` in a month, oldest first."""
    asked = ExpectedDiscussion.objects.filter(worker=worker, month=month).values("pk")
    return list(Obligation.objects.filter(kind=KIND, subject_id__in=asked).order_by("opened_at", "pk"))


def became(worker: Person, month: date = date(2026, 3, 1)) -> list[str]:
    return [
        "met" if one.met_at else f"cancelled: {one.cancelled_because}" if one.cancelled_at else f"open: {one.owner}"
        for one in owed(worker, month)
    ]


def asked(cast: Cast, at: datetime = FIRST) -> None:
    supervised(cast)
    sweeps.ask_for_supervision(at)


class TestAsking:
    def test_the_supervisor_by_the_last_working_day(self, cast: Cast) -> None:
        asked(cast)
        (one,) = owed(cast.worker)
        assert (one.owner, one.role, one.team, one.due_at) == (cast.supervisor, "", cast.north, END)
        assert one.title == "Supervision of Wren Ashdown in March 2026: one safeguarding learning point"

    def test_once_a_month_however_often_the_worker_comes_round(self, cast: Cast) -> None:
        supervised(cast)
        assert [sweeps.ask_for_supervision(FIRST + timedelta(hours=6 * n)) for n in range(3)] == [5, 0, 0]
        assert len(owed(cast.worker)) == 1
        assert sweeps.ask_for_supervision(APRIL) == 5
        assert len(owed(cast.worker, date(2026, 4, 1))) == 1

    @pytest.mark.parametrize(
        ("moment", "month"),
        [
            (datetime(2026, 3, 31, 22, 59, tzinfo=UTC), date(2026, 3, 1)),
            (datetime(2026, 3, 31, 23, 0, tzinfo=UTC), date(2026, 4, 1)),  # midnight in London
            (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), date(2026, 10, 1)),  # the 30th was the last working day
            (datetime(2026, 11, 1, 0, 0, tzinfo=UTC), date(2026, 11, 1)),
        ],
    )
    def test_the_month_is_london_s(self, cast: Cast, moment: datetime, month: date) -> None:
        asked(cast, moment)
        assert bool(owed(cast.worker, month)) is (month != date(2026, 10, 1))
        assert set(ExpectedDiscussion.objects.values_list("month", flat=True)) <= {month}

    def test_where_nobody_supervises_the_place_owes_it(self, cast: Cast) -> None:
        sweeps.ask_for_supervision(FIRST)
        (team,), (service,) = owed(cast.worker), owed(cast.duty_manager)
        assert (team.owner, team.role, team.team) == (None, Role.SUPERVISOR, cast.north)
        assert (service.owner, service.role, service.team) == (None, Role.SAFEGUARDING_LEAD, None)

    def test_not_after_it_was_held(self, cast: Cast) -> None:
        supervised(cast)
        talked(cast.supervisor, cast.worker, a_point(cast))
        sweeps.ask_for_supervision(AT)
        assert (owed(cast.worker), len(owed(cast.colleague))) == ([], 1)

    def test_not_of_somebody_who_is_away_all_month(self, cast: Cast) -> None:
        supervised(cast)
        record_absence(by=cast.supervisor, at=FIRST, worker=cast.worker, from_on=date(2026, 2, 16), until_on=None)
        sweeps.ask_for_supervision(FIRST)
        assert owed(cast.worker) == []

    def test_a_joiner_once_enough_of_the_month_is_left(self, cast: Cast) -> None:
        asked(cast)
        new = [
            create_person(by=SET_UP, at=at, provider=cast.provider, name=name, email=f"{name.lower()}@example.org")
            for name, at in (("Early", FIRST + timedelta(days=16)), ("Late", FIRST + timedelta(days=18)))
        ]
        for person, day in zip(new, (17, 19), strict=True):
            at = FIRST + timedelta(days=day - 1)
            assign_role(by=SET_UP, at=at, person=person, role=Role.SUPPORT_WORKER, place=cast.north.place)
        sweeps.ask_for_supervision(FIRST + timedelta(days=19))
        assert [len(owed(person)) for person in new] == [1, 0]
        sweeps.ask_for_supervision(APRIL)
        assert [len(owed(person, date(2026, 4, 1))) for person in new] == [1, 1]

    def test_only_the_worker_process_asks_and_follows(self, cast: Cast) -> None:
        for do in (ask_for_discussion, bring_into_step):
            with pytest.raises(Refused):
                do(by=cast.administrator, at=FIRST, worker=cast.worker)

    def test_another_setting_asks_others_from_next_month_on(self, cast: Cast) -> None:
        needs = Needs(frozenset({"reviewer"}), fewest_days=3, joiner_days=5)
        set_supervision_needs(by=cast.administrator, at=FIRST, provider=cast.provider, needs=needs)
        assert cast.worker in to_ask(FIRST, 50)
        assert [one for one in to_ask(APRIL, 50) if one.provider_id == cast.provider.pk] == [cast.reviewer]

    @pytest.mark.parametrize(
        ("needs", "wrong"),
        [
            (Needs(frozenset()), "roles"),
            (Needs(frozenset({"commissioner"})), "roles"),
            (Needs(fewest_days=0), "fewest_days"),
            (Needs(joiner_days=21), "joiner_days"),
        ],
    )
    def test_a_setting_that_makes_no_sense_is_refused(self, cast: Cast, needs: Needs, wrong: str) -> None:
        with pytest.raises(Invalid) as refused:
            set_supervision_needs(by=cast.administrator, at=FIRST, provider=cast.provider, needs=needs)
        assert set(refused.value.problems) == {wrong}


class TestMeeting:
    def test_by_the_record_of_a_discussion(self, cast: Cast) -> None:
        asked(cast)
        (made,) = talked(cast.supervisor, cast.worker, a_point(cast))
        (one,) = owed(cast.worker)
        assert (one.met_at, one.met_by_id) == (AT, made.pk)
        assert became(cast.colleague) == ["open: Sorrel Beck"]

    def test_a_disputed_one_is_met_and_not_covered(self, cast: Cast) -> None:
        asked(cast)
        (made,) = talked(cast.supervisor, cast.worker, a_point(cast))
        answer_discussion(by=cast.worker, at=AT, discussion=made, confirmed=False, words="We did not meet.")
        assert became(cast.worker) == ["met"]

    def test_held_in_the_month_and_written_down_later(self, cast: Cast) -> None:
        asked(cast)
        point = a_point(cast)
        talked(cast.supervisor, cast.worker, point, at=APRIL, held_on=date(2026, 3, 30))
        (one,) = owed(cast.worker)
        assert (one.met_at, one.due_at < APRIL) == (APRIL, True)

    def test_a_missed_month_is_met_late_by_the_next_one(self, cast: Cast) -> None:
        asked(cast)
        sweeps.ask_for_supervision(APRIL)
        talked(cast.supervisor, cast.worker, a_point(cast), at=APRIL)
        assert [became(cast.worker), became(cast.worker, date(2026, 4, 1))] == [["met"], ["met"]]

    def test_taken_back_it_is_owed_again(self, cast: Cast) -> None:
        asked(cast)
        point = a_point(cast)
        (made,) = talked(cast.supervisor, cast.worker, point)
        correct_discussion(
            by=cast.supervisor, at=AT, discussion=made, account=account(point), because="It was put off",
            submission_key="c", taken_back=True,
        )  # fmt: skip
        assert became(cast.worker) == ["met", "open: Sorrel Beck"]
        assert owed(cast.worker)[1].due_at == END
        talked(cast.supervisor, cast.worker, point)
        assert became(cast.worker) == ["met", "met"]


class TestMoving:
    def test_to_the_new_supervisor_with_its_deadline(self, cast: Cast) -> None:
        asked(cast)
        set_supervisor(
            by=cast.duty_manager, at=AT, workers=[cast.worker], supervisor=cast.quality_lead, from_on=AT.date()
        )
        (one,) = owed(cast.worker)
        assert (one.owner, one.due_at) == (cast.quality_lead, END)
        assert became(cast.colleague) == ["open: Sorrel Beck"]

    def test_from_the_place_to_the_first_supervisor_and_back(self, cast: Cast) -> None:
        sweeps.ask_for_supervision(FIRST)
        supervised(cast, cast.worker, at=AT)
        assert became(cast.worker) == ["cancelled: Who supervises them changed", "open: Sorrel Beck"]
        set_supervisor(by=cast.duty_manager, at=AT, workers=[cast.worker], supervisor=None, from_on=AT.date())
        assert became(cast.worker)[2:] == ["open: None"]
        assert owed(cast.worker)[2].role == Role.SUPERVISOR

    def test_when_the_supervisor_left(self, cast: Cast) -> None:
        asked(cast)
        set_active(by=cast.administrator, at=AT, person=cast.supervisor, active=False)
        assert {one.pk for one in to_follow(AT, 50)} == {cast.worker.pk, cast.colleague.pk}
        sweeps.ask_for_supervision(AT)
        assert became(cast.worker)[1:] == ["open: None"]
        assert to_follow(AT, 50) == []


class TestCancelling:
    def test_by_an_absence_with_its_days(self, cast: Cast) -> None:
        asked(cast)
        record_absence(by=cast.duty_manager, at=AT, worker=cast.worker, from_on=date(2026, 3, 3), until_on=None)
        assert became(cast.worker) == ["cancelled: Away from Tuesday 3 March 2026"]

    def test_not_by_a_week_off(self, cast: Cast) -> None:
        asked(cast)
        record_absence(
            by=cast.supervisor, at=AT, worker=cast.worker, from_on=date(2026, 3, 9), until_on=date(2026, 3, 13)
        )
        assert became(cast.worker) == ["open: Sorrel Beck"]

    @pytest.mark.parametrize("taken_back", [False, True])
    def test_an_absence_put_right_is_owed_again(self, cast: Cast, taken_back: bool) -> None:
        asked(cast)
        away = record_absence(by=cast.supervisor, at=AT, worker=cast.worker, from_on=date(2026, 3, 3), until_on=None)
        correct_absence(
            by=cast.supervisor, at=AT, absence=away, from_on=date(2026, 3, 3), until_on=date(2026, 3, 6),
            taken_back=taken_back,
        )  # fmt: skip
        assert became(cast.worker)[1:] == ["open: Sorrel Beck"]

    def test_by_leaving(self, cast: Cast) -> None:
        asked(cast)
        end_role(by=cast.administrator, at=AT, assignment=cast.worker.role_assignments.get())
        set_active(by=cast.administrator, at=AT, person=cast.colleague, active=False)
        assert sweeps.ask_for_supervision(AT) == 2
        assert became(cast.worker) == became(cast.colleague) == ["cancelled: Left on Thursday 12 March 2026"]
        assert sweeps.ask_for_supervision(AT) == 0

    def test_the_trail_says_what_was_brought_into_step(self, cast: Cast) -> None:
        asked(cast)
        end_role(by=cast.administrator, at=AT, assignment=cast.worker.role_assignments.get())
        sweeps.ask_for_supervision(AT)
        entry = TrailEntry.objects.get(operation="assurance.bring_into_step")
        assert entry.facts == {"steps": ["2026-03: cancel"]}


class TestAbsences:
    @pytest.mark.parametrize(
        ("from_on", "until_on", "wrong"),
        [
            (date(2026, 3, 9), date(2026, 3, 8), "until_on"),
            (date(2026, 3, 20), None, "from_on"),
            (date(2026, 3, 1), date(2026, 3, 16), "from_on"),
            (date(2027, 6, 1), None, "from_on"),
        ],
        ids=["ends before it begins", "over another", "into another", "too far ahead"],
    )
    def test_days_that_cannot_be(self, cast: Cast, from_on: date, until_on: date | None, wrong: str) -> None:
        record_absence(by=cast.lead, at=AT, worker=cast.worker, from_on=date(2026, 3, 16), until_on=date(2026, 4, 20))
        with pytest.raises(Invalid) as refused:
            record_absence(by=cast.lead, at=AT, worker=cast.worker, from_on=from_on, until_on=until_on)
        assert set(refused.value.problems) == {wrong}

    def test_the_same_again_is_the_same(self, cast: Cast) -> None:
        made = [
            record_absence(by=cast.lead, at=AT, worker=cast.worker, from_on=date(2026, 3, 16), until_on=None)
            for _ in range(2)
        ]
        assert made[0] == made[1]

    def test_two_corrections_of_one_are_told_apart(self, cast: Cast) -> None:
        away = record_absence(by=cast.lead, at=AT, worker=cast.worker, from_on=date(2026, 3, 16), until_on=None)
        days = {"by": cast.lead, "at": AT, "absence": away, "from_on": date(2026, 3, 16)}
        first = correct_absence(**days, until_on=date(2026, 3, 20))  # type: ignore[arg-type]
        assert correct_absence(**days, until_on=date(2026, 3, 20)) == first  # type: ignore[arg-type]
        with pytest.raises(Stale):
            correct_absence(**days, until_on=date(2026, 3, 27))  # type: ignore[arg-type]


class TestSupervisors:
    def test_the_history_stays_and_the_same_again_adds_nothing(self, cast: Cast) -> None:
        supervised(cast)
        supervised(cast, at=AT)
        assert cast.worker.supervised_by.count() == 1
        supervised(cast, by=cast.lead, at=AT)
        assert [row.supervisor for row in cast.worker.supervised_by.in_order()] == [cast.supervisor, cast.lead]

    @pytest.mark.parametrize(
        ("name", "from_on", "wrong"),
        [
            ("worker", date(2026, 3, 12), "supervisor"),
            ("stranger", date(2026, 3, 12), "supervisor"),
            ("commissioner", date(2026, 3, 12), "supervisor"),
            ("lead", date(2026, 3, 13), "from_on"),
            ("lead", date(2026, 2, 1), "from_on"),
        ],
        ids=["oneself", "somebody of another provider", "no colleague", "a day ahead", "before the last change"],
    )
    def test_what_does_not_fit(self, cast: Cast, name: str, from_on: date, wrong: str) -> None:
        supervised(cast, from_on=date(2026, 3, 2), at=AT)
        with pytest.raises(Invalid) as refused:
            set_supervisor(
                by=cast.administrator, at=AT, workers=[cast.worker], supervisor=cast.people()[name], from_on=from_on
            )
        assert set(refused.value.problems) == {wrong}

    def test_of_a_whole_team_or_of_none(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            set_supervisor(
                by=cast.duty_manager, at=AT, workers=[cast.worker, cast.worker_elsewhere], supervisor=cast.lead,
                from_on=AT.date(),
            )  # fmt: skip
        assert not cast.worker.supervised_by.exists()


class TestEscalating:
    def test_late_it_goes_up_the_chain_of_the_service(self, cast: Cast) -> None:
        asked(cast)
        (one,) = owed(cast.worker)
        told = []
        for hours in (-20, 0, 5, 25):
            for step in escalate(by=WORKER, at=END + timedelta(hours=hours), obligation_id=one.pk):
                told.append(sorted(person.name for person in step.told.all()))
        assert told == [["Sorrel Beck"], ["Dale Marlow", "Sorrel Beck"], ["Lark Penrose"], ["Drew Castell"]]

    def test_that_a_worker_has_not_answered_is_told_to_nobody_else(self, cast: Cast) -> None:
        supervised(cast)
        talked(cast.supervisor, cast.worker, a_point(cast))
        one = Obligation.objects.get(kind=CONFIRM)
        late = one.due_at + timedelta(days=9)
        told = [step.told.all() for step in escalate(by=WORKER, at=late, obligation_id=one.pk)]
        assert [[person.name for person in people] for people in told] == [["Wren Ashdown"]]
        one.refresh_from_db()
        assert one.next_escalation_at is None

    def test_the_worker_is_asked_on_their_page_and_by_mail_without_a_word_of_it(self, cast: Cast) -> None:
        supervised(cast)
        (made,) = talked(cast.supervisor, cast.worker, a_point(cast), words="Ring Elm House first.")
        one = Obligation.objects.get(kind=CONFIRM)
        assert (one.owner, one.due_at) == (cast.worker, datetime(2026, 3, 20, tzinfo=UTC))
        mail = OutboxMessage.objects.get(key__startswith="supervision:")
        assert (mail.to, "Elm House" in mail.body) == (cast.worker, False)
        answer = answer_discussion(by=cast.worker, at=AT, discussion=made, confirmed=True)
        one.refresh_from_db()
        assert one.met_by_id == answer.pk


def test_a_supervisor_elsewhere_is_not_asked_for_others(cast: Cast) -> None:
    place = Place(cast.provider.pk, cast.harbour.pk, cast.east.pk)
    assign_role(by=SET_UP, at=LONG_AGO, person=cast.reviewer, role=Role.SUPERVISOR, place=place)
    supervised(cast, cast.worker_elsewhere, by=cast.reviewer)
    asked(cast)
    assert {one.owner for one in owed(cast.worker) + owed(cast.colleague)} == {cast.supervisor}
    assert [one.owner for one in owed(cast.worker_elsewhere)] == [cast.reviewer]
