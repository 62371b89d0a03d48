"""What became of imports: the list, one import, rows held back, undo."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.design.exports import csv_response
from saferpractice.design.words import number_asked, tag
from saferpractice.exchange import operations, presenters, queries
from saferpractice.exchange.forms import LineForm, ReasonForm
from saferpractice.exchange.held import BEFORE, kept_apart
from saferpractice.exchange.models import ImportBatch, ImportLine
from saferpractice.exchange.permissions import can_import
from saferpractice.exchange.rules.mapping import mapping_from_data
from saferpractice.exchange.rules.states import BatchState, LineState
from saferpractice.trail.refusals import Invalid

PAGE = 50
UNDOABLE = frozenset({BatchState.DONE, BatchState.HOLDS, BatchState.STOPPED})


@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """The imports of the provider, newest first, and the mappings to choose from."""
    person, at = person_of(request), clock.now()
    if not can_import(by=person, at=at):
        raise Http404
    record_look(by=person, at=at, page="imports", story_id=None)
    page = number_asked(request.GET.get("page", ""), 0, digits=9) or 1
    found = list(queries.batches_of(by=person, at=at)[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "rows": presenters.batch_rows(found[:PAGE]),
        "newer": page - 1,
        "older": page + 1 if len(found) > PAGE else 0,
        "files": queries.open_files_of(by=person, at=at)[:PAGE],
        "mappings": queries.mapping_choices(person.provider_id),
    }
    return render(request, "exchange/imports.html", context)


def _batch(request: HttpRequest, batch_id: UUID, page: str) -> tuple[Person, datetime, ImportBatch]:
    person, at = person_of(request), clock.now()
    found = queries.batch_of(by=person, at=at, batch_id=batch_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=None, detail=f"import of {found.file_name}, {found.pk}")
    return person, at, found


@require_safe
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """One import: how far it is, what was held back and why, what became of the rest."""
    person, at, found = _batch(request, batch_id, "import")
    standing, undone = queries.standing(found), queries.undo_of(found)
    held = list(queries.held_lines(found)[: PAGE + 1])
    after = number_asked(request.GET.get("after", ""), 0, digits=9)
    others = list(queries.other_lines(found, after=after)[: PAGE + 1])
    shown = others[:PAGE]
    context = {
        "batch": found,
        "undo": undone,
        "run": found.run,
        "standing": standing,
        "tag": tag(standing.state.label, presenters.MEANING[standing.state]),
        "counts": presenters.counts(standing),
        "said": presenters.progress_words(standing),
        "progress": standing.progress,
        "working": standing.at_work,
        "may_undo": standing.state in UNDOABLE and standing.count(LineState.IMPORTED) > 0,
        "held": presenters.held_rows(held[:PAGE], open_to=undone is None),
        "more_held": len(held) > PAGE,
        "others": presenters.other_rows(shown, queries.visible_incidents(by=person, at=at, lines=shown)),
        "older": shown[-1].number if len(others) > PAGE else None,
        "paged": after > 0,
    }
    return render(request, "exchange/batch.html", context)


@require_safe
def progress(request: HttpRequest, batch_id: UUID) -> JsonResponse:
    """How far an import is, for its page to ask while it runs: numbers only, so the look is not written each time."""
    person, at = person_of(request), clock.now()
    found = queries.batch_of(by=person, at=at, batch_id=batch_id)
    if found is None:
        raise Http404
    standing = queries.standing(found)
    said, (done, rows) = presenters.progress_words(standing), standing.progress
    return JsonResponse({"said": said, "done": done, "rows": rows, "working": standing.at_work})


@require_safe
def held_file(request: HttpRequest, batch_id: UUID) -> StreamingHttpResponse:
    """The rows held back, with their reasons, as a file that can be put right and uploaded again."""
    _, _, found = _batch(request, batch_id, "rows held back")
    lines = queries.held_lines(found).iterator(chunk_size=500)
    header = [*BEFORE, *map(kept_apart, found.columns)]
    return csv_response("held-back", header, presenters.held_file(lines, len(found.columns)))


def undo(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Take an import back, as far as nobody has worked on its incidents."""
    person, at, found = _batch(request, batch_id, "import undo")
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: operations.start_undo(by=person, at=at, batch=found, reason=reason)) is not None:
            if found.rows <= operations.IN_REQUEST:
                operations.carry_on(batch=found, at=at, limit=operations.IN_REQUEST + 1)
            return redirect("exchange:batch", found.pk)
    return render(request, "exchange/undo.html", {"form": form, "batch": found, "standing": queries.standing(found)})


def _line(request: HttpRequest, line_id: UUID) -> tuple[Person, datetime, ImportLine]:
    person, at = person_of(request), clock.now()
    found = queries.line_of(by=person, at=at, line_id=line_id)
    if found is None:
        raise Http404
    detail = f"row {found.number} of {found.batch.file_name}, {found.batch_id}"
    record_look(by=person, at=at, page="row held back", story_id=None, detail=detail)
    return person, at, found


def line(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Correct a row that was held back and try it again."""
    person, at, found = _line(request, line_id)
    if found.state != LineState.HELD:
        return redirect("exchange:batch", found.batch_id)
    cells = queries.cells_of(found)
    form = LineForm(
        request.POST if request.method == "POST" else None,
        columns=found.batch.columns,
        cells=cells,
        mapping=mapping_from_data(found.batch.mapping),
    )

    def retry() -> ImportLine:
        try:
            return operations.retry_line(by=person, at=at, line=found, cells=form.cells())
        except Invalid as invalid:
            raise Invalid(form.by_field(invalid.problems)) from invalid

    if request.method == "POST" and form.is_valid():
        done = attempt(form, retry)
        if done is not None:
            words = "is an incident now" if done.state == LineState.IMPORTED else "was here already"
            messages.success(request, f"Row {found.number} {words}.")
            return redirect("exchange:batch", found.batch_id)
    extra = cells[len(found.batch.columns) :]
    context = {"form": form, "line": found, "batch": found.batch, "extra": extra}
    return render(request, "exchange/line.html", context)


def leave_out(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Decide that a row held back is not to be imported."""
    person, at, found = _line(request, line_id)
    if found.state != LineState.HELD:
        return redirect("exchange:batch", found.batch_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: operations.leave_out_line(by=person, at=at, line=found, reason=reason)) is not None:
            messages.success(request, f"Row {found.number} is left out.")
            return redirect("exchange:batch", found.batch_id)
    return render(request, "exchange/leave_out.html", {"form": form, "line": found, "batch": found.batch})
