"""Reads of stage 7."""

from saferpractice.evidence.queries.learning import learning_facts

__all__ = ["learning_facts"]
