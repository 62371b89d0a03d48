"""Who may triage, decide the threshold and the tier, tell others, and hand over."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.rules import Role
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_open, check_can_work_on
from saferpractice.trail.rules import By

TRIAGES = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
"""Roles that decide at triage, over the places where they hold the role."""

TELLS = TRIAGES | {Role.QUALITY_LEAD}
"""Roles that tell bodies and partners outside: in many services notices to the regulator are the quality lead's."""

ANSWERS = frozenset({Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
"""Roles whose decision answers a case that was handed over."""


def check_can_triage(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may open ``incident`` and is a duty manager, safeguarding lead or director over its team.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_work_on(by=by, at=at, incident=incident, among=TRIAGES, to_do="triage this incident")


def check_can_decide_threshold(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may decide whether a concern goes to the local authority (the roles that triage)."""
    check_can_work_on(by=by, at=at, incident=incident, among=TRIAGES, to_do="decide on the safeguarding threshold")


def check_can_decide_tier(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may decide which review the incident gets (the roles that triage)."""
    check_can_work_on(by=by, at=at, incident=incident, among=TRIAGES, to_do="decide the tier")


def check_can_hand_over(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may hand the incident to the safeguarding lead (the roles that triage)."""
    check_can_work_on(by=by, at=at, incident=incident, among=TRIAGES, to_do="hand this incident over")


def check_can_tell(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may decide who outside is told, and record that it was done (also the quality lead)."""
    check_can_work_on(by=by, at=at, incident=incident, among=TELLS, to_do="record who outside was told")


def check_can_refer(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may send the concern to the local authority and record its answer."""
    check_can_work_on(by=by, at=at, incident=incident, among=TELLS, to_do="send the referral or record its answer")


def check_can_propose_tier_again(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may open the incident. A finding may show a repeat; the tier stays others' to decide."""
    check_can_open(by=by, at=at, incident=incident)
