"""Pages on which a draft is begun, changed, compared, proposed and decided on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.design.forms import Form
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.beside import beside
from saferpractice.pathways.forms import ApproveForm, DraftForm, DropForm, ProposeForm, SendBackForm, TakeBackForm
from saferpractice.pathways.models import PathwayDraft, VersionProposal
from saferpractice.pathways.moving import move_open_cases
from saferpractice.pathways.permissions import check_can_decide, check_can_draft, check_can_take_back
from saferpractice.pathways.queries import (
    definition_of_draft,
    definition_of_version,
    draft_of_proposal,
    draft_seen,
    library,
    newest_version,
    state_of_draft,
    version_in_use,
    waiting_proposal,
)
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.versions import Step, why_not
from saferpractice.trail.refusals import Stale


@require_POST
def begin(request: HttpRequest, pathway: str) -> HttpResponse:
    """Begin a draft from the newest version, or from what ships with the product (``ships``)."""
    person, at = person_of(request), clock.now()
    known = library().get(pathway) is not None or newest_version(person.provider_id, pathway) is not None
    if not known or not allowed(check_can_draft, by=person, at=at, provider_id=person.provider_id)[0]:
        raise Http404
    ships = "ships" in request.POST and pathway in library()
    draft = operations.begin_draft(by=person, at=at, provider=person.provider, pathway=pathway, from_library=ships)
    return redirect("pathways:edit_draft", draft.pk)


def _draft(request: HttpRequest, draft_id: UUID) -> tuple[Person, datetime, PathwayDraft]:
    """The draft, when who asks may see it; else no such page."""
    person, at = person_of(request), clock.now()
    found = draft_seen(person, at, draft_id)
    if found is None:
        raise Http404
    return person, at, found


@require_safe
def draft(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """A draft: where it stands, what it says otherwise than the version it replaces, and what can be done with it."""
    person, at, found = _draft(request, draft_id)
    state, definition = state_of_draft(found), definition_of_draft(found)
    newest = newest_version(found.provider_id, found.pathway)
    context = {
        "draft": found,
        "tag": presenters.draft_tag(state),
        "parts": presenters.compared(_before(found), definition),
        "whole": presenters.parts(definition),
        "may_change": not why_not(Step.EDIT, state),
        "newer": newest if newest is not None and newest.pk != found.begun_from_id else None,
        "proposals": presenters.proposals_shown(found, person, at),
        "beside": beside(found, person, at),
        "can_be_tried": version_in_use(found.provider_id, found.pathway, at) is not None,
    }
    return render(request, "pathways/draft.html", context)


def _before(found: PathwayDraft) -> Definition | None:
    return definition_of_version(found.begun_from) if found.begun_from else None


def edit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Change a draft in a form, with what it says in plain words beside it."""
    person, at, found = _draft(request, draft_id)
    if why_not(Step.EDIT, state_of_draft(found)):
        raise Http404
    form = DraftForm(request.POST or None, content=found.content, revision=found.revision)
    typed = form.definition() if request.method == "POST" else definition_of_draft(found)
    context: dict[str, Any] = {"draft": found, "stale": None}
    if request.method == "POST" and typed is not None and "words" not in request.POST:
        saved, stale = _save(person, at, found, form, typed)
        if saved is not None:
            messages.success(request, "The draft is saved.")
            return redirect("pathways:draft", found.pk)
        context["stale"] = stale
    context |= {"form": form, "asked": presenters.edit_sections(form), "words": _words(typed)}
    return render(request, "pathways/edit_draft.html", context, status=409 if context["stale"] else 200)


def _save(
    person: Person, at: datetime, found: PathwayDraft, form: DraftForm, typed: Definition
) -> tuple[PathwayDraft | None, dict[str, Any] | None]:
    """The draft as saved; or what somebody else saved meanwhile beside what was typed, which may be sent again."""
    try:
        revision = int(form.cleaned_data["revision"])
    except ValueError:
        revision = found.revision
    try:
        saved = operations.change_draft(by=person, at=at, draft=found, revision=revision, definition=typed)
    except Stale as stale:
        theirs = definition_of_draft(found)
        form.add_error(None, stale.sentence)
        form.go_on_at(found.revision)
        return None, {"parts": presenters.compared(theirs, typed)}
    return saved, None


def _words(definition: Definition | None) -> list[Any] | None:
    return presenters.parts(definition) if definition is not None else None


