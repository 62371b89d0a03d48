"""The numbers of every measure, of a team, a service or a provider, a period at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from saferpractice.access.rules import Place
from saferpractice.assurance.queries.measures import incidents
from saferpractice.assurance.queries.measures.buckets import Each, Where
from saferpractice.assurance.queries.measures.reading import Numbers, read
from saferpractice.assurance.rules.charts.which import FEWEST_EVENTS
from saferpractice.assurance.rules.measures.catalogue import by_key, catalogue
from saferpractice.assurance.rules.measures.defined import Defined, Shows
from saferpractice.assurance.rules.measures.periods import Length, between, bounds, is_over, periods
from saferpractice.assurance.rules.measures.reading import Read
from saferpractice.assurance.rules.measures.series import Period, Point, Series
from saferpractice.deadlines.rules import local_day
from saferpractice.lists.queries import choices
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.queries import definition_of_version


def measures_of(provider_id: UUID, at: datetime) -> tuple[Defined, ...]:
    """Every measure of a provider: of each pathway it put in use, by the newest version that came, and of the loop."""
    come = PathwayVersion.objects.filter(provider_id=provider_id, live_from__lte=at)
    versions = come.exclude(retirement__retired_at__lte=F("live_from")).order_by("number")
    newest = {version.pathway: version for version in versions.only("pathway", "number", "title")}
    themes = [(one.code, one.label) for one in choices("themes", provider_id=provider_id, on=local_day(at))]
    by_title = sorted(newest.values(), key=lambda version: version.title)
    return catalogue((definition_of_version(version) for version in by_title), themes)


def measure_of(measure_key: str, provider_id: UUID, at: datetime) -> Defined | None:
    """One measure of a provider, or None where it has no such measure."""
    return by_key(measures_of(provider_id, at)).get(measure_key)


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure of one place: each period with what was counted in it, oldest first, none left out."""

    defined: Defined
    place: Place
    at: datetime
    periods: tuple[Period, ...]
    reads: tuple[Read, ...]

    @property
    def finished(self) -> tuple[Point, ...]:
        """The points of the periods that are over: one that is running is not a point yet."""
        pairs = zip(self.periods, self.reads, strict=True)
        return tuple(found.point(period) for period, found in pairs if is_over(period, self.at))


def where_of(place: Place, over: tuple[Period, ...], at: datetime, by: Each = Each.WHOLE) -> Where:
    """What is counted: a place, periods that follow each other, and what was known by ``at``."""
    return Where(place, bounds(over), at, by)


@dataclass(frozen=True, slots=True)
class Parted:
    """A measure of a place: each period of the whole, and the newest finished one of each service and team, by id."""

    whole: tuple[Read, ...]
    parts: dict[Each, dict[UUID | None, Read]]


def read_parted(
    defined: Defined, place: Place, over: tuple[Period, ...], at: datetime, parts: Mapping[Each, Sequence[Place]]
) -> Parted:
    """A measure of a place and of its ``parts``, the last of the periods ``over`` being the one that is running.

    The rows of teams make the numbers of their service and of the place, so that nothing is asked for twice. Two kinds
    are: times, whose rows by team are too many to fetch for every period; and supervision, where somebody may work in
    two teams of one service and is counted under None, for whom no single team is.
    """
    newest = len(over) - 2
    teams = parts.get(Each.TEAM, [])
    within = {
        each: {
            one.team_id or one.service_id: tuple(team.team_id for team in teams if one.covers(team))
            for one in parts[each]
        }
        for each in parts
    }
    shows = defined.source.shows
    if not parts or shows is Shows.SUPERVISED:
        return Parted(
            reading(defined, place, over, at).reads,
            {each: _alone(defined, where_of(place, (over[newest],), at, each), within[each]) for each in parts},
        )
    together = {(each, name): ids for each, named in within.items() for name, ids in named.items()}
    if shows is Shows.TIME:
        whole = reading(defined, place, over, at).reads
        of_parts = read([defined], where_of(place, (over[newest],), at, Each.TEAM), together)[defined.key]
        found = {of: reads[0] for of, reads in of_parts.items()}
    else:
        every = (None, *(team.team_id for team in teams))
        asked = read([defined], where_of(place, over, at, Each.TEAM), {**together, None: every})[defined.key]
        whole = asked.pop(None)
        found = {of: reads[newest] for of, reads in asked.items()}
    return Parted(whole, {each: {name: found[each, name] for name in named} for each, named in within.items()})


def _alone(defined: Defined, where: Where, named: Iterable[UUID | None]) -> dict[UUID | None, Read]:
    """Each of ``named`` by itself in one period, and under None what is in no single one of them."""
    names = {name: (name,) for name in [*named, None]}
    return {name: reads[0] for name, reads in read([defined], where, names)[defined.key].items()}


def reading(defined: Defined, place: Place, over: tuple[Period, ...], at: datetime) -> Reading:
    """A measure of ``place`` in the periods ``over``, by what was known at ``at``."""
    numbers = read([defined], where_of(place, over, at))
    return Reading(defined, place, at, over, numbers[defined.key][None])


def series(
    measure_key: str, place: Place, period_length: Length, first: date, last: date, *, at: datetime, of: str = ""
) -> Series:
    """The points of a measure from the period that holds ``first`` to the one that holds ``last`` (London days).

    Periods that are not over at ``at`` are no points yet. Every row of the place counts, whoever asks: check who may
    read the numbers first. ``of`` is the name of the place.

    Raises:
        KeyError: the provider has no such measure.
    """
    defined = measure_of(measure_key, place.provider_id, at)
    if defined is None:
        raise KeyError(measure_key)
    return series_of(reading(defined, place, periods(period_length, first, last), at), of=of)


def series_of(found: Reading, *, of: str) -> Series:
    """A reading as a chart draws it: the finished periods, and the moments of the events where they are rare."""
    points = found.finished
    return Series(found.defined.measure, of, points, _events(found, points))


def counts_between(measure_key: str, place: Place, from_on: date, to_on: date, *, at: datetime) -> Point:
    """What a measure counts from ``from_on`` to ``to_on``, both London days included, as one point.

    By what was known at ``at``; every row of the place counts.

    Raises:
        KeyError: the provider has no such measure.
    """
    defined = measure_of(measure_key, place.provider_id, at)
    if defined is None:
        raise KeyError(measure_key)
    over = (between(from_on, to_on),)
    return reading(defined, place, over, at).reads[0].point(over[0])


def _events(found: Reading, points: tuple[Point, ...]) -> tuple[datetime, ...]:
    source = found.defined.source
    counted = sum(point.count or 0 for point in points)
    if source.shows is not Shows.INCIDENTS or not points or counted >= FEWEST_EVENTS * len(points):
        return ()
    where = where_of(found.place, tuple(point.period for point in points), found.at)
    return incidents.moments_of(where, source.theme, source.level)


__all__ = [
    "Each",
    "Numbers",
    "Parted",
    "Reading",
    "counts_between",
    "measure_of",
    "measures_of",
    "read",
    "read_parted",
    "reading",
    "series",
    "series_of",
    "where_of",
]
