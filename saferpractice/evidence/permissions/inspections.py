"""Who opens and ends inspections, shows who incidents concern, inspects, and releases what is restricted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Place, Role
from saferpractice.evidence.models import Inspection
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_decide_access
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By

DISCLOSES = frozenset({Role.QUALITY_LEAD, Role.DIRECTOR})
"""Roles that decide that an inspector is shown who incidents concern."""
OVERSEES_INSPECTIONS = DISCLOSES | {Role.ADMINISTRATOR}
"""Roles that open and end inspections and read what was looked at in them."""


def check_can_oversee_inspections(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads quality, directs or administers the whole provider: who opens and ends an inspection.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=OVERSEES_INSPECTIONS, to_do="open an inspection")


def check_can_disclose(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads quality or directs: an administrator does not decide that identity is shown.

    Raises:
        Refused: with the reason as a sentence.
    """
    to_do = "show an inspector who incidents concern"
    check_has_role(by=by, at=at, place=Place(provider_id), among=DISCLOSES, to_do=to_do)


def check_can_inspect(*, by: By, at: datetime, inspection: Inspection) -> None:
    """Refuse unless ``by`` is the inspector, and it is neither over nor ended. No process inspects.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Person) or not Inspection.objects.open_to(by, at).filter(pk=inspection.pk).exists():
        raise Refused("Only its inspector may do this, and only until it ends.")


def check_can_release(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` is a person who may open the incident and decides who sees it. No process does.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Person):
        raise Refused("A person decides that an inspector sees a restricted incident.")
    check_can_decide_access(by=by, at=at, incident=incident)
