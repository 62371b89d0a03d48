"""Recording proof of rollout, and comparing the versions of a document."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.models import Person, Team
from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.changes import operations
from saferpractice.changes.forms import CountedProofForm, DocumentProofForm, ProofKindForm
from saferpractice.changes.looking import open_change
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.permissions import check_can_prove
from saferpractice.changes.queries import (
    comparison_of,
    file_of,
    kind_of_proof,
    proof_of,
    reach_of,
    versions_recorded,
)
from saferpractice.changes.rules import KindOfProof, LineKind
from saferpractice.changes.views.shared import found, key_of, must, new_key, one_form
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.files.serving import as_download
from saferpractice.lists.queries import choices


def proof(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Record proof that the change reached a team; ``?kind=`` says which kind, ``?team=`` chooses a team beforehand."""
    person, at = person_of(request), clock.now()
    opened = open_change(by=person, at=at, change_id=change_id, page="prove a change")
    teams = _teams_to_prove(opened.change, person, at)
    must(bool(teams))
    code = request.GET.get("kind", "")
    kind = kind_of_proof(code, provider_id=person.provider_id, on=local_day(at))
    if kind is None:
        return _choose_kind(request, opened.change, at)
    form = _form(request, opened.change, teams, kind, at)
    return one_form(
        request,
        form,
        lambda: operations.record_proof(
            by=person,
            at=at,
            change=opened.change,
            proof=form.proof(code),
            submission_key=key_of(form),
            **form.given(),
        ),
        back=reverse("changes:change", args=[change_id]),
        done="The proof was recorded.",
        words={"title": kind.label, "caption": opened.change.title, "button": "Record it"},
    )


def _teams_to_prove(change: OperationalChange, person: Person, at: datetime) -> list[Team]:
    return [
        team for team in reach_of(change) if allowed(check_can_prove, by=person, at=at, change=change, team=team)[0]
    ]


def _choose_kind(request: HttpRequest, change: OperationalChange, at: datetime) -> HttpResponse:
    kinds = choices("rollout-proof-kinds", provider_id=change.provider_id, on=local_day(at))
    form = ProofKindForm(request.GET if "kind" in request.GET else None, kinds=kinds)
    context = {"form": form, "change": change, "team": request.GET.get("team", "")}
    return render(request, "changes/proof_kind.html", context)


def _form(
    request: HttpRequest, change: OperationalChange, teams: list[Team], kind: KindOfProof, at: datetime
) -> CountedProofForm | DocumentProofForm:
    chosen = request.GET.get("team", "")
    team = next((one.pk for one in teams if str(one.pk) == chosen), None)
    offered = reach_of(change).filter(pk__in=[one.pk for one in teams])
    sent: dict[str, Any] = {"data": request.POST or None, "files": request.FILES or None, "now": at}
    if kind.counts_people or not kind.needs_file:
        return CountedProofForm(**sent, teams=offered, kind=kind, initial=new_key() | {"teams": team})
    initial = new_key() | {"teams": [team] if team else None}
    return DocumentProofForm(**sent, teams=offered, versions=versions_recorded(change), initial=initial)


@require_safe
def versions(request: HttpRequest, change_id: UUID, proof_id: UUID) -> HttpResponse:
    """The document of a proof beside the one it replaces: what differs, where that can be read."""
    person, at = person_of(request), clock.now()
    opened = open_change(by=person, at=at, change_id=change_id, page="compare versions")
    shown = found(proof_of(opened.change, proof_id))
    before, now = found(shown.previous_file), found(shown.file)
    comparison = comparison_of(before, now)
    kinds = [line.kind for line in comparison.lines]
    context = {
        "change": opened.change,
        "proof": shown,
        "files": [("Before", before), ("Now", now)],
        "comparison": comparison,
        "added": kinds.count(LineKind.ADDED),
        "removed": kinds.count(LineKind.REMOVED),
    }
    return render(request, "changes/versions.html", context)


@require_safe
def proof_file(request: HttpRequest, change_id: UUID, file_id: UUID) -> FileResponse:
    """A file of a proof, for everybody who may see the change: they are the people who use it."""
    person, at = person_of(request), clock.now()
    opened = open_change(by=person, at=at, change_id=change_id, page="file of a change")
    return as_download(found(file_of(opened.change, file_id)))
