"""What is held about a person supported, as far as whoever answers for it may read it, and who has looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.permissions import allowed
from saferpractice.home.rules import Cursor
from saferpractice.incidents.models import Incident, KeptFrom, NamedAccess, PersonSupported
from saferpractice.incidents.permissions import check_can_see_reporter
from saferpractice.incidents.rules import kept_reference
from saferpractice.pathways.models import PathwayCase
from saferpractice.trail.rules import NAME_WITHHELD

BY_REFERENCE = ("person supported, search", "pathway, beginning")
"""Looks that name a person by what was typed, when nothing about them was opened."""


def incidents_held(person: PersonSupported, by: Person, at: datetime) -> list[Incident]:
    """The incidents about a person that ``by`` may read, withdrawn ones too, oldest first."""
    found = Incident.objects.readable_by(by, at).filter(person_supported=person)
    return list(found.select_related("team__service", "reporter").order_by("recorded_at", "pk"))


def cases_held(person: PersonSupported, by: Person, at: datetime) -> list[PathwayCase]:
    """The cases on a person that were opened from no incident or from one ``by`` may read, oldest first.

    Whoever the incident names: it may name nobody, and the case is still about this person.
    """
    readable = Incident.objects.readable_by(by, at)
    found = PathwayCase.objects.filter(Q(incident__isnull=True) | Q(incident__in=readable), person_supported=person)
    return list(found.select_related("version", "team").order_by("decided_at", "pk"))


@dataclass(frozen=True, slots=True)
class Held:
    """A person supported, and the records about them that may be read by whoever asks.

    ``withheld`` are the incidents (with their reporters) of which whoever asks must not know who reported them.
    """

    person: PersonSupported
    incidents: list[Incident]
    cases: list[PathwayCase]
    withheld: frozenset[tuple[UUID, UUID | None]]

    def stories(self) -> dict[UUID, str]:
        """Every record by which a look can be about the person, in words."""
        found = {self.person.pk: "The person"}
        found |= {one.pk: f"Incident {one.reference}" for one in self.incidents}
        return found | {one.pk: f"Case: {one.version.title}" for one in self.cases}


def held_about(by: Person, at: datetime, person_id: UUID) -> Held | None:
    """What is held about a person; None where ``by`` may read nothing of it.

    None also for whoever is kept from any incident about the person: to know who looked, and at what, would tell them
    of it. Whether ``by`` answers for records at all is not asked here (``permissions``).
    """
    person = PersonSupported.objects.filter(pk=person_id, provider_id=by.provider_id).first()
    about = Q(incident__person_supported=person_id) | Q(incident__pathway_cases__person_supported=person_id)
    if person is None or KeptFrom.objects.filter(about, person=by).exists():
        return None
    incidents = incidents_held(person, by, at)
    cases = cases_held(person, by, at)
    withheld = frozenset(
        (one.pk, one.reporter_id)
        for one in incidents
        if one.name_withheld and not allowed(check_can_see_reporter, by=by, at=at, incident=one)[0]
    )
    return Held(person, incidents, cases, withheld) if incidents or cases else None


def held_of_reference(by: Person, at: datetime, reference: str) -> Held | None:
    """As ``held_about``, by the person's reference however it is typed."""
    found = PersonSupported.objects.filter(provider_id=by.provider_id, reference=kept_reference(reference)).first()
    return held_about(by, at, found.pk) if found is not None else None


@dataclass(frozen=True, slots=True)
class LooksWanted:
    """Which looks: from a moment until before another, and by whom (a part of the name)."""

    since: datetime | None = None
    before: datetime | None = None
    who: str = ""


def looks_about(held: Held, wanted: LooksWanted) -> QuerySet[AccessEntry]:
    """Every look at a record about the person, newest first."""
    by_reference = Q(story_id__isnull=True, detail=held.person.reference, page__in=BY_REFERENCE)
    found = AccessEntry.objects.filter(
        Q(story_id__in=list(held.stories())) | by_reference, provider_id=held.person.provider_id
    )
    if wanted.since is not None:
        found = found.filter(at__gte=wanted.since)
    if wanted.before is not None:
        found = found.filter(at__lt=wanted.before)
    if wanted.who:
        # Whoever is withheld is not found by name either.
        hidden = Q(pk__in=[])
        for story, reporter in held.withheld:
            hidden |= Q(story_id=story, by_id=reporter)
        found = found.filter(by_name__icontains=wanted.who).exclude(hidden)
    return found.order_by("-at", "-pk")


def looks_page(
    found: QuerySet[AccessEntry], after: Cursor | None, size: int
) -> tuple[list[AccessEntry], Cursor | None]:
    """A page of looks, and where the next one starts."""
    if after is not None:
        found = found.filter(at__lte=after.moment).exclude(at=after.moment, pk__gte=after.id)
    rows = list(found[: size + 1])
    more = Cursor(rows[size - 1].at, rows[size - 1].pk) if len(rows) > size else None
    return rows[:size], more


@dataclass(frozen=True, slots=True)
class Look:
    """One look as it is told: ``purpose`` is why the person was named on the record, where they were."""

    at: datetime
    who: str
    role: str
    record: str
    page: str
    purpose: str


def told(held: Held, entries: Iterable[AccessEntry]) -> Iterator[Look]:
    """The looks with the record each was at. A reporter whose name is withheld stays without it."""
    stories = held.stories()
    named = list(NamedAccess.objects.filter(incident__in=held.incidents).order_by("from_at"))
    for entry in entries:
        hidden = (entry.story_id, entry.by_id) in held.withheld
        yield Look(
            at=entry.at,
            who=NAME_WITHHELD if hidden else entry.by_name,
            role="" if hidden else entry.by_role,
            record=stories[entry.story_id] if entry.story_id else "Searched for by reference",
            page=entry.page,
            purpose="" if hidden else _purpose(named, entry),
        )


def _purpose(named: list[NamedAccess], entry: AccessEntry) -> str:
    for one in reversed(named):
        holds = one.from_at <= entry.at and (one.until_at is None or entry.at < one.until_at)
        if holds and (one.incident_id, one.person_id) == (entry.story_id, entry.by_id):
            return one.reason
    return ""
