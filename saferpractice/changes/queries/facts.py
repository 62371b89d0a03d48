"""The derived facts of changes and actions: coverage, state, what answers a finding, what came after an incident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q

from saferpractice.changes.models import Changes, OperationalChange, TrackedAction, TrackedActions
from saferpractice.changes.rules import (
    BY_USE,
    ActionState,
    Answered,
    ChangeState,
    Coverage,
    EvidenceFact,
    Proof,
    action_state,
    answered,
    change_state,
    coverage,
)
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review


def with_facts(changes: Changes) -> Changes:
    """``changes`` with everything that ``coverage_of`` and ``state_of`` read, in a fixed number of queries."""
    found = changes.select_related("owner", "go_live", "withdrawal")
    return found.prefetch_related("reach__service", "rollout_proofs", "use_proofs")


def coverage_of(change: OperationalChange) -> Coverage[UUID]:
    """The proofs of a change held against its reach, team by team (by service and name)."""
    teams = sorted(change.reach.all(), key=lambda team: (team.service.name, team.name))
    recorded = [Proof(row.team_id, row.kind, row.reached, row.needed) for row in change.rollout_proofs.all()]
    used = [Proof(row.team_id, BY_USE) for row in change.use_proofs.all()]
    return coverage([team.pk for team in teams], [*recorded, *used])


def state_of(change: OperationalChange) -> ChangeState:
    """Where a change stands, told from what is there."""
    return change_state(
        withdrawn=hasattr(change, "withdrawal"), live=hasattr(change, "go_live"), rolled_out=coverage_of(change)
    )


def with_evidence(actions: TrackedActions) -> TrackedActions:
    """``actions`` with everything that ``state_of_action`` reads, in a fixed number of queries."""
    return actions.select_related("owner", "incident", "change__withdrawal").prefetch_related("evidence__decision")


def state_of_action(action: TrackedAction) -> ActionState:
    """Where a tracked action stands, told from what is there."""
    evidence = sorted(action.evidence.all(), key=lambda one: (one.decided_at, one.pk))
    return action_state(
        [EvidenceFact(one.decision.accepted if hasattr(one, "decision") else None) for one in evidence],
        change_withdrawn=action.change is not None and hasattr(action.change, "withdrawal"),
    )


def planned_actions(review: Review) -> TrackedActions:
    """The actions of a review: its own, and those of standing changes that answer its findings. Soonest due first."""
    answering = OperationalChange.objects.standing().filter(findings__review=review).values("pk")
    return with_evidence(
        TrackedAction.objects.filter(Q(review=review) | Q(change__in=answering)).order_by("due_on", "pk")
    )


def actions_of_incident(incident: Incident) -> list[TrackedAction]:
    """The actions about an incident, soonest due first. Whoever may open the incident may see them."""
    found = TrackedAction.objects.filter(incident=incident)
    return list(with_evidence(found).order_by("due_on", "pk"))


@dataclass(frozen=True, slots=True)
class FindingAnswer:
    """What answers a finding: how far, and by which standing changes (oldest first)."""

    state: Answered
    changes: tuple[OperationalChange, ...]


def answers_to(findings: Iterable[Finding]) -> dict[UUID, FindingAnswer]:
    """What answers each of these findings, by its id.

    A change that answered a finding goes on answering one that puts it right, while the condition is the same.
    Whoever may see the finding may see these changes: both belong to the same incident.
    """
    listed = list(findings)
    lines = _corrected_lines(listed)
    wanted = {pk for line in lines.values() for pk in line}
    by_finding: dict[UUID, list[OperationalChange]] = {pk: [] for pk in wanted}
    standing = OperationalChange.objects.standing().filter(findings__in=wanted).distinct().order_by("decided_at", "pk")
    for change in with_facts(standing).prefetch_related("findings"):
        for finding in change.findings.all():
            if finding.pk in by_finding:
                by_finding[finding.pk].append(change)
    answers = {}
    for finding in listed:
        found = {change.pk: change for pk in lines[finding.pk] for change in by_finding[pk]}
        answers[finding.pk] = FindingAnswer(
            answered(change.strength for change in found.values()),
            tuple(sorted(found.values(), key=lambda change: (change.decided_at, change.pk))),
        )
    return answers


def _corrected_lines(findings: list[Finding]) -> dict[UUID, list[UUID]]:
    """Each finding's id with those of the findings it corrects, directly or through others, of the same condition.

    A correction to another condition is another finding: what answered the old one does not answer it.
    """
    reviews = {finding.review_id for finding in findings}
    same = Finding.objects.filter(review_id__in=reviews, corrects__condition=F("condition"))
    corrects = dict(same.values_list("pk", "corrects_id"))
    lines: dict[UUID, list[UUID]] = {}
    for finding in findings:
        line: list[UUID] = []
        pk: UUID | None = finding.pk
        while pk is not None and pk not in line:
            line.append(pk)
            pk = corrects.get(pk)
        lines[finding.pk] = line
    return lines


def standing_form(finding: Finding) -> Finding | None:
    """The finding as it stands now: itself, or what put it right last; None where that is about another condition."""
    while True:
        later = Finding.objects.filter(corrects=finding).select_related("incident__team").first()
        if later is None:
            return finding
        if later.condition != finding.condition:
            return None
        finding = later


@dataclass(frozen=True, slots=True)
class ChangeAfter:
    """What was changed after an earlier incident, without a verdict on whether it worked."""

    change: OperationalChange
    state: ChangeState


def changes_after(incident_ids: Iterable[UUID]) -> Mapping[UUID, tuple[ChangeAfter, ...]]:
    """What was changed after each of these incidents, oldest first (R10). Pass only incidents the person may see.

    Withdrawn changes are among them: that a change was given up is worth knowing when the incident comes back.
    """
    wanted = list(incident_ids)
    found: dict[UUID, list[ChangeAfter]] = {pk: [] for pk in wanted}
    changes = with_facts(OperationalChange.objects.of_incidents(wanted)).prefetch_related("findings")
    for change in sorted(changes, key=lambda one: (one.decided_at, one.pk)):
        after = ChangeAfter(change, state_of(change))
        for incident_id in dict.fromkeys(finding.incident_id for finding in change.findings.all()):
            if incident_id in found:
                found[incident_id].append(after)
    return {pk: tuple(changes) for pk, changes in found.items()}


def reporter_line(*, incident: Incident) -> str | None:
    """What was changed, in plain words for whoever reported the incident: no names, no detail. None: nothing yet."""
    found = [after.state for after in changes_after([incident.pk])[incident.pk]]
    standing = [state for state in found if state is not ChangeState.WITHDRAWN]
    if not standing:
        return None
    live = sum(state is not ChangeState.AGREED for state in standing)
    agreed = "A change to how we work was agreed" if len(standing) == 1 else f"{len(standing)} changes were agreed"
    if len(standing) == 1:
        return f"{agreed} and is in use." if live else f"{agreed}. It is not in use yet."
    if live == len(standing):
        return f"{agreed} and are in use."
    return f"{agreed}. {live} of them {'is' if live == 1 else 'are'} in use." if live else f"{agreed}, not in use yet."
