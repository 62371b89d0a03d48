"""What pages show of stage 6, a module for each thing assured."""

from saferpractice.assurance.presenters.impact import (
    MEANING,
    beside_change,
    chart_rows,
    check_row,
    may_enter,
    may_plan,
    panel,
    plans_shown,
    result_rows,
    smallest_in_words,
    verdict_words,
)
from saferpractice.assurance.presenters.own_measures import own_shown

__all__ = [
    "MEANING",
    "beside_change",
    "chart_rows",
    "check_row",
    "may_enter",
    "may_plan",
    "own_shown",
    "panel",
    "plans_shown",
    "result_rows",
    "smallest_in_words",
    "verdict_words",
]
