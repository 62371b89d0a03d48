"""What later stages do when a version goes live, and when something is met on a case.

They register it here, because this room may not know them. A room does so once, in its ``AppConfig.ready``::

    following.register(following.Follower(went_live=..., met=...))

Both are called inside the operation, so what they write is part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from saferpractice.pathways.models import PathwayCase, PathwayVersion


@dataclass(frozen=True, slots=True)
class Follower:
    """What one room does: when a version goes live, and when obligations (by their codes) are met on a case."""

    went_live: Callable[[PathwayVersion, datetime], None]
    met: Callable[[PathwayCase, Sequence[str], datetime], None]


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let ``follower`` know of every version that goes live, and of everything that is met, from now on."""
    if follower not in _followers:
        _followers.append(follower)


def tell_went_live(version: PathwayVersion, at: datetime) -> None:
    """Say that ``version`` went live."""
    for follower in _followers:
        follower.went_live(version, at)


def tell_met(case: PathwayCase, codes: Sequence[str], at: datetime) -> None:
    """Say that these obligations were met on ``case``."""
    for follower in _followers:
        follower.met(case, codes, at)
