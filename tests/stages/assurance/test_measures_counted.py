"""What the database counts is what counting row by row says, in every place and period; and places add up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from saferpractice.access.models import RoleAssignment, Service, Team
from saferpractice.access.rules import Place
from saferpractice.assurance.queries import measures as queries
from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.defined import Defined, Shows
from saferpractice.assurance.rules.measures.periods import Length, last_periods
from saferpractice.assurance.rules.measures.reading import Read
from saferpractice.assurance.rules.measures.series import Period
from saferpractice.assurance.rules.measures.times import cell
from saferpractice.assurance.rules.survival import Watched, curve, median_time
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import LONDON, NEVER_OWED
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import PathwayRecord
from tests.factories.measures import Rows, obligation, saved, some_rows
from tests.personas import LONG_AGO, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R20", "R25", "R31", "R32")]

FIRST = datetime(2026, 1, 20, 8, 0, tzinfo=UTC)
AT = datetime(2026, 5, 12, 14, 30, tzinfo=UTC)
DAYS = 115
"""Past ``AT``, so that some of it is not known yet, and over the spring change of clocks."""
HARM = {"none": 0, "low": 1, "moderate": 2, "severe": 3, "fatal": 4}


def places(cast: Cast) -> dict[str, Place]:
    return {
        "provider": Place(cast.provider.pk),
        "riverside": Place(cast.provider.pk, cast.riverside.pk),
        "harbour": Place(cast.provider.pk, cast.harbour.pk),
        "north": cast.north.place,
        "east": cast.east.place,
    }


def read(place: Place, over: tuple[Period, ...], at: datetime = AT) -> dict[str, tuple[Read, ...]]:
    found = queries.measures_of(place.provider_id, at)
    numbers = queries.read(found, queries.where_of(place, over, at))
    return {key: by_team[None] for key, by_team in numbers.items()}


# ---- counting row by row, without the database


class ByHand:
    """The numbers of one place and period, from plain rows."""

    def __init__(self, rows: Rows, place: Place, period: Period, at: datetime) -> None:
        self.rows, self.place, self.period, self.at = rows, place, period, at

    def holds(self, moment: datetime | None) -> bool:
        if moment is None or moment > self.at:
            return False
        return self.period.from_on <= moment.astimezone(LONDON).date() <= self.period.to_on

    def of_place(self, team: Team) -> bool:
        return self.place.covers(team.place)

    def owed(self, standard: str) -> list[Obligation]:
        return [
            row
            for row in self.rows.obligations
            if row.standard == standard and self.of_place(row.team) and self.holds(row.opened_at)
        ]

    def standing(self, row: Obligation) -> str:
        met = row.met_at if row.met_at and row.met_at <= self.at else None
        cancelled = row.cancelled_at if row.cancelled_at and row.cancelled_at <= self.at else None
        if met:
            return "in time" if met <= row.due_at else "not in time"
        if cancelled:
            if row.cancelled_because in NEVER_OWED:
                return "never"
            return "left out" if cancelled <= row.due_at else "not in time"
        return "not in time" if row.due_at < self.at else "waiting"

    def in_time(self, standard: str) -> tuple[Any, ...]:
        found = [self.standing(row) for row in self.owed(standard)]
        count, out_of = found.count("in time"), found.count("in time") + found.count("not in time")
        return (count if out_of else None), out_of, found.count("waiting"), found.count("left out")

    def time(self, standard: str) -> tuple[Any, ...]:
        watched = []
        for row in self.owed(standard):
            if self.standing(row) in {"never", "left out"}:
                continue
            ended = row.met_at is not None and row.met_at <= self.at
            until = row.met_at if ended else min(row.cancelled_at or self.at, self.at)
            assert until is not None
            minutes = round((until - row.opened_at).total_seconds() / 60, 3)
            watched.append(Watched(cell(minutes, ended=ended) / 60, ended))
        return median_time(curve(watched)), len(watched), sum(not each.ended for each in watched)

    def again(self, standard: str, days: int) -> tuple[Any, ...]:
        asked = [row for row in self.owed(standard) if self.standing(row) != "never"]
        back = sum(any(self._ended(row, each, days) for each in self.rows.obligations) for row in asked)
        return (back if asked else None), len(asked)

    def _ended(self, row: Obligation, earlier: Obligation, days: int) -> bool:
        if not self._same_before(row, earlier):
            return False
        return any(
            end is not None and row.opened_at - timedelta(days=days) <= end <= row.opened_at
            for end in (earlier.met_at, earlier.cancelled_at)
        )

    def _same_before(self, row: Obligation, earlier: Obligation) -> bool:
        if (earlier.standard, earlier.person_supported_id) != (row.standard, row.person_supported_id):
            return False
        return earlier.opened_at < row.opened_at and self.standing(earlier) != "never"

    def late_again(self, standard: str, days: int) -> int:
        late = [row for row in self.owed(standard) if self.standing(row) == "not in time"]
        return sum(any(self._was_late(row, each, days) for each in self.rows.obligations) for row in late)

    def _was_late(self, row: Obligation, earlier: Obligation, days: int) -> bool:
        if not self._same_before(row, earlier) or earlier.due_at >= row.opened_at:
            return False
        if earlier.opened_at < row.opened_at - timedelta(days=days):
            return False
        ends = [end for end in (earlier.met_at, earlier.cancelled_at) if end is not None]
        return all(end > earlier.due_at for end in ends)

    def open_days(self) -> float:
        total = 0.0
        for case, closed in self.rows.cases:
            if not self.of_place(case.team):
                continue
            begin, end = self._bounds()
            until = min(end, closed) if closed else end
            total += max(0.0, (until - max(begin, case.decided_at)) / timedelta(days=1))
        return total

    def _bounds(self) -> tuple[datetime, datetime]:
        begin = datetime.combine(self.period.from_on, datetime.min.time(), tzinfo=LONDON)
        end = datetime.combine(self.period.to_on + timedelta(days=1), datetime.min.time(), tzinfo=LONDON)
        return begin.astimezone(UTC), min(end.astimezone(UTC), self.at)

    def complete(self, kinds: tuple[str, ...]) -> tuple[Any, ...]:
        found = [
            record
            for record, gone in self.rows.records
            if record.kind in kinds and self.of_place(record.case.team) and self.holds(record.happened_at)
            and record.decided_at <= self.at and not gone
        ]  # fmt: skip
        return (sum(bool(record.complete) for record in found) if found else None), len(found)

    def incidents(self, holds: Callable[[Incident, tuple[str, ...]], bool] = lambda *_: True) -> list[Incident]:
        return [
            incident
            for incident, themes, gone in self.rows.incidents
            if not gone and not incident.restricted and incident.recorded_at <= self.at and self.of_place(incident.team)
            and self.holds(incident.occurred_at or incident.known_at) and holds(incident, themes)
        ]  # fmt: skip

    def reported(self) -> int:
        return sum(
            not gone and not incident.restricted and self.of_place(incident.team) and self.holds(incident.recorded_at)
            for incident, _, gone in self.rows.incidents
        )

    def unmanaged(self) -> tuple[Any, ...]:
        asked = self.incidents(lambda one, themes: "self-neglect" in themes and one.person_supported_id is not None)
        return (sum(not self._managed(one) for one in asked) if asked else None), len(asked)

    def _managed(self, incident: Incident) -> bool:
        happened = incident.occurred_at or incident.known_at
        return any(
            row.person_supported_id == incident.person_supported_id
            and row.met_at is not None
            and happened - timedelta(days=90) <= row.met_at < happened
            for row in self.rows.obligations
        )

    def worker_days(self, workers: dict[Any, int]) -> float:
        begin, end = self._bounds()
        count = sum(how_many for team, how_many in workers.items() if self.of_place(team))
        return count * max(0.0, (end - begin) / timedelta(days=1))


def check(defined: Defined, found: Read, hand: ByHand, workers: dict[Any, int]) -> None:
    """``found`` is what ``hand`` counts."""
    source, where = defined.source, (defined.key, hand.place, hand.period.label)
    got: tuple[Any, ...]
    match source.shows:
        case Shows.IN_TIME:
            got = (found.count, found.out_of, found.waiting, found.left_out)
            assert got == hand.in_time(source.standard), where
        case Shows.TIME:
            median, out_of, still_open = hand.time(source.standard)
            assert (found.out_of, found.still_open) == (out_of, still_open), where
            assert found.count == (None if median is None else pytest.approx(median)), where
        case Shows.COMPLETE:
            assert (found.count, found.out_of) == hand.complete(source.records), where
        case Shows.AGAIN:
            assert (found.count, found.out_of) == hand.again(source.standard, source.within_days), where
        case Shows.AGAIN_RATE | Shows.LATE_AGAIN_RATE:
            late = source.shows is Shows.LATE_AGAIN_RATE
            count = (
                hand.late_again(source.standard, source.within_days)
                if late
                else hand.again(source.standard, source.within_days)[0] or 0
            )
            days = hand.open_days() / 1000
            assert (found.count, found.out_of) == (count if days else None, pytest.approx(days, abs=1e-6)), where
        case Shows.UNMANAGED:
            assert (found.count, found.out_of) == hand.unmanaged(), where
        case Shows.REPORTING:
            days = hand.worker_days(workers) / 1000
            assert (found.count, found.out_of) == (hand.reported() if days else None, pytest.approx(days)), where
        case Shows.INCIDENTS | Shows.INCIDENTS_RATE:
            counted = len(
                hand.incidents(
                    lambda one, themes: (
                        (not source.theme or source.theme in themes)
                        and (source.level is None or source.level == worse(one))
                    )
                )
            )
            if source.shows is Shows.INCIDENTS:
                assert (found.count, found.out_of) == (counted, None), where
            else:
                days = hand.worker_days(workers) / 1000
                assert (found.count, found.out_of) == (counted if days else None, pytest.approx(days)), where


def worse(incident: Incident) -> int:
    return max(HARM[incident.physical_harm], HARM[incident.psychological_harm])


@pytest.mark.parametrize(("seed", "length"), [(1, Length.WEEK), (2, Length.MONTH), (3, Length.QUARTER)])
def test_the_database_counts_as_one_would_by_hand(cast: Cast, seed: int, length: Length) -> None:
    rows = some_rows(cast, random.Random(seed), FIRST, DAYS, 140)
    workers = {cast.north: 2, cast.east: 1}
    over = last_periods(length, AT.date(), 4)
    measures = [
        each for each in queries.measures_of(cast.provider.pk, AT) if not each.key.startswith(("loop.", "audits."))
    ]
    for place in places(cast).values():
        numbers = queries.read(measures, queries.where_of(place, over, AT))
        for each in measures:
            for period, found in zip(over, numbers[each.key][None], strict=True):
                check(each, found, ByHand(rows, place, period, AT), workers)
    everything = ByHand(rows, Place(cast.provider.pk), over[-2], AT)
    assert everything.in_time("self-neglect.consult")[1] > 0  # or all of this has looked at nothing


# ---- adding up


@pytest.mark.parametrize("seed", [4, 5])
def test_teams_add_up_to_services_and_services_to_the_provider(cast: Cast, seed: int) -> None:
    some_rows(cast, random.Random(seed), FIRST, DAYS, 120)
    over = last_periods(Length.MONTH, AT.date(), 4)
    measures = queries.measures_of(cast.provider.pk, AT)
    whole = read(Place(cast.provider.pk), over)
    services = [read(Place(cast.provider.pk, one.pk), over) for one in Service.objects.filter(provider=cast.provider)]
    teams = [read(one.place, over) for one in Team.objects.filter(provider=cast.provider)]
    of_riverside = [read(one.place, over) for one in (cast.north, cast.south)]
    riverside = read(Place(cast.provider.pk, cast.riverside.pk), over)
    for each in measures:
        if each.source.shows is Shows.SUPERVISED:
            continue  # some people work in no single team: see test_measures_of_supervision
        for number in range(len(over)):
            assert summed(each, whole[each.key][number], [one[each.key][number] for one in services]), each.key
            assert summed(each, whole[each.key][number], [one[each.key][number] for one in teams]), each.key
            assert summed(each, riverside[each.key][number], [one[each.key][number] for one in of_riverside]), each.key


def summed(defined: Defined, whole: Read, parts: list[Read]) -> bool:
    """Whether counts, what they are out of, and what is beside them add up.

    A median does not: its rows do. Nor does the count of a rate where a part has no exposure: nothing is said of it.
    """
    counts = defined.source.shows is not Shows.TIME
    if defined.measure.number is Number.RATE and any(not part.out_of for part in parts):
        counts = False
    return (
        (not counts or (whole.count or 0) == sum(part.count or 0 for part in parts))
        and (whole.out_of or 0) == pytest.approx(sum(part.out_of or 0 for part in parts))
        and whole.waiting == sum(part.waiting for part in parts)
        and whole.left_out == sum(part.left_out for part in parts)
        and whole.still_open == sum(part.still_open for part in parts)
    )


def test_weeks_add_up_to_any_stretch_of_days(cast: Cast) -> None:
    some_rows(cast, random.Random(6), FIRST, DAYS, 120)
    place, over = Place(cast.provider.pk), last_periods(Length.WEEK, date(2026, 4, 30), 9)
    by_week = read(place, over)
    for each in queries.measures_of(cast.provider.pk, AT):
        whole = queries.counts_between(each.key, place, over[0].from_on, over[-1].to_on, at=AT)
        assert (whole.out_of or 0) == pytest.approx(sum(one.out_of or 0 for one in by_week[each.key])), each.key
        if each.source.shows is not Shows.TIME:
            assert (whole.count or 0) == sum(one.count or 0 for one in by_week[each.key]), each.key


def test_each_team_counted_beside_the_others_is_the_team_counted_alone(cast: Cast) -> None:
    some_rows(cast, random.Random(7), FIRST, DAYS, 120)
    over = last_periods(Length.MONTH, AT.date(), 3)
    measures = queries.measures_of(cast.provider.pk, AT)
    teams = [cast.north, cast.south, cast.east]
    where = queries.where_of(Place(cast.provider.pk), over, AT, queries.Each.TEAM)
    together = queries.read(measures, where, {team.pk: (team.pk,) for team in teams})
    for team in teams:
        alone = read(team.place, over)
        for each in measures:
            for one, other in zip(together[each.key][team.pk], alone[each.key], strict=True):
                assert one.count == other.count, each.key
                assert one.out_of == pytest.approx(other.out_of), each.key


def test_each_service_counted_beside_the_others_is_the_service_counted_alone(cast: Cast) -> None:
    some_rows(cast, random.Random(8), FIRST, DAYS, 120)
    over = last_periods(Length.QUARTER, AT.date(), 3)
    measures = queries.measures_of(cast.provider.pk, AT)
    services = [cast.riverside, cast.harbour]
    where = queries.where_of(Place(cast.provider.pk), over, AT, queries.Each.SERVICE)
    together = queries.read(measures, where, {service.pk: (service.pk,) for service in services})
    told = 0.0
    for service in services:
        alone = read(Place(cast.provider.pk, service.pk), over)
        for each in measures:
            for one, other in zip(together[each.key][service.pk], alone[each.key], strict=True):
                assert one.count == other.count, each.key
                assert one.out_of == pytest.approx(other.out_of), each.key
                told += one.count or 0
    assert told  # or all of this has looked at nothing


@pytest.mark.parametrize("length", [Length.QUARTER, Length.WEEK])
@pytest.mark.parametrize("of", ["the provider", "a service", "a team"])
def test_the_rows_of_teams_make_the_numbers_of_their_service_and_of_the_place(
    cast: Cast, of: str, length: Length, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    some_rows(cast, random.Random(9), FIRST, DAYS, 120)
    over = last_periods(length, AT.date(), 3)
    all_teams = {one.pk: one.place for one in (cast.north, cast.south, cast.east)}
    services = {one.pk: Place(cast.provider.pk, one.pk) for one in (cast.riverside, cast.harbour)}
    place = {
        "the provider": Place(cast.provider.pk),
        "a service": services[cast.riverside.pk],
        "a team": cast.north.place,
    }[of]
    teams = {pk: one for pk, one in all_teams.items() if place.covers(one)}
    parts = {
        "the provider": {queries.Each.SERVICE: services, queries.Each.TEAM: teams},
        "a service": {queries.Each.TEAM: teams},
        "a team": {},
    }[of]
    told = dict.fromkeys(["whole", *parts], 0.0)
    for each in queries.measures_of(cast.provider.pk, AT):
        with django_assert_max_num_queries(40 if each.source.shows is Shows.SUPERVISED else 5):
            asked = {kind: list(places.values()) for kind, places in parts.items()}
            found = queries.read_parted(each, place, over, AT, asked)
        same(each, found.whole, queries.reading(each, place, over, AT).reads)
        told["whole"] += sum(one.count or 0 for one in found.whole)
        assert found.parts.keys() == parts.keys()
        for kind, places in parts.items():
            assert set(places) == set(found.parts[kind]) - {None}
            for pk, part in places.items():
                same(each, [found.parts[kind][pk]], queries.reading(each, part, over[-2:-1], AT).reads)
                told[kind] += found.parts[kind][pk].count or 0
    assert all(told.values()), told  # or all of this has looked at nothing


def same(defined: Defined, found: Sequence[Read], alone: Sequence[Read]) -> None:
    for one, other in zip(found, alone, strict=True):
        assert replace(one, out_of=None) == replace(other, out_of=None), defined.key
        assert one.out_of == pytest.approx(other.out_of), defined.key


# ---- what is unrelated changes nothing


def unrelated(cast: Cast) -> Iterator[Callable[[], Any]]:
    """Things that must leave every number of North team in March as it is."""
    march = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    other = Team.objects.create(
        provider=cast.stranger.provider,
        service=Service.objects.create(provider=cast.stranger.provider, name="Theirs"),
        name="Theirs",
    )
    yield lambda: saved(obligation(other, march, met=1))
    yield lambda: saved(obligation(cast.south, march, met=1), obligation(cast.east, march))
    yield lambda: saved(obligation(cast.north, march, standard="another.consult"))
    yield lambda: saved(obligation(cast.north, march, kind="changes.action", standard=""))
    yield lambda: saved(obligation(cast.north, datetime(2026, 2, 28, 23, 59, tzinfo=UTC), met=1))
    yield lambda: saved(obligation(cast.north, datetime(2026, 3, 31, 23, 0, tzinfo=UTC), met=1))  # 1 April in London
    yield lambda: saved(obligation(cast.north, AT + timedelta(hours=1)))


def test_no_measure_changes_when_unrelated_rows_are_added(cast: Cast) -> None:
    some_rows(cast, random.Random(8), FIRST, DAYS, 80)
    over = last_periods(Length.MONTH, date(2026, 3, 1), 1)
    before = read(cast.north.place, over)
    for add in unrelated(cast):
        add()
        assert read(cast.north.place, over) == before
    saved(obligation(cast.north, datetime(2026, 3, 10, 9, 0, tzinfo=UTC), met=1))
    assert read(cast.north.place, over) != before


def test_what_is_written_down_later_does_not_change_what_was_known(cast: Cast) -> None:
    """As of one moment the numbers stay, whatever happens to the rows after it."""
    some_rows(cast, random.Random(9), FIRST, DAYS, 80)
    over = last_periods(Length.MONTH, AT.date(), 3)
    before = read(Place(cast.provider.pk), over)
    later = AT + timedelta(days=1)
    Obligation.objects.filter(met_at__isnull=True, cancelled_at__isnull=True).update(met_at=later)
    PathwayRecord.objects.create(
        case=PathwayRecord.objects.first().case, kind="consultation", happened_at=AT, decided_at=later, complete=True,
        submission_key="late", decided_by_name="A test", decided_by_role="process",
    )  # fmt: skip
    assert read(Place(cast.provider.pk), over) == before


# ---- one by one


MARCH = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
CONSULTED = "self-neglect.same-day-consultation"


def march(key: str, place: Place, at: datetime = AT) -> Read:
    return read(place, last_periods(Length.MONTH, date(2026, 3, 1), 1), at)[key][0]


@pytest.mark.parametrize(
    ("row", "in_time", "out_of", "waiting", "left_out"),
    [
        ({"met": 8}, 1, 1, 0, 0),
        ({"met": 8.001}, 0, 1, 0, 0),
        ({}, 0, 1, 0, 0),
        ({"due": 24 * 200}, None, 0, 1, 0),
        ({"due": 24 * 200, "met": 1}, 1, 1, 0, 0),
        ({"cancelled": 8}, None, 0, 0, 1),
        ({"cancelled": 9}, 0, 1, 0, 0),
        ({"cancelled": 9, "because": sorted(NEVER_OWED)[0]}, None, 0, 0, 0),
        ({"cancelled": 9, "because": sorted(NEVER_OWED)[-1]}, None, 0, 0, 0),
        ({"cancelled": 24 * 200}, 0, 1, 0, 0),
        ({"met": 24 * 200}, 0, 1, 0, 0),
    ],
)
def test_what_counts_as_in_time(
    cast: Cast, row: dict[str, Any], in_time: int | None, out_of: int, waiting: int, left_out: int
) -> None:
    some_rows(cast, random.Random(0), AT, 1, 1)
    saved(obligation(cast.north, MARCH, **row))
    found = march(CONSULTED, cast.north.place)
    assert (found.count, found.out_of, found.waiting, found.left_out) == (in_time, out_of, waiting, left_out)


@pytest.mark.parametrize(
    ("row", "median", "still_open"),
    [
        ({"met": 3}, 3.0, 0),
        ({}, None, 1),
        ({"cancelled": 12}, None, 1),
        ({"met": 24 * 200}, None, 1),
    ],
)
def test_what_is_open_counts_in_times(cast: Cast, row: dict[str, Any], median: float | None, still_open: int) -> None:
    some_rows(cast, random.Random(0), AT, 1, 1)
    saved(obligation(cast.north, MARCH, **row))
    found = march("self-neglect.consult.time", cast.north.place)
    assert (found.count, found.out_of, found.still_open) == (median, 1, still_open)


def test_a_summer_evening_is_the_next_month_in_london(cast: Cast) -> None:
    some_rows(cast, random.Random(0), AT, 1, 1)
    saved(obligation(cast.north, datetime(2026, 3, 31, 22, 59, tzinfo=UTC), met=1))
    saved(obligation(cast.north, datetime(2026, 3, 31, 23, 1, tzinfo=UTC), met=1))
    over = last_periods(Length.MONTH, date(2026, 4, 1), 2)
    assert [one.out_of for one in read(cast.north.place, over)[CONSULTED]] == [1, 1]


def test_a_provider_without_pathways_has_the_measures_of_the_loop(cast: Cast) -> None:
    keys = {each.key for each in queries.measures_of(cast.provider.pk, AT)}
    assert "loop.triage.time" in keys and "incidents.all" in keys
    assert not any(key.startswith("self-neglect") for key in keys)


def test_an_unknown_measure_is_an_error(cast: Cast) -> None:
    with pytest.raises(KeyError):
        queries.counts_between("no.such", Place(cast.provider.pk), date(2026, 3, 1), date(2026, 3, 31), at=AT)
    with pytest.raises(KeyError):
        queries.series("no.such", Place(cast.provider.pk), Length.MONTH, date(2026, 3, 1), date(2026, 4, 1), at=AT)


def test_a_series_leaves_no_period_out_and_draws_none_that_is_running(cast: Cast) -> None:
    some_rows(cast, random.Random(0), AT, 1, 1)
    saved(obligation(cast.north, MARCH, met=1), obligation(cast.north, AT - timedelta(days=1), met=1))
    found = queries.series(
        CONSULTED, cast.north.place, Length.MONTH, date(2026, 2, 1), AT.date(), at=AT, of="North team"
    )
    assert [(point.period.label, point.count, point.out_of) for point in found.points] == [
        ("February 2026", None, 0.0),
        ("March 2026", 1.0, 1.0),
        ("April 2026", None, 0.0),
    ]
    assert (found.of, found.measure.key, found.events_at) == ("North team", CONSULTED, ())


def test_rare_incidents_bring_their_moments(cast: Cast) -> None:
    rows = some_rows(cast, random.Random(10), FIRST, 60, 3)
    found = queries.series(
        "incidents.all", Place(cast.provider.pk), Length.MONTH, date(2026, 1, 1), date(2026, 4, 1), at=AT
    )
    standing = [one for one, _, gone in rows.incidents if not gone and not one.restricted]
    assert list(found.events_at) == sorted(one.occurred_at or one.known_at for one in standing)
    assert sum(point.count or 0 for point in found.points) == len(standing)


def test_frequent_incidents_do_not(cast: Cast) -> None:
    some_rows(cast, random.Random(11), FIRST, 60, 40)
    found = queries.series(
        "incidents.all", Place(cast.provider.pk), Length.MONTH, date(2026, 1, 1), date(2026, 4, 1), at=AT
    )
    assert found.events_at == ()


def test_reading_takes_no_more_statements_when_there_is_more_to_read(cast: Cast) -> None:
    some_rows(cast, random.Random(12), FIRST, DAYS, 10)
    read(Place(cast.provider.pk), last_periods(Length.MONTH, AT.date(), 1))  # definitions are read once
    counted = []
    for how_many in (1, 24):
        over = last_periods(Length.MONTH, AT.date(), how_many)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            read(Place(cast.provider.pk), over)
        counted.append(len(seen))
    some_rows(cast, random.Random(13), FIRST, DAYS, 60)
    with CaptureQueriesContext(connection) as seen:
        read(Place(cast.provider.pk), last_periods(Length.MONTH, AT.date(), 24))
    counted.append(len(seen))
    assert len(set(counted)) == 1, counted
    assert counted[0] <= 29, "a dozen of them are of supervision: who is owed a talk hangs on roles, leave and more"


def test_workers_count_from_when_they_hold_the_role(cast: Cast) -> None:
    """North has two support workers and East one, since long ago: each day of each counts once."""
    some_rows(cast, random.Random(0), AT, 1, 1)
    point = queries.counts_between(
        "incidents.reporting", Place(cast.provider.pk), LONG_AGO.date(), LONG_AGO.date() + timedelta(days=9), at=AT
    )
    assert point.out_of == pytest.approx(3 * (10 - 9 / 24) / 1000)  # they began at nine on the first of the ten days


def test_workers_count_until_their_role_ends(cast: Cast) -> None:
    some_rows(cast, random.Random(0), AT, 1, 1)
    ended = datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    RoleAssignment.objects.filter(person=cast.colleague).update(until_at=ended)
    days = (date(2026, 3, 1), date(2026, 3, 20))
    point = queries.counts_between("incidents.reporting", cast.north.place, *days, at=AT)
    assert point.out_of == pytest.approx((20 + 10) / 1000)
