"""The thematic reviews of a time, and what the quality meetings they were put before decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from saferpractice.changes.models import TrackedAction
from saferpractice.changes.queries import with_evidence
from saferpractice.evidence.models import MeetingDecision, QualityMeeting, ThematicReview
from saferpractice.evidence.queries.packs.altered import tracked
from saferpractice.evidence.queries.packs.naming import Roles, said, staff
from saferpractice.evidence.rules.packs.document import Kind, Source
from saferpractice.evidence.rules.packs.facts import Happening, Met, Tracked


def meetings_of(provider_id: UUID, first: date, last: date, roles: Roles) -> tuple[Met, ...]:
    """The thematic reviews of the quarters that touch the time, oldest first. They are about the whole provider."""
    reviews = reviews_of(provider_id, first, last)
    meetings = QualityMeeting.objects.filter(review__in=reviews, replaced_by__isnull=True)
    newest = {one.review_id: one for one in meetings.order_by("decided_at", "pk")}
    decisions: dict[UUID, list[MeetingDecision]] = defaultdict(list)
    for row in MeetingDecision.objects.filter(meeting__in=list(newest.values())).order_by("decided_at", "pk"):
        decisions[row.meeting_id].append(row)
    ids = [row.pk for rows in decisions.values() for row in rows]
    actions: dict[UUID, list[Tracked]] = defaultdict(list)
    for action in with_evidence(TrackedAction.objects.of_decisions(ids)).order_by("due_on", "pk"):
        if action.decision_id is not None:
            actions[action.decision_id].append(tracked(action, roles))
    return tuple(_met(review, newest.get(review.pk), decisions, actions) for review in reviews)


def reviews_of(provider_id: UUID, first: date, last: date) -> list[ThematicReview]:
    """The thematic reviews of the quarters that touch the time, oldest first."""
    every = ThematicReview.objects.filter(provider_id=provider_id).select_related("signature")
    return [one for one in every.order_by("year", "number") if one.quarter.first <= last and one.quarter.last >= first]


def _met(
    review: ThematicReview,
    meeting: QualityMeeting | None,
    decisions: dict[UUID, list[MeetingDecision]],
    actions: dict[UUID, list[Tracked]],
) -> Met:
    source = Source(Kind.THEMATIC, review.quarter.short)
    made = decisions.get(meeting.pk, []) if meeting else []
    signature = getattr(review, "signature", None)
    return Met(
        source=source,
        quarter=review.quarter.label,
        held_on=meeting.held_on if meeting else None,
        decisions=tuple(_decided(made, source)),
        actions=tuple(action for row in made for action in actions.get(row.pk, ())),
        signed_at=signature.decided_at if signature else None,
        signed_by=staff(signature) if signature else None,
    )


def _decided(rows: Iterable[MeetingDecision], source: Source) -> Iterable[Happening]:
    for row in rows:
        yield Happening(
            at=row.decided_at,
            by=staff(row),
            label="The meeting decided:",
            source=source,
            what=said(row, "words", source),
        )
