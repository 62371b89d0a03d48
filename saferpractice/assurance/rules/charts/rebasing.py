"""On which day new limits may begin: a person decides it, for a reason, and never in silence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import date

from saferpractice.assurance.rules.measures.series import Period
from saferpractice.design.typed import as_written


def rebase_problems(
    periods: Sequence[Period], on: date, reason: str, *, taken: Collection[date] = (), running: Period | None = None
) -> dict[str, str]:
    """What stands against new limits from ``on``, by field; nothing where they may begin.

    Args:
        periods: those of the chart that are over, oldest first.
        taken: days on which new limits begin already.
        running: the period that is not over, if the chart has one.
    """
    problems = {}
    starts = [period.from_on for period in periods]
    if not as_written(reason):
        problems["reason"] = "Say why the process differs from this day on. It will stand on the chart with your name."
    if not starts:
        problems["on"] = "The chart has no points yet, so no new limits can begin."
    elif on == starts[0]:
        problems["on"] = "The chart begins on this day, so its limits begin there already. Choose a later one."
    elif on in taken:
        problems["on"] = f"New limits begin on {_day(on)} already. Withdraw that decision first, or choose another day."
    elif running is not None and running.from_on <= on <= running.to_on:
        problems["on"] = f"{running.label} is not over, so it is no point of the chart yet. Come back when it is."
    elif on not in starts:
        problems["on"] = _no_start(starts, on)
    return problems


def _no_start(starts: Sequence[date], on: date) -> str:
    """Why ``on`` cannot be chosen, and the days next to it that can."""
    at = bisect_right(starts, on)
    near = [day for day in starts[max(at - 1, 0) : at + 1] if day != starts[0]]
    choose = f" Choose {' or '.join(_day(day) for day in near)}." if near else ""
    return f"No period of the chart begins on {_day(on)}, so no new limits can begin there.{choose}"


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
