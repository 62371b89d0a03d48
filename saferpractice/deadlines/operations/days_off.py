"""Days off: add one, take one away, and move the open deadlines that count working days."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from saferpractice.access.models import Person, Provider
from saferpractice.access.permissions import check_can_manage_people
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import MovedDeadline, NonWorkingDay
from saferpractice.deadlines.operations.escalating import mail_words
from saferpractice.deadlines.queries import Move, moves_with, moves_without
from saferpractice.deadlines.recipients import Matter, answering
from saferpractice.deadlines.rules import day_label, day_off_problem, due_label, local_day
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

LONGEST_REASON = 200


@operation
def add_non_working_day(*, by: By, at: datetime, provider: Provider, day: date, reason: str) -> Entry[NonWorkingDay]:
    """Add a day that is not a working day. Open deadlines that count working time move later with it.

    One-off bank holidays are announced late. Each deadline is reckoned again from the moment it was opened; what it
    was and what it is now are both kept, said in the story of its incident, and told to whoever owes it. Nothing
    moves earlier, and nothing that was late becomes less late.

    Raises:
        Refused: ``by`` is not an administrator.
        Invalid: the day cannot be one ("day"), or no reason ("reason").
    """
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    calendar = ledger.calendar_for(provider.pk)
    problems = _reason_problems(reason, "Say which day it is, for example the name of the bank holiday.")
    problem = day_off_problem(day, calendar, today=local_day(at))
    if problem:
        problems["day"] = problem
    if problems:
        raise Invalid(problems)
    moves = moves_with(provider.pk, day, at=at, lock=True)
    earlier = NonWorkingDay.objects.filter(provider=provider, day=day, replaced_by__isnull=True).first()
    added = _write(by, at, provider, day, reason, off=True, replaces=earlier)
    _move(by, at, moves, added)
    return Entry(
        result=added,
        subject=added,
        sentence=f"made {day_label(day)} a day off ({reason.strip()}), which moved {_deadlines(moves)}",
        facts={"moved": _facts(moves)},
    )


@operation
def take_away_non_working_day(*, by: By, at: datetime, day_off: NonWorkingDay, reason: str) -> Entry[NonWorkingDay]:
    """Make a day off a working day again. The row that made it one stays; a row beside it says so.

    Open deadlines move earlier, never before the end of today, so that nothing is late because of it; each is kept
    with what it was, said in its story, and told to whoever owes it.

    Raises:
        Refused: ``by`` is not an administrator.
        Stale: somebody took it away meanwhile.
        Invalid: the day has passed, or no reason ("reason").
    """
    check_can_manage_people(by=by, at=at, provider_id=day_off.provider_id)
    problems = _reason_problems(reason, "Say why it is a working day after all.")
    if day_off.day < local_day(at):
        problems[""] = "This day has passed: what was counted with it stays as it was."
    if problems:
        raise Invalid(problems)
    if not NonWorkingDay.objects.in_force(day_off.provider_id).filter(pk=day_off.pk).exists():
        raise Stale(f"{day_label(day_off.day)} is not a day off any more: somebody took it away meanwhile.")
    moves = moves_without(day_off.provider_id, day_off.day, at=at, lock=True)
    back = _write(by, at, day_off.provider, day_off.day, reason, off=False, replaces=day_off)
    _move(by, at, moves, back)
    return Entry(
        result=back,
        subject=back,
        sentence=f"made {day_label(day_off.day)} a working day again ({reason.strip()}), "
        f"which moved {_deadlines(moves)}",
        facts={"moved": _facts(moves)},
    )


@operation
def move_deadline(*, by: By, at: datetime, move: Move, because: NonWorkingDay) -> Entry[MovedDeadline]:
    """Move one deadline because a day off came or went. Only as part of changing the day."""
    obligation = move.obligation
    check_can_manage_people(by=by, at=at, provider_id=obligation.provider_id)
    moved = MovedDeadline.objects.create(
        provider_id=obligation.provider_id,
        obligation=obligation,
        because=because,
        was_due_at=move.was,
        now_due_at=move.now,
        at=at,
    )
    calendar = ledger.calendar_for(obligation.provider_id)
    obligation.due_at = move.now
    obligation.next_escalation_at = ledger.first_escalation_at(obligation.opened_at, move.now, calendar)
    obligation.save(update_fields=["due_at", "next_escalation_at"])
    return Entry(
        result=moved,
        subject=obligation,
        story_id=obligation.story_id,
        sentence=f"moved “{obligation.title}” from {due_label(move.was)} to {due_label(move.now)}, because "
        f"{day_label(because.day)} is {_what(because)}",
        facts={"was": move.was, "now": move.now},
    )


def _move(by: By, at: datetime, moves: list[Move], because: NonWorkingDay) -> None:
    owed: dict[Person, list[Move]] = {}
    for move in moves:
        move_deadline(by=by, at=at, move=move, because=because)
        for person in answering(move.obligation, Matter.of(move.obligation, at)):
            owed.setdefault(person, []).append(move)
    for person, theirs in owed.items():
        lines = [f"{mail_words(one.obligation)}: now {due_label(one.now)}, was {due_label(one.was)}" for one in theirs]
        ledger.tell(
            to=person,
            key=f"day-off:{because.pk}",
            subject=f"{_deadlines(theirs)[:1].upper()}{_deadlines(theirs)[1:]} of yours moved",
            body="\n".join([f"{day_label(because.day)} is {_what(because)}.", *lines]),
            at=at,
        )


def _write(
    by: By, at: datetime, provider: Provider, day: date, reason: str, *, off: bool, replaces: NonWorkingDay | None
) -> NonWorkingDay:
    try:
        with transaction.atomic():
            return NonWorkingDay.objects.create(
                provider=provider,
                day=day,
                off=off,
                reason=reason.strip(),
                replaces=replaces,
                added_at=at,
                added_by_name=by.signature(at).name,
            )
    except IntegrityError:
        raise Stale(f"Somebody else changed {day_label(day)} at the same moment. Look at it again.") from None


def _reason_problems(reason: str, ask: str) -> dict[str, str]:
    if not as_written(reason):
        return {"reason": ask}
    if len(reason.strip()) > LONGEST_REASON:
        return {"reason": f"Shorten this to {LONGEST_REASON} characters."}
    return {}


def _what(day: NonWorkingDay) -> str:
    return "a day off" if day.off else "a working day again"


def _deadlines(moves: list[Move]) -> str:
    return "no deadline" if not moves else "1 deadline" if len(moves) == 1 else f"{len(moves)} deadlines"


def _facts(moves: list[Move]) -> list[dict[str, object]]:
    return [{"obligation": one.obligation.pk, "was": one.was, "now": one.now} for one in moves]
