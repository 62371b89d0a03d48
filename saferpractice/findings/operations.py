"""Writes of stage 4: record a finding, put one right, do a rapid review in one step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day, working_days
from saferpractice.design.typed import as_written
from saferpractice.findings.models import Finding
from saferpractice.findings.permissions import check_can_correct_finding, check_can_record_finding
from saferpractice.findings.queries import evidence_for, found_before
from saferpractice.findings.rules import blame_in, check_finding
from saferpractice.lists.queries import codes, label_of
from saferpractice.lists.rules import reason_problem
from saferpractice.reviews.models import Review, ReviewCompletion, TimelineEntry
from saferpractice.reviews.operations import (
    complete_review,
    draw_timeline_from_records,
    supply_document,
    supply_from_record,
)
from saferpractice.reviews.operations.locking import lock, must_go_on
from saferpractice.reviews.rules import Question, Record, SuppliedBy, problems_of_answers
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By
from saferpractice.triage.operations import propose_tier_again
from saferpractice.triage.rules import TierCode

ANSWER = "findings.answer"
"""The kind of the obligation to answer a finding with a change; about the finding."""
DAYS_TO_ANSWER = 20
"""Working days, a local standard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWords:
    """A finding as it is written: a system condition, the statement, the brief's two questions, its evidence.

    ``evidence`` are ids of timeline entries of the review. ``kept_reason`` says why wording that points at a person
    stays.
    """

    condition: str
    statement: str
    made_more_likely: str
    reduces_recurrence: str
    evidence: tuple[UUID, ...] = ()
    kept_reason: str = ""


@operation
def record_finding(*, by: By, at: datetime, review: Review, words: FindingWords) -> Entry[Finding] | Already[Finding]:
    """Record a system condition the review found, with what it rests on (R1, R13). The very same again adds nothing.

    Opens the obligation to answer it with a change. Where reviews of the same service found the condition before,
    within the provider's window, the rules are asked for the tier again (R10).

    Raises:
        Refused: ``by`` does not carry out the review.
        Invalid: something is lacking, or wording points at a person and no reason is given to keep it.
        Stale: the review has ended.
    """
    lock(review)
    check_can_record_finding(by=by, at=at, review=review)
    must_go_on(review)
    evidence = _checked(review, words, at)
    same = Finding.objects.standing().filter(
        review=review, condition=words.condition, statement=words.statement.strip()
    )
    already = same.first()
    if already is not None:
        return Already(already)
    finding = _create(by, at, review, words, evidence)
    supply_from_record(by=by, at=at, review=review, record=Record.FINDINGS, row=finding)
    ask_for_change(finding, at)
    _look_for_repeats(by, at, finding)
    return Entry(
        result=finding,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"found a system condition: {_label(finding).lower()}",
        facts={"finding": finding.pk, "condition": finding.condition, "kept_blaming": len(finding.blaming_words)},
    )


@operation
def correct_finding(
    *, by: By, at: datetime, finding: Finding, words: FindingWords, corrected_because: str
) -> Entry[Finding]:
    """Put a finding right, with the reason; the earlier one stays beside it. Also after the review is complete.

    A finding already answered by a change stays answered, unless it is now about another condition.

    Raises:
        Refused: ``by`` neither carries out the review nor is senior at its place.
        Invalid: something is lacking.
        Stale: somebody else put it right meanwhile.
    """
    review = lock(finding.review)
    check_can_correct_finding(by=by, at=at, finding=finding)
    if Finding.objects.filter(corrects=finding).exists():
        raise Stale("Somebody put this finding right meanwhile. Look at the findings again.")
    because = reason_problem(corrected_because, what="why it is put right")
    also = {"corrected_because": because} if because else {}
    evidence = _checked(review, words, at, also, keeps=finding.condition)
    corrected = _create(by, at, review, words, evidence, corrects=finding, corrected_because=corrected_because.strip())
    supply_from_record(by=by, at=at, review=review, record=Record.FINDINGS, row=corrected)
    owed = Obligation.objects.filter(subject_id=finding.pk, kind=ANSWER).first()
    if owed is not None and owed.met_at is None and owed.cancelled_at is None:
        ledger.cancel(subject=finding, kind=ANSWER, because="The finding was put right", at=at)
        ask_for_change(corrected, owed.opened_at)
    elif corrected.condition != finding.condition:
        ask_for_change(corrected, at)
    if corrected.condition != finding.condition:
        _look_for_repeats(by, at, corrected)
    return Entry(
        result=corrected,
        subject=review.incident,
        story_id=review.incident_id,
        sentence=f"put a finding right: {_label(corrected).lower()}",
        facts={"finding": finding.pk, "corrected": corrected.pk},
    )


def _checked(
    review: Review, words: FindingWords, at: datetime, also: Mapping[str, str] | None = None, *, keeps: str = ""
) -> list[TimelineEntry]:
    """The evidence, when the words can stand. ``keeps`` is the condition found before, which may have left the list."""
    evidence = evidence_for(review, words.evidence)
    problems = {
        **check_finding(
            condition=words.condition,
            statement=words.statement,
            made_more_likely=words.made_more_likely,
            reduces_recurrence=words.reduces_recurrence,
            evidence_count=len(evidence),
            kept_reason=words.kept_reason,
            conditions={*_conditions(review, at), keeps},
        ).problems,
        **(also or {}),
    }
    if len(evidence) != len(set(words.evidence)):
        problems["evidence"] = "Choose entries as they stand in the timeline now: one was put right meanwhile."
    if problems:
        raise Invalid(problems)
    return evidence


def _conditions(review: Review, at: datetime) -> Collection[str]:
    return codes("system-conditions", provider_id=review.incident.provider_id, on=local_day(at))


