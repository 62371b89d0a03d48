"""Pages of evidence packs: the list, asking for one, its page, its files, taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.design.words import number_asked
from saferpractice.evidence import operations
from saferpractice.evidence.forms.packs import PackFilterForm, PackForm, WithdrawPackForm
from saferpractice.evidence.models import EvidencePack
from saferpractice.evidence.presenters import pack_texts
from saferpractice.evidence.presenters import packs as presenters
from saferpractice.evidence.queries import packs as queries
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.files.serving import as_download
from saferpractice.lists.queries import choices
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.refusals import Invalid, Refused

PAGE = 25
AS_A_PAGE = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
"""The page of a pack may run nothing and fetch nothing; its own policy names the one style sheet it has."""


def reader(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when packs are for them; else there is no such page."""
    person, at = person_of(request), clock.now()
    if not presenters.may_use_packs(person, at):
        raise Http404
    return person, at


def pack_of_page(request: HttpRequest, pack_id: UUID, page: str) -> tuple[Person, datetime, EvidencePack]:
    """The pack of a page, with the look recorded; or ``Http404``."""
    person, at = reader(request)
    found = queries.pack_seen(person, at, pack_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=found.incident_id, detail=f"evidence pack {found.pk}")
    return person, at, found


@require_safe
def packs(request: HttpRequest) -> HttpResponse:
    """The packs the person may open, newest first."""
    person, at = reader(request)
    form = PackFilterForm(request.GET)
    page = max(1, number_asked(request.GET.get("page", ""), 1))
    found = list(queries.packs_seen(person, at, form.wanted())[(page - 1) * PAGE : page * PAGE + 1])
    record_look(by=person, at=at, page="evidence packs", story_id=None, detail=f"{len(found[:PAGE])} shown")
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form,
        "rows": [presenters.row(pack) for pack in found[:PAGE]],
        "narrowed": any(request.GET.get(name) for name in ("q", "subject", "disclosure", "state")),
        "page": page,
        "more": len(found) > PAGE,
        "query": kept.urlencode(),
    }
    return render(request, "evidence/packs.html", context)


@require_safe
def packs_file(request: HttpRequest) -> StreamingHttpResponse:
    """The list as shown, all its rows, as a file for a spreadsheet."""
    person, at = reader(request)
    wanted = PackFilterForm(request.GET).wanted()
    record_look(by=person, at=at, page="evidence packs export", story_id=None, detail=request.GET.urlencode())
    lines = (presenters.line(pack) for pack in queries.packs_seen(person, at, wanted).iterator(chunk_size=200))
    return csv_response(f"evidence-packs-{local_day(at).isoformat()}", presenters.HEADER, lines)


@require_safe
def new_pack(request: HttpRequest) -> HttpResponse:
    """Choose what a pack is to be about."""
    reader(request)
    return render(request, "evidence/new_pack.html", {"subjects": presenters.subjects()})


def new_pack_of(request: HttpRequest, subject: str) -> HttpResponse:
    """Ask for a pack of one subject."""
    person, at = reader(request)
    if subject not in {each.value for each in Subject}:
        raise Http404
    about, today = Subject(subject), local_day(at)
    form = PackForm(
        request.POST or None,
        now=at,
        subject=about,
        services=queries.services_to_choose(person, at),
        themes=[(one.code, one.label) for one in choices("themes", provider_id=person.provider_id, on=today)],
        quarters=queries.quarters_to_choose(person, at),
        initial={"reference": request.GET.get("incident", "")[:30]},
    )
    if request.method == "POST" and form.is_valid():
        pack = _asked(form, person, at)
        if pack is not None:
            messages.success(request, "The pack is asked for.")
            return redirect("evidence:pack", pack.pk)
    context = {"form": form, "subject": about}
    return render(request, "evidence/new_pack_of.html", context, status=status_of(form))


