"""Pages of the library of lessons: read, take part, publish, withdraw."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.changes.looking import open_change
from saferpractice.changes.queries import change_seen
from saferpractice.changes.views.shared import key_of, must, new_key, one_form
from saferpractice.config import clock
from saferpractice.evidence import operations, presenters
from saferpractice.evidence.forms import LessonForm, ReasonForm, TakePartForm
from saferpractice.evidence.models import Lesson
from saferpractice.evidence.permissions import check_can_adopt, check_can_publish_lesson, check_can_share
from saferpractice.evidence.queries.lessons import (
    adoptions_of,
    bundle_of,
    choice_of,
    found_for,
    grounds_of,
    later_verdict,
    lesson_seen,
    lessons_seen,
    received_seen,
    suggested,
    takes_part,
)
from saferpractice.evidence.rules.bundle import fingerprint, key_named_in
from saferpractice.evidence.rules.lessons import FIELDS, LessonWords, why_not_adopt
from saferpractice.evidence.views.thematic import reader
from saferpractice.trail.operations import twice_at_once


def shares(person: Person, at: datetime) -> bool:
    """Whether ``person`` decides what their provider shares and takes in."""
    return allowed(check_can_share, by=person, at=at, provider_id=person.provider_id)[0]


def sharer(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when they decide what their provider shares; else there is no such page."""
    person, at = person_of(request), clock.now()
    must(shares(person, at))
    return person, at


def lesson_of_page(request: HttpRequest, lesson_id: UUID, page: str) -> tuple[Person, datetime, Lesson]:
    """The lesson of a page, with the look recorded; or ``Http404``."""
    person, at = reader(request)
    found = lesson_seen(person, at, lesson_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=None, detail=f"Lesson {found.pk}")
    return person, at, found


@require_safe
def lessons(request: HttpRequest) -> HttpResponse:
    """The library: what other providers learned, what came as files, and what is published from here."""
    person, at = reader(request)
    found = lessons_seen(person, at)
    own = [one for one in found if one.provider_id == person.provider_id]
    context = {
        "theirs": presenters.lesson_rows([one for one in found if one not in own], own=False),
        "own": presenters.lesson_rows(own, own=True),
        "received": presenters.received_rows(received_seen(person, at)),
        "choice": choice_of(person.provider_id),
        "takes_part": takes_part(person.provider_id),
        "shares": shares(person, at),
    }
    return render(request, "evidence/lessons.html", context)


def take_part(request: HttpRequest) -> HttpResponse:
    """Decide whether the provider takes part in the library."""
    person, at = sharer(request)
    form = TakePartForm(request.POST or None, initial={"takes_part": takes_part(person.provider_id)})
    return one_form(
        request,
        form,
        lambda: operations.choose_sharing(
            by=person,
            at=at,
            provider=person.provider,
            takes_part=form.cleaned_data["takes_part"],
            reason=form.cleaned_data["reason"],
        ),
        back=reverse("evidence:lessons"),
        done="Kept. From now on this holds.",
        words={
            "title": "Take part in the library of lessons",
            "caption": person.provider.name,
            "lead": "Nothing is shared by itself: somebody publishes each lesson, having read every word of it. Other "
            "providers see the lesson and the name of your provider, and nothing else.",
            "button": "Keep this",
        },
    )


def publish_lesson(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Publish what was learned from a change, in words for people who know nothing of it."""
    person, at = person_of(request), clock.now()
    change = open_change(by=person, at=at, change_id=change_id, page="publishing a lesson").change
    grounds = grounds_of(change)
    must(allowed(check_can_publish_lesson, by=person, at=at, change=change)[0])
    back = reverse("changes:change", args=[change.pk])
    if grounds is None:
        messages.error(request, operations.NO_VERDICT)
        return redirect(back)
    begin = suggested(change) if request.method != "POST" else None
    form = LessonForm(
        request.POST or None,
        look=lambda typed: found_for(change, LessonWords(**typed), grounds),
        initial=new_key() | ({name: getattr(begin, name) for name in FIELDS} if begin else {}),
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.publish_lesson(
                    by=person,
                    at=at,
                    change=change,
                    words=form.words(),
                    stays=form.cleaned_data.get("stays") or (),
                    read=form.cleaned_data["read"],
                    submission_key=key_of(form),
                )
            ),
        )
        if made is not None:
            messages.success(request, "The lesson is published. Its file is signed within a minute or so.")
            return redirect("evidence:lesson", made.pk)
    context = {
        "form": form,
        "change": change,
        "back": back,
        "check": grounds.check,
        "version": grounds.version,
        "tag": presenters.verdict_tag(grounds.check.verdict, exploratory=grounds.check.exploratory),
        "takes_part": takes_part(change.provider_id),
    }
    return render(request, "evidence/publish_lesson.html", context, status=status_of(form))


@require_safe
def lesson(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """One lesson of the library."""
    person, at, found = lesson_of_page(request, lesson_id, "lesson")
    own = found.provider_id == person.provider_id
    bundle, later = bundle_of(found), later_verdict(found)
    may_adopt = not own and allowed(check_can_adopt, by=person, at=at, provider_id=person.provider_id)[0]
    may_share = own and shares(person, at)
    context = presenters.lesson_shown(bundle) | {
        "lesson": found,
        "own": own,
        "withdrawal": getattr(found, "withdrawal", None),
        "later": presenters.verdict_tag(later) if later else "",
        "adopt": reverse("evidence:adopt_lesson", args=[found.pk]) if may_adopt and not later else "",
        "why_not": why_not_adopt(bundle) if may_adopt else "",
        "adoptions": adoptions_of(person, lesson=found) if may_adopt else [],
        "may_share": may_share,
        "change_open": own and change_seen(person, at, found.change_id) is not None,
        "fingerprint": fingerprint(key_named_in(found.file.note)) if hasattr(found, "file") else "",
    }
    return render(request, "evidence/lesson.html", context)


@require_safe
def lesson_file(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """The lesson as a signed file, for a provider with an installation of its own."""
    person, at, found = lesson_of_page(request, lesson_id, "lesson, file")
    must(found.provider_id == person.provider_id and shares(person, at))
    must(hasattr(found, "file") and not hasattr(found, "withdrawal"))
    response = HttpResponse(found.file.note, content_type="text/plain; charset=utf-8")
    name = slugify(found.title)[:60] or "lesson"
    response["Content-Disposition"] = f'attachment; filename="lesson-{name}.txt"'
    response["Cache-Control"] = "no-store"
    return response


def withdraw_lesson(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """Withdraw a lesson."""
    person, at, found = lesson_of_page(request, lesson_id, "lesson, withdrawal")
    must(found.provider_id == person.provider_id and shares(person, at))
    form = ReasonForm(request.POST or None)
    return one_form(
        request,
        form,
        lambda: operations.withdraw_lesson(by=person, at=at, lesson=found, reason=form.cleaned_data["reason"]),
        back=reverse("evidence:lesson", args=[found.pk]),
        done="The lesson is withdrawn. No other provider reads it any more.",
        words={
            "title": "Withdraw a lesson",
            "caption": found.title,
            "lead": "No other provider reads it any more. What was adopted or downloaded before stays where it is.",
            "button": "Withdraw it",
            "warning": True,
        },
    )
