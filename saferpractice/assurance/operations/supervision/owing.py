"""What is owed in supervision: asked for at the start of a month, and kept in step with what is on record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.assurance.models import ExpectedDiscussion, SupervisionDiscussion
from saferpractice.assurance.queries.supervision import (
    CONFIRM,
    KIND,
    Asked,
    asked_of,
    cells_of,
    supervisors_of,
)
from saferpractice.assurance.rules.supervision import CellState, Step, due_on
from saferpractice.changes.operations.shared import pass_obligations
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import OWNER, EscalationChain, EscalationStep, local_day, on_date, working_days
from saferpractice.pathways.permissions import check_is_the_worker
from saferpractice.trail.operations import Already, Entry, must_be_in_operation, operation
from saferpractice.trail.rules import By

SOURCE = "One safeguarding learning point for each worker each month (local standard)"
TO_CONFIRM = working_days(5)
ONLY_THE_WORKER = EscalationChain((EscalationStep(1, (OWNER,)),))
"""Nobody above is told that a worker has not confirmed: it is their say, not a duty to be chased."""


def lock(workers: Iterable[Person]) -> list[Person]:
    """The workers with their rows locked, always in one order, so that what is decided of them takes turns."""
    ids = sorted(one.pk for one in workers)
    return list(Person.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


@operation
def ask_for_discussion(
    *, by: By, at: datetime, worker: Person
) -> Entry[ExpectedDiscussion | None] | Already[ExpectedDiscussion | None]:
    """Ask the supervisor of ``worker`` for this month's discussion, if one is owed and was not held. Once a month.

    Raises:
        Refused: ``by`` is a person.
    """
    check_is_the_worker(by=by, at=at)
    month = local_day(at).replace(day=1)
    lock([worker])
    earlier = ExpectedDiscussion.objects.filter(worker=worker, month=month).first()
    if earlier is not None:
        return Already(earlier)
    (cell,) = cells_of(worker.provider_id, [worker.pk], month, month, at)
    if not cell.owed or cell.state is not CellState.NOT_YET:
        return Already(None)
    asked = ExpectedDiscussion.objects.create(
        provider_id=worker.provider_id, worker=worker, team_id=cell.team, month=month, **decided(by, at)
    )
    _open(asked, supervisors_of([worker.pk], local_day(at)).get(worker.pk), at)
    return Entry(result=asked, subject=asked, sentence=f"asked for the supervision of {worker.name} in {month:%B %Y}")


@operation
def bring_into_step(*, by: By, at: datetime, worker: Person) -> Entry[int] | Already[int]:
    """Bring what is owed about ``worker`` into step after something no page of supervision is told of: they left.

    Raises:
        Refused: ``by`` is a person.
    """
    check_is_the_worker(by=by, at=at)
    lock([worker])
    done = follow(worker, at)
    if not done:
        return Already(0)
    return Entry(
        result=len(done),
        subject=done[0].expected,
        sentence=f"brought what is owed in the supervision of {worker.name} into step",
        facts={"steps": [f"{one.expected.month:%Y-%m}: {one.step.value}" for one in done]},
    )


def follow(worker: Person, at: datetime) -> list[Asked]:
    """Meet, cancel, open anew or pass on what is owed about ``worker``; what was done. Call inside an operation."""
    must_be_in_operation()
    found = [one for one in asked_of(worker.provider_id, [worker.pk], at) if one.step is not Step.LEAVE]
    for one in found:
        _take(one, at)
    return found


def _take(asked: Asked, at: datetime) -> None:
    expected = asked.expected
    match asked.step:
        case Step.MEET if asked.record is not None:
            ledger.meet(subject=expected, kind=KIND, record=asked.record, at=at)
        case Step.CANCEL:
            ledger.cancel(subject=expected, kind=KIND, because=asked.cell.why, at=at)
        case Step.OPEN:
            _open(expected, asked.supervisor, at)
        case Step.PASS_ON if asked.supervisor and asked.obligation and asked.obligation.owner_id:
            pass_obligations(expected, to=asked.supervisor)
        case Step.PASS_ON:
            ledger.cancel(subject=expected, kind=KIND, because="Who supervises them changed", at=at)
            _open(expected, asked.supervisor, at)


def _open(expected: ExpectedDiscussion, supervisor: Person | None, at: datetime) -> None:
    """Owed to the worker by their supervisor, or, where they have none, by whoever answers for supervision there."""
    last = due_on(expected.month, ledger.calendar_for(expected.provider_id))
    role = Role.SUPERVISOR if expected.team_id else Role.SAFEGUARDING_LEAD
    ledger.open_obligation(
        provider_id=expected.provider_id,
        subject=expected,
        kind=KIND,
        title=f"Supervision of {expected.worker.name} in {expected.month:%B %Y}: one safeguarding learning point",
        timescale=on_date(max(last, local_day(at))),
        at=at,
        clock_source=SOURCE,
        owner=supervisor,
        role=None if supervisor else role,
        team=expected.team,
    )


def ask_to_confirm(discussion: SupervisionDiscussion, at: datetime) -> None:
    """Ask the worker whether it was so, on their own page and by e-mail. Call inside an operation."""
    ledger.open_obligation(
        provider_id=discussion.provider_id,
        subject=discussion,
        kind=CONFIRM,
        title=f"Say whether your supervision of {_day(discussion.held_on)} is written down as it was",
        timescale=TO_CONFIRM,
        at=at,
        clock_source="Within five working days (local standard)",
        owner=discussion.worker,
        team=discussion.team,
        chain=ONLY_THE_WORKER,
    )
    ledger.tell(
        to=discussion.worker,
        key=f"supervision:{discussion.pk}",
        subject="Your supervision was written down",
        body="Sign in to Safer Practice and open your work: say whether it is written down as it was.",
        at=at,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
