"""Supervision for tests, made through the operations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from saferpractice.access.models import Person
from saferpractice.assurance.models import LearningPoint, SupervisionDiscussion
from saferpractice.assurance.operations.supervision import (
    Account,
    record_discussions,
    set_supervisor,
    word_learning_point,
)
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.rules import By, Process
from tests.factories.changes import a_live_change
from tests.personas import LONG_AGO, NOW, Cast

WORKER = Process("Safer Practice worker")
AT = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
"""A Thursday morning in March, a week after the usual change went live."""
WORDING = "At two signs of self-neglect, ring the duty manager the same day."


def a_point(
    cast: Cast,
    *,
    source: Any = None,
    by: By | None = None,
    wording: str = WORDING,
    at: datetime = NOW,
    key: str = "",
    **change: Any,
) -> LearningPoint:
    """What a live change for North and South team teaches, in the words of whoever agreed it."""
    source = source or a_live_change(cast, at=at, **change)
    return word_learning_point(
        by=by or cast.reviewer, at=at, source=source, wording=wording, submission_key=key or f"point-{uuid4()}"
    )


def supervised(
    cast: Cast, *workers: Person, by: Person | None = None, from_on: date | None = None, at: datetime | None = None
) -> None:
    """``workers`` (the worker and the colleague of North team) are supervised by its supervisor, or ``by``."""
    at = at or LONG_AGO
    set_supervisor(
        by=cast.administrator,
        at=at,
        workers=workers or (cast.worker, cast.colleague),
        supervisor=by or cast.supervisor,
        from_on=from_on or local_day(at),
    )


def account(*points: LearningPoint, held_on: date | None = None, words: str = "Ring first.", **more: Any) -> Account:
    """What is written down of a discussion."""
    return Account(points=points, held_on=held_on or local_day(AT), words=words, **more)


def talked(
    by: Person,
    workers: Person | Sequence[Person],
    *points: LearningPoint,
    at: datetime = AT,
    key: str = "",
    **more: Any,
) -> list[SupervisionDiscussion]:
    """Discussions that ``by`` held and wrote down at ``at``, on that day unless ``held_on`` says else."""
    people = [workers] if isinstance(workers, Person) else list(workers)
    more.setdefault("held_on", local_day(at))
    return record_discussions(
        by=by, at=at, workers=people, account=account(*points, **more), submission_key=key or f"talk-{uuid4()}"
    )


def a_talk(cast: Cast, *, point: LearningPoint | None = None, **more: Any) -> SupervisionDiscussion:
    """A discussion of the supervisor with the worker."""
    (made,) = talked(cast.supervisor, cast.worker, point or a_point(cast), **more)
    return made
