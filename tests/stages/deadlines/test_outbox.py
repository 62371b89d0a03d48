"""What leaves the system: tried again, never under another Message-ID, never lost, never to who has left (R35)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saferpractice.access.models import Provider
from saferpractice.access.operations import set_active
from saferpractice.access.rules import Role
from saferpractice.config import clock
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Escalation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.jobs import sweeps
from saferpractice.jobs.models import Heartbeat
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import OPERATIONS, Entry, operation
from saferpractice.trail.rules import By
from tests.databases import Database
from tests.factories.deadlines import TESTER, an_obligation
from tests.personas import NOW, SET_UP, Cast, build_cast
from tests.waiting import wait_for

pytestmark = pytest.mark.requirement("R35")
MINUTE = timedelta(minutes=1)


class Server:
    """A mail server for tests: takes what it is told to take, and keeps what it saw."""

    def __init__(self, *, refuses: int = 0, dies_after: int | None = None) -> None:
        self.refuses, self.dies_after = refuses, dies_after
        self.tried: list[str] = []
        self.taken: list[EmailMessage] = []

    def __call__(self, message: EmailMessage) -> int:
        self.tried.append(message.extra_headers["Message-ID"])
        if len(self.tried) <= self.refuses:
            raise ConnectionRefusedError("no mail server")
        self.taken.append(message)
        if self.dies_after is not None and len(self.taken) > self.dies_after:
            raise KeyboardInterrupt  # the worker is killed between sending and saying so
        return 1


def wait_for_duty_manager(cast: Cast, *titles: str) -> None:
    """One message to the duty manager for each title, written at NOW."""
    for title in titles:
        one = an_obligation(team=cast.north, at=NOW - timedelta(hours=5), title=title)
        escalate(by=TESTER, at=NOW, obligation_id=one.pk)


@pytest.mark.django_db
class TestTryingAgain:
    def test_the_pauses_double_up_to_an_hour(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A")
        at, pauses = NOW, []
        for _ in range(10):
            assert sweeps.send_mail(at, send=Server(refuses=1)) == 0
            after = OutboxMessage.objects.get().send_after
            pauses.append((after - at).total_seconds() / 60)
            at = after
        assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]

    def test_not_before_its_pause_is_over(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A")
        sweeps.send_mail(NOW, send=Server(refuses=1))
        server = Server()
        assert sweeps.send_mail(NOW + 0.49 * MINUTE, send=server) == 0
        assert sweeps.send_mail(NOW + 0.5 * MINUTE, send=server) == 1

    def test_what_was_tried_together_stays_together_whatever_comes_between(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A", "B")
        server = Server(refuses=1)
        sweeps.send_mail(NOW, send=server)
        wait_for_duty_manager(cast, "C")
        for minutes in (1, 2, 3):
            sweeps.send_mail(NOW + minutes * MINUTE, send=server)
        assert server.tried[0] == server.tried[1]
        assert [message.subject for message in server.taken] == ["2 things need you in Safer Practice", "Late: C"]
        assert len(set(server.tried)) == 2

    def test_a_worker_that_dies_after_sending_leaves_it_to_go_again_under_its_name(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A", "B")
        server = Server(dies_after=0)
        with pytest.raises(KeyboardInterrupt):
            sweeps.send_mail(NOW, send=server)
        wait_for_duty_manager(cast, "C")
        server.dies_after = None
        assert sweeps.send_mail(NOW + MINUTE, send=server) == 1, "what is claimed waits, what is new goes"
        assert sweeps.send_mail(NOW + sweeps.CLAIMED_FOR, send=server) == 2
        assert server.tried[0] == server.tried[2] != server.tried[1]
        assert sweeps.send_mail(NOW + timedelta(days=1), send=server) == 0

    def test_what_was_tried_together_goes_together_also_when_it_was_written_at_different_times(
        self, cast: Cast
    ) -> None:
        for hours in range(4):
            at = NOW + timedelta(hours=hours)
            one = an_obligation(team=cast.north, at=at - timedelta(hours=5), title=f"Thing {hours}")
            escalate(by=TESTER, at=at, obligation_id=one.pk)
        server = Server(dies_after=0)
        with pytest.raises(KeyboardInterrupt):
            sweeps.send_mail(NOW + timedelta(hours=4), send=server)
        server.dies_after = None
        sent = sweeps.send_mail(NOW + timedelta(hours=5), send=server)
        assert sent == OutboxMessage.objects.filter(to=cast.duty_manager).count() >= 4
        assert server.tried[0] == server.tried[1]

    def test_one_address_that_is_refused_does_not_hold_up_others(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A")
        other = an_obligation(team=cast.east, at=NOW - timedelta(hours=5))
        escalate(by=TESTER, at=NOW, obligation_id=other.pk)
        taken = []

        def picky(message: EmailMessage) -> int:
            if message.to == ["duty@example.org"]:
                raise ValueError("550 no such mailbox")
            taken.append(message.to)
            return 1

        assert sweeps.send_mail(NOW, send=picky) == 1
        assert taken == [["duty.elsewhere@example.org"]]
        assert "550" in OutboxMessage.objects.get(sent_at=None).last_error

    def test_forty_in_one_mail_and_the_rest_in_the_next(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, *(f"Thing {number:02}" for number in range(sweeps.MOST_IN_ONE_MAIL + 3)))
        server = Server()
        assert sweeps.send_mail(NOW, send=server) == sweeps.MOST_IN_ONE_MAIL
        assert sweeps.send_mail(NOW, send=server) == 3
        assert [message.body.count("•") for message in server.taken] == [sweeps.MOST_IN_ONE_MAIL, 3]

    def test_nothing_goes_to_who_has_left(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A")
        set_active(by=SET_UP, at=NOW, person=cast.duty_manager, active=False)
        server = Server()
        assert sweeps.send_mail(NOW + timedelta(days=1), send=server) == 0
        assert server.tried == []

    def test_the_text_names_where_to_look_and_no_person_supported(self, cast: Cast) -> None:
        wait_for_duty_manager(cast, "A")
        server = Server()
        sweeps.send_mail(NOW, send=server)
        message = server.taken[0]
        assert message.to == ["duty@example.org"]
        assert "http" in message.body
        assert message.extra_headers["Message-ID"].startswith("<")


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["new", "refused", "taken", "died"]), max_size=12))
def test_whatever_happens_each_message_goes_and_its_mail_keeps_its_name(cast: Cast, events: list[str]) -> None:
    OutboxMessage.objects.all().delete()
    at, number, names = NOW, 0, {}

    def send(message: EmailMessage, how: str) -> int:
        lines = frozenset(message.body.splitlines()) if "•" in message.body else frozenset([message.subject])
        name = message.extra_headers["Message-ID"]
        assert names.setdefault(lines, name) == name
        if how == "refused":
            raise ConnectionRefusedError
        if how == "died":
            raise KeyboardInterrupt
        return 1

    for event in [*events, "taken"]:
        at += timedelta(hours=2)
        if event == "new":
            number += 1
            one = an_obligation(team=cast.north, at=at - timedelta(hours=5), title=f"Thing {number} of {at}")
            escalate(by=TESTER, at=at, obligation_id=one.pk)
            continue
        for _ in range(3):
            try:
                sweeps.send_mail(at, send=lambda message, how=event: send(message, how))
            except KeyboardInterrupt:
                continue
    assert not OutboxMessage.objects.filter(sent_at=None).exists()
    assert len(set(names.values())) == len(names), "two mails never share a name"


def _say(*, by: By, at: datetime, provider: Provider, do: Callable[[], object]) -> Entry[object]:
    return Entry(result=do(), subject=provider, sentence="told somebody")


_say_operation = operation(_say)
OPERATIONS.pop("stages._say")


@pytest.mark.django_db
class TestTelling:
    def test_one_key_is_one_message_however_often_it_is_written(self, cast: Cast) -> None:
        def tell_three() -> list[bool]:
            people = (cast.lead, cast.lead, cast.director)
            return [ledger.tell(to=one, key="k", subject="s" * 300, body="b", at=NOW) for one in people]

        assert _say_operation(by=TESTER, at=NOW, provider=cast.provider, do=tell_three) == [True, False, True]
        assert OutboxMessage.objects.count() == 2
        assert {len(message.subject) for message in OutboxMessage.objects.all()} == {200}

    @pytest.mark.parametrize(
        ("role", "gone", "told"),
        [
            (Role.DUTY_MANAGER, (), {"Dale Marlow"}),
            (Role.DUTY_MANAGER, ("duty_manager",), {"Lark Penrose"}),
            (Role.DUTY_MANAGER, ("duty_manager", "lead"), {"Drew Castell"}),
            (Role.SAFEGUARDING_LEAD, ("lead",), {"Drew Castell"}),
            (Role.DIRECTOR, ("director",), {"Lark Penrose"}),
            (Role.REVIEWER, ("reviewer",), {"Lark Penrose"}),
            (Role.DIRECTOR, ("director", "lead"), {"Alder Finch"}),
        ],
    )
    def test_a_role_that_nobody_holds_is_told_to_the_next(
        self, cast: Cast, role: Role, gone: tuple[str, ...], told: set[str]
    ) -> None:
        for name in gone:
            set_active(by=SET_UP, at=NOW, person=cast.people()[name], active=False)

        def tell() -> object:
            return ledger.tell_role(role=role, team=cast.north, key="k", subject="Sign off 2026-1", body="b", at=NOW)

        _say_operation(by=TESTER, at=NOW, provider=cast.provider, do=tell)
        assert {message.to.name for message in OutboxMessage.objects.all()} == told
        if told == {"Alder Finch"}:
            assert "2026-1" not in OutboxMessage.objects.get().subject


def test_six_workers_at_one_moment_raise_each_level_once_and_send_each_mail_once(fresh_database: Database) -> None:
    cast = build_cast()
    made = [an_obligation(team=team, at=NOW) for team in (cast.north, cast.south, cast.east) for _ in range(3)]
    at, start = NOW + timedelta(hours=29), threading.Barrier(6)
    server, lock = Server(), threading.Lock()

    def send(message: EmailMessage) -> int:
        with lock:
            return server(message)

    def work(_: int) -> None:
        start.wait(timeout=30)
        try:
            for _ in range(4):
                sweeps.escalate_due(at)
                sweeps.send_mail(at, send=send)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    sweeps.send_mail(at, send=send)
    raised = sorted(Escalation.objects.values_list("obligation_id", "level"))
    assert raised == sorted((one.pk, level) for one in made for level in (1, 2, 3))
    assert TrailEntry.objects.filter(operation="deadlines.escalate").count() == len(made)
    assert not OutboxMessage.objects.filter(sent_at=None).exists()
    assert len(server.tried) == len(set(server.tried))
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.timeout(300)
def test_a_worker_told_to_stop_ends_its_round_first(fresh_database: Database) -> None:
    cast = build_cast()
    opened = clock.now() - timedelta(hours=5)
    for _ in range(30):
        an_obligation(team=cast.north, at=opened)
    environment = {
        **os.environ,
        **fresh_database.environment,
        "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "saferpractice", "work"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(Escalation.objects.exists, what="the first escalation", seconds=120)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=120) == 0
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    assert Escalation.objects.count() == 30, "what it had begun is done"
    assert TrailEntry.objects.filter(operation="deadlines.escalate").count() == 30
    assert not OutboxMessage.objects.filter(claimed_until__isnull=False).exists(), "nothing is left claimed"
    assert Heartbeat.objects.get().oldest_wait_seconds == 0
