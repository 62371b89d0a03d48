"""The quality meeting: who was there, what was decided, what follows from it, and the signature (R36, R34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.access.rules import SENIOR, Place
from saferpractice.changes.models import TrackedAction
from saferpractice.changes.operations import add_meeting_action
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day, working_days
from saferpractice.design.typed import as_written
from saferpractice.evidence.models import (
    MeetingAttendance,
    MeetingDecision,
    QualityMeeting,
    ThematicReview,
    ThematicSignature,
)
from saferpractice.evidence.operations.drafting import locked, must_be_open
from saferpractice.evidence.permissions import check_can_minute, check_can_sign
from saferpractice.evidence.queries.thematic import (
    OWED,
    SIGN,
    hash_to_sign,
    meetings_of,
    standing_draft,
    standing_of,
)
from saferpractice.evidence.rules.thematic.signing import lacking, problems_of_words
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, SentBefore, Stale, differing
from saferpractice.trail.rules import By

DAYS_FOR_THE_CHAIR = 5
"""Working days from writing the meeting down until its chair signs, a local standard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """Somebody who was at a meeting, or sent apologies (``present`` False).

    One of the provider's people by ``person``, or somebody from elsewhere by name and what they are.
    """

    person: Person | None = None
    name: str = ""
    role: str = ""
    present: bool = True


@operation
def record_meeting(
    *,
    by: By,
    at: datetime,
    review: ThematicReview,
    held_on: date,
    chaired_by: Person,
    there: Sequence[There],
    submission_key: str,
    replaces: QualityMeeting | None = None,
) -> Entry[QualityMeeting] | Already[QualityMeeting]:
    """Write down that the review, as its numbers stand, was put before a quality meeting. The chair is then to sign.

    A record that puts an earlier one right names it: what was decided there still counts.

    Raises:
        Refused: ``by`` leads neither safeguarding nor quality nor directs, over the whole provider.
        Invalid: the day, the chair or the attendance cannot be right.
        SentBefore: the form was sent before, with other answers.
        Stale: the review is signed, has no numbers, or the record to put right was put right meanwhile.
    """
    check_can_minute(by=by, at=at, provider_id=review.provider_id)
    review = locked(review)
    earlier = QualityMeeting.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        return Already(_same_meeting(earlier, by, held_on, chaired_by))
    must_be_open(review)
    draft = standing_draft(review)
    if draft is None:
        raise Stale("Draw the numbers first: a meeting needs something to look at.")
    problems = _problems(
        review=review, held_on=held_on, drawn_on=local_day(draft.decided_at), chair=chaired_by, there=there, at=at
    )
    if problems:
        raise Invalid(problems)
    if replaces is not None and QualityMeeting.objects.filter(replaces=replaces).exists():
        raise Stale("Somebody put this record right meanwhile. Look at the meeting again.")
    meeting = QualityMeeting.objects.create(
        review=review,
        draft=draft,
        held_on=held_on,
        chaired_by=chaired_by,
        replaces=replaces,
        submission_key=submission_key,
        **decided(by, at),
    )
    MeetingAttendance.objects.bulk_create(_row(meeting, one, at) for one in there)
    _ask_the_chair(meeting, at)
    return Entry(
        result=meeting,
        subject=review,
        sentence=f"put the thematic review of {review.quarter.short} before a quality meeting",
        facts={"held_on": held_on, "present": sum(one.present for one in there)},
    )


def _same_meeting(earlier: QualityMeeting, by: By, held_on: date, chaired_by: Person) -> QualityMeeting:
    if earlier.decided_by_id != (by.pk if isinstance(by, Person) else None):
        raise Invalid("This form was already sent by somebody else. Start a new one.")
    differs = tuple(
        differing(
            [
                ("When was it held?", str(earlier.held_on), str(held_on)),
                ("Who chaired it?", earlier.chaired_by.name, chaired_by.name),
            ]
        )
    )
    if differs:
        raise SentBefore("This meeting was written down before.", differs)
    return earlier


def _problems(
    *, review: ThematicReview, held_on: date, drawn_on: date, chair: Person, there: Sequence[There], at: datetime
) -> dict[str, str]:
    found: dict[str, str] = {}
    if held_on > local_day(at):
        found["held_on"] = "Enter a day that has come: a meeting is written down once it was held."
    elif held_on < drawn_on:
        found["held_on"] = "These numbers were drawn after that day, so this meeting cannot have seen them."
    if chair.provider_id != review.provider_id or not chair.roles(Place(review.provider_id), at) & SENIOR:
        found["chaired_by"] = "Choose somebody who leads safeguarding or quality, or directs, over the whole provider."
    elif not any(one.person is not None and one.person.pk == chair.pk and one.present for one in there):
        found["present"] = "Tick whoever chaired it: they were there."
    listed = [one.person.pk for one in there if one.person is not None]
    if len(listed) != len(set(listed)):
        found["apologies"] = "Somebody is ticked as there and as having sent apologies. Choose one."
    if any(one.person is not None and one.person.provider_id != review.provider_id for one in there):
        found["present"] = "Choose people who work here; name others below."
    if any(one.person is None and not (as_written(one.name) and as_written(one.role)) for one in there):
        found["others"] = "Write a name and what they are on each line, with a comma between them."
    return found


