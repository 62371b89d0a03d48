"""Reads of the thematic review, scoped to the person asking."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import SENIOR, Place
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.changes.queries import with_evidence
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import (
    MeetingDecision,
    QualityMeeting,
    ThematicCommentary,
    ThematicDraft,
    ThematicReview,
)
from saferpractice.evidence.queries.facts import facts_of, happened
from saferpractice.evidence.rules.thematic.draft import draft
from saferpractice.evidence.rules.thematic.quarters import Quarter, finished_since, newest_finished
from saferpractice.evidence.rules.thematic.signing import (
    SignedMeeting,
    SignedWords,
    Standing,
    changed_since,
    content_to_sign,
    hash_of,
)
from saferpractice.incidents.models import Incident

OWED = "evidence.thematic_review"
"""The review of a quarter is signed within thirty days of its end; about the review."""
SIGN = "evidence.sign_thematic_review"
"""Whoever chaired the meeting signs the review; about the review."""


def review_seen(person: Person, at: datetime, review_id: UUID) -> ThematicReview | None:
    """One review, when ``person`` may read it."""
    found = ThematicReview.objects.visible_to(person, at).select_related("provider", "signature__decided_by")
    return found.filter(pk=review_id).first()


def reviews_seen(person: Person, at: datetime) -> list[ThematicReview]:
    """The reviews ``person`` may read, newest quarter first."""
    found = ThematicReview.objects.visible_to(person, at).select_related("signature")
    return list(found.prefetch_related("drafts").order_by("-year", "-number"))


def quarters_to_review(provider: Provider, at: datetime) -> list[Quarter]:
    """The finished quarters of which there is anything to review, newest first; the last one in any case."""
    first = happened(provider).order_by("happened").values_list("happened").first()
    today = local_day(at)
    listed = list(finished_since(local_day(first[0]), today)) if first else []
    return listed or [newest_finished(today)]


def review_of_quarter(provider_id: UUID, quarter: Quarter) -> ThematicReview | None:
    """The review of a quarter, if it was begun."""
    found = ThematicReview.objects.filter(provider_id=provider_id, year=quarter.year, number=quarter.number)
    return found.select_related("signature").first()


def standing_draft(review: ThematicReview) -> ThematicDraft | None:
    """The numbers that stand: those signed, else the newest drawn."""
    signature = getattr(review, "signature", None)
    return signature.draft if signature is not None else review.drafts.order_by("-number").first()


def commentary_of(review: ThematicReview) -> dict[str, ThematicCommentary]:
    """What stands on each section: the newest."""
    return {one.section: one for one in review.commentaries.order_by("number")}


def earlier_commentary(review: ThematicReview) -> dict[str, list[ThematicCommentary]]:
    """What stood on each section before, newest first."""
    found: dict[str, list[ThematicCommentary]] = {}
    for one in review.commentaries.order_by("-number"):
        found.setdefault(one.section, []).append(one)
    return {section: rows[1:] for section, rows in found.items() if rows[1:]}


def meetings_of(review: ThematicReview) -> list[QualityMeeting]:
    """The meetings it was put before as they stand, newest first, with who was there and what was decided."""
    found = review.meetings.filter(replaced_by__isnull=True).select_related("chaired_by", "draft")
    return list(found.prefetch_related("attendance", "decisions").order_by("-decided_at", "-pk"))


def decisions_of(meeting: QualityMeeting) -> list[MeetingDecision]:
    """What a meeting decided, with what was written down on a record of it that was put right since; oldest first."""
    line, record = [meeting.pk], meeting
    while record.replaces is not None:
        record = record.replaces
        line.append(record.pk)
    return list(MeetingDecision.objects.filter(meeting__in=line).order_by("decided_at", "pk"))


def actions_of(decisions: Iterable[MeetingDecision]) -> dict[UUID, list[TrackedAction]]:
    """The tracked actions that follow from each decision, soonest due first."""
    listed = [one.pk for one in decisions]
    found: dict[UUID, list[TrackedAction]] = {pk: [] for pk in listed}
    for action in with_evidence(TrackedAction.objects.of_decisions(listed)).order_by("due_on", "pk"):
        if action.decision_id is not None:
            found[action.decision_id].append(action)
    return found


def actions_open_to(person: Person, at: datetime, ids: Iterable[UUID]) -> set[UUID]:
    """Of these actions those that ``person`` may open."""
    return set(TrackedAction.objects.visible_to(person, at).filter(pk__in=list(ids)).values_list("pk", flat=True))


def standing_of(review: ThematicReview) -> Standing:
    """How far a review has come."""
    newest, meeting = standing_draft(review), next(iter(meetings_of(review)), None)
    return Standing(
        draft=newest.number if newest else None,
        commented=set(commentary_of(review)),
        meeting_draft=meeting.draft.number if meeting else None,
        decisions=len(decisions_of(meeting)) if meeting else 0,
        signed=hasattr(review, "signature"),
    )


def hash_to_sign(review: ThematicReview) -> str:
    """The hash of everything that a signature would cover now; "" while there is no meeting yet."""
    newest, meeting = standing_draft(review), next(iter(meetings_of(review)), None)
    if newest is None or meeting is None:
        return ""
    there = [(one.name, one.role, one.present) for one in meeting.attendance.all()]
    return hash_of(
        content_to_sign(
            draft_sha256=hash_of(newest.data),
            commentary=[
                SignedWords(id=one.pk, about=one.section, words=one.words, by=one.decided_by_name)
                for one in commentary_of(review).values()
            ],
            meeting=SignedMeeting(
                id=meeting.pk, held_on=meeting.held_on, chaired_by=meeting.chaired_by_id, there=there
            ),
            decisions=[
                SignedWords(id=one.pk, about=str(one.meeting_id), words=one.words, by=one.decided_by_name)
                for one in decisions_of(meeting)
            ],
        )
    )


def still_holds(review: ThematicReview) -> bool:
    """Whether what stands in a signed review is what was signed, worked out anew from its rows."""
    return review.signature.sha256 == hash_to_sign(review)


def drawn_now(review: ThematicReview, at: datetime) -> dict[str, Any]:
    """The numbers as the records give them at ``at``: to hold against those that stand."""
    newest = standing_draft(review)
    supported = newest.supported if newest else None
    return draft(facts_of(review.provider, review.quarter, at=at, supported=supported))


def changed_since_signed(review: ThematicReview, at: datetime) -> list[str]:
    """What the records say now that differs from what was signed. For the numbers; show it to whoever reads those."""
    return changed_since(review.signature.draft.data, drawn_now(review, at))


def incidents_shown(person: Person, at: datetime, ids: Iterable[str]) -> dict[str, Incident]:
    """Of these incidents those that ``person`` may open now, by id as text."""
    found = Incident.objects.visible_to(person, at).filter(pk__in=list(ids))
    return {str(one.pk): one for one in found.select_related("team")}


def changes_shown(person: Person, at: datetime, ids: Iterable[str]) -> dict[str, OperationalChange]:
    """Of these changes those that ``person`` may open now, by id as text."""
    found = OperationalChange.objects.visible_to(person, at).filter(pk__in=list(ids)).distinct()
    return {str(one.pk): one for one in found}


def may_chair(provider_id: UUID, at: datetime) -> list[Person]:
    """Everybody who leads safeguarding or quality, or directs, over the whole provider, by name."""
    place = Place(provider_id)
    found = {one.pk: one for role in SENIOR for one in Person.objects.holding(role, place, at)}
    return sorted(found.values(), key=lambda one: (one.name, str(one.pk)))


def quarters_owed(at: datetime) -> list[tuple[Provider, Quarter]]:
    """The newest finished quarter of each provider that had recorded anything by its end, if nobody was asked yet."""
    quarter = newest_finished(local_day(at))
    recorded = Incident.objects.standing().filter(known_at__lt=quarter.ends_at).order_by().values("provider_id")
    asked = Obligation.objects.filter(kind=OWED).values("subject_id")
    done = ThematicReview.objects.filter(Q(pk__in=asked) | Q(signature__isnull=False))
    done = done.filter(year=quarter.year, number=quarter.number)
    found = Provider.objects.filter(pk__in=recorded).exclude(pk__in=done.values("provider_id"))
    return [(provider, quarter) for provider in found.order_by("pk")]
