"""Late work is escalated once for each level, whatever happens (R35)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saferpractice.access.operations import set_active
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Escalation, Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.deadlines.rules import clock_hours, working_days
from saferpractice.jobs import sweeps
from saferpractice.jobs.models import Heartbeat
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import NotInOperation
from tests.factories.deadlines import TESTER, an_obligation
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
HOUR = timedelta(hours=1)


def levels(obligation: Obligation) -> list[int]:
    return list(obligation.escalations.order_by("at", "level").values_list("level", flat=True))


def told() -> set[str]:
    return set(OutboxMessage.objects.values_list("to__name", flat=True))


class TestLevels:
    def test_nothing_before_it_is_late(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        assert escalate(by=TESTER, at=one.due_at, obligation_id=one.pk) == []
        assert not OutboxMessage.objects.exists()

    def test_each_level_at_its_moment_to_its_people(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, owner=cast.worker)
        steps = [
            (timedelta(seconds=1), [1], {"Wren Ashdown", "Dale Marlow"}),
            (4 * HOUR - timedelta(seconds=1), [1], {"Wren Ashdown", "Dale Marlow"}),
            (4 * HOUR + timedelta(seconds=1), [1, 2], {"Wren Ashdown", "Dale Marlow", "Lark Penrose"}),
            (25 * HOUR, [1, 2, 3], {"Wren Ashdown", "Dale Marlow", "Lark Penrose", "Drew Castell"}),
            (99 * HOUR, [1, 2, 3], {"Wren Ashdown", "Dale Marlow", "Lark Penrose", "Drew Castell"}),
        ]
        for after, expected, people in steps:
            escalate(by=TESTER, at=one.due_at + after, obligation_id=one.pk)
            assert levels(one) == expected
            assert told() == people
        one.refresh_from_db()
        assert (one.escalated_level, one.next_escalation_at) == (3, None)

    def test_three_days_without_a_worker_raise_every_level_once_in_order(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        escalate(by=TESTER, at=NOW + timedelta(days=3), obligation_id=one.pk)
        escalate(by=TESTER, at=NOW + timedelta(days=3), obligation_id=one.pk)
        assert levels(one) == [1, 2, 3]
        assert OutboxMessage.objects.count() == 3
        assert {e.due_at for e in Escalation.objects.all()} == {one.due_at}

    def test_a_clock_that_jumps_back_raises_nothing_again(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        for after in (5 * HOUR, 4.5 * HOUR, 5 * HOUR, 4 * HOUR, 6 * HOUR):
            escalate(by=TESTER, at=NOW + after, obligation_id=one.pk)
        assert levels(one) == [1]

    def test_what_is_met_or_cancelled_is_left_alone(self, cast: Cast) -> None:
        met, cancelled = (an_obligation(team=cast.north, at=NOW) for _ in range(2))
        Obligation.objects.filter(pk=met.pk).update(met_at=NOW, next_escalation_at=None)
        Obligation.objects.filter(pk=cancelled.pk).update(cancelled_at=NOW, next_escalation_at=None)
        assert sweeps.escalate_due(NOW + timedelta(days=9)) == 0
        assert not Escalation.objects.exists()

    def test_the_story_says_who_was_told(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, story_id=cast.north.pk)
        escalate(by=sweeps.WORKER, at=NOW + 5 * HOUR, obligation_id=one.pk)
        entry = TrailEntry.objects.story(cast.north.pk).get()
        assert entry.by_name == "Safer Practice worker"
        assert entry.sentence == "said that “Answer the question” is 1 hour late, and told Dale Marlow"

    def test_the_database_itself_refuses_a_level_twice(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        escalate(by=TESTER, at=NOW + 5 * HOUR, obligation_id=one.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            Escalation.objects.create(obligation=one, level=1, at=NOW, due_at=one.due_at)

    def test_when_no_one_holds_the_role_the_next_is_told_and_the_entry_says_so(self, cast: Cast) -> None:
        one = an_obligation(team=cast.south, at=NOW, role=Role.SUPERVISOR)
        set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
        escalate(by=TESTER, at=NOW + 5 * HOUR, obligation_id=one.pk)
        sentence = TrailEntry.objects.order_by("-sequence")[0].sentence
        assert sentence.endswith("told Lark Penrose; nobody there is supervisor or duty manager")
        assert told() == {"Lark Penrose"}

    @pytest.mark.requirement("R34")
    def test_a_restricted_matter_is_told_to_the_lead_not_the_duty_manager(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, role=Role.SAFEGUARDING_LEAD, restricted=True)
        escalate(by=TESTER, at=NOW + 5 * HOUR, obligation_id=one.pk)
        assert told() == {"Lark Penrose"}


class TestReminder:
    def test_a_day_before_to_the_owner_once(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, owner=cast.worker, timescale=working_days(5))
        escalate(by=TESTER, at=one.due_at - 25 * HOUR, obligation_id=one.pk)
        assert not OutboxMessage.objects.exists()
        for _ in range(2):
            escalate(by=TESTER, at=one.due_at - 23 * HOUR, obligation_id=one.pk)
        message = OutboxMessage.objects.get()
        assert (message.to, message.subject) == (cast.worker, "Due soon: Answer the question")
        escalate(by=TESTER, at=one.due_at + HOUR, obligation_id=one.pk)
        assert levels(one) == [0, 1]

    def test_none_when_there_was_never_time_for_one(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=clock_hours(47))
        escalate(by=TESTER, at=one.due_at - HOUR, obligation_id=one.pk)
        assert levels(one) == []

    def test_none_after_the_deadline(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=working_days(5))
        escalate(by=TESTER, at=one.due_at + HOUR, obligation_id=one.pk)
        assert levels(one) == [1]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 80), max_size=8), st.none() | st.integers(0, 80))
def test_any_history_of_rounds_raises_each_level_once_and_none_left_out(
    cast: Cast, rounds: list[int], met_after: int | None
) -> None:
    one = an_obligation(team=cast.north, at=NOW)
    latest = -1
    for hours in rounds:
        if met_after is not None and hours >= met_after:
            Obligation.objects.filter(pk=one.pk).update(met_at=NOW, next_escalation_at=None)
        elif not Obligation.objects.get(pk=one.pk).met_at:
            latest = max(latest, hours)
        sweeps.escalate_due(NOW + hours * HOUR)
    expected = [level for level, due in ((1, 4), (2, 8), (3, 28)) if latest > due or (latest == due and level > 1)]
    assert levels(one) == expected


class TestTheSweep:
    def test_one_that_cannot_be_escalated_does_not_hold_up_the_rest(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        poison, well = (an_obligation(team=cast.north, at=NOW) for _ in range(2))
        real = sweeps.escalate

        def sometimes(**kwargs: Any) -> object:
            if kwargs["obligation_id"] == poison.pk:
                raise ValueError("poison")
            return real(**kwargs)

        monkeypatch.setattr(sweeps, "escalate", sometimes)
        at = NOW + 5 * HOUR
        assert sweeps.escalate_due(at) == 2
        assert (levels(poison), levels(well)) == ([], [1])
        poison.refresh_from_db()
        assert poison.next_escalation_at == at + sweeps.PUSHED_BACK
        monkeypatch.setattr(sweeps, "escalate", real)
        sweeps.escalate_due(at + sweeps.PUSHED_BACK)
        assert levels(poison) == [1]

    def test_a_sign_of_life_says_how_long_the_oldest_has_waited(self, cast: Cast) -> None:
        an_obligation(team=cast.north, at=NOW)
        sweeps.beat(NOW + 5 * HOUR)
        assert 3599 <= Heartbeat.objects.get().oldest_wait_seconds <= 3600
        sweeps.round_of_work(NOW + 5 * HOUR)
        assert Heartbeat.objects.get().oldest_wait_seconds == 0


class TestMail:
    @pytest.fixture(autouse=True)
    def _three_messages(self, cast: Cast) -> None:
        self.sent: list[EmailMessage] = []
        for team in (cast.north, cast.south, cast.east):
            one = an_obligation(team=team, at=NOW, title=f"Decide in {team.name}")
            escalate(by=TESTER, at=NOW + 5 * HOUR, obligation_id=one.pk)

    def send(self, message: EmailMessage) -> int:
        self.sent.append(message)
        return 1

    def test_one_mail_a_person_however_many_wait(self) -> None:
        at = NOW + 5 * HOUR
        assert sweeps.send_mail(at, send=self.send) == 3
        assert sweeps.send_mail(at, send=self.send) == 0
        subjects = {message.to[0]: message.subject for message in self.sent}
        assert subjects == {
            "duty@example.org": "2 things need you in Safer Practice",
            "duty.elsewhere@example.org": "Late: Decide in East team",
        }

    def test_a_failed_send_is_tried_again_later_with_the_same_message_id(self) -> None:
        ids: list[str] = []

        def fails(message: EmailMessage) -> int:
            ids.append(message.extra_headers["Message-ID"])
            raise ConnectionRefusedError("no mail server")

        at = NOW + 5 * HOUR
        assert sweeps.send_mail(at, send=fails) == 0
        assert sweeps.send_mail(at, send=self.send) == 0
        assert "ConnectionRefusedError" in OutboxMessage.objects.first().last_error  # type: ignore[union-attr]
        assert sweeps.send_mail(at + 2 * HOUR, send=self.send) == 3
        assert {m.extra_headers["Message-ID"] for m in self.sent} == set(ids)

    def test_a_message_claimed_by_a_worker_that_died_is_sent_by_another(self) -> None:
        at = NOW + 5 * HOUR
        OutboxMessage.objects.update(claimed_until=at + sweeps.CLAIMED_FOR)
        assert sweeps.send_mail(at, send=self.send) == 0
        assert sweeps.send_mail(at + sweeps.CLAIMED_FOR, send=self.send) == 3

    def test_a_subject_cannot_smuggle_headers(self) -> None:
        OutboxMessage.objects.update(subject="Late: x\r\nBcc: all@example.org")
        sweeps.send_mail(NOW + 5 * HOUR, send=self.send)
        assert all("\n" not in m.subject for m in self.sent)
        assert all(m.message()["Bcc"] is None for m in self.sent)


class TestLedger:
    def test_it_writes_only_inside_an_operation(self, cast: Cast) -> None:
        with pytest.raises(NotInOperation):
            ledger.tell(to=cast.lead, key="k", subject="s", body="b", at=NOW)
        with pytest.raises(NotInOperation):
            ledger.meet(subject=cast.north, kind="test.ask", record=cast.north, at=NOW)

    def test_the_owner_or_a_role_must_be_named(self, cast: Cast) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Obligation.objects.create(
                provider=cast.provider,
                kind="x",
                title="x",
                subject_type="x",
                subject_id=cast.north.pk,
                opened_at=NOW,
                due_at=NOW,
                clock="local",
            )
