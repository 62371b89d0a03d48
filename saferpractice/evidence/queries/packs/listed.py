"""Which packs a person may open, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person, Service
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import EvidencePack, services_led
from saferpractice.evidence.queries.facts import happened
from saferpractice.evidence.rules.thematic.quarters import Quarter, finished_since
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry


class PackState(StrEnum):
    """How far a pack has come, told from what is there."""

    ASKED = "asked"
    BUILDING = "building"
    FAILED = "failed"
    BUILT = "built"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "asked": "Texts to confirm",
            "building": "Being built",
            "failed": "Could not be built",
            "built": "Ready",
            "withdrawn": "Withdrawn",
        }[self.value]


def state_of(pack: EvidencePack) -> PackState:
    """Where a pack stands: withdrawn before all else, then built, then being built, then waiting for its texts."""
    if hasattr(pack, "withdrawal"):
        return PackState.WITHDRAWN
    if hasattr(pack, "built"):
        return PackState.BUILT
    building = getattr(pack, "building", None)
    if building is None:
        return PackState.ASKED
    return PackState.FAILED if building.gave_up_at else PackState.BUILDING


@dataclass(frozen=True, slots=True)
class PackFilter:
    """How the list of packs is narrowed."""

    subject: str = ""
    disclosure: str = ""
    state: PackState | None = None
    words: str = ""


def packs_seen(person: Person, at: datetime, wanted: PackFilter) -> QuerySet[EvidencePack]:
    """The packs ``person`` may open that fit, newest first."""
    found = EvidencePack.objects.visible_to(person, at)
    if wanted.subject:
        found = found.filter(subject=wanted.subject)
    if wanted.disclosure:
        found = found.filter(disclosure=wanted.disclosure)
    if wanted.state is not None:
        found = found.filter(**WHERE[wanted.state])
    for word in wanted.words.split()[:6]:
        found = found.filter(about__icontains=word)
    with_state = found.select_related(
        "built__pdf", "built__page", "built__bundle", "building", "withdrawal", "provider"
    )
    return with_state.prefetch_related("services").order_by("-decided_at", "-pk")


_OPEN = {"withdrawal__isnull": True, "built__isnull": True}
WHERE: dict[PackState, dict[str, bool]] = {
    PackState.WITHDRAWN: {"withdrawal__isnull": False},
    PackState.BUILT: {"withdrawal__isnull": True, "built__isnull": False},
    PackState.ASKED: _OPEN | {"building__isnull": True},
    PackState.FAILED: _OPEN | {"building__isnull": False, "building__gave_up_at__isnull": False},
    PackState.BUILDING: _OPEN | {"building__isnull": False, "building__gave_up_at__isnull": True},
}
"""``state_of`` in SQL; a test holds the two together."""


def pack_seen(person: Person, at: datetime, pack_id: UUID) -> EvidencePack | None:
    """One pack, when ``person`` may open it."""
    return packs_seen(person, at, PackFilter()).filter(pk=pack_id).first()


def proves_itself(pack: EvidencePack) -> bool:
    """Whether the files of a built pack were listed in the trail, so that its ZIP has proofs: older ones have none."""
    entries = TrailEntry.objects.filter(provider_id=pack.provider_id, subject_id=pack.pk)
    return entries.filter(operation="evidence.list_pack_files").exists()


def services_to_choose(person: Person, at: datetime) -> QuerySet[Service]:
    """The services of which ``person`` may make a pack, by name."""
    return services_led(person, at).order_by("name")


def quarters_to_choose(person: Person, at: datetime) -> list[Quarter]:
    """The finished quarters in which anything happened, newest first."""
    first = happened(person.provider).order_by("happened").values_list("happened", flat=True).first()
    return list(finished_since(local_day(first), local_day(at))) if first else []


def incident_named(person: Person, at: datetime, reference: str) -> Incident | None:
    """The incident with this reference, when ``person`` may open it."""
    found = Incident.objects.visible_to(person, at).filter(reference__iexact=reference.strip())
    return found.select_related("team__service").first()
