"""Reads of inspections: what one covers, what was drawn in it, what was looked at. Every read is within its scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from saferpractice.access.models import AccessEntry, Person, RoleAssignment, Service
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.rules import end_of_day
from saferpractice.design.words import localday
from saferpractice.evidence.models import Inspection, InspectionDraw, InspectionPopulation, InspectionRelease
from saferpractice.evidence.permissions import OVERSEES_INSPECTIONS, check_can_release
from saferpractice.evidence.queries.known import on_record
from saferpractice.evidence.rules.inspections import HARM_LEVELS, HARM_WORDS, UNDECIDED, Known
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident, Incidents, PersonSupported
from saferpractice.lists.queries import label_of
from saferpractice.pathways.models import PathwayCase
from saferpractice.triage.models import RepeatedPattern, TierDecision

LOOKS_SHOWN = 200


def inspection_of(person: Person, at: datetime, inspection_id: UUID) -> Inspection | None:
    """One inspection, when ``person`` carries it out now."""
    found = Inspection.objects.open_to(person, at).select_related("provider", "inspector")
    return found.filter(pk=inspection_id).first()


def inspections_of(person: Person, at: datetime) -> list[Inspection]:
    """The inspections that ``person`` carries out now, the one that ends first before the others."""
    return list(Inspection.objects.open_to(person, at).prefetch_related("services").order_by("ends_at", "pk"))


def inspections_overseen(person: Person, at: datetime) -> QuerySet[Inspection]:
    """Every inspection of the provider, newest first, for whoever opens and ends them."""
    found = Inspection.objects.overseen_by(person, at, OVERSEES_INSPECTIONS)
    return (
        found.select_related("inspector", "end", "provider").prefetch_related("services").order_by("-decided_at", "-pk")
    )


def inspections_going_on(person: Person, at: datetime) -> QuerySet[Inspection]:
    """Every inspection of the provider of ``person`` that is open: one may have drawn what they decide on."""
    found = Inspection.objects.filter(provider_id=person.provider_id, decided_at__lte=at, ends_at__gt=at)
    return found.filter(end__isnull=True).select_related("inspector").order_by("ends_at", "pk")


def inspectors_of(provider_id: UUID, at: datetime) -> QuerySet[Person]:
    """Everybody who holds the role of inspector somewhere at the provider and can sign in, by name."""
    held = RoleAssignment.objects.filter(provider_id=provider_id, role=Role.INSPECTOR).current(at)
    return Person.objects.filter(pk__in=held.values("person_id"), is_active=True).order_by("name")


def services_of(inspection: Inspection, at: datetime) -> list[Service]:
    """The services inspected, by name: of those chosen, the ones over which the inspector holds the role still."""
    chosen = inspection.services.order_by("name")
    who = inspection.inspector
    return [one for one in chosen if Role.INSPECTOR in who.roles(Place(inspection.provider_id, one.pk), at)]


def incidents_in(inspection: Inspection, at: datetime) -> Incidents:
    """Every standing incident of the services that became known in the period, restricted ones too."""
    began, ended = moments_of(inspection)
    found = Incident.objects.standing().filter(
        provider_id=inspection.provider_id, known_at__gte=began, known_at__lt=ended
    )
    return found.filter(team__service__in=[one.pk for one in services_of(inspection, at)])


def incidents_shown(inspection: Inspection, at: datetime) -> Incidents:
    """Those of them whose story the inspector reads: not restricted to named people, or released to them."""
    released = InspectionRelease.objects.filter(inspection=inspection, incident=OuterRef("pk"))
    return incidents_in(inspection, at).filter(Q(restricted=False) | Exists(released))


def moments_of(inspection: Inspection) -> tuple[datetime, datetime]:
    """The period from its first moment in London to the first after it."""
    return end_of_day(inspection.period_from - timedelta(days=1)), end_of_day(inspection.period_to)


def with_tier(incidents: Incidents) -> Incidents:
    """``incidents`` with ``tier_now``, the tier in force; None while nobody decided."""
    newest = TierDecision.objects.filter(incident=OuterRef("pk")).order_by("-decided_at", "-pk")
    return incidents.annotate(tier_now=Subquery(newest.values("tier")[:1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents an inspector asks for: all parts at once. None and "" ask for any. Days are London days."""

    harm: int | None = None
    tier: str = ""
    service_id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None


def wanted_of(incidents: Incidents, wanted: Wanted) -> Incidents:
    """Those of ``incidents`` that are asked for, each with ``tier_now``."""
    found: Any = with_tier(incidents)
    if wanted.harm is not None:
        level, up_to = HARM_LEVELS[wanted.harm], HARM_LEVELS[: wanted.harm + 1]
        found = found.filter(physical_harm__in=up_to, psychological_harm__in=up_to)
        found = found.filter(Q(physical_harm=level) | Q(psychological_harm=level))
    if wanted.tier:
        found = found.filter(tier_now=None if wanted.tier == UNDECIDED else wanted.tier)
    if wanted.service_id is not None:
        found = found.filter(team__service_id=wanted.service_id)
    if wanted.from_on is not None:
        found = found.filter(known_at__gte=end_of_day(wanted.from_on - timedelta(days=1)))
    if wanted.to_on is not None:
        found = found.filter(known_at__lt=end_of_day(wanted.to_on))
    return cast(Incidents, found)


