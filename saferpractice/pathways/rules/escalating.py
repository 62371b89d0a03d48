"""Who is told when something on a pathway is late."""

from __future__ import annotations

from collections.abc import Mapping

from saferpractice.deadlines.rules import EscalationChain, EscalationStep
from saferpractice.pathways.rules.definition import Obligation, Value, span_of


def chain_of(obligation: Obligation, local: Mapping[str, Value]) -> EscalationChain:
    """The escalation chain that a definition states for ``obligation``, its levels numbered from 1."""
    return EscalationChain(
        tuple(
            EscalationStep(level, tuple(step.tell), span_of(step.after, dict(local)) if step.after else None)
            for level, step in enumerate(obligation.then, start=1)
        )
    )
