"""Writes of supervision: what is owed, who supervises whom, what is learnt, discussions."""

from saferpractice.assurance.operations.supervision.arranging import (
    correct_absence,
    record_absence,
    set_supervision_needs,
    set_supervisor,
)
from saferpractice.assurance.operations.supervision.discussing import (
    Account,
    answer_discussion,
    correct_discussion,
    record_discussions,
    tell_of_discussion,
)
from saferpractice.assurance.operations.supervision.learning import (
    withdraw_learning_point,
    word_learning_point,
)
from saferpractice.assurance.operations.supervision.owing import (
    ask_for_discussion,
    bring_into_step,
)

__all__ = [
    "Account",
    "answer_discussion",
    "ask_for_discussion",
    "bring_into_step",
    "correct_absence",
    "correct_discussion",
    "record_absence",
    "record_discussions",
    "set_supervision_needs",
    "set_supervisor",
    "tell_of_discussion",
    "withdraw_learning_point",
    "word_learning_point",
]
