"""Replay a candidate over recorded history: begun by a person, worked off part by part by any number of workers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q

from saferpractice.access.decisions import decided
from saferpractice.access.models import Provider
from saferpractice.deadlines.rules import Calendar, OutOfHours
from saferpractice.pathways.models import (
    PathwayRecord,
    PathwayVersion,
    Replay,
    ReplayCase,
    ReplayPart,
    ReplayResult,
    ReplayStopped,
)
from saferpractice.pathways.permissions import check_can_replay
from saferpractice.pathways.queries.replays import (
    Candidate,
    cases_to_replay,
    live_version,
    running,
    setting_of,
    standing_incidents,
)
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import kept_definition
from saferpractice.pathways.rules.replaying import (
    Difference,
    Happened,
    Setting,
    compared,
    fitting_values,
    incident_to_forestall,
    openings,
    threshold_at,
)
from saferpractice.pathways.rules.tally import Tally, Warned, forestalled
from saferpractice.pathways.rules.timeline import Record
from saferpractice.pathways.rules.values import read_values
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By, Process

REPLAYER = Process("Safer Practice replay")
IN_REQUEST = 200
"""Replays of up to this many cases are done at once; longer ones by the worker."""
CASES_A_PART = 400
"""How many cases are looked at between two looks at deadlines: a fraction of a second."""
CLAIMED_FOR = timedelta(minutes=2)
"""How long a part belongs to whoever claimed it; after that they must have died."""

log = structlog.get_logger()


@operation
def start_replay(
    *,
    by: By,
    at: datetime,
    live: PathwayVersion,
    candidate: Candidate,
    since: datetime | None = None,
    submission_key: str,
) -> Entry[Replay] | Already[Replay]:
    """Begin to replay ``candidate`` over the cases of its pathway that were opened from ``since`` on.

    The same form again gives the replay that was begun. Of one pathway one replay runs at a time.

    Raises:
        Refused: ``by`` may not.
        Invalid: another replay of this pathway is running, ``live`` is in use no longer, or there is no case.
    """
    check_can_replay(by=by, at=at, provider_id=live.provider_id)
    Provider.objects.select_for_update().get(pk=live.provider_id)  # two who start at once take turns
    earlier = Replay.objects.filter(provider_id=live.provider_id, submission_key=submission_key).first()
    if earlier is not None:
        return Already(earlier)
    if running(live.provider_id, live.pathway) is not None:
        raise Invalid("A replay of this pathway is running. Wait until it is done, or stop it.")
    if live_version(live.provider_id, live.pathway, at) != live:
        raise Invalid("Another version went live meanwhile. Start again, to compare with that.")
    ids = list(cases_to_replay(live.provider_id, live.pathway, at, since).values_list("pk", flat=True))
    if not ids:
        raise Invalid("There is no case to replay. Choose a longer time.")
    replay = Replay.objects.create(
        provider_id=live.provider_id,
        pathway=live.pathway,
        live=live,
        candidate=candidate.content,
        candidate_name=candidate.name,
        draft=candidate.draft,
        opened_from=since,
        cases=len(ids),
        setting=setting_of(live.provider_id, live.pathway, at),
        submission_key=submission_key,
        **decided(by, at),
    )
    ReplayPart.objects.bulk_create(
        ReplayPart(replay=replay, number=number, first=some[0], last=some[-1], cases=len(some))
        for number, some in enumerate(_some(ids, CASES_A_PART), start=1)
    )
    return Entry(
        result=replay,
        subject=replay,
        sentence=f"began to replay “{candidate.name}” of the pathway “{live.title}” over {len(ids):,} cases",
        facts={"live": live.number, "cases": len(ids)},
    )


@operation
def stop_replay(*, by: By, at: datetime, replay: Replay) -> Entry[ReplayStopped] | Already[ReplayStopped]:
    """Stop a replay that is not done. What it found so far adds up to nothing and is not shown.

    Raises:
        Refused: ``by`` may not.
        Invalid: it is done already.
    """
    check_can_replay(by=by, at=at, provider_id=replay.provider_id)
    Provider.objects.select_for_update().get(pk=replay.provider_id)
    earlier = ReplayStopped.objects.filter(replay=replay).first()
    if earlier is not None:
        return Already(earlier)
    if ReplayResult.objects.filter(replay=replay).exists():
        raise Invalid("This replay is done already.")
    stopped = ReplayStopped.objects.create(replay=replay, **decided(by, at))
    return Entry(result=stopped, subject=replay, sentence=f"stopped the replay of “{replay.candidate_name}”")


@operation
def finish_replay(*, by: By, at: datetime, replay: Replay) -> Entry[ReplayResult] | Already[ReplayResult]:
    """Add up what the parts of a replay found. Once, whoever comes last.

    Raises:
        Invalid: not all of it is done, or it was stopped.
    """
    check_can_replay(by=by, at=at, provider_id=replay.provider_id)
    Provider.objects.select_for_update().get(pk=replay.provider_id)
    earlier = ReplayResult.objects.filter(replay=replay).first()
    if earlier is not None:
        return Already(earlier)
    if ReplayPart.objects.filter(replay=replay, done_at__isnull=True).exists():
        raise Invalid("This replay is not done yet.")
    if ReplayStopped.objects.filter(replay=replay).exists():
        raise Invalid("This replay was stopped.")
    tally = Tally()
    for part in ReplayPart.objects.filter(replay=replay).order_by("number"):
        tally.join(Tally.from_data(part.tally or {}))
    rows = ReplayCase.objects.filter(replay=replay, incident__isnull=False)
    columns = ("incident_id", "incident_at", "live_at", "candidate_at")
    warned = forestalled(Warned(str(first), *rest) for first, *rest in rows.values_list(*columns).iterator(2000))
    result = ReplayResult.objects.create(
        replay=replay, tally=tally.as_data(), incidents=warned._asdict(), **decided(by, at)
    )
    return Entry(
        result=result,
        subject=replay,
        sentence=f"finished the replay of “{replay.candidate_name}”",
        facts={"cases": tally.cases, "differ": tally.differ, "unread": tally.unread},
    )


def carry_on_replays(*, at: datetime) -> int:
    """Claim one part that waits and do it; how many cases were looked at. Zero: nothing waits."""
    for part in ReplayPart.objects.waiting(at).select_related("replay__live")[:20]:
        if _claim(part, at):
            _do(part, at)
            return part.cases
    return 0


def carry_on_replay(*, replay: Replay, at: datetime) -> None:
    """Do all of a short replay at once."""
    for part in ReplayPart.objects.waiting(at).filter(replay=replay).select_related("replay__live"):
        if _claim(part, at):
            _do(part, at)


def _claim(part: ReplayPart, at: datetime) -> bool:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    claimed = ReplayPart.objects.left().filter(free, pk=part.pk)
    return bool(
        ReplayPart.objects.filter(pk__in=claimed.values("pk")).filter(free).update(claimed_until=at + CLAIMED_FOR)
    )


def _do(part: ReplayPart, at: datetime) -> None:
    """Look at the cases of a part and keep what was found, all of it or nothing, once."""
    try:
        tally, found = Replaying.of(part.replay).part(part)
    except DatabaseError:
        ReplayPart.objects.filter(pk=part.pk, done_at__isnull=True).update(claimed_until=None)
        raise
    with transaction.atomic():
        mine = ReplayPart.objects.filter(pk=part.pk, done_at__isnull=True)
        if not mine.update(done_at=at, claimed_until=None, tally=tally.as_data()):
            return  # it took so long that somebody else did it
        ReplayCase.objects.bulk_create(found, batch_size=500)
    if not ReplayPart.objects.filter(replay=part.replay_id, done_at__isnull=True).exists():
        _finish(part.replay, at)


def _finish(replay: Replay, at: datetime) -> None:
    try:
        finish_replay(by=REPLAYER, at=at, replay=replay)
    except (Invalid, IntegrityError) as no:
        log.info("a replay was not finished", replay=str(replay.pk), because=type(no).__name__)


@dataclass(frozen=True, slots=True)
class _Case:
    """What of a case is needed to replay it."""

    id: UUID
    team_id: UUID
    service_id: UUID
    person_id: UUID
    incident_id: UUID | None
    until: datetime


class Replaying:
    """What all parts of a replay share, read once for each part."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.live = kept_definition(replay.live.content, name=str(replay.live))
        self.candidate = kept_definition(replay.candidate, name=replay.candidate_name)
        evening = [time.fromisoformat(text) for text in replay.setting["evening"]]
        self.calendar = Calendar.from_data(replay.setting["calendar"])
        self.out_of_hours = OutOfHours(*evening)
        self.alike = self.live.records == self.candidate.records
        self.settings: dict[tuple[bool, UUID], Setting] = {}

    @classmethod
    def of(cls, replay: Replay) -> Replaying:
        """For ``replay``; the last one is kept, since a worker does the parts of one replay in turn."""
        if _KEPT.get("replay") != replay.pk:
            _KEPT.update(replay=replay.pk, replaying=cls(replay))
        kept: Replaying = _KEPT["replaying"]
        return kept

    def setting(self, definition: Definition, service_id: UUID) -> Setting:
        """What ``definition`` works by in a service."""
        key = (definition is self.live, service_id)
        if key not in self.settings:
            own = self.replay.setting["local"].get(str(service_id), {})
            self.settings[key] = Setting(self.calendar, self.out_of_hours, fitting_values(definition, own))
        return self.settings[key]

    def part(self, part: ReplayPart) -> tuple[Tally, list[ReplayCase]]:
        """What the cases of ``part`` give. One that cannot be replayed is counted and left out."""
        tally, found = Tally(), []
        cases = list(self._cases(part))
        timelines = self._timelines([case.id for case in cases])
        incidents = self._incidents(cases)
        for case in cases:
            try:
                row = self._one(case, timelines.get(case.id, []), incidents, tally)
            except (ValueError, KeyError, TypeError, AttributeError) as fault:
                log.warning("a case could not be replayed", case=str(case.id), fault=type(fault).__name__)
                tally.unread += 1
                continue
            if row is not None:
                found.append(row)
        return tally, found

    def _one(
        self, case: _Case, rows: list[_Row], incidents: dict[UUID, list[Happened]], tally: Tally
    ) -> ReplayCase | None:
        timeline = [_record(row, self.live) for row in rows]
        other = timeline if self.alike else [_record(row, self.candidate) for row in rows]
        live = openings(self.live, timeline, case.until, self.setting(self.live, case.service_id))
        candidate = openings(self.candidate, other, case.until, self.setting(self.candidate, case.service_id))
        differences = compared(live, candidate)
        own = next(iter(incidents.get(case.id, ())), None)
        incident = incident_to_forestall(timeline, own, incidents.get(case.person_id, ()))
        tally.add(str(case.service_id), live, candidate, differences)
        if not differences and incident is None:
            return None
        kinds = sorted({difference.kind.value for difference in differences})
        return ReplayCase(
            replay=self.replay,
            case_id=case.id,
            differs=bool(differences),
            kinds=f",{','.join(kinds)}," if kinds else "",
            differences=[_difference(each) for each in differences],
            live_at=threshold_at(live),
            candidate_at=threshold_at(candidate),
            incident_id=incident.id if incident else None,
            incident_at=incident.at if incident else None,
        )

    def _cases(self, part: ReplayPart) -> Iterator[_Case]:
        until, replay = self.replay.decided_at, self.replay
        wanted = cases_to_replay(replay.provider_id, replay.pathway, until, replay.opened_from)
        columns = ("pk", "team_id", "team__service_id", "person_supported_id", "incident_id", "closing__decided_at")
        for row in wanted.filter(pk__gte=part.first, pk__lte=part.last).values_list(*columns):
            case = _Case(*row)
            yield replace(case, until=min(case.until or until, until))

    def _timelines(self, ids: list[UUID]) -> dict[UUID, list[_Row]]:
        rows = PathwayRecord.objects.filter(case_id__in=ids, decided_at__lte=self.replay.decided_at)
        found: dict[UUID, list[_Row]] = {}
        for case_id, *row in rows.values_list("case_id", *_COLUMNS):
            found.setdefault(case_id, []).append(tuple(row))
        return found

    def _incidents(self, cases: Sequence[_Case]) -> dict[UUID, list[Happened]]:
        """By the person's id those of each person, and by the case's id the one it was opened from."""
        own: dict[UUID, list[UUID]] = {}
        for case in cases:
            if case.incident_id:
                own.setdefault(case.incident_id, []).append(case.id)
        found: dict[UUID, list[Happened]] = {}
        for pk, person_id, at in standing_incidents({case.person_id for case in cases}, own, self.replay.decided_at):
            for key in (person_id, *own.get(pk, ())):
                found.setdefault(key, []).append(Happened(str(pk), at))
        return found


_KEPT: dict[str, Any] = {}
_Row = tuple[Any, ...]
_COLUMNS = ("pk", "kind", "happened_at", "decided_at", "values", "corrects_id", "withdrawn")


def _record(row: _Row, definition: Definition) -> Record:
    pk, kind, happened_at, recorded_at, values, corrects, withdrawn = row
    known = definition.kinds.get(kind)
    return Record(
        id=str(pk),
        kind=kind,
        happened_at=happened_at,
        recorded_at=recorded_at,
        values=read_values(known, values) if known else values,
        corrects=str(corrects) if corrects else None,
        withdrawn=withdrawn,
    )


def _difference(found: Difference) -> list[Any]:
    return [found.code, *([side.times, side.first_at and side.first_at.isoformat(), side.late] for side in found[1:])]


def _some(ids: list[UUID], size: int) -> Iterator[list[UUID]]:
    waiting = iter(ids)
    while some := list(itertools.islice(waiting, size)):
        yield some
