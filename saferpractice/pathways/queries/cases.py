"""The cases, scoped to the person asking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person, Team
from saferpractice.access.queries import teams_covered
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import (
    WORKS_ON_CASES,
    PathwayCase,
    PathwayCases,
)


def teams_worked_in(person: Person, at: datetime) -> QuerySet[Team]:
    """The teams in or for which ``person`` works at ``at``, by service and name."""
    found = teams_covered(person, at, WORKS_ON_CASES)
    return found.select_related("service").order_by("service__name", "name")


def cases_seen(person: Person, at: datetime) -> PathwayCases:
    """The cases ``person`` may open, newest first, with what a list shows of each."""
    found = PathwayCase.objects.visible_to(person, at)
    found = found.prefetch_related("moves__to_version")
    return found.select_related("team", "person_supported", "version", "closing").order_by("-decided_at", "-pk")


def case_seen(person: Person, at: datetime, case_id: UUID) -> PathwayCase | None:
    """One case ``person`` may open, or None: the same for "not yours" and "no such case"."""
    found = cases_seen(person, at).select_related("team__service", "incident", "provider")
    return found.filter(pk=case_id).first()


def filtered(cases: PathwayCases, state: str = "", pathway: str = "", person: str = "") -> PathwayCases:
    """``cases`` narrowed: "open" or "closed", on one pathway, of a person whose reference begins so."""
    if state:
        cases = cases.filter(closing__isnull=state == "open")
    if pathway:
        cases = cases.filter(version__pathway=pathway)
    if person:
        cases = cases.filter(person_supported__reference__istartswith=" ".join(person.split()))
    return cases


def incident_to_open_from(person: Person, at: datetime, text: str) -> Incident | None:
    """The incident an address names, when ``person`` may open it; else None."""
    try:
        incident_id = UUID(text)
    except ValueError:
        return None
    found = Incident.objects.visible_to(person, at).select_related("team", "person_supported")
    return found.filter(pk=incident_id).first()


def case_of_owed(person: Person, at: datetime, owed_id: UUID) -> PathwayCase | None:
    """The case of something owed, when ``person`` may open it; else None."""
    return PathwayCase.objects.visible_to(person, at).filter(obligations__pk=owed_id).first()
