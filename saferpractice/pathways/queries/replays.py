"""Replays of a provider, what can be replayed, and what was found, scoped to the person asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from saferpractice.access.models import Person, RoleAssignment, Service
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Role
from saferpractice.deadlines.ledger import calendar_for
from saferpractice.deadlines.local_times import evening_of
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import (
    LocalValues,
    PathwayCase,
    PathwayDraft,
    PathwayVersion,
    Replay,
    ReplayCase,
    ReplayPart,
)
from saferpractice.pathways.permissions import check_can_replay
from saferpractice.pathways.queries.practice import in_use, library
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import definition_from_data, kept_definition


def live_version(provider_id: UUID, pathway: str, at: datetime) -> PathwayVersion | None:
    """The version of a pathway that the provider works by at ``at``."""
    return next((version for version in in_use(provider_id, at) if version.pathway == pathway), None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that can be replayed: ``key`` names it in addresses, ``name`` on pages."""

    key: str
    name: str
    content: dict[str, Any]
    draft: PathwayDraft | None = None

    def definition(self) -> Definition:
        """What it says. A draft may still have mistakes, which ``ListMistakes`` tells; a version on record is read."""
        read = definition_from_data if self.draft is not None else kept_definition
        return read(self.content, name=self.name)


def candidates(live: PathwayVersion) -> list[Candidate]:
    """What can be replayed beside ``live``: drafts, newest first, what ships, and other versions, newest first."""
    drafts = PathwayDraft.objects.filter(provider_id=live.provider_id, pathway=live.pathway, dropped__isnull=True)
    found = [
        Candidate(f"draft:{draft.pk}", f"Draft “{draft.title}”, revision {draft.revision}", draft.content, draft)
        for draft in drafts.order_by("-decided_at", "-pk")
    ]
    shipped = library().get(live.pathway)
    if shipped is not None:
        content = shipped.model_dump(mode="json", by_alias=True, exclude_unset=True)
        found.append(Candidate("shipped", "As the product ships it", content))
    others = PathwayVersion.objects.filter(provider_id=live.provider_id, pathway=live.pathway).exclude(pk=live.pk)
    found += [
        Candidate(f"version:{version.pk}", f"Version {version.number}", version.content)
        for version in others.order_by("-number")
    ]
    return [candidate for candidate in found if candidate.content != live.content]


def cases_to_replay(provider_id: UUID, pathway: str, until: datetime, since: datetime | None) -> QuerySet[PathwayCase]:
    """The cases of a pathway recorded by ``until``, whichever version they were opened on, by their ids."""
    found = PathwayCase.objects.filter(provider_id=provider_id, version__pathway=pathway, decided_at__lte=until)
    if since is not None:
        found = found.filter(decided_at__gte=since)
    return found.order_by("pk")


def setting_of(provider_id: UUID, pathway: str, at: datetime) -> dict[str, Any]:
    """What every part of a replay reckons with, as plain data: see ``Replay.setting``."""
    evening = evening_of(provider_id=provider_id, at=at)
    local: dict[str, Any] = {}
    newest_last = LocalValues.objects.filter(provider_id=provider_id, pathway=pathway, decided_at__lte=at)
    for service_id, values in newest_last.order_by("decided_at", "pk").values_list("service_id", "values"):
        local[str(service_id)] = values
    return {
        "calendar": calendar_for(provider_id).as_data(),
        "evening": [evening.after.isoformat(), evening.due_by.isoformat()] if evening.after and evening.due_by else [],
        "local": local,
        "duty_managers": _duty_managers(provider_id, at),
    }


def _duty_managers(provider_id: UUID, at: datetime) -> dict[str, int]:
    """How many people are duty managers over each service or some of its teams."""
    held = RoleAssignment.objects.current(at).filter(provider_id=provider_id, role=Role.DUTY_MANAGER)
    rows = list(held.filter(person__is_active=True).values_list("person_id", "service_id"))
    services = Service.objects.filter(provider_id=provider_id).values_list("pk", flat=True)
    return {str(service): len({person for person, over in rows if over in {None, service}}) for service in services}


def replay_seen(person: Person, at: datetime, replay_id: UUID) -> Replay | None:
    """One replay that ``person`` may read, or None: the same for "not yours" and "no such replay"."""
    found = Replay.objects.filter(provider_id=person.provider_id, pk=replay_id)
    replay = found.select_related("live", "draft", "stopped", "result").first()
    if replay is None or not allowed(check_can_replay, by=person, at=at, provider_id=replay.provider_id)[0]:
        return None
    return replay


def replays_of(provider_id: UUID, pathway: str) -> QuerySet[Replay]:
    """The replays of a pathway, newest first."""
    found = Replay.objects.filter(provider_id=provider_id, pathway=pathway)
    return found.select_related("live", "stopped", "result").order_by("-decided_at", "-pk")


def running(provider_id: UUID, pathway: str) -> Replay | None:
    """The replay of a pathway that is still going on."""
    left = ReplayPart.objects.filter(replay=OuterRef("pk"), done_at__isnull=True)
    return replays_of(provider_id, pathway).filter(Exists(left), stopped__isnull=True).first()


def parts_waiting(at: datetime) -> int:
    """How many parts of replays wait for a worker."""
    return ReplayPart.objects.waiting(at).count()


def cases_done(replay: Replay) -> int:
    """How many of its cases have been looked at."""
    done = ReplayPart.objects.filter(replay=replay, done_at__isnull=False).aggregate(cases=Sum("cases"))
    return done["cases"] or 0


def differing(replay: Replay, person: Person, at: datetime, kind: str = "", service: str = "") -> QuerySet[ReplayCase]:
    """The cases that differ and that ``person`` may open, newest first. The others are counts, never named."""
    seen = PathwayCase.objects.visible_to(person, at).values("pk")
    found = ReplayCase.objects.filter(replay=replay, differs=True, case_id__in=seen)
    if kind:
        found = found.filter(kinds__contains=f",{kind},")
    if service:
        found = found.filter(case__team__service_id=service)
    return found.select_related("case__team__service", "case__person_supported", "case__version").order_by("-case_id")


def differing_hidden(replay: Replay, person: Person, at: datetime) -> int:
    """How many cases differ that ``person`` may not open."""
    every = ReplayCase.objects.filter(replay=replay, differs=True)
    return every.count() - differing(replay, person, at).count()


def incidents_shown(found: Iterable[ReplayCase], person: Person, at: datetime) -> Mapping[UUID, Incident]:
    """The incidents beside these cases that ``person`` may open, by their ids."""
    wanted = [each.incident_id for each in found if each.incident_id]
    return {incident.pk: incident for incident in Incident.objects.visible_to(person, at).filter(pk__in=wanted)}


def service_names(provider_id: UUID) -> dict[str, str]:
    """The services of a provider by their ids as text."""
    rows = Service.objects.filter(provider_id=provider_id).order_by("name").values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def standing_incidents(persons: Iterable[UUID], ids: Iterable[UUID], until: datetime) -> list[tuple[Any, ...]]:
    """Incidents of these people, and these incidents: (id, person's id, when it happened or was known)."""
    found = Incident.objects.standing().filter(Q(person_supported_id__in=list(persons)) | Q(pk__in=list(ids)))
    rows = found.filter(recorded_at__lte=until).values_list("pk", "person_supported_id", "occurred_at", "known_at")
    return [(pk, person, occurred or known) for pk, person, occurred, known in rows]
