"""Reads of deadlines: days off, what one would move, who is told where, and where nobody is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person, Provider, RoleAssignment, Service, Team
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import ChainDecision, DirectorCover, MovedDeadline, NonWorkingDay, Obligation
from saferpractice.deadlines.recipients import decisions_of
from saferpractice.deadlines.rules import (
    COUNTS_WORKING_TIME,
    ChainFound,
    ChainSet,
    Timescale,
    chain_in_force,
    earlier_due,
    later_due,
    local_day,
    roles_of,
)


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline that a change of days off moves: when it was due, and when it will be."""

    obligation: Obligation
    was: datetime
    now: datetime


def moves_with(provider_id: UUID, day: date, *, at: datetime, lock: bool = False) -> list[Move]:
    """The open deadlines that making ``day`` a day off moves later, soonest first."""
    calendar = ledger.calendar_for(provider_id)
    with_it = replace(calendar, days_off=calendar.days_off | {day})
    return [
        Move(one, one.due_at, now)
        for one in _counting_working_time(provider_id, at, lock=lock)
        if (now := later_due(one.opened_at, Timescale.from_data(one.timescale), one.due_at, with_it, at=at))
        > one.due_at
    ]


def moves_without(provider_id: UUID, day: date, *, at: datetime, lock: bool = False) -> list[Move]:
    """The open deadlines that making ``day`` a working day again moves earlier, soonest first."""
    calendar = ledger.calendar_for(provider_id)
    without = replace(calendar, days_off=calendar.days_off - {day})
    found = _counting_working_time(provider_id, at, lock=lock)
    moves = [Move(one, one.due_at, earlier_due(*_facts(one), without, at=at)) for one in found]
    return [move for move in moves if move.now < move.was]


def _facts(obligation: Obligation) -> tuple[datetime, Timescale, datetime]:
    return obligation.opened_at, Timescale.from_data(obligation.timescale), obligation.due_at


def _counting_working_time(provider_id: UUID, at: datetime, *, lock: bool) -> list[Obligation]:
    found = Obligation.objects.open().filter(
        provider_id=provider_id, due_at__gt=at, timescale__kind__in=[kind.value for kind in COUNTS_WORKING_TIME]
    )
    if lock:
        found = found.select_for_update(of=("self",))
    return list(found.select_related("team__service", "owner").order_by("due_at", "pk"))


def own_days_off(by: Person, at: datetime) -> list[NonWorkingDay]:
    """The days off of the provider of ``by`` that stand, from today on, soonest first."""
    found = NonWorkingDay.objects.in_force(by.provider_id).filter(day__gte=local_day(at))
    return list(found.order_by("day"))


def own_day_off(by: Person, day_id: UUID) -> NonWorkingDay | None:
    """One day off of the provider of ``by`` that stands, or None."""
    return NonWorkingDay.objects.in_force(by.provider_id).select_related("provider").filter(pk=day_id).first()


def days_off_record(by: Person, most: int = 100) -> list[NonWorkingDay]:
    """Everything decided about the days off of the provider of ``by``, newest first."""
    found = NonWorkingDay.objects.filter(provider_id=by.provider_id)
    return list(found.order_by("-added_at", "-pk").prefetch_related("moved")[:most])


def moves_of(by: Person, day_id: UUID) -> tuple[NonWorkingDay, list[MovedDeadline]] | None:
    """What one decision about a day off moved, soonest first; None when it is not of the provider of ``by``."""
    day = NonWorkingDay.objects.filter(provider_id=by.provider_id, pk=day_id).first()
    if day is None:
        return None
    moved = day.moved.select_related("obligation__team__service", "obligation__owner").order_by("now_due_at", "pk")
    return day, list(moved)


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain of one place and role: where it comes from, and who holds each of its roles in which team."""

    service: Service | None
    role: str
    found: ChainFound
    decision: ChainDecision | None
    held: dict[str, dict[UUID, list[str]]]
    """Role to team to the names of who holds it there."""
    teams: list[Team]

    def gaps(self, role: str) -> list[Team]:
        """The teams in which nobody holds ``role``."""
        return [team for team in self.teams if not self.held[role][team.pk]]


@dataclass(frozen=True, slots=True)
class Gap:
    """A role of a chain that nobody holds in some teams of a service."""

    service: Service
    role: Role
    teams: tuple[Team, ...]


def chains_of(provider: Provider, at: datetime) -> list[Chain]:
    """Every chain that holds: each service's for everybody's work, then those for one role's, by name."""
    services = list(Service.objects.filter(provider=provider).prefetch_related("teams").order_by("name"))
    rows = list(ChainDecision.objects.filter(provider=provider).order_by("decided_at", "pk"))
    sets = [ChainSet(row.service_id, row.role, row.steps, row.decided_at) for row in rows]
    holders = _holders(provider.pk, at)
    own_roles = sorted({one.role for one in sets if one.role})
    found = []
    for service in services:
        for role in ("", *own_roles):
            standing = chain_in_force(sets, service.pk, role)
            if role and (standing.decision is None or standing.decision.role != role):
                continue  # as for everybody's work
            teams = list(service.teams.all())
            held = {
                name: {
                    team.pk: [who for who, place in holders.get(name, ()) if place.covers(team.place)] for team in teams
                }
                for name in roles_of(standing.chain)
            }
            row = next((r for r, s in zip(rows, sets, strict=True) if s is standing.decision), None)
            found.append(Chain(service, role, standing, row, held, teams))
    return found


