"""What a person may list, open and choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import Person, Service, Team
from saferpractice.access.queries import colleagues
from saferpractice.access.rules import REPORTS
from saferpractice.changes.models import (
    ActionPlan,
    Changes,
    CompletionEvidence,
    OperationalChange,
    RolloutProof,
    TrackedAction,
)
from saferpractice.changes.queries.facts import with_evidence, with_facts
from saferpractice.changes.rules import ChangeState, Mix, mix_of
from saferpractice.files.models import StoredFile
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review
from saferpractice.reviews.rules import Record

PAGE = 25


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """How a list of changes is narrowed. ``words`` must all stand in the title or in what is different on Monday."""

    state: ChangeState | None = None
    change_type: str = ""
    strength: str = ""
    service_id: UUID | None = None
    words: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self != ChangeFilter()


def changes_seen(person: Person, at: datetime, wanted: ChangeFilter) -> Changes:
    """The changes ``person`` may open that fit, newest first, with their facts."""
    found = OperationalChange.objects.visible_to(person, at)
    if wanted.state is not None:
        found = found.in_state(wanted.state)
    if wanted.change_type:
        found = found.filter(change_type=wanted.change_type)
    if wanted.strength:
        found = found.filter(strength=wanted.strength)
    if wanted.service_id is not None:
        reaching = OperationalChange.reach.through.objects.filter(team__service_id=wanted.service_id)
        found = found.filter(pk__in=reaching.values("operationalchange_id"))
    for word in wanted.words.split()[:6]:
        found = found.filter(Q(title__icontains=word) | Q(monday__icontains=word))
    return with_facts(found).order_by("-decided_at", "-pk")


def page_after(found: Changes, after: UUID | None) -> tuple[list[OperationalChange], UUID | None]:
    """One page of ``found`` after a change in it, and the last change shown when more follow."""
    last = found.filter(pk=after).first() if after is not None else None
    if last is not None:
        found = found.filter(Q(decided_at__lt=last.decided_at) | Q(decided_at=last.decided_at, pk__lt=last.pk))
    rows = list(found[: PAGE + 1])
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def mix_seen(person: Person, at: datetime, service_id: UUID | None = None) -> Mix:
    """How strong the standing changes are that ``person`` may open (of those that reach one service)."""
    found = changes_seen(person, at, ChangeFilter(service_id=service_id)).standing()
    return mix_of(found.order_by().values_list("strength", flat=True))


def services_of(person: Person) -> QuerySet[Service]:
    """The services of the person's provider, by name."""
    return Service.objects.filter(provider_id=person.provider_id).order_by("name")


def change_seen(person: Person, at: datetime, change_id: UUID) -> OperationalChange | None:
    """One change with its facts, when ``person`` may open it."""
    return with_facts(OperationalChange.objects.visible_to(person, at)).filter(pk=change_id).first()


def incidents_seen(change: OperationalChange, person: Person, at: datetime) -> list[Incident]:
    """The incidents a change answers that ``person`` may open, oldest first. None: they see the change alone."""
    found = Incident.objects.visible_to(person, at).filter(findings__changes=change).select_related("team__service")
    return list(found.distinct().order_by("recorded_at", "pk"))


def findings_seen(change: OperationalChange, incidents: list[Incident]) -> list[Finding]:
    """The findings a change answers, of the incidents given."""
    found = change.findings.filter(incident__in=incidents).select_related("incident", "review", "team")
    return list(found.order_by("decided_at", "pk"))


def answers_more(change: OperationalChange, incidents: list[Incident]) -> bool:
    """Whether the change also answers findings of other incidents."""
    return change.findings.exclude(incident__in=incidents).exists()


def actions_seen(change: OperationalChange, person: Person, at: datetime) -> list[TrackedAction]:
    """The actions of a change that ``person`` may open, soonest due first."""
    found = TrackedAction.objects.visible_to(person, at).filter(change=change)
    return list(with_evidence(found).order_by("due_on", "pk"))


