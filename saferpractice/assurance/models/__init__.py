"""Tables of stage 6, a module for each thing assured."""

from saferpractice.assurance.models.charts import ChartRebase, ChartRebaseWithdrawal
from saferpractice.assurance.models.impact import (
    ImpactCheck,
    ImpactPlan,
    ImpactResult,
    PlannedLook,
)

__all__ = [
    "ChartRebase",
    "ChartRebaseWithdrawal",
    "ImpactCheck",
    "ImpactPlan",
    "ImpactResult",
    "PlannedLook",
]
