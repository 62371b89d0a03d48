"""Undoing an import: what nobody has worked on goes, the rest stays and says why."""

from __future__ import annotations

from datetime import timedelta

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.operations import escalate
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportLine
from saferpractice.exchange.operations import carry_on, retry_line, start_undo
from saferpractice.exchange.rules.states import BatchState, LineState, standing_of, work_words
from saferpractice.incidents.models import Incident, Withdrawal
from saferpractice.incidents.operations import correct_report, withdraw_incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import Process
from tests.factories.exchange import PLAIN, an_import, csv_text, plain_mapping, plain_rows
from tests.factories.triage import a_triage
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6", "R7")]

TEXT = csv_text(PLAIN, plain_rows(4))
NEXT_DAY = NOW + timedelta(days=1)
WITH_TRIAGE = {
    "tier": "C",
    "reason": "These were all formal investigations in the old system.",
    "no_safety_actions_because": "They were closed in the old system years ago.",
    "threshold": {"outcome": "do_not_refer", "rationale": "It was decided and recorded in the old system."},
}


def undone(batch: ImportBatch, by: object, reason: str = "The wrong file") -> None:
    start_undo(by=by, at=NEXT_DAY, batch=batch, reason=reason)
    carry_on(batch=batch, at=NEXT_DAY, limit=1000)


def incident_of(batch: ImportBatch, number: int) -> Incident:
    line = ImportLine.objects.get(batch=batch, number=number)
    assert line.incident is not None
    return line.incident


