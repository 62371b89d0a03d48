"""Records read in audits, counted by whether they meet the standard, in the teams they were kept in."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Team
from saferpractice.assurance.models import AuditResult
from saferpractice.assurance.queries.audit_reading import read_in_teams
from saferpractice.assurance.queries.measures.buckets import Each, Where, period_number

Counted = tuple[int, int]
"""How many met the standard, and out of how many read."""


def _standing(where: Where) -> QuerySet[Any]:
    """The results that stood at ``at``, of audits of the provider whose records end in the periods.

    A sample speaks of no single incident.
    """
    found = AuditResult.objects.filter(
        Q(corrected_by__isnull=True) | Q(corrected_by__decided_at__gt=where.at),
        population__provider_id=where.place.provider_id,
        population__period_to__gte=where.days[0],
        population__period_to__lt=where.days[-1],
        decided_at__lte=where.at,
    )
    return found if where.about is None else found.none()


def results(where: Where) -> QuerySet[Any]:
    """Those of them for which records of the place were read."""
    found = _standing(where)
    if where.place.service_id is None:
        return found
    services = _services(where)
    mine = [one.pk for one in found.select_related("population__plan") if any(_within(where, services, one))]
    return found.filter(pk__in=mine)


def counted_of(where: Where, result: AuditResult) -> Counted:
    """How many of the records of the place that an audit read met the standard, and out of how many."""
    parts = list(_within(where, _services(where), result))
    return sum(met for _, (met, _) in parts), sum(read for _, (_, read) in parts)


def compliance(where: Where) -> dict[tuple[int, Any], Counted]:
    """The same of all audits, by period and by team (or service) where asked for."""
    services = _services(where)
    met: dict[tuple[int, Any], int] = defaultdict(int)
    read: dict[tuple[int, Any], int] = defaultdict(int)
    rows = _standing(where).annotate(period=period_number("population__period_to", where.days))
    for result in rows.select_related("population__plan"):
        for team, (well, of_all) in _within(where, services, result):
            part = {Each.WHOLE: None, Each.SERVICE: services[team], Each.TEAM: team}[where.by]
            met[result.period, part] += well
            read[result.period, part] += of_all
    return {key: (met[key], read[key]) for key in read}


def _services(where: Where) -> dict[UUID, UUID]:
    """The service of each team of the provider."""
    return dict(Team.objects.filter(provider_id=where.place.provider_id).values_list("pk", "service_id"))


def _within(where: Where, services: dict[UUID, UUID], result: AuditResult) -> list[tuple[UUID, Counted]]:
    place = where.place
    return [
        (team, counted)
        for team, counted in read_in_teams(result).items()
        if place.service_id in {None, services[team]} and place.team_id in {None, team}
    ]
