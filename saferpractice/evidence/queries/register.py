"""Reads of the register: what changes mean for training and for the service specification, scoped to who asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, RoleAssignment, Team
from saferpractice.access.rules import Place
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.evidence.models import SpecificationClause, TrainingAttendance, TrainingNeed
from saferpractice.evidence.models.register import SpecificationClauses, TrainingNeeds
from saferpractice.evidence.rules.register import (
    RegisterState,
    TrainingCoverage,
    clause_state,
    need_state,
    training_coverage,
)


@dataclass(frozen=True, slots=True)
class NeedStanding:
    """A training need with who needs it, who of them is trained, and how it stands."""

    need: TrainingNeed
    audience: tuple[Person, ...]
    trained: dict[UUID, TrainingAttendance]
    coverage: TrainingCoverage
    state: RegisterState


@dataclass(frozen=True, slots=True)
class ClauseStanding:
    """A clause and how it stands."""

    clause: SpecificationClause
    state: RegisterState


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFilter:
    """How the register is narrowed: "" and None are everything."""

    kind: str = ""
    waits: bool = False
    overdue: bool = False
    team: Team | None = None
    words: str = ""

    def fits(self, state: RegisterState) -> bool:
        """Whether something in ``state`` is shown."""
        return (not self.waits or state.waits) and (not self.overdue or state is RegisterState.OVERDUE)


def needs_seen(person: Person, at: datetime, wanted: RegisterFilter | None = None) -> list[NeedStanding]:
    """The training needs that stand, of changes that do, and ``person`` may read, soonest due first."""
    wanted = wanted or RegisterFilter()
    if wanted.kind == "clause":
        return []
    found = TrainingNeed.objects.visible_to(person, at).standing().filter(change__withdrawal__isnull=True)
    if wanted.team is not None:
        found = found.filter(teams=wanted.team)
    if as_written(wanted.words):
        found = found.filter(Q(what__icontains=wanted.words.strip()) | Q(change__title__icontains=wanted.words.strip()))
    return [one for one in _standing(found, at) if wanted.fits(one.state)]


def clauses_seen(person: Person, at: datetime, wanted: RegisterFilter | None = None) -> list[ClauseStanding]:
    """The clauses that stand and ``person`` may read, soonest wanted first, then those agreed."""
    wanted = wanted or RegisterFilter()
    if wanted.kind == "training" or wanted.team is not None:
        return []
    found = SpecificationClause.objects.visible_to(person, at).standing().filter(change__withdrawal__isnull=True)
    found = found.select_related("change")
    if as_written(wanted.words):
        words = wanted.words.strip()
        found = found.filter(
            Q(clause__icontains=words) | Q(wording__icontains=words) | Q(change__title__icontains=words)
        )
    return [one for one in _clauses(found, at) if wanted.fits(one.state)]


def need_seen(person: Person, at: datetime, need_id: UUID) -> NeedStanding | None:
    """One training need, also one that was put right or dropped, when ``person`` may read it; else None."""
    return next(iter(_standing(TrainingNeed.objects.visible_to(person, at).filter(pk=need_id), at)), None)


def clause_seen(person: Person, at: datetime, clause_id: UUID) -> SpecificationClause | None:
    """One clause, also one that another stands in the place of, when ``person`` may read it; else None."""
    found = SpecificationClause.objects.visible_to(person, at).select_related("change", "replaced_by", "replaces")
    return found.filter(pk=clause_id).first()


def attendance_seen(person: Person, at: datetime, attendance_id: UUID) -> TrainingAttendance | None:
    """One attendance at a training need that ``person`` may read; else None."""
    needs = TrainingNeed.objects.visible_to(person, at).values("pk")
    return TrainingAttendance.objects.filter(pk=attendance_id, need__in=needs).select_related("need", "person").first()


def standing_of_clause(clause: SpecificationClause, at: datetime) -> ClauseStanding:
    """How one clause stands."""
    return ClauseStanding(clause, clause_state(clause.agreed_on, clause.wanted_by, local_day(at)))


def teams_of_provider(provider_id: UUID) -> QuerySet[Team]:
    """Every team of a provider, by service and name."""
    return Team.objects.filter(provider=provider_id).select_related("service").order_by("service__name", "name")


def needs_of(change: OperationalChange, at: datetime) -> list[NeedStanding]:
    """What stands about training because of a change. For whoever may open the change."""
    return _standing(TrainingNeed.objects.filter(change=change).standing(), at)


def clauses_of(change: OperationalChange, at: datetime) -> list[ClauseStanding]:
    """What stands about the service specification because of a change. For whoever may open the change."""
    return _clauses(SpecificationClause.objects.filter(change=change).standing().select_related("change"), at)


def standing_of_need(need: TrainingNeed, at: datetime) -> NeedStanding:
    """How one training need stands."""
    (found,) = _standing(TrainingNeed.objects.filter(pk=need.pk), at)
    return found


def line_of(need: TrainingNeed) -> list[UUID]:
    """The need and those it puts right, newest first: whoever was trained at one of them is trained."""
    found, one = [need.pk], need
    while one.replaces is not None:
        one = one.replaces
        found.append(one.pk)
    return found


def _standing(needs: TrainingNeeds, at: datetime) -> list[NeedStanding]:
    """Needs with what they come to, in a fixed number of queries and one for each that was put right."""
    listed = list(
        needs.select_related("change", "provider", "dropped", "replaced_by")
        .prefetch_related("teams__service")
        .order_by("by_on", "decided_at", "pk")
        .distinct()
    )
    holders = _holders({one.provider_id for one in listed}, at)
    lines = {one.pk: line_of(one) if one.replaces_id else [one.pk] for one in listed}
    attended = _attended({pk for line in lines.values() for pk in line})
    found = []
    for need in listed:
        audience = _audience(need, holders)
        trained: dict[UUID, TrainingAttendance] = {}
        for pk in lines[need.pk]:
            for row in attended[pk]:
                trained.setdefault(row.person_id, row)
        coverage = training_coverage([one.pk for one in audience], trained)
        state = need_state(coverage, need.by_on, local_day(at), dropped=hasattr(need, "dropped"))
        found.append(NeedStanding(need, audience, trained, coverage, state))
    return found


def _holders(provider_ids: Iterable[UUID], at: datetime) -> list[RoleAssignment]:
    found = RoleAssignment.objects.current(at).filter(provider__in=list(provider_ids), person__is_active=True)
    return list(found.select_related("person").order_by("person__name", "person_id"))


def _audience(need: TrainingNeed, holders: Iterable[RoleAssignment]) -> tuple[Person, ...]:
    """Who holds one of the roles over one of the teams now, by name."""
    teams = [team.place for team in need.teams.all()]
    found: dict[UUID, Person] = {}
    for held in holders:
        place = Place(held.provider_id, held.service_id, held.team_id)
        if held.role in need.roles and any(place.covers(team) for team in teams):
            found.setdefault(held.person_id, held.person)
    return tuple(found.values())


def _attended(need_ids: Iterable[UUID]) -> dict[UUID, list[TrainingAttendance]]:
    found: dict[UUID, list[TrainingAttendance]] = defaultdict(list)
    rows = TrainingAttendance.objects.filter(need__in=list(need_ids), taken_back__isnull=True).select_related("person")
    for row in rows.order_by("-trained_on", "-decided_at", "-pk"):
        found[row.need_id].append(row)
    return found


def _clauses(found: SpecificationClauses, at: datetime) -> list[ClauseStanding]:
    listed = sorted(found, key=lambda one: (one.wanted_by is None, one.wanted_by or one.agreed_on, str(one.pk)))
    return [standing_of_clause(one, at) for one in listed]
