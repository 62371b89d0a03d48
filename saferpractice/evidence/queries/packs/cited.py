"""The entries of the trail that say what a pack tells: each can be proven to whoever holds the pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db.models import Q

from saferpractice.assurance.models import AuditPlan, AuditPopulation, ImpactPlan, LearningPoint
from saferpractice.changes.models import TrackedAction
from saferpractice.evidence.models import EvidencePack, MeetingDecision
from saferpractice.evidence.queries.packs.altered import answering
from saferpractice.evidence.queries.packs.gathering import period_of
from saferpractice.evidence.queries.packs.meetings import reviews_of
from saferpractice.evidence.queries.packs.published import published_within
from saferpractice.evidence.rules.packs.document import Disclosure, Kind, Source
from saferpractice.evidence.rules.packs.facts import Cited, short_reference
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.rules import NAME_WITHHELD


def entries_cited(pack: EvidencePack, incidents: Sequence[Incident]) -> tuple[Cited, ...]:
    """The entries about the incidents of a pack and about the other records it tells of, in the order of the trail.

    Those about packs are left out: they say nothing of what happened.
    """
    ids = [incident.pk for incident in incidents]
    stories: dict[UUID | None, Source] = {
        incident.pk: Source(Kind.INCIDENT, incident.reference) for incident in incidents
    }
    records = dict(_records(pack, ids))
    about = Q(story_id__in=ids) | Q(subject_id__in=list(records))
    rows = TrailEntry.objects.filter(about, provider_id=pack.provider_id)
    rows = rows.exclude(subject_type=EvidencePack._meta.label_lower).order_by("sequence")
    return tuple(
        Cited(
            entry=row.sequence,
            at=row.at,
            source=records.get(row.subject_id) or stories[row.story_id],
            by_name=row.by_name != NAME_WITHHELD and (row.story_id is None or row.story_id in stories),
        )
        for row in rows.only("sequence", "at", "subject_id", "story_id", "by_name")
    )


def _records(pack: EvidencePack, incident_ids: list[UUID]) -> Iterator[tuple[UUID, Source]]:
    """The records beside the incidents, by id, as ``altered_of`` and ``meetings_of`` cite them."""
    if pack.disclosure == Disclosure.COMMISSIONER:
        rows = published_within(pack.provider_id, *period_of(pack))
        yield from ((row.pk, Source(Kind.PUBLISHED, row.quarter.short)) for row in rows)
        return
    changes = answering(incident_ids)
    yield from _each(Kind.CHANGE, changes)
    yield from _each(Kind.AUDIT, AuditPlan.objects.filter(change__in=changes).values_list("pk", flat=True))
    audits = AuditPopulation.objects.filter(plan__change__in=changes)
    yield from _each(Kind.AUDIT, audits.values_list("pk", flat=True))
    yield from _each(Kind.IMPACT, ImpactPlan.objects.filter(change__in=changes).values_list("pk", flat=True))
    points = LearningPoint.objects.filter(change__in=changes)
    yield from _each(Kind.SUPERVISION, points.values_list("pk", flat=True))
    actions = Q(change__in=changes, incident__in=incident_ids)
    if pack.period_from is not None and pack.period_to is not None:
        reviews = reviews_of(pack.provider_id, pack.period_from, pack.period_to)
        yield from ((one.pk, Source(Kind.THEMATIC, one.quarter.short)) for one in reviews)
        actions |= Q(decision_id__in=MeetingDecision.objects.filter(meeting__review__in=reviews).values("pk"))
    yield from _each(Kind.TRACKED_ACTION, TrackedAction.objects.filter(actions).values_list("pk", flat=True))


def _each(kind: Kind, ids: Iterable[UUID]) -> Iterator[tuple[UUID, Source]]:
    return ((pk, Source(kind, short_reference(kind, str(pk)))) for pk in ids)
