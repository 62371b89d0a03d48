"""Discussions owed in supervision, counted by whether they were held (R38)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from saferpractice.assurance.queries.measures.buckets import Each, Where
from saferpractice.assurance.queries.supervision import coverage
from saferpractice.assurance.rules.supervision import Cell, CellState, last_of
from saferpractice.assurance.rules.supervision.cells import DISCUSSED
from saferpractice.deadlines.rules import local_day


@dataclass(frozen=True, slots=True)
class Discussed:
    """Of the discussions owed: how many were held, and how many can still be held in time."""

    held: int = 0
    owed: int = 0
    not_yet: int = 0


def owed(where: Where) -> list[Cell]:
    """The discussions owed at the place for the months that end in the periods.

    A month belongs to the period its last day lies in: so months add up to quarters, and few weeks hold one. One that
    has not begun is not owed yet.
    """
    first, end, today = where.days[0], where.days[-1], local_day(where.at)
    found = coverage(where.place, first, min(end - timedelta(days=1), today), where.at).cells
    return [one for one in found if one.owed and first <= last_of(one.month) < end]


def discussed(where: Where) -> dict[tuple[int, Any], Discussed]:
    """How many, by period and by team (or service) where asked for: None for those who work in no single one."""
    found: dict[tuple[int, Any], list[Cell]] = defaultdict(list)
    for one in owed(where):
        period = sum(day <= last_of(one.month) for day in where.days) - 1
        part = {Each.WHOLE: None, Each.SERVICE: one.service, Each.TEAM: one.team}[where.by]
        found[period, part].append(one)
    return {
        key: Discussed(
            held=sum(one.state in DISCUSSED for one in cells),
            owed=len(cells),
            not_yet=sum(one.state is CellState.NOT_YET for one in cells),
        )
        for key, cells in found.items()
    }
