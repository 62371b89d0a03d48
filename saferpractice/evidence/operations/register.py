"""Record what a change means for training and for the service specification, and who was trained (R33)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.changes.models import ChangeWithdrawal, OperationalChange
from saferpractice.changes.operations.shared import ask, incidents_of
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import day_label, local_day, on_date
from saferpractice.evidence.models import (
    AttendanceTakenBack,
    SpecificationClause,
    TrainingAttendance,
    TrainingNeed,
    TrainingNeedDropped,
)
from saferpractice.evidence.permissions import check_can_keep_register
from saferpractice.evidence.queries.register import standing_of_need
from saferpractice.evidence.rules.register import problems_of_attendance, problems_of_clause, problems_of_need
from saferpractice.incidents.models import Incident
from saferpractice.lists.rules import reason_problem
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

TRAINING = "evidence.training"
"""Everybody who needs a training is trained; about the training need."""
CLAUSE = "evidence.clause"
"""A clause of the service specification is agreed; about the clause."""
PUT_RIGHT = "Somebody put this right meanwhile. Look at what stands now."
WITHDRAWN = "This change was withdrawn. Nothing follows from it any more."
Row = TypeVar("Row", TrainingNeed, SpecificationClause)
BY_THE_REGISTER = "The day on the register of what changes mean for training and for the specification"


@operation
def record_need(
    *,
    by: By,
    at: datetime,
    change: OperationalChange,
    what: str,
    roles: Sequence[Role],
    teams: Sequence[Team],
    by_on: date,
    submission_key: str,
    replaces: TrainingNeed | None = None,
) -> Entry[TrainingNeed] | Already[TrainingNeed]:
    """Record that people in some roles and teams must learn something because of a change, by a London day.

    The quality lead owes it until everybody is trained. ``replaces`` is a need that this one puts right.

    Raises:
        Refused: ``by`` does not lead quality here, or may not open the change.
        Invalid: something is missing or cannot be right.
        SentBefore: the form was sent before, with other answers.
        Stale: the change was withdrawn, or the need to put right was put right or dropped meanwhile.
    """
    check_can_keep_register(by=by, at=at, change=change)
    earlier = TrainingNeed.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        answers = [
            ("What", earlier.what, what.strip()),
            ("Roles", ", ".join(sorted(earlier.roles)), ", ".join(sorted(role.value for role in roles))),
            ("Teams", _names(earlier.teams.all()), _names(teams)),
            ("By when", day_label(earlier.by_on), day_label(by_on)),
        ]
        return _recorded_before(earlier, by, answers)
    _must_stand(change)
    wrong = problems_of_need(what=what, roles=roles, teams=teams, by_on=by_on, today=local_day(at))
    if any(team.provider_id != change.provider_id for team in teams):
        wrong["teams"] = "Choose teams of this provider."
    _must_be_right(wrong, change, replaces)
    if replaces is not None:
        ledger.cancel(subject=replaces, kind=TRAINING, because="It was put right", at=at)
    need = TrainingNeed.objects.create(
        provider=change.provider,
        change=change,
        what=what.strip(),
        roles=[role.value for role in roles],
        by_on=by_on,
        replaces=replaces,
        submission_key=submission_key,
        **decided(by, at),
    )
    need.teams.set(teams)
    facts = {"by_on": by_on, "roles": need.roles, "teams": sorted(str(team.pk) for team in teams)}
    return _recorded(need, _owe_training(need, at, due_on=by_on), "recorded what people must learn", facts)


@operation
def drop_need(
    *, by: By, at: datetime, need: TrainingNeed, reason: str
) -> Entry[TrainingNeedDropped] | Already[TrainingNeedDropped]:
    """Say that nobody must learn it any more, and why.

    Raises:
        Refused: ``by`` does not lead quality here, or may not open the change.
        Invalid: the reason says nothing.
        Stale: it was put right meanwhile.
    """
    check_can_keep_register(by=by, at=at, change=need.change)
    OperationalChange.objects.select_for_update().get(pk=need.change_id)
    earlier = TrainingNeedDropped.objects.filter(need=need).first()
    if earlier is not None:
        return Already(earlier)
    if TrainingNeed.objects.filter(replaces=need).exists():
        raise Stale(PUT_RIGHT)
    problem = reason_problem(reason)
    if problem:
        raise Invalid({"reason": problem})
    dropped = TrainingNeedDropped.objects.create(need=need, reason=reason.strip(), **decided(by, at))
    ledger.cancel(subject=need, kind=TRAINING, because="It is not needed any more", at=at)
    return Entry(result=dropped, subject=need, sentence=f"dropped a training need of the change “{need.change.title}”")


@operation
def record_attendance(
    *, by: By, at: datetime, need: TrainingNeed, people: Sequence[Person], trained_on: date
) -> Entry[list[TrainingAttendance]] | Already[list[TrainingAttendance]]:
    """Record who was trained on a London day. Somebody who is trained already is passed over.

    Raises:
        Refused: ``by`` does not lead quality here, or may not open the change.
        Invalid: nobody is named, somebody who does not work here, or a day to come.
        Stale: the need was put right or dropped meanwhile.
    """
    check_can_keep_register(by=by, at=at, change=need.change)
    OperationalChange.objects.select_for_update().get(pk=need.change_id)
    wrong = problems_of_attendance(people=people, trained_on=trained_on, today=local_day(at))
    if any(person.provider_id != need.provider_id for person in people):
        wrong["people"] = "Choose people who work here."
    if wrong:
        raise Invalid(wrong)
    _must_hold(need, need.change)
    trained = standing_of_need(need, at).trained
    new = [person for person in dict.fromkeys(people) if person.pk not in trained]
    if not new:
        return Already([])
    rows = [TrainingAttendance(need=need, person=one, trained_on=trained_on, **decided(by, at)) for one in new]
    TrainingAttendance.objects.bulk_create(rows)
    after = standing_of_need(need, at)
    if after.coverage.is_full:
        ledger.meet(subject=need, kind=TRAINING, record=rows[-1], at=at)
    return Entry(
        result=rows,
        subject=need,
        sentence=f"recorded that {len(rows)} {'person was' if len(rows) == 1 else 'people were'} trained for the "
        f"change “{need.change.title}”",
        facts={"trained_on": trained_on, "people": sorted(str(one.pk) for one in new)},
    )


@operation
def take_back_attendance(
    *, by: By, at: datetime, attendance: TrainingAttendance, reason: str
) -> Entry[AttendanceTakenBack] | Already[AttendanceTakenBack]:
    """Say that somebody was recorded as trained by mistake. They are to be trained still.

    Raises:
        Refused: ``by`` does not lead quality here, or may not open the change.
        Invalid: the reason says nothing.
    """
    need = attendance.need
    check_can_keep_register(by=by, at=at, change=need.change)
    OperationalChange.objects.select_for_update().get(pk=need.change_id)
    earlier = AttendanceTakenBack.objects.filter(attendance=attendance).first()
    if earlier is not None:
        return Already(earlier)
    problem = reason_problem(reason)
    if problem:
        raise Invalid({"reason": problem})
    before = _standing_need(need)
    was_full = standing_of_need(before, at).coverage.is_full
    back = AttendanceTakenBack.objects.create(attendance=attendance, reason=reason.strip(), **decided(by, at))
    if was_full and not _is_over(before):
        _owe_training(before, at, due_on=max(before.by_on, local_day(at)))
    return Entry(result=back, subject=need, sentence=f"took back an attendance at training for “{need.change.title}”")


@operation
def record_clause(
    *,
    by: By,
    at: datetime,
    change: OperationalChange,
    clause: str,
    wording: str,
    agreed_with: str = "",
    agreed_on: date | None = None,
    wanted_by: date | None = None,
    submission_key: str,
    replaces: SpecificationClause | None = None,
) -> Entry[SpecificationClause] | Already[SpecificationClause]:
    """Record what a change means for the service specification: agreed with somebody, or wanted by a London day.

    One that stands in the place of an earlier row (``replaces``) is how a wanted clause becomes an agreed one.

    Raises:
        Refused: ``by`` does not lead quality here, or may not open the change.
        Invalid: something is missing or cannot be right.
        SentBefore: the form was sent before, with other answers.
        Stale: the change was withdrawn, or another row stands in the place of the earlier one already.
    """
    check_can_keep_register(by=by, at=at, change=change)
    earlier = SpecificationClause.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        answers = [
            ("Clause", earlier.clause, clause.strip()),
            ("Wording", earlier.wording, wording.strip()),
            ("Agreed with", earlier.agreed_with, agreed_with.strip() if agreed_on else ""),
            ("Agreed on", _day(earlier.agreed_on), _day(agreed_on)),
            ("Wanted by", _day(earlier.wanted_by), "" if agreed_on else _day(wanted_by)),
        ]
        return _recorded_before(earlier, by, answers)
    _must_stand(change)
    wrong = problems_of_clause(
        clause=clause,
        wording=wording,
        agreed_with=agreed_with,
        agreed_on=agreed_on,
        wanted_by=wanted_by,
        today=local_day(at),
    )
    _must_be_right(wrong, change, replaces)
    made = SpecificationClause.objects.create(
        provider=change.provider,
        change=change,
        clause=clause.strip(),
        wording=wording.strip(),
        agreed_with=agreed_with.strip() if agreed_on else "",
        agreed_on=agreed_on,
        wanted_by=None if agreed_on else wanted_by,
        replaces=replaces,
        submission_key=submission_key,
        **decided(by, at),
    )
    words = f"recorded {'an agreed clause' if agreed_on else 'a clause to agree'} of the service specification"
    facts = {"clause": made.clause, "agreed_on": agreed_on, "wanted_by": made.wanted_by}
    return _recorded(made, _owe_clause(made, at), words, facts)


def _recorded_before(earlier: Row, by: By, answers: Iterable[tuple[str, str, str]]) -> Already[Row]:
    """The row that a form made when it was first sent, unless it holds other answers now."""
    check_same_answers(earlier, by=by, sentence="This was recorded before.", answers=answers)
    return Already(earlier)


def _must_be_right(wrong: dict[str, str], change: OperationalChange, replaces: Row | None) -> None:
    """Refuse what cannot be right, and what puts right a row that does not stand any more."""
    if wrong:
        raise Invalid(wrong)
    if replaces is not None:
        _must_hold(replaces, change)


def _recorded(row: Row, incidents: Sequence[Incident], words: str, facts: Mapping[str, object]) -> Entry[Row]:
    """The entry of a row of the register, in the story of the first incident that its change answers."""
    return Entry(
        result=row,
        subject=row,
        story_id=incidents[0].pk if incidents else None,
        sentence=f"{words} because of the change “{row.change.title}”",
        facts=facts,
    )


def _owe_clause(made: SpecificationClause, at: datetime) -> list[Incident]:
    """What follows from a clause: the earlier row owes nothing any more, and one to agree is owed by its day."""
    incidents = incidents_of(made.change)
    if made.replaces is not None and made.agreed_on is not None:
        ledger.meet(subject=made.replaces, kind=CLAUSE, record=made, at=at)
    elif made.replaces is not None:
        ledger.cancel(subject=made.replaces, kind=CLAUSE, because="A later wording stands in its place", at=at)
    if made.wanted_by is not None:
        ask(
            about=made,
            incidents=incidents,
            kind=CLAUSE,
            title=f"Agree a clause of the service specification: {made.clause}",
            timescale=on_date(made.wanted_by),
            source=BY_THE_REGISTER,
            at=at,
            role=Role.QUALITY_LEAD,
        )
    return incidents


def _owe_training(need: TrainingNeed, at: datetime, *, due_on: date) -> list[Incident]:
    """The quality lead owes it until everybody is trained."""
    incidents = incidents_of(need.change)
    if not standing_of_need(need, at).coverage.is_full:
        ask(
            about=need,
            incidents=incidents,
            kind=TRAINING,
            title=f"Train everybody who needs it because of the change: {need.change.title}",
            timescale=on_date(due_on),
            source=BY_THE_REGISTER,
            at=at,
            role=Role.QUALITY_LEAD,
        )
    return incidents


def cancel_register(change: OperationalChange, at: datetime) -> None:
    """Nothing about training and the specification is owed because of a change that was withdrawn."""
    for row in (*TrainingNeed.objects.filter(change=change), *SpecificationClause.objects.filter(change=change)):
        ledger.cancel(subject=row, kind=None, because="The change was withdrawn", at=at)


def _is_over(need: TrainingNeed) -> bool:
    dropped = TrainingNeedDropped.objects.filter(need=need).exists()
    return dropped or ChangeWithdrawal.objects.filter(change=need.change_id).exists()


def _names(teams: Iterable[Team]) -> str:
    return ", ".join(sorted(team.name for team in teams))


def _day(day: date | None) -> str:
    return day_label(day) if day else ""


def _must_stand(change: OperationalChange) -> None:
    OperationalChange.objects.select_for_update().get(pk=change.pk)
    if ChangeWithdrawal.objects.filter(change=change).exists():
        raise Stale(WITHDRAWN)


def _must_hold(row: TrainingNeed | SpecificationClause, change: OperationalChange) -> None:
    """Refuse what comes too late for a need or a clause.

    Raises:
        Stale: it was put right or dropped, or is of another change.
    """
    dropped = isinstance(row, TrainingNeed) and TrainingNeedDropped.objects.filter(need=row).exists()
    if dropped or type(row).objects.filter(replaces=row).exists() or row.change_id != change.pk:
        raise Stale(PUT_RIGHT)


def _standing_need(need: TrainingNeed) -> TrainingNeed:
    """The need that stands in the place of ``need`` now: itself, or the newest that puts it right."""
    later = TrainingNeed.objects.filter(replaces=need).first()
    while later is not None:
        need, later = later, TrainingNeed.objects.filter(replaces=later).first()
    return need
