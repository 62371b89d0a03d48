"""The standard form of triage, in one transaction (R6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import local_day, local_time_label
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import codes
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, SentBefore, differing
from saferpractice.trail.rules import By
from saferpractice.triage.models import ImmediateSafetyAction, SafetyActionDone, TierProposal, TriageRecord
from saferpractice.triage.operations.again import check_same_form, triage_answers
from saferpractice.triage.operations.common import answer_handover, locked
from saferpractice.triage.operations.obligations import (
    SAFETY_ACTION,
    TRIAGE,
    ask_for_threshold,
    ask_for_tier,
    deciding_role,
    open_about,
    within,
)
from saferpractice.triage.operations.telling import decide_telling
from saferpractice.triage.operations.threshold import decide_threshold, problems_of_threshold
from saferpractice.triage.operations.tier import keep_decision, keep_patterns, keep_proposal, tier_sentence
from saferpractice.triage.permissions import check_can_triage
from saferpractice.triage.queries import (
    REFERRAL_DUTY,
    FoundPattern,
    duties_of,
    facts_of,
    find_patterns,
    kinds_of,
    proposal_for,
    submitted,
)
from saferpractice.triage.rules import Answer, Proposal, SituationFacts
from saferpractice.triage.rules.form import (
    CLOCKS_DIFFER,
    IN_THE_FUTURE,
    LONGEST_TEXT,
    Telling,
    ThresholdChoice,
    TierChoice,
    TriageForm,
    problems_of_form,
    problems_of_telling,
    problems_of_tier,
)

LISTS = ("abuse-types", "msp-wishes", "nationally-required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What the software finds when the form is worked out: the repeats, the facts, and the proposed tier."""

    patterns: tuple[FoundPattern, ...]
    facts: SituationFacts
    proposal: Proposal


def work_out(*, incident: Incident, form: TriageForm, at: datetime) -> Worked:
    """The tier the rules propose for the form as filled in, before anything is kept. It writes nothing."""
    patterns = find_patterns(incident=incident, at=at)
    facts = facts_of(incident, form, kinds_of(incident, patterns))
    return Worked(patterns=patterns, facts=facts, proposal=proposal_for(facts))


