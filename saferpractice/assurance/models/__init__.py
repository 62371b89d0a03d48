"""Tables of stage 6, a module for each thing assured."""

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
    "ChartRebase",
    "ChartRebaseWithdrawal",
    "DiscussionAnswer",
    "ExpectedDiscussion",
    "ImpactCheck",
    "ImpactPlan",
    "ImpactResult",
    "LearningPoint",
    "LearningPointWithdrawal",
    "PlannedLook",
    "SupervisedBy",
    "SupervisionDiscussion",
    "SupervisionSetting",
]
