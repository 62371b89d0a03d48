"""Pages on which a lesson of somebody else is taken in and adopted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt
from saferpractice.changes.views.shared import must, one_form
from saferpractice.design.forms import Form
from saferpractice.evidence import operations, presenters
from saferpractice.evidence.forms import AcceptKeyForm, AdoptForm, ReceiveForm
from saferpractice.evidence.models import LessonAdoption, ReceivedLesson
from saferpractice.evidence.permissions import check_can_adopt
from saferpractice.evidence.queries.lessons import accepted_key, adoptions_of, received_one
from saferpractice.evidence.rules.bundle import kept_bundle
from saferpractice.evidence.rules.lessons import why_not_adopt
from saferpractice.evidence.views.lessons import lesson_of_page, sharer, shares
from saferpractice.evidence.views.thematic import reader

LEAD = "A draft is begun here, word for word as it was proven there. Somebody else approves it before it is worked by."


def _adopted(request: HttpRequest, made: LessonAdoption | None, form: Form, title: str, back: str) -> HttpResponse:
    if made is not None:
        messages.success(request, "A draft was begun. Change what must be different here, then propose it.")
        return redirect("pathways:draft", made.draft_id)
    words = {"title": "Adopt this pathway version", "caption": title, "lead": LEAD, "button": "Begin the draft"}
    return render(request, "changes/one_form.html", {"form": form, "back": back, "files_again": [], **words})


def adopt_lesson(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """Begin a draft from a lesson in the library."""
    person, at, found = lesson_of_page(request, lesson_id, "lesson, adopting")
    must(found.provider_id != person.provider_id)
    must(allowed(check_can_adopt, by=person, at=at, provider_id=person.provider_id)[0])
    form, made = AdoptForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: operations.adopt_lesson(
                by=person, at=at, provider=person.provider, lesson=found, why=form.cleaned_data["why"]
            ),
        )
    return _adopted(request, made, form, found.title, reverse("evidence:lesson", args=[found.pk]))


def receive_lesson(request: HttpRequest) -> HttpResponse:
    """Take in the file of a lesson."""
    person, at = sharer(request)
    form = ReceiveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = attempt(
            form,
            lambda: operations.receive_lesson(
                by=person, at=at, provider=person.provider, raw=form.cleaned_data["file"].read()
            ),
        )
        if kept is not None:
            messages.success(request, "The file is whole, and nobody changed it since it was signed.")
            return redirect("evidence:received", kept.pk)
    return render(request, "evidence/receive_lesson.html", {"form": form})


def _received(request: HttpRequest, received_id: UUID, page: str) -> ReceivedLesson:
    person, at = reader(request)
    found = received_one(person, at, received_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=None, detail=f"Lesson from a file {found.pk}")
    return found


@require_safe
def received(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """One lesson that came as a file: what it says, and whose key it is signed with."""
    person, at = reader(request)
    found = _received(request, received_id, "lesson from a file")
    bundle, key = kept_bundle(found.content), accepted_key(found.provider_id, found.fingerprint)
    may_adopt = allowed(check_can_adopt, by=person, at=at, provider_id=person.provider_id)[0]
    why_not = why_not_adopt(bundle) or ("" if key else operations.UNKNOWN_KEY)
    context = presenters.lesson_shown(bundle) | {
        "received": found,
        "key": key,
        "may_share": shares(person, at),
        "adopt": reverse("evidence:adopt_received", args=[found.pk]) if may_adopt else "",
        "why_not": why_not if may_adopt else "",
        "adoptions": adoptions_of(person, received=found) if may_adopt else [],
    }
    return render(request, "evidence/lesson.html", context)


def accept_key(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """Say whose key a file is signed with."""
    person, at = sharer(request)
    found = _received(request, received_id, "lesson from a file, key")
    form = AcceptKeyForm(request.POST or None, initial={"owner": found.source})
    return one_form(
        request,
        form,
        lambda: operations.accept_key(by=person, at=at, received=found, **form.cleaned_data),
        back=reverse("evidence:received", args=[found.pk]),
        done="Kept. What this key signs can be adopted from now on.",
        words={
            "title": "Whose key is it?",
            "caption": found.title,
            "lead": "Anybody can write another name into a file and sign it with a key of their own. So ask the "
            "provider itself for the fingerprint of its key. Here it is not shown: it must come from them.",
            "button": "This is their key",
        },
    )


def adopt_received(request: HttpRequest, received_id: UUID) -> HttpResponse:
    """Begin a draft from a lesson that came as a file."""
    person, at = reader(request)
    found = _received(request, received_id, "lesson from a file, adopting")
    must(allowed(check_can_adopt, by=person, at=at, provider_id=person.provider_id)[0])
    form, made = AdoptForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: operations.adopt_received(by=person, at=at, received=found, why=form.cleaned_data["why"]),
        )
    return _adopted(request, made, form, found.title, reverse("evidence:received", args=[found.pk]))
