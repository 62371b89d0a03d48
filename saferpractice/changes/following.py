"""What later stages do when a change is withdrawn or gets another owner.

They register it here, because this stage may not know them.

A room does so once, in its ``AppConfig.ready``::

    following.register(following.Follower(withdrawn=..., passed_on=...))

Both are called inside the operation, so what they write is part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.changes.models import OperationalChange


@dataclass(frozen=True, slots=True)
class Follower:
    """What one room does: when a change is withdrawn at a moment, and when it passes to another owner."""

    withdrawn: Callable[[OperationalChange, datetime], None]
    passed_on: Callable[[OperationalChange, Person], None]


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let ``follower`` know of every change that is withdrawn or passed on from now on."""
    if follower not in _followers:
        _followers.append(follower)


def tell_withdrawn(change: OperationalChange, at: datetime) -> None:
    """Say that ``change`` was withdrawn."""
    for follower in _followers:
        follower.withdrawn(change, at)


def tell_passed_on(change: OperationalChange, owner: Person) -> None:
    """Say that ``change`` passed to ``owner``."""
    for follower in _followers:
        follower.passed_on(change, owner)
