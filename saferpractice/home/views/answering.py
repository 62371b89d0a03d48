"""Answering somebody who asks what is held about them: gather, confirm every place, release."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.words import plural
from saferpractice.home import operations
from saferpractice.home.forms import GatherForm, ReleaseForm, WordsForm
from saferpractice.home.permissions import check_can_gather
from saferpractice.home.queries import held_about
from saferpractice.home.queries.answering import Answer, answer_of, files_of, pack_of
from saferpractice.home.queries.gathering import BY_HAND, LEFT_OUT
from saferpractice.home.rules.gathered import answer_by
from saferpractice.trail.proving import CannotProve, NotSealedYet
from saferpractice.trail.refusals import Invalid, Refused

AS_IT_LEAVES = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What leaves may run nothing and fetch nothing; its own policy names the one style sheet it has."""
AT_ONCE = 25
"""Questions on a page: as many as somebody reads with care."""


def _gathering(request: HttpRequest) -> tuple[Person, datetime]:
    by, at = person_of(request), clock.now()
    if not allowed(check_can_gather, by=by, at=at, provider_id=by.provider_id)[0]:
        raise Http404
    return by, at


def gather(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Gather everything held about a person who asked for it."""
    by, at = _gathering(request)
    held = held_about(by, at, person_id)
    if held is None:
        raise Http404
    record_look(by=by, at=at, page="records of a person, gathering", story_id=held.person.pk)
    form = GatherForm(request.POST or None, now=at, initial={"submission_key": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        row = attempt(
            form, lambda: operations.gather_records(by=by, at=at, person=held.person, **form.cleaned_data)
        )  # fmt: skip
        if row is not None:
            return redirect("home:gathered", row.pk)
    context = {"form": form, "held": held, "left_out": sorted(set(LEFT_OUT.values())), "by_hand": BY_HAND}
    return render(request, "home/gather.html", context, status=status_of(form))


def _answer(request: HttpRequest, gathered_id: UUID, page: str) -> tuple[Answer, Person, datetime]:
    """What was gathered, by whoever asks, with the look recorded."""
    by, at = _gathering(request)
    answer = answer_of(by, at, gathered_id)
    if answer is None:
        raise Http404
    record_look(by=by, at=at, page=page, story_id=answer.row.person_supported_id)
    return answer, by, at


def gathered(request: HttpRequest, gathered_id: UUID) -> HttpResponse:
    """What was gathered: the places still to be confirmed, and what is decided. POST confirms those shown."""
    answer, by, at = _answer(request, gathered_id, "records gathered")
    if request.method == "POST":
        _confirm(request, answer, by, at)
        return redirect(
            f"{reverse('home:gathered', args=[gathered_id])}{'?again=1' if 'again' in request.POST else ''}"
        )
    return _page(request, answer, at)


def _page(
    request: HttpRequest,
    answer: Answer,
    at: datetime,
    words: WordsForm | None = None,
    release: ReleaseForm | None = None,
) -> HttpResponse:
    again, waiting = "again" in request.GET, answer.open
    asked = answer.all if again else waiting
    last = answer_by(answer.row.asked_on)
    context = {
        "answer": answer,
        "questions": asked if again else asked[:AT_ONCE],
        "again": again,
        "waiting": sum(len(one.marks) for one in waiting),
        "more": 0 if again else max(0, len(asked) - AT_ONCE),
        "words": words or WordsForm(),
        "release": release or ReleaseForm(),
        "answer_by": day_label(last),
        "late": last < local_day(at) and answer.release is None,
        "asked_on": day_label(answer.row.asked_on),
        "by_hand": BY_HAND,
        "left_out": sorted(set(LEFT_OUT.values())),
    }
    return render(request, "home/gathered.html", context)


def _confirm(request: HttpRequest, answer: Answer, by: Person, at: datetime) -> None:
    asked, stay = set(request.POST.getlist("question")), set(request.POST.getlist("keep"))
    shown = [one for one in answer.all if one.key in asked]
    if len(shown) < len(asked) or not shown:
        messages.error(request, "The places have changed since the page was shown. Look at them again.")
        return
    out = [mark.key for one in shown if one.key not in stay for mark in one.marks]
    kept = [mark.key for one in shown if one.key in stay for mark in one.marks]
    try:
        operations.confirm_places(by=by, at=at, gathered=answer.row, taken_out=out, kept=kept)
    except (Invalid, Refused) as no:
        messages.error(request, str(no))
        return
    messages.success(request, f"{plural(len(out) + len(kept), 'place')} confirmed.")


@require_POST
def gathered_words(request: HttpRequest, gathered_id: UUID) -> HttpResponse:
    """Mark further words wherever they stand."""
    answer, by, at = _answer(request, gathered_id, "records gathered, further words")
    form = WordsForm(request.POST)
    if form.is_valid():
        found = attempt(
            form, lambda: operations.add_words(by=by, at=at, gathered=answer.row, words=form.cleaned_data["words"])
        )  # fmt: skip
        if found is not None:
            messages.success(request, f"{plural(found, 'place')} marked.")
            return redirect("home:gathered", gathered_id)
    return _page(request, answer, at, words=form)


@require_safe
def gathered_preview(request: HttpRequest, gathered_id: UUID) -> HttpResponse:
    """The records as they would leave: what is not confirmed yet is taken out."""
    answer, _, _ = _answer(request, gathered_id, "records gathered, as they leave")
    response = HttpResponse(files_of(answer)["records.html"])
    response["Content-Security-Policy"] = AS_IT_LEAVES
    return response


@require_POST
def release_gathered(request: HttpRequest, gathered_id: UUID) -> HttpResponse:
    """Release what was gathered."""
    answer, by, at = _answer(request, gathered_id, "records gathered, release")
    form = ReleaseForm(request.POST)
    if form.is_valid():
        done = attempt(
            form,
            lambda: operations.release_records(
                by=by, at=at, gathered=answer.row, to_whom=form.cleaned_data["to_whom"], how=form.cleaned_data["how"]
            ),
        )
        if done is not None:
            messages.success(
                request, "The release is recorded. The file is ready as soon as the record of it is sealed."
            )
            return redirect("home:gathered", gathered_id)
    return _page(request, answer, at, release=form)


@require_safe
def gathered_pack(request: HttpRequest, gathered_id: UUID) -> HttpResponse:
    """The ZIP that was released."""
    answer, by, at = _answer(request, gathered_id, "records gathered, file")
    if answer.release is None:
        raise Http404
    try:
        content = pack_of(answer.release, by, at)
    except (NotSealedYet, CannotProve) as error:
        messages.error(request, str(error))
        return redirect("home:gathered", gathered_id)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="records-{local_day(answer.release.decided_at)}.zip"'
    response["Cache-Control"] = "no-store"
    return response
