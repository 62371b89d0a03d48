"""The state of a change and of a tracked action, derived from facts; nobody sets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from saferpractice.changes.rules.coverage import Coverage


class ChangeState(StrEnum):
    """Where a change stands."""

    AGREED = "agreed"
    LIVE = "live"
    PARTLY_PROVEN = "partly_proven"
    PROVEN = "proven"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "agreed": "Agreed, not yet live",
            "live": "Live, rollout not proven",
            "partly_proven": "Live, rollout partly proven",
            "proven": "Rollout proven",
            "withdrawn": "Withdrawn",
        }[self.value]


def change_state(*, withdrawn: bool, live: bool, rolled_out: Coverage) -> ChangeState:
    """Where a change stands: withdrawn before all else, then not live, then how much of its rollout is proven.

    What was briefed before the go-live counts once the change is live.
    """
    if withdrawn:
        return ChangeState.WITHDRAWN
    if not live:
        return ChangeState.AGREED
    if rolled_out.is_proven:
        return ChangeState.PROVEN
    return ChangeState.PARTLY_PROVEN if rolled_out.reached else ChangeState.LIVE


class ActionState(StrEnum):
    """Where a tracked action stands."""

    OPEN = "open"
    EVIDENCE_GIVEN = "evidence_given"
    SENT_BACK = "sent_back"
    DONE = "done"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "open": "Open",
            "evidence_given": "Evidence waiting to be accepted",
            "sent_back": "Evidence sent back",
            "done": "Done",
            "withdrawn": "Withdrawn with its change",
        }[self.value]

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done."""
        return self in {ActionState.DONE, ActionState.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """One piece of completion evidence: None while nobody decided, else whether it was accepted."""

    accepted: bool | None


def action_state(evidence: Iterable[EvidenceFact], *, change_withdrawn: bool = False) -> ActionState:
    """Where a tracked action stands, from its evidence in the order it was given.

    Accepted evidence stands: what comes later cannot undo it. A withdrawn change takes its undone actions with it.
    """
    given = list(evidence)
    if any(one.accepted for one in given):
        return ActionState.DONE
    if change_withdrawn:
        return ActionState.WITHDRAWN
    if not given:
        return ActionState.OPEN
    return ActionState.EVIDENCE_GIVEN if given[-1].accepted is None else ActionState.SENT_BACK


def is_overdue(state: ActionState, due_on: date, today: date) -> bool:
    """Whether an action is late on ``today`` (a London day): its day has passed and its owner still owes something.

    An owner who has given evidence owes nothing while somebody else decides on it.
    """
    return state in {ActionState.OPEN, ActionState.SENT_BACK} and due_on < today
