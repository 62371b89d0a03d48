"""Supplying the documents a review requires (R12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import models

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import working_days
from saferpractice.files.storage import keep_file
from saferpractice.incidents.permissions import check_can_open
from saferpractice.lists.rules import reason_problem
from saferpractice.reviews.models import RequiredDocument, Review, ReviewCompletion, ReviewDocument
from saferpractice.reviews.operations.kinds import DOCUMENT, OVERSIGHT, oversight_role
from saferpractice.reviews.operations.locking import lock, must_go_on, was_taken_further
from saferpractice.reviews.permissions import check_can_review
from saferpractice.reviews.queries import carried_over, missing_of, newest_document, newest_sign_off
from saferpractice.reviews.rules import (
    DECISION_REVIEW,
    LONGEST_ANSWER,
    DecisionView,
    Question,
    Record,
    SuppliedBy,
    problems_of_answers,
    problems_of_verdicts,
)
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

DAYS_TO_SIGN_AGAIN = 2


@dataclass(frozen=True, slots=True)
class _Given:
    """What was filled in for one document."""

    answers: Mapping[str, str]
    views: Mapping[UUID, DecisionView]
    text: str
    upload: File[bytes] | None


@operation
def supply_document(
    *,
    by: By,
    at: datetime,
    review: Review,
    kind: str,
    answers: Mapping[str, str] | None = None,
    views: Mapping[UUID, DecisionView] | None = None,
    text: str = "",
    upload: File[bytes] | None = None,
) -> Entry[ReviewDocument] | Already[ReviewDocument]:
    """Supply one required document; a newer one stands before the older, which is kept. The same again adds nothing.

    Args:
        kind: which document of those this review requires.
        answers: by the code of each of its questions.
        views: what the reviewer thinks of each threshold decision, by its id (decision review only).
        text: further words; for a document that is a file, what the file holds.
        upload: the file, where it is one or brings one.

    Raises:
        Refused: ``by`` does not carry out the review.
        Invalid: the review does not require it, or an answer is lacking.
        Stale: the review has ended, or was signed off after ``at``.
    """
    lock(review)
    check_can_review(by=by, at=at, review=review)
    must_go_on(review)
    _check_not_signed_since(review, at)
    required = _required(review, kind)
    given = _Given(answers or {}, views or {}, text, upload)
    problems = _problems(required, review, given)
    if problems:
        raise Invalid(problems)
    columns = _columns(required, review, given)
    before = newest_document(review, kind)
    if before is not None and upload is None and all(getattr(before, name) == columns[name] for name in columns):
        return Already(before)
    start = before or carried_over(review, kind)
    stored = start.file if start is not None else None  # a file already there stays until another takes its place
    if upload is not None:
        incident = review.incident
        person = by if isinstance(by, Person) else None
        stored = keep_file(upload=upload, by=person, at=at, provider_id=incident.provider_id, story_id=incident.pk)
    document = ReviewDocument.objects.create(review=review, kind=kind, file=stored, **columns, **decided(by, at))
    _after_supply(required, document, at)
    return Entry(
        result=document,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"supplied the {required.label[:1].lower()}{required.label[1:]}"
        + (", in place of an earlier one" if before is not None else ""),
        facts={"review": review.pk, "document": document.pk, "file": stored.name if stored else ""},
    )


def _check_not_signed_since(review: Review, at: datetime) -> None:
    """Whoever signed while this was on its way did not see it, and its moment would not show that."""
    signed = newest_sign_off(review)
    if signed is not None and signed.accepted and signed.decided_at > at:
        raise Stale(
            f"{signed.decided_by_name} signed this review off meanwhile. Send it again if it still must be added."
        )


def _required(review: Review, kind: str) -> RequiredDocument:
    required = review.required_documents.filter(kind=kind).first()
    if required is None:
        raise Invalid("This review does not require that document.")
    if required.supplied_by == SuppliedBy.RECORD:
        raise Invalid(f"{required.label} comes about by what is recorded, it is not written here.")
    return required


def _problems(required: RequiredDocument, review: Review, given: _Given) -> dict[str, str]:
    problems = problems_of_answers((Question(**question) for question in required.questions), given.answers)
    if required.kind == DECISION_REVIEW:
        decisions = [str(pk) for pk in review.incident.threshold_decisions.values_list("pk", flat=True)]
        problems |= problems_of_verdicts(decisions, {str(pk): view for pk, view in given.views.items()})
    start = carried_over(review, required.kind)
    has_file = given.upload is not None or (start is not None and start.file is not None)
    if required.supplied_by == SuppliedBy.FILE and not has_file:
        problems["upload"] = "Choose the file."
    if len(given.text) > LONGEST_ANSWER:
        problems["text"] = f"Shorten this to {LONGEST_ANSWER:,} characters, and attach the rest as a file."
    return problems


def _columns(required: RequiredDocument, review: Review, given: _Given) -> dict[str, Any]:
    return {
        "answers": [
            {"code": one["code"], "ask": one["ask"], "answer": given.answers.get(one["code"], "").strip()}
            for one in required.questions
        ],
        "decisions": _views_as_data(review, given.views) if required.kind == DECISION_REVIEW else [],
        "text": given.text.strip(),
    }


def _views_as_data(review: Review, views: Mapping[UUID, DecisionView]) -> list[dict[str, str]]:
    """The views with what was decided beside each, so that the document can be read by itself."""
    return [
        {
            "decision": str(decision.pk),
            "outcome": decision.outcome,
            "decided_by": decision.decided_by_name,
            "verdict": str(views[decision.pk].verdict),
            "why": views[decision.pk].why.strip(),
        }
        for decision in review.incident.threshold_decisions.order_by("decided_at", "id")
    ]


@operation
def supply_from_record(
    *, by: By, at: datetime, review: Review, record: Record, row: models.Model
) -> Entry[int] | Already[int]:
    """Let ``row``, made elsewhere in the loop, be the document that ``review`` requires of that record; how many.

    Call it from the operation that makes the row. Nothing happens where the review requires no such document, or
    has ended.

    Raises:
        Refused: ``by`` may not open the incident.
        Stale: the review was signed off after ``at``.
    """
    check_can_open(by=by, at=at, incident=review.incident)
    lock(review)
    if ReviewCompletion.objects.filter(review=review).exists() or was_taken_further(review):
        return Already(0)
    labels = []
    for required in review.required_documents.filter(supplied_by=SuppliedBy.RECORD, record=record):
        _check_not_signed_since(review, at)
        document = ReviewDocument.objects.create(
            review=review, kind=required.kind, from_type=row._meta.label_lower, from_id=row.pk, **decided(by, at)
        )
        labels.append(required.label)
        _after_supply(required, document, at)
    if not labels:
        return Already(0)
    return Entry(
        result=len(labels),
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"put on record for the review: {', '.join(labels)}",
        facts={"review": review.pk, "row": row.pk},
    )


@operation
def state_nothing_found(
    *, by: By, at: datetime, review: Review, because: str
) -> Entry[ReviewDocument] | Already[ReviewDocument]:
    """State, in place of findings, why nothing about the system was found, so that oversight can test it (R11, R12).

    A finding recorded later takes its place. The same again adds nothing.

    Raises:
        Refused: ``by`` does not carry out the review.
        Invalid: no reason is given, or there are findings.
        Stale: the review has ended, or was signed off after ``at``.
    """
    lock(review)
    check_can_review(by=by, at=at, review=review)
    must_go_on(review)
    required = review.required_documents.filter(record=Record.FINDINGS).first()
    if required is None:
        raise Invalid("This review does not require findings.")
    unstated = reason_problem(because, what="why nothing about the system was found")
    if unstated is not None:
        raise Invalid({"because": unstated})
    before = newest_document(review, required.kind)
    if before is not None and before.from_type:
        raise Invalid("There are findings already. Put right what is wrong with them.")
    if before is not None and before.text == because.strip():
        return Already(before)
    _check_not_signed_since(review, at)
    document = ReviewDocument.objects.create(review=review, kind=required.kind, text=because.strip(), **decided(by, at))
    _after_supply(required, document, at)
    return Entry(
        result=document,
        subject=review.incident,
        story_id=review.incident_id,
        sentence="stated why nothing about the system was found",
        facts={"review": review.pk, "document": document.pk},
    )


def _after_supply(required: RequiredDocument, document: ReviewDocument, at: datetime) -> None:
    ledger.meet(subject=required, kind=DOCUMENT, record=document, at=at)
    lacking = missing_of(document.review)
    if lacking and all(one.record == Record.SIGN_OFF for one in lacking):
        incident = document.review.incident
        _ask_to_sign_again(document.review, at)
        ledger.tell_role(
            role=oversight_role(incident),
            team=incident.team,
            story_id=incident.pk,
            restricted=incident.restricted,
            key=f"review:{document.review_id}:to-sign-off:{document.pk}",
            subject=f"Sign off the tier {document.review.tier} review of incident {incident.reference}",
            body="Everything this review requires is there but the sign-off of somebody senior. Sign in to Safer "
            f"Practice and open the review of incident {incident.reference}.",
            at=at,
        )


def _ask_to_sign_again(review: Review, at: datetime) -> None:
    """What was supplied after the sign-off was not seen by whoever signed: somebody owes it a look again."""
    sign_off = review.required_documents.get(record=Record.SIGN_OFF)
    owed = Obligation.objects.filter(subject_id=sign_off.pk, kind=OVERSIGHT)
    if owed.open().exists():
        return
    incident = review.incident
    ledger.open_obligation(
        provider_id=incident.provider_id,
        team=incident.team,
        story_id=incident.pk,
        restricted=incident.restricted,
        subject=sign_off,
        kind=OVERSIGHT,
        title=f"{sign_off.label}, again: incident {incident.reference}",
        timescale=working_days(DAYS_TO_SIGN_AGAIN),
        clock_source=f"Local standard: {DAYS_TO_SIGN_AGAIN} working days after something was added to a signed review",
        role=oversight_role(incident),
        at=at,
    )
