"""Rules of stage 7: whether learning is defensible, and the quarterly thematic review."""

from saferpractice.evidence.rules.learning import (
    ChangeFact,
    Defensibility,
    FindingFact,
    LearningFacts,
    Missing,
    Outcome,
    Step,
    StepResult,
    Supply,
    assess_learning,
    found_nothing,
)

__all__ = [
    "ChangeFact",
    "Defensibility",
    "FindingFact",
    "LearningFacts",
    "Missing",
    "Outcome",
    "Step",
    "StepResult",
    "Supply",
    "assess_learning",
    "found_nothing",
]
