"""The partners' own pages: what was shared with their agency, what is asked of it, and its own part."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from saferpractice.access.web import attempt
from saferpractice.partners import operations
from saferpractice.partners.presenters import partner as presenters
from saferpractice.partners.queries.seeing import Shared, cases_for, name_shown, part_of, shared_with
from saferpractice.partners.rules import answers_to, stands_alone
from saferpractice.partners.views.shared import Visit, case_of, for_partners
from saferpractice.pathways.forms import RecordForm, initial_of
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.queries import definition_of, record_values
from saferpractice.pathways.rules.definition import RecordKind
from saferpractice.pathways.views.shared import offered_on

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@for_partners
@require_safe
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The cases of which something is shared with this contact's agency."""
    rows = presenters.case_rows(cases_for(visit.contact, visit.at))
    return render(request, "partners/home.html", {"contact": visit.contact, "rows": rows})


@for_partners
@require_safe
def partner_case(request: HttpRequest, visit: Visit, case_id: UUID) -> HttpResponse:
    """What is shared of one case. That it was shown is written down before it is."""
    case = case_of(visit, case_id)
    found = operations.look(by=visit.contact, at=visit.at, case=case)
    context = {
        "contact": visit.contact,
        "case": case,
        "name": name_shown(case, visit.contact.agency),
        "seen": presenters.case_seen(case, visit.contact, found),
    }
    return render(request, "partners/partner_case.html", context)


@for_partners
@get_or_post
def write(request: HttpRequest, visit: Visit, case_id: UUID, kind: str) -> HttpResponse:
    """Add the partner's own part."""
    case = case_of(visit, case_id)
    made = definition_of(case).kinds.get(kind)
    if made is None or not stands_alone(made):
        raise Http404
    return _written(request, visit, case, made)


@for_partners
@get_or_post
def answer(request: HttpRequest, visit: Visit, case_id: UUID, kind: str, about_id: UUID) -> HttpResponse:
    """Answer something that is shared with the partner: an action, an invitation, a review."""
    case = case_of(visit, case_id)
    about = next((each for each in shared_with(case, visit.contact.agency) if each.seen.root == str(about_id)), None)
    made = definition_of(case).kinds.get(kind)
    if about is None or made is None or made not in answers_to(definition_of(case), about.row.kind):
        raise Http404
    return _written(request, visit, case, made, about)


@for_partners
@get_or_post
def correct(request: HttpRequest, visit: Visit, case_id: UUID, record_id: UUID) -> HttpResponse:
    """Put the partner's own part right. Another agency's is not found."""
    case = case_of(visit, case_id)
    record = part_of(visit.contact, case, record_id)
    made = definition_of(case).kinds.get(record.kind) if record else None
    if record is None or made is None:
        raise Http404
    first = initial_of(made, record_values(record, made), record.happened_at)
    form = _form(request, case, made, visit.at, first, correcting=True)
    if _sent(request, form):
        done = attempt(
            form,
            lambda: operations.correct_part(
                by=visit.contact,
                at=visit.at,
                record=record,
                answer=_answer(form, made),
                reason=form.cleaned_data["reason"],
                submission_key=form.cleaned_data["submission_key"],
            ),
        )
        if done is not None:
            return _done(request, case, f"Put right: {made.label}.")
    return _page(request, visit, case, form, title=f"Put right: {made.label}")


def _written(
    request: HttpRequest, visit: Visit, case: PathwayCase, made: RecordKind, about: Shared | None = None
) -> HttpResponse:
    form = _form(request, case, made, visit.at, {"happened_at": visit.at})
    if _sent(request, form):
        root = about.seen.root if about else None
        done = attempt(
            form,
            lambda: operations.add_part(
                by=visit.contact,
                at=visit.at,
                case=case,
                answer=_answer(form, made, root),
                submission_key=form.cleaned_data["submission_key"],
            ),
        )
        if done is not None:
            return _done(request, case, f"Written down: {made.label}. {case.provider.name} sees it now.")
    return _page(
        request, visit, case, form, title=made.label, about=presenters.label_of(case, about.row) if about else ""
    )


def _form(
    request: HttpRequest,
    case: PathwayCase,
    made: RecordKind,
    at: datetime,
    first: dict[str, Any],
    *,
    correcting: bool = False,
) -> RecordForm:
    """The form of a record without what is not the partner's to choose: its own name, and what it answers."""
    ours = {part.id: "filled in" for part in made.fields if part.type in {"partner", "record"}}
    return RecordForm(
        request.POST or None,
        definition=definition_of(case),
        kind=made,
        offered=offered_on(case, at),
        correcting=correcting,
        given=ours,
        now=at,
        initial=first | {"submission_key": uuid4().hex},
    )


def _sent(request: HttpRequest, form: RecordForm) -> bool:
    return request.method == "POST" and form.is_valid() and not form.say_what_lacks()


def _answer(form: RecordForm, made: RecordKind, about: str | None = None) -> operations.Answer:
    values = {name: value for name, value in form.values().items() if name not in form.given}
    return operations.Answer(made.id, form.cleaned_data["happened_at"], values, about)


def _done(request: HttpRequest, case: PathwayCase, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("partner:case", case.pk)


def _page(
    request: HttpRequest, visit: Visit, case: PathwayCase, form: RecordForm, *, title: str, about: str = ""
) -> HttpResponse:
    context = {"contact": visit.contact, "case": case, "form": form, "title": title, "about": about}
    return render(request, "partners/write.html", context)
