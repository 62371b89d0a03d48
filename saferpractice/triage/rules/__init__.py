"""Pure rules of triage: the Care Act tests, the threshold decision, who must be told, the tier (R6-R8)."""

from saferpractice.triage.rules.answers import Answer, LfpseEventType, LfpseReading, RepeatKind, TierCode, lfpse_reading
from saferpractice.triage.rules.cells import Cell, CellMistake
from saferpractice.triage.rules.duties import (
    Duty,
    DutyClock,
    DutyKind,
    ProviderProfile,
    SituationFacts,
    duties_for,
    duty_from,
)
from saferpractice.triage.rules.threshold import (
    CareActReading,
    CareActTests,
    ThresholdOutcome,
    care_act_reading,
    check_threshold,
)
from saferpractice.triage.rules.tiers import (
    FiredRule,
    MissingFact,
    Proposal,
    TierFacts,
    TierRule,
    TierTable,
    check_tier_choice,
    propose_tier,
    tier_table,
)

__all__ = [
    "Answer",
    "CareActReading",
    "CareActTests",
    "Cell",
    "CellMistake",
    "Duty",
    "DutyClock",
    "DutyKind",
    "FiredRule",
    "LfpseEventType",
    "LfpseReading",
    "MissingFact",
    "Proposal",
    "ProviderProfile",
    "RepeatKind",
    "SituationFacts",
    "ThresholdOutcome",
    "TierCode",
    "TierFacts",
    "TierRule",
    "TierTable",
    "care_act_reading",
    "check_threshold",
    "check_tier_choice",
    "duties_for",
    "duty_from",
    "lfpse_reading",
    "propose_tier",
    "tier_table",
]
