"""Records whose time is over, as far as whoever asks may read them: due for disposal, or kept all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import end_of_day, local_day
from saferpractice.home.models import RetentionHold
from saferpractice.home.queries.disposal import standing_of
from saferpractice.home.queries.disposals import under_way
from saferpractice.home.queries.holding import holds_on_people, may_read_hold, standing_holds
from saferpractice.home.queries.keeping import retention_facts_of, years_kept
from saferpractice.home.queries.keeping_cases import case_facts_of
from saferpractice.home.rules import Cursor
from saferpractice.home.rules.retention import (
    CASE,
    OF_INCIDENTS,
    Kept,
    Retained,
    case_due_for_disposal,
    due_for_disposal,
    recorded_before,
)
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import PathwayCase

AT_ONCE = 200
Row = TypeVar("Row", Incident, PathwayCase)


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """Which records whose time is over: in which state, of which kind ("" any), of which team."""

    state: Kept = Kept.DUE
    code: str = ""
    team_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TimeOver:
    """A record whose time is over, where it stands, and the holds on it that whoever asks may read.

    It is an incident, or a pathway case opened from none. ``held_unseen`` says that a hold stands of which they may
    only know that it does; of an incident that was ``withdrawn`` there is no page. ``proposal_id`` is the proposal of
    its disposal that is open or waits for the worker, if any.
    """

    record: Incident | PathwayCase
    retained: Retained
    holds: tuple[RetentionHold, ...]
    held_unseen: bool
    withdrawn: bool = False
    proposal_id: UUID | None = None

    @property
    def cursor(self) -> Cursor:
        """Where it stands in the list: by when it was recorded."""
        one = self.record
        return Cursor(one.recorded_at if isinstance(one, Incident) else one.decided_at, one.pk)


def times_over(by: Person, at: datetime, wanted: KeptFilter, after: Cursor | None = None) -> Iterator[TimeOver]:
    """The records ``by`` may read whose time is over on the London day of ``at``, the oldest first.

    Withdrawn incidents too. Memory stays the same however many there are. Whether ``by`` decides how long records are
    kept is not asked here (``permissions``).
    """
    parts = (_incidents_over(by, at, wanted, after), _cases_over(by, at, wanted, after))
    return merge(*parts, key=lambda over: (over.cursor.moment, over.cursor.id))


def _incidents_over(by: Person, at: datetime, wanted: KeptFilter, after: Cursor | None) -> Iterator[TimeOver]:
    day = local_day(at)
    years = years_kept(by.provider_id, day)
    before = recorded_before(years, day)
    if before is None or wanted.code not in {"", *OF_INCIDENTS}:
        return
    found = Incident.objects.readable_by(by, at).filter(recorded_at__lt=end_of_day(before))
    found = found.select_related("team__service", "withdrawal")
    for chunk in _chunks(found, "recorded_at", wanted, after):
        holds = standing_holds(by.provider_id, chunk)
        facts = retention_facts_of(by.provider_id, chunk, at, holds)
        proposed = under_way(by, at, [one.pk for one in chunk])
        for one in chunk:
            retained = due_for_disposal(facts[one.pk], years, day)
            if wanted.state.shows(retained) and wanted.code in {"", retained.code}:
                seen, unseen = _seen(by, at, holds[one.pk])
                yield TimeOver(one, retained, seen, unseen, hasattr(one, "withdrawal"), proposed.get(one.pk))


def _cases_over(by: Person, at: datetime, wanted: KeptFilter, after: Cursor | None) -> Iterator[TimeOver]:
    day = local_day(at)
    years = years_kept(by.provider_id, day)
    before = recorded_before(years, day, {CASE})
    if before is None or wanted.code not in {"", CASE}:
        return
    readable = Incident.objects.readable_by(by, at)
    found = PathwayCase.objects.visible_to(by, at).filter(incident=None, decided_at__lt=end_of_day(before))
    found = found.select_related("team__service", "version", "person_supported")
    for chunk in _chunks(found, "decided_at", wanted, after):
        holds = holds_on_people(by.provider_id, {one.person_supported_id for one in chunk})
        facts = case_facts_of(by.provider_id, chunk, holds, readable)
        for one in chunk:
            retained = case_due_for_disposal(facts[one.pk], years, day)
            if wanted.state.shows(retained):
                yield TimeOver(one, retained, *_seen(by, at, holds[one.person_supported_id]))


def _chunks(found: QuerySet[Row], moment: str, wanted: KeptFilter, after: Cursor | None) -> Iterator[list[Row]]:
    """The rows by ``moment``, the oldest first, so many at once; behind ``after``, and of the team that is wanted."""
    if wanted.team_id is not None:
        found = found.filter(team_id=wanted.team_id)
    found, last = found.order_by(moment, "pk"), after
    while True:
        chunk = list((_behind(found, moment, last) if last is not None else found)[:AT_ONCE])
        yield chunk
        if len(chunk) < AT_ONCE:
            return
        last = Cursor(getattr(chunk[-1], moment), chunk[-1].pk)


def _behind(found: QuerySet[Row], moment: str, last: Cursor) -> QuerySet[Row]:
    return found.filter(Q(**{f"{moment}__gt": last.moment}) | Q(**{moment: last.moment}, pk__gt=last.id))


def _seen(by: Person, at: datetime, holds: Sequence[RetentionHold]) -> tuple[tuple[RetentionHold, ...], bool]:
    """Those of the holds that ``by`` may read, and whether there are others."""
    seen = tuple(hold for hold in holds if may_read_hold(by, at, hold))
    return seen, len(seen) < len(holds)


def times_over_page(
    by: Person, at: datetime, wanted: KeptFilter, after: Cursor | None, size: int
) -> tuple[list[TimeOver], Cursor | None]:
    """A page of them, and where the next one starts."""
    rows = list(islice(times_over(by, at, wanted, after), size + 1))
    return rows[:size], rows[size - 1].cursor if len(rows) > size else None


def retained_now(incident: Incident, at: datetime) -> Retained:
    """Where one incident stands at ``at``, by all that is on record about it."""
    return standing_of([incident], at)[incident.pk]


def case_retained_now(case: PathwayCase, at: datetime) -> Retained:
    """Where one case opened from no incident stands at ``at``, by all that is on record about its person."""
    day = local_day(at)
    holds = holds_on_people(case.provider_id, {case.person_supported_id})
    facts = case_facts_of(case.provider_id, [case], holds, Incident.objects.filter(provider_id=case.provider_id))
    return case_due_for_disposal(facts[case.pk], years_kept(case.provider_id, day), day)
