"""What became of each worker's discussion in each month, and how many that is. No number hides who is missing (R38)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from saferpractice.assurance.rules.supervision.expected import (
    Expectation,
    Facts,
    Held,
    Needs,
    Post,
    Said,
    due_on,
    expectation,
    last_of,
    needs_for,
    working_days,
)
from saferpractice.deadlines.rules import Calendar


class CellState(StrEnum):
    """What became of one worker's discussion in one month."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    DISPUTED = "disputed"
    NOT_YET = "not-yet"
    MISSING = "missing"
    NOT_EXPECTED = "not-expected"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    CellState.CONFIRMED: "Discussed and confirmed",
    CellState.UNCONFIRMED: "Discussed, not yet confirmed",
    CellState.DISPUTED: "Disputed",
    CellState.NOT_YET: "Not yet",
    CellState.MISSING: "Missing",
    CellState.NOT_EXPECTED: "Not expected",
}
DISCUSSED = frozenset({CellState.CONFIRMED, CellState.UNCONFIRMED})
"""What counts as discussed. A discussion its worker disputes does not, until it is corrected or confirmed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One worker in one month: the place they worked at last in it, what became of it, and why nothing is owed.

    ``days_left`` counts working days to the last on which it is in time, today included, while it is not yet held.
    """

    worker: UUID
    month: date
    service: UUID | None
    team: UUID | None
    state: CellState
    owed: bool
    why: str = ""
    days_left: int = 0


def cell(facts: Facts, month: date, *, today: date, needs: Needs, calendar: Calendar, begun: date = date.min) -> Cell:
    """What became of one worker's discussion in ``month``, seen from ``today``.

    A discussion counts in the month in which it was held, whenever it was written down, and whether or not one was
    owed. None was owed before supervision was ``begun`` to be kept here, nor in that
    month unless as much of it was left as a joiner needs.
    """
    found = expectation(facts, month, needs, calendar)
    if found.owed and month < begun and sum(day >= begun for day in working_days(month, calendar)) < needs.joiner_days:
        found = Expectation(owed=False, why="Before supervision was kept here")
    held = [one for one in facts.held if one.on.replace(day=1) == month]
    left = sum(day >= today for day in working_days(month, calendar))
    at = _place(facts, month, needs)
    state = _state(held, owed=found.owed, in_time=today <= due_on(month, calendar))
    return Cell(
        worker=facts.worker,
        month=month,
        service=at.service if at else None,
        team=at.team if at else None,
        state=state,
        owed=found.owed,
        why=found.why,
        days_left=left if state is CellState.NOT_YET else 0,
    )


def _state(held: Sequence[Held], *, owed: bool, in_time: bool) -> CellState:
    said = {one.said for one in held}
    for answer, state in (
        (Said.SO, CellState.CONFIRMED),
        (Said.NOTHING, CellState.UNCONFIRMED),
        (Said.NOT_SO, CellState.DISPUTED),
    ):
        if answer in said:
            return state
    if not owed:
        return CellState.NOT_EXPECTED
    return CellState.NOT_YET if in_time else CellState.MISSING


def _place(facts: Facts, month: date, needs: Needs) -> Post | None:
    """The post by whose place a cell is counted: the one held last in the month, and of several the oldest."""
    end = last_of(month)
    there = [
        post
        for post in facts.posts
        if post.role in needs.roles and post.span.first <= end and (post.span.last is None or post.span.last >= month)
    ]
    return max(
        there,
        key=lambda post: (min(post.span.last or end, end), -post.span.first.toordinal(), str(post.team)),
        default=None,
    )


def cells(
    people: Iterable[Facts],
    months: Sequence[date],
    *,
    today: date,
    settings: Sequence[tuple[date, Needs]],
    calendar: Calendar,
    begun: date = date.min,
) -> tuple[Cell, ...]:
    """Every worker in every month."""
    return tuple(
        cell(facts, month, today=today, needs=needs_for(month, settings), calendar=calendar, begun=begun)
        for facts in people
        for month in months
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the discussions owed were held, with the cells behind it.

    ``discussed`` + ``disputed`` + ``not_yet`` + ``missing`` = ``owed``. ``besides`` were held though none was owed:
    they lift no share.
    """

    cells: tuple[Cell, ...]

    def _owed(self, *states: CellState) -> tuple[Cell, ...]:
        return tuple(one for one in self.cells if one.owed and one.state in states)

    @property
    def owed(self) -> int:
        """Discussions owed."""
        return sum(one.owed for one in self.cells)

    @property
    def discussed(self) -> int:
        """Of those owed, held and not disputed."""
        return len(self._owed(*DISCUSSED))

    @property
    def confirmed(self) -> int:
        """Of those owed, held and confirmed by the worker."""
        return len(self._owed(CellState.CONFIRMED))

    @property
    def disputed(self) -> tuple[Cell, ...]:
        """Of those owed, the ones of which the worker says that it was not so."""
        return self._owed(CellState.DISPUTED)

    @property
    def not_yet(self) -> tuple[Cell, ...]:
        """Of those owed, the ones still to be held in time."""
        return self._owed(CellState.NOT_YET)

    @property
    def missing(self) -> tuple[Cell, ...]:
        """Of those owed, the ones that were not held."""
        return self._owed(CellState.MISSING)

    @property
    def besides(self) -> int:
        """Held though none was owed."""
        return sum(not one.owed and one.state is not CellState.NOT_EXPECTED for one in self.cells)

    def in_month(self, month: date) -> Coverage:
        """The part of one month."""
        return Coverage(tuple(one for one in self.cells if one.month == month))

    def of_service(self, service: UUID | None) -> Coverage:
        """The part of one service; None for those who work in no single one."""
        return Coverage(tuple(one for one in self.cells if one.service == service))

    def of_team(self, team: UUID | None) -> Coverage:
        """The part of one team; None for those who work in no single one."""
        return Coverage(tuple(one for one in self.cells if one.team == team))
