"""Pure rules of reviews: what a tier requires, who is independent, when a review may be completed."""

from saferpractice.reviews.rules.documents import (
    DECISION_REVIEW,
    LONGEST_ANSWER,
    DecisionView,
    Question,
    Record,
    RequiredDoc,
    SuppliedBy,
    Verdict,
    problems_of_answers,
    problems_of_verdicts,
    required_for,
    working_days_for,
)
from saferpractice.reviews.rules.independence import (
    Closeness,
    independence_problem,
    independence_warnings,
    oversight_problem,
)
from saferpractice.reviews.rules.people import Affected
from saferpractice.reviews.rules.standing import (
    Missing,
    Need,
    ReviewState,
    days_left,
    due_words,
    missing,
    state_of,
)
from saferpractice.reviews.rules.timeline import ENTRY_PRECISIONS, problems_of_entry

__all__ = [
    "DECISION_REVIEW",
    "ENTRY_PRECISIONS",
    "LONGEST_ANSWER",
    "Affected",
    "Closeness",
    "DecisionView",
    "Missing",
    "Need",
    "Question",
    "Record",
    "RequiredDoc",
    "ReviewState",
    "SuppliedBy",
    "Verdict",
    "days_left",
    "due_words",
    "independence_problem",
    "independence_warnings",
    "missing",
    "oversight_problem",
    "problems_of_answers",
    "problems_of_entry",
    "problems_of_verdicts",
    "required_for",
    "state_of",
    "working_days_for",
]
