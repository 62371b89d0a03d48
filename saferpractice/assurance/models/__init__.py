"""Tables of stage 6, a module for each thing assured."""

from saferpractice.assurance.models.audits import (
    AuditFollowUp,
    AuditPlan,
    AuditPlanEnd,
    AuditPopulation,
    AuditResult,
    AuditSample,
    AuditScore,
    AuditSeed,
    AuditSettlement,
    CountedFromAudit,
)
from saferpractice.assurance.models.charts import (
    ChartRebase,
    ChartRebaseWithdrawal,
)
from saferpractice.assurance.models.impact import (
    ImpactCheck,
    ImpactPlan,
    ImpactResult,
    PlannedLook,
)
from saferpractice.assurance.models.own_measures import (
    CountedFromRecords,
    OwnMeasure,
)
from saferpractice.assurance.models.supervision import (
    Absence,
    DiscussionAnswer,
    ExpectedDiscussion,
    LearningPoint,
    LearningPointWithdrawal,
    SupervisedBy,
    SupervisionDiscussion,
    SupervisionSetting,
)

__all__ = [
    "Absence",
    "AuditFollowUp",
    "AuditPlan",
    "AuditPlanEnd",
    "AuditPopulation",
    "AuditResult",
    "AuditSample",
    "AuditScore",
    "AuditSeed",
    "AuditSettlement",
    "ChartRebase",
    "ChartRebaseWithdrawal",
    "CountedFromAudit",
    "CountedFromRecords",
    "DiscussionAnswer",
    "ExpectedDiscussion",
    "ImpactCheck",
    "ImpactPlan",
    "ImpactResult",
    "LearningPoint",
    "LearningPointWithdrawal",
    "OwnMeasure",
    "PlannedLook",
    "SupervisedBy",
    "SupervisionDiscussion",
    "SupervisionSetting",
]