def action_seen(person: Person, at: datetime, action_id: UUID) -> TrackedAction | None:
    """One action with its evidence, when ``person`` may open it."""
    found = with_evidence(TrackedAction.objects.visible_to(person, at)).filter(pk=action_id)
    return found.select_related("incident__team__service", "review").first()


def action_of_evidence(person: Person, at: datetime, evidence_id: UUID) -> TrackedAction | None:
    """The action a piece of evidence was given for, when ``person`` may open it."""
    return TrackedAction.objects.visible_to(person, at).filter(evidence__pk=evidence_id).first()


def sees_incident(incident: Incident, person: Person, at: datetime) -> bool:
    """Whether ``person`` may open the incident."""
    return Incident.objects.visible_to(person, at).filter(pk=incident.pk).exists()


def review_of(review_id: UUID) -> Review | None:
    """A review with its incident. The page must then open the incident, which checks who asks."""
    return Review.objects.select_related("incident__team").filter(pk=review_id).first()


def finding_seen(person: Person, at: datetime, finding_id: UUID) -> Finding | None:
    """One finding, when ``person`` may open its incident."""
    incidents = Incident.objects.visible_to(person, at).values("pk")
    return Finding.objects.filter(pk=finding_id, incident__in=incidents).first()


def findings_to_answer(incident: Incident) -> QuerySet[Finding]:
    """The standing findings of an incident, oldest first."""
    return Finding.objects.standing().filter(incident=incident).order_by("decided_at", "pk")


def reach_of(change: OperationalChange) -> QuerySet[Team]:
    """The teams a change must reach, by service and name."""
    return change.reach.select_related("service").order_by("service__name", "name")


def owners_to_choose(person: Person, at: datetime) -> QuerySet[Person]:
    """Everybody of the provider who holds a role at ``at`` that works here, by name."""
    held = Q(role_assignments__until_at__isnull=True) | Q(role_assignments__until_at__gt=at)
    working = colleagues(person).filter(held, role_assignments__role__in=REPORTS, role_assignments__from_at__lte=at)
    return colleagues(person).filter(pk__in=working.order_by().values("pk"))


def proofs_of(change: OperationalChange) -> list[RolloutProof]:
    """The proofs of a change, newest first, with team and files."""
    found = change.rollout_proofs.select_related("team__service", "file", "previous_file")
    return list(found.order_by("-held_on", "-decided_at", "-pk"))


def versions_recorded(change: OperationalChange) -> list[StoredFile]:
    """The documents recorded as in use for a change, newest first: one of them may be what a new one replaces."""
    documents = change.rollout_proofs.filter(needed__isnull=True).values("file_id")
    return list(StoredFile.objects.filter(pk__in=documents).order_by("-uploaded_at", "-pk"))


def proof_of(change: OperationalChange, proof_id: UUID) -> RolloutProof | None:
    """One proof of a change, with its files."""
    return change.rollout_proofs.select_related("team", "file", "previous_file").filter(pk=proof_id).first()


def file_of(change: OperationalChange, file_id: UUID) -> StoredFile | None:
    """A file that belongs to a proof of the change."""
    proofs = change.rollout_proofs.filter(Q(file=file_id) | Q(previous_file=file_id))
    return StoredFile.objects.filter(pk=file_id).first() if proofs.exists() else None


def evidence_of(action: TrackedAction, evidence_id: str) -> CompletionEvidence | None:
    """One piece of evidence given for an action, by its id as a form sent it."""
    return next((one for one in action.evidence.all() if str(one.pk) == evidence_id), None)


def file_of_evidence(action: TrackedAction, file_id: UUID) -> StoredFile | None:
    """A file that was given as evidence for the action."""
    return StoredFile.objects.filter(pk=file_id, pk__in=action.evidence.values("file_id")).first()


def newest_plan(review: Review) -> ActionPlan | None:
    """The action plan of a review that stands: the newest."""
    return review.action_plans.order_by("-decided_at", "-pk").first()


def plan_is_required(review: Review) -> bool:
    """Whether the review requires a tracked action plan among its documents."""
    return review.required_documents.filter(record=Record.TRACKED_ACTIONS).exists()
