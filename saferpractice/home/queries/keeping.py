"""What keeps incidents: the facts by which it is decided until when each is kept, for many in a fixed number of reads.

Nothing here asks who may read: that whoever calls has done. Every incident is held against all that is on record about
it, also what the person asking may not read, so that nobody disposes of what somebody else still needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q

from saferpractice.assurance.models import AuditPopulation, ImpactPlan
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.changes.queries import state_of_action, with_evidence
from saferpractice.changes.rules import ActionState
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import EvidencePack, Inspection, PackIncident
from saferpractice.evidence.queries.inspections import moments_of
from saferpractice.evidence.queries.learning import learning_facts_of, newest_reviews
from saferpractice.evidence.rules import LearningFacts
from saferpractice.home.models import GatheredRecords, RetentionHold
from saferpractice.home.queries.holding import people_concerned
from saferpractice.home.rules.retention import HoldKind, OpenWork, RetentionFacts
from saferpractice.incidents.models import HarmGrading, Incident, Withdrawal
from saferpractice.lists.queries import choices
from saferpractice.lists.rules.retention import LIST
from saferpractice.pathways.models import CaseObligation, PathwayCase, PathwayRecord
from saferpractice.reviews.models import ReviewDocument
from saferpractice.trail.models import TrailEntry
from saferpractice.triage.models import TierDecision, TriageRecord

OWN = "home."
"""Operations of this room: that somebody put a hold on it, or gathered it, is no work about the incident."""
OVER = frozenset({ActionState.DONE, ActionState.WITHDRAWN})


def years_kept(provider_id: UUID, on: date) -> dict[str, int]:
    """For how many years each kind of record is kept at a provider, by its code, on the London day ``on``.

    Never fewer than the national minimum, whatever a row of the database says.
    """
    listed = choices(LIST, provider_id=provider_id, on=on)
    return {one.code: max(int(one.detail["years"]), int(one.detail["at_least"])) for one in listed}


def retention_facts_of(
    provider_id: UUID,
    incidents: Sequence[Incident],
    at: datetime,
    holds: Mapping[UUID, Sequence[RetentionHold]],
) -> dict[UUID, RetentionFacts]:
    """All that is on record at ``at`` about how long each of ``incidents`` (of one provider) is kept, by its id.

    ``holds`` are those that stand, as ``standing_holds`` reads them: some who ask show them too.
    """
    ids = [one.pk for one in incidents]
    changes = _changes(ids)
    last, open_work = _last_work(ids, changes), _open_work(provider_id, incidents, changes, at)
    graded: dict[UUID, set[str]] = defaultdict(set)
    for pk, physical, psychological in HarmGrading.objects.filter(incident__in=ids).values_list(
        "incident_id", "physical_harm", "psychological_harm"
    ):
        graded[pk] |= {physical, psychological}
    tiers: dict[UUID, set[str]] = defaultdict(set)
    for pk, tier in TierDecision.objects.filter(incident__in=ids).values_list("incident_id", "tier"):
        tiers[pk].add(tier)
    required = set(
        TriageRecord.objects.filter(incident__in=ids)
        .exclude(nationally_required="")
        .values_list("incident_id", flat=True)
    )
    return {
        one.pk: RetentionFacts(
            happened_at=one.occurred_at,
            known_at=one.known_at,
            recorded_at=one.recorded_at,
            last_work_at=last.get(one.pk),
            harms=frozenset(graded[one.pk] | {one.physical_harm, one.psychological_harm}),
            tiers=frozenset(tiers[one.pk]),
            nationally_required=one.pk in required,
            open_work=frozenset(open_work[one.pk]),
            holds=tuple(HoldKind(hold.kind) for hold in holds[one.pk]),
        )
        for one in incidents
    }


def _changes(ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The incidents of ``ids`` by each change that answers a finding of theirs, withdrawn ones too."""
    through = OperationalChange.findings.through.objects.filter(finding__incident__in=list(ids))
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for change, incident in through.values_list("operationalchange_id", "finding__incident_id"):
        found[change].add(incident)
    return found


