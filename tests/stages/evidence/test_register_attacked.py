"""The register attacked: the wrong people, the wrong moment, the form sent again, the page that is out of date."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import end_of_day
from saferpractice.evidence import operations
from saferpractice.evidence.models import (
    AttendanceTakenBack,
    SpecificationClause,
    TrainingAttendance,
    TrainingNeed,
    TrainingNeedDropped,
)
from saferpractice.evidence.operations.register import CLAUSE, TRAINING
from saferpractice.evidence.presenters import attendance_rows, clause_rows, need_rows, register_rows
from saferpractice.evidence.queries.register import (
    RegisterFilter,
    attendance_seen,
    clause_seen,
    clauses_seen,
    line_of,
    need_seen,
    needs_seen,
    standing_of_need,
)
from saferpractice.evidence.rules.register import RegisterState
from saferpractice.findings.models import Finding
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.conftest import TestClock
from tests.factories.changes import a_change
from tests.factories.commissioning import somebody
from tests.factories.register import DUE, TODAY, a_clause, a_need, trained
from tests.factories.web import signed_in, words
from tests.personas import LONG_AGO, NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R33")]
LATER = NOW + timedelta(days=40)
WHY = "The visit note was changed again, and asks nothing."
UNSEEN = "There is no such change among those you may see."
NOT_YOURS = "Only a quality lead of this place may keep the register."
LONGEST = "a" * 10_000


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    return a_change(cast, reach=[cast.north])


def owed(kind: str = TRAINING) -> list[tuple[Any, Any]]:
    """What is open, with what it is about and when it is due."""
    return list(Obligation.objects.open().filter(kind=kind).values_list("subject_id", "due_at"))


def nothing_written(do: Callable[[], object]) -> bool:
    """Whether ``do`` left the register, the trail and what is owed as they were. What it raises is passed on."""

    def count() -> list[int]:
        models = (
            TrainingNeed, TrainingNeedDropped, TrainingAttendance, AttendanceTakenBack, SpecificationClause, TrailEntry,
            Obligation,
        )  # fmt: skip
        return [model.objects.count() for model in models]

    before = count()
    try:
        do()
    finally:
        assert count() == before
    return True


def asked(cast: Cast, given: dict[str, Any]) -> dict[str, Any]:
    """What the quality lead asks for."""
    return {"by": cast.quality_lead} | given


def every_write(cast: Cast, change: OperationalChange, by: Any) -> dict[str, Callable[[], object]]:
    """Each thing that is done on the register, done by ``by``."""
    need = a_need(change, by=cast.quality_lead)
    (row,) = trained(need, cast.worker, by=cast.quality_lead)
    clause = a_clause(change, by=cast.quality_lead)
    return {
        "need": lambda: a_need(change, by=by),
        "put right": lambda: a_need(change, by=by, replaces=need),
        "attendance": lambda: trained(need, cast.colleague, by=by),
        "take back": lambda: operations.take_back_attendance(by=by, at=NOW, attendance=row, reason=WHY),
        "drop": lambda: operations.drop_need(by=by, at=NOW, need=need, reason=WHY),
        "clause": lambda: a_clause(change, by=by),
        "agree": lambda: a_clause(change, by=by, replaces=clause, agreed_with="Norwood ICB", agreed_on=TODAY),
    }


# Who


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("worker", NOT_YOURS), ("supervisor", NOT_YOURS), ("duty_manager", NOT_YOURS), ("lead", NOT_YOURS),
        ("reviewer", NOT_YOURS), ("director", NOT_YOURS), ("duty_manager_elsewhere", UNSEEN),
        ("worker_elsewhere", UNSEEN), ("administrator", UNSEEN), ("commissioner", UNSEEN), ("inspector", UNSEEN),
        ("stranger", UNSEEN),
    ],
)  # fmt: skip
def test_everybody_else_is_told_why_and_nothing_is_written(
    cast: Cast, change: OperationalChange, name: str, sentence: str
) -> None:
    for what, do in every_write(cast, change, cast.people()[name]).items():
        with pytest.raises(Refused) as refused:
            nothing_written(do)
        assert refused.value.sentence == sentence, what


@pytest.mark.parametrize("how", ["ended", "left", "one service only", "another provider"])
def test_a_quality_lead_who_is_none_here_now_keeps_no_register(cast: Cast, change: OperationalChange, how: str) -> None:
    by = Person.objects.get(pk=cast.quality_lead.pk)
    writes = every_write(cast, change, by)
    if how == "ended":
        somebody("second", Role.QUALITY_LEAD, Place(cast.provider.pk))
        end_role(by=cast.administrator, at=NOW - timedelta(minutes=1), assignment=by.role_assignments.get())
    elif how == "left":
        somebody("second", Role.QUALITY_LEAD, Place(cast.provider.pk))
        set_active(by=cast.administrator, at=NOW - timedelta(minutes=1), person=by, active=False)
        by.refresh_from_db()
    else:
        place = Place(cast.provider.pk, cast.riverside.pk)
        place = place if how == "one service only" else Place(cast.stranger.provider_id)
        writes = every_write(cast, change, somebody("second", Role.QUALITY_LEAD, place))
    for do in writes.values():
        with pytest.raises(Refused):
            nothing_written(do)


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("worker", True), ("colleague", True), ("supervisor", True), ("duty_manager", True), ("lead", True),
        ("quality_lead", True), ("director", True), ("reviewer", True), ("worker_elsewhere", False),
        ("duty_manager_elsewhere", False), ("administrator", False), ("commissioner", False), ("inspector", False),
        ("stranger", False),
    ],
)  # fmt: skip
def test_each_read_is_for_those_who_may_open_the_change(
    cast: Cast, change: OperationalChange, name: str, sees: bool
) -> None:
    need, clause = a_need(change, by=cast.quality_lead), a_clause(change, by=cast.quality_lead)
    (row,) = trained(need, cast.worker, by=cast.quality_lead)
    person = cast.people()[name]
    assert (
        bool(needs_seen(person, NOW)), bool(clauses_seen(person, NOW)), bool(need_seen(person, NOW, need.pk)),
        bool(clause_seen(person, NOW, clause.pk)), bool(attendance_seen(person, NOW, row.pk)),
    ) == (sees,) * 5  # fmt: skip


@pytest.mark.parametrize("how", ["left", "ended"])
def test_whoever_left_reads_nothing(cast: Cast, change: OperationalChange, how: str) -> None:
    a_need(change, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead)
    assert len(needs_seen(cast.colleague, NOW)) == len(clauses_seen(cast.colleague, NOW)) == 1
    if how == "left":
        set_active(by=cast.administrator, at=NOW, person=cast.colleague, active=False)
    else:
        end_role(by=cast.administrator, at=NOW, assignment=cast.colleague.role_assignments.get())
    person, after = Person.objects.get(pk=cast.colleague.pk), NOW + timedelta(minutes=1)
    assert needs_seen(person, after) == clauses_seen(person, after) == []


def test_what_answers_a_restricted_incident_is_for_those_whom_the_change_reaches(cast: Cast) -> None:
    change = a_change(cast, reach=[cast.east])
    a_need(change, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead)
    seen = {one: len(needs_seen(one, NOW)) for one in (cast.supervisor, cast.worker, cast.worker_elsewhere)}
    assert list(seen.values()) == [1, 0, 1], "a supervisor of the team opens it through the incident"
    incident = Finding.objects.get(changes=change).incident
    incident.restricted = True
    incident.save(update_fields=["restricted"])
    for person, number in [(cast.worker, 0), (cast.supervisor, 0), (cast.worker_elsewhere, 1)]:
        assert len(needs_seen(person, NOW)) == len(clauses_seen(person, NOW)) == number, person.name


# What is written


def test_each_thing_done_is_one_entry_that_names_nobody_who_was_trained(cast: Cast, change: OperationalChange) -> None:
    before = set(TrailEntry.objects.values_list("pk", flat=True))
    need = a_need(change, by=cast.quality_lead, roles=[Role.SUPERVISOR, Role.SUPPORT_WORKER])
    (row, _) = trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    operations.take_back_attendance(by=cast.quality_lead, at=NOW, attendance=row, reason=WHY)
    operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason=WHY)
    wanted = a_clause(change, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead, replaces=wanted, agreed_with="Norwood ICB", agreed_on=TODAY)
    entries = TrailEntry.objects.exclude(pk__in=before).order_by("sequence")
    title = f"the change “{change.title}”"
    assert [(one.operation.removeprefix("evidence."), one.sentence) for one in entries] == [
        ("record_need", f"recorded what people must learn because of {title}"),
        ("record_attendance", f"recorded that 2 people were trained for {title}"),
        ("take_back_attendance", f"took back an attendance at training for “{change.title}”"),
        ("drop_need", f"dropped a training need of {title}"),
        ("record_clause", f"recorded a clause to agree of the service specification because of {title}"),
        ("record_clause", f"recorded an agreed clause of the service specification because of {title}"),
    ]
    assert {(one.by_id, one.provider_id) for one in entries} == {(cast.quality_lead.pk, cast.provider.pk)}
    facts = [one.facts for one in entries]
    assert facts[0] == {
        "by_on": DUE.isoformat(), "roles": ["supervisor", "support_worker"], "teams": [str(cast.north.pk)]
    }  # fmt: skip
    people = sorted(str(one.pk) for one in (cast.worker, cast.colleague))
    assert facts[1] == {"trained_on": TODAY.isoformat(), "people": people}
    assert (facts[2], facts[3]) == ({}, {})
    assert facts[4] == {"clause": wanted.clause, "agreed_on": None, "wanted_by": DUE.isoformat()}
    said = " ".join(f"{one.sentence} {one.facts}" for one in entries)
    for personal in (cast.worker.name, cast.colleague.name, need.what, wanted.wording, WHY, "Norwood"):
        assert personal not in said


def test_one_person_trained_is_said_as_one(cast: Cast, change: OperationalChange) -> None:
    trained(a_need(change, by=cast.quality_lead), cast.worker, by=cast.quality_lead)
    assert "that 1 person was trained" in TrailEntry.objects.get(operation="evidence.record_attendance").sentence


def test_words_are_kept_as_they_were_typed_but_for_blanks_around_them(cast: Cast, change: OperationalChange) -> None:
    typed = "Five signs 🟢\n=1+1 <b>\u200bNeglect\u202e & ‘two’"
    need = a_need(change, by=cast.quality_lead, what=f" \n{typed}\t ")
    clause = a_clause(change, by=cast.quality_lead, clause=" 3.4 ", wording=f"  {typed} ")
    assert (need.what, clause.clause, clause.wording) == (typed, "3.4", typed)
    page = signed_in(cast.worker).get(f"/training/needs/{need.pk}").content.decode()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": ""}, "what"), ({"what": " \n\t\u00a0"}, "what"), ({"what": LONGEST}, "what"),
        ({"roles": []}, "roles"), ({"by_on": TODAY - timedelta(days=1)}, "by_on"),
    ],
)  # fmt: skip
def test_a_need_that_says_too_little_or_too_much_is_not_kept(
    cast: Cast, change: OperationalChange, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        nothing_written(lambda: a_need(change, **asked(cast, given)))
    assert set(refused.value.problems) == {field}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"clause": " "}, "clause"), ({"clause": LONGEST}, "clause"), ({"wording": "\u00a0"}, "wording"),
        ({"wording": LONGEST}, "wording"), ({"wanted_by": None}, "wanted_by"),
        ({"wanted_by": TODAY - timedelta(days=1)}, "wanted_by"),
        ({"agreed_on": TODAY, "agreed_with": " "}, "agreed_with"),
        ({"agreed_on": TODAY, "agreed_with": LONGEST}, "agreed_with"),
        ({"agreed_on": TODAY + timedelta(days=1), "agreed_with": "Norwood ICB"}, "agreed_on"),
    ],
)  # fmt: skip
def test_a_clause_that_cannot_be_right_is_not_kept(
    cast: Cast, change: OperationalChange, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        nothing_written(lambda: a_clause(change, **asked(cast, given)))
    assert set(refused.value.problems) == {field}


@pytest.mark.parametrize("reason", ["", "   ", "n/a", "as above", "aaaa", "x" * 21_000])
def test_dropping_and_taking_back_ask_why(cast: Cast, change: OperationalChange, reason: str) -> None:
    need = a_need(change, by=cast.quality_lead)
    (row,) = trained(need, cast.worker, by=cast.quality_lead)
    quill: dict[str, Any] = {"by": cast.quality_lead, "at": NOW, "reason": reason}
    for do in (
        lambda: operations.drop_need(need=need, **quill),
        lambda: operations.take_back_attendance(attendance=row, **quill),
    ):
        with pytest.raises(Invalid) as refused:
            nothing_written(do)
        assert set(refused.value.problems) == {"reason"}


# Sent again, and too late


@pytest.mark.parametrize(
    ("changed", "question"),
    [
        ({"what": "Six signs"}, "What"),
        ({"by_on": DUE + timedelta(days=1)}, "By when"),
        ({"roles": [Role.SUPPORT_WORKER, Role.DUTY_MANAGER]}, "Roles"),
        ({"teams": ["north", "south"]}, "Teams"),
    ],
)
def test_a_need_sent_again_with_another_answer_says_which(
    cast: Cast, change: OperationalChange, changed: dict[str, Any], question: str
) -> None:
    if "teams" in changed:
        changed = {"teams": [getattr(cast, name) for name in changed["teams"]]}
    first = a_need(change, by=cast.quality_lead, key="one")
    with pytest.raises(SentBefore) as sent:
        nothing_written(lambda: a_need(change, **asked(cast, {"key": "one"} | changed)))
    assert [one.question for one in sent.value.differences] == [question]
    assert TrainingNeed.objects.get() == first


@pytest.mark.parametrize(
    ("changed", "questions"),
    [
        ({"clause": "9.9"}, ["Clause"]),
        ({"wording": "At once."}, ["Wording"]),
        ({"wanted_by": DUE + timedelta(days=1)}, ["Wanted by"]),
        ({"agreed_with": "Norwood ICB", "agreed_on": TODAY}, ["Agreed with", "Agreed on", "Wanted by"]),
    ],
)
def test_a_clause_sent_again_with_another_answer_says_which(
    cast: Cast, change: OperationalChange, changed: dict[str, Any], questions: list[str]
) -> None:
    a_clause(change, by=cast.quality_lead, key="one")
    with pytest.raises(SentBefore) as sent:
        nothing_written(lambda: a_clause(change, **asked(cast, {"key": "one"} | changed)))
    assert [one.question for one in sent.value.differences] == questions


def test_the_form_of_somebody_else_is_not_taken_for_ones_own(cast: Cast, change: OperationalChange) -> None:
    a_need(change, by=cast.quality_lead, key="n")
    a_clause(change, by=cast.quality_lead, key="c")
    other = somebody("second", Role.QUALITY_LEAD, Place(cast.provider.pk))
    for do in (lambda: a_need(change, by=other, key="n"), lambda: a_clause(change, by=other, key="c")):
        with pytest.raises(Invalid, match="somebody else"):
            nothing_written(do)


def test_what_is_done_twice_is_done_once(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    (row,) = trained(need, cast.worker, by=cast.quality_lead)
    assert nothing_written(lambda: trained(need, cast.worker, by=cast.quality_lead))
    quill: dict[str, Any] = {"by": cast.quality_lead, "at": NOW}
    first = operations.take_back_attendance(attendance=row, reason=WHY, **quill)
    assert operations.take_back_attendance(attendance=row, reason="Quite another reason than that", **quill) == first
    dropped = operations.drop_need(need=need, reason=WHY, **quill)
    assert operations.drop_need(need=need, reason="Quite another reason than that", **quill) == dropped
    assert (first.reason, dropped.reason) == (WHY, WHY)


def test_somebody_named_twice_is_trained_once(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    assert len(trained(need, cast.worker, cast.worker, by=cast.quality_lead)) == 1
    assert TrainingAttendance.objects.count() == 1


def test_what_is_of_another_change_is_put_right_by_none_of_this(cast: Cast, change: OperationalChange) -> None:
    other = a_change(cast, reach=[cast.north])
    need, clause = a_need(other, by=cast.quality_lead), a_clause(other, by=cast.quality_lead)
    for do in (
        lambda: a_need(change, by=cast.quality_lead, replaces=need),
        lambda: a_clause(change, by=cast.quality_lead, replaces=clause),
    ):
        with pytest.raises(Stale, match="meanwhile"):
            nothing_written(do)


def test_a_dropped_need_is_not_put_right_either(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason=WHY)
    with pytest.raises(Stale, match="meanwhile"):
        nothing_written(lambda: a_need(change, by=cast.quality_lead, replaces=need))


# What is owed


def test_nothing_is_owed_of_a_dropped_need_when_an_attendance_is_taken_back(
    cast: Cast, change: OperationalChange
) -> None:
    need = a_need(change, by=cast.quality_lead)
    row, _ = trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason=WHY)
    operations.take_back_attendance(by=cast.quality_lead, at=NOW, attendance=row, reason=WHY)
    assert owed() == []


def test_nothing_is_owed_because_of_a_change_that_was_withdrawn(cast: Cast, change: OperationalChange) -> None:
    need, clause = a_need(change, by=cast.quality_lead), a_clause(change, by=cast.quality_lead)
    other = a_change(cast, reach=[cast.north])
    stays = a_need(other, by=cast.quality_lead)
    withdraw_change(by=cast.lead, at=NOW, change=change, reason="It did harm in the end")
    assert owed() == [(stays.pk, end_of_day(DUE))]
    assert owed(CLAUSE) == []
    for row, kind in ((need, TRAINING), (clause, CLAUSE)):
        cancelled = Obligation.objects.get(subject_id=row.pk, kind=kind)
        assert (cancelled.cancelled_at, cancelled.cancelled_because) == (NOW, "The change was withdrawn")
    assert [one.need for one in needs_seen(cast.quality_lead, LATER)] == [stays]
    assert clauses_seen(cast.quality_lead, LATER) == []
    assert need_seen(cast.quality_lead, LATER, need.pk), "it stays on record"
    assert clause_seen(cast.quality_lead, LATER, clause.pk)


def test_taking_back_after_the_change_was_withdrawn_opens_nothing(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    row, _ = trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    withdraw_change(by=cast.lead, at=NOW, change=change, reason="It did harm in the end")
    operations.take_back_attendance(by=cast.quality_lead, at=NOW, attendance=row, reason=WHY)
    assert owed() == []


def test_what_is_taken_back_at_an_earlier_need_is_owed_of_the_one_that_stands(
    cast: Cast, change: OperationalChange
) -> None:
    first = a_need(change, by=cast.quality_lead)
    row, _ = trained(first, cast.worker, cast.colleague, by=cast.quality_lead)
    second = a_need(change, by=cast.quality_lead, replaces=first)
    third = a_need(change, by=cast.quality_lead, replaces=second)
    assert owed() == [], "everybody was trained before it was put right"
    operations.take_back_attendance(by=cast.quality_lead, at=LATER, attendance=row, reason=WHY)
    assert owed() == [(third.pk, end_of_day(TODAY + timedelta(days=40)))]
    assert line_of(third) == [third.pk, second.pk, first.pk]
    trained(third, cast.worker, by=cast.quality_lead, at=LATER)
    assert owed() == []


def test_taking_back_of_somebody_who_needs_it_no_longer_opens_nothing(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    row, _ = trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    set_active(by=cast.administrator, at=NOW, person=row.person, active=False)
    operations.take_back_attendance(by=cast.quality_lead, at=NOW, attendance=row, reason=WHY)
    assert owed() == []
    assert standing_of_need(need, NOW).state is RegisterState.DONE


def test_a_newcomer_is_to_be_trained_too(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.worker, cast.colleague, by=cast.quality_lead)
    assign_role(by=cast.administrator, at=NOW, person=cast.supervisor, role=Role.SUPPORT_WORKER, place=cast.north.place)
    found = standing_of_need(need, NOW + timedelta(minutes=1))
    assert (found.coverage.words, found.state) == ("2 of 3 (66%)", RegisterState.OPEN)


@pytest.mark.parametrize("place", ["team", "service", "provider", "another team", "another service"])
def test_who_needs_it_holds_the_role_over_the_team(cast: Cast, change: OperationalChange, place: str) -> None:
    over = {
        "team": cast.north.place, "service": Place(cast.provider.pk, cast.riverside.pk),
        "provider": Place(cast.provider.pk), "another team": cast.south.place,
        "another service": Place(cast.provider.pk, cast.harbour.pk),
    }[place]  # fmt: skip
    new = somebody("new", Role.DUTY_MANAGER, over, name="Bryony Pell")
    need = a_need(change, by=cast.quality_lead, roles=[Role.DUTY_MANAGER])
    assert (new in standing_of_need(need, NOW).audience) is ("another" not in place)


def test_somebody_who_holds_two_roles_needs_it_once(cast: Cast, change: OperationalChange) -> None:
    assign_role(by=cast.administrator, at=LONG_AGO, person=cast.worker, role=Role.SUPERVISOR, place=cast.north.place)
    need = a_need(
        change, by=cast.quality_lead, roles=[Role.SUPPORT_WORKER, Role.SUPERVISOR], teams=[cast.north, cast.south]
    )
    assert len(needs_seen(cast.quality_lead, NOW)) == 1, "a need of two teams is one row"
    assert [one.name for one in standing_of_need(need, NOW).audience].count(cast.worker.name) == 1


# Pages


def posted(cast: Cast, **changed: Any) -> dict[str, Any]:
    """A training need as its form sends it."""
    return {
        "submission_key": "one", "what": "Five signs", "roles": ["support_worker"], "teams": [str(cast.north.pk)],
        "by_on": DUE.isoformat(),
    } | changed  # fmt: skip


CLAUSE_SENT = {
    "submission_key": "one", "clause": "3.4", "wording": "Same day.", "agreed": "no", "wanted_by": DUE.isoformat()
}  # fmt: skip


@pytest.mark.parametrize("gone", ["dropped", "put right"])
def test_a_page_that_puts_right_what_is_gone_makes_no_second_need(
    cast: Cast, change: OperationalChange, the_clock: TestClock, gone: str
) -> None:
    the_clock.stand_at(NOW)
    need = a_need(change, by=cast.quality_lead)
    if gone == "dropped":
        operations.drop_need(by=cast.quality_lead, at=NOW, need=need, reason=WHY)
    else:
        a_need(change, by=cast.quality_lead, replaces=need)
    quill = signed_in(cast.quality_lead)
    address = f"/changes/{change.pk}/training?instead={need.pk}"
    assert nothing_written(lambda: quill.post(address, posted(cast)))
    page = words(quill.post(address, posted(cast)))
    assert "Somebody put this right meanwhile" in page
    assert "Five signs" in page, "what was typed is kept"


def test_a_page_that_agrees_a_clause_that_is_gone_makes_no_second_clause(
    cast: Cast, change: OperationalChange, the_clock: TestClock
) -> None:
    the_clock.stand_at(NOW)
    clause = a_clause(change, by=cast.quality_lead)
    a_clause(change, by=cast.quality_lead, replaces=clause)
    quill = signed_in(cast.quality_lead)
    address = f"/changes/{change.pk}/clauses?instead={clause.pk}"
    assert nothing_written(lambda: quill.post(address, CLAUSE_SENT))
    assert "Somebody put this right meanwhile" in words(quill.post(address, CLAUSE_SENT))


def test_a_form_that_puts_right_sent_twice_is_one(cast: Cast, change: OperationalChange, the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)
    need, clause = a_need(change, by=cast.quality_lead), a_clause(change, by=cast.quality_lead)
    quill = signed_in(cast.quality_lead)
    for address, sent in (("training", posted(cast)), ("clauses", CLAUSE_SENT)):
        for _ in range(2):
            row = need if address == "training" else clause
            assert quill.post(f"/changes/{change.pk}/{address}?instead={row.pk}", sent).status_code == 302
    assert TrainingNeed.objects.filter(replaces=need).count() == 1
    assert (TrainingNeed.objects.count(), SpecificationClause.objects.count()) == (2, 2)


@pytest.mark.parametrize("instead", ["nonsense", "00000000-0000-0000-0000-000000000000", "another"])
def test_an_address_that_names_no_row_of_this_change_puts_nothing_right(
    cast: Cast, change: OperationalChange, the_clock: TestClock, instead: str
) -> None:
    the_clock.stand_at(NOW)
    if instead == "another":
        instead = str(a_need(a_change(cast, reach=[cast.north]), by=cast.quality_lead, what="Of another").pk)
    quill = signed_in(cast.quality_lead)
    for room, sent in (("training", posted(cast)), ("clauses", CLAUSE_SENT)):
        address = f"/changes/{change.pk}/{room}?instead={instead}"
        assert quill.get(address).status_code == 404
        assert nothing_written(lambda address=address, sent=sent: quill.post(address, sent))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": "   "}, "Enter what they must learn"),
        ({"what": "a" * 4001}, "4000 characters or fewer"),
        ({"roles": ["inspector"]}, "roles"),
        ({"roles": ["emperor"]}, "roles"),
        ({"teams": ["nonsense"]}, "teams"),
        ({"teams": []}, "Tick the teams"),
        ({"by_on": "31/02/2026"}, "day"),
        ({"by_on": "2020-01-01"}, "day"),
        ({"by_on": "9999-12-31"}, "day"),
        ({"by_on": ""}, "Enter the day"),
    ],
)
def test_a_bad_answer_is_said_beside_its_field(
    cast: Cast, change: OperationalChange, the_clock: TestClock, changed: dict[str, Any], said: str
) -> None:
    the_clock.stand_at(NOW)
    answers: list[Any] = []
    quill = signed_in(cast.quality_lead)
    nothing_written(lambda: answers.append(quill.post(f"/changes/{change.pk}/training", posted(cast, **changed))))
    (answer,) = answers
    assert answer.status_code == 200
    assert "There is a problem" in words(answer)
    assert said in words(answer)


def test_attendance_is_for_those_who_need_it_and_wait_still(
    cast: Cast, change: OperationalChange, the_clock: TestClock
) -> None:
    the_clock.stand_at(NOW)
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.worker, by=cast.quality_lead)
    quill, address = signed_in(cast.quality_lead), f"/training/needs/{need.pk}/attendance"
    page = words(quill.get(address))
    assert cast.colleague.name in page
    for person in (cast.worker, cast.worker_elsewhere, cast.stranger):
        assert person.name not in page
        sent = {"trained_on": TODAY.isoformat(), "people": [str(person.pk)]}
        assert nothing_written(lambda sent=sent: quill.post(address, sent))  # type: ignore[misc]
    late = {"trained_on": (TODAY + timedelta(days=1)).isoformat(), "people": [str(cast.colleague.pk)]}
    assert nothing_written(lambda: quill.post(address, late))


@pytest.mark.parametrize("name", ["supervisor", "duty_manager", "director", "worker", "reviewer"])
def test_names_stand_on_the_page_only_for_those_who_lead(
    cast: Cast, change: OperationalChange, the_clock: TestClock, name: str
) -> None:
    the_clock.stand_at(NOW)
    need = a_need(change, by=cast.quality_lead)
    (row,) = trained(need, cast.colleague, by=cast.quality_lead)
    page = words(signed_in(cast.people()[name]).get(f"/training/needs/{need.pk}"))
    assert (cast.colleague.name in page) is (name not in {"worker", "reviewer"})
    for button in ("Put it right", "Drop it", "Record who was trained", f"/training/attendance/{row.pk}"):
        assert button not in page


def test_the_rows_say_who_is_trained_who_is_not_and_who_left(cast: Cast, change: OperationalChange) -> None:
    need = a_need(change, by=cast.quality_lead)
    trained(need, cast.worker, by=cast.quality_lead)
    end_role(by=cast.administrator, at=NOW, assignment=cast.worker.role_assignments.get())
    found = standing_of_need(need, NOW + timedelta(minutes=1))
    rows = [(name, str(state), when, link) for name, state, when, link in attendance_rows(found, may_take_back=False)]
    assert [(name, "Trained" in state, link) for name, state, when, link in rows] == [
        (cast.colleague.name, False, None),
        (f"{cast.worker.name} (holds no such role now)", True, None),
    ]
    links = [row[3] for row in attendance_rows(found, may_take_back=True)]
    assert [link and link["text"] for link in links] == [None, f"Take back, {cast.worker.name}"]


@pytest.mark.parametrize(
    "query", ["", "state=overdue", "state=waits", "kind=training", "kind=clause", "q=same+day", "q=nothing+like+it",
              "kind=nonsense", "team=nonsense", "state=%00", "q=%F0%9F%9F%A2", "q=%25", "q=_"],
)  # fmt: skip
def test_the_file_holds_what_the_page_shows(
    cast: Cast, change: OperationalChange, the_clock: TestClock, query: str
) -> None:
    need = a_need(change, by=cast.quality_lead, what="=HYPERLINK(1) five signs")
    a_need(a_change(cast, reach=[cast.north]), by=cast.quality_lead, what="Whom to ring", by_on=TODAY)
    clause = a_clause(change, by=cast.quality_lead, clause="@3.4")
    the_clock.stand_at(NOW + timedelta(days=3))
    quill = signed_in(cast.quality_lead)
    response: Any = quill.get(f"/training/file?{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    page = words(quill.get(f"/training?{query}"))
    listed = [row["Must learn, or wording"] for row in csv.DictReader(io.StringIO(text))]
    for shown, written in [
        (f"/training/needs/{need.pk}", "'=HYPERLINK(1) five signs"),
        ("Whom to ring", "Whom to ring"),
        (f"/training/clauses/{clause.pk}", clause.wording),
    ]:
        assert (shown in page) is (written in listed), shown
    assert response["Cache-Control"] == "no-store"


def test_a_team_that_one_does_not_work_in_narrows_nothing(
    cast: Cast, change: OperationalChange, the_clock: TestClock
) -> None:
    the_clock.stand_at(NOW)
    a_need(change, by=cast.quality_lead, what="Whom to ring")
    page = words(signed_in(cast.worker).get(f"/training?team={cast.east.pk}"))
    assert "Whom to ring" in page
    assert cast.east.name not in page


def test_long_words_are_cut_in_the_list_and_whole_in_the_file(cast: Cast, change: OperationalChange) -> None:
    long = "Look for five signs.\n" * 100
    a_need(change, by=cast.quality_lead, what=long)
    a_clause(change, by=cast.quality_lead, wording=long)
    needs, clauses = needs_seen(cast.worker, NOW), clauses_seen(cast.worker, NOW)
    for shown in (need_rows(needs)[0][0]["text"], clause_rows(clauses)[0][1]):
        assert len(shown) <= 120
        assert shown.endswith("…")
        assert "\n" not in shown
    assert [row[3] for row in register_rows(needs, clauses)] == [long.strip()] * 2


def test_needs_stand_soonest_first_and_clauses_agreed_last(cast: Cast, change: OperationalChange) -> None:
    quill = cast.quality_lead
    for days in (9, 3, 6):
        a_need(change, by=quill, what=f"In {days}", by_on=TODAY + timedelta(days=days))
        a_clause(change, by=quill, clause=f"In {days}", wanted_by=TODAY + timedelta(days=days))
    a_clause(change, by=quill, clause="Agreed", agreed_with="Norwood ICB", agreed_on=TODAY)
    assert [one.need.what for one in needs_seen(quill, NOW)] == ["In 3", "In 6", "In 9"]
    assert [one.clause.clause for one in clauses_seen(quill, NOW)] == ["In 3", "In 6", "In 9", "Agreed"]
    four = RegisterFilter(overdue=True)
    at = NOW + timedelta(days=4)
    assert [one.need.what for one in needs_seen(quill, at, four)] == ["In 3"]
    assert [one.clause.clause for one in clauses_seen(quill, at, four)] == ["In 3"]
