"""Who may agree, carry forward, prove and withdraw changes, and give, supply and accept evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Team
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import SENIOR, Place, Role
from saferpractice.changes.models import CompletionEvidence, OperationalChange, TrackedAction
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_open, check_can_work_on
from saferpractice.reviews.models import Review
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process

AGREES = frozenset({Role.REVIEWER, Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles that agree changes about the incidents of their place, and answer for them afterwards."""

PROVES = frozenset({Role.DUTY_MANAGER, Role.SUPERVISOR, Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles that hold a team's briefings and put its templates into use, and so record the proof of it."""

ACCEPTS = SENIOR
"""Roles that decide whether completion evidence is good enough."""


def check_can_agree(*, by: By, at: datetime, findings: Iterable[Finding]) -> None:
    """Refuse unless ``by`` may work on the incident of every finding.

    Raises:
        Refused: with the reason as a sentence.
    """
    for incident in {finding.incident_id: finding.incident for finding in findings}.values():
        check_works_on(by=by, at=at, incident=incident, to_do="agree a change")


def check_works_on(*, by: By, at: datetime, incident: Incident, to_do: str) -> None:
    """Refuse unless ``by`` may open ``incident`` and carries out its review, or may agree changes at its place.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_open(by=by, at=at, incident=incident)
    if not _reviews(by, incident):
        check_has_role(by=by, at=at, place=incident.team.place, among=AGREES, to_do=to_do)


def _reviews(by: By, incident: Incident) -> bool:
    """Whether ``by`` carries out a review of ``incident`` at present: they may come from another place."""
    return isinstance(by, Person) and incident.reviews.filter(reviewers__person=by, reviewers__until_at=None).exists()


def check_can_see_change(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` may open the change, worded so that it does not say whether it exists."""
    if isinstance(by, Process):
        return
    if not isinstance(by, Person) or not OperationalChange.objects.visible_to(by, at).filter(pk=change.pk).exists():
        raise Refused("There is no such change among those you may see.")


def check_can_carry(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` owns the change, or may agree changes about an incident it answers."""
    check_can_see_change(by=by, at=at, change=change)
    if isinstance(by, Person) and by.pk == change.owner_id:
        return
    _check_any_incident(by, at, change, among="its owner, or a", to_do="do this")


def check_can_prove(*, by: By, at: datetime, change: OperationalChange, team: Team) -> None:
    """Refuse unless ``by`` may carry the change, or leads the team in which it was rolled out."""
    check_can_see_change(by=by, at=at, change=change)
    if isinstance(by, Person) and by.roles(team.place, at) & PROVES:
        return
    check_can_carry(by=by, at=at, change=change)


def check_can_withdraw(*, by: By, at: datetime, change: OperationalChange) -> None:
    """Refuse unless ``by`` may agree changes about an incident it answers; owning it is not enough."""
    check_can_see_change(by=by, at=at, change=change)
    _check_any_incident(by, at, change, among="a", to_do="withdraw a change")


def _check_any_incident(by: By, at: datetime, change: OperationalChange, *, among: str, to_do: str) -> None:
    """Refuse unless ``by`` may work on one of the incidents the change answers."""
    if isinstance(by, Process):
        return
    if not isinstance(by, Person):
        raise Refused("Only people who work here may do this.")
    seen = Incident.objects.visible_to(by, at).filter(findings__changes=change).select_related("team").distinct()
    if any(by.roles(incident.team.place, at) & AGREES or _reviews(by, incident) for incident in seen):
        return
    raise Refused(
        f"Only {among} reviewer, duty manager, safeguarding lead, quality lead or director of the incident's place "
        f"may {to_do}."
    )


def check_can_plan(*, by: By, at: datetime, review: Review) -> None:
    """Refuse unless ``by`` may work on the review's incident: they give its actions out and supply its plan."""
    check_works_on(by=by, at=at, incident=review.incident, to_do="plan the actions of a review")


def check_leads_provider(*, by: By, at: datetime, provider_id: UUID, to_do: str) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over the whole provider.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=SENIOR, to_do=to_do)


def _check_works_on_action(*, by: By, at: datetime, action: TrackedAction, to_do: str) -> None:
    """Refuse unless ``by`` may work on the action's incident, or, where a meeting gave it out, leads the provider."""
    if action.incident is None:
        check_leads_provider(by=by, at=at, provider_id=action.provider_id, to_do=to_do)
    else:
        check_works_on(by=by, at=at, incident=action.incident, to_do=to_do)


def check_can_see_action(*, by: By, at: datetime, action: TrackedAction) -> None:
    """Refuse unless ``by`` may open the action, worded so that it does not say whether it exists."""
    if isinstance(by, Process):
        return
    if not isinstance(by, Person) or not TrackedAction.objects.visible_to(by, at).filter(pk=action.pk).exists():
        raise Refused("There is no such action among those you may see.")


def check_can_give_evidence(*, by: By, at: datetime, action: TrackedAction) -> None:
    """Refuse unless ``by`` owns the action, or may work on its incident."""
    check_can_see_action(by=by, at=at, action=action)
    if isinstance(by, Person) and by.pk == action.owner_id:
        return
    _check_works_on_action(by=by, at=at, action=action, to_do="give evidence for an action they do not own")


def check_can_hand_over_action(*, by: By, at: datetime, action: TrackedAction) -> None:
    """Refuse unless ``by`` may work on the action's incident."""
    check_can_see_action(by=by, at=at, action=action)
    _check_works_on_action(by=by, at=at, action=action, to_do="pass an action to somebody else")


def check_can_decide_evidence(*, by: By, at: datetime, evidence: CompletionEvidence) -> None:
    """Refuse unless ``by`` is senior for the incident's place, and neither owns (or owned) the action nor gave the
    evidence: an owner who passes it on still cannot judge their own work.

    Raises:
        Refused: with the reason as a sentence.
    """
    action = evidence.action
    if isinstance(by, Person) and (by.pk == action.owner_id or action.handovers.filter(previous_owner=by).exists()):
        raise Refused("You own this action, or did. Somebody else decides whether its evidence is good enough.")
    if isinstance(by, Person) and by.pk == evidence.decided_by_id:
        raise Refused("You gave this evidence. Somebody else decides whether it is good enough.")
    check_can_see_action(by=by, at=at, action=action)
    if action.incident is None:
        check_leads_provider(by=by, at=at, provider_id=action.provider_id, to_do="accept evidence or send it back")
        return
    check_can_work_on(by=by, at=at, incident=action.incident, among=ACCEPTS, to_do="accept evidence or send it back")
