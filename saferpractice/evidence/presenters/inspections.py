"""What pages show of an inspection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.rules import Place, Role
from saferpractice.design.words import localday, localtime, tag
from saferpractice.evidence.models import Inspection, InspectionDraw, InspectionPopulation
from saferpractice.evidence.permissions import OVERSEES_INSPECTIONS
from saferpractice.evidence.rules.inspections import (
    HARM_WORDS,
    Cell,
    Link,
    Proof,
    Statement,
    harm_level,
)
from saferpractice.incidents.models import Incident
from saferpractice.incidents.permissions import DECIDES_ON_ACCESS
from saferpractice.trail.draws import digest_of
from saferpractice.triage.rules import TierCode

NOT_RELEASED = "Restricted to named people, not released to you"


def may_oversee(person: Person, at: datetime) -> bool:
    """Whether ``person`` opens inspections of their provider."""
    return bool(person.roles(Place(person.provider_id), at) & OVERSEES_INSPECTIONS)


def may_reach_inspections(person: Person, at: datetime) -> bool:
    """Whether there is a page of inspections for ``person``: they inspect, open inspections, or decide on access."""
    return bool(person.roles_anywhere(at) & (DECIDES_ON_ACCESS | {Role.INSPECTOR})) or may_oversee(person, at)


def period_words(inspection: Inspection) -> str:
    """The days whose incidents it covers."""
    return f"{localday(inspection.period_from)} to {localday(inspection.period_to)}"


def inspection_rows(inspections: Iterable[Inspection], at: datetime) -> list[list[Any]]:
    """Every inspection of a provider, for whoever oversees them."""
    return [
        [
            {"text": one.reference, "href": reverse("evidence:inspection_overview", args=[one.pk])},
            one.inspector.name,
            ", ".join(sorted(service.name for service in one.services.all())),
            period_words(one),
            state_of(one, at),
        ]
        for one in inspections
    ]


def state_of(inspection: Inspection, at: datetime) -> Any:
    """Whether an inspection is open, as a tag with its time."""
    end = getattr(inspection, "end", None)
    if end is not None:
        return tag(f"Ended {localday(end.decided_at)}", "quiet")
    if inspection.ends_at <= at:
        return tag(f"Over since {localday(inspection.ends_at)}", "quiet")
    return tag(f"Open until {localday(inspection.ends_at)}", "working")


def looks_shown(looks: Iterable[AccessEntry], references: Mapping[UUID, str]) -> list[list[Any]]:
    """What an inspector looked at. The number of an incident is there for those who may open it."""
    return [
        [
            localtime(one.at),
            _large(one.page.removeprefix("inspection: ")),
            references.get(one.story_id, "An incident that you may not open") if one.story_id else None,
        ]
        for one in looks
    ]


def _large(words: str) -> str:
    return words[:1].upper() + words[1:]


def proof_shown(proof: Proof, inspection: Inspection) -> dict[str, Any]:
    """A proof with its table, each record leading to its story."""
    return {"proof": proof, "rows": [[_cell(one, inspection) for one in row] for row in proof.rows]}


def _cell(cell: Cell, inspection: Inspection) -> Any:
    if isinstance(cell, Link):
        return {"text": cell.text, "href": reverse("evidence:inspected", args=[inspection.pk, cell.incident])}
    return str(cell) or None


def incident_rows(incidents: Iterable[Incident], inspection: Inspection) -> list[list[Any]]:
    """Incidents whose story is shown: number, when, where, harm, tier. Not a word of the report."""
    return [
        [
            {"text": one.reference, "href": reverse("evidence:inspected", args=[inspection.pk, one.pk])},
            localday(one.known_at),
            f"{one.team.name}, {one.team.service.name}",
            HARM_WORDS[harm_level(one.physical_harm, one.psychological_harm)],
            _tier(one),
        ]
        for one in incidents
    ]


def _tier(incident: Incident) -> str | None:
    tier = getattr(incident, "tier_now", None)
    return TierCode(tier).label if tier else None


def drawn_rows(draw: InspectionDraw, drawn: Mapping[str, Incident], shown: set[UUID]) -> list[list[Any]]:
    """The incidents drawn by rank. One that is not shown says why, and nothing of itself."""
    rows: list[list[Any]] = []
    inspection = draw.population.inspection
    for rank, pk in enumerate(draw.drawn, start=1):
        one = drawn.get(pk)
        digest = digest_of(draw.seed, pk)[:12]
        if one is not None and one.pk in shown:
            rows.append([str(rank), *incident_rows([one], inspection)[0], digest])
            continue
        gone = one is None or hasattr(one, "withdrawal")
        why = "Withdrawn since it was drawn" if gone else NOT_RELEASED
        if one is not None and not gone and not one.restricted:
            why = "No longer covered by this inspection"
        rows.append([str(rank), why, None, None, None, None, digest])
    return rows


def population_rows(populations: Iterable[InspectionPopulation]) -> list[list[Any]]:
    """The lists an inspector froze, newest first."""
    return [
        [
            {"text": f"List {one.number}", "href": reverse("evidence:sample", args=[one.inspection_id, one.pk])},
            one.words,
            str(one.count),
            f"{one.size} drawn" if hasattr(one, "draw") else "Waits for your seed",
        ]
        for one in populations
    ]


def statement_shown(told: Statement) -> dict[str, Any]:
    """A statement with who did it, by role, and when."""
    when = localtime(told.at) if told.at else ""
    who = str(told.by) if told.by is not None else ""
    return {"told": told, "signed": ", ".join(one for one in (who, when) if one)}
