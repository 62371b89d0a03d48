"""What pages show of an incident's report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.deadlines.rules import day_label, known_label, local_day, local_time_label
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import check_can_decide_access, check_can_see_name, check_can_see_reporter
from saferpractice.incidents.rules import PART_WORDS, Answer, Precision
from saferpractice.lists.queries import label_of, labels_of
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


def is_unnamed(incident: Incident, by: Person) -> bool:
    """Whether what ``by`` adds to the incident stands without their name."""
    return incident.name_withheld and incident.reporter_id == by.pk


def _grading_lines(incident: Incident) -> list[str]:
    """Every grading of the harm in words, oldest first; none when it was graded once, as the page shows that."""
    lines, gradings = [], list(incident.harm_gradings.order_by("decided_at"))
    if len(gradings) < 2:
        return []
    physically = labels_of("physical-harm", provider_id=incident.provider_id)
    psychologically = labels_of("psychological-harm", provider_id=incident.provider_id)
    for one in gradings:
        physical = physically.get(one.physical_harm, one.physical_harm)
        psychological = psychologically.get(one.psychological_harm, one.psychological_harm)
        reason = f". {one.reason}" if one.reason else ""
        lines.append(
            f"{local_time_label(one.decided_at)}, {one.decided_by_name}: physical harm {physical.lower()}, "
            f"psychological harm {psychological.lower()}{reason}"
        )
    return lines


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any]:
    """The report as the incident page shows it, with its corrections and the links ``by`` may follow."""
    physical, psychological = harm_words(incident)
    has_name = bool(incident.person_supported and incident.person_supported.name_encrypted)
    return {
        "incident": incident,
        "occurred": occurred_words(incident),
        "known": known_label(incident.known_at),
        "reporter": reporter_words(incident, by, at),
        "physical": physical,
        "psychological": psychological,
        "themes": theme_words(incident),
        "at_risk": Answer(incident.still_at_risk),
        "at_risk_now": incident.still_at_risk != Answer.NO,
        "gradings": _grading_lines(incident),
        "corrections": list(incident.corrections.order_by("decided_at")),
        "part_words": PART_WORDS,
        "may_see_name": has_name and allowed(check_can_see_name, by=by, at=at, incident=incident)[0],
        "may_decide_access": allowed(check_can_decide_access, by=by, at=at, incident=incident)[0],
    }
