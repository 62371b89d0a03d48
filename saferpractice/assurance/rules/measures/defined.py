"""A measure with where its numbers are read from, and the words that all measures of a kind share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from saferpractice.assurance.rules.measures.series import Measure


class Shows(StrEnum):
    """What is read from the rows."""

    IN_TIME = "share in time"
    TIME = "time to met"
    COMPLETE = "records complete"
    AGAIN = "again within so many days"
    AGAIN_RATE = "again for 1,000 open days"
    LATE_AGAIN_RATE = "late again for 1,000 open days"
    INCIDENTS = "incidents"
    INCIDENTS_RATE = "incidents for 1,000 worker days"
    REPORTING = "reports for 1,000 worker days"
    UNMANAGED = "incidents unmanaged"
    AUDITED = "records that meet the standard in audits"
    SUPERVISED = "discussions held in supervision"


OF_OBLIGATIONS = frozenset({Shows.IN_TIME, Shows.TIME, Shows.AGAIN, Shows.AGAIN_RATE, Shows.LATE_AGAIN_RATE})
OF_INCIDENTS = frozenset({Shows.INCIDENTS, Shows.INCIDENTS_RATE, Shows.REPORTING, Shows.UNMANAGED})
AGAIN = frozenset({Shows.AGAIN, Shows.AGAIN_RATE, Shows.LATE_AGAIN_RATE})
OPEN_DAYS = frozenset({Shows.AGAIN_RATE, Shows.LATE_AGAIN_RATE})
WORKER_DAYS = frozenset({Shows.INCIDENTS_RATE, Shows.REPORTING})
EXPOSED = 1000.0
"""Days of exposure that make one in a rate."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which rows a measure is read from.

    ``kind`` and ``standard`` name obligations; ``records`` kinds of record of ``pathway``; ``theme`` and ``level`` (the
    worse of both harms, 0 none to 4 fatal) incidents. ``within_days`` is how long after an earlier one ended another
    counts as again. ``minutes`` are the minutes in one unit of a time.
    """

    shows: Shows
    kind: str = ""
    standard: str = ""
    pathway: str = ""
    records: tuple[str, ...] = ()
    theme: str = ""
    level: int | None = None
    within_days: int = 0
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Defined:
    """A measure, its source, the heading it stands under, and whether its pathway names it."""

    measure: Measure
    source: Source
    section: str
    named: bool = False

    @property
    def tells_of_incidents(self) -> bool:
        """Whether the numbers count incidents, or what was done after them: not for everybody who works in a team."""
        return self.source.shows in OF_INCIDENTS or not self.source.pathway

    @property
    def key(self) -> str:
        """What names it in addresses and plans."""
        return self.measure.key


HAPPENED = "A period holds what began in it, whenever it was written down."
CANCELLED = (
    "What was cancelled before it was late is left out and counted beside; cancelled when late, it is not in time. "
    "What should never have been asked for (a correction shows so, or its incident was withdrawn) is left out always."
)
IN_TIME_OUT_OF = (
    "all of them opened in the period that were met or whose due moment has passed. Open and not due yet: left out and "
    f"shown as such. {CANCELLED}"
)
STILL_OPEN = (
    "all of them opened in the period. Those still open count for as long as they have been open (Kaplan and Meier): "
    "they are never left out. Cancelled before it was late: left out."
)
