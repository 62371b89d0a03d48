"""What the records say of a plan's own measure: its baseline without what led to the change, and its looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Place
from saferpractice.assurance.models import ImpactPlan, ImpactResult, OwnMeasure, PlannedLook
from saferpractice.assurance.queries.measures import incidents, measure_of, measures_of, owed, read, records, where_of
from saferpractice.assurance.queries.measures.buckets import Where
from saferpractice.assurance.queries.measures.places import Placed, places_read
from saferpractice.assurance.rules import own_measures as rules
from saferpractice.assurance.rules.charts.chart import measure_chart
from saferpractice.assurance.rules.charts.which import FEWEST_EVENTS
from saferpractice.assurance.rules.measures.defined import OF_OBLIGATIONS, Defined, Shows
from saferpractice.assurance.rules.measures.periods import Length, between, periods
from saferpractice.assurance.rules.measures.series import Point, Series
from saferpractice.assurance.rules.plan import ImpactPlan as Declared
from saferpractice.assurance.rules.plan import Window
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.incidents.models import Incident


@dataclass(frozen=True, slots=True)
class Found:
    """What was read for the baseline or for a look, as it is put on record."""

    tally: rules.Tally
    window: Window
    known_at: datetime
    source: str
    definition_changed: bool
    points: list[list[Any]]
    compared: list[list[Any]]
    beside: list[Any] | None
    left_out: list[str]
    signals: list[str]


def own_of(plan: ImpactPlan) -> OwnMeasure | None:
    """The measure of this system that the plan reads; None where its numbers are entered by hand."""
    return getattr(plan, "own_measure", None)


def defined_of(own: OwnMeasure, at: datetime) -> Defined | None:
    """The measure as it is defined now; None where the provider has it no more."""
    return measure_of(own.measure_key, own.plan.change.provider_id, at)


def measures_to_judge(provider_id: UUID, at: datetime) -> list[Defined]:
    """The measures that a plan may read."""
    return [each for each in measures_of(provider_id, at) if rules.can_be_judged(each)]


def places_to_judge(person: Person, at: datetime, change: OperationalChange) -> list[Placed]:
    """The places that the change reaches and whose numbers ``person`` reads whole, those of single teams last."""
    reached = [Place(change.provider_id, service, team) for team, service in change.reach.values_list("pk", "service")]
    return [
        each
        for each in places_read(person, at)
        if each.everything and any(each.place.covers(place) for place in reached)
    ]


def teams_to_compare(person: Person, at: datetime, change: OperationalChange) -> list[Placed]:
    """The teams that the change does not reach and whose numbers ``person`` reads whole."""
    reached = set(change.reach.values_list("pk", flat=True))
    return [
        each
        for each in places_read(person, at)
        if each.everything and each.place.team_id and each.place.team_id not in reached
    ]


def led_to(change: OperationalChange) -> tuple[UUID, ...]:
    """The incidents whose findings the change answers: the spell that led to it, and no measure of ordinary times."""
    return tuple(
        Incident.objects.filter(findings__changes=change).distinct().order_by("pk").values_list("pk", flat=True)
    )


def place_name(own: OwnMeasure) -> str:
    """Whose numbers are read, by name."""
    if own.team is not None:
        return own.team.name
    return own.service.name if own.service is not None else own.plan.change.provider.name


def read_baseline(own: OwnMeasure, defined: Defined, declared: Declared, at: datetime) -> Found:
    """The numbers of the baseline as known at ``at``, without what led to the change."""
    window, about = declared.baseline, led_to(own.plan.change)
    points = points_of(defined, own.place, Length(own.length), window, at, about=about)
    found = _read(own, defined, points, window=window, at=at, about=about)
    where = where_of(own.place, (between(window.from_on, window.to_on),), at)
    inside = stories_behind(defined, replace(where, about=about))
    return replace(
        found, left_out=[str(one) for one in about if one in inside], signals=_signals(own, defined, points, at, about)
    )


def read_look(own: OwnMeasure, defined: Defined, declared: Declared, look: date, at: datetime) -> Found:
    """The numbers of the follow-up up to the day before ``look``, as known by the end of that day at the latest."""
    window, known_at = rules.follow_up(declared, look), min(at, end_of_day(look))
    points = points_of(defined, own.place, Length(own.length), window, known_at)
    return _read(own, defined, points, window=window, at=known_at)


def _read(
    own: OwnMeasure,
    defined: Defined,
    points: list[Point],
    *,
    window: Window,
    at: datetime,
    about: tuple[UUID, ...] = (),
) -> Found:
    length, over = Length(own.length), (between(window.from_on, window.to_on),)
    where = where_of(own.place, over, at)
    whole = read([defined], where)[defined.key][None][0]
    index = read([defined], replace(where, about=about))[defined.key][None][0] if about else None
    beside, compared = None, list[Point]()
    if own.compared_with is not None:
        other = read([defined], where_of(own.compared_with.place, over, at))[defined.key][None][0]
        theirs = rules.tally(defined, length, window, other)
        beside = [theirs.count, theirs.out_of]
        compared = points_of(defined, own.compared_with.place, length, window, at)
    return Found(
        tally=rules.tally(defined, length, window, whole, index),
        window=window,
        known_at=at,
        source=rules.source_words(defined, place_name(own), window),
        definition_changed=rules.source_of(defined) != own.reads,
        points=[_plain(point) for point in points],
        compared=[_plain(point) for point in compared],
        beside=beside,
        left_out=[],
        signals=[],
    )


def points_of(
    defined: Defined, place: Place, length: Length, window: Window, at: datetime, *, about: tuple[UUID, ...] = ()
) -> list[Point]:
    """The whole periods of ``window`` with what was counted in them, without the rows of the incidents ``about``."""
    over = tuple(rules.whole_periods(window, periods(length, window.from_on, window.to_on)))
    if not over:
        return []
    where = where_of(place, over, at)
    reads = read([defined], where)[defined.key][None]
    if about:
        index = read([defined], replace(where, about=about))[defined.key][None]
        number = defined.measure.number
        reads = tuple(rules.less(one, other, number) for one, other in zip(reads, index, strict=True))
    return [found.point(period) for period, found in zip(over, reads, strict=True)]


def _plain(point: Point) -> list[Any]:
    return [point.period.from_on.isoformat(), point.period.to_on.isoformat(), point.count, point.out_of]


def _signals(
    own: OwnMeasure, defined: Defined, points: list[Point], at: datetime, about: tuple[UUID, ...]
) -> list[str]:
    """What the chart of the baseline shows, drawn from ``points``: without what led to the change."""
    if not points:
        return []
    events = _moments(own, defined, points, at, about)
    series = Series(defined.measure, place_name(own), tuple(points), events)
    chart = measure_chart(series, today=local_day(at) + timedelta(days=1))
    return rules.signals(chart.complete)


def _moments(
    own: OwnMeasure, defined: Defined, points: list[Point], at: datetime, about: tuple[UUID, ...]
) -> tuple[datetime, ...]:
    """When each of few incidents happened, for a chart of the time between them."""
    source = defined.source
    if source.shows is not Shows.INCIDENTS or sum(one.count or 0 for one in points) >= FEWEST_EVENTS * len(points):
        return ()
    where = where_of(own.place, tuple(point.period for point in points), at)
    found = incidents.happened(where, source.theme, source.level).exclude(pk__in=about)
    return tuple(found.order_by("happened").values_list("happened", flat=True))


def stories_behind(defined: Defined, where: Where) -> set[UUID]:
    """The incidents that the rows counted by ``where`` are about."""
    source = defined.source
    found: Any
    if source.shows in OF_OBLIGATIONS:
        found = owed.opened(where, [owed.kind_of(defined)]).values_list("story_id", flat=True)
    elif source.shows is Shows.COMPLETE:
        kinds = [(source.pathway, kind) for kind in source.records]
        found = records.first_written(where, kinds).values_list("case__incident_id", flat=True)
    elif source.shows is Shows.AUDITED:
        found = []
    elif source.shows is Shows.REPORTING:
        found = incidents.reported_in(where).values_list("pk", flat=True)
    elif source.shows is Shows.UNMANAGED:
        found = incidents.with_person(where, source.pathway, source.within_days).values_list("pk", flat=True)
    else:
        found = incidents.happened(where, source.theme, source.level).values_list("pk", flat=True)
    return {one for one in found if one is not None}


def plans_to_read(at: datetime, limit: int) -> list[ImpactPlan]:
    """The plans in force that read their own measure and of which something is over by ``at`` and not yet read."""
    today = local_day(at)
    come = PlannedLook.objects.filter(on__lte=today, results__isnull=True).values("plan")
    found = ImpactPlan.objects.filter(own_measure__isnull=False, replaced_by=None, change__withdrawal=None)
    unread = ImpactResult.objects.filter(look__isnull=True).values("plan")
    return list(
        found.filter(~Q(pk__in=unread) | Q(pk__in=come), baseline_to__lt=today).order_by("decided_at", "pk")[:limit]
    )


def seen_among(ids: Iterable[str], person: Person, at: datetime) -> list[Incident]:
    """The incidents of these ids that ``person`` may open, oldest first."""
    return list(Incident.objects.visible_to(person, at).filter(pk__in=list(ids)).order_by("recorded_at", "pk"))


def team_of(team_id: UUID | None) -> Team | None:
    """A team by its id."""
    return Team.objects.filter(pk=team_id).first() if team_id else None
