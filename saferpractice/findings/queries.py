"""Reads of findings, scoped to the person asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from saferpractice.access.models import Person, Service
from saferpractice.deadlines.rules import end_of_day
from saferpractice.findings.models import Finding, Findings
from saferpractice.findings.rules import ParetoRow, pareto
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import label_of
from saferpractice.reviews.models import Review, TimelineEntry


def findings_of(review: Review) -> list[Finding]:
    """The standing findings of a review, oldest first, with what they rest on."""
    found = Finding.objects.standing().filter(review=review).order_by("decided_at", "id")
    return list(found.prefetch_related("evidence__corrected_by").select_related("corrects"))


def findings_of_incident(incident: Incident) -> list[Finding]:
    """The standing findings of every review of an incident, oldest first, with what they rest on."""
    found = Finding.objects.standing().filter(incident=incident).order_by("decided_at", "id")
    return list(found.prefetch_related("evidence__corrected_by").select_related("corrects", "review"))


def found_before(*, incident: Incident, condition: str, at: datetime) -> list[Incident]:
    """Incidents of the same service whose reviews found ``condition`` within the provider's window before ``at``.

    Newest finding first, each once. For the software's own counting: a page shows only what the person may open.
    """
    since = at - timedelta(days=incident.provider.repeat_window_days)
    found = (
        Finding.objects.standing()
        .filter(
            condition=condition,
            team__service_id=incident.team.service_id,
            decided_at__gte=since,
            decided_at__lte=at,
        )
        .exclude(incident=incident)
        .order_by("-decided_at", "-id")
    )
    return list({one.incident_id: one.incident for one in found.select_related("incident")}.values())


def found_before_seen(*, incident: Incident, condition: str, by: Person, at: datetime) -> list[Incident]:
    """The incidents of ``found_before`` that ``by`` may open."""
    found = found_before(incident=incident, condition=condition, at=at)
    seen = set(
        Incident.objects.visible_to(by, at).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True)
    )
    return [one for one in found if one.pk in seen]


def evidence_for(review: Review, ids: Iterable[UUID]) -> list[TimelineEntry]:
    """Those of ``ids`` that stand in the timeline of ``review``."""
    return list(TimelineEntry.objects.standing().filter(review=review, pk__in=list(ids)))


@dataclass(frozen=True, slots=True)
class ConditionCount:
    """One row of the Pareto: a condition in words, and what the rules say of it."""

    label: str
    row: ParetoRow


def seen_by(
    by: Person, at: datetime, *, service: Service | None = None, first: date | None = None, last: date | None = None
) -> Findings:
    """The standing findings of incidents ``by`` may open; of one service, found between two London days."""
    found = Finding.objects.standing().filter(incident__in=Incident.objects.visible_to(by, at).values("pk"))
    if service is not None:
        found = found.filter(team__service=service)
    if first is not None:
        found = found.filter(decided_at__gte=end_of_day(first - timedelta(days=1)))
    if last is not None:
        found = found.filter(decided_at__lt=end_of_day(last))
    return found


def conditions_counted(found: Findings, *, provider_id: UUID) -> list[ConditionCount]:
    """The Pareto of conditions among ``found``, most first. What a later review took further counts there, once."""
    counts = dict(found.counted_once().order_by().values_list("condition").annotate(Count("pk")))
    return [
        ConditionCount(label_of("system-conditions", row.code, provider_id=provider_id), row) for row in pareto(counts)
    ]


def services_seen(by: Person, at: datetime) -> QuerySet[Service]:
    """The services with a finding that ``by`` may see, by name."""
    return Service.objects.filter(pk__in=seen_by(by, at).values("team__service")).order_by("name")


def finding_by_id(finding_id: UUID) -> Finding | None:
    """A finding, also one that was put right. Open its review through ``reviews.looking`` before showing any of it."""
    found = Finding.objects.filter(pk=finding_id).select_related("corrects")
    return found.prefetch_related("evidence__corrected_by").first()


def as_it_stands(finding: Finding) -> Finding:
    """The finding, or the one that put it right last."""
    while (later := Finding.objects.filter(corrects=finding).first()) is not None:
        finding = later
    return finding


def entry_as_it_stands(entry: TimelineEntry) -> TimelineEntry:
    """The entry a finding rests on, or the one that put it right last."""
    while (later := getattr(entry, "corrected_by", None)) is not None:
        entry = later
    return entry
