"""What follows for the obligation to talk with somebody in a month from what is on record now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from saferpractice.assurance.rules.supervision.cells import Cell
from saferpractice.assurance.rules.supervision.expected import last_of


class Step(StrEnum):
    """What is done about an obligation."""

    LEAVE = "leave"
    MEET = "meet"
    CANCEL = "cancel"
    OPEN = "open"
    PASS_ON = "pass-on"  # noqa: S105 - no password


def met_on(month: date, held: Sequence[date]) -> date | None:
    """The day of the discussion that meets what was owed in ``month``: the first since it began.

    One held after the month meets it late, so that nothing is owed for ever; the month itself stays missing.
    """
    return min((day for day in held if day >= month), default=None)


def next_step(cell: Cell, held: Sequence[date], *, is_open: bool, owner: UUID | None, supervisor: UUID | None) -> Step:
    """What to do about the newest obligation of a month that was asked for.

    Args:
        held: the days of every discussion with the worker that stands.
        is_open: the obligation is neither met nor cancelled.
        owner: who owes it by name; ``supervisor`` is who supervises the worker now.
    """
    found = met_on(cell.month, held)
    in_month = found is not None and found <= last_of(cell.month)
    if in_month or (cell.owed and found is not None):
        return Step.MEET if is_open else Step.LEAVE
    if not cell.owed:
        return Step.CANCEL if is_open else Step.LEAVE
    if not is_open:
        return Step.OPEN
    return Step.LEAVE if owner == supervisor else Step.PASS_ON
