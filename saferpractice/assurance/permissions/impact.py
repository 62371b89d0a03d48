"""Who may plan an impact check and enter its results."""

from __future__ import annotations

from datetime import datetime

from saferpractice.changes.models import OperationalChange
from saferpractice.changes.permissions import check_can_carry
from saferpractice.trail.rules import By


def check_can_plan_impact(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` owns the change or may agree changes about an incident it answers.

    The owner may plan and count: the rules, not the owner, give the verdict.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_carry(by=by, at=at, change=change)


def check_can_enter_results(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` may plan the impact check."""
    check_can_carry(by=by, at=at, change=change)
