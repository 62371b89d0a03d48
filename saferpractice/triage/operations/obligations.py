"""The obligations of triage: their kinds, their clocks, and opening one without restarting another."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import models

from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.local_times import local_time
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import ClockKind, Timescale, on_date
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


def within(incident: Incident, code: str, at: datetime) -> Timescale:
    """The provider's own time for what ``code`` of the list "local-times" names."""
    return local_time(code, provider_id=incident.provider_id, at=at)


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
            timescale=within(incident, "threshold-decision", at),
            at=at,
            role=deciding_role(incident),
            clock_source="Local standard: when the threshold is decided",
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
        timescale=within(incident, "tier-decision", at),
        at=at,
        role=Role.SAFEGUARDING_LEAD if again else deciding_role(incident),
        clock_source="Local standard: when the tier is decided",
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
    timescale = within(incident, f"open-review-{tier.value.lower()}", at)
    open_about(
        incident,
        subject=incident,
        kind=OPEN_REVIEW,
        title=f"Open the review of incident {incident.reference}: {tier.label[:1].lower()}{tier.label[1:]}",
        timescale=timescale,
        at=since,
        role=Role.SAFEGUARDING_LEAD,
        clock_source=f"Local standard: a tier {tier.value} review is opened {timescale.sentence}",
    )


def _asked_before(incident: Incident) -> bool:
    return Obligation.objects.filter(subject_id=incident.pk, kind=OPEN_REVIEW, met_at__isnull=False).exists()
