"""Senior oversight, and completing a review."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.deadlines import ledger
from saferpractice.design.typed import as_written
from saferpractice.lists.rules import reason_problem
from saferpractice.reviews.drafts import discard_drafts_of
from saferpractice.reviews.models import OversightSignOff, RequiredDocument, Review, ReviewCompletion
from saferpractice.reviews.operations.kinds import COMPLETE, DOCUMENT, OVERSIGHT
from saferpractice.reviews.operations.locking import lock, must_go_on
from saferpractice.reviews.permissions import check_can_oversee, check_can_review
from saferpractice.reviews.queries import (
    closeness,
    is_senior,
    missing_of,
    newest_sign_off,
    newest_supply,
    nothing_found_in,
    reviewer_of,
)
from saferpractice.reviews.refusals import Incomplete
from saferpractice.reviews.rules import LONGEST_ANSWER, Record, independence_problem, oversight_problem
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import By


@operation
def sign_off_oversight(
    *, by: By, at: datetime, review: Review, accepted: bool, words: str, seen: str | None = None
) -> Entry[OversightSignOff] | Already[OversightSignOff]:
    """Sign a formal investigation off as somebody senior and not involved, or send it back (R11).

    It is signed off last: everything else must be there, and what is supplied afterwards must be signed again.

    Args:
        words: what was tested, or what is still lacking.
        seen: what was there when ``by`` read it (see ``newest_supply``); None where nothing was read before.

    Raises:
        Refused: ``by`` is not senior here, or not independent.
        Incomplete: another document is missing.
        Invalid: the words are lacking.
        Stale: the review has ended, or something was supplied since ``by`` read it.
    """
    lock(review)
    check_can_oversee(by=by, at=at, review=review)
    must_go_on(review)
    required = review.required_documents.filter(record=Record.SIGN_OFF).first()
    if required is None:
        raise Invalid(f"A tier {review.tier} review is not signed off by senior oversight.")
    _check_independent(by, review, at)
    what = "what you tested" if accepted else "what is still lacking"
    unstated = reason_problem(words, what=what)
    if unstated is not None:
        raise Invalid({"words": unstated})
    lacking = tuple(one for one in missing_of(review) if one.record != Record.SIGN_OFF)
    if accepted:
        if lacking:
            raise Incomplete("This review cannot be signed off yet.", lacking)
        _check_nothing_came_since(review, at, seen)
    newest = newest_sign_off(review)
    same = newest is not None and newest.accepted == accepted and newest.words == words.strip()
    if newest is not None and same and _is_by(newest, by) and not _must_sign_again(review, required):
        return Already(newest)
    sign_off = OversightSignOff.objects.create(review=review, accepted=accepted, words=words.strip(), **decided(by, at))
    if accepted:
        ledger.meet(subject=required, kind=OVERSIGHT, record=sign_off, at=at)
    else:
        _tell_reviewer(review, sign_off, at)
    did = "signed the review off as senior oversight" if accepted else "sent the review back from senior oversight"
    return Entry(
        result=sign_off,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=did,
        facts={"review": review.pk},
    )


def _check_nothing_came_since(review: Review, at: datetime, seen: str | None) -> None:
    """A signature stands for what its writer read: not for what came between reading and signing."""
    since = seen is not None and seen != newest_supply(review)
    if since or review.documents.filter(decided_at__gt=at).exists():
        raise Stale("Something was supplied since you opened this page. Read it, then sign off.")


def _is_by(sign_off: OversightSignOff, by: By) -> bool:
    return sign_off.decided_by_id == (by.pk if isinstance(by, Person) else None)


def _must_sign_again(review: Review, required: RequiredDocument) -> bool:
    newest = newest_sign_off(review)
    return newest is not None and newest.accepted and any(one.kind == required.kind for one in missing_of(review))


def _check_independent(by: By, review: Review, at: datetime) -> None:
    if not isinstance(by, Person):
        return
    problem = oversight_problem(
        by.name,
        closeness(person=by, incident=review.incident, at=at, review=review),
        senior=is_senior(person=by, incident=review.incident, at=at),
        name_withheld=review.incident.name_withheld,
    )
    if problem is not None:
        raise Refused(problem)


def _tell_reviewer(review: Review, sign_off: OversightSignOff, at: datetime) -> None:
    current = reviewer_of(review)
    if current is not None:
        ledger.tell(
            to=current.person,
            key=f"review:{review.pk}:sent-back:{sign_off.pk}",
            subject=f"The review of incident {review.incident.reference} was sent back",
            body="Senior oversight asks for more before signing off. Sign in to Safer Practice and open the review of "
            f"incident {review.incident.reference} to see what.",
            at=at,
        )


@operation
def complete_review(
    *, by: By, at: datetime, review: Review, summary: str, nothing_found_because: str = ""
) -> Entry[ReviewCompletion] | Already[ReviewCompletion]:
    """Complete the review: from then on it is corrected, not added to (R12).

    Args:
        summary: what the review found, for people who will not read it whole.
        nothing_found_because: why no system condition was found, in place of findings.

    Raises:
        Refused: ``by`` does not carry out the review, or they or whoever signed it off are too close to the incident.
        Incomplete: a required document is missing; it names each.
        Invalid: the summary is lacking.
        Stale: somebody else completed it, or a later review took it further.
    """
    lock(review)
    check_can_review(by=by, at=at, review=review)
    done = ReviewCompletion.objects.filter(review=review).first()
    if done is not None and isinstance(by, Person) and (done.decided_by_id, done.summary) == (by.pk, summary.strip()):
        return Already(done)
    must_go_on(review)
    _check_reviewer_still_independent(by, review, at)
    _check_signature_still_independent(review, at)
    _check_words(summary, nothing_found_because)
    lacking = missing_of(review, nothing_found=bool(as_written(nothing_found_because)))
    if lacking:
        raise Incomplete("This review cannot be completed yet.", lacking)
    stated = nothing_found_in(review)
    found = not stated and not any(one.record == Record.FINDINGS for one in missing_of(review))
    completion = ReviewCompletion.objects.create(
        review=review,
        summary=summary.strip(),
        nothing_found_because="" if found else stated or as_written(nothing_found_because),
        **decided(by, at),
    )
    discard_drafts_of(review)
    ledger.meet(subject=review, kind=COMPLETE, record=completion, at=at)
    for document in review.required_documents.all():
        ledger.meet(subject=document, kind=DOCUMENT, record=completion, at=at)
    return Entry(
        result=completion,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"completed the tier {review.tier} review" + ("" if found else ", with nothing found"),
        facts={"review": review.pk},
    )


def _check_reviewer_still_independent(by: By, review: Review, at: datetime) -> None:
    if not isinstance(by, Person):
        return
    close = closeness(person=by, incident=review.incident, at=at)
    problem = independence_problem(by.name, close, name_withheld=review.incident.name_withheld)
    if problem is not None:
        raise Refused(problem)


def _check_signature_still_independent(review: Review, at: datetime) -> None:
    """Whoever signed may have taken the review over, or have been found involved, since."""
    signed = newest_sign_off(review)
    if signed is None or not signed.accepted or signed.decided_by is None:
        return
    person, incident = signed.decided_by, review.incident
    close = closeness(person=person, incident=incident, at=at, review=review)
    problem = oversight_problem(person.name, close, senior=True, name_withheld=incident.name_withheld)
    if problem is not None:
        raise Refused(f"The sign-off no longer stands. {problem}")


def _check_words(summary: str, nothing_found_because: str) -> None:
    problems = {}
    if not as_written(summary):
        problems["summary"] = "Enter what the review found, in a few sentences."
    elif len(summary) > LONGEST_ANSWER:
        problems["summary"] = f"Shorten this to {LONGEST_ANSWER:,} characters."
    if as_written(nothing_found_because):
        unstated = reason_problem(nothing_found_because, what="why nothing about the system was found")
        if unstated is not None:
            problems["nothing_found_because"] = unstated
    if problems:
        raise Invalid(problems)
