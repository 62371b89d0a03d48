"""One of the product's own measures as the measure of an impact plan: what is read, over which days, in which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from saferpractice.assurance.rules.charts.drawn import ChartPoint
from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.defined import Defined, Shows
from saferpractice.assurance.rules.measures.periods import Length, between
from saferpractice.assurance.rules.measures.reading import Read
from saferpractice.assurance.rules.measures.series import Better, Period
from saferpractice.assurance.rules.plan import Direction, ImpactPlan, Kind, Window

DAYS_IN = {Length.WEEK: 7.0, Length.MONTH: 365.25 / 12, Length.QUARTER: 365.25 / 4}
LONGEST_BASELINE = 3 * 366
"""Days: what lies further back tells of another service."""
COUNTS_REPORTS = frozenset({Shows.INCIDENTS, Shows.INCIDENTS_RATE})
"""Measures that move when people report more or less, whatever happens."""
_READ = {Shows.COMPLETE: "records", Shows.AUDITED: "records", Shows.UNMANAGED: "incidents"}
NOT_JUDGED = (
    "Times are judged by the share that was met in time: choose that measure. It holds every one, those still open too."
)


@dataclass(frozen=True, slots=True)
class PlanWords:
    """What a plan says of the measure it reads, as the catalogue defines it."""

    measure: str
    definition: str
    kind: Kind
    exposure: str
    counts_incidents: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers as a verdict reads them. ``index`` of the count led to the change (rates); of shares they are out."""

    count: int
    out_of: float
    index: int = 0


def can_be_judged(defined: Defined) -> bool:
    """Whether a plan may read the measure: every count, rate and share. A median has no exact comparison here."""
    return defined.measure.number is not Number.MEASURED


def words_of_plan(defined: Defined, length: Length) -> PlanWords:
    """What a plan that reads ``defined`` says of it."""
    measure = defined.measure
    said = [f"Counted: {measure.numerator}."]
    if measure.denominator:
        said.append(f"Out of: {measure.denominator.removesuffix('.')}.")
    exposure = {
        Number.COUNT: f"{length.value}s",
        Number.RATE: measure.exposure,
        Number.SHARE: _READ.get(defined.source.shows, "obligations"),
    }[measure.number]
    return PlanWords(
        measure=measure.name[:200],
        definition=" ".join(f"{one[:1].upper()}{one[1:]}".replace("..", ".") for one in said),
        kind=Kind.PROPORTION if measure.number is Number.SHARE else Kind.RATE,
        exposure=exposure,
        counts_incidents=defined.source.shows in COUNTS_REPORTS,
    )


def source_of(defined: Defined) -> dict[str, Any]:
    """What the measure is read from, as plain data: it changes when the definition does, not when words do."""
    return {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(defined.source).items()}


def direction_problem(defined: Defined, direction: Direction) -> str:
    """Why a plan may not hope for ``direction``: the measure itself says which way is better. Empty where it may."""
    better = defined.measure.better
    if better is Better.NEITHER:
        return ""
    if (better is Better.HIGHER) is (direction is Direction.INCREASE):
        return ""
    return f"Of this measure {'higher' if better is Better.HIGHER else 'lower'} is better. Choose that."


def follow_up(plan: ImpactPlan, look: date) -> Window:
    """The days counted for a look: whole ones, so up to the day before it."""
    first = plan.follow_up_from_on
    return Window(first, max(first, look - timedelta(days=1)))


def tally(defined: Defined, length: Length, window: Window, whole: Read, index: Read | None = None) -> Tally:
    """What was counted in ``window``; ``index`` is what of it is about the incidents that led to the change.

    A count is taken for so many periods of ``length``. A share leaves their records out; a rate says how many they are.
    """
    count, led = round(whole.count or 0), round((index.count if index else 0) or 0)
    if defined.measure.number is Number.SHARE:
        return Tally(count - led, (whole.out_of or 0.0) - ((index.out_of if index else 0.0) or 0.0))
    exposure = window.days / DAYS_IN[length] if defined.measure.number is Number.COUNT else whole.out_of or 0.0
    return Tally(count, round(exposure, 3), led)


def less(whole: Read, index: Read, number: Number) -> Read:
    """A period with what led to the change left out. Exposure stays: people were at work all the same."""
    if whole.count is None:
        return whole
    count = whole.count - (index.count or 0.0)
    if number is not Number.SHARE:
        return Read(count, whole.out_of)
    out_of = (whole.out_of or 0.0) - (index.out_of or 0.0)
    return Read(count if out_of else None, out_of)


def whole_periods(window: Window, over: Sequence[Period]) -> list[Period]:
    """The periods that lie wholly in ``window``: half a month is no point."""
    return [one for one in over if window.from_on <= one.from_on and one.to_on <= window.to_on]


def signals(points: Iterable[ChartPoint]) -> list[str]:
    """What the chart of a baseline shows, a sentence for each stretch of points of which the same is said."""
    found = []
    for said, group in groupby(points, key=lambda point: point.said):
        stretch = list(group)
        if said:
            first, last = stretch[0].label, stretch[-1].label
            found.append(f"{first if first == last else f'{first} to {last}'}: {', '.join(said).lower()}")
    return found


def source_words(defined: Defined, of: str, window: Window) -> str:
    """Where the numbers of a result come from, written by itself."""
    days = between(window.from_on, window.to_on).label
    return f"Read from the records: “{defined.measure.name}”, {of}, {days}"