@require_POST
def words(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """What is typed in the edit form in plain words, or how many things must be put right first. Nothing is saved."""
    _, _, found = _draft(request, draft_id)
    form = DraftForm(request.POST, content=found.content, revision=found.revision)
    typed = form.definition()
    problems = [str(text) for errors in form.errors.values() for text in errors]
    context = {"words": _words(typed), "problems": problems}
    return render(request, "pathways/words.html", context)


def _step(
    request: HttpRequest, found: PathwayDraft, form: Form, do: Callable[[], object], *, done: str, page: dict[str, Any]
) -> HttpResponse:
    """One form on a draft: run its operation, or show the form again with everything kept."""
    if request.method == "POST" and form.is_valid() and attempt(form, do) is not None:
        messages.success(request, done)
        return redirect("pathways:draft", found.pk)
    back = reverse("pathways:draft", args=[found.pk])
    context = {"form": form, "caption": found.title, "lead": "", "back": back, **page}
    return render(request, "pathways/one_form.html", context)


def propose(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Propose a draft, so that somebody else decides on it."""
    person, at, found = _draft(request, draft_id)
    form = ProposeForm(request.POST or None, initial={"revision": found.revision})

    def do() -> VersionProposal:
        given = form.cleaned_data
        read = int(given["revision"]) if given["revision"].isdigit() else 0
        return operations.propose(by=person, at=at, draft=found, revision=read, why=given["why"])

    page = {
        "title": "Propose this version",
        "lead": "It waits for somebody who did not work on it. Until they decide it cannot be changed.",
        "button": "Propose it",
    }
    return _step(request, found, form, do, done="Proposed. Somebody else decides on it.", page=page)


@require_POST
def go_on(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Go on with a draft from a version that came since it was begun."""
    person, at, found = _draft(request, draft_id)
    revision = request.POST.get("revision", "")
    try:
        read = int(revision) if revision.isdigit() else 0
        operations.go_on_from_newest(by=person, at=at, draft=found, revision=read)
        messages.success(request, "It goes on from the newest version. Look at what differs before you propose it.")
    except Stale as stale:
        messages.error(request, stale.sentence)
    return redirect("pathways:draft", found.pk)


def drop(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Drop a draft nobody will go on with."""
    person, at, found = _draft(request, draft_id)
    form = DropForm(request.POST or None)
    page = {"title": "Drop this draft", "lead": "It stays, with the reason.", "button": "Drop it"}
    return _step(
        request,
        found,
        form,
        lambda: operations.drop_draft(by=person, at=at, draft=found, reason=form.cleaned_data["reason"]),
        done="The draft is dropped.",
        page=page,
    )


def _waiting(request: HttpRequest, draft_id: UUID, check: Any) -> tuple[Person, datetime, VersionProposal]:
    """The proposal that waits, when who asks may do this with it; else no such page."""
    person, at, found = _draft(request, draft_id)
    proposal = waiting_proposal(found)
    if proposal is None or not allowed(check, by=person, at=at, proposal=proposal)[0]:
        raise Http404
    return person, at, proposal


@require_safe
def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The way from a piece of work to the draft that was proposed."""
    person, at = person_of(request), clock.now()
    found = draft_of_proposal(person, at, proposal_id)
    if found is None:
        raise Http404
    return redirect("pathways:draft", found.pk)


def approve(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Approve a proposal, to go live at once or from a moment. Open cases then move to it."""
    person, at, proposal = _waiting(request, draft_id, check_can_decide)
    form = ApproveForm(request.POST or None, now=at)
    given = form.cleaned_data if form.is_bound and form.is_valid() else None
    if given is not None:
        version = attempt(
            form,
            lambda: operations.approve(
                by=person, at=at, proposal=proposal, reason=given["reason"], live_from=given["live_from"]
            ),
        )
        if version is not None:
            moved = move_open_cases(version, at) if given["live_from"] is None else 0
            cases = "one open case moved" if moved == 1 else f"{moved} open cases moved"
            told = f"In use now; {cases} to it." if given["live_from"] is None else "It goes live by itself."
            messages.success(request, f"Version {version.number} is approved. {told}")
            return redirect("pathways:version", version.pathway, version.number)
    before = version_in_use(proposal.provider_id, proposal.pathway, at)
    context = {
        "form": form,
        "proposal": proposal,
        "parts": presenters.compared(
            definition_of_version(before) if before else None, definition_of_draft(proposal.draft)
        ),
    }
    return render(request, "pathways/approve.html", context)


def send_back(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Send a proposal back to its authors."""
    person, at, proposal = _waiting(request, draft_id, check_can_decide)
    form = SendBackForm(request.POST or None)
    return _step(
        request,
        proposal.draft,
        form,
        lambda: operations.send_back(by=person, at=at, proposal=proposal, reason=form.cleaned_data["reason"]),
        done="Sent back.",
        page={"title": "Send it back", "button": "Send it back"},
    )


def take_back(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    person, at, proposal = _waiting(request, draft_id, check_can_take_back)
    form = TakeBackForm(request.POST or None)
    return _step(
        request,
        proposal.draft,
        form,
        lambda: operations.take_back(by=person, at=at, proposal=proposal, reason=form.cleaned_data["reason"]),
        done="Taken back. The draft can be changed again.",
        page={"title": "Take it back", "button": "Take it back"},
    )
