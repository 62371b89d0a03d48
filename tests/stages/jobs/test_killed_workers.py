"""Four workers, two of them killed: each level of each obligation raised exactly once (R35)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from saferpractice.config import clock
from saferpractice.deadlines.models import Escalation, Obligation, OutboxMessage
from saferpractice.deadlines.rules import clock_hours
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from tests.databases import Database
from tests.factories.deadlines import an_obligation
from tests.personas import build_cast
from tests.waiting import wait_for

pytestmark = [pytest.mark.requirement("R35"), pytest.mark.timeout(900)]

DUE = 2_000


def due_obligations() -> None:
    """Two thousand obligations due an hour ago: one through its operation, the others like it."""
    cast = build_cast()
    opened = clock.now() - timedelta(hours=5)
    first = an_obligation(team=cast.north, at=opened, timescale=clock_hours(4))
    copies = []
    for number in range(1, DUE):
        copy = Obligation.objects.get(pk=first.pk)
        copy.pk = None
        copy.id = Obligation._meta.get_field("id").get_default()
        copy._state.adding = True
        copy.title = f"Answer question {number}"
        copies.append(copy)
    Obligation.objects.bulk_create(copies)


def start_worker(database: Database) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        **database.environment,
        "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings",
    }
    command = [sys.executable, "-m", "saferpractice", "work", "--until-idle"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_two_thousand_due_four_workers_two_killed(fresh_database: Database) -> None:
    due_obligations()
    workers = [start_worker(fresh_database) for _ in range(4)]
    try:
        for count, victim in ((DUE // 10, workers[0]), (DUE // 4, workers[1])):
            wait_for(lambda count=count: Escalation.objects.count() >= count, what=f"{count} escalations", seconds=180)
            victim.send_signal(signal.SIGKILL)
            victim.wait(timeout=30)
        assert Escalation.objects.count() < DUE, "the workers were killed in the middle of their work"
        for survivor in workers[2:]:
            assert survivor.wait(timeout=600) == 0, survivor.stderr and survivor.stderr.read().decode()
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()
            if worker.stderr:
                worker.stderr.close()

    raised = Counter(Escalation.objects.values_list("obligation_id", "level"))
    assert len(raised) == DUE
    assert set(raised.values()) == {1}
    assert not Obligation.objects.to_escalate(clock.now()).exists()
    assert OutboxMessage.objects.count() == DUE  # one duty manager, told once of each
    assert OutboxMessage.objects.values("key").distinct().count() == DUE
    told = TrailEntry.objects.filter(operation="deadlines.escalate")
    assert told.count() == told.values("subject_id").distinct().count() == DUE
    assert check_chain(TrailEntry.objects.filter(operation="deadlines.escalate")[0].provider_id).whole
