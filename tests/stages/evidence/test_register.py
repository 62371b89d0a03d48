"""The register of what changes mean for training and the specification: who, by when, how many, agreed with whom."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.access.models import Person
from saferpractice.access.operations import end_role, set_active
from saferpractice.access.rules import Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import end_of_day
from saferpractice.evidence import operations
from saferpractice.evidence.models import SpecificationClause, TrainingAttendance, TrainingNeed
from saferpractice.evidence.operations.register import CLAUSE, TRAINING
from saferpractice.evidence.queries.register import (
    RegisterFilter,
    clauses_seen,
    needs_seen,
    standing_of_clause,
    standing_of_need,
)
from saferpractice.evidence.rules.register import RegisterState
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.conftest import TestClock
from tests.factories.changes import a_change
from tests.factories.register import DUE, TODAY, a_clause, a_need, trained
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R33")]
LATER = NOW + timedelta(days=40)
WHY = "The visit note was changed again, and asks nothing."


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    return a_change(cast, reach=[cast.north])


def owed(about: Any, kind: str = TRAINING) -> Obligation:
    return Obligation.objects.get(kind=kind, subject_id=about.pk)


# Who must learn what


def test_those_who_need_it_are_those_who_hold_the_roles_in_the_teams(cast: Cast, change: OperationalChange) -> None:
    assert [one.name for one in standing_of_need(a_need(change, by=cast.quality_lead), NOW).audience] == [
        cast.colleague.name,
        cast.worker.name,
    ]
    wider = a_need(
        change, by=cast.quality_lead, roles=[Role.SUPPORT_WORKER, Role.DUTY_MANAGER], teams=[cast.north, cast.east]
    )
    found = set(standing_of_need(wider, NOW).audience)
    assert found == {
        cast.worker, cast.colleague, cast.worker_elsewhere, cast.duty_manager, cast.duty_manager_elsewhere,
    }  # fmt: skip


def test_somebody_who_left_or_changed_post_needs_it_no_longer(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    set_active(by=cast.administrator, at=NOW, person=cast.colleague, active=False)
    assert standing_of_need(need, NOW).audience == (cast.worker,)
    end_role(by=cast.administrator, at=NOW, assignment=cast.worker.role_assignments.get())
    assert standing_of_need(need, NOW + timedelta(hours=1)).state is RegisterState.NOBODY


def test_coverage_is_counted_from_who_was_trained(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    assert standing_of_need(need, NOW).coverage.words == "0 of 2 (0%)"
    (row,) = trained(need, cast.worker, by=cast.quality_lead, on=TODAY - timedelta(days=1))
    assert (row.decided_by, row.decided_at, row.trained_on) == (cast.quality_lead, NOW, TODAY - timedelta(days=1))
    assert standing_of_need(need, NOW).coverage.words == "1 of 2 (50%)"
    assert standing_of_need(need, NOW).state is RegisterState.OPEN
    assert standing_of_need(need, LATER).state is RegisterState.OVERDUE
    trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    assert standing_of_need(need, LATER).state is RegisterState.DONE
    assert TrainingAttendance.objects.count() == 2, "whoever is trained already is passed over"


def test_training_somebody_who_does_not_need_it_fills_nothing(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.worker_elsewhere, by=cast.quality_lead)
    assert standing_of_need(need, NOW).coverage.trained == 0


def test_it_is_owed_by_its_day_until_everybody_is_trained(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    assert (owed(need).role, owed(need).due_at) == (Role.QUALITY_LEAD, end_of_day(DUE))
    trained(need, cast.worker, by=cast.quality_lead)
    assert owed(need).met_at is None
    trained(need, cast.colleague, by=cast.quality_lead)
    assert owed(need).met_at == NOW


def test_an_attendance_taken_back_is_owed_again(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    row, _ = trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    with pytest.raises(Invalid):
        operations.take_back_attendance(by=cast.quality_lead, at=NOW, attendance=row, reason="no")
    operations.take_back_attendance(
        by=cast.quality_lead, at=NOW, attendance=row, reason="It was somebody else that day."
    )
    assert standing_of_need(need, NOW).coverage.words == "1 of 2 (50%)"
    assert Obligation.objects.filter(kind=TRAINING, met_at=None, cancelled_at=None).count() == 1
    trained(need, row.person, by=cast.quality_lead)
    assert standing_of_need(need, NOW).coverage.is_full


def test_a_need_put_right_keeps_whoever_was_trained(cast: Cast, change: OperationalChange) -> None:
    first = a_need(change, by=cast.quality_lead)
    trained(first, cast.worker, by=cast.quality_lead)
    second = a_need(change, by=cast.quality_lead, by_on=DUE + timedelta(days=7), replaces=first)
    assert standing_of_need(second, NOW).coverage.words == "1 of 2 (50%)"
    assert [one.need for one in needs_seen(cast.quality_lead, NOW)] == [second]
    assert owed(first).cancelled_because == "It was put right"
    assert owed(second).due_at == end_of_day(DUE + timedelta(days=7))
    for late in (
        lambda: a_need(change, by=cast.quality_lead, replaces=first),
        lambda: trained(first, cast.colleague, by=cast.quality_lead),
        lambda: operations.drop_need(by=cast.quality_lead, at=NOW, need=first, reason=WHY),
    ):
        with pytest.raises(Stale, match="meanwhile"):
            late()


def test_a_dropped_need_is_owed_by_nobody(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    with pytest.raises(Invalid):
        operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason="n/a")
    first = operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason=WHY)
    assert operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason=WHY) == first
    assert owed(need).cancelled_at == NOW
    assert needs_seen(cast.quality_lead, NOW) == []
    with pytest.raises(Stale):
        trained(need, cast.worker, by=cast.quality_lead)


def test_the_form_sent_twice_is_one_row(cast: Cast, change: OperationalChange) -> None:
    need, clause = a_need(change, by=cast.quality_lead, key="n"), a_clause(change, by=cast.quality_lead, key="c")
    assert a_need(change, by=cast.quality_lead, key="n") == need
    assert a_clause(change, by=cast.quality_lead, key="c") == clause
    with pytest.raises(SentBefore):
        a_need(change, by=cast.quality_lead, key="n", what="Something else")
    with pytest.raises(SentBefore):
        a_clause(change, by=cast.quality_lead, key="c", wording="Something else")


def test_teams_and_people_are_the_providers_own(cast: Cast, change: OperationalChange) -> None:
    from saferpractice.access.operations import create_service, create_team
    from tests.personas import SET_UP

    service = create_service(by=SET_UP, at=NOW, provider=cast.stranger.provider, name="Elsewhere")
    team = create_team(by=SET_UP, at=NOW, service=service, name="Far team")
    with pytest.raises(Invalid) as refused:
        a_need(change, by=cast.quality_lead, teams=[team])
    assert set(refused.value.problems) == {"teams"}
    with pytest.raises(Invalid) as refused:
        trained(a_need(change, by=cast.quality_lead), cast.stranger, by=cast.quality_lead)
    assert set(refused.value.problems) == {"people"}


# The service specification


def test_a_clause_is_wanted_by_a_day_and_then_agreed(cast: Cast, change: OperationalChange) -> None:
    wanted = a_clause(change, by=cast.quality_lead)
    assert standing_of_clause(wanted, NOW).state is RegisterState.OPEN
    assert standing_of_clause(wanted, LATER).state is RegisterState.OVERDUE
    assert owed(wanted, CLAUSE).due_at == end_of_day(DUE)
    agreed = a_clause(
        change, by=cast.quality_lead, agreed_with="Norwood ICB", agreed_on=TODAY, replaces=wanted, wording="At once."
    )
    assert owed(wanted, CLAUSE).met_at == NOW
    assert standing_of_clause(agreed, LATER).state is RegisterState.AGREED
    assert [one.clause for one in clauses_seen(cast.quality_lead, NOW)] == [agreed]
    with pytest.raises(Stale):
        a_clause(change, by=cast.quality_lead, replaces=wanted)
    assert SpecificationClause.objects.count() == 2


def test_a_later_wording_to_agree_takes_the_place_of_the_earlier(cast: Cast, change: OperationalChange) -> None:
    first = a_clause(change, by=cast.quality_lead)
    second = a_clause(change, by=cast.quality_lead, wording="Within two hours.", replaces=first)
    assert owed(first, CLAUSE).cancelled_at == NOW
    assert owed(second, CLAUSE).cancelled_at is None


# Who may, and what is protected


@pytest.mark.parametrize(
    "name", ["worker", "duty_manager", "lead", "reviewer", "director", "administrator", "stranger"]
)
def test_only_the_quality_lead_keeps_the_register(cast: Cast, change: OperationalChange, name: str) -> None:
    by = cast.people()[name]
    need = a_need(change, by=cast.quality_lead)
    (row,) = trained(need, cast.worker, by=cast.quality_lead)
    for do in (
        lambda: a_need(change, by=by),
        lambda: a_clause(change, by=by),
        lambda: trained(need, cast.colleague, by=by),
        lambda: operations.drop_need(by=by, at=NOW, need=need, reason=WHY),
        lambda: operations.take_back_attendance(by=by, at=NOW, attendance=row, reason=WHY),
    ):
        with pytest.raises(Refused):
            do()


def test_it_is_read_by_those_who_may_open_the_change(cast: Cast, change: OperationalChange) -> None:
    a_need(change, by=cast.quality_lead, teams=[cast.north, cast.east])
    a_clause(change, by=cast.quality_lead)

    def reads(person: Person) -> tuple[int, int]:
        return len(needs_seen(person, NOW)), len(clauses_seen(person, NOW))

    assert reads(cast.worker) == reads(cast.lead) == (1, 1)
    assert reads(cast.worker_elsewhere) == reads(cast.stranger) == reads(cast.inspector) == (0, 0)


def test_nothing_follows_from_a_withdrawn_change(cast: Cast, change: OperationalChange) -> None:
    withdraw_change(by=cast.lead, at=NOW, change=change, reason="It did harm in the end")
    with pytest.raises(Stale, match="withdrawn"):
        a_need(change, by=cast.quality_lead)
    with pytest.raises(Stale, match="withdrawn"):
        a_clause(change, by=cast.quality_lead)


@pytest.mark.parametrize("model", [TrainingNeed, TrainingAttendance, SpecificationClause])
def test_rows_are_never_changed_or_deleted(cast: Cast, change: OperationalChange, model: Any) -> None:
    trained(a_need(change, by=cast.quality_lead), cast.worker, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(decided_by_name="Somebody")
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete("default")


# The list


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "ot oc"),
        ({"kind": "training"}, "ot"),
        ({"kind": "clause"}, "oc"),
        ({"overdue": True}, "ot oc"),
        ({"waits": True}, "ot oc"),
        ({"words": "ring"}, "ot"),
        ({"words": "same day"}, "oc"),
        ({"words": "checklist in the visit"}, "ot oc"),
        ({"words": "nothing like it"}, ""),
    ],
)
def test_the_register_is_narrowed(cast: Cast, change: OperationalChange, wanted: dict[str, Any], found: str) -> None:
    a_need(change, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead)
    narrowed = RegisterFilter(**wanted)
    got = ["ot"] * len(needs_seen(cast.quality_lead, LATER, narrowed))
    got += ["oc"] * len(clauses_seen(cast.quality_lead, LATER, narrowed))
    assert " ".join(got) == found


def test_what_is_done_is_left_out_of_what_is_to_do(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead, agreed_with="Norwood ICB", agreed_on=TODAY)
    for wanted in (RegisterFilter(waits=True), RegisterFilter(overdue=True)):
        assert needs_seen(cast.quality_lead, LATER, wanted) == []
        assert clauses_seen(cast.quality_lead, LATER, wanted) == []


def test_the_team_narrows_training_and_leaves_clauses_out(cast: Cast, change: OperationalChange) -> None:
    a_need(change, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead)
    assert len(needs_seen(cast.quality_lead, NOW, RegisterFilter(team=cast.north))) == 1
    assert needs_seen(cast.quality_lead, NOW, RegisterFilter(team=cast.east)) == []
    assert clauses_seen(cast.quality_lead, NOW, RegisterFilter(team=cast.north)) == []


# Pages


def test_the_pages_from_a_change_to_everybody_trained(
    cast: Cast, change: OperationalChange, the_clock: TestClock
) -> None:
    the_clock.stand_at(NOW)
    quill = signed_in(cast.quality_lead)
    page = quill.get(f"/changes/{change.pk}")
    assert "Record what people must learn" in words(page)
    sent = {
        "submission_key": "one", "what": "Five signs", "roles": ["support_worker"], "teams": [str(cast.north.pk)],
        "by_on": DUE.isoformat(),
    }  # fmt: skip
    assert "Tick the roles" in words(quill.post(f"/changes/{change.pk}/training", {**sent, "roles": []}))
    assert quill.post(f"/changes/{change.pk}/training", sent).status_code == 302
    need = TrainingNeed.objects.get()
    assert "0 of 2 (0%)" in words(quill.get(f"/changes/{change.pk}"))
    both = {"trained_on": TODAY.isoformat(), "people": [str(cast.worker.pk), str(cast.colleague.pk)]}
    assert quill.post(f"/training/needs/{need.pk}/attendance", both).status_code == 302
    page = quill.get(f"/training/needs/{need.pk}")
    assert "Everybody is trained" in words(page)
    assert cast.colleague.name in words(page)
    assert "Record who was trained" not in words(page)
    sent = {"submission_key": "two", "what": "Six signs", "roles": ["support_worker"], "teams": [str(cast.north.pk)],
            "by_on": DUE.isoformat()}  # fmt: skip
    assert quill.post(f"/changes/{change.pk}/training?instead={need.pk}", sent).status_code == 302
    assert TrainingNeed.objects.get(replaces=need).what == "Six signs"
    assert "was put right" in words(quill.get(f"/training/needs/{need.pk}"))


def test_a_worker_reads_how_many_and_not_who(cast: Cast, change: OperationalChange, the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.colleague, by=cast.quality_lead)
    page = words(signed_in(cast.worker).get(f"/training/needs/{need.pk}"))
    assert "1 of 2 (50%)" in page
    assert cast.colleague.name not in page


def test_a_clause_on_its_pages(cast: Cast, change: OperationalChange, the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)
    quill = signed_in(cast.quality_lead)
    sent = {"submission_key": "one", "clause": "3.4", "wording": "Same day.", "agreed": "no"}
    assert SpecificationClause.objects.count() == 0
    assert "By when should it be agreed" in words(quill.post(f"/changes/{change.pk}/clauses", sent))
    sent |= {"wanted_by": DUE.isoformat()}
    assert quill.post(f"/changes/{change.pk}/clauses", sent).status_code == 302
    clause = SpecificationClause.objects.get()
    assert "To be agreed by" in words(quill.get(f"/training/clauses/{clause.pk}"))
    agreed = {"submission_key": "two", "clause": "3.4", "wording": "At once.", "agreed": "yes",
              "agreed_with": "Norwood ICB", "agreed_on": TODAY.isoformat()}  # fmt: skip
    assert quill.post(f"/changes/{change.pk}/clauses?instead={clause.pk}", agreed).status_code == 302
    assert "A later row stands in its place" in words(quill.get(f"/training/clauses/{clause.pk}"))
    assert "Norwood ICB" in words(quill.get("/training"))


def test_what_is_overdue_is_counted_and_the_file_says_the_same(
    cast: Cast, change: OperationalChange, the_clock: TestClock
) -> None:
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.worker, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead, agreed_with="Norwood ICB", agreed_on=TODAY)
    the_clock.stand_at(LATER)
    quill = signed_in(cast.quality_lead)
    page = words(quill.get("/training"))
    assert "Overdue" in page
    assert "sp-counts" in page
    response: Any = quill.get("/training/file?state=overdue")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["What"], row["State"], row["Trained"], row["Needed"]) == ("Training", "Overdue", "1", "2")
    assert cast.worker.name not in text
    response = quill.get("/training/file")
    assert len(list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))) == 2
