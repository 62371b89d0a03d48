"""Steps of the example from the report to the tier, each through its operation."""

from __future__ import annotations

from saferpractice.exchange.example import shapes
from saferpractice.exchange.example.world import Here, World
from saferpractice.incidents import operations as incidents
from saferpractice.incidents.rules import Answer as RiskAnswer
from saferpractice.incidents.rules import Report
from saferpractice.triage import operations as triage
from saferpractice.triage.rules import Answer, ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import (
    SafetyAction,
    Telling,
    TellingState,
    ThresholdChoice,
    TierChoice,
    TriageForm,
)


def report(world: World, here: Here, says: shapes.ReportStep) -> None:
    """Report the incident."""
    world.incidents[here.incident_key] = incidents.report_incident(
        by=here.by,
        at=here.at,
        team=here.team,
        known_at=world.moment(says.known),
        submission_key=here.submission_key,
        report=Report(
            what_happened=says.what,
            occurred_at=world.moment(says.when),
            occurred_precision=says.sure,
            physical_harm=says.physical,
            psychological_harm=says.psychological,
            still_at_risk=RiskAnswer(says.risk),
            risk_words=says.risk_words,
            done_at_once=says.done,
            also_known=says.also,
            person_reference=says.person,
            person_name=says.person_name,
            themes=says.themes,
            name_withheld=says.name_withheld,
            restricted=says.restricted,
            restricted_reason=says.restricted_reason,
        ),
    )


def grade_harm(world: World, here: Here, says: shapes.HarmStep) -> None:
    """Grade the harm again."""
    incidents.grade_harm(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        physical_harm=says.physical,
        psychological_harm=says.psychological,
        reason=says.reason,
    )
    world.incidents[here.incident_key].refresh_from_db()


def correct(world: World, here: Here, says: shapes.CorrectionStep) -> None:
    """Put something learnt later beside the report."""
    incident = world.incidents[here.incident_key]
    incidents.correct_report(
        by=here.by, at=here.at, incident=incident, part=says.part, text=says.text, reason=says.reason
    )


def name(world: World, here: Here, says: shapes.NamedStep) -> None:
    """Let somebody in by name."""
    incident, person = world.incidents[here.incident_key], world.people[says.person]
    incidents.name_person(by=here.by, at=here.at, incident=incident, person=person, reason=says.reason)


def keep_from(world: World, here: Here, says: shapes.KeptFromStep) -> None:
    """Keep somebody from the incident."""
    incident, person = world.incidents[here.incident_key], world.people[says.person]
    incidents.keep_from(by=here.by, at=here.at, incident=incident, person=person, because=says.because)


def withdraw(world: World, here: Here, says: shapes.WithdrawIncidentStep) -> None:
    """Withdraw the incident."""
    incidents.withdraw_incident(by=here.by, at=here.at, incident=world.incidents[here.incident_key], reason=says.reason)


def record_triage(world: World, here: Here, says: shapes.TriageStep) -> None:
    """Fill in the standard form."""
    triage.record_triage(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        form=_form(world, says),
        submission_key=here.submission_key,
        threshold=_threshold(world, says.threshold) if says.threshold else None,
        tellings=tuple(_telling(world, one) for one in says.tellings),
        tier=_tier(says.tier) if says.tier else None,
    )


def _form(world: World, says: shapes.TriageStep) -> TriageForm:
    return TriageForm(
        needs_care_and_support=Answer(says.needs),
        abuse_or_neglect=Answer(says.abuse),
        unable_to_protect_self=Answer(says.unprotected) if says.unprotected else None,
        abuse_types=says.types,
        wishes=says.wishes,
        wishes_words=says.wishes_words,
        family_warning=Answer(says.family),
        family_warning_words=says.family_words,
        healthcare_acts_suspected=Answer(says.healthcare),
        prolonged_psychological_harm=Answer(says.prolonged),
        multi_agency_breakdown=Answer(says.breakdown),
        high_risk_failure=Answer(says.high_risk),
        still_at_risk=Answer(says.risk),
        risk_words=says.risk_words,
        safety_actions=tuple(
            SafetyAction(what=one.what, who=one.who, done_at=world.moment(one.done)) for one in says.safety
        ),
        no_safety_actions_because=says.nothing_at_once,
    )


def _threshold(world: World, says: shapes.ThresholdShape) -> ThresholdChoice:
    return ThresholdChoice(
        outcome=ThresholdOutcome(says.outcome),
        rationale=says.why,
        more_information_by=world.calendar.day(says.until) if says.until else None,
    )


def _telling(world: World, says: shapes.TellingShape) -> Telling:
    return Telling(
        duty=says.duty,
        state=TellingState(says.state),
        reason=says.reason,
        their_reference=says.reference,
        done_at=world.moment(says.done),
    )


def _tier(says: shapes.TierShape) -> TierChoice:
    return TierChoice(tier=TierCode(says.tier), reason=says.why)


def decide_threshold(world: World, here: Here, says: shapes.ThresholdStep) -> None:
    """Decide the threshold (again)."""
    triage.decide_threshold(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        choice=_threshold(world, says),
        submission_key=here.submission_key,
    )


def decide_telling(world: World, here: Here, says: shapes.TellingStep) -> None:
    """Decide on telling somebody outside, or record that it was done."""
    triage.decide_telling(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        telling=_telling(world, says),
        submission_key=here.submission_key,
    )


def decide_tier(world: World, here: Here, says: shapes.TierStep) -> None:
    """Decide the tier (again)."""
    triage.decide_tier(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        choice=_tier(says),
        submission_key=here.submission_key,
    )


def send_referral(world: World, here: Here, says: shapes.ReferralStep) -> None:
    """Send the concern."""
    triage.send_referral(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        authority=says.authority,
        how=says.how,
        sent_at=here.at,
        submission_key=here.submission_key,
    )


def acknowledge(world: World, here: Here, says: shapes.AcknowledgedStep) -> None:
    """Record the authority's answer to the newest referral."""
    triage.record_acknowledgement(
        by=here.by,
        at=here.at,
        referral=world.incidents[here.incident_key].safeguarding_referrals.latest("sent_at"),
        authority_reference=says.reference,
        received_at=here.at,
        answer=says.answer,
        submission_key=here.submission_key,
    )


def hand_over(world: World, here: Here, says: shapes.HandOverStep) -> None:
    """Hand the case to the safeguarding lead."""
    triage.hand_over(
        by=here.by,
        at=here.at,
        incident=world.incidents[here.incident_key],
        question=says.question,
        submission_key=here.submission_key,
    )


def safety_done(world: World, here: Here, says: shapes.SafetyDoneStep) -> None:
    """Record that a safety action still open is done."""
    record = world.incidents[here.incident_key].triage_records.latest("decided_at")
    still_open = record.safety_actions.filter(done_at=None).order_by("pk")
    triage.record_safety_action_done(
        by=here.by, at=here.at, safety_action=still_open[says.number - 1], done_at=here.at, note=says.note
    )
