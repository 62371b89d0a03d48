"""This stage's part of the incident page: what was changed, what is asked of whom, what is still unanswered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.changes.permissions import check_works_on
from saferpractice.changes.presenters.rows import MEANING_OF_ANSWER, action_row, change_row
from saferpractice.changes.queries import actions_of_incident, answers_to, changes_after, findings_to_answer
from saferpractice.changes.rules import Answered
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.models import Incident


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """What the incident page shows of changes, and where to agree one; None while there is nothing to say."""
    findings = list(findings_to_answer(incident))
    changes = changes_after([incident.pk])[incident.pk]
    actions = actions_of_incident(incident)
    if not findings and not changes and not actions:
        return None
    answers = answers_to(findings)
    may, why_not = allowed(check_works_on, by=by, at=at, incident=incident, to_do="agree a change")
    lacking = [(finding, answers[finding.pk].state) for finding in findings]
    lacking = [(finding, state) for finding, state in lacking if state is not Answered.YES]
    return {
        "incident": incident,
        "changes": [change_row(after.change) for after in changes],
        "actions": [action_row(action, local_day(at)) for action in actions],
        "lacking": [(finding, state, MEANING_OF_ANSWER[state]) for finding, state in lacking],
        "all_answered": bool(findings) and not lacking,
        "agree": reverse("changes:new", args=[findings[-1].review_id]) if findings and may else "",
        "why_not": "" if may or not findings else why_not,
    }
