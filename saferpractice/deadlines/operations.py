"""Writes of deadlines: tell people what is due soon or late, once for each level; days off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from saferpractice.access.models import Person, Provider
from saferpractice.access.permissions import check_can_manage_people
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Escalation, NonWorkingDay, Obligation
from saferpractice.deadlines.rules import (
    DEFAULT_CHAIN,
    OWNER,
    Timescale,
    due_at,
    due_label,
    lateness,
    levels_due,
    next_escalation_at,
)
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

REMINDER = 0
"""The level of the reminder that comes before the deadline; levels from 1 up come after it."""


@operation
def escalate(*, by: By, at: datetime, obligation_id: UUID) -> Entry[list[Escalation]] | Already[list[Escalation]]:
    """Raise every level of one obligation that has come by ``at``, each once, and tell the people of each.

    The row is locked first and passed over when another worker holds it. What was raised before decides, not the
    clock, and (obligation, level) is unique in the database: killed, raced or run on a clock that jumped back, no
    level is raised twice, and none is left out.
    """
    obligation = (
        Obligation.objects.to_escalate(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("team")
        .filter(pk=obligation_id)
        .first()
    )
    if obligation is None:
        return Already([])
    calendar = ledger.calendar_for(obligation.provider_id)
    already = set(obligation.escalations.values_list("level", flat=True))
    raised = []
    if REMINDER not in already and at <= obligation.due_at:
        raised.append(_raise(obligation, REMINDER, (OWNER,), at))
    waiting = levels_due(obligation.due_at, None, None, DEFAULT_CHAIN, at=at, already=already, calendar=calendar)
    raised += [_raise(obligation, step.level, step.to_roles, at) for step in waiting]
    levels = already | {one.level for one in raised}
    obligation.escalated_level = max(levels, default=-1)
    obligation.next_escalation_at = next_escalation_at(
        obligation.due_at, None, None, DEFAULT_CHAIN, already=levels, calendar=calendar
    )
    obligation.save(update_fields=["escalated_level", "next_escalation_at"])
    if not raised:
        return Already([])
    return Entry(
        result=raised,
        subject=obligation,
        story_id=obligation.story_id,
        sentence=_sentence(obligation, raised, at),
        facts={"levels": [one.level for one in raised], "due_at": obligation.due_at},
    )


def _raise(obligation: Obligation, level: int, to_roles: Sequence[str], at: datetime) -> Escalation:
    escalation = Escalation.objects.create(obligation=obligation, level=level, at=at, due_at=obligation.due_at)
    people = {person.pk: person for person in _people(obligation, to_roles, at)}
    late = lateness(obligation.due_at, at)
    for person in people.values():
        ledger.tell(
            to=person,
            key=f"escalation:{escalation.pk}",
            subject=f"{'Late' if late else 'Due soon'}: {obligation.title}",
            body=f"{obligation.title}\n{f'{late} late' if late else f'Due {due_label(obligation.due_at)}'}.\n"
            "Sign in to Safer Practice to see it.",
            at=at,
        )
    escalation.told.set(people.values())
    return escalation


def _people(obligation: Obligation, to_roles: Sequence[str], at: datetime) -> Iterator[Person]:
    place = obligation.team.place if obligation.team else Place(obligation.provider_id)
    owner = obligation.owner
    if OWNER in to_roles and owner is not None and owner.is_active:
        yield owner
    roles = {obligation.role if name == OWNER else name for name in to_roles} - {""}
    if obligation.restricted:
        # A duty manager must not learn that it exists; the lead, and the director above, may be told it is late.
        roles = {Role.SAFEGUARDING_LEAD if role == Role.DUTY_MANAGER else role for role in roles}
    for role in sorted(roles):
        yield from Person.objects.holding(role, place, at)


def _sentence(obligation: Obligation, raised: list[Escalation], at: datetime) -> str:
    names = sorted({person.name for one in raised for person in one.told.all()})
    told = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
    told = told or "nobody, because no one holds the role"
    late = lateness(obligation.due_at, at)
    state = f"is {late} late" if late else f"is due {due_label(obligation.due_at)}"
    return f"said that “{obligation.title}” {state}, and told {told}"


@operation
def add_non_working_day(*, by: By, at: datetime, provider: Provider, day: date, reason: str) -> Entry[NonWorkingDay]:
    """Add a day that is not a working day. Open deadlines that count working days move later with it, on the trail.

    One-off bank holidays are announced late; a deadline is recomputed from the moment it was opened, and the old and
    the new moment are both kept in the entry. Nothing moves earlier, and nothing that was late becomes less late.
    """
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    if not reason.strip():
        raise Invalid({"reason": "Say which day it is, for example the name of the bank holiday."})
    if NonWorkingDay.objects.filter(provider=provider, day=day).exists():
        raise Invalid({"day": "This day is already not a working day."})
    added = NonWorkingDay.objects.create(provider=provider, day=day, reason=reason.strip(), added_at=at)
    moved = _reckon_again(provider, at)
    return Entry(
        result=added,
        subject=added,
        sentence=f"added {day:%-d %B %Y} as a day off ({reason.strip()}), which moved {len(moved)} deadlines",
        facts={"moved": moved},
    )


def _reckon_again(provider: Provider, at: datetime) -> list[dict[str, object]]:
    calendar, moved = ledger.calendar_for(provider.pk), []
    waiting = Obligation.objects.open().filter(provider=provider, due_at__gt=at).select_for_update()
    for obligation in waiting.filter(timescale__kind__in=["working_days", "working_hours"]):
        due = due_at(obligation.opened_at, Timescale.from_data(obligation.timescale), calendar)
        if due <= obligation.due_at:
            continue
        moved.append({"obligation": obligation.pk, "was": obligation.due_at, "now": due})
        obligation.due_at = due
        obligation.next_escalation_at = ledger.first_escalation_at(obligation.opened_at, due, calendar)
        obligation.save(update_fields=["due_at", "next_escalation_at"])
    return moved
