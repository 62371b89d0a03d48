"""Which version of a pathway carries a change out, and which changes a version carries out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.changes.models import CarriedOutByPathway, Changes, OperationalChange, ProofByUse
from saferpractice.pathways.models import PathwayCase, PathwayDraft, PathwayVersion
from saferpractice.pathways.queries import definition_of_version, worked_by
from saferpractice.pathways.rules.versions import touched


def carrying(links: QuerySet[CarriedOutByPathway] | None = None) -> QuerySet[CarriedOutByPathway]:
    """The links that stand: not taken off."""
    found = CarriedOutByPathway.objects.all() if links is None else links
    return found.filter(taken_off__isnull=True).select_related("change", "draft__provider")


def carried_by(version: PathwayVersion) -> list[CarriedOutByPathway]:
    """The links of the draft that ``version`` was approved from, to changes that stand."""
    found = carrying().filter(draft__proposals__decision__version=version, change__withdrawal__isnull=True)
    return list(found.order_by("decided_at", "pk"))


def version_of(link: CarriedOutByPathway) -> PathwayVersion | None:
    """The version approved from the draft of a link, or None while there is none."""
    return PathwayVersion.objects.filter(approval__proposal__draft=link.draft_id).select_related("went_live").first()


def changes_of_draft(draft: PathwayDraft, person: Person, at: datetime) -> tuple[list[CarriedOutByPathway], int]:
    """The links of a draft to changes ``person`` may open, and how many more there are."""
    links = list(carrying().filter(draft=draft).order_by("decided_at", "pk"))
    changes = OperationalChange.objects.visible_to(person, at).filter(by_pathway__draft=draft)
    seen = set(changes.values_list("pk", flat=True))
    shown = [link for link in links if link.change_id in seen]
    return shown, len(links) - len(shown)


def changes_to_carry_out(draft: PathwayDraft, person: Person, at: datetime) -> Changes:
    """The standing changes that ``person`` may open, that are not live yet and that ``draft`` does not carry out."""
    named = CarriedOutByPathway.objects.filter(draft=draft).values("change_id")
    found = OperationalChange.objects.visible_to(person, at).standing().filter(go_live__isnull=True)
    return found.exclude(pk__in=named).order_by("-decided_at", "-pk")


def link_seen(person: Person, at: datetime, link_id: UUID) -> CarriedOutByPathway | None:
    """One link that stands, when ``person`` may open its change; else None."""
    changes = OperationalChange.objects.visible_to(person, at).values("pk")
    return carrying().filter(pk=link_id, change__in=changes).first()


def links_of(change: OperationalChange) -> list[CarriedOutByPathway]:
    """The drafts and versions of pathways that carry ``change`` out, oldest first."""
    return list(carrying(change.by_pathway.all()).order_by("decided_at", "pk"))


def use_proofs_of(change: OperationalChange) -> list[ProofByUse]:
    """The proofs of a change by use, oldest first, with team and version."""
    found = change.use_proofs.select_related("team__service", "version", "case")
    return list(found.order_by("decided_at", "pk"))


@dataclass(frozen=True, slots=True)
class Used:
    """A change that something done on a case shows to be used, by which version, and what was done."""

    change: OperationalChange
    version: PathwayVersion
    code: str
    title: str


def shown_used(case: PathwayCase, codes: Sequence[str]) -> list[Used]:
    """What it shows that obligations (by their codes) came about and were met on ``case`` under its version.

    The version that carries a change out counts, and every later one, which contains it. Only an obligation that
    the version brought or changed counts, only in a team that the change must reach, and only once for each team.
    """
    worked = worked_by(case)
    links = (
        carrying()
        .filter(
            change__withdrawal__isnull=True,
            change__go_live__isnull=False,
            change__reach=case.team_id,
            draft__provider=case.provider_id,
            draft__pathway=worked.version.pathway,
            draft__proposals__decision__version__number__lte=worked.version.number,
            draft__proposals__decision__version__went_live__isnull=False,
        )
        .exclude(change__in=ProofByUse.objects.filter(team=case.team_id).values("change_id"))
    )
    found = []
    for link in links.order_by("decided_at", "pk"):
        version = version_of(link)
        if version is None:
            continue
        before = version.approval.proposal.begun_from
        asked = touched(definition_of_version(before) if before else None, definition_of_version(version))
        done = next((code for code in codes if code in asked and code in worked.definition.owed), None)
        if done is not None:
            found.append(Used(link.change, version, done, worked.definition.owed[done].title))
    return found
