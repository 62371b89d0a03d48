"""Opening a review: what the tier asks for, and by when."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind, due_at, local_day, working_days
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import choices, codes
from saferpractice.reviews.models import RequiredDocument, Review
from saferpractice.reviews.operations.documents import supply_from_record
from saferpractice.reviews.operations.kinds import COMPLETE, DOCUMENT, OPEN, OVERSIGHT, oversight_role
from saferpractice.reviews.operations.locking import lock
from saferpractice.reviews.operations.people import assign_reviewer
from saferpractice.reviews.permissions import check_can_open_review
from saferpractice.reviews.queries import current_review
from saferpractice.reviews.rules import Record, RequiredDoc, required_for, working_days_for
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.models import TierDecision


@operation
def open_review(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    method: str,
    reviewer: Person | None = None,
    independence: str = "",
    despite: str = "",
) -> Entry[Review] | Already[Review]:
    """Open the review that the tier decision in force asks for (R8, R12), and ask ``reviewer`` if one is named.

    What it requires is fixed now; deadlines count in working days from the tier decision. A review that still goes
    on is taken further by this one and ends here: what it still owes keeps its day, unless the new tier gives that
    document more working days. The same decision again gives the same review.

    Args:
        method: a code of the list "review-methods".
        independence: the statement that goes with ``reviewer``; see ``assign_reviewer``, also for ``despite``.

    Raises:
        Refused: ``by`` may not open reviews here.
        Invalid: no tier is decided, the method is not in the list, or the reviewer is not independent.
    """
    check_can_open_review(by=by, at=at, incident=incident)
    going_on = current_review(incident)
    if going_on is not None:  # before the incident, as everywhere: nobody may add to it while it is taken further
        lock(going_on)
    Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    decision = incident.tier_decisions.order_by("-decided_at", "-id").first()
    if decision is None:
        raise Invalid("Decide the tier at triage first: it says which review this incident gets.")
    earlier = current_review(incident)
    if earlier is not None and earlier.tier_decision_id == decision.pk:
        return Already(earlier)
    if method not in codes("review-methods", provider_id=incident.provider_id, on=local_day(at)):
        raise Invalid({"method": "Choose how the review is carried out."})
    if earlier is not None and earlier.tier == decision.tier and not hasattr(earlier, "completion"):
        return _go_on_with(earlier, incident, at)
    review = _open(by, at, decision, method, earlier)
    if reviewer is not None:
        assign_reviewer(by=by, at=at, review=review, person=reviewer, independence=independence, despite=despite)
    return Entry(
        result=review,
        subject=incident,
        story_id=incident.pk,
        sentence=f"opened a tier {review.tier} review" + (", building on the earlier one" if earlier else ""),
        facts={"review": review.pk, "method": method, "due_at": review.due_at},
    )


def _go_on_with(review: Review, incident: Incident, at: datetime) -> Entry[Review] | Already[Review]:
    """The tier was decided again and is the same: the review that goes on answers it."""
    if not ledger.meet(subject=incident, kind=OPEN, record=review, at=at):
        return Already(review)
    return Entry(
        result=review,
        subject=incident,
        story_id=incident.pk,
        sentence=f"went on with the tier {review.tier} review already open",
        facts={"review": review.pk},
    )


def _open(by: By, at: datetime, decision: TierDecision, method: str, earlier: Review | None) -> Review:
    incident = decision.incident
    listed = choices("required-documents", provider_id=incident.provider_id, on=local_day(at))
    required = required_for(decision.tier, listed)
    days = working_days_for(decision.tier, required)
    since = _counted_from(decision, earlier, days)
    review = Review.objects.create(
        incident=incident,
        tier_decision=decision,
        tier=decision.tier,
        method=method,
        builds_on=earlier,
        due_at=due_at(since, working_days(days), ledger.calendar_for(incident.provider_id)),
        **decided(by, at),
    )
    ledger.meet(subject=incident, kind=OPEN, record=review, at=at)
    if earlier is not None:
        _end_earlier(earlier, review, at)
    _ask(
        review, COMPLETE, f"Complete the tier {review.tier} review", days, ClockKind.LOCAL, subject=review, since=since
    )
    for position, document in enumerate(required):
        _require(review, document, position)
    triage = incident.triage_records.filter(safety_actions__isnull=False).order_by("-decided_at", "-id").first()
    if triage is not None:
        supply_from_record(by=by, at=at, review=review, record=Record.SAFETY_ACTIONS, row=triage)
    return review


def _end_earlier(earlier: Review, review: Review, at: datetime) -> None:
    because = f"Taken further by the tier {review.tier} review"
    ledger.cancel(subject=earlier, kind=None, because=because, at=at)
    for document in earlier.required_documents.all():
        ledger.cancel(subject=document, kind=None, because=because, at=at)


def _counted_from(decision: TierDecision, earlier: Review | None, days: int, kind: str = "") -> datetime:
    """From when the working days of a document (or of the review) count: a deadline does not restart with the tier.

    From the tier decision; but where the review that is taken further still owes the same, and the new tier gives no
    more days for it, from when it was first asked for. ``kind`` is the document's, "" for the review itself.
    """
    if earlier is None or hasattr(earlier, "completion"):
        return decision.decided_at
    about = earlier.required_documents.filter(kind=kind).values_list("pk", flat=True) if kind else [earlier.pk]
    owed = Obligation.objects.filter(subject_id__in=about, met_at__isnull=True).order_by("opened_at").first()
    if owed is None:
        return decision.decided_at
    again = due_at(owed.opened_at, working_days(days), ledger.calendar_for(decision.incident.provider_id))
    return owed.opened_at if again <= owed.due_at else decision.decided_at


def _require(review: Review, document: RequiredDoc, position: int) -> None:
    sign_off = document.record == Record.SIGN_OFF
    row = RequiredDocument(
        review=review,
        kind=document.kind,
        label=document.label,
        hint=document.hint,
        supplied_by=document.supplied_by,
        record=document.record,
        questions=[asdict(question) for question in document.questions],
        position=position,
    )
    asked = _ask(
        review,
        OVERSIGHT if sign_off else DOCUMENT,
        document.label,
        document.working_days,
        ClockKind(document.clock),
        subject=row,
        since=_counted_from(review.tier_decision, review.builds_on, document.working_days, document.kind),
        role=oversight_role(review.incident) if sign_off else Role.SAFEGUARDING_LEAD,
    )
    row.due_at = asked.due_at
    row.save(force_insert=True)


def _ask(
    review: Review,
    kind: str,
    what: str,
    days: int,
    clock: ClockKind,
    *,
    subject: Review | RequiredDocument,
    since: datetime,
    role: Role = Role.SAFEGUARDING_LEAD,
) -> Obligation:
    """Open an obligation of this review, with its working days counted from ``since``."""
    incident = review.incident
    first = "" if since == review.tier_decision.decided_at else "first "
    return ledger.open_obligation(
        provider_id=incident.provider_id,
        team=incident.team,
        story_id=incident.pk,
        restricted=incident.restricted,
        subject=subject,
        kind=kind,
        title=f"{what}: incident {incident.reference}",
        timescale=working_days(days),
        clock=clock,
        clock_source=f"{clock.label} standard: tier {review.tier}, {days} working days from the {first}tier decision",
        role=role,
        at=since,
    )
