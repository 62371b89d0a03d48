"""The obligations of triage: their kinds, their clocks, and opening one without restarting another."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import models

from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind, Timescale, clock_hours, on_date, same_day, working_days
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import TRIAGE as TRIAGE  # noqa: PLC0414 - its kind belongs with the others
from saferpractice.triage.rules import TierCode

MORE_INFORMATION = "triage.more_information"
SEND_REFERRAL = "triage.send_referral"
ACKNOWLEDGEMENT = "triage.acknowledgement"
TELL = "triage.tell"
HANDOVER = "triage.handover"
SAFETY_ACTION = "triage.safety_action"
DECIDE_THRESHOLD = "triage.threshold"
DECIDE_TIER = "triage.decide_tier"
OPEN_REVIEW = "reviews.open"
"""The review itself belongs to the next stage: that it must be opened is decided here."""

SAFETY_ACTION_AT_RISK = clock_hours(1)
SAFETY_ACTION_ELSE = clock_hours(4)
ACKNOWLEDGED_WITHIN = working_days(2)
OPEN_REVIEW_WITHIN = {TierCode.A: working_days(5), TierCode.B: working_days(3), TierCode.C: working_days(1)}
"""Local standards. A tier A review is light, so that it can be done in the same week."""


def open_about(
    incident: Incident,
    *,
    subject: models.Model,
    kind: str,
    title: str,
    timescale: Timescale,
    at: datetime,
    role: Role,
    clock: ClockKind = ClockKind.LOCAL,
    clock_source: str,
) -> Obligation:
    """Open an obligation about ``subject`` in the story of ``incident``."""
    return ledger.open_obligation(
        provider_id=incident.provider_id,
        team=incident.team,
        story_id=incident.pk,
        restricted=incident.restricted,
        subject=subject,
        kind=kind,
        title=title,
        timescale=timescale,
        clock=clock,
        clock_source=clock_source,
        role=role,
        at=at,
    )


def standing(subject_id: UUID, kind: str) -> Obligation | None:
    """The open obligation of ``kind`` about ``subject_id``, if any: it keeps its deadline when decided again."""
    return Obligation.objects.open().filter(subject_id=subject_id, kind=kind).order_by("due_at").first()


def deciding_role(incident: Incident) -> Role:
    """Whose work a decision is: the duty manager's, or the lead's where only named people may know of it."""
    return Role.SAFEGUARDING_LEAD if incident.restricted else Role.DUTY_MANAGER


def ask_for_more_information(incident: Incident, by_day: date, at: datetime) -> None:
    """Open the dated return to a threshold decision that was put off."""
    open_about(
        incident,
        subject=incident,
        kind=MORE_INFORMATION,
        title=f"Decide the threshold of incident {incident.reference} with the information asked for",
        timescale=on_date(by_day),
        at=at,
        role=deciding_role(incident),
        clock_source="The day set with the decision to ask for more information",
    )


def ask_for_threshold(incident: Incident, at: datetime) -> None:
    """Open the obligation to decide the threshold where triage left it."""
    if standing(incident.pk, DECIDE_THRESHOLD) is None:
        open_about(
            incident,
            subject=incident,
            kind=DECIDE_THRESHOLD,
            title=f"Decide the safeguarding threshold of incident {incident.reference}",
            timescale=same_day(),
            at=at,
            role=deciding_role(incident),
            clock_source="Local standard: the threshold is decided the same day",
        )


def ask_for_tier(incident: Incident, at: datetime, *, again: bool = False) -> None:
    """Open the obligation to decide the tier: first, or again when a repeat raises what the rules propose."""
    if standing(incident.pk, DECIDE_TIER) is not None:
        return
    open_about(
        incident,
        subject=incident,
        kind=DECIDE_TIER,
        title=f"Decide the tier of incident {incident.reference}" + (" again: it is a repeat" if again else ""),
        timescale=working_days(1),
        at=at,
        role=Role.SAFEGUARDING_LEAD if again else deciding_role(incident),
        clock_source="Local standard: the tier is decided by the next working day",
    )


def ask_for_review(incident: Incident, tier: TierCode, before: TierCode | None, at: datetime) -> None:
    """Open the obligation to open the review, or the heavier one, without restarting a deadline that runs.

    The same tier again changes nothing. A lighter tier gets its longer time from when the review was first asked
    for; a heavier one is more than was asked for, and runs from now.
    """
    running = standing(incident.pk, OPEN_REVIEW)
    if before is tier and (running is not None or _asked_before(incident)):
        return
    if running is None and before is not None and tier < before:
        return  # the heavier review is open already; to lighten it is that review's own decision
    since = at
    if running is not None:
        heavier = before is not None and tier > before
        since = at if heavier else running.opened_at
        ledger.cancel(subject=incident, kind=OPEN_REVIEW, because=f"The tier is now {tier.value}", at=at)
    open_about(
        incident,
        subject=incident,
        kind=OPEN_REVIEW,
        title=f"Open the review of incident {incident.reference}: {tier.label[:1].lower()}{tier.label[1:]}",
        timescale=OPEN_REVIEW_WITHIN[tier],
        at=since,
        role=Role.SAFEGUARDING_LEAD,
        clock_source=f"Local standard: a tier {tier.value} review is opened {OPEN_REVIEW_WITHIN[tier].sentence}",
    )


def _asked_before(incident: Incident) -> bool:
    return Obligation.objects.filter(subject_id=incident.pk, kind=OPEN_REVIEW, met_at__isnull=False).exists()
