"""One incident, stage by stage: each stage says what it has to show, home puts them in the order of the loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.assurance import presenters as assurance
from saferpractice.assurance.queries import reporter_line as worked
from saferpractice.changes import presenters as changes
from saferpractice.changes.queries import reporter_line as changed
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import due_label, local_time_label
from saferpractice.evidence import presenters as evidence
from saferpractice.findings import presenters as findings
from saferpractice.incidents import presenters as incidents
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import TRIAGE
from saferpractice.incidents.queries import withdrawal_of
from saferpractice.incidents.rules import Line
from saferpractice.pathways import presenters as pathways
from saferpractice.reviews import presenters as reviews
from saferpractice.similar import presenters as similar
from saferpractice.triage import presenters as triage
from saferpractice.triage.queries import reporter_line as decided

PANELS = (
    ("incidents", incidents.panel),
    ("triage", triage.panel),
    ("similar", similar.panel),
    ("pathways", pathways.panel),
    ("reviews", reviews.panel),
    ("findings", findings.panel),
    ("changes", changes.panel),
    ("assurance", assurance.panel),
    ("evidence", evidence.panel),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A stage's part of the incident page: its room and what its template reads."""

    room: str
    content: dict[str, Any]

    @property
    def template(self) -> str:
        """The stage's own template."""
        return f"{self.room}/panel.html"

    @property
    def title(self) -> str:
        """What the page's contents call it."""
        return TITLES[self.room]


TITLES = {
    "incidents": "The report",
    "triage": "Triage",
    "similar": "Similar before",
    "pathways": "Pathways",
    "reviews": "The review",
    "findings": "Findings",
    "changes": "What was changed",
    "assurance": "Did it work?",
    "evidence": "Is the learning defensible?",
}


def panels_of(*, incident: Incident, by: Person, at: datetime) -> list[Panel]:
    """The stages' parts of one incident's page for ``by``; a stage with nothing to show is left out."""
    found = ((room, panel(incident=incident, by=by, at=at)) for room, panel in PANELS)
    return [Panel(room, content) for room, content in found if content is not None]


def reporter_lines(incident: Incident) -> list[tuple[Line, str]]:
    """The four lines a reporter sees: received, decided, changed, did it work."""
    withdrawn = withdrawal_of(incident)
    if withdrawn is not None:
        when = local_time_label(withdrawn.decided_at)
        return [
            (Line.RECEIVED, f"{local_time_label(incident.recorded_at)}, as incident {incident.reference}."),
            (
                Line.DECIDED,
                f"It was withdrawn on {when}, for example because the same thing was reported twice. "
                "If you think that is wrong, tell the safeguarding lead.",
            ),
        ]
    return [
        (Line.RECEIVED, f"{local_time_label(incident.recorded_at)}, as incident {incident.reference}."),
        (Line.DECIDED, decided(incident=incident) or _asked_to_decide(incident)),
        (Line.CHANGED, changed(incident=incident) or "Nothing yet."),
        (Line.WORKED, worked(incident=incident) or "Not known yet."),
    ]


def _asked_to_decide(incident: Incident) -> str:
    """Who decides and by when, and what not to wait for: what somebody who reports at night has to know."""
    asked = Obligation.objects.open().filter(subject_id=incident.pk, kind=TRIAGE).first()
    if asked is None:
        return "Nothing yet. Somebody has been asked to decide."
    who = f"The {Role(asked.role).label.lower()}" if asked.role else "Somebody"
    return (
        f"Nothing yet. {who} is to decide by {due_label(asked.due_at)}. "
        "If somebody is in danger, do not wait: ring them now, and 999 when there is danger to life."
    )
