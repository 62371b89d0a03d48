"""What rooms above give the worker to do on each round: they know the worker, and it does not know them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Sweep = Callable[[datetime], int]
_sweeps: list[Sweep] = []


def also_do(sweep: Sweep) -> None:
    """Have the worker call ``sweep`` on each round with the moment; it says how much there was to do."""
    if sweep not in _sweeps:
        _sweeps.append(sweep)


def do_further(at: datetime) -> int:
    """Everything that was given, and how much of it there was. One that fails says so in the log itself."""
    return sum(sweep(at) for sweep in _sweeps)