def _row(meeting: QualityMeeting, one: There, at: datetime) -> MeetingAttendance:
    if one.person is not None:
        signature = one.person.signature(at)
        return MeetingAttendance(
            meeting=meeting, person=one.person, name=signature.name, role=signature.role, present=one.present
        )
    return MeetingAttendance(
        meeting=meeting, name=one.name.strip()[:200], role=one.role.strip()[:200], present=one.present
    )


def _ask_the_chair(meeting: QualityMeeting, at: datetime) -> None:
    """Whoever chaired the newest meeting owes the signature; nobody else does any more."""
    review = meeting.review
    ledger.cancel(subject=review, kind=SIGN, because="It was put before a later meeting", at=at)
    ledger.open_obligation(
        provider_id=review.provider_id,
        subject=review,
        kind=SIGN,
        title=f"Read and sign the thematic review of {review.quarter.short}, whose meeting you chaired",
        timescale=working_days(DAYS_FOR_THE_CHAIR),
        clock_source=f"Local standard: {DAYS_FOR_THE_CHAIR} working days after the meeting is written down",
        owner=meeting.chaired_by,
        at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """What somebody must do by a day because a meeting decided so."""

    what: str
    owner: Person
    due_on: date


@operation
def record_decision(
    *, by: By, at: datetime, meeting: QualityMeeting, words: str, submission_key: str, to_do: ToDo | None = None
) -> Entry[MeetingDecision] | Already[MeetingDecision]:
    """Write down what a meeting decided, with the action that follows from it, if one does (R35).

    Raises:
        Refused: ``by`` leads neither safeguarding nor quality nor directs, over the whole provider.
        Invalid: there are no words, they name an incident, or the action cannot be given out so.
        SentBefore: the form was sent before, with other words.
        Stale: the review is signed.
    """
    check_can_minute(by=by, at=at, provider_id=meeting.review.provider_id)
    review = locked(meeting.review)
    earlier = MeetingDecision.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        if earlier.words != words.strip():
            raise SentBefore(
                "This decision was written down before.", differing([("Decision", earlier.words, words.strip())])
            )
        return Already(earlier)
    must_be_open(review)
    problems = problems_of_words(words, field="words", asked="Enter what was decided.")
    if to_do is not None:
        problems |= problems_of_words(to_do.what, field="what", asked="Enter what must be done.")
    if problems:
        raise Invalid(problems)
    decision = MeetingDecision.objects.create(
        meeting=meeting, words=words.strip(), submission_key=submission_key, **decided(by, at)
    )
    if to_do is not None:
        give_out(by=by, at=at, decision=decision, to_do=to_do, submission_key=f"{submission_key}:action")
    return Entry(
        result=decision,
        subject=review,
        sentence=f"wrote down what the quality meeting of {meeting.held_on.day} {meeting.held_on:%B %Y} decided",
        facts={"decision": decision.pk},
    )


def give_out(*, by: By, at: datetime, decision: MeetingDecision, to_do: ToDo, submission_key: str) -> TrackedAction:
    """Give somebody a tracked action that follows from a decision, in a trail entry of its own.

    Raises:
        Refused, Invalid: as ``changes.operations.add_meeting_action``.
        Stale: the review is signed.
    """
    must_be_open(decision.meeting.review)
    return add_meeting_action(
        by=by,
        at=at,
        provider=decision.meeting.review.provider,
        decision_id=decision.pk,
        what=to_do.what,
        owner=to_do.owner,
        due_on=to_do.due_on,
        submission_key=submission_key,
    )


@operation
def sign_review(
    *, by: By, at: datetime, review: ThematicReview, sha256: str
) -> Entry[ThematicSignature] | Already[ThematicSignature]:
    """Sign the review as it was read. From then on nothing in it changes.

    Args:
        sha256: the hash of what the signer read (``queries.thematic.hash_to_sign``).

    Raises:
        Refused: ``by`` did not chair its newest meeting, drew its numbers, or no longer leads.
        Invalid: something is lacking.
        Stale: something was added after the page was read.
    """
    review = locked(review)
    signed = ThematicSignature.objects.filter(review=review).first()
    if signed is not None and isinstance(by, Person) and signed.decided_by_id == by.pk:
        return Already(signed)
    must_be_open(review)
    check_can_sign(by=by, at=at, review=review)
    draft, meeting = standing_draft(review), next(iter(meetings_of(review)), None)
    titles = {one["code"]: one["title"] for one in draft.data["sections"]} if draft else {}
    lacks = lacking(standing_of(review), titles)
    if lacks or draft is None or meeting is None:
        raise Invalid(" ".join(lacks))
    if sha256 != hash_to_sign(review):
        raise Stale("Something was added after you opened this page. Read the review again before you sign it.")
    signature = ThematicSignature.objects.create(
        review=review, draft=draft, meeting=meeting, sha256=sha256, **decided(by, at)
    )
    ledger.meet(subject=review, kind=OWED, record=signature, at=at)
    ledger.meet(subject=review, kind=SIGN, record=signature, at=at)
    return Entry(
        result=signature,
        subject=review,
        sentence=f"signed the thematic review of {review.quarter.short}",
        facts={"sha256": sha256, "draft": draft.sha256},
    )
