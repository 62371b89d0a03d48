"""Opening an incident for a page: the one door, which leaves a trace or shows nothing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.incidents.models import Incident


def open_incident(*, by: Person, at: datetime, incident_id: UUID, page: str) -> Incident:
    """The incident, with the look recorded; or ``Http404``, the same for "not yours" and "no such incident".

    Args:
        page: a short name of what is shown ("incident", "triage", "review"), for the log of looking.
    """
    incident = (
        Incident.objects.visible_to(by, at)
        .select_related("team__service", "provider", "person_supported", "reporter")
        .filter(pk=incident_id)
        .first()
    )
    if incident is None:
        raise Http404("There is no such page, or it is not yours to see.")
    record_look(by=by, at=at, page=page, story_id=incident.pk)
    return incident
