"""Incidents for tests, made through the operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from saferpractice.access.models import Team
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import report_incident
from saferpractice.incidents.rules import Answer, Precision, Report
from saferpractice.trail.rules import By
from tests.personas import NOW


def a_report(*, at: datetime = NOW, **changes: Any) -> Report:
    """A plain report of something that happened an hour before ``at``; ``changes`` replace answers."""
    answers: dict[str, Any] = {
        "what_happened": "Nobody answered the door at the second visit this week. The curtains were closed.",
        "occurred_at": at - timedelta(hours=1),
        "occurred_precision": Precision.EXACT,
        "physical_harm": "none",
        "psychological_harm": "low",
        "still_at_risk": Answer.NO,
        "done_at_once": "Called the person's sister and the duty manager.",
        "person_reference": "P-1042",
        "themes": ("lost-contact",),
    }
    return Report(**(answers | changes))


def an_incident(
    *, by: By, team: Team, at: datetime = NOW, key: str | None = None, known_at: datetime | None = None, **changes: Any
) -> Incident:
    """An incident reported by ``by`` in ``team`` at ``at``."""
    return report_incident(
        by=by,
        at=at,
        team=team,
        report=a_report(at=at, **changes),
        submission_key=key or f"test-{uuid4()}",
        known_at=known_at,
    )
