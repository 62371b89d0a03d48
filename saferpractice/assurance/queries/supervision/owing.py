"""Which discussions must be asked for, and which obligations no longer fit what is on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from saferpractice.access.models import Person, Provider
from saferpractice.assurance.models import ExpectedDiscussion, SupervisionDiscussion
from saferpractice.assurance.queries.supervision.facts import cells_of, supervisors_of, workers_of
from saferpractice.assurance.rules.supervision import Cell, CellState, Step, met_on, month_after, next_step
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day

KIND = "supervision.discuss"
"""Talk with a worker about safeguarding learning in a month."""
CONFIRM = "supervision.confirm"
"""Say whether a discussion on record is how it was."""
MONTHS_BACK = 12
"""How far back obligations follow what is written down later."""


def to_ask(at: datetime, limit: int) -> list[Person]:
    """Up to ``limit`` workers who are owed a discussion this month that nobody was asked for yet."""
    month = local_day(at).replace(day=1)
    found: list[Person] = []
    for provider_id in Provider.objects.order_by("pk").values_list("pk", flat=True):
        workers = {one.pk: one for one in workers_of(provider_id, Q(), month, local_day(at))}
        asked = ExpectedDiscussion.objects.filter(provider_id=provider_id, month=month)
        missing = set(workers) - set(asked.values_list("worker_id", flat=True))
        cells = cells_of(provider_id, [pk for pk in workers if pk in missing], month, month, at)
        found += [workers[cell.worker] for cell in cells if cell.owed and cell.state is CellState.NOT_YET]
        if len(found) >= limit:
            break
    return found[:limit]


@dataclass(frozen=True, slots=True)
class Asked:
    """A discussion that was asked for, with what is on record and what follows for its obligation."""

    expected: ExpectedDiscussion
    cell: Cell
    obligation: Obligation | None
    record: SupervisionDiscussion | None
    supervisor: Person | None
    step: Step


def asked_of(provider_id: UUID, workers: Collection[UUID], at: datetime) -> list[Asked]:
    """Everything asked for with ``workers`` in the last year, oldest month first."""
    today = local_day(at)
    first = month_after(today.replace(day=1), -MONTHS_BACK)
    rows = list(ExpectedDiscussion.objects.filter(worker_id__in=workers, month__gte=first).order_by("month", "pk"))
    if not rows:
        return []
    cells = {(one.worker, one.month): one for one in cells_of(provider_id, list(workers), first, today, at)}
    held: dict[UUID, list[SupervisionDiscussion]] = defaultdict(list)
    for one in SupervisionDiscussion.objects.standing().filter(worker_id__in=workers).order_by("held_on", "pk"):
        held[one.worker_id].append(one)
    owed = Obligation.objects.filter(subject_id__in=[row.pk for row in rows], kind=KIND).order_by("opened_at", "pk")
    newest = {one.subject_id: one for one in owed}
    who = supervisors_of(workers, today)
    return [
        _asked(row, cells[row.worker_id, row.month], newest.get(row.pk), held[row.worker_id], who.get(row.worker_id))
        for row in rows
        if (row.worker_id, row.month) in cells
    ]


def _asked(
    row: ExpectedDiscussion,
    cell: Cell,
    obligation: Obligation | None,
    held: list[SupervisionDiscussion],
    supervisor: Person | None,
) -> Asked:
    days = [one.held_on for one in held]
    day = met_on(row.month, days)
    step = next_step(
        cell,
        days,
        is_open=obligation is not None and obligation.met_at is None and obligation.cancelled_at is None,
        owner=obligation.owner_id if obligation else None,
        supervisor=supervisor.pk if supervisor else None,
    )
    return Asked(row, cell, obligation, next((one for one in held if one.held_on == day), None), supervisor, step)


def to_follow(at: datetime, limit: int) -> list[Person]:
    """Up to ``limit`` workers about whom an obligation stands that no longer fits what is on record.

    Somebody left, their supervisor left, or their post ended: what no page of supervision is told of.
    """
    open_ = Obligation.objects.open().filter(kind=KIND).values("subject_id")
    by_provider: dict[UUID, set[UUID]] = defaultdict(set)
    for provider_id, worker_id in ExpectedDiscussion.objects.filter(pk__in=open_).values_list(
        "provider_id", "worker_id"
    ):
        by_provider[provider_id].add(worker_id)
    found: list[UUID] = []
    for provider_id, workers in sorted(by_provider.items()):
        drifted = (one for one in asked_of(provider_id, sorted(workers), at) if one.step is not Step.LEAVE)
        found += dict.fromkeys(one.expected.worker_id for one in drifted)
    return list(Person.objects.filter(pk__in=found[:limit]).order_by("pk"))


def expected_seen(person: Person, expected_id: UUID) -> ExpectedDiscussion | None:
    """One discussion asked for at the provider of ``person``, or None."""
    found = ExpectedDiscussion.objects.filter(pk=expected_id, provider_id=person.provider_id)
    return found.select_related("worker", "team").first()
