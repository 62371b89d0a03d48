"""What is marked on charts: the days on which changes went live, and where new limits begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from saferpractice.access.models import Person
from saferpractice.access.rules import Place
from saferpractice.assurance.models import ChartRebase
from saferpractice.assurance.queries.measures import Each, incidents, read, where_of
from saferpractice.assurance.queries.measures.places import Placed, parts_of
from saferpractice.assurance.rules.charts.drawn import Rebase
from saferpractice.assurance.rules.charts.which import FEWEST_EVENTS, FEWEST_POINTS
from saferpractice.assurance.rules.measures.defined import Defined, Shows
from saferpractice.assurance.rules.measures.reading import Read, for_reader
from saferpractice.assurance.rules.measures.series import Period, Point, Series
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import end_of_day, local_day


@dataclass(frozen=True, slots=True)
class LiveMark:
    """A change went live on a London day; one withdrawn later was live until then."""

    on: date
    title: str
    change_id: UUID
    withdrawn_on: date | None = None


def live_marks(place: Place, from_on: date, to_on: date, person: Person, at: datetime) -> list[LiveMark]:
    """The changes that reach ``place`` and went live on a London day from ``from_on`` to ``to_on``, oldest first.

    Only those that ``person`` may open: a mark on a chart tells nobody of a change they cannot see.
    """
    found = OperationalChange.objects.visible_to(person, at).filter(
        provider_id=place.provider_id, go_live__live_at__lt=end_of_day(to_on), go_live__live_at__lte=at
    )
    if place.team_id:
        found = found.filter(reach=place.team_id)
    elif place.service_id:
        found = found.filter(reach__service=place.service_id)
    marks = [
        LiveMark(
            on=local_day(change.go_live.live_at),
            title=change.title,
            change_id=change.pk,
            withdrawn_on=local_day(change.withdrawal.decided_at) if hasattr(change, "withdrawal") else None,
        )
        for change in found.distinct().select_related("go_live", "withdrawal")
    ]
    return sorted((mark for mark in marks if from_on <= mark.on), key=lambda mark: (mark.on, mark.title))


def rebases_at(place: Place, measure_key: str) -> list[ChartRebase]:
    """Every decision that new limits begin on the chart of a measure at exactly ``place``, newest day first.

    Withdrawn ones too: a page shows them as such.
    """
    service = Q(service_id=place.service_id) if place.service_id else Q(service__isnull=True)
    team = Q(team_id=place.team_id) if place.team_id else Q(team__isnull=True)
    found = ChartRebase.objects.filter(service, team, provider_id=place.provider_id, measure_key=measure_key)
    return list(found.select_related("withdrawal").order_by("-on", "-decided_at"))


def rebase_seen(provider_id: UUID, measure_key: str, rebase_id: UUID) -> ChartRebase | None:
    """One decision about a measure at a provider."""
    return ChartRebase.objects.filter(provider_id=provider_id, measure_key=measure_key, pk=rebase_id).first()


def rebases_of(place: Place, measure_key: str) -> list[Rebase]:
    """The decisions that stand for the chart of a measure at exactly ``place``, as the rules read them."""
    return [as_rebase(row) for row in rebases_at(place, measure_key) if not hasattr(row, "withdrawal")]


def rebases_within(provider_id: UUID, measure_key: str) -> dict[Place, list[Rebase]]:
    """The decisions that stand for every chart of a measure at a provider, by place."""
    found: dict[Place, list[Rebase]] = {}
    rows = ChartRebase.objects.filter(provider_id=provider_id, measure_key=measure_key, withdrawal__isnull=True)
    for row in rows.order_by("on", "decided_at"):
        found.setdefault(row.place, []).append(as_rebase(row))
    return found


def as_rebase(row: ChartRebase) -> Rebase:
    """A decision as the rules read it, with the name and role of whoever made it."""
    by = f"{row.decided_by_name}, {row.decided_by_role.lower()}"
    return Rebase(row.on, row.reason, by, local_day(row.decided_at))


def chart_series(
    defined: Defined, placed: Placed, over: tuple[Period, ...], at: datetime, reads: Sequence[Read] | None = None
) -> Series:
    """The numbers of a measure as a chart draws them: what may be read of the place, a running period too.

    ``reads`` are those numbers, where they were counted already.
    """
    where = where_of(placed.place, over, at)
    points = _points(defined, placed, over, reads or read([defined], where)[defined.key][None])
    moments = incidents.moments_of(where, *_what(defined)) if _may_be_rare(defined, points) else ()
    return Series(defined.measure, placed.name, points, moments)


def series_of_each(
    defined: Defined, placed: Placed, each: Each, over: tuple[Period, ...], at: datetime
) -> list[tuple[Placed, Series]]:
    """The same for each team (or service) of a place by itself, by name; as many statements however many there are."""
    parts = parts_of(placed).get(each) or [placed]
    where = where_of(placed.place, over, at, each)
    numbers = read([defined], where, {part.id: (part.id,) for part in parts})[defined.key]
    points = {part.id: _points(defined, placed, over, numbers[part.id]) for part in parts}
    rare = [pk for pk, mine in points.items() if _may_be_rare(defined, mine)]
    moments = incidents.moments_of_each(where, rare, *_what(defined)) if rare else {}
    return [(part, Series(defined.measure, part.name, points[part.id], moments.get(part.id, ()))) for part in parts]


def _points(defined: Defined, placed: Placed, over: Sequence[Period], reads: Sequence[Read]) -> tuple[Point, ...]:
    return tuple(
        for_reader(defined, found, everything=placed.everything).point(period)
        for period, found in zip(over, reads, strict=True)
    )


def _may_be_rare(defined: Defined, points: Sequence[Point]) -> bool:
    """Whether a chart of the time between events may be drawn: they have moments, and are few, or few of late."""
    if defined.source.shows is not Shows.INCIDENTS:
        return False
    return any(
        sum(point.count or 0.0 for point in some) < FEWEST_EVENTS * len(some)
        for some in (points, points[-FEWEST_POINTS - 1 :])
    )


def _what(defined: Defined) -> tuple[str, int | None]:
    return defined.source.theme, defined.source.level