def _last_work(ids: list[UUID], changes: Mapping[UUID, set[UUID]]) -> dict[UUID, datetime]:
    """When anything was last done about each: on its own story, on a case opened from it, on a change made after it."""
    whose: dict[UUID, set[UUID]] = defaultdict(set, {pk: {pk} for pk in ids})
    for case, incident in PathwayCase.objects.filter(incident__in=ids).values_list("pk", "incident_id"):
        whose[case].add(incident)
    for change, of in changes.items():
        whose[change] |= of
    for plan, change in ImpactPlan.objects.filter(change__in=list(changes)).values_list("pk", "change_id"):
        whose[plan] |= changes[change]
    found: dict[UUID, datetime] = {}
    for subject, moment in [*written_about(list(whose)), *over_with("story_id", ids)]:
        for pk in whose.get(subject, set()):
            found[pk] = max(moment, found.get(pk, moment))
    return found


def written_about(ids: list[UUID]) -> Iterator[tuple[UUID, datetime]]:
    """When the trail last says that anything was done about each of ``ids``, what this room did left out."""
    done = TrailEntry.objects.exclude(operation__startswith=OWN)
    for column in ("story_id", "subject_id"):
        yield from done.filter(**{f"{column}__in": ids}).values_list(column).annotate(last=Max("at"))


def over_with(column: str, ids: Iterable[Any]) -> Iterator[tuple[UUID, datetime]]:
    """When the last of what was owed was met, and when cancelled, of each of ``ids`` in a column of obligations.

    ``ids`` may be a query, where they are many.
    """
    owed = Obligation.objects.filter(**{f"{column}__in": ids})
    for end in ("met_at", "cancelled_at"):
        yield from owed.filter(**{f"{end}__isnull": False}).values_list(column).annotate(last=Max(end))


def _open_work(
    provider_id: UUID, incidents: Sequence[Incident], changes: Mapping[UUID, set[UUID]], at: datetime
) -> dict[UUID, set[OpenWork]]:
    ids = [one.pk for one in incidents]
    found: dict[UUID, set[OpenWork]] = {pk: set() for pk in ids}
    parts: dict[OpenWork, Iterable[UUID]] = {
        **_of_the_review(ids),
        OpenWork.ACTION: _actions(ids, changes),
        OpenWork.DUTY: _duties(ids, changes),
        OpenWork.CASE: PathwayCase.objects.open().filter(incident__in=ids).values_list("incident_id", flat=True),
        OpenWork.AUDIT: _audited(provider_id, ids),
        OpenWork.INSPECTION: _inspected(provider_id, incidents, at),
        OpenWork.PACK: _packed(provider_id, incidents),
        OpenWork.REQUEST: _asked(incidents),
    }
    for work, whose in parts.items():
        for pk in whose:
            found[pk].add(work)
    for pk, facts in learning_facts_of(incidents).items():
        found[pk] |= set(_of_learning(facts))
    for pk in _looks_to_come(changes):
        found[pk].add(OpenWork.IMPACT)
    return found


def _of_the_review(ids: list[UUID]) -> dict[OpenWork, set[UUID]]:
    """Without a tier, or a complete review: not asked of what was withdrawn, for nobody can supply them any more."""
    withdrawn = set(Withdrawal.objects.filter(incident__in=ids).values_list("incident_id", flat=True))
    decided = set(TierDecision.objects.filter(incident__in=ids).values_list("incident_id", flat=True))
    complete = {pk for pk, review in newest_reviews(ids).items() if hasattr(review, "completion")}
    standing = set(ids) - withdrawn
    return {OpenWork.TRIAGE: standing - decided, OpenWork.REVIEW: standing - complete}


def _of_learning(facts: LearningFacts) -> Iterator[OpenWork]:
    if any(not finding.changes for finding in facts.findings):
        yield OpenWork.FINDING
    if any(not (change.live and change.proven) for change in facts.changes):
        yield OpenWork.CHANGE
    if any(change.plan is None or not change.outcome.is_checked for change in facts.changes):
        yield OpenWork.IMPACT


def _looks_to_come(changes: Mapping[UUID, set[UUID]]) -> Iterator[UUID]:
    plans = ImpactPlan.objects.filter(
        change__in=list(changes), change__withdrawal__isnull=True, replaced_by__isnull=True, looks__checks__isnull=True
    )
    for change in plans.values_list("change_id", flat=True):
        yield from changes[change]


