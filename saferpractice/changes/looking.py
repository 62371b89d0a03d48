"""Opening a change or an action for a page: the one door, which leaves a trace or shows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.changes.queries import action_seen, change_seen, incidents_seen, sees_incident
from saferpractice.incidents.models import Incident

NO_SUCH_PAGE = "There is no such page, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A change and the incidents behind it that the person may open; none for somebody it only reaches."""

    change: OperationalChange
    incidents: list[Incident]


def open_change(*, by: Person, at: datetime, change_id: UUID, page: str) -> OpenChange:
    """The change, with a look recorded at each incident whose detail may be shown; or ``Http404``.

    Somebody whom the change only reaches, or who only owns it, sees the change and no incident: that look is
    recorded as one at the change.
    """
    change = change_seen(by, at, change_id)
    if change is None:
        raise Http404(NO_SUCH_PAGE)
    incidents = incidents_seen(change, by, at)
    stories: list[UUID | None] = [incident.pk for incident in incidents]
    for story_id in stories or [None]:
        record_look(by=by, at=at, page=page, story_id=story_id, detail=f"Change {change.pk}")
    return OpenChange(change, incidents)


@dataclass(frozen=True, slots=True)
class OpenAction:
    """A tracked action, and whether the person may open its incident or only owns the action."""

    action: TrackedAction
    sees_incident: bool


def open_action(*, by: Person, at: datetime, action_id: UUID, page: str) -> OpenAction:
    """The action, with the look recorded; or ``Http404``."""
    action = action_seen(by, at, action_id)
    if action is None:
        raise Http404(NO_SUCH_PAGE)
    seen = action.incident is not None and sees_incident(action.incident, by, at)
    record_look(by=by, at=at, page=page, story_id=action.incident_id if seen else None, detail=f"Action {action.pk}")
    return OpenAction(action, seen)
