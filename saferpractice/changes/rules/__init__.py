"""Pure rules of stage 5: what counts as a change and how strong it is, coverage, states, versions, the mix."""

from saferpractice.changes.rules.answers import WEAKER, Answered, answered
from saferpractice.changes.rules.coverage import BY_USE, ENOUGH, Coverage, Proof, TeamCoverage, coverage, people_needed
from saferpractice.changes.rules.documents import as_text, words_of_file
from saferpractice.changes.rules.mix import GRADES, Mix, PublishedMix, mix_of, published_mixes
from saferpractice.changes.rules.proposals import (
    KindOfProof,
    ProposedChange,
    ProposedProof,
    TypeOfChange,
    problems_of_action,
    problems_of_change,
    problems_of_evidence,
    problems_of_proof,
)
from saferpractice.changes.rules.reminders import ReminderMatch, reminder_in
from saferpractice.changes.rules.states import (
    ActionState,
    ChangeState,
    EvidenceFact,
    action_state,
    change_state,
    is_overdue,
)
from saferpractice.changes.rules.strength import Graded, Strength, grade, strength_of
from saferpractice.changes.rules.versions import Line, LineKind, comparable, compare

__all__ = [
    "BY_USE",
    "ENOUGH",
    "GRADES",
    "WEAKER",
    "ActionState",
    "Answered",
    "ChangeState",
    "Coverage",
    "EvidenceFact",
    "Graded",
    "KindOfProof",
    "Line",
    "LineKind",
    "Mix",
    "Proof",
    "ProposedChange",
    "ProposedProof",
    "PublishedMix",
    "ReminderMatch",
    "Strength",
    "TeamCoverage",
    "TypeOfChange",
    "action_state",
    "answered",
    "as_text",
    "change_state",
    "comparable",
    "compare",
    "coverage",
    "grade",
    "is_overdue",
    "mix_of",
    "people_needed",
    "problems_of_action",
    "problems_of_change",
    "problems_of_evidence",
    "problems_of_proof",
    "published_mixes",
    "reminder_in",
    "strength_of",
    "words_of_file",
]
