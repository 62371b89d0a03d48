"""The same form sent twice at one moment gives one incident, on both databases (R6)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.models import Incident, PersonSupported, ReferenceCounter
from saferpractice.incidents.operations import send_report
from saferpractice.incidents.rules import Answer
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from tests.databases import Database
from tests.factories.incidents import a_report
from tests.personas import NOW, build_cast

pytestmark = pytest.mark.requirement("R6")


def test_eight_sends_of_three_forms_are_three_incidents(fresh_database: Database) -> None:
    cast = build_cast()
    start = threading.Barrier(8)

    def send(number: int) -> UUID:
        start.wait(timeout=30)
        try:
            report = a_report(still_at_risk=Answer.YES, what_happened=f"Form {number % 3}", person_reference="P-1")
            return send_report(
                by=cast.worker, at=NOW, team=cast.north, report=report, submission_key=f"form-{number % 3}"
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(send, range(8)))
    assert len(set(found)) == 3
    assert all(found[number] == found[number % 3] for number in range(8))
    assert sorted(Incident.objects.values_list("reference", flat=True)) == ["2026-00001", "2026-00002", "2026-00003"]
    assert ReferenceCounter.objects.get().last == 3, "no number was given and lost"
    assert PersonSupported.objects.count() == 1
    assert Obligation.objects.count() == OutboxMessage.objects.count() == 3
    assert TrailEntry.objects.filter(operation="incidents.report_incident").count() == 3
    assert check_chain(cast.provider.pk).whole
