"""Reads of where triage stands: what was decided, what is in force, what the reporter is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import models

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.incidents.models import Incident
from saferpractice.triage.models import (
    ImmediateSafetyAction,
    PartnerEscalation,
    RepeatedPattern,
    SafeguardingReferral,
    StatutoryNotification,
    Submitted,
    ThresholdDecision,
    TierDecision,
    TierProposal,
    TriageHandover,
    TriageRecord,
)
from saferpractice.triage.queries.judging import REFERRAL_DUTY, duties_of, facts_of
from saferpractice.triage.rules import Duty, ThresholdOutcome, TierCode
from saferpractice.triage.rules.form import TellingState

Row = TypeVar("Row", bound=models.Model)
Sent = TypeVar("Sent", bound=Submitted)
NEWEST_FIRST = ("-decided_at", "-pk")
MOST_SHOWN = 10
"""Incidents listed at once; the rest is found by search."""


def newest(rows: models.QuerySet[Row]) -> Row | None:
    """The row in force: the one decided last."""
    return rows.order_by(*NEWEST_FIRST).first()


def submitted(table: type[Sent], submission_key: str | None) -> Sent | None:
    """The row a form's key was used for, if any (see ``trail.operations.once``)."""
    return table._default_manager.filter(submission_key=submission_key).first() if submission_key else None


def tier_of(incident: Incident) -> TierCode | None:
    """The tier in force; None while nobody has decided one."""
    decision = newest(incident.tier_decisions.all())
    return TierCode(decision.tier) if decision else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageState:
    """Everything decided at triage, each list newest first: the first of each is in force."""

    records: tuple[TriageRecord, ...]
    thresholds: tuple[ThresholdDecision, ...]
    referrals: tuple[SafeguardingReferral, ...]
    handovers: tuple[TriageHandover, ...]
    patterns: tuple[RepeatedPattern, ...]
    proposals: tuple[TierProposal, ...]
    tiers: tuple[TierDecision, ...]

    @property
    def record(self) -> TriageRecord | None:
        """The triage record in force."""
        return self.records[0] if self.records else None

    @property
    def threshold(self) -> ThresholdDecision | None:
        """The threshold decision in force."""
        return self.thresholds[0] if self.thresholds else None

    @property
    def proposal(self) -> TierProposal | None:
        """The newest proposal."""
        return self.proposals[0] if self.proposals else None

    @property
    def tier(self) -> TierDecision | None:
        """The tier decision in force."""
        return self.tiers[0] if self.tiers else None

    @property
    def handover(self) -> TriageHandover | None:
        """The newest hand-over."""
        return self.handovers[0] if self.handovers else None


def state_of(incident: Incident) -> TriageState:
    """What was decided about ``incident`` at triage. Reach the incident through its visibility first."""
    return TriageState(
        records=tuple(incident.triage_records.order_by(*NEWEST_FIRST).prefetch_related("safety_actions__done")),
        thresholds=tuple(incident.threshold_decisions.order_by(*NEWEST_FIRST)),
        referrals=tuple(
            incident.safeguarding_referrals.order_by(*NEWEST_FIRST).prefetch_related(
                models.Prefetch("acknowledgements", to_attr="answers")
            )
        ),
        handovers=tuple(incident.triage_handovers.order_by(*NEWEST_FIRST)),
        patterns=tuple(incident.repeated_patterns.order_by(*NEWEST_FIRST)),
        proposals=tuple(incident.tier_proposals.order_by(*NEWEST_FIRST)),
        tiers=tuple(incident.tier_decisions.order_by(*NEWEST_FIRST)),
    )


def referral_of(referral_id: UUID) -> SafeguardingReferral | None:
    """A referral by its id. Whoever asks must then open its incident."""
    return SafeguardingReferral.objects.filter(pk=referral_id).first()


def safety_action_of(action_id: UUID) -> ImmediateSafetyAction | None:
    """A safety action by its id. Whoever asks must then open its incident."""
    return ImmediateSafetyAction.objects.select_related("triage_record").filter(pk=action_id).first()


def decided_for(incidents: Collection[Incident]) -> dict[UUID, tuple[TierCode | None, ThresholdOutcome | None]]:
    """The tier and the threshold outcome in force of each of ``incidents``, in two questions."""
    ids = [one.pk for one in incidents]
    tiers = {
        row.incident_id: TierCode(row.tier)
        for row in TierDecision.objects.filter(incident_id__in=ids).order_by("decided_at", "pk")
    }
    thresholds = {
        row.incident_id: ThresholdOutcome(row.outcome)
        for row in ThresholdDecision.objects.filter(incident_id__in=ids).order_by("decided_at", "pk")
    }
    return {one: (tiers.get(one), thresholds.get(one)) for one in ids}


