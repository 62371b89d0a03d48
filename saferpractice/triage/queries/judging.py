"""What the written rules say of an incident: the tier they propose, the duties that apply (R6, R8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import choices, shipped
from saferpractice.triage.models import TriageRecord
from saferpractice.triage.queries.patterns import FoundPattern
from saferpractice.triage.rules import (
    Answer,
    Duty,
    Proposal,
    ProviderProfile,
    RepeatKind,
    SituationFacts,
    TierTable,
    duties_for,
    propose_tier,
    tier_table,
)
from saferpractice.triage.rules.form import TriageForm

REFERRAL_DUTY = "local-authority-concern"
"""The duty that the threshold decision and the referral answer; it is not decided a second time among the others."""


@cache
def table_in_force() -> TierTable:
    """The written rules for the tier. Read and checked to be whole once for each process."""
    return tier_table(shipped("tier-rules"))


def facts_of(
    incident: Incident, answers: TriageForm | TriageRecord | None, repeats: Iterable[RepeatKind] | None
) -> SituationFacts:
    """What is known of ``incident``: its harm, the answers at triage, and how it repeats (None: nobody looked)."""
    known: dict[str, Any] = {}
    if answers is not None:
        known = {
            name: Answer(getattr(answers, name))
            for name in (
                "needs_care_and_support",
                "abuse_or_neglect",
                "healthcare_acts_suspected",
                "family_warning",
                "prolonged_psychological_harm",
                "multi_agency_breakdown",
                "high_risk_failure",
            )
        }
        known["abuse_types"] = frozenset(answers.abuse_types)
        known["nationally_required"] = frozenset({answers.nationally_required} - {""})
    return SituationFacts(
        physical_harm=incident.physical_harm,
        psychological_harm=incident.psychological_harm,
        repeat_kinds=None if repeats is None else frozenset(repeats),
        **known,
    )


def proposal_for(facts: SituationFacts) -> Proposal:
    """The tier the rules in force propose for ``facts``."""
    return propose_tier(table_in_force(), facts)


def duties_of(incident: Incident, *, at: datetime, facts: SituationFacts | None = None) -> tuple[Duty, ...]:
    """The duties to tell somebody outside that apply to the provider on the London day of ``at``.

    Those that ``facts`` point to are marked likely. Among them is ``REFERRAL_DUTY``.
    """
    provider = incident.provider
    profile = ProviderProfile(
        health_service_body=provider.health_service_body,
        secure_unit=provider.secure_unit,
        nhs_funded=provider.nhs_funded,
    )
    return duties_for(profile, choices("duties", provider_id=provider.pk, on=local_day(at)), facts)


def kinds_of(incident: Incident, patterns: Iterable[FoundPattern]) -> frozenset[RepeatKind]:
    """How ``incident`` repeats: what was just found, and the system conditions that reviews have found since."""
    kept = incident.repeated_patterns.filter(kind=RepeatKind.SYSTEM_CONDITION)
    return frozenset({pattern.kind for pattern in patterns} | {RepeatKind(row.kind) for row in kept})
