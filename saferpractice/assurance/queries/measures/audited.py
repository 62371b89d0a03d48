"""Records read in audits, counted by whether they meet the standard."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet, Sum

from saferpractice.assurance.models import AuditResult
from saferpractice.assurance.queries.measures.buckets import Where, period_number


def results(where: Where) -> QuerySet[Any]:
    """The results that stood at ``at``, of audits whose records end in the periods.

    A sample is drawn from all that a change reaches: it speaks for the provider and for no place within it.
    """
    found = AuditResult.objects.filter(
        Q(corrected_by__isnull=True) | Q(corrected_by__decided_at__gt=where.at),
        population__provider_id=where.place.provider_id,
        population__period_to__gte=where.days[0],
        population__period_to__lt=where.days[-1],
        decided_at__lte=where.at,
    )
    return found if where.place.service_id is None and not where.by_team else found.none()


def compliance(where: Where) -> dict[tuple[int, Any], tuple[int, int]]:
    """How many records met the standard, and out of how many read, by period."""
    rows = (
        results(where)
        .order_by()
        .annotate(period=period_number("population__period_to", where.days))
        .values("period")
        .annotate(whole=Sum("met"), out_of=Sum("read"))
    )
    return {(row["period"], None): (row["whole"], row["out_of"]) for row in rows if row["out_of"]}
