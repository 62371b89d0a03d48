"""Two taps at one moment, and workers that are killed: one record, each step of an escalation once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from saferpractice.config import clock
from saferpractice.deadlines.models import Escalation, EscalationSeen, Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.deadlines.rules import clock_hours
from saferpractice.incidents.models import ContactPreference
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.queries import check_chain
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.deadlines import an_obligation
from tests.factories.pathways import NOTE, a_case, a_record, hours, used
from tests.factories.web import signed_in
from tests.personas import LONG_AGO, NOW, SET_UP, Cast, build_cast
from tests.waiting import wait_for

pytestmark = [pytest.mark.requirement("R21", "R22"), pytest.mark.timeout(300)]
AT_ONCE = ("Tell duty leadership", "Look at the risk indicators", "Start the welfare check route")


def together(cast: Cast, address: str, *forms: dict[str, str]) -> list[int]:
    """Send each form at the same moment, each from a browser of its own; the answers."""
    clients, gate = [signed_in(cast.worker) for _ in forms], Barrier(len(forms))

    def send(number: int) -> int:
        try:
            gate.wait(timeout=30)
            return clients[number].post(address, forms[number]).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, range(len(forms))))


def test_the_same_attempt_sent_four_times_at_once_is_one(fresh_database: Database, the_clock: TestClock) -> None:
    the_clock.stand_at(hours(2))
    cast = build_cast()
    case = a_case(cast, "lost-contact")
    a_record(case, "missed-contact", 1, by=cast.worker, what="no-reply")
    address = reverse("pathways:attempt", args=[case.pk, "attempt"])
    sent = {"key": "one-page", "method": "phone", "answer": "no"}
    assert set(together(cast, address, *[sent] * 4)) == {302}
    assert PathwayRecord.objects.filter(kind="attempt").count() == 1
    (owed,) = Obligation.objects.filter(kind="pathways.owed")
    assert owed.met_by_id == PathwayRecord.objects.get(kind="attempt").pk


def test_two_ways_tried_at_once_are_two(fresh_database: Database, the_clock: TestClock) -> None:
    the_clock.stand_at(hours(2))
    cast = build_cast()
    case = a_case(cast, "lost-contact")
    address = reverse("pathways:attempt", args=[case.pk, "attempt"])
    ways = [{"key": "one-page", "method": method, "answer": "no"} for method in ("phone", "text")]
    assert set(together(cast, address, *ways)) == {302}
    assert sorted(one.values["method"] for one in PathwayRecord.objects.filter(kind="attempt")) == ["phone", "text"]


def test_two_people_write_down_the_ways_at_once_and_both_stay(fresh_database: Database, the_clock: TestClock) -> None:
    the_clock.stand_at(hours(2))
    cast = build_cast()
    case = a_case(cast, "lost-contact")
    day = {"from_on-day": "4", "from_on-month": "3", "from_on-year": "2026"}
    forms = [{"method_1": "phone", "detail_1": number, **day} for number in ("01632 960 018", "01632 960 019")]
    assert set(together(cast, reverse("pathways:ways", args=[case.pk]), *forms)) == {302}
    assert ContactPreference.objects.count() == 2
    assert check_chain(cast.provider.pk).whole


def test_an_escalation_seen_in_two_windows_at_once_is_seen_once(fresh_database: Database, the_clock: TestClock) -> None:
    the_clock.stand_at(hours(6))
    cast = build_cast()
    owed = an_obligation(team=cast.north, at=NOW, timescale=clock_hours(4), owner=cast.worker)
    (told,) = escalate(by=SET_UP, at=hours(5), obligation_id=owed.pk)
    address = reverse("home:seen", args=[told.pk])
    assert set(together(cast, address, {}, {}, {})) == {302}
    assert EscalationSeen.objects.count() == 1


def lost_four_days_ago(cast: Cast, number: int) -> PathwayCase:
    """A case with two missed contacts four days before the real now, when the worker stopped."""
    began = clock.now() - timedelta(days=7)
    case = operations.open_case(
        by=cast.worker, at=began, team=cast.north, version=used(cast, "lost-contact"),
        person_reference=f"P-{number}", submission_key=f"case-{number}",
    )  # fmt: skip
    for hour in (0, 1):
        at = began + timedelta(hours=hour)
        operations.write_record(
            by=cast.worker, at=at, case=case, kind="missed-contact", happened_at=at,
            values={"what": "no-reply"}, submission_key=f"missed-{hour}",
        )  # fmt: skip
    return case


def start_worker(database: Database) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **database.environment, "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings"}
    command = [sys.executable, "-m", "saferpractice", "work", "--until-idle"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def levels() -> dict[UUID, list[int]]:
    """The levels raised of each obligation, in the order in which their rows were written."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for one in Escalation.objects.filter(level__gte=1).order_by("pk"):
        found[one.obligation_id].append(one.level)
    return found


def test_the_worker_was_down_for_days_and_is_killed_when_it_comes_back(fresh_database: Database) -> None:
    assert clock.now() > LONG_AGO
    cast = build_cast()
    cases = [lost_four_days_ago(cast, number) for number in range(5)]
    met = cases[0]
    when = clock.now() - timedelta(days=2)
    operations.write_record(
        by=cast.worker, at=when, case=met, kind="escalation-note", happened_at=when,
        values={**NOTE, "next-review": clock.now() + timedelta(days=9)}, submission_key="note",
    )  # fmt: skip
    first = start_worker(fresh_database)
    try:
        wait_for(lambda: Escalation.objects.count() >= 3, what="the first escalations", seconds=120)
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=30)
        second = start_worker(fresh_database)
        assert second.wait(timeout=240) == 0
    finally:
        if first.poll() is None:
            first.kill()
    raised = levels()
    for owed in Obligation.objects.filter(kind="pathways.owed"):
        if not owed.title.startswith(AT_ONCE):
            continue
        of_met = owed.met_at is not None
        assert raised.get(owed.pk, []) == ([] if of_met else [1, 2, 3]), owed.title
    assert Obligation.objects.filter(kind="pathways.owed", met_at__isnull=False).count() == len(AT_ONCE)
    keys = list(OutboxMessage.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    assert check_chain(cast.provider.pk).whole
