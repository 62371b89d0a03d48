"""Pages that write something down on a case, and put it right."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, back_to
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.beside import written_by_others
from saferpractice.pathways.forms import RecordForm, initial_of
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.permissions import check_can_write
from saferpractice.pathways.queries import (
    kinds_to_write,
    owed_on,
    record_on,
    record_values,
    ticked_last,
    worked_by,
)
from saferpractice.pathways.rules.definition import Definition, RecordKind
from saferpractice.pathways.views.shared import case_of_page, offered_on


def write(request: HttpRequest, case_id: UUID, kind: str) -> HttpResponse:
    """Write something down on a case: a checklist, a note, a decision.

    ``?owed=`` names what it is to meet: the form then asks what that needs, the rest folded away. ``?back=`` is the
    page of this site to which it leads back.
    """
    person, at, found = case_of_page(request, case_id, "pathway record")
    definition = _definition_to_write(person, at, found, kind, anew=True)
    made = definition.kinds[kind]
    owed = owed_on(found, request.GET.get("owed", ""))
    known = presenters.known_of(made, found, owed, person, at)
    first = initial_of(made, known | ticked_last(found, made), None if made.ticks else at) | {
        "submission_key": uuid4().hex
    }
    form = _form(request, found, (definition, made), at, initial=first)
    back = back_to(request, request.GET.get("back", ""), otherwise=reverse("pathways:case", args=[found.pk]))
    if request.method == "POST" and form.is_valid() and _may_be_saved(request, form):
        record = attempt(
            form,
            lambda: operations.send_record(
                by=person,
                at=at,
                case=found,
                kind=kind,
                happened_at=form.moment(at),
                values=form.values(),
                submission_key=form.cleaned_data["submission_key"],
            ),
        )
        if record is not None:
            messages.success(request, presenters.written(record, at))
            return redirect(back)
    return _page(request, form, found, back=back, few=form.few() if owed else ())


def correct(request: HttpRequest, case_id: UUID, record_id: UUID) -> HttpResponse:
    """Put a record right; the first stays beside it."""
    person, at, found = case_of_page(request, case_id, "pathway record")
    record = record_on(found, record_id)
    if record is None or record.pk in written_by_others(found):
        raise Http404
    definition = _definition_to_write(person, at, found, record.kind, anew=False)
    made = definition.kinds[record.kind]
    first = initial_of(made, record_values(record, made), record.happened_at) | {"submission_key": uuid4().hex}
    form = _form(request, found, (definition, made), at, initial=first, correcting=True)
    gone = "withdraw" in request.POST
    if request.method == "POST" and form.is_valid() and (gone or _may_be_saved(request, form)):
        done = attempt(
            form,
            lambda: operations.correct_record(
                by=person,
                at=at,
                record=record,
                happened_at=form.moment(at),
                values=form.values(),
                reason=form.cleaned_data["reason"],
                submission_key=form.cleaned_data["submission_key"],
                withdrawn=gone,
            ),
        )
        if done is not None:
            messages.success(request, f"Put right: {made.label}. What was written first stays beside it.")
            return redirect("pathways:case", found.pk)
    return _page(request, form, found, correcting=True)


def _definition_to_write(person: Person, at: datetime, found: PathwayCase, kind: str, *, anew: bool) -> Definition:
    """The definition that has the kind of record, when ``person`` may write it here and the case is open.

    Else no such page. A kind that only an earlier version had is written ``anew`` where something owed needs it.
    """
    definition = kinds_to_write(found, at).get(kind) if anew else worked_by(found).asking_for(kind)
    if definition is None or hasattr(found, "closing"):
        raise Http404
    if not allowed(check_can_write, by=person, at=at, case=found, kind=definition.kinds[kind])[0]:
        raise Http404
    return definition


def _form(
    request: HttpRequest,
    found: PathwayCase,
    made: tuple[Definition, RecordKind],
    at: datetime,
    *,
    initial: dict[str, Any],
    correcting: bool = False,
) -> RecordForm:
    definition, kind = made
    return RecordForm(
        request.POST or None,
        definition=definition,
        kind=kind,
        offered=offered_on(found, at),
        correcting=correcting,
        now=at,
        initial=initial,
    )


def _page(
    request: HttpRequest,
    form: RecordForm,
    found: PathwayCase,
    *,
    correcting: bool = False,
    back: str = "",
    few: tuple[str, ...] = (),
) -> HttpResponse:
    context = {
        "form": form,
        "case": found,
        "version": worked_by(found).version,
        "kind": form.kind,
        "correcting": correcting,
        "back_to": back or reverse("pathways:case", args=[found.pk]),
        "few": few,
    }
    return render(request, "pathways/write.html", context | presenters.before_ticking(found, form.kind))


def _may_be_saved(request: HttpRequest, form: RecordForm) -> bool:
    """Whole, or the person chose to keep it unfinished."""
    return "unfinished" in request.POST or not form.say_what_lacks()
