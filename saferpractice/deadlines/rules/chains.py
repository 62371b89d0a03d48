"""Which escalation chain holds where, what a provider may set it to, and who stands in for a role nobody holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from saferpractice.deadlines.rules.escalation import (
    DEFAULT_CHAIN,
    OWNER,
    EscalationChain,
    EscalationError,
    EscalationStep,
)
from saferpractice.deadlines.rules.timescales import TimescaleKind, clock_hours

MAY_BE_TOLD = ("duty_manager", "supervisor", "safeguarding_lead", "quality_lead", "director")
"""Roles that may stand in a chain beside the owner: they see the incidents of their place. Nobody else is told."""
MUST_REACH = ("safeguarding_lead", "director")
"""Every chain ends by telling one of these: late work never stays among those who owe it."""
LAST_RESORT = ("safeguarding_lead", "director")
"""Who is told, in this order, when nobody holds any role of the chain; after them the administrators."""
MAY_KNOW_OF_RESTRICTED = frozenset({"safeguarding_lead", "director"})
FEWEST_LEVELS, MOST_LEVELS = 2, 4
LONGEST_HOURS = 72
"""Hours after the deadline by which the last level must have been told: over a weekend, and no longer."""
BOUNDS = (
    f"A chain has {FEWEST_LEVELS} to {MOST_LEVELS} levels. Level 1 is told as soon as work is late, the last at most "
    f"{LONGEST_HOURS} hours after, each later than the one before. A safeguarding lead or a director is among them."
)


@dataclass(frozen=True, slots=True)
class ChainSet:
    """One decision about a chain. ``service_id`` None is the provider's default; ``role`` "" everybody's work.

    ``steps`` None goes back to what would hold without it.
    """

    service_id: UUID | None
    role: str
    steps: Any
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ChainFound:
    """The chain that holds, and the decision it comes from (None: as Safer Practice ships). ``unreadable`` when a
    decision stands whose steps cannot be used, so that the shipped chain is used in its place."""

    chain: EscalationChain
    decision: ChainSet | None
    unreadable: bool = False


def chain_in_force(decisions: Iterable[ChainSet], service_id: UUID | None, role: str) -> ChainFound:
    """The chain for work owed by ``role`` in a service: the newest decision of the nearest that has one.

    Nearest first: this role in this service, everybody in this service, this role at the provider, everybody at
    the provider, the chain as shipped. A decision that cannot be read never stops an escalation.
    """
    newest: dict[tuple[UUID | None, str], ChainSet] = {}
    for one in sorted(decisions, key=lambda one: one.decided_at):
        newest[one.service_id, one.role] = one
    for key in dict.fromkeys(((service_id, role), (service_id, ""), (None, role), (None, ""))):
        standing = newest.get(key)
        if standing is not None and standing.steps is not None:
            chain = _read(standing.steps)
            return ChainFound(chain or DEFAULT_CHAIN, standing, unreadable=chain is None)
    return ChainFound(DEFAULT_CHAIN, None)


def _read(steps: Any) -> EscalationChain | None:
    try:
        chain = EscalationChain.from_data(steps)
    except EscalationError:
        return None
    return None if chain_problems(chain) else chain


def make_chain(levels: Sequence[tuple[int, Sequence[str]]]) -> EscalationChain:
    """A chain of (hours after the deadline, who is told); the first level comes as soon as it is late.

    Raises:
        EscalationError: a level tells nobody, or somebody twice.
    """
    return EscalationChain(
        tuple(
            EscalationStep(number, tuple(roles), None if number == 1 else clock_hours(hours))
            for number, (hours, roles) in enumerate(levels, start=1)
        )
    )


def hours_of(step: EscalationStep) -> int:
    """How many hours after the deadline a level of a provider's chain comes; 0 as soon as it is late."""
    return (step.after.amount or 0) if step.after else 0


def chain_problems(chain: EscalationChain) -> dict[str, str]:
    """What keeps a provider from setting this chain: "level_2", "hours_2" or "" to a sentence saying what to do."""
    found: dict[str, str] = {}
    if not FEWEST_LEVELS <= len(chain.steps) <= MOST_LEVELS:
        found[""] = f"Set {FEWEST_LEVELS} to {MOST_LEVELS} levels."
    before = 0
    for number, step in enumerate(chain.steps, start=1):
        strange = [role for role in step.to_roles if role != OWNER and role not in MAY_BE_TOLD]
        if strange or step.level != number:
            found[f"level_{number}"] = "Choose who is told from the list: only they may know of late work here."
        if number == 1:
            if step.after is not None:
                found["level_1"] = "Level 1 is told as soon as work is late."
            continue
        hours = hours_of(step)
        if step.after is None or step.after.kind is not TimescaleKind.CLOCK_HOURS or hours > LONGEST_HOURS:
            found[f"hours_{number}"] = f"Enter a number of hours from 1 to {LONGEST_HOURS}."
        elif hours <= before:
            found[f"hours_{number}"] = f"Enter more hours than at level {number - 1}: each level comes after the last."
        before = hours
    if not any(role in MUST_REACH for step in chain.steps for role in step.to_roles):
        found.setdefault("", "Tell a safeguarding lead or a director at one of the levels.")
    return found


def roles_of(chain: EscalationChain) -> tuple[str, ...]:
    """Every role the chain tells, each once, in the order in which it tells them. The owner is no role."""
    return tuple(dict.fromkeys(role for step in chain.steps for role in step.to_roles if role != OWNER))


def standing_in(chain: EscalationChain, level: int) -> tuple[tuple[str, ...], ...]:
    """Who is told instead when nobody holds a role of ``level``: groups in order, the first that has anybody.

    The levels above, one after the other, then the last resort.
    """
    above = [tuple(role for role in step.to_roles if role != OWNER) for step in chain.steps if step.level > level]
    return tuple(group for group in (*above, *((role,) for role in LAST_RESORT)) if group)


def may_hear(role: str, *, restricted: bool) -> str:
    """The role told in place of ``role``: what is restricted goes to the safeguarding lead, and a director above."""
    return role if not restricted or role in MAY_KNOW_OF_RESTRICTED else "safeguarding_lead"
