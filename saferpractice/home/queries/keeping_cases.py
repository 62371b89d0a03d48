"""What keeps pathway cases opened from no incident: the facts it is decided by, for many in a fixed number of reads.

A case is a part of what is written down of the care of a person, so what was done later about the same person keeps
it too. Which incidents count for that, whoever calls says: all of them where records may go, and those one may read
where a list is shown, for a day that follows from an incident would tell of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q

from saferpractice.deadlines.models import Obligation
from saferpractice.home.models import RetentionHold
from saferpractice.home.queries.keeping import listed_by_audits, over_with, waiting_for_an_answer, written_about
from saferpractice.home.rules.retention import CaseFacts, HoldKind, OpenWork
from saferpractice.incidents.models import Incidents
from saferpractice.pathways.models import CaseClosing, CaseObligation, PathwayCase, PathwayRecord


def case_facts_of(
    provider_id: UUID,
    cases: Sequence[PathwayCase],
    holds: Mapping[UUID, Sequence[RetentionHold]],
    incidents: Incidents,
) -> dict[UUID, CaseFacts]:
    """All that is on record about how long each of ``cases`` (of one provider, of no incident) is kept, by its id.

    ``holds`` are those that stand, by the person (``holds_on_people``); ``incidents`` those that count.
    """
    people = {one.person_supported_id for one in cases}
    about = _about(people, incidents)
    audited, asked = _audited(provider_id, cases), waiting_for_an_answer(people)
    owed = set(_owing(cases))
    found = {}
    for one in cases:
        person = one.person_supported_id
        is_so = {
            OpenWork.CASE: about[person].open,
            OpenWork.DUTY: one.pk in owed,
            OpenWork.AUDIT: one.pk in audited,
            OpenWork.REQUEST: person in asked,
        }
        found[one.pk] = CaseFacts(
            opened_at=one.decided_at,
            last_work_at=about[person].last_at,
            open_work=frozenset(work for work, so in is_so.items() if so),
            holds=tuple(HoldKind(hold.kind) for hold in holds[person]),
        )
    return found


@dataclass(slots=True)
class _About:
    """What is held about one person: the ids of their records, when anything was last done, whether a case is open."""

    ids: set[UUID] = field(default_factory=set)
    last_at: datetime | None = None
    open: bool = False

    def count(self, moment: datetime | None) -> None:
        if moment is not None:
            self.last_at = max(moment, self.last_at or moment)


def _about(people: Collection[UUID], incidents: Incidents) -> dict[UUID, _About]:
    """What is held about each of ``people``, as far as it is of ``incidents`` or of none."""
    found: dict[UUID, _About] = {person: _About() for person in people}
    by_case = Q(pk__in=PathwayCase.objects.filter(person_supported__in=people).values("incident"))
    counted: dict[UUID, tuple[datetime | None, ...]] = {}
    for pk, person, *moments in incidents.filter(by_case | Q(person_supported__in=people)).values_list(
        "pk", "person_supported_id", "occurred_at", "known_at", "recorded_at"
    ):
        counted[pk] = tuple(moments)
        if person in found:
            found[person].ids.add(pk)
    cases = PathwayCase.objects.filter(Q(incident__isnull=True) | Q(incident__in=counted), person_supported__in=people)
    for pk, person, incident, opened_at, closing in cases.values_list(
        "pk", "person_supported_id", "incident_id", "decided_at", "closing"
    ):
        mine = found[person]
        mine.ids |= {pk} | ({incident} if incident is not None else set())
        mine.open = mine.open or closing is None
        mine.count(opened_at)
    for mine in found.values():
        for pk in mine.ids & counted.keys():
            for moment in counted[pk]:
                mine.count(moment)
    _count_work(found)
    return found


def _count_work(found: Mapping[UUID, _About]) -> None:
    """Count when anything was last written, closed, met or cancelled on each record."""
    whose: dict[UUID, set[UUID]] = defaultdict(set)
    for person, mine in found.items():
        for pk in mine.ids:
            whose[pk].add(person)
    ids = list(whose)
    owed = CaseObligation.objects.filter(case__in=ids)
    case_of = dict(owed.values_list("pk", "case_id"))
    moments = [
        *written_about(ids),
        *over_with("story_id", ids),
        *((case_of[pk], moment) for pk, moment in over_with("subject_id", owed.values("pk"))),
        *CaseClosing.objects.filter(case__in=ids).values_list("case_id", "decided_at"),
        *PathwayRecord.objects.filter(case__in=ids).values_list("case_id").annotate(last=Max("decided_at")),
    ]
    for pk, moment in moments:
        for person in whose[pk]:
            found[person].count(moment)


def _owing(cases: Sequence[PathwayCase]) -> Iterator[UUID]:
    """Those on which something is still owed."""
    owed = CaseObligation.objects.filter(case__in=cases)
    case_of = dict(owed.values_list("pk", "case_id"))
    standing = Obligation.objects.open().filter(subject_id__in=owed.values("pk"))
    yield from (case_of[pk] for pk in standing.values_list("subject_id", flat=True))


def _audited(provider_id: UUID, cases: Sequence[PathwayCase]) -> set[UUID]:
    """Those of which a record stands on the list of an audit that has no result yet, drawn or not."""
    listed = listed_by_audits(provider_id)
    if not listed:
        return set()
    records = [
        *PathwayRecord.objects.filter(case__in=cases).values_list("pk", "case_id"),
        *CaseObligation.objects.filter(case__in=cases).values_list("pk", "case_id"),
    ]
    return {case for record, case in records if str(record) in listed}
