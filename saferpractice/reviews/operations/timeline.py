"""Reconstructing what happened, from the records and by hand (R10)."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.design.typed import as_written
from saferpractice.reviews.models import Review, TimelineEntry
from saferpractice.reviews.operations.documents import supply_from_record
from saferpractice.reviews.operations.locking import lock, must_go_on
from saferpractice.reviews.permissions import check_can_correct, check_can_review
from saferpractice.reviews.records import drawn_from
from saferpractice.reviews.rules import Record, problems_of_entry
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By


@operation
def add_timeline_entry(
    *, by: By, at: datetime, review: Review, happened_at: datetime | None, precision: str, what: str, source: str
) -> Entry[TimelineEntry] | Already[TimelineEntry]:
    """Add an entry by hand: when, how sure, what, and where it comes from. The very same again adds nothing.

    Raises:
        Refused: ``by`` does not carry out the review.
        Invalid: something is lacking, or the time is in the future.
        Stale: the review has ended.
    """
    lock(review)
    check_can_review(by=by, at=at, review=review)
    problems = problems_of_entry(happened_at=happened_at, precision=precision, what=what, source=source, at=at)
    if problems or happened_at is None:
        raise Invalid(problems)
    must_go_on(review)
    columns = {
        "happened_at": happened_at,
        "precision": precision,
        "what": what.strip(),
        "source": source.strip(),
    }
    same = TimelineEntry.objects.standing().filter(review=review, **columns).first()
    if same is not None:
        return Already(same)
    entry = TimelineEntry.objects.create(review=review, **columns, **decided(by, at))
    supply_from_record(by=by, at=at, review=review, record=Record.TIMELINE, row=entry)
    return Entry(
        result=entry,
        subject=review.incident,
        story_id=review.incident_id,
        sentence="added to the timeline",
        facts={"review": review.pk, "entry": entry.pk},
    )


@operation
def draw_timeline_from_records(*, by: By, at: datetime, review: Review) -> Entry[int] | Already[int]:
    """Draw what the records say happened into the timeline, each once and marked with its source; how many were new.

    A repeat adds only what was recorded since. An entry that was put right is not drawn again.
    """
    lock(review)
    check_can_review(by=by, at=at, review=review)
    must_go_on(review)
    there = set(review.timeline.filter(from_id__isnull=False).values_list("from_type", "from_id"))
    new = [
        TimelineEntry(
            review=review,
            happened_at=drawn.happened_at,
            precision=drawn.precision,
            what=drawn.what,
            source=drawn.source[:300],
            from_type=drawn.from_type,
            from_id=drawn.from_id,
            **decided(by, at),
        )
        for drawn in drawn_from(review.incident, review.builds_on)
        if (drawn.from_type, drawn.from_id) not in there
    ]
    if not new:
        return Already(0)
    TimelineEntry.objects.bulk_create(new)
    supply_from_record(by=by, at=at, review=review, record=Record.TIMELINE, row=new[-1])
    return Entry(
        result=len(new),
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"drew {len(new)} {'entry' if len(new) == 1 else 'entries'} into the timeline from the records",
        facts={"review": review.pk},
    )


@operation
def correct_timeline_entry(
    *,
    by: By,
    at: datetime,
    entry: TimelineEntry,
    happened_at: datetime | None,
    precision: str,
    what: str,
    source: str,
    reason: str,
) -> Entry[TimelineEntry]:
    """Put a timeline entry right, with the reason; the earlier one stays beside it. Also after completion.

    Until then a review that was signed off must be signed again: whoever signed read something else.

    Raises:
        Stale: somebody else put it right meanwhile.
    """
    review = entry.review
    lock(review)
    check_can_correct(by=by, at=at, review=review)
    problems = problems_of_entry(happened_at=happened_at, precision=precision, what=what, source=source, at=at)
    if not as_written(reason):
        problems["reason"] = "Say how you know that the entry was wrong."
    if problems or happened_at is None:
        raise Invalid(problems)
    if TimelineEntry.objects.filter(corrects=entry).exists():
        raise Stale("Somebody put this entry right meanwhile. Look at the timeline again.")
    corrected = TimelineEntry.objects.create(
        review=review,
        corrects=entry,
        happened_at=happened_at,
        precision=precision,
        what=what.strip(),
        source=source.strip(),
        reason=reason.strip(),
        **decided(by, at),
    )
    supply_from_record(by=by, at=at, review=review, record=Record.TIMELINE, row=corrected)
    return Entry(
        result=corrected,
        subject=review.incident,
        story_id=review.incident_id,
        sentence="put an entry of the timeline right",
        facts={"review": review.pk, "entry": entry.pk, "corrected": corrected.pk},
    )
