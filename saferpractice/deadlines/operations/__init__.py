"""Writes of deadlines: tell people what is due soon or late, once for each level; days off; who is told and on call."""

from saferpractice.deadlines.operations.chains import set_chain
from saferpractice.deadlines.operations.days_off import add_non_working_day, move_deadline, take_away_non_working_day
from saferpractice.deadlines.operations.escalating import REMINDER, escalate
from saferpractice.deadlines.operations.on_call import add_cover, take_cover_away
from saferpractice.deadlines.operations.seen import see_escalation

__all__ = [
    "REMINDER",
    "add_cover",
    "add_non_working_day",
    "escalate",
    "move_deadline",
    "see_escalation",
    "set_chain",
    "take_away_non_working_day",
    "take_cover_away",
]