def _asked(form: PackForm, person: Person, at: datetime) -> EvidencePack | None:
    incident = queries.incident_named(person, at, form.cleaned_data.get("reference") or "")
    if form.subject.of_one and incident is None:
        form.add_error("reference", "Enter the reference of an incident that you may open.")
        return None
    return attempt(
        form,
        lambda: twice_at_once(
            lambda: operations.ask_for_pack(
                by=person,
                at=at,
                wanted=form.wanted(incident),
                submission_key=str(form.cleaned_data.get("submission_key") or "")[:80],
            )
        ),
    )


@require_safe
def pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """One pack: what it is about, how far it is, its files."""
    person, at, found = pack_of_page(request, pack_id, "evidence pack")
    state = queries.state_of(found)
    mine = found.decided_by_id == person.pk
    context: dict[str, Any] = {
        "pack": found,
        "tag": presenters.state_tag(found),
        "state": state.value,
        "subject": Subject(found.subject).label,
        "readers": presenters.readers(found),
        "mine": mine,
        "progress": presenters.progress(found) if state is queries.PackState.BUILDING else None,
        "files": presenters.files(found) if state is queries.PackState.BUILT else [],
        "check": presenters.how_to_check(found) if state is queries.PackState.BUILT else None,
        "counts": None,
    }
    if mine and state in {queries.PackState.ASKED, queries.PackState.FAILED}:
        context["counts"] = pack_texts.counts(queries.texts_of(found, person, at))
    return render(request, "evidence/pack.html", context)


@require_safe
def pack_progress(request: HttpRequest, pack_id: UUID) -> JsonResponse:
    """How far a pack is, for its page to ask: numbers only, so the look is not written each time."""
    person, at = reader(request)
    found = queries.pack_seen(person, at, pack_id)
    if found is None or not hasattr(found, "building"):
        raise Http404
    return JsonResponse(presenters.progress(found))


@require_POST
def build_pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Order that a pack be built, once its texts are confirmed."""
    person, at, found = pack_of_page(request, pack_id, "evidence pack, building")
    try:
        operations.order_building(by=person, at=at, pack=found)
        messages.success(request, "The pack is being built. You can leave this page.")
    except Invalid as no:
        messages.error(request, str(no))
    except Refused as no:
        messages.error(request, no.sentence)
    return redirect("evidence:pack", found.pk)


@require_safe
def pack_file(request: HttpRequest, pack_id: UUID, name: str) -> FileResponse:
    """One file of a built pack, to save. Each time it is fetched is recorded."""
    if not presenters.is_file_name(name):
        raise Http404
    _, _, found = pack_of_page(request, pack_id, f"evidence pack, {name} fetched"[:100])
    kept = presenters.file_of(found, name)
    if kept is None:
        raise Http404
    return as_download(kept)


@require_safe
def pack_view(request: HttpRequest, pack_id: UUID) -> FileResponse:
    """The page of a built pack, to read here."""
    _, _, found = pack_of_page(request, pack_id, "evidence pack, read")
    kept = presenters.file_of(found, "html")
    if kept is None:
        raise Http404
    response = as_download(kept)
    response["Content-Disposition"] = "inline"
    response["Content-Type"] = "text/html; charset=utf-8"
    response["Content-Security-Policy"] = AS_A_PAGE
    return response


def withdraw_pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Take a pack back, with the reason."""
    person, at, found = pack_of_page(request, pack_id, "evidence pack, withdrawal")
    if queries.state_of(found) is queries.PackState.WITHDRAWN:
        return redirect("evidence:pack", found.pk)
    form = WithdrawPackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.withdraw_pack(by=person, at=at, pack=found, reason=form.cleaned_data["reason"]),
        )
        if done is not None:
            messages.success(request, "The pack is withdrawn. Nobody can fetch it here any more.")
            return redirect("evidence:pack", found.pk)
    return render(request, "evidence/withdraw_pack.html", {"form": form, "pack": found})
