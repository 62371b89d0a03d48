"""What changes mean for training and for the service specification, for tests, made through the operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import SpecificationClause, TrainingAttendance, TrainingNeed
from saferpractice.evidence.operations import record_attendance, record_clause, record_need
from saferpractice.trail.rules import By
from tests.personas import NOW

TODAY = local_day(NOW)
DUE = TODAY + timedelta(days=28)


def a_need(
    change: OperationalChange,
    *,
    by: By,
    what: str = "Which five signs of self-neglect to look for, and whom to ring.",
    roles: Sequence[Role] = (Role.SUPPORT_WORKER,),
    teams: Sequence[Team] = (),
    by_on: date = DUE,
    at: datetime = NOW,
    key: str = "",
    replaces: TrainingNeed | None = None,
) -> TrainingNeed:
    """The support workers of the teams that a change reaches must learn something within four weeks."""
    return record_need(
        by=by,
        at=at,
        change=change,
        what=what,
        roles=list(roles),
        teams=list(teams) or list(change.reach.all()),
        by_on=by_on,
        submission_key=key or f"need-{uuid4()}",
        replaces=replaces,
    )


def trained(
    need: TrainingNeed, *people: Person, by: By, on: date = TODAY, at: datetime = NOW
) -> list[TrainingAttendance]:
    """These people were trained."""
    return record_attendance(by=by, at=at, need=need, people=list(people), trained_on=on)


def a_clause(
    change: OperationalChange,
    *,
    by: By,
    clause: str = "Schedule 2A, 3.4",
    wording: str = "A duty manager decides the same day where two signs of self-neglect are seen.",
    agreed_with: str = "",
    agreed_on: date | None = None,
    wanted_by: date | None = DUE,
    at: datetime = NOW,
    key: str = "",
    replaces: SpecificationClause | None = None,
) -> SpecificationClause:
    """A clause to be agreed within four weeks, unless it is agreed."""
    return record_clause(
        by=by,
        at=at,
        change=change,
        clause=clause,
        wording=wording,
        agreed_with=agreed_with,
        agreed_on=agreed_on,
        wanted_by=None if agreed_on else wanted_by,
        submission_key=key or f"clause-{uuid4()}",
        replaces=replaces,
    )