def gaps_of(provider: Provider, at: datetime) -> list[Gap]:
    """Where nobody holds a role that is told of late work, by service: an administrator should mend it."""
    found: dict[tuple[UUID, str], Gap] = {}
    for chain in chains_of(provider, at):
        for role in roles_of(chain.found.chain):
            teams = chain.gaps(role)
            if chain.service is not None and teams:
                found.setdefault((chain.service.pk, role), Gap(chain.service, Role(role), tuple(teams)))
    return list(found.values())


def _holders(provider_id: UUID, at: datetime) -> dict[str, list[tuple[str, Place]]]:
    """Who holds which role where, of those who can sign in."""
    found: dict[str, list[tuple[str, Place]]] = {}
    rows = RoleAssignment.objects.filter(provider_id=provider_id, person__is_active=True).current(at)
    for row in rows.select_related("person").order_by("person__name"):
        place = Place(row.provider_id, row.service_id, row.team_id)
        found.setdefault(row.role, []).append((row.person.name, place))
    return found


def chain_decisions(provider: Provider, most: int = 50) -> list[ChainDecision]:
    """What was decided about the provider's chains, newest first."""
    return list(
        ChainDecision.objects.filter(provider=provider).select_related("service").order_by("-decided_at", "-pk")[:most]
    )


def default_is_set(provider: Provider) -> bool:
    """Whether the provider has a default of its own for everybody's work."""
    newest = (
        ChainDecision.objects.filter(provider=provider, service=None, role="").order_by("-decided_at", "-pk").first()
    )
    return newest is not None and newest.steps is not None


def chain_to_change(provider: Provider, service: Service | None, role: Role | None) -> ChainFound:
    """The chain that holds for this place and role now: what the page to change it begins with."""
    return chain_in_force(decisions_of(provider.pk), service.pk if service else None, role or "")


def directors_of(by: Person, at: datetime) -> QuerySet[Person]:
    """Everybody who can sign in and holds the director role somewhere at the provider of ``by``, by name."""
    held = RoleAssignment.objects.filter(provider_id=by.provider_id, role=Role.DIRECTOR).current(at)
    return Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("name")


def services_of(by: Person) -> QuerySet[Service]:
    """The services of the provider of ``by``, by name."""
    return Service.objects.filter(provider_id=by.provider_id).order_by("name")


def rota_of(by: Person, at: datetime) -> list[DirectorCover]:
    """Who is on call now or later at the provider of ``by``, soonest first."""
    found = DirectorCover.objects.standing(by.provider_id).filter(until_at__gt=at)
    return list(found.select_related("person", "service").order_by("from_at", "pk"))


def cover_to_end(by: Person, at: datetime, cover_id: UUID) -> DirectorCover | None:
    """One entry of the rota that still holds, or None."""
    found = DirectorCover.objects.standing(by.provider_id).filter(pk=cover_id, until_at__gt=at)
    return found.select_related("person", "service", "provider").first()


def rota_record(by: Person, most: int = 50) -> list[DirectorCover]:
    """Everything decided about who is on call at the provider of ``by``, newest first."""
    found = DirectorCover.objects.filter(provider_id=by.provider_id).select_related("person", "service")
    return list(found.order_by("-decided_at", "-pk")[:most])
