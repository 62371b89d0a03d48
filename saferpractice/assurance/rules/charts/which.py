"""Which chart a measure is drawn as, and why (statistics of the product, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.assurance.rules.charts.means import mean_of

FEWEST_POINTS = 10
FEWEST_EVENTS = 2.0
"""Mean events a period below which events are rare."""
ENOUGH_EVENTS = 5.0


class Drawn(StrEnum):
    """How a measure is drawn."""

    TABLE = "table and run chart"
    XMR = "XmR chart"
    U = "u chart"
    P = "p chart"
    P_PRIME = "P' chart"
    T = "t chart"
    G = "g chart"


class Number(StrEnum):
    """What kind of number a measure is."""

    COUNT = "count"
    RATE = "rate"
    SHARE = "share"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Choice:
    """The chart, and the reason as a sentence for the page."""

    drawn: Drawn
    why: str


def which_chart(number: Number, values: Sequence[float], *, sizes: Sequence[float] = (), events: int = 0) -> Choice:
    """The chart for ``values``, a value a period.

    Args:
        values: counts a period for counts and rates, records that meet a standard for shares, else what was measured.
        sizes: exposure a period for rates, records read for shares.
        events: how many events with a time of their own there are, for a chart of the time between them.
    """
    if number in {Number.COUNT, Number.RATE}:
        return _for_counts(number, values, events)
    if len(values) < FEWEST_POINTS:
        return Choice(Drawn.TABLE, f"There are fewer than {FEWEST_POINTS} points: too few for limits.")
    if number is Number.SHARE:
        if sizes and mean_of(list(sizes)) >= 1000:
            return Choice(Drawn.P_PRIME, "Shares of thousands vary more than chance alone: P' widens the limits.")
        return Choice(Drawn.P, "A share of records read varies with how many were read.")
    return Choice(Drawn.XMR, "A measured value, one a period.")


def _for_counts(number: Number, values: Sequence[float], events: int) -> Choice:
    mean = mean_of(list(values)) if values else 0.0
    if mean < FEWEST_EVENTS:
        if events <= FEWEST_POINTS:
            some = "is 1 event" if events == 1 else f"are {events or 'no'} events"
            return Choice(Drawn.TABLE, f"There {some}: too few for a chart of the time between them. Look at each.")
        return Choice(Drawn.T, "There are fewer than two events a period, so the time between them says more.")
    if len(values) < FEWEST_POINTS:
        return Choice(Drawn.TABLE, f"There are fewer than {FEWEST_POINTS} points: too few for limits.")
    if number is Number.RATE:
        return Choice(Drawn.U, "Events for so much exposure: the limits follow the exposure.")
    weak = "" if mean >= ENOUGH_EVENTS else " There are fewer than five a period, so it is weak."
    return Choice(Drawn.XMR, f"Counts a period.{weak}")
