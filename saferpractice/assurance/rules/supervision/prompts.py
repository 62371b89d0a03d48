"""What a supervisor is prompted with: learning points, the new and the not yet discussed first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

Point = TypeVar("Point")


@dataclass(frozen=True, slots=True)
class Prompt(Generic[Point]):
    """A learning point for one worker.

    ``since`` is the day from which it holds for their team (None: its change is not live yet), ``discussed_on`` the
    last day on which it was discussed with them.
    """

    point: Point
    since: date | None
    discussed_on: date | None = None

    def is_new(self, last_held: date | None) -> bool:
        """Whether it came since the last discussion with the worker (held on ``last_held``, None: never)."""
        return self.discussed_on is None and self.since is not None and (last_held is None or self.since > last_held)


def in_order(prompts: Iterable[Prompt[Point]]) -> tuple[Prompt[Point], ...]:
    """Not yet discussed first, the newest of them foremost; what is not live yet comes after what is."""
    return tuple(
        sorted(
            prompts,
            key=lambda one: (one.discussed_on is not None, one.since is None, -(one.since or date.min).toordinal()),
        )
    )
