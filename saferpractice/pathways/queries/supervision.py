"""Which cases are drawn for supervision: the lists there must be, what was drawn, and who may look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.pathways.models import (
    PathwayCase,
    PathwayCases,
    PathwayRecord,
    PathwayVersion,
    SupervisionList,
    SupervisionPick,
)
from saferpractice.pathways.queries.cases import cases_seen
from saferpractice.pathways.queries.practice import definition_of_version, in_use, worked_by
from saferpractice.pathways.queries.records import record_of
from saferpractice.pathways.rules.timeline import lacking
from saferpractice.trail.draws import Ranked, ranked


def month_of(at: datetime) -> date:
    """The first day of the London month of ``at``."""
    return local_day(at).replace(day=1)


def end_of_month(month: date) -> datetime:
    """The midnight, in UTC, that ends the month whose first day is ``month``."""
    return end_of_day((month + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def cases_to_draw_from(team: Team, pathway: str) -> PathwayCases:
    """The open cases of ``team`` on ``pathway`` that its supervisor can look at: none of a restricted incident."""
    free = Q(incident__isnull=True) | Q(incident__restricted=False)
    return PathwayCase.objects.open().filter(free, team=team, version__pathway=pathway)


@dataclass(frozen=True, slots=True)
class ToFreeze:
    """A list that must be frozen: a team, and a pathway with supervision."""

    team: Team
    version: PathwayVersion


def lists_to_freeze(at: datetime, limit: int) -> list[ToFreeze]:
    """Up to ``limit`` teams for which this month's list is not frozen yet, for each pathway that asks for it.

    A pathway put in use during a month is drawn for from the next one on: before that there is hardly a case on it.
    """
    month = month_of(at)
    began = end_of_day(month - timedelta(days=1))
    before = set(PathwayVersion.objects.filter(live_from__lte=began).values_list("provider_id", "pathway"))
    frozen = set(SupervisionList.objects.filter(month=month).values_list("team_id", "pathway"))
    providers = PathwayVersion.objects.order_by().values_list("provider_id", flat=True).distinct()
    wanted = [
        version
        for provider_id in sorted(providers)
        for version in in_use(provider_id, at)
        if (provider_id, version.pathway) in before and definition_of_version(version).supervision
    ]
    by_provider: dict[UUID, list[Team]] = {}
    for team in Team.objects.filter(provider_id__in={version.provider_id for version in wanted}).order_by("pk"):
        by_provider.setdefault(team.provider_id, []).append(team)
    missing = (
        ToFreeze(team, version)
        for version in wanted
        for team in by_provider.get(version.provider_id, [])
        if (team.pk, version.pathway) not in frozen
    )
    return [one for one, _ in zip(missing, range(limit), strict=False)]


def lists_to_draw_from(limit: int) -> list[SupervisionList]:
    """Lists that were frozen and from which nothing was drawn yet, oldest first."""
    return list(SupervisionList.objects.filter(draw__isnull=True).order_by("decided_at")[:limit])


def out_of_reach(at: datetime) -> list[SupervisionPick]:
    """This month's cases that still wait to be looked at and whose incident was restricted meanwhile."""
    found = SupervisionPick.objects.filter(
        draw__frozen__month=month_of(at), replacement__isnull=True, case__incident__restricted=True
    )
    waiting = Obligation.objects.open().filter(subject_id__in=found.values("pk")).values("subject_id")
    return list(found.filter(pk__in=waiting).select_related("draw__frozen", "case"))


def order_of(frozen: SupervisionList) -> tuple[Ranked, ...]:
    """Every case of a list in the order of its draw; nothing before it is drawn."""
    return ranked(frozen.draw.seed, frozen.case_ids) if hasattr(frozen, "draw") else ()


def obligation_of(pick: SupervisionPick) -> Obligation | None:
    """The newest obligation to look at a case that was drawn."""
    return Obligation.objects.filter(subject_id=pick.pk).order_by("-opened_at", "-pk").first()


def looked_at(pick: SupervisionPick) -> PathwayRecord | None:
    """The record that shows a drawn case was looked at: complete, standing, of what happened since it was drawn."""
    worked = worked_by(pick.case)
    definition = worked.definition
    if definition.supervision is None:
        return None
    kind = definition.kinds[definition.supervision.record]
    standing = pick.case.records.filter(
        kind=kind.id, withdrawn=False, corrections__isnull=True, happened_at__gte=pick.decided_at
    )
    whole = (
        record for record in standing.order_by("decided_at") if not lacking(kind, record_of(record, worked).values)
    )
    return next(whole, None)


def teams_overseen(person: Person, at: datetime) -> QuerySet[Team]:
    """The teams whose supervision ``person`` sees to: those over which they hold a role that sees every case."""
    return teams_covered(person, at, SEES_INCIDENTS_OF_PLACE)


def lists_seen(person: Person, at: datetime) -> QuerySet[SupervisionList]:
    """The lists of the teams ``person`` oversees, newest month first."""
    teams = teams_overseen(person, at).values("pk")
    found = SupervisionList.objects.filter(provider_id=person.provider_id, team_id__in=teams)
    picks = SupervisionPick.objects.select_related("case__person_supported", "case__closing", "instead_of")
    return (
        found.select_related("team__service", "version", "draw")
        .prefetch_related(Prefetch("draw__picks", queryset=picks.order_by("rank")))
        .order_by("-month", "team__name", "pk")
    )


def list_seen(person: Person, at: datetime, list_id: UUID) -> SupervisionList | None:
    """One list of a team that ``person`` oversees, or None."""
    return lists_seen(person, at).filter(pk=list_id).first()


def references_seen(person: Person, at: datetime, case_ids: list[str]) -> dict[str, PathwayCase]:
    """Those of the cases that ``person`` may open, by id."""
    return {str(case.pk): case for case in cases_seen(person, at).filter(pk__in=case_ids)}


def pick_seen(person: Person, at: datetime, pick_id: UUID) -> SupervisionPick | None:
    """A case that was drawn, when ``person`` may open it; else None."""
    seen = PathwayCase.objects.visible_to(person, at).values("pk")
    return SupervisionPick.objects.filter(pk=pick_id, case_id__in=seen).select_related("case").first()


def waiting_picks(case: PathwayCase) -> list[tuple[SupervisionPick, Obligation]]:
    """What was drawn of ``case`` and waits to be looked at."""
    found = []
    for pick in case.supervision_picks.select_related("draw__frozen"):
        obligation = obligation_of(pick)
        if obligation is not None and obligation.met_at is None and obligation.cancelled_at is None:
            found.append((pick, obligation))
    return found