def _create(
    by: By, at: datetime, review: Review, words: FindingWords, evidence: list[TimelineEntry], **correction: Any
) -> Finding:
    blaming = blaming_words(words)
    finding = Finding.objects.create(
        review=review,
        incident=review.incident,
        team=review.incident.team,
        condition=words.condition,
        statement=words.statement.strip(),
        made_more_likely=words.made_more_likely.strip(),
        reduces_recurrence=words.reduces_recurrence.strip(),
        blaming_words=blaming,
        kept_because=words.kept_reason.strip() if blaming else "",
        **correction,
        **decided(by, at),
    )
    finding.evidence.add(*evidence)
    return finding


def blaming_words(words: FindingWords) -> list[dict[str, str]]:
    """Every wording in a finding that points at a person, with the field it stands in and the question it raises."""
    return [
        {"field": field, "words": match.words, "question": match.question}
        for field in ("statement", "made_more_likely", "reduces_recurrence")
        for match in blame_in(getattr(words, field).strip())
    ]


def _label(finding: Finding) -> str:
    return label_of("system-conditions", finding.condition, provider_id=finding.incident.provider_id)


def ask_for_change(finding: Finding, at: datetime) -> None:
    """Open the obligation to answer ``finding`` with a change, from ``at`` on. Call inside an operation."""
    incident = finding.incident
    ledger.open_obligation(
        provider_id=incident.provider_id,
        team=incident.team,
        story_id=incident.pk,
        restricted=incident.restricted,
        subject=finding,
        kind=ANSWER,
        title=f"Answer a finding with a change: {_label(finding).lower()}, incident {incident.reference}",
        timescale=working_days(DAYS_TO_ANSWER),
        clock_source=f"Local standard: a finding is answered within {DAYS_TO_ANSWER} working days",
        role=Role.SAFEGUARDING_LEAD if incident.restricted else Role.QUALITY_LEAD,
        at=at,
    )


def _look_for_repeats(by: By, at: datetime, finding: Finding) -> None:
    earlier = found_before(incident=finding.incident, condition=finding.condition, at=at)
    if earlier:
        propose_tier_again(by=by, at=at, incident=finding.incident, condition=_label(finding), earlier=earlier)


@operation
def complete_rapid_review(
    *,
    by: By,
    at: datetime,
    review: Review,
    answers: Mapping[str, Mapping[str, str]],
    words: FindingWords | None,
    summary: str = "",
    nothing_found_because: str = "",
) -> Entry[ReviewCompletion] | Already[ReviewCompletion]:
    """Do a rapid review in one step: its short forms, the finding, the end (R9). All of it is kept, or nothing.

    The finding rests on what the records say, which is drawn for it.

    Args:
        answers: for each document that is answered, the answers by question code.
        words: the finding; ``None`` when nothing about the system was found, with ``nothing_found_because``.
        summary: what the review found; the finding's statement when left out.

    Raises:
        Refused: ``by`` does not carry out the review.
        Incomplete: the review requires something that is not supplied here.
        Invalid: something is lacking; an answer's field is "<document>-answer_<question>".
        Stale: the review has ended.
    """
    lock(review)
    check_can_record_finding(by=by, at=at, review=review)
    done = ReviewCompletion.objects.filter(review=review).first()
    if done is not None and isinstance(by, Person) and done.decided_by_id == by.pk:
        return Already(done)
    must_go_on(review)
    if review.tier != TierCode.A:
        raise Invalid("Only a rapid review is done on one page. This one needs its documents one by one.")
    draw_timeline_from_records(by=by, at=at, review=review)
    problems = _problems_of_answers(review, answers)
    if words is not None:
        words = _resting_on_the_report(review, words)
        try:
            _checked(review, words, at)
        except Invalid as invalid:
            problems |= invalid.problems
    elif reason_problem(nothing_found_because) is not None:
        problems["nothing_found_because"] = "Say why nothing about the system was found, so that others can follow it."
    if problems:
        raise Invalid(problems)
    for kind, given in answers.items():
        supply_document(by=by, at=at, review=review, kind=kind, answers=given)
    if words is not None:
        record_finding(by=by, at=at, review=review, words=words)
    said = as_written(summary) or (words.statement if words else nothing_found_because)
    completion = complete_review(
        by=by, at=at, review=review, summary=said, nothing_found_because="" if words else nothing_found_because
    )
    return Entry(
        result=completion,
        subject=review.incident,
        story_id=review.incident_id,
        sentence="did the rapid review on one page",
        facts={"review": review.pk},
    )


def _problems_of_answers(review: Review, answers: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for required in review.required_documents.filter(supplied_by=SuppliedBy.ANSWERS):
        questions = (Question(**question) for question in required.questions)
        found = problems_of_answers(questions, answers.get(required.kind, {}))
        problems |= {f"{required.kind}-{field}": sentence for field, sentence in found.items()}
    return problems


def _resting_on_the_report(review: Review, words: FindingWords) -> FindingWords:
    """The finding, resting on the entries chosen, or else on what the report says happened."""
    if words.evidence:
        return words
    standing = TimelineEntry.objects.standing().filter(review=review)
    reported = standing.filter(from_type__in=("incidents.incident#occurred", "incidents.incident#reported"))
    chosen = list(reported.values_list("pk", flat=True)) or list(standing.values_list("pk", flat=True))
    return FindingWords(
        condition=words.condition,
        statement=words.statement,
        made_more_likely=words.made_more_likely,
        reduces_recurrence=words.reduces_recurrence,
        evidence=tuple(chosen),
        kept_reason=words.kept_reason,
    )
