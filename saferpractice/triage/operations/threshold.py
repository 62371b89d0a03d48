"""The threshold decision, the referral that follows it, and the authority's answer."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import ClockKind, Timescale, day_label, local_day, same_day
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.models import (
    ReferralAcknowledgement,
    SafeguardingReferral,
    ThresholdDecision,
    TriageRecord,
)
from saferpractice.triage.operations.again import check_same_form, threshold_answers
from saferpractice.triage.operations.common import answer_handover, locked
from saferpractice.triage.operations.obligations import (
    ACKNOWLEDGEMENT,
    DECIDE_THRESHOLD,
    MORE_INFORMATION,
    SEND_REFERRAL,
    ask_for_more_information,
    deciding_role,
    open_about,
    standing,
    within,
)
from saferpractice.triage.permissions import check_can_decide_threshold, check_can_refer
from saferpractice.triage.queries import REFERRAL_DUTY, duties_of, newest, submitted
from saferpractice.triage.rules import Answer, CareActTests, ThresholdOutcome, check_threshold
from saferpractice.triage.rules.form import CLOCKS_DIFFER, IN_THE_FUTURE, LONGEST_TEXT, ThresholdChoice


@operation
def decide_threshold(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    choice: ThresholdChoice,
    submission_key: str | None = None,
    triage_record: TriageRecord | None = None,
) -> Entry[ThresholdDecision] | Already[ThresholdDecision]:
    """Decide whether a concern goes to the local authority. It stands beside the earlier decisions (R7).

    "Refer" opens the obligation to send the concern, "more information" the dated return to this decision. Deciding
    the same again restarts no deadline.

    Raises:
        Refused: ``by`` may not decide this.
        Invalid: the rationale or the day cannot stand.
    """
    check_can_decide_threshold(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = submitted(ThresholdDecision, submission_key)
    if earlier is not None:
        check_same_form(earlier, by, incident, threshold_answers(earlier, choice))
        return Already(earlier)
    tests = tests_known(triage_record or newest(incident.triage_records.all()))
    problems = problems_of_threshold(choice, tests, at)
    if problems:
        raise Invalid(problems)
    decision = ThresholdDecision.objects.create(
        incident=incident,
        triage_record=triage_record,
        outcome=choice.outcome,
        rationale=choice.rationale.strip(),
        more_information_by=choice.more_information_by,
        submission_key=submission_key,
        **decided(by, at),
    )
    _oblige(incident, decision, at)
    answer_handover(by=by, at=at, incident=incident, record=decision)
    return Entry(
        result=decision,
        subject=incident,
        story_id=incident.pk,
        sentence=_SENTENCES[choice.outcome].format(
            day=day_label(choice.more_information_by) if choice.more_information_by else ""
        ),
        facts={"outcome": choice.outcome, "more_information_by": choice.more_information_by},
    )


_SENTENCES = {
    ThresholdOutcome.REFER: "decided to refer to the local authority",
    ThresholdOutcome.DO_NOT_REFER: "decided not to refer to the local authority",
    ThresholdOutcome.MORE_INFORMATION: "asked for more information by {day} before deciding the threshold",
}


def problems_of_threshold(choice: ThresholdChoice, tests: CareActTests, at: datetime) -> dict[str, str]:
    """What must be put right before the choice can stand: field name to a sentence."""
    if len(choice.rationale) > LONGEST_TEXT:
        return {"rationale": f"Shorten this to {LONGEST_TEXT:,} characters."}
    return dict(
        check_threshold(
            outcome=choice.outcome,
            rationale=choice.rationale,
            tests=tests,
            decided_on=local_day(at),
            more_information_by=choice.more_information_by,
        ).problems
    )


def tests_known(record: TriageRecord | None) -> CareActTests:
    """What a triage record says of the three tests of section 42."""
    if record is None:
        return CareActTests(needs_care_and_support=Answer.UNKNOWN, abuse_or_neglect=Answer.UNKNOWN)
    return CareActTests(
        needs_care_and_support=Answer(record.needs_care_and_support),
        abuse_or_neglect=Answer(record.abuse_or_neglect),
        unable_to_protect_self=Answer(record.unable_to_protect_self or Answer.UNKNOWN),
    )


def _oblige(incident: Incident, decision: ThresholdDecision, at: datetime) -> None:
    outcome = ThresholdOutcome(decision.outcome)
    ledger.meet(subject=incident, kind=MORE_INFORMATION, record=decision, at=at)
    ledger.meet(subject=incident, kind=DECIDE_THRESHOLD, record=decision, at=at)
    if outcome is ThresholdOutcome.REFER:
        if standing(incident.pk, SEND_REFERRAL) is None:
            _ask_for_referral(incident, at)
        return
    ledger.cancel(subject=incident, kind=SEND_REFERRAL, because=f"Decided later: {outcome.label.lower()}", at=at)
    if decision.more_information_by is not None:
        ask_for_more_information(incident, decision.more_information_by, at)


def _ask_for_referral(incident: Incident, at: datetime) -> None:
    duty = next((one for one in duties_of(incident, at=at) if one.code == REFERRAL_DUTY), None)
    clock = duty.due_clock if duty else None
    open_about(
        incident,
        subject=incident,
        kind=SEND_REFERRAL,
        title=f"Send the safeguarding concern about incident {incident.reference} to the local authority",
        timescale=Timescale.from_data(clock.timescale) if clock else same_day(),
        clock=ClockKind(clock.kind) if clock else ClockKind.LOCAL,
        clock_source=clock.words if clock else "Local standard: the concern is sent the same day",
        at=at,
        role=deciding_role(incident),
    )


@operation
def send_referral(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    authority: str,
    how: str,
    sent_at: datetime,
    submission_key: str | None = None,
) -> Entry[SafeguardingReferral] | Already[SafeguardingReferral]:
    """Record that the concern was sent. Sent is not received: it opens the obligation to have it acknowledged.

    Raises:
        Refused: ``by`` may not do this.
        Invalid: nobody decided to refer, or an answer cannot be used.
    """
    check_can_refer(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = submitted(SafeguardingReferral, submission_key)
    if earlier is not None:
        answers = [
            ("Which local authority", earlier.authority, authority),
            ("How it was sent", earlier.how, how),
            ("When it was sent", earlier.sent_at, sent_at),
        ]
        check_same_form(earlier, by, incident, answers)
        return Already(earlier)
    decision = newest(incident.threshold_decisions.all())
    if decision is None or decision.outcome != ThresholdOutcome.REFER:
        raise Invalid("Decide to refer first, with the rationale: the referral rests on that decision.")
    problems = _problems_of_sending(authority, how, sent_at, at)
    if problems:
        raise Invalid(problems)
    referral = SafeguardingReferral.objects.create(
        incident=incident,
        threshold_decision=decision,
        authority=authority.strip(),
        how=how.strip(),
        sent_at=sent_at,
        submission_key=submission_key,
        **decided(by, at),
    )
    running = standing(incident.pk, SEND_REFERRAL)
    if running is not None:
        ledger.meet(subject=incident, kind=SEND_REFERRAL, record=referral, at=max(sent_at, running.opened_at))
    timescale = within(incident, "referral-acknowledged", sent_at)
    open_about(
        incident,
        subject=referral,
        kind=ACKNOWLEDGEMENT,
        title=f"Make sure {referral.authority} has received the concern about incident {incident.reference}",
        timescale=timescale,
        at=sent_at,
        role=Role.SAFEGUARDING_LEAD,
        clock_source=f"Local standard: a referral is acknowledged {timescale.sentence}, or chased",
    )
    return Entry(
        result=referral,
        subject=incident,
        story_id=incident.pk,
        sentence=f"sent the concern to {referral.authority}",
        facts={"sent_at": sent_at, "how": referral.how},
    )


def _problems_of_sending(authority: str, how: str, sent_at: datetime, at: datetime) -> dict[str, str]:
    problems = {}
    if not as_written(authority):
        problems["authority"] = "Enter the local authority it was sent to."
    elif len(authority) > 200:
        problems["authority"] = "Shorten this to 200 characters."
    if not as_written(how):
        problems["how"] = "Enter how it was sent, for example by the authority's web form or by phone to whom."
    elif len(how) > 200:
        problems["how"] = "Shorten this to 200 characters."
    if sent_at > at + CLOCKS_DIFFER:
        problems["sent_at"] = IN_THE_FUTURE
    return problems


@operation
def record_acknowledgement(
    *,
    by: By,
    at: datetime,
    referral: SafeguardingReferral,
    authority_reference: str,
    received_at: datetime,
    answer: str = "",
    submission_key: str | None = None,
) -> Entry[ReferralAcknowledgement] | Already[ReferralAcknowledgement]:
    """Record the authority's answer to a referral: its reference, and what it decided if known.

    Raises:
        Refused: ``by`` may not do this.
        Invalid: an answer cannot be used.
    """
    check_can_refer(by=by, at=at, incident=referral.incident)
    incident = locked(referral.incident)
    earlier = submitted(ReferralAcknowledgement, submission_key)
    if earlier is not None:
        answers = [
            ("To whom it was sent", earlier.referral.authority, referral.authority),
            ("Their reference", earlier.authority_reference, authority_reference),
            ("When their answer came", earlier.received_at, received_at),
            ("What they answered", earlier.answer, answer),
        ]
        check_same_form(earlier, by, incident, answers)
        return Already(earlier)
    problems = {}
    if not as_written(authority_reference) and not as_written(answer):
        problems["authority_reference"] = "Enter the authority's reference, or below what it answered."
    elif len(authority_reference) > 120:
        problems["authority_reference"] = "Shorten this to 120 characters."
    if received_at > at + CLOCKS_DIFFER:
        problems["received_at"] = IN_THE_FUTURE
    elif received_at < referral.sent_at:
        problems["received_at"] = "Enter a time after the referral was sent."
    if len(answer) > LONGEST_TEXT:
        problems["answer"] = f"Shorten this to {LONGEST_TEXT:,} characters."
    if problems:
        raise Invalid(problems)
    acknowledgement = ReferralAcknowledgement.objects.create(
        referral=referral,
        authority_reference=authority_reference.strip(),
        received_at=received_at,
        answer=answer.strip(),
        submission_key=submission_key,
        **decided(by, at),
    )
    ledger.meet(subject=referral, kind=ACKNOWLEDGEMENT, record=acknowledgement, at=received_at)
    return Entry(
        result=acknowledgement,
        subject=incident,
        story_id=incident.pk,
        sentence=f"recorded that {referral.authority} has the concern",
        facts={"reference": acknowledgement.authority_reference, "received_at": received_at},
    )
