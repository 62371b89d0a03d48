"""Opening, meeting and cancelling obligations, and writing to the outbox, from inside an operation.

These write no trail entry of their own: the operation that calls them says what was done, and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.config import encryption
from saferpractice.deadlines.local_times import evening_of
from saferpractice.deadlines.models import NonWorkingDay, Obligation, OutboxMessage
from saferpractice.deadlines.recipients import Matter, administrators, holders_or_next
from saferpractice.deadlines.rules import (
    DEFAULT_CHAIN,
    SAME_DAY_ALWAYS,
    Calendar,
    ClockKind,
    EscalationChain,
    Timescale,
    TimescaleKind,
    due_at,
    next_escalation_at,
)
from saferpractice.deadlines.rules import due_at as due_after
from saferpractice.trail.operations import must_be_in_operation


def calendar_for(provider_id: UUID) -> Calendar:
    """The provider's working days: England's bank holidays and the days off it added."""
    days = NonWorkingDay.objects.in_force(provider_id).values_list("day", flat=True)
    return Calendar(days_off=frozenset(days))


REMIND_BEFORE = timedelta(hours=24)
"""How long before a deadline its owner is reminded, when there were at least two such spans to begin with."""


def first_escalation_at(opened_at: datetime, due: datetime, calendar: Calendar) -> datetime | None:
    """The first moment at which somebody is told: a day before the deadline when there is time for that, else
    as soon as it is late."""
    if due - opened_at >= 2 * REMIND_BEFORE:
        return due - REMIND_BEFORE
    return next_escalation_at(due, None, None, DEFAULT_CHAIN, already=set(), calendar=calendar)


def due_for(provider_id: UUID, at: datetime, timescale: Timescale, clock: ClockKind) -> datetime:
    """When something asked at ``at`` is due for a provider: on its working days, and by its rule of the evening.

    Law and contract say what they say: only a local standard may let the same day wait for the morning.
    """
    may_wait = timescale.kind is TimescaleKind.SAME_DAY and clock is ClockKind.LOCAL
    evening = evening_of(provider_id=provider_id, at=at) if may_wait else SAME_DAY_ALWAYS
    return due_at(at, timescale, calendar_for(provider_id), evening)


def open_obligation(
    *,
    provider_id: UUID,
    subject: models.Model,
    kind: str,
    title: str,
    timescale: Timescale,
    at: datetime,
    clock: ClockKind = ClockKind.LOCAL,
    clock_source: str = "",
    owner: Person | None = None,
    role: Role | None = None,
    team: Team | None = None,
    story_id: UUID | None = None,
    restricted: bool = False,
    urgent: bool = False,
    chain: EscalationChain | None = None,
) -> Obligation:
    """Open an obligation from ``at`` and return it. Call inside an operation.

    Args:
        subject: the row it is about.
        kind: "<room>.<what>", for example "triage.decide"; ``meet`` finds it by this and the subject.
        title: what must be done, as a person reads it in a list; names no person supported.
        timescale: how long; the due moment is worked out in Europe/London on the provider's working days.
        clock: whether law, contract or a local standard sets it; ``clock_source`` says which.
        owner: the person who must do it; or else ``role``: whoever holds the role over ``team``.
        story_id: the incident. ``restricted`` mirrors whether only named people may know of it.
        chain: who is told when it is late; None for the chain that its service set.
    """
    due = due_for(provider_id, at, timescale, clock)
    return _opened(
        subject,
        calendar_for(provider_id),
        provider_id=provider_id,
        team=team,
        story_id=story_id,
        restricted=restricted,
        urgent=urgent,
        kind=kind,
        title=title[:300],
        owner=owner,
        role=role or "",
        opened_at=at,
        timescale=timescale.as_data(),
        due_at=due,
        clock=clock.value,
        clock_source=clock_source[:300],
        chain=chain.as_data() if chain is not None else [],
    )


def open_with_due(
    *,
    provider_id: UUID,
    subject: models.Model,
    kind: str,
    title: str,
    opened_at: datetime,
    due_at: datetime,
    clock_source: str,
    role: Role,
    team: Team,
    story_id: UUID | None,
    restricted: bool,
    chain: EscalationChain,
    timescale: Timescale | None = None,
    standard: str = "",
    person_supported_id: UUID | None = None,
) -> Obligation:
    """Open an obligation whose moments somebody else worked out, such as a pathway. Call inside an operation.

    A deadline before the opening (something written down late) is due as soon as it is opened: late from the start.
    The clock is a local standard and ``chain`` says who is told when it is late; the rest is as in
    ``open_obligation``. ``timescale`` is kept where it leads from the opening to the deadline, so that a day off that
    is added later moves it like any other. ``standard`` and ``person_supported_id`` are what measures read it by.
    """
    calendar = calendar_for(provider_id)
    counts = timescale is not None and due_after(opened_at, timescale, calendar) == due_at
    return _opened(
        subject,
        calendar,
        timescale=timescale.as_data() if timescale is not None and counts else {},
        provider_id=provider_id,
        team=team,
        story_id=story_id,
        restricted=restricted,
        kind=kind,
        title=title[:300],
        role=role,
        opened_at=opened_at,
        due_at=max(due_at, opened_at),
        clock=ClockKind.LOCAL.value,
        clock_source=clock_source[:300],
        chain=chain.as_data(),
        standard=standard,
        person_supported_id=person_supported_id,
    )


def _opened(subject: models.Model, calendar: Calendar, **columns: Any) -> Obligation:
    must_be_in_operation()
    if not isinstance(subject.pk, UUID):
        raise TypeError(f"{subject._meta.label} is not known by a UUID, so an obligation cannot point at it")
    return Obligation.objects.create(
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        next_escalation_at=first_escalation_at(columns["opened_at"], columns["due_at"], calendar),
        **columns,
    )


def bring_forward(*, subject: models.Model, kind: str, due_at: datetime) -> int:
    """Make the open obligations of ``kind`` about ``subject`` due at ``due_at`` where that is sooner; how many.

    Never later: nothing that is due gets more time because of what was written afterwards. From then on it is due at
    that moment, and days off do not move it. Call inside an operation.
    """
    must_be_in_operation()
    moved = 0
    for obligation in Obligation.objects.open().filter(subject_id=subject.pk, kind=kind, due_at__gt=due_at):
        obligation.due_at = max(due_at, obligation.opened_at)
        obligation.timescale = {}
        calendar = calendar_for(obligation.provider_id)
        sooner = first_escalation_at(obligation.opened_at, obligation.due_at, calendar)
        obligation.next_escalation_at = sooner if obligation.escalated_level < 0 else obligation.next_escalation_at
        obligation.save(update_fields=["due_at", "timescale", "next_escalation_at"])
        moved += 1
    return moved


def meet(*, subject: models.Model, kind: str, record: models.Model, at: datetime) -> int:
    """Mark the open obligations of ``kind`` about ``subject`` as met by ``record``; how many there were.

    Met once: a second record does not move the moment. Call inside an operation.
    """
    must_be_in_operation()
    return (
        Obligation.objects.open()
        .filter(subject_id=subject.pk, kind=kind)
        .update(met_at=at, met_by_type=record._meta.label_lower, met_by_id=record.pk, next_escalation_at=None)
    )


def cancel(*, subject: models.Model, kind: str | None, because: str, at: datetime) -> int:
    """Cancel the open obligations about ``subject`` (of one ``kind``, or all); how many. The reason is kept."""
    must_be_in_operation()
    found = Obligation.objects.open().filter(subject_id=subject.pk)
    if kind is not None:
        found = found.filter(kind=kind)
    return found.update(cancelled_at=at, cancelled_because=because[:300], next_escalation_at=None)


def hand_over(*, subject: models.Model, kind: str, owner: Person | None) -> int:
    """Make ``owner`` answer for the open obligations of ``kind`` about ``subject``; how many. The due moment stays.

    ``None`` gives them back to whoever holds the role they were opened for. Call inside an operation.
    """
    must_be_in_operation()
    return Obligation.objects.open().filter(subject_id=subject.pk, kind=kind).exclude(role="").update(owner=owner)


def tell(*, to: Person, key: str, subject: str, body: str, at: datetime) -> bool:
    """Put one e-mail to ``to`` in the outbox; False when ``key`` was written before. Call inside an operation.

    The words must not name or describe a person supported: e-mail is not a safe place.
    """
    return _put(f"{key}:{to.pk}", at, provider_id=to.provider_id, to=to, subject=subject, body=body)


def tell_address(*, provider_id: UUID, address: str, key: str, subject: str, body: str, at: datetime) -> bool:
    """Put one e-mail to somebody who is nobody here in the outbox; False when ``key`` was written before.

    Call inside an operation. The body is kept encrypted until it is sent, because a link or a code in it lets its
    reader in. The words must not name or describe a person supported, nor say what it is about.
    """
    sealed = encryption.encrypt(body, f"deadlines.outboxmessage:{key}")
    return _put(key, at, provider_id=provider_id, address=address, subject=subject, body=sealed)


def tell_server(*, provider_id: UUID, destination: str, key: str, subject: str, body: str, at: datetime) -> bool:
    """Put one message to a server outside in the outbox; False when ``key`` was written before.

    Call inside an operation. ``destination`` is the digest of an address in the settings (``config.outgoing``). The
    body is kept as it is: it must hold nothing that not everybody may read.
    """
    return _put(key, at, provider_id=provider_id, destination=destination, subject=subject, body=body)


def _put(key: str, at: datetime, *, subject: str, **row: Any) -> bool:
    """Put a message in the outbox, to be sent from ``at``; False when ``key`` was written before."""
    must_be_in_operation()
    _, created = OutboxMessage.objects.get_or_create(
        key=key, defaults={**row, "subject": subject[:200], "created_at": at, "send_after": at}
    )
    return created


def tell_role(
    *,
    role: Role,
    team: Team,
    key: str,
    subject: str,
    body: str,
    at: datetime,
    story_id: UUID | None = None,
    restricted: bool = False,
) -> list[Person]:
    """Put an e-mail to everybody who holds ``role`` over ``team`` in the outbox; whom it went to.

    Where nobody holds it, the next in the escalation chain is told in their place; where nobody is left, the
    administrators hear that something waits and nobody is there to decide. Nobody kept from ``story_id`` is told.
    """
    found = holders_or_next(role, Matter(team.provider_id, team, story_id, restricted, at))
    people = list(found.people.values())
    for person in people:
        tell(to=person, key=key, subject=subject, body=body, at=at)
    if found.nobody:
        tell_administrators(provider_id=team.provider_id, key=key, gaps=found.gaps, at=at)
    return people


def tell_administrators(*, provider_id: UUID, key: str, gaps: Iterable[str], at: datetime) -> None:
    """Tell the administrators that nobody could be told, and not of what: they see no incidents."""
    words = " or ".join(gaps)
    for person in administrators(provider_id, at):
        tell(
            to=person,
            key=f"{key}:gap",
            subject="Something waits in Safer Practice and nobody could be told",
            body=f"Nobody who can sign in is {words}, nor holds a role above. Sign in to Safer Practice, open "
            "Deadlines and see who is told, then give somebody the role.",
            at=at,
        )
