"""What the records of an inspection's services say to each quality statement, counted when it is asked for (R34).

Counts hold every incident of the inspection, restricted ones too. Records are listed only where their story is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from saferpractice.access.rules import Place
from saferpractice.assurance.models import AuditResult, ImpactCheck
from saferpractice.assurance.queries.supervision import coverage
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.changes.queries import coverage_of, state_of, state_of_action, with_evidence, with_facts
from saferpractice.changes.rules import ActionState, ChangeState, Strength
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.design.words import localday, localtime, plural
from saferpractice.evidence.models import Inspection, QualityMeeting, ThematicReview
from saferpractice.evidence.queries.inspected import reference_of
from saferpractice.evidence.queries.inspections import (
    incidents_in,
    incidents_shown,
    known_names,
    moments_of,
    services_of,
    with_tier,
)
from saferpractice.evidence.rules.inspections import (
    TIERS,
    Known,
    Link,
    Proof,
    Roles,
    Standing,
    in_words,
    mask,
    standing_of,
)
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Withdrawal
from saferpractice.lists.queries import Choice, choices, labels_of
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations.kinds import COMPLETE
from saferpractice.triage.models import SafeguardingReferral, ThresholdDecision
from saferpractice.triage.rules import ThresholdOutcome, TierCode

LISTED = 25
TRIAGE = "triage.decide"
TELL = "triage.tell"


def statements_of(inspection: Inspection, at: datetime) -> tuple[Choice, ...]:
    """The quality statements in force, in their order, of those that there are records for."""
    found = choices("quality-statements", provider_id=inspection.provider_id, on=local_day(at))
    return tuple(one for one in found if one.code in PROOFS)


def proofs_of(inspection: Inspection, code: str, at: datetime) -> tuple[Proof, ...]:
    """What the records say to one statement; none for a statement that they say nothing to."""
    records = _Records(inspection, at)
    return tuple(say(records) for say in PROOFS.get(code, ()))


class _Records:
    """The records of one inspection, each read once."""

    def __init__(self, inspection: Inspection, at: datetime) -> None:
        self.inspection, self.at = inspection, at
        self.first, self.after = moments_of(inspection)
        self.provider_id = inspection.provider_id

    @cached_property
    def tiers(self) -> dict[UUID, str | None]:
        """The tier in force of every incident, restricted ones too."""
        found = with_tier(incidents_in(self.inspection, self.at))
        return {one.pk: getattr(one, "tier_now", None) for one in found.only("pk")}

    @cached_property
    def shown(self) -> dict[UUID, str]:
        """The number of every incident whose story is shown."""
        return dict(incidents_shown(self.inspection, self.at).values_list("pk", "reference"))

    @cached_property
    def known(self) -> Known:
        """Who can be meant in the words of the incidents whose story is shown."""
        return known_names(self.provider_id, incidents_shown(self.inspection, self.at))

    @cached_property
    def changes(self) -> list[OperationalChange]:
        """The changes that answer a finding of an incident whose story is shown, newest first."""
        found = OperationalChange.objects.filter(findings__incident__in=list(self.shown)).distinct()
        return list(with_facts(found).prefetch_related("findings").order_by("-decided_at", "-pk"))

    def link(self, incident_id: UUID | None) -> Link | str:
        """The incident's number, leading to its story; nothing of one that is not shown."""
        if incident_id is None or incident_id not in self.shown:
            return ""
        return Link(self.shown[incident_id], incident_id)

    def of_change(self, change: OperationalChange) -> Link | str:
        """The first incident that a change answers whose story is shown."""
        ids = [finding.incident_id for finding in change.findings.all() if finding.incident_id in self.shown]
        return self.link(ids[0] if ids else None)

    def kept(self, kind: str) -> Counter[Standing]:
        """How the obligations of a kind about these incidents stand; cancelled ones are owed no more."""
        owed = Obligation.objects.filter(story_id__in=list(self.tiers), kind=kind, cancelled_at__isnull=True)
        return Counter(standing_of(due, met, self.at) for due, met in owed.values_list("due_at", "met_at"))


