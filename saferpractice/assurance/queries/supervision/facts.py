"""What is on record of workers, as the rules of supervision read it, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.rules import Place
from saferpractice.assurance.models import (
    Absence,
    DiscussionAnswer,
    ExpectedDiscussion,
    SupervisedBy,
    SupervisionDiscussion,
    SupervisionSetting,
)
from saferpractice.assurance.rules.supervision import (
    DEFAULT_NEEDS,
    Cell,
    Facts,
    Held,
    Needs,
    Post,
    Said,
    Span,
    cells,
    months_between,
    needs_for,
    span_of,
)
from saferpractice.deadlines.ledger import calendar_for
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.trail.models import TrailEntry


def settings_of(provider_id: UUID) -> list[tuple[date, Needs]]:
    """What the provider decided about who is owed a discussion, in the order of deciding."""
    rows = SupervisionSetting.objects.filter(provider_id=provider_id).order_by("decided_at", "pk")
    return [(row.from_month, Needs(frozenset(row.roles), row.fewest_days, row.joiner_days)) for row in rows]


def needs_now(provider_id: UUID, month: date) -> Needs:
    """What holds at the provider in ``month``."""
    return needs_for(month, settings_of(provider_id))


def roles_ever(provider_id: UUID) -> frozenset[str]:
    """Every role that needed supervision at some time."""
    return DEFAULT_NEEDS.roles.union(*(needs.roles for _, needs in settings_of(provider_id)))


def within(place: Place) -> Q:
    """Roles held within ``place``: in its teams, its services, or over it."""
    if place.team_id:
        return Q(team_id=place.team_id)
    return Q(service_id=place.service_id) if place.service_id else Q(provider_id=place.provider_id)


def workers_of(provider_id: UUID, where: Q, first: date, last: date) -> QuerySet[Person]:
    """Whoever held a role that needs supervision within ``where`` on some day from ``first`` to ``last``, by name."""
    held = RoleAssignment.objects.filter(
        where,
        Q(until_at__isnull=True) | Q(until_at__gt=end_of_day(first - timedelta(days=1))),
        provider_id=provider_id,
        role__in=sorted(roles_ever(provider_id)),
        from_at__lt=end_of_day(last),
    )
    return Person.objects.filter(pk__in=held.values("person_id")).order_by("name", "pk")


def facts_of(workers: Collection[UUID], at: datetime) -> list[Facts]:
    """What is on record of each of ``workers``, in their order."""
    posts, away, held = _posts(workers, at), defaultdict(list), defaultdict(list)
    for absence in Absence.objects.standing().filter(worker_id__in=workers):
        away[absence.worker_id].append(Span(absence.from_on, absence.until_on))
    said = said_of(workers)
    for row in SupervisionDiscussion.objects.standing().filter(worker_id__in=workers):
        held[row.worker_id].append(Held(row.held_on, said.get(row.pk, Said.NOTHING)))
    return [Facts(pk, tuple(posts[pk]), tuple(away[pk]), tuple(held[pk])) for pk in workers]


def said_of(workers: Collection[UUID]) -> dict[UUID, Said]:
    """What workers say of each discussion they answered: the newest answer holds."""
    answers = DiscussionAnswer.objects.filter(discussion__worker_id__in=workers).order_by("decided_at", "pk")
    return {row.discussion_id: Said.SO if row.confirmed else Said.NOT_SO for row in answers}


def _posts(workers: Collection[UUID], at: datetime) -> dict[UUID, list[Post]]:
    closed = _closed_on(workers, at)
    found: dict[UUID, list[Post]] = defaultdict(list)
    for row in RoleAssignment.objects.filter(person_id__in=workers).order_by("from_at", "pk"):
        span = span_of(row.from_at, row.until_at)
        last = closed.get(row.person_id)
        if span is not None and last is not None:
            span = Span(span.first, min(last, span.last or last)) if span.first <= last else None
        if span is not None:
            found[row.person_id].append(Post(row.role, span, row.service_id, row.team_id))
    return found


def _closed_on(workers: Collection[UUID], at: datetime) -> dict[UUID, date]:
    """The day on which the sign-in was closed, of those whose is: they have left, whatever role they still hold."""
    gone = list(Person.objects.filter(pk__in=workers, is_active=False).values_list("pk", flat=True))
    if not gone:
        return {}
    entries = TrailEntry.objects.filter(subject_id__in=gone, operation="access.set_active").order_by("sequence")
    return {pk: local_day(at) for pk in gone} | {entry.subject_id: local_day(entry.at) for entry in entries}


def cells_of(
    provider_id: UUID, workers: Collection[UUID], first: date, last: date, at: datetime, *, begun: date | None = None
) -> tuple[Cell, ...]:
    """What became of every discussion of ``workers`` in the months from that of ``first`` to that of ``last``.

    ``begun`` is since when supervision is kept there, where that is known already.
    """
    return cells(
        facts_of(workers, at),
        months_between(first, last),
        today=local_day(at),
        settings=settings_of(provider_id),
        calendar=calendar_for(provider_id),
        begun=begun or begun_on(provider_id, local_day(at)),
    )


def begun_on(provider_id: UUID, today: date) -> date:
    """Since when supervision is kept at a provider: the first that was asked for, held or arranged; else today."""
    days = (
        ExpectedDiscussion.objects.filter(provider_id=provider_id).aggregate(first=Min("month"))["first"],
        SupervisionDiscussion.objects.filter(provider_id=provider_id).aggregate(first=Min("held_on"))["first"],
        SupervisedBy.objects.filter(provider_id=provider_id).aggregate(first=Min("from_on"))["first"],
    )
    return min((day for day in days if day is not None), default=today)


def supervisors_of(workers: Iterable[UUID], on: date) -> dict[UUID, Person]:
    """Who supervises each of ``workers`` on a London day; nobody whose sign-in is closed."""
    rows = SupervisedBy.objects.in_order().filter(worker_id__in=list(workers), from_on__lte=on)
    newest = {row.worker_id: row.supervisor for row in rows.select_related("supervisor")}
    return {pk: who for pk, who in newest.items() if who is not None and who.is_active}


def supervised(supervisor: Person, on: date) -> list[UUID]:
    """The ids of everybody whom ``supervisor`` supervises on a London day."""
    ever = SupervisedBy.objects.filter(supervisor=supervisor).values_list("worker_id", flat=True).distinct()
    return [pk for pk, who in supervisors_of(ever, on).items() if who.pk == supervisor.pk]


def history_of_worker(worker: Person) -> list[SupervisedBy]:
    """Who supervised ``worker`` since when, the newest first."""
    return list(SupervisedBy.objects.in_order().filter(worker=worker).select_related("supervisor").reverse())


def absences_of(worker: Person) -> list[Absence]:
    """The absences of ``worker`` that stand, the newest first."""
    return list(Absence.objects.standing().filter(worker=worker).order_by("-from_on", "-pk"))


def absence_of_provider(person: Person, absence_id: UUID) -> Absence | None:
    """One absence of somebody at the provider of ``person``; the page must check that they may correct it."""
    found = Absence.objects.filter(pk=absence_id, provider_id=person.provider_id)
    return found.select_related("worker").first()


def worker_of_provider(person: Person, worker_id: UUID) -> Person | None:
    """Somebody at the provider of ``person``; the page must check what they may do about them."""
    return Person.objects.filter(pk=worker_id, provider_id=person.provider_id).first()