def test_nothing_of_an_untouched_import_stands(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    undone(batch, cast.lead)
    assert not Incident.objects.standing().exists()
    assert Incident.objects.count() == 4, "what was written stays written"
    assert not Obligation.objects.open().exists()
    assert set(Withdrawal.objects.values_list("reason", "decided_by_name")) == {("The wrong file", cast.lead.name)}
    assert queries.standing(batch).state is BatchState.UNDONE


def test_nor_of_one_that_recorded_triage(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north, mapping=plain_mapping(triage=WITH_TRIAGE))
    assert Obligation.objects.open().count() == 4
    undone(batch, cast.lead)
    assert not Incident.objects.standing().exists()
    assert not Obligation.objects.open().exists()


def test_what_was_worked_on_stays_and_says_why(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    a_triage(by=cast.duty_manager, incident=incident_of(batch, 2), at=NOW + timedelta(hours=1))
    correct_report(
        by=cast.lead,
        at=NOW,
        incident=incident_of(batch, 3),
        part="what_happened",
        text="She was in.",
        reason="She rang",
    )
    undone(batch, cast.lead)
    lines = {line.number: (line.state, line.reason) for line in ImportLine.objects.filter(batch=batch)}
    assert lines == {
        2: ("stays", "It stays: it was triaged."),
        3: ("stays", "It stays: the report was added to."),
        4: ("withdrawn", ""),
        5: ("withdrawn", ""),
    }
    assert Incident.objects.standing().count() == 2


def test_looking_and_escalation_are_no_work(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    obligation = Obligation.objects.filter(story_id=incident_of(batch, 2).pk).get()
    escalate(by=Process("worker"), at=NOW + timedelta(days=3), obligation_id=obligation.pk)
    undone(batch, cast.lead)
    assert not Incident.objects.standing().exists()


def test_one_withdrawn_by_hand_before_is_no_obstacle(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    withdraw_incident(by=cast.lead, at=NOW, incident=incident_of(batch, 2), reason="A double")
    undone(batch, cast.lead)
    assert Withdrawal.objects.count() == 4


def test_one_corrected_in_quarantine_goes_too(cast: Cast) -> None:
    rows = plain_rows(1)
    rows[0][2] = ""
    batch = an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
    line = queries.held_lines(batch)[0]
    retry_line(by=cast.lead, at=NOW + timedelta(hours=2), line=line, cells=[*rows[0][:2], "She left.", "None", "No"])
    undone(batch, cast.lead)
    assert not Incident.objects.standing().exists()


def test_undone_and_imported_again_and_again(cast: Cast) -> None:
    for _ in range(3):
        batch = an_import(TEXT, by=cast.lead, team=cast.north)
        assert queries.standing(batch).count(LineState.IMPORTED) == 4
        assert Incident.objects.standing().count() == 4
        undone(batch, cast.lead)
    assert Incident.objects.count() == 12


def test_after_an_undo_only_what_stayed_is_here_already(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    a_triage(by=cast.duty_manager, incident=incident_of(batch, 2), at=NOW + timedelta(hours=1))
    undone(batch, cast.lead)
    again = queries.standing(an_import(TEXT, by=cast.lead, team=cast.north))
    assert (again.count(LineState.ALREADY), again.count(LineState.IMPORTED)) == (1, 3)


@pytest.mark.parametrize("name", ["quality_lead", "administrator"])
def test_who_may_import_may_undo_though_not_withdraw_singly(cast: Cast, name: str) -> None:
    by = cast.people()[name]
    batch = an_import(TEXT, by=by, team=cast.north)
    undone(batch, by)
    assert not Incident.objects.standing().exists()
    assert Withdrawal.objects.values_list("decided_by_name", flat=True)[0] == f"Undo of an import by {by.name}"
    assert TrailEntry.objects.filter(operation="exchange.withdraw_line", by_id=by.pk).count() == 4


def test_others_may_not(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    for by in (cast.director, cast.duty_manager, cast.stranger):
        with pytest.raises(Refused):
            start_undo(by=by, at=NEXT_DAY, batch=batch, reason="I say so")


def test_it_needs_a_reason(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    with pytest.raises(Invalid, match="Say why"):
        start_undo(by=cast.lead, at=NEXT_DAY, batch=batch, reason=" ")


def test_it_waits_for_the_import(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north, finish=False)
    with pytest.raises(Invalid, match="Wait until the import is finished"):
        start_undo(by=cast.lead, at=NEXT_DAY, batch=batch, reason="The wrong file")


def test_twice_is_once(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    first = start_undo(by=cast.lead, at=NEXT_DAY, batch=batch, reason="The wrong file")
    assert start_undo(by=cast.lead, at=NEXT_DAY, batch=batch, reason="Again") == first


def test_a_row_held_back_cannot_follow_an_undone_import(cast: Cast) -> None:
    rows = plain_rows(2)
    rows[0][2] = ""
    batch = an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
    line = queries.held_lines(batch)[0]
    undone(batch, cast.lead)
    with pytest.raises(Invalid, match="was undone"):
        retry_line(by=cast.lead, at=NEXT_DAY, line=line, cells=plain_rows(1)[0])


def test_in_pieces_as_the_worker_does_it(cast: Cast) -> None:
    batch = an_import(TEXT, by=cast.lead, team=cast.north)
    start_undo(by=cast.lead, at=NEXT_DAY, batch=batch, reason="The wrong file")
    assert carry_on(batch=batch, at=NEXT_DAY, limit=3) == 3
    found = queries.standing(batch)
    assert (found.state, found.progress) == (BatchState.UNDOING, (3, 4))
    carry_on(batch=batch, at=NEXT_DAY, limit=3)
    assert queries.standing(batch).state is BatchState.UNDONE


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        (["triage.record_triage"], "it was triaged"),
        (
            ["triage.record_triage", "triage.decide_tier", "reviews.open_review"],
            "it was triaged and its review has begun",
        ),
        (["pathways.something"], "somebody has worked on it"),
    ],
)
def test_why_is_told_without_names(operations: list[str], said: str) -> None:
    assert work_words(operations) == said


@pytest.mark.parametrize(
    ("counts", "undone", "stopped", "state"),
    [
        ({}, False, False, BatchState.WORKING),
        ({"imported": 2}, False, False, BatchState.WORKING),
        ({"imported": 2}, False, True, BatchState.STOPPED),
        ({"imported": 3}, False, False, BatchState.DONE),
        ({"imported": 2, "held": 1}, False, False, BatchState.HOLDS),
        ({"imported": 2, "left_out": 1}, False, False, BatchState.DONE),
        ({"imported": 1, "withdrawn": 2}, True, False, BatchState.UNDOING),
        ({"stays": 1, "withdrawn": 2}, True, False, BatchState.UNDONE),
    ],
)
def test_where_an_import_stands(counts: dict[str, int], undone: bool, stopped: bool, state: BatchState) -> None:
    assert standing_of(rows=3, counts=counts, undone=undone, stopped=stopped).state is state
