"""Who carries out a review, who was involved, and who was offered support."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.deadlines import ledger
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import end_reviewer_access, name_reviewer
from saferpractice.lists.rules import reason_problem
from saferpractice.reviews.models import InvolvedPerson, Review, ReviewerAssignment, SupportOffer
from saferpractice.reviews.operations.kinds import COMPLETE, DOCUMENT
from saferpractice.reviews.operations.locking import lock, must_go_on
from saferpractice.reviews.permissions import check_can_assign, check_can_offer_support, check_can_record_involved
from saferpractice.reviews.queries import closeness, may_carry_out, reviewer_of
from saferpractice.reviews.rules import Affected, independence_problem, independence_warnings
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def assign_reviewer(
    *, by: By, at: datetime, review: Review, person: Person, independence: str, despite: str = ""
) -> Entry[ReviewerAssignment] | Already[ReviewerAssignment]:
    """Ask ``person`` to carry out ``review``, in place of whoever did so before. They may then open the incident.

    Args:
        independence: how it is known that they stand outside what happened.
        despite: why they are asked all the same, where the software warns (they manage the reporter…).

    Raises:
        Refused: ``by`` may not say who reviews.
        Invalid: the person is not independent or may not carry out reviews, or a statement is lacking.
        Stale: the review has ended.
    """
    lock(review)
    check_can_assign(by=by, at=at, review=review)
    must_go_on(review)
    current = reviewer_of(review)
    if current is not None and current.person_id == person.pk:
        return Already(current)
    warnings = _check_independent(person, review, at, independence, despite)
    if current is not None:
        ReviewerAssignment.objects.filter(pk=current.pk).update(until_at=at)
        end_reviewer_access(
            by=by, at=at, incident=review.incident, person=current.person, reason=_reason_to_see(review)
        )
    assignment = ReviewerAssignment.objects.create(
        review=review,
        person=person,
        independence=independence.strip(),
        warnings=list(warnings),
        despite=despite.strip() if warnings else "",
        **decided(by, at),
    )
    name_reviewer(by=by, at=at, incident=review.incident, person=person, reason=_reason_to_see(review))
    _hand_over_work(review, person)
    reference = review.incident.reference
    ledger.tell(
        to=person,
        key=f"review:{review.pk}:asked:{assignment.pk}",
        subject=f"You are asked to review incident {reference}",
        body=f"You are asked to carry out the tier {review.tier} review of incident {reference}. "
        "Sign in to Safer Practice: it is in your work, with what it needs and by when.",
        at=at,
    )
    return Entry(
        result=assignment,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"asked {person.name} to carry out the review",
        facts={"review": review.pk, "warnings": warnings, "instead_of": current.person.name if current else ""},
    )


def _check_independent(
    person: Person, review: Review, at: datetime, independence: str, despite: str
) -> tuple[str, ...]:
    incident = review.incident
    if person.provider_id != incident.provider_id or not may_carry_out(person, at):
        raise Invalid({"person": "Choose somebody who works here and carries out reviews."})
    close = closeness(person=person, incident=incident, at=at)
    problem = independence_problem(person.name, close, name_withheld=incident.name_withheld)
    if problem is not None:
        raise Invalid({"person": problem})
    problems = {}
    unstated = reason_problem(independence, what="how you know that they are independent")
    if unstated is not None:
        problems["independence"] = unstated
    warnings = independence_warnings(person.name, close)
    if warnings and reason_problem(despite, what="why they are still the right person") is not None:
        problems["despite"] = f"{' '.join(warnings)} Choose somebody else, or say why they are still the right person."
    if problems:
        raise Invalid(problems)
    return warnings


def _reason_to_see(review: Review) -> str:
    return f"Carries out the tier {review.tier} review"


def _hand_over_work(review: Review, person: Person) -> None:
    ledger.hand_over(subject=review, kind=COMPLETE, owner=person)
    for document in review.required_documents.all():
        ledger.hand_over(subject=document, kind=DOCUMENT, owner=person)


@operation
def record_involved(
    *, by: By, at: datetime, incident: Incident, person: Person, how: str, involved: bool = True
) -> Entry[InvolvedPerson] | Already[InvolvedPerson]:
    """Record that somebody on the staff was involved in what happened, so that they neither review nor oversee it.

    ``involved=False`` puts an earlier record right, with the reason in ``how``.
    """
    check_can_record_involved(by=by, at=at, incident=incident)
    problems = {}
    if person.provider_id != incident.provider_id:
        problems["person"] = "Choose somebody who works here."
    if not as_written(how):
        problems["how"] = "Say how they were involved." if involved else "Say why they were not involved after all."
    elif len(how) > 300:
        problems["how"] = "Shorten this to 300 characters."
    if problems:
        raise Invalid(problems)
    Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    newest = incident.involved_people.filter(person=person).order_by("-decided_at", "-id").first()
    if newest is not None and (newest.involved, newest.how) == (involved, how.strip()):
        return Already(newest)
    if not involved and (newest is None or not newest.involved):
        raise Invalid({"person": f"{person.name} is not recorded as involved."})
    row = InvolvedPerson.objects.create(
        incident=incident, person=person, involved=involved, how=how.strip(), **decided(by, at)
    )
    return Entry(
        result=row,
        subject=incident,
        story_id=incident.pk,
        sentence=f"recorded that {person.name} was {'' if involved else 'not '}involved",
    )


@operation
def offer_support(
    *,
    by: By,
    at: datetime,
    review: Review,
    affected: Affected,
    who: str,
    offered: str,
    questions: str = "",
    told: str = "",
) -> Entry[SupportOffer] | Already[SupportOffer]:
    """Record support offered to somebody affected, what they want answered, and what they were told.

    The first aim of the Patient Safety Incident Response Framework (NHS England, 2022): compassionate engagement.
    It may be added after a review is complete: telling people the outcome comes last.
    """
    check_can_offer_support(by=by, at=at, review=review)
    problems = {}
    if not as_written(who):
        problems["who"] = "Say who, without a name: “his sister”, “the two workers on duty”."
    elif len(who) > 200:
        problems["who"] = "Shorten this to 200 characters."
    if not as_written(offered):
        problems["offered"] = "Say what was offered, or why nothing could be."
    if problems:
        raise Invalid(problems)
    lock(review)
    columns = {
        "affected": Affected(affected).value,
        "who": who.strip(),
        "offered": offered.strip(),
        "questions": questions.strip(),
        "told": told.strip(),
    }
    same = review.support_offers.filter(**columns).first()
    if same is not None:
        return Already(same)
    offer = SupportOffer.objects.create(review=review, **columns, **decided(by, at))
    return Entry(
        result=offer,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"recorded support for {Affected(affected).label.lower()}",
        facts={"review": review.pk, "questions_asked": bool(as_written(questions)), "told": bool(as_written(told))},
    )
