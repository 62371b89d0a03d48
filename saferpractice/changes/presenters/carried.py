"""How a change and the version of a pathway that carries it out show each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.changes.models import CarriedOutByPathway, OperationalChange, ProofByUse
from saferpractice.changes.operations.carrying_out import OVER
from saferpractice.changes.permissions import check_can_carry
from saferpractice.changes.presenters.rows import Tagged, state_tag
from saferpractice.changes.queries import (
    change_seen,
    changes_of_draft,
    changes_to_carry_out,
    links_of,
    state_of,
    use_proofs_of,
    version_of,
)
from saferpractice.pathways.beside import Beside
from saferpractice.pathways.models import PathwayCase, PathwayDraft
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.presenters import version_tag
from saferpractice.pathways.queries import standing_of, state_of_draft


@dataclass(frozen=True, slots=True)
class CarriedChange:
    """A change that a version carries out, as the version's page shows it."""

    title: str
    href: str
    state: Tagged
    take_off: str


def beside_draft(draft: PathwayDraft, by: Person, at: datetime) -> Beside | None:
    """The changes that a draft, or the version made from it, carries out: those ``by`` may open, and how many more."""
    links, more = changes_of_draft(draft, by, at)
    may, _ = allowed(check_can_draft, by=by, at=at, provider_id=draft.provider_id)
    worked_on = may and state_of_draft(draft) not in OVER
    if not links and not more and not may:
        return None
    rows = []
    for link in links:
        change = change_seen(by, at, link.change_id)
        if change is None:
            continue
        carries, _ = allowed(check_can_carry, by=by, at=at, change=change)
        address = reverse("changes:take_off", args=[link.pk]) if carries and worked_on else ""
        href = reverse("changes:change", args=[change.pk])
        rows.append(CarriedChange(change.title, href, state_tag(state_of(change)), address))
    address = reverse("changes:carry_out", args=[draft.pk])
    add = address if worked_on and changes_to_carry_out(draft, by, at).exists() else ""
    return Beside("changes/carried_out.html", {"rows": rows, "more": more, "add": add})


@dataclass(frozen=True, slots=True)
class Carrier:
    """The draft or version that carries a change out, with where it stands, and its page where there is one."""

    text: str
    tag: Any
    href: str


@dataclass(frozen=True, slots=True)
class UseCard:
    """One proof by use; ``href`` is the case, for somebody who may open it."""

    proof: ProofByUse
    href: str


def by_pathway(change: OperationalChange, by: Person, at: datetime) -> dict[str, Any] | None:
    """What the page of a change shows of the pathway that carries it out; None where none does."""
    carriers = [carrier for link in links_of(change) if (carrier := _carrier(link, by, at))]
    proofs = use_proofs_of(change)
    if not carriers and not proofs:
        return None
    cases = [proof.case_id for proof in proofs]
    open_to = set(PathwayCase.objects.visible_to(by, at).filter(pk__in=cases).values_list("pk", flat=True))
    cards = [
        UseCard(proof, reverse("pathways:case", args=[proof.case_id]) if proof.case_id in open_to else "")
        for proof in proofs
    ]
    return {"carriers": carriers, "proofs": cards}


def _carrier(link: CarriedOutByPathway, by: Person, at: datetime) -> Carrier | None:
    version = version_of(link)
    if version is not None:
        href = reverse("pathways:version", args=[version.pathway, version.number])
        return Carrier(f"{version.title}, version {version.number}", version_tag(standing_of(version, at)), href)
    may, _ = allowed(check_can_draft, by=by, at=at, provider_id=link.draft.provider_id)
    href = reverse("pathways:draft", args=[link.draft_id]) if may else ""
    return Carrier(f"{link.draft.title}, a version that is being prepared", None, href)