def _reviewed(records: _Records) -> Proof:
    """Reported and reviewed proportionately: each tier with how its reviews stand."""
    newest: dict[UUID, Review] = {}
    for review in (
        Review.objects.filter(incident__in=list(records.tiers))
        .select_related("completion")
        .order_by("decided_at", "pk")
    ):
        newest[review.incident_id] = review
    owed = Obligation.objects.filter(kind=COMPLETE, subject_id__in=[one.pk for one in newest.values()])
    due = dict(owed.order_by("opened_at", "pk").values_list("subject_id", "due_at"))
    table: dict[str | None, Counter[Standing]] = {tier: Counter() for tier in (*TIERS, None)}
    for pk, tier in records.tiers.items():
        found = newest.get(pk)
        if found is not None:
            done = found.completion.decided_at if hasattr(found, "completion") else None
            table[tier][standing_of(due.get(found.pk, found.due_at), done, records.at)] += 1
    reported = Counter(records.tiers.values())
    rows = tuple(
        (
            TierCode(tier).label if tier else "No tier decided",
            str(reported[tier]),
            *(str(table[tier][one]) for one in Standing),
            str(reported[tier] - sum(table[tier].values())),
        )
        for tier in (*TIERS, None)
    )
    total: Counter[Standing] = sum(table.values(), Counter())
    hidden = len(records.tiers) - len(records.shown)
    withdrawn = Withdrawal.objects.filter(
        incident__provider_id=records.provider_id, incident__known_at__gte=records.first,
        incident__known_at__lt=records.after, incident__team__service__in=services_of(records.inspection, records.at),
    ).count()  # fmt: skip
    left = f" Restricted to named people: {hidden}, counted here and read once released." if hidden else ""
    left += f" Besides these, {plural(withdrawn, 'report')} made twice or by mistake." if withdrawn else ""
    return Proof(
        title="Incidents reported, and reviewed in proportion",
        count=plural(len(records.tiers), "incident reported", "incidents reported"),
        sentence=f"Reviews: {in_words(total)}.{left}",
        columns=("Tier", "Reported", *(one.label for one in Standing), "No review open"),
        rows=rows,
    )


def _learnt(records: _Records) -> Proof:
    conditions = labels_of("system-conditions", provider_id=records.provider_id)
    found = list(Finding.objects.standing().filter(incident__in=list(records.shown)).order_by("-decided_at", "-pk"))
    rows = tuple(
        (
            reference_of("Finding", one.pk),
            records.link(one.incident_id),
            conditions.get(one.condition, one.condition),
            mask(one.statement, records.known).short(240),
        )
        for one in found[:LISTED]
    )
    return Proof(
        title="What was found",
        count=plural(len(found), "finding"),
        sentence="Each names a system condition, what made the incident more likely, and what would reduce recurrence.",
        columns=("Record", "Incident", "System condition", "Finding"),
        rows=rows,
        nothing="No finding is recorded.",
    )


def _triaged(records: _Records) -> Proof:
    kept = records.kept(TRIAGE)
    return Proof(
        title="Triaged straight after the incident",
        count=f"{kept[Standing.IN_TIME]} triaged in time",
        sentence=f"Triage within the standard: {in_words(kept)}.",
    )


def _thresholds(records: _Records) -> Proof:
    ids = list(records.tiers)
    every = ThresholdDecision.objects.filter(incident__in=ids)
    outcomes = Counter(every.values_list("outcome", flat=True))
    counted = ", ".join(f"{outcomes[one.value]} {one.label.lower()}" for one in ThresholdOutcome)
    reasoned = every.exclude(rationale="").count()
    listed = every.filter(incident__in=list(records.shown)).order_by("-decided_at", "-pk")[:LISTED]
    return Proof(
        title="Safeguarding decisions with their rationale",
        count=plural(every.count(), "threshold decision"),
        sentence=f"{counted}. {reasoned} of {every.count()} have a rationale.",
        columns=("Record", "Incident", "Decision", "Rationale", "Decided by", "When"),
        rows=tuple(
            (
                reference_of("Threshold decision", one.pk),
                records.link(one.incident_id),
                ThresholdOutcome(one.outcome).label,
                mask(one.rationale, records.known).short(),
                Roles(one.decided_by_role),
                localtime(one.decided_at),
            )
            for one in listed
        ),
        nothing="No decision is recorded.",
    )


def _told(records: _Records) -> Proof:
    kept = records.kept(TELL)
    referrals = SafeguardingReferral.objects.filter(incident__in=list(records.tiers))
    answered = referrals.filter(acknowledgements__isnull=False).distinct().count()
    return Proof(
        title="Who was told",
        count=f"{plural(referrals.count(), 'referral')} to the local authority",
        sentence=f"{answered} of {referrals.count()} are acknowledged. Others who must be told: {in_words(kept)}.",
    )


def _actions(records: _Records) -> Proof:
    about = TrackedAction.objects.filter(incident__in=list(records.tiers))
    every = list(with_evidence(about).order_by("due_on", "pk"))
    states = Counter(state_of_action(one) for one in every)
    late = sum(not state_of_action(one).is_over and one.due_on < local_day(records.at) for one in every)
    listed = [one for one in every if one.incident_id in records.shown]
    return Proof(
        title="Action plans",
        count=f"{plural(states[ActionState.DONE], 'action')} done, with evidence accepted",
        sentence=f"Tracked actions: {len(every)}, of them {states[ActionState.DONE]} done and {late} late.",
        columns=("Record", "Incident", "Action", "Due", "State"),
        rows=tuple(
            (
                reference_of("Tracked action", one.pk),
                records.link(one.incident_id),
                mask(one.what, records.known).short(),
                localday(one.due_on),
                state_of_action(one).label,
            )
            for one in reversed(listed[-LISTED:])
        ),
        nothing="No action is tracked.",
    )


