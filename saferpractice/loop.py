"""The map: the seven stages of the learning loop, in order. Read this first.

Imports and foreign keys run backwards along this list only: a later stage may know
an earlier one, never the other way round. What shows several stages at once lives in ``home``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the loop: its folder, and the question it answers."""

    room: str
    question: str


STAGES: tuple[Stage, ...] = (
    Stage("incidents", "What happened, to whom, and how is it known?"),
    Stage("triage", "What keeps people safe now, and what must be decided and told?"),
    Stage("reviews", "What does this incident deserve, and what do we know when we look?"),
    Stage("findings", "Which system conditions made it more likely?"),
    Stage("changes", "What is different for the worker on Monday, and has it reached everyone?"),
    Stage("assurance", "Is the change used, and did it work?"),
    Stage("evidence", "Can anyone check every step?"),
)
