"""Writes of stage 6: declare a plan, amend it, enter results; the rules give the verdict."""

from saferpractice.assurance.operations.charts import rebase_chart, withdraw_rebase
from saferpractice.assurance.operations.planning import amend_plan, cancel_checks, declare_plan, pass_checks
from saferpractice.assurance.operations.results import enter_result
from saferpractice.assurance.operations.shared import BASELINE, LOOK, SERVES, Declared

__all__ = [
    "BASELINE",
    "LOOK",
    "SERVES",
    "Declared",
    "amend_plan",
    "cancel_checks",
    "declare_plan",
    "enter_result",
    "pass_checks",
    "rebase_chart",
    "withdraw_rebase",
]
