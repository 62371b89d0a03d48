"""Who sees whose supervision, and the coverage of a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, Service, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.models import SupervisionDiscussion
from saferpractice.assurance.queries.supervision.facts import (
    begun_on,
    cells_of,
    supervised,
    supervisors_of,
    within,
    workers_of,
)
from saferpractice.assurance.rules.supervision import Cell, Coverage, last_of
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.pathways.models import PathwayCase, SupervisionPick

OVERSEES = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles that see the supervision of everybody of their place. A supervisor sees that of their own people."""


def places_of(worker: Person, at: datetime) -> tuple[Place, ...]:
    """Where ``worker`` holds a role now; of somebody who holds none any more, where they did."""
    now = tuple(held.place for held in worker.holdings() if held.holds(at))
    return now or tuple(held.place for held in worker.holdings())


def oversees(person: Person, at: datetime, worker: Person) -> bool:
    """Whether ``person`` sees the supervision of everybody at a place where ``worker``, somebody else, works."""
    return person.pk != worker.pk and any(person.roles(place, at) & OVERSEES for place in places_of(worker, at))


def supervises(person: Person, at: datetime, worker: Person) -> bool:
    """Whether ``person`` supervises ``worker`` today."""
    found = supervisors_of([worker.pk], local_day(at)).get(worker.pk)
    return person.is_active and found is not None and found.pk == person.pk


def _overseen(person: Person, at: datetime) -> list[Place]:
    held = [h.place for h in person.holdings() if h.role in OVERSEES and h.holds(at)]
    return held if person.is_active else []


def sees_more_than_own(person: Person, at: datetime) -> bool:
    """Whether there is anybody but ``person`` whose supervision they see."""
    return bool(_overseen(person, at) or supervised(person, local_day(at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFilter:
    """Which workers and months the grid shows."""

    first: date
    last: date
    service_id: UUID | None = None
    team_id: UUID | None = None
    supervisor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells somebody may see, with the people and places they name."""

    cells: tuple[Cell, ...]
    people: dict[UUID, Person]
    supervisors: dict[UUID, Person]
    teams: dict[UUID, Team]
    services: dict[UUID, Service]

    @property
    def coverage(self) -> Coverage:
        """The coverage of what is seen."""
        return Coverage(self.cells)

    def of(self, worker: UUID) -> tuple[Cell, ...]:
        """The months of one worker."""
        return tuple(one for one in self.cells if one.worker == worker)


def grid(person: Person, at: datetime, wanted: GridFilter) -> Grid:
    """The supervision that ``person`` may see: their own, their people's, and that of the places they oversee.

    A month of somebody who worked elsewhere then belongs to that place, and is seen from there.
    """
    today, own = local_day(at), [person.pk]
    places = _overseen(person, at)
    where = Q(person_id__in=[*own, *supervised(person, today)])
    for place in places:
        where |= within(place)
    found = {one.pk: one for one in workers_of(person.provider_id, where, wanted.first, last_of(wanted.last))}
    who = supervisors_of(found, today)
    mine = {person.pk, *(pk for pk, supervisor in who.items() if supervisor.pk == person.pk)}
    shown = tuple(
        one
        for one in cells_of(person.provider_id, list(found), wanted.first, wanted.last, at)
        if one.worker in mine or any(lies_in(one, place) for place in places)
        if _wanted(one, wanted, who)
    )
    people = {pk: found[pk] for pk in dict.fromkeys(one.worker for one in shown)}
    teams = Team.objects.filter(pk__in={one.team for one in shown if one.team}).select_related("service")
    services = Service.objects.filter(pk__in={one.service for one in shown if one.service})
    return Grid(shown, people, who, {one.pk: one for one in teams}, {one.pk: one for one in services})


def lies_in(cell: Cell, place: Place) -> bool:
    """Whether a cell is counted within ``place``."""
    return place.covers(Place(place.provider_id, cell.service, cell.team))


def _wanted(cell: Cell, wanted: GridFilter, who: dict[UUID, Person]) -> bool:
    supervisor = who.get(cell.worker)
    return (
        (wanted.service_id is None or cell.service == wanted.service_id)
        and (wanted.team_id is None or cell.team == wanted.team_id)
        and (wanted.supervisor_id is None or (supervisor is not None and supervisor.pk == wanted.supervisor_id))
    )


def coverage(place: Place, first: date, last: date, at: datetime) -> Coverage:
    """How many of the discussions owed at ``place`` from the month of ``first`` to that of ``last`` were held.

    As known at ``at``. Nothing is owed for a month before supervision was kept at the provider: those are left out.
    Not scoped to a person: whoever shows it checks that they may see the place's numbers.
    """
    begun = begun_on(place.provider_id, local_day(at))
    first = max(first, begun)
    if first.replace(day=1) > last:
        return Coverage(())
    workers = list(workers_of(place.provider_id, within(place), first, last_of(last)).values_list("pk", flat=True))
    found = cells_of(place.provider_id, workers, first, last, at, begun=begun)
    return Coverage(tuple(one for one in found if lies_in(one, place)))


def discussions_seen(person: Person, at: datetime) -> QuerySet[SupervisionDiscussion]:
    """The discussions ``person`` may read: their own, those they held, and those of the places they oversee."""
    found = SupervisionDiscussion.objects.seen_by(person, teams_covered(person, at, OVERSEES))
    everywhere = any(place.service_id is None for place in _overseen(person, at))
    if everywhere:
        found = found | SupervisionDiscussion.objects.filter(provider_id=person.provider_id)
    return found.select_related("worker", "supervisor", "team", "corrects").distinct()


def discussion_seen(person: Person, at: datetime, discussion_id: UUID) -> SupervisionDiscussion | None:
    """One discussion that ``person`` may read, or None."""
    return discussions_seen(person, at).filter(pk=discussion_id).first() if person.is_active else None


def worker_seen(person: Person, at: datetime, worker_id: UUID) -> Person | None:
    """Somebody whose supervision ``person`` may see, or None: oneself, one's people, those one oversees."""
    worker = Person.objects.filter(pk=worker_id, provider_id=person.provider_id).first()
    if worker is None or not person.is_active:
        return None
    return worker if worker.pk == person.pk or supervises(person, at, worker) or oversees(person, at, worker) else None


def own_people(person: Person, at: datetime) -> list[Person]:
    """Everybody whom ``person`` supervises today, by name."""
    return list(Person.objects.filter(pk__in=supervised(person, local_day(at)), is_active=True).order_by("name", "pk"))


def newest_of(discussion: SupervisionDiscussion) -> SupervisionDiscussion:
    """The discussion, or what corrected it last."""
    while (later := SupervisionDiscussion.objects.filter(corrects=discussion).first()) is not None:
        discussion = later
    return discussion


def changes_seen_of(discussion: SupervisionDiscussion, person: Person, at: datetime) -> set[UUID]:
    """The changes behind the points of a discussion that ``person`` may open."""
    changes = [point.change_id for point in discussion.points.all() if point.change_id]
    return set(OperationalChange.objects.visible_to(person, at).filter(pk__in=changes).values_list("pk", flat=True))


def pick_to_open(discussion: SupervisionDiscussion, person: Person, at: datetime) -> SupervisionPick | None:
    """The drawn case of a discussion, when ``person`` may open it."""
    pick = discussion.pick
    seen = pick is not None and PathwayCase.objects.visible_to(person, at).filter(pk=pick.case_id).exists()
    return pick if seen else None
