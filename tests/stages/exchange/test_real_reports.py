"""The real coroners' reports, when they lie beside the project. They are never part of it.

Looked for in ``../shared/reference/pfd/reports.csv``, or where ``PFD_REPORTS`` says.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportLine
from saferpractice.exchange.operations import carry_on, start_undo
from saferpractice.exchange.rules.states import LineState
from saferpractice.incidents.models import Incident
from saferpractice.incidents.search import matching, words_of
from saferpractice.triage.models import TierDecision
from tests.factories.exchange import an_import, coroners_mapping
from tests.personas import Cast

ROOT = Path(__file__).resolve().parents[3]
REPORTS = Path(os.environ.get("PFD_REPORTS") or ROOT.parent / "shared" / "reference" / "pfd" / "reports.csv")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.requirement("R6"),
    pytest.mark.skipif(not REPORTS.is_file(), reason=f"the real coroners' reports are not at {REPORTS}"),
]


@pytest.fixture(scope="module")
def reports() -> list[dict[str, str]]:
    with REPORTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def brought(cast: Cast, at: datetime = NOW) -> ImportBatch:
    mapping = coroners_mapping()
    return an_import(REPORTS.read_bytes(), by=cast.lead, team=cast.north, at=at, mapping=mapping, name="reports.csv")


def reference(report: dict[str, str]) -> str:
    return report["id"] or report["url"]


def test_every_report_is_in_word_for_word_or_says_why_not(cast: Cast, reports: list[dict[str, str]]) -> None:
    batch = brought(cast)
    incidents = {one.source_reference: one for one in Incident.objects.all()}
    reasons = {line.source_reference: line for line in queries.held_lines(batch)}
    assert len(reports) == 119
    assert set(incidents) | set(reasons) == {reference(report) for report in reports}
    assert not set(incidents) & set(reasons)
    for report in reports:
        incident = incidents.get(reference(report))
        if incident is None:
            line = reasons[reference(report)]
            assert report["circumstances"] == ""
            assert "“circumstances”: This is empty" in line.reason
            assert queries.cells_of(line) == list(report.values())
            continue
        assert incident.what_happened == report["circumstances"]
        assert str(local_day(incident.known_at)) == report["date"]
        for name in ("concerns", "area", "receiver", "url"):
            assert report[name] in incident.also_known
    assert len(incidents) == sum(1 for report in reports if report["circumstances"]) == 116


def test_they_await_their_review_and_are_in_nobody_s_way(cast: Cast) -> None:
    brought(cast)
    assert Counter(TierDecision.objects.values_list("tier", flat=True)) == {"C": 116}
    assert Counter(Obligation.objects.open().values_list("kind", flat=True)) == {"reviews.open": 116}


def test_search_finds_each_by_words_of_its_own(cast: Cast, reports: list[dict[str, str]]) -> None:
    brought(cast)
    for report in reports:
        if report["circumstances"]:
            words = " ".join(words_of(re.sub(r"['’]\w+", "", report["circumstances"]))[:8])
            found = matching(Incident.objects.all(), words)
            assert found.filter(source_reference=reference(report)).exists(), words
    assert matching(Incident.objects.all(), "risk assessment").count() > 10


def test_again_adds_nothing_and_an_undo_takes_all_back(cast: Cast) -> None:
    batch = brought(cast)
    again = queries.standing(brought(cast, NOW + timedelta(days=1)))
    assert (again.count(LineState.ALREADY), again.count(LineState.HELD)) == (116, 3)
    start_undo(by=cast.lead, at=NOW + timedelta(days=2), batch=batch, reason="To see that it goes")
    carry_on(batch=batch, at=NOW + timedelta(days=2), limit=1000)
    assert not Incident.objects.standing().exists()
    assert ImportLine.objects.filter(batch=batch, state=LineState.WITHDRAWN).count() == 116
    assert queries.standing(brought(cast, NOW + timedelta(days=3))).count(LineState.IMPORTED) == 116
