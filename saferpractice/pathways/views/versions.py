"""Pages of the versions of a pathway: all of them, one, two compared, and retiring one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt
from saferpractice.config import clock
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.beside import beside
from saferpractice.pathways.forms import CompareForm, RetireForm
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.queries import (
    definition_of_version,
    drafts_seen,
    library,
    standing_of,
    standings,
    version_numbered,
)
from saferpractice.pathways.rules.versions import Step, why_not
from saferpractice.pathways.views.shared import reader


@require_safe
def versions(request: HttpRequest, pathway: str) -> HttpResponse:
    """Every version of a pathway with where it stands, and the drafts for those who may change it."""
    at = clock.now()
    person = reader(request, at)
    found = standings(person.provider_id, pathway, at)
    shipped = library().get(pathway)
    if not found and shipped is None:
        raise Http404
    may, refusal = allowed(check_can_draft, by=person, at=at, provider_id=person.provider_id)
    newest = definition_of_version(found[0].version) if found else None
    title = newest.title if newest else shipped.title if shipped else ""
    context = {
        "pathway": pathway,
        "title": title,
        "rows": presenters.version_rows(found),
        "compare": CompareForm(versions=presenters.comparable(found)) if len(found) > 1 else None,
        "drafts": presenters.draft_rows(drafts_seen(person, at, pathway)),
        "may": may,
        "why_not": refusal,
        "ships_otherwise": newest is not None and shipped is not None and shipped != newest,
    }
    return render(request, "pathways/versions.html", context)


def _version(request: HttpRequest, pathway: str, number: int) -> PathwayVersion:
    person = reader(request, clock.now())
    found = version_numbered(person.provider_id, pathway, number)
    if found is None:
        raise Http404
    return found


@require_safe
def version(request: HttpRequest, pathway: str, number: int) -> HttpResponse:
    """One version: what it says, who proposed and approved it and why, and what it carries out."""
    at = clock.now()
    person, found = reader(request, at), _version(request, pathway, number)
    state = standing_of(found, at)
    may, _ = allowed(check_can_draft, by=person, at=at, provider_id=found.provider_id)
    approval = getattr(found, "approval", None)
    before = approval.proposal.begun_from if approval else version_numbered(found.provider_id, pathway, number - 1)
    context = {
        "version": found,
        "tag": presenters.version_tag(state),
        "lines": presenters.approval_lines(found),
        "retirement": getattr(found, "retirement", None),
        "parts": presenters.parts(definition_of_version(found)),
        "before": before,
        "beside": beside(approval.proposal.draft, person, at) if approval else [],
        "may_retire": may and not why_not(Step.RETIRE, state) and not hasattr(found, "retirement"),
    }
    return render(request, "pathways/version.html", context)


@require_safe
def compare(request: HttpRequest, pathway: str) -> HttpResponse:
    """Two versions of a pathway compared in the same words (``?before=1&after=2``)."""
    at = clock.now()
    person = reader(request, at)
    found = standings(person.provider_id, pathway, at)
    form = CompareForm(request.GET, versions=presenters.comparable(found))
    chosen = form.cleaned_data if form.is_valid() else {}
    if not found or not chosen.get("before") or not chosen.get("after"):
        raise Http404
    by_number = {str(each.version.number): each.version for each in found}
    before, after = by_number[chosen["before"]], by_number[chosen["after"]]
    context = {
        "title": after.title,
        "back": (reverse("pathways:versions", args=[pathway]), "Back to the versions"),
        "before": f"Version {before.number}",
        "after": f"Version {after.number}",
        "parts": presenters.compared(definition_of_version(before), definition_of_version(after)),
        "form": form,
        "pathway": pathway,
    }
    return render(request, "pathways/compare.html", context)


def retire(request: HttpRequest, pathway: str, number: int) -> HttpResponse:
    """Take a version out of use, at once or from a moment."""
    at = clock.now()
    person, found = reader(request, at), _version(request, pathway, number)
    if not allowed(check_can_draft, by=person, at=at, provider_id=found.provider_id)[0]:
        raise Http404
    form = RetireForm(request.POST or None, now=at)
    page = reverse("pathways:version", args=[pathway, number])
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = attempt(
            form,
            lambda: operations.retire_version(
                by=person, at=at, version=found, reason=given["reason"], retired_at=given["retired_at"]
            ),
        )
        if done is not None:
            messages.success(request, f"Version {found.number} is retired. Cases open on it are worked to their end.")
            return redirect(page)
    context = {
        "form": form,
        "title": f"Retire version {found.number}",
        "caption": found.title,
        "lead": "No new case is opened on it. Cases open on it are worked to their end, and what it replaced does not "
        "come back.",
        "button": "Retire it",
        "back": page,
    }
    return render(request, "pathways/one_form.html", context)
