"""Obligations for tests, opened inside an operation as the product opens them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import Timescale, clock_hours
from saferpractice.trail.operations import OPERATIONS, Entry, operation
from saferpractice.trail.rules import By, Process

TESTER = Process("test")


def _ask(*, by: By, at: datetime, team: Team, details: dict[str, Any]) -> Entry[Obligation]:
    opened = ledger.open_obligation(
        provider_id=team.provider_id, team=team, subject=team, kind="test.ask", at=at, **details
    )
    return Entry(result=opened, subject=opened, sentence="asked for something")


_ask_operation = operation(_ask)
OPERATIONS.pop("factories._ask")


def an_obligation(
    *,
    team: Team,
    at: datetime,
    timescale: Timescale | None = None,
    owner: Person | None = None,
    role: Role | None = None,
    **details: Any,
) -> Obligation:
    """An obligation opened at ``at``: four hours, of the duty manager, unless told otherwise."""
    return _ask_operation(
        by=TESTER,
        at=at,
        team=team,
        details={
            "title": "Answer the question",
            "timescale": timescale or clock_hours(4),
            "owner": owner,
            "role": role if owner else role or Role.DUTY_MANAGER,
            **details,
        },
    )
