"""For how long things were open, or people at work, in each period: what rates are read against."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Expression,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from saferpractice.access.models import RoleAssignment
from saferpractice.access.rules import Role
from saferpractice.assurance.queries.measures.buckets import Minutes, Where, period_number, unrestricted
from saferpractice.assurance.rules.measures.reading import days_within
from saferpractice.pathways.models import CaseClosing, PathwayCase
from saferpractice.trail.models import TrailEntry

Days = dict[tuple[Any, Any], list[float]]
"""Days in each period, by what they are of and by team."""
Sums = dict[tuple[Any, Any], dict[int, tuple[int, float]]]


def open_days(where: Where, pathways: Iterable[str]) -> Days:
    """The days for which cases of each pathway were open."""
    of = "version__pathway"
    wanted = sorted(set(pathways))
    cases = PathwayCase.objects.filter(unrestricted("incident"), where.within(), version__pathway__in=wanted)
    closings = CaseClosing.objects.filter(
        unrestricted("case__incident"),
        where.within("case__team", "case__provider"),
        case__version__pathway__in=wanted,
    )
    return _days(
        where, _sums(where, cases, "decided_at", of), _sums(where, closings, "decided_at", f"case__{of}", "case__team")
    )


def worker_days(where: Where) -> Days:
    """The days on which people hold the role of a support worker in a team, and can sign in. Under the name "".

    Who has left is at work no more, whatever role they still hold: rates would look better with every leaver.
    """
    closings = TrailEntry.objects.filter(subject_id=OuterRef("person_id"), operation="access.set_active")
    closed = Subquery(closings.order_by("-sequence").values("at")[:1])
    held = RoleAssignment.objects.filter(where.within(), role=Role.SUPPORT_WORKER, team__isnull=False).annotate(
        left_at=Case(When(person__is_active=False, then=closed), output_field=DateTimeField())
    )
    sooner = Q(until_at__isnull=True) | Q(until_at__gt=F("left_at"))
    held = held.annotate(ended_at=Case(When(sooner, left_at__isnull=False, then=F("left_at")), default=F("until_at")))
    held = held.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=F("from_at")))
    return _days(where, _sums(where, held, "from_at"), _sums(where, held.exclude(ended_at=None), "ended_at"))


def _days(where: Where, begun: Sums, ended: Sums) -> Days:
    """What is not over is open until ``where.at`` at most."""
    since = where.moments[0]
    moments = [(min(moment, max(where.at, since)) - since).total_seconds() / 60 for moment in where.moments]
    return {key: days_within(moments, begun[key], ended.get(key, {})) for key in begun}


def _sums(where: Where, rows: QuerySet[Any, Any], field: str, of: str | None = None, team: str = "team") -> Sums:
    """How many begin (or end) in each period, -1 for before, and the sum of when, in minutes since the first moment."""
    before = When(**{f"{field}__lt": where.moments[0]}, then=Value(-1))
    period: Expression = Case(before, default=period_number(field, where.moments), output_field=IntegerField())
    known = Q(**{f"{field}__lt": where.moments[-1], f"{field}__lte": where.at})
    columns = where.grouped(*([of] if of else []), team=team)
    counted = (
        rows.filter(known)
        .order_by()
        .annotate(period=period)
        .values(*columns)
        .annotate(how_many=Count("pk"), summed=Sum(Minutes(F(field), Value(where.moments[0]))))
    )
    found: Sums = {}
    for row in counted:
        key = (row[of] if of else "", where.part(row, team))
        found.setdefault(key, {})[row["period"]] = (row["how_many"], float(row["summed"]))
    return found
