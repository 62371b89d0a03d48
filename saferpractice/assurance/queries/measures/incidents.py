"""Incidents counted: by when they happened, by theme and harm, reported, and unmanaged before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from saferpractice.assurance.queries.measures.buckets import Where, period_number
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import shipped

Counted = dict[tuple[Any, tuple[int, Any]], int]


def levels() -> dict[tuple[str, str], int]:
    """The worse level of harm, 0 to 4, by the codes of the physical and of the psychological harm."""
    physical, psychological = (
        {entry.code: int(entry.detail["level"]) for entry in shipped(name).entries}
        for name in ("physical-harm", "psychological-harm")
    )
    return {(one, other): max(physical[one], psychological[other]) for one in physical for other in psychological}


def standing(where: Where) -> QuerySet[Any]:
    """The incidents of the place that were known by ``at`` and not withdrawn by then, each with when it happened.

    Restricted ones are left out for everybody: a number that rises by one would tell whoever it is about (ADR 0013).
    """
    gone = Q(withdrawal__isnull=True) | Q(withdrawal__decided_at__gt=where.at)
    asked = where.within() & where.of_incidents("pk")
    return Incident.objects.filter(asked, gone, restricted=False, recorded_at__lte=where.at).annotate(
        happened=Coalesce("occurred_at", "known_at")
    )


def happened(where: Where, theme: str = "", level: int | None = None) -> QuerySet[Any]:
    """Those that happened in the periods: of one theme, or of one level of the worse harm, where asked for."""
    found = standing(where).filter(where.during("happened"))
    if theme:
        found = found.filter(theme_rows__theme=theme)
    if level is not None:
        wanted = Q(pk__in=[])
        for (physical, psychological), harm in levels().items():
            if harm == level:
                wanted |= Q(physical_harm=physical, psychological_harm=psychological)
        found = found.filter(wanted)
    return found


def by_harm(where: Where) -> Counted:
    """How many happened, by level of the worse harm (None where it is not known), and by period and team."""
    rows = (
        _by_period(happened(where), "happened", where)
        .values(*where.grouped("physical_harm", "psychological_harm"))
        .annotate(how_many=Count("pk"))
    )
    known = levels()
    found: Counted = {}
    for row in rows:
        key = (known.get((row["physical_harm"], row["psychological_harm"])), where.key(row))
        found[key] = found.get(key, 0) + row["how_many"]
    return found


def by_theme(where: Where) -> Counted:
    """How many happened, by theme, and by period and team. One of two themes counts under each."""
    rows = (
        _by_period(happened(where), "happened", where)
        .filter(theme_rows__isnull=False)
        .values(*where.grouped("theme_rows__theme"))
        .annotate(how_many=Count("pk"))
    )
    return {(row["theme_rows__theme"], where.key(row)): row["how_many"] for row in rows}


def reported_in(where: Where) -> QuerySet[Any]:
    """Those written down in the periods, whenever they happened."""
    return standing(where).filter(where.during("recorded_at"))


def reported(where: Where) -> Counted:
    """How many were written down, by period and team. Under the name ""."""
    rows = _by_period(reported_in(where), "recorded_at", where).values(*where.grouped()).annotate(how_many=Count("pk"))
    return {("", where.key(row)): row["how_many"] for row in rows}


def with_person(where: Where, pathway: str, within_days: int) -> QuerySet[Any]:
    """Those of the theme of ``pathway`` that happened to a named person, with whether it was ``managed`` before."""
    since = ExpressionWrapper(OuterRef("happened") - timedelta(days=within_days), output_field=DateTimeField())
    done = Obligation.objects.filter(
        person_supported_id=OuterRef("person_supported_id"),
        standard__startswith=f"{pathway}.",
        restricted=False,
        met_at__gte=since,
        met_at__lt=OuterRef("happened"),
    )
    found: QuerySet[Any] = happened(where, pathway).filter(person_supported__isnull=False)
    with_what_was_done: QuerySet[Any] = found.annotate(managed=Exists(done))
    return with_what_was_done


def unmanaged(where: Where, pathway: str, within_days: int) -> dict[tuple[int, Any], tuple[int, int]]:
    """How many had nothing done before them, and out of how many, by period and team."""
    rows = (
        _by_period(with_person(where, pathway, within_days), "happened", where)
        .values(*where.grouped("managed"))
        .annotate(how_many=Count("pk"))
    )
    found: dict[tuple[int, Any], tuple[int, int]] = {}
    for row in rows:
        count, out_of = found.get(where.key(row), (0, 0))
        found[where.key(row)] = (count + (0 if row["managed"] else row["how_many"]), out_of + row["how_many"])
    return found


def moments_of(where: Where, theme: str = "", level: int | None = None) -> tuple[datetime, ...]:
    """When each of them happened, oldest first (UTC)."""
    return tuple(happened(where, theme, level).order_by("happened").values_list("happened", flat=True))


def moments_of_each(
    where: Where, parts: Sequence[Any], theme: str = "", level: int | None = None
) -> dict[Any, tuple[datetime, ...]]:
    """The same for each of ``parts`` (ids of what is counted by itself), in one statement."""
    column, found = where.by.column() or "pk", dict[Any, list[datetime]]()
    rows = happened(where, theme, level).filter(**{f"{column}__in": parts})
    for part, moment in rows.order_by("happened").values_list(column, "happened"):
        found.setdefault(part, []).append(moment)
    return {part: tuple(moments) for part, moments in found.items()}


def _by_period(found: QuerySet[Any], field: str, where: Where) -> QuerySet[Any]:
    by_period: QuerySet[Any] = found.order_by().annotate(period=period_number(field, where.moments))
    return by_period
