"""Writes of deadlines: tell people what is due soon or late, once for each level; days off; who is told."""

from saferpractice.deadlines.operations.chains import set_chain
from saferpractice.deadlines.operations.days_off import add_non_working_day, move_deadline, take_away_non_working_day
from saferpractice.deadlines.operations.escalating import REMINDER, escalate

__all__ = [
    "REMINDER",
    "add_non_working_day",
    "escalate",
    "move_deadline",
    "set_chain",
    "take_away_non_working_day",
]