@operation
def record_triage(
    *,
    by: By,
    at: datetime,
    incident: Incident,
    form: TriageForm,
    submission_key: str,
    threshold: ThresholdChoice | None = None,
    tellings: Sequence[Telling] = (),
    tier: TierChoice | None = None,
) -> Entry[TriageRecord] | Already[TriageRecord]:
    """Record the standard form: safety actions, tests, threshold, who must be told, repeats found, tier (R6).

    All of it is kept, or nothing. A second triage stands beside the first, and the later one is in force (R7). What
    is left open (the threshold, the tier, a safety action still to be done) becomes an obligation.

    Raises:
        Refused: ``by`` may not triage this incident.
        Invalid: something cannot stand. The names are those of the parts: ``wishes_words``, ``action-0-what``,
            ``threshold-rationale``, ``tell-police-reason``, ``tier-reason``.
    """
    check_can_triage(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = submitted(TriageRecord, submission_key)
    if earlier is not None:
        answers = triage_answers(earlier, form, threshold=threshold, tellings=tellings, tier=tier)
        check_same_form(earlier, by, incident, answers)
        return Already(earlier)
    worked = work_out(incident=incident, form=form, at=at)
    problems = problems_of_triage(
        incident=incident, at=at, form=form, threshold=threshold, tellings=tellings, tier=tier, worked=worked
    )
    if problems:
        raise Invalid(problems)
    record = _keep_record(incident, form, by, at, submission_key)
    ledger.meet(subject=incident, kind=TRIAGE, record=record, at=at)
    answer_handover(by=by, at=at, incident=incident, record=record)
    keep_patterns(incident, worked.patterns, by, at)
    proposal = keep_proposal(incident, record, proposal=worked.proposal, facts=worked.facts, by=by, at=at)
    if threshold is None:
        ask_for_threshold(incident, at)
    else:
        decide_threshold(by=by, at=at, incident=incident, choice=threshold, triage_record=record)
    for telling in tellings:
        decide_telling(by=by, at=at, incident=incident, telling=telling)
    said = _decide(incident, proposal, worked.proposal, tier, by=by, at=at)
    return Entry(
        result=record,
        subject=incident,
        story_id=incident.pk,
        sentence=f"triaged the incident and {said}",
        facts={
            "proposed": worked.proposal.tier,
            "rule": worked.proposal.rule_id,
            "tier": tier.tier if tier else None,
            "still_at_risk": form.still_at_risk,
        },
    )


def _decide(
    incident: Incident, kept: TierProposal, proposal: Proposal, tier: TierChoice | None, *, by: By, at: datetime
) -> str:
    if tier is None:
        ask_for_tier(incident, at)
        return f"left the tier open; the rules propose tier {proposal.tier.value}"
    keep_decision(incident, kept, tier, by=by, at=at)
    return tier_sentence(tier, proposal)


def problems_of_triage(
    *,
    incident: Incident,
    at: datetime,
    form: TriageForm,
    threshold: ThresholdChoice | None,
    tellings: Sequence[Telling],
    tier: TierChoice | None,
    worked: Worked,
) -> dict[str, str]:
    """Everything that must be put right before the form can stand, all at once: part name to a sentence."""
    day = local_day(at)
    listed = {name: codes(name, provider_id=incident.provider_id, on=day) for name in LISTS}
    problems = problems_of_form(form, at=at, codes=listed)
    if threshold is not None:
        problems |= _under("threshold", problems_of_threshold(threshold, form.tests, at))
    duties = {duty.code for duty in duties_of(incident, at=at)} - {REFERRAL_DUTY}
    for telling in tellings:
        problems |= _under(f"tell-{telling.duty}", problems_of_telling(telling, at=at, duties=duties))
    if tier is not None:
        problems |= _under("tier", problems_of_tier(tier, proposed=worked.proposal.tier, why=worked.proposal.why))
    return problems


def _under(prefix: str, problems: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}-{name}": sentence for name, sentence in problems.items()}


def _keep_record(incident: Incident, form: TriageForm, by: By, at: datetime, submission_key: str) -> TriageRecord:
    record = TriageRecord.objects.create(
        incident=incident,
        corrects=incident.triage_records.order_by("-decided_at", "-pk").first(),
        needs_care_and_support=form.needs_care_and_support,
        abuse_or_neglect=form.abuse_or_neglect,
        unable_to_protect_self=form.unable_to_protect_self or "",
        abuse_types=list(dict.fromkeys(form.abuse_types)),
        wishes=form.wishes,
        wishes_words=form.wishes_words.strip(),
        family_warning=form.family_warning,
        family_warning_words=form.family_warning_words.strip(),
        healthcare_acts_suspected=form.healthcare_acts_suspected,
        prolonged_psychological_harm=form.prolonged_psychological_harm,
        multi_agency_breakdown=form.multi_agency_breakdown,
        high_risk_failure=form.high_risk_failure,
        nationally_required=form.nationally_required,
        still_at_risk=form.still_at_risk,
        risk_words=form.risk_words.strip(),
        no_safety_actions_because=form.no_safety_actions_because.strip(),
        submission_key=submission_key,
        **decided(by, at),
    )
    actions = ImmediateSafetyAction.objects.bulk_create(
        ImmediateSafetyAction(
            triage_record=record, what=action.what.strip(), who=action.who.strip(), done_at=action.done_at
        )
        for action in form.safety_actions
    )
    for number, action in enumerate(actions, start=1):
        if action.done_at is None:
            _ask_for_safety_action(incident, action, (number, len(actions)), form.still_at_risk, at)
    return record


def _ask_for_safety_action(
    incident: Incident, action: ImmediateSafetyAction, place: tuple[int, int], still_at_risk: Answer, at: datetime
) -> None:
    """Who does it and what it is stand on the page: they are typed freely, and lists and e-mails name nobody."""
    number, of = place
    which = "the safety action" if of == 1 else f"safety action {number} of {of}"
    code = "safety-action" if still_at_risk is Answer.NO else "safety-action-at-risk"
    timescale = within(incident, code, at)
    open_about(
        incident,
        subject=action,
        kind=SAFETY_ACTION,
        title=f"Keep people safe after incident {incident.reference}: make sure {which} is done",
        timescale=timescale,
        at=at,
        role=deciding_role(incident),
        clock_source=f"Local standard: an immediate safety action is done {timescale.sentence}",
    )


@operation
def record_safety_action_done(
    *, by: By, at: datetime, safety_action: ImmediateSafetyAction, done_at: datetime, note: str = ""
) -> Entry[SafetyActionDone] | Already[SafetyActionDone]:
    """Record that a safety action still to be done has been done, and when.

    Raises:
        Refused: ``by`` may not triage the incident.
        Invalid: the time is in the future, or the note is too long.
    """
    incident = safety_action.triage_record.incident
    check_can_triage(by=by, at=at, incident=incident)
    incident = locked(incident)
    earlier = SafetyActionDone.objects.filter(safety_action=safety_action).first()
    if earlier is not None:
        _check_same_doing(earlier, done_at, note)
        return Already(earlier)
    problems = {}
    if safety_action.done_at is not None:
        problems[""] = "This was done when the incident was triaged."
    if done_at > at + CLOCKS_DIFFER:
        problems["done_at"] = IN_THE_FUTURE
    if len(note) > LONGEST_TEXT:
        problems["note"] = f"Shorten this to {LONGEST_TEXT:,} characters."
    if problems:
        raise Invalid(problems)
    done = SafetyActionDone.objects.create(
        safety_action=safety_action, done_at=done_at, note=note.strip(), **decided(by, at)
    )
    since = safety_action.triage_record.decided_at
    ledger.meet(subject=safety_action, kind=SAFETY_ACTION, record=done, at=max(done_at, since))
    return Entry(
        result=done,
        subject=incident,
        story_id=incident.pk,
        sentence="recorded that a safety action was done",
        facts={"done_at": done_at},
    )


def _check_same_doing(earlier: SafetyActionDone, done_at: datetime, note: str) -> None:
    """Refuse a second account of one doing: the first stands, and what is known better goes beside the report."""
    answers = [
        ("When", local_time_label(earlier.done_at), local_time_label(done_at)),
        ("How it went", earlier.note, note.strip()),
    ]
    found = tuple(differing(answers))
    if found:
        raise SentBefore(
            f"{earlier.decided_by_name} has recorded this as done, on {local_time_label(earlier.done_at)}. To put "
            "that right, add a correction to the report.",
            found,
        )