def _audits(records: _Records) -> Proof:
    plans = [one.pk for one in records.changes]
    found = AuditResult.objects.filter(corrected_by__isnull=True, population__plan__change__in=plans)
    listed = list(found.select_related("population__plan").order_by("-decided_at", "-pk")[:LISTED])
    return Proof(
        title="Audits of what was changed",
        count=f"{plural(found.count(), 'audit')} with a result",
        sentence="The records of each audit are drawn at random from a list frozen before.",
        columns=("Record", "Audit", "Answer", "Met the standard", "When"),
        rows=tuple(
            (
                reference_of("Audit result", one.pk),
                mask(one.population.plan.title, records.known).short(),
                one.answer,
                f"{one.met} of {one.read}",
                localday(one.decided_at),
            )
            for one in listed
        ),
        nothing="No audit of these changes has a result.",
    )


def _supervised(records: _Records) -> Proof:
    first, last = records.inspection.period_from, records.inspection.period_to
    places = services_of(records.inspection, records.at)
    found = [(one.name, coverage(Place(records.provider_id, one.pk), first, last, records.at)) for one in places]
    owed, held = sum(one.owed for _, one in found), sum(one.discussed for _, one in found)
    return Proof(
        title="Supervision on safeguarding learning",
        count=f"{plural(held, 'discussion')} held",
        sentence=f"{held} of {owed} discussions owed were held: one learning point, for each worker, each month.",
        columns=("Service", "Owed", "Held", "Confirmed by the worker", "Disputed", "Still to be held", "Not held"),
        rows=tuple(
            (
                name,
                *map(str, (one.owed, one.discussed, one.confirmed)),
                *(str(len(cells)) for cells in (one.disputed, one.not_yet, one.missing)),
            )
            for name, one in found
        ),
    )


def _meetings(records: _Records) -> Proof:
    found = QualityMeeting.objects.filter(review__provider_id=records.provider_id, replaced_by__isnull=True)
    held = found.filter(held_on__gte=records.inspection.period_from, held_on__lte=records.inspection.period_to)
    listed = list(held.select_related("review__signature").prefetch_related("decisions").order_by("-held_on", "-pk"))
    signed = ThematicReview.objects.filter(pk__in=[one.review_id for one in listed], signature__isnull=False).count()
    return Proof(
        title="Quality meetings",
        count=f"{plural(len(listed), 'quality meeting')} held on a thematic review",
        sentence=f"They are of the whole provider. Of the reviews, signed: {signed}.",
        columns=("Record", "Thematic review", "Meeting held", "Decisions", "State"),
        rows=tuple(
            (
                reference_of("Quality meeting", one.pk),
                one.review.quarter.label,
                localday(one.held_on),
                str(len(one.decisions.all())),
                "Signed" if hasattr(one.review, "signature") else "Not signed yet",
            )
            for one in listed[:LISTED]
        ),
        nothing="No quality meeting is on record in this period.",
    )


def _changed(records: _Records) -> Proof:
    checks = ImpactCheck.objects.filter(plan__change__in=[one.pk for one in records.changes], plan__primary=True)
    verdicts = {one.plan.change_id: one.verdict for one in checks.select_related("plan").order_by("decided_at", "pk")}
    states = Counter(state_of(one) for one in records.changes)
    counted = Counter(verdicts.values())
    said = ", ".join(f"{number} {word.lower()}" for word, number in sorted(counted.items())) or "none has a verdict yet"
    return Proof(
        title="Changes to how work is done",
        count=f"{plural(states[ChangeState.PROVEN], 'change')} proven in every team",
        sentence=f"Changes that answer these incidents: {len(records.changes)}. Whether they worked: {said}.",
        columns=("Record", "Incident", "Change", "Strength", "Teams reached", "State", "Did it work?"),
        rows=tuple(_change_row(records, one, verdicts) for one in records.changes[:LISTED]),
        nothing="No change is agreed.",
    )


def _change_row(records: _Records, one: OperationalChange, verdicts: dict[UUID, str]) -> tuple[Any, ...]:
    reached = coverage_of(one)
    return (
        reference_of("Change", one.pk),
        records.of_change(one),
        mask(one.title, records.known).short(),
        Strength(one.strength).label,
        f"{reached.reached} of {len(reached.teams)}",
        state_of(one).label,
        verdicts.get(one.pk, "Not known yet"),
    )


PROOFS: dict[str, tuple[Callable[[_Records], Proof], ...]] = {
    "learning-culture": (_reviewed, _learnt),
    "safeguarding": (_triaged, _thresholds, _told),
    "governance": (_actions, _audits, _supervised, _meetings),
    "improvement": (_changed,),
}
"""What is shown to each statement, by its code."""
