"""Records written on cases, counted by whether they had every part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from saferpractice.assurance.queries.measures.buckets import Where, period_number, unrestricted
from saferpractice.pathways.models import PathwayRecord

Kind = tuple[str, str]
"""A pathway, and a kind of record of it."""


def first_written(where: Where, kinds: Iterable[Kind]) -> QuerySet[PathwayRecord]:
    """The records of these kinds as they were first written, of what happened in the periods and was not withdrawn."""
    wanted = Q(pk__in=[])
    pathways: dict[str, set[str]] = {}
    for pathway, kind in kinds:
        pathways.setdefault(pathway, set()).add(kind)
    for pathway, of in pathways.items():
        wanted |= Q(case__version__pathway=pathway, kind__in=sorted(of))
    withdrawn = PathwayRecord.objects.filter(withdrawn=True, decided_at__lte=where.at)
    once, twice = withdrawn.values("corrects"), withdrawn.filter(corrects__corrects__isnull=False)
    return (
        PathwayRecord.objects.filter(wanted, where.within("case__team", "case__provider"), where.during("happened_at"))
        .filter(where.of_incidents("case__incident"))
        .filter(unrestricted("case__incident"), corrects__isnull=True, complete__isnull=False, decided_at__lte=where.at)
        .exclude(pk__in=once)
        .exclude(pk__in=twice.values("corrects__corrects"))
    )


def complete(where: Where, kinds: Iterable[Kind]) -> dict[tuple[Kind, tuple[int, Any]], tuple[int, int]]:
    """How many records had every part when they were written, and out of how many, by kind, and by period and team."""
    rows = (
        first_written(where, kinds)
        .order_by()
        .annotate(period=period_number("happened_at", where.moments))
        .values(*where.grouped("case__version__pathway", "kind", team="case__team"))
        .annotate(out_of=Count("pk"), whole=Count("pk", filter=Q(complete=True)))
    )
    return {
        ((row["case__version__pathway"], row["kind"]), where.key(row, "case__team")): (row["whole"], row["out_of"])
        for row in rows
    }
