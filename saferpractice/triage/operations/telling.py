"""Telling somebody outside: required, not required, done, with the paragraph relied on (R6)."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind, Timescale
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.models import PartnerEscalation, StatutoryNotification
from saferpractice.triage.operations.again import check_same_form, telling_answers
from saferpractice.triage.operations.common import locked
from saferpractice.triage.operations.obligations import TELL, deciding_role, open_about, within
from saferpractice.triage.permissions import check_can_tell
from saferpractice.triage.queries import REFERRAL_DUTY, duties_of, submitted
from saferpractice.triage.rules import Duty, DutyKind
from saferpractice.triage.rules.form import Telling, TellingState, problems_of_telling

Told = StatutoryNotification | PartnerEscalation


@operation
def decide_telling(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    telling: Telling,
    submission_key: str | None = None,
) -> Entry[Told] | Already[Told]:
    """Decide whether somebody outside must be told, or record that they were.

    "Required" opens an obligation with the duty's own clock: law, contract or local. Decided again, a clock that
    runs is not restarted.

    Raises:
        Refused: ``by`` may not do this.
        Invalid: an answer cannot be used.
    """
    check_can_tell(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = submitted(StatutoryNotification, submission_key) or submitted(PartnerEscalation, submission_key)
    if earlier is not None:
        asked = [("Who is to be told", earlier.duty_code, telling.duty), *telling_answers(earlier, telling)]
        check_same_form(earlier, by, incident, asked)
        return Already(earlier)
    duties = {duty.code: duty for duty in duties_of(incident, at=at) if duty.code != REFERRAL_DUTY}
    problems = problems_of_telling(telling, at=at, duties=duties)
    if problems:
        raise Invalid(problems)
    duty = duties[telling.duty]
    table: type[Told] = StatutoryNotification if duty.kind is DutyKind.NOTIFICATION else PartnerEscalation
    told = table.objects.create(
        incident=incident,
        duty_code=duty.code,
        duty_label=duty.label,
        paragraph=duty.paragraph,
        clock=duty.first_clock.kind,
        clock_words="; ".join(clock.sentence for clock in duty.clocks),
        state=telling.state,
        reason=telling.reason.strip(),
        their_reference=telling.their_reference.strip(),
        done_at=telling.done_at if telling.state is TellingState.DONE else None,
        submission_key=submission_key,
        **decided(by, at),
    )
    _oblige(incident, duty, told, at)
    return Entry(
        result=told,
        subject=incident,
        story_id=incident.pk,
        sentence=_SENTENCES[telling.state].format(body=duty.label),
        facts={
            "duty": duty.code,
            "state": telling.state,
            "paragraph": duty.paragraph,
            "done_at": told.done_at,
            "their_reference": told.their_reference,
        },
    )


_SENTENCES = {
    TellingState.REQUIRED: "decided that this must be told: {body}",
    TellingState.NOT_REQUIRED: "decided that this need not be told: {body}",
    TellingState.DONE: "recorded that this was told: {body}",
}


def _oblige(incident: Incident, duty: Duty, told: Told, at: datetime) -> None:
    running = _running(incident, duty)
    if told.state == TellingState.REQUIRED:
        if not running:
            _ask_to_tell(incident, duty, told, at)
        return
    for obligation in running:
        asked = type(told).objects.get(pk=obligation.subject_id)
        if told.done_at is not None:
            ledger.meet(subject=asked, kind=TELL, record=told, at=max(told.done_at, obligation.opened_at))
        else:
            ledger.cancel(subject=asked, kind=TELL, because=f"Need not be told: {told.reason}", at=at)


def _running(incident: Incident, duty: Duty) -> list[Obligation]:
    """The open obligations of this duty. A duty keeps its kind, so its decisions are all in one table."""
    table = StatutoryNotification if duty.kind is DutyKind.NOTIFICATION else PartnerEscalation
    asked = table.objects.filter(incident=incident, duty_code=duty.code).values_list("pk", flat=True)
    return list(Obligation.objects.open().filter(kind=TELL, subject_id__in=list(asked)))


def _ask_to_tell(incident: Incident, duty: Duty, told: Told, at: datetime) -> None:
    numbered = duty.due_clock
    timescale = (
        Timescale.from_data(numbered.timescale) if numbered else within(incident, "telling-without-a-number", at)
    )
    clock = ClockKind(numbered.kind) if numbered else ClockKind.LOCAL
    words = "; ".join(one.sentence for one in duty.clocks)
    open_about(
        incident,
        subject=told,
        kind=TELL,
        title=f"Tell others about incident {incident.reference}: {duty.label}",
        timescale=timescale,
        clock=clock,
        clock_source=f"{words} ({duty.paragraph})",
        at=_runs_from(incident, timescale, clock, at),
        role=Role.SAFEGUARDING_LEAD if duty.kind is DutyKind.NOTIFICATION else deciding_role(incident),
    )


def _runs_from(incident: Incident, timescale: Timescale, clock: ClockKind, at: datetime) -> datetime:
    """When the clock started: when the service came to know, whatever day somebody wrote it down.

    Only a local clock that would have run out before anybody decided starts with the decision instead.
    """
    known = min(incident.known_at, at)
    if clock is ClockKind.LOCAL and ledger.due_for(incident.provider_id, known, timescale, clock) <= at:
        return at
    return known
