"""What pages show of an incident's report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.deadlines.rules import day_label, local_day, local_time_label
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_decide_access, check_can_see_reporter
from saferpractice.incidents.rules import Answer, Precision
from saferpractice.lists.queries import label_of
from saferpractice.trail.rules import NAME_WITHHELD


def occurred_words(incident: Incident) -> str:
    """When it happened, as well as it is known: "about 23 November 2026, 2:05am"."""
    if incident.occurred_at is None:
        return "Not known"
    if incident.occurred_precision == Precision.DAY:
        return day_label(local_day(incident.occurred_at))
    about = "About " if incident.occurred_precision == Precision.ABOUT else ""
    return about + local_time_label(incident.occurred_at)


def reporter_words(incident: Incident, by: Person, at: datetime) -> str:
    """Who reported it, as far as ``by`` may know."""
    if incident.reporter is None:
        return f"Imported from {incident.source_system}" if incident.source_system else "Not known"
    if incident.name_withheld and not allowed(check_can_see_reporter, by=by, at=at, incident=incident)[0]:
        return NAME_WITHHELD
    return incident.reporter.name + (" (name withheld from colleagues)" if incident.name_withheld else "")


def harm_words(incident: Incident) -> tuple[str, str]:
    """The labels of the physical and the psychological harm as graded now."""
    return (
        label_of("physical-harm", incident.physical_harm, provider_id=incident.provider_id),
        label_of("psychological-harm", incident.psychological_harm, provider_id=incident.provider_id),
    )


def theme_words(incident: Incident) -> list[str]:
    """The labels of the incident's themes."""
    return [label_of("themes", theme, provider_id=incident.provider_id) for theme in incident.themes]


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any]:
    """The report as the incident page shows it, with its corrections and the links ``by`` may follow."""
    physical, psychological = harm_words(incident)
    return {
        "incident": incident,
        "occurred": occurred_words(incident),
        "reporter": reporter_words(incident, by, at),
        "physical": physical,
        "psychological": psychological,
        "themes": theme_words(incident),
        "at_risk": Answer(incident.still_at_risk),
        "at_risk_now": incident.still_at_risk != Answer.NO,
        "gradings": list(incident.harm_gradings.order_by("decided_at")),
        "corrections": list(incident.corrections.order_by("decided_at")),
        "may_decide_access": allowed(check_can_decide_access, by=by, at=at, incident=incident)[0],
    }