def since_not_referred(incident: Incident, *, by: Person, at: datetime) -> tuple[list[Incident], int] | None:
    """What happened next after the decision in force not to refer: later incidents of the same person.

    Those ``by`` may open, newest first, and how many more there are that they may not. None when the decision in
    force is another, or nobody is named.
    """
    decision = newest(incident.threshold_decisions.all())
    if decision is None or decision.outcome != ThresholdOutcome.DO_NOT_REFER or incident.person_supported_id is None:
        return None
    later = (
        Incident.objects.standing()
        .filter(person_supported_id=incident.person_supported_id, recorded_at__range=(decision.decided_at, at))
        .exclude(pk=incident.pk)
    )
    visible = list(Incident.objects.visible_to(by, at).filter(pk__in=later).order_by("-recorded_at")[:MOST_SHOWN])
    return visible, max(0, later.count() - Incident.objects.visible_to(by, at).filter(pk__in=later).count())


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingStanding:
    """Where one duty to tell somebody stands: the decisions, newest first, and its open obligation."""

    duty: Duty
    decisions: tuple[StatutoryNotification | PartnerEscalation, ...]
    obligation: Obligation | None

    @property
    def decision(self) -> StatutoryNotification | PartnerEscalation | None:
        """The decision in force."""
        return self.decisions[0] if self.decisions else None

    @property
    def state(self) -> TellingState | None:
        """The state in force; None while nobody has decided."""
        return TellingState(self.decision.state) if self.decision else None


def tellings_of(incident: Incident, *, at: datetime) -> tuple[TellingStanding, ...]:
    """Every duty that applies, and where it stands; ``REFERRAL_DUTY`` is not among them (see the threshold)."""
    facts = facts_of(incident, newest(incident.triage_records.all()), None)
    decisions: dict[str, list[StatutoryNotification | PartnerEscalation]] = defaultdict(list)
    for rows in (incident.statutory_notifications, incident.partner_escalations):
        for row in rows.order_by(*NEWEST_FIRST):
            decisions[row.duty_code].append(row)
    code_of = {row.pk: code for code, rows in decisions.items() for row in rows}
    open_obligations = {
        code_of[obligation.subject_id]: obligation
        for obligation in Obligation.objects.open().filter(subject_id__in=list(code_of))
    }
    return tuple(
        TellingStanding(duty=duty, decisions=tuple(decisions[duty.code]), obligation=open_obligations.get(duty.code))
        for duty in duties_of(incident, at=at, facts=facts)
        if duty.code != REFERRAL_DUTY
    )


_THRESHOLD_LINES = {
    ThresholdOutcome.REFER: "A safeguarding concern goes to the local authority.",
    ThresholdOutcome.DO_NOT_REFER: "It does not go to the local authority as a safeguarding concern.",
    ThresholdOutcome.MORE_INFORMATION: "More information is being asked for before it is decided.",
}
_TIER_LINES = {
    TierCode.A: "The service looks at it quickly to learn from it.",
    TierCode.B: "The service reviews it step by step to learn from it.",
    TierCode.C: "The service investigates it formally.",
}


def reporter_line(*, incident: Incident) -> str | None:
    """What was decided, for whoever reported it: plain words, no names, no detail. None while nothing was."""
    record = newest(incident.triage_records.all())
    threshold = newest(incident.threshold_decisions.all())
    tier = tier_of(incident)
    if record is None and threshold is None:
        handed = newest(incident.triage_handovers.all())
        return "The safeguarding lead was asked to decide." if handed else None
    decided_at = max(row.decided_at for row in (record, threshold) if row is not None)
    when = f"Decided on {day_label(local_day(decided_at))}."
    if _kept_from(incident):
        return when
    lines = [when]
    if threshold is not None:
        lines.append(_THRESHOLD_LINES[ThresholdOutcome(threshold.outcome)])
    if tier is not None:
        lines.append(_TIER_LINES[tier])
    return " ".join(lines)


def _kept_from(incident: Incident) -> bool:
    return incident.reporter_id is not None and incident.kept_from.filter(person_id=incident.reporter_id).exists()
