"""Why somebody sees an incident or not, page by page: asked of what each page itself asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.evidence.queries.inspections import incidents_in, incidents_shown, inspections_of
from saferpractice.incidents.models import Incident
from saferpractice.incidents.queries import incident_reported_by
from saferpractice.incidents.rules import kept_reference
from saferpractice.incidents.why import sight_of


@dataclass(frozen=True, slots=True)
class Said:
    """One page: whether it is there for somebody (None: not to be told), and by which rule."""

    page: str
    allowed: bool | None
    sentence: str


def incident_numbered(provider_id: UUID, reference: str) -> Incident | None:
    """The incident of a provider with this number, withdrawn or not. For its number only: show nothing else of it."""
    found = Incident.objects.filter(provider_id=provider_id, reference__iexact=kept_reference(reference))
    return found.select_related("team__service").first()


def everybody(provider_id: UUID) -> QuerySet[Person]:
    """Everybody who works or worked at a provider, by name."""
    return Person.objects.filter(provider_id=provider_id).order_by("name", "pk")


def why(person: Person, at: datetime, incident: Incident) -> list[Said]:
    """What ``person`` gets of ``incident`` at ``at``: its own pages, the page of whoever reported it, an inspection."""
    sight = sight_of(person, at, incident)
    return [
        Said("The incident, with everything about it", sight.allowed, sight.sentence),
        _report(person, incident),
        _inspection(person, at, incident),
    ]


REPORT = "What became of the report, a line for each stage"


def _report(person: Person, incident: Incident) -> Said:
    if not person.is_active:
        return Said(REPORT, False, "Their sign-in is closed.")
    if incident.name_withheld:
        return Said(REPORT, None, "Who reported it asked not to be known, so this is told of nobody.")
    if incident_reported_by(person, incident.pk) is not None:
        return Said(REPORT, True, "They reported it.")
    return Said(REPORT, False, "They did not report it.")


def _inspection(person: Person, at: datetime, incident: Incident) -> Said:
    page = "Its story in an inspection, without names"
    open_ = inspections_of(person, at)
    for one in open_:
        if incidents_shown(one, at).filter(pk=incident.pk).exists():
            return Said(page, True, f"Inspection {one.reference} covers it and is open to them.")
    if any(incidents_in(one, at).filter(pk=incident.pk).exists() for one in open_):
        return Said(page, False, "An inspection covers it, but it is restricted and was not released to it.")
    if open_:
        return Said(page, False, "No inspection that is open to them covers it.")
    return Said(page, False, "No inspection is open to them.")