def _actions(ids: list[UUID], changes: Mapping[UUID, set[UUID]]) -> Iterator[UUID]:
    known = Q(incident__in=ids) | Q(review__incident__in=ids) | Q(change__in=list(changes))
    for action in with_evidence(TrackedAction.objects.filter(known)).select_related("review"):
        if state_of_action(action) in OVER:
            continue
        of_review = action.review.incident_id if action.review is not None else None
        own = {pk for pk in (action.incident_id, of_review) if pk in ids}
        yield from own | (changes.get(action.change_id, set()) if action.change_id else set())


def _duties(ids: list[UUID], changes: Mapping[UUID, set[UUID]]) -> Iterator[UUID]:
    plans = dict(ImpactPlan.objects.filter(change__in=list(changes)).values_list("pk", "change_id"))
    subjects = [*changes, *plans]
    known = Q(story_id__in=ids) | Q(subject_id__in=subjects)
    for story, subject in Obligation.objects.open().filter(known).values_list("story_id", "subject_id"):
        if story is not None and story in ids:
            yield story
        yield from changes.get(plans.get(subject, subject), set())


def _audited(provider_id: UUID, ids: list[UUID]) -> Iterator[UUID]:
    """Those of which a record stands on the list of an audit that has no result yet, drawn or not."""
    listed = listed_by_audits(provider_id)
    if not listed:
        return
    records: list[tuple[UUID, UUID | None]] = [
        *((pk, pk) for pk in ids),
        *PathwayRecord.objects.filter(case__incident__in=ids).values_list("pk", "case__incident_id"),
        *CaseObligation.objects.filter(case__incident__in=ids).values_list("pk", "case__incident_id"),
        *ReviewDocument.objects.filter(review__incident__in=ids).values_list("pk", "review__incident_id"),
    ]
    yield from (incident for record, incident in records if str(record) in listed and incident is not None)


def listed_by_audits(provider_id: UUID) -> set[str]:
    """The ids of the records on the lists of audits that have no result yet."""
    unfinished = AuditPopulation.objects.filter(provider_id=provider_id, results__isnull=True, plan__end__isnull=True)
    return {line.partition(",")[0] for lines in unfinished.values_list("lines", flat=True) for line in lines}


def _inspected(provider_id: UUID, incidents: Sequence[Incident], at: datetime) -> Iterator[UUID]:
    """Those that an inspection which is not over covers, restricted ones too."""
    going_on = Inspection.objects.filter(provider_id=provider_id, ends_at__gt=at, end__isnull=True)
    for inspection in going_on.prefetch_related("services"):
        began, ended = moments_of(inspection)
        services = {service.pk for service in inspection.services.all()}
        for one in incidents:
            if one.team.service_id in services and began <= one.known_at < ended:
                yield one.pk


def _packed(provider_id: UUID, incidents: Sequence[Incident]) -> Iterator[UUID]:
    """Those that an evidence pack tells of which nobody withdrew, or may tell of once it is built."""
    ids = [one.pk for one in incidents]
    told = PackIncident.objects.filter(incident__in=ids, pack__withdrawal__isnull=True)
    yield from told.values_list("incident_id", flat=True)
    asked = EvidencePack.objects.filter(incident__in=ids, withdrawal__isnull=True)
    yield from (pk for pk in asked.values_list("incident_id", flat=True) if pk is not None)
    unbuilt = EvidencePack.objects.filter(provider_id=provider_id, built__isnull=True, withdrawal__isnull=True)
    for pack in unbuilt.filter(period_from__isnull=False).prefetch_related("services"):
        services = {service.pk for service in pack.services.all()}
        for one in incidents:
            days = {local_day(at) for at in (one.occurred_at, one.known_at, one.recorded_at) if at is not None}
            if one.team.service_id in services and any(_within(day, pack) for day in days):
                yield one.pk


def _within(day: date, pack: EvidencePack) -> bool:
    return pack.period_from is not None and pack.period_to is not None and pack.period_from <= day <= pack.period_to


def _asked(incidents: Sequence[Incident]) -> Iterator[UUID]:
    concerned = people_concerned(incidents)
    waiting = waiting_for_an_answer({person for people in concerned.values() for person in people})
    yield from (pk for pk, people in concerned.items() if people & waiting)


def waiting_for_an_answer(people: Collection[UUID]) -> set[UUID]:
    """Those of ``people`` about whom somebody asked what is held, and has no answer yet."""
    unanswered = GatheredRecords.objects.filter(person_supported__in=people, release__isnull=True)
    return set(unanswered.values_list("person_supported_id", flat=True))
