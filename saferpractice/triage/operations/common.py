"""What the operations of triage share: one incident at a time, and the same form twice."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.deadlines import ledger
from saferpractice.incidents.models import Incident
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By
from saferpractice.triage.models import Submitted
from saferpractice.triage.operations.obligations import HANDOVER
from saferpractice.triage.permissions import ANSWERS


def locked(incident: Incident) -> Incident:
    """The incident as it is now, held until the transaction ends: two people deciding at once queue here."""
    return (
        Incident.objects.select_for_update(no_key=True, of=("self",))
        .select_related("provider", "team__service", "person_supported")
        .get(pk=incident.pk)
    )


def check_same_form(earlier: Submitted, by: By, incident: Incident) -> None:
    """Refuse a form key that was used by somebody else, or for another incident.

    Raises:
        Invalid: the key is not this person's for this incident.
    """
    same_person = earlier.decided_by_id == (by.pk if isinstance(by, Person) else None)
    if not same_person or getattr(earlier, "incident_id", incident.pk) != incident.pk:
        raise Invalid("This form was already sent. Open the incident again and start a new one.")


def answer_handover(*, by: By, at: datetime, incident: Incident, record: Submitted) -> None:
    """Meet the hand-over when whoever decides is one it could be handed to; others' decisions leave it open."""
    if not isinstance(by, Person) or by.roles(incident.team.place, at) & ANSWERS:
        ledger.meet(subject=incident, kind=HANDOVER, record=record, at=at)