def ids_to_draw_from(inspection: Inspection, wanted: Wanted, at: datetime) -> tuple[tuple[str, ...], int]:
    """The ids of the incidents asked for, sorted, and how many of them are restricted now."""
    rows = wanted_of(incidents_in(inspection, at), wanted).values_list("pk", "restricted")
    found = {str(pk): restricted for pk, restricted in rows}
    return tuple(sorted(found)), sum(found.values())


def words_of(wanted: Wanted, inspection: Inspection) -> str:
    """What was asked for, in words: "Incidents with moderate harm, of tier B, known from … to …"."""
    parts = [f"with {HARM_WORDS[wanted.harm].lower()}" if wanted.harm is not None else "of any level of harm"]
    if wanted.tier:
        parts.append("without a tier" if wanted.tier == UNDECIDED else f"of tier {wanted.tier}")
    if wanted.service_id is not None:
        service = inspection.services.filter(pk=wanted.service_id).first()
        parts.append(f"in {service.name}" if service else "in another service")
    first, last = wanted.from_on or inspection.period_from, wanted.to_on or inspection.period_to
    return f"Incidents {', '.join(parts)}, known from {localday(first)} to {localday(last)}"


def page_of(incidents: Incidents, size: int, after: UUID | None) -> tuple[list[Incident], UUID | None]:
    """``size`` of ``incidents`` by when they became known, newest first, from the one ``after`` on; and whether there
    are more, after which."""
    found = incidents.select_related("team__service").order_by("-known_at", "-pk")
    last = incidents.filter(pk=after).first() if after else None
    if last is not None:
        found = found.filter(Q(known_at__lt=last.known_at) | Q(known_at=last.known_at, pk__lt=last.pk))
    rows = list(found[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


# ---- samples


def population_of(inspection: Inspection, population_id: UUID) -> InspectionPopulation | None:
    """One frozen list of an inspection."""
    found = inspection.populations.select_related("draw", "inspection__inspector")
    return found.filter(pk=population_id).first()


def populations_of(inspection: Inspection) -> list[InspectionPopulation]:
    """The lists of an inspection, newest first."""
    return list(inspection.populations.select_related("draw").order_by("-number"))


def drawn_incidents(draw: InspectionDraw) -> dict[str, Incident]:
    """The incidents drawn, by id as text, withdrawn ones too. Show of each only what ``incidents_shown`` allows."""
    found = with_tier(Incident.objects.filter(pk__in=draw.drawn)).select_related("team__service", "withdrawal")
    return {str(one.pk): one for one in found}


def may_be_released(inspection: Inspection, person: Person, at: datetime) -> list[Incident]:
    """The restricted incidents drawn that were not released, of those that ``person`` may release."""
    drawn = {pk for one in InspectionDraw.objects.filter(population__inspection=inspection) for pk in one.drawn}
    shown = incidents_shown(inspection, at).values("pk")
    waiting = incidents_in(inspection, at).filter(pk__in=drawn).exclude(pk__in=shown).order_by("reference")
    return [
        one for one in waiting.select_related("team") if allowed(check_can_release, by=person, at=at, incident=one)[0]
    ]


def looks_in(inspection: Inspection) -> list[AccessEntry]:
    """What the inspector looked at in it, newest first; the newest ``LOOKS_SHOWN``."""
    found = AccessEntry.objects.filter(by_id=inspection.inspector_id, detail__startswith=detail_of(inspection))
    return list(found.filter(provider_id=inspection.provider_id).order_by("-at", "-pk")[:LOOKS_SHOWN])


def detail_of(inspection: Inspection) -> str:
    """By what the looks of an inspection are found: its id."""
    return f"inspection {inspection.pk}"


def references_open_to(person: Person, at: datetime, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of those of these incidents that ``person`` may open."""
    found = Incident.objects.visible_to(person, at).filter(pk__in=set(ids))
    return dict(found.values_list("pk", "reference"))


# ---- who could be meant


def known_names(provider_id: UUID, incidents: Incidents) -> Known:
    """Who can be meant in the words of these incidents of a provider.

    Everybody of ``on_record``, but of the people supported the names of those alone whom the incidents, their cases,
    their earlier incidents and the other incidents that a change of theirs answers are about.
    """
    ids = list(incidents.values_list("pk", flat=True))
    about = Incident.objects.filter(pk__in=ids).values("person_supported")
    cases = PathwayCase.objects.filter(incident__in=ids).values("person_supported")
    earlier = RepeatedPattern.earlier.through.objects.filter(repeatedpattern__incident__in=ids)
    answered = Finding.objects.filter(changes__findings__incident__in=ids).values("incident_id")
    beside = Incident.objects.filter(Q(pk__in=earlier.values("incident_id")) | Q(pk__in=answered))
    others = beside.values("person_supported")
    here = PersonSupported.objects.filter(provider_id=provider_id)
    meant = here.filter(Q(pk__in=about) | Q(pk__in=cases) | Q(pk__in=others))
    found = on_record(provider_id, supported=meant, skip_unreadable=True)
    return Known.of(found.names, found.references)


def power_words(code: str, inspection: Inspection) -> str:
    """A power in words."""
    return label_of("inspection-powers", code, provider_id=inspection.provider_id)
