"""Pages of the register: what changes mean for training and for the service specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import colleagues, teams_covered
from saferpractice.access.rules import SEES_INCIDENTS_OF_PLACE
from saferpractice.access.web import person_of
from saferpractice.changes.looking import open_change
from saferpractice.changes.models import WORKS_IN_TEAMS, OperationalChange
from saferpractice.changes.views.shared import found, key_of, must, new_key, one_form
from saferpractice.config import clock
from saferpractice.design.exports import csv_response
from saferpractice.design.forms import Form
from saferpractice.evidence import operations, presenters
from saferpractice.evidence.forms import AttendanceForm, ClauseForm, NeedForm, RegisterForm, WhyForm
from saferpractice.evidence.models import SpecificationClause, TrainingNeed
from saferpractice.evidence.permissions import check_can_keep_register
from saferpractice.evidence.queries.register import (
    NeedStanding,
    attendance_seen,
    clause_seen,
    clauses_seen,
    need_seen,
    needs_seen,
    standing_of_clause,
    teams_of_provider,
)
from saferpractice.evidence.rules.register import RegisterState
from saferpractice.trail.operations import twice_at_once

Row = TypeVar("Row", TrainingNeed, SpecificationClause)


def _reader(request: HttpRequest) -> tuple[Person, datetime]:
    person, at = person_of(request), clock.now()
    must(bool(person.roles_anywhere(at) & WORKS_IN_TEAMS))
    return person, at


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Everything that changes mean for training and for the service specification, what is overdue first."""
    person, at = _reader(request)
    form = RegisterForm(request.GET, teams=teams_covered(person, at, WORKS_IN_TEAMS).select_related("service"))
    wanted = form.wanted()
    needs, clauses = needs_seen(person, at, wanted), clauses_seen(person, at, wanted)
    context = {
        "form": form,
        "needs": presenters.need_rows(needs),
        "clauses": presenters.clause_rows(clauses),
        "overdue": [*(one.state for one in needs), *(one.state for one in clauses)].count(RegisterState.OVERDUE),
        "query": request.GET.urlencode(),
        "narrowed": bool(request.GET),
    }
    return render(request, "evidence/register.html", context)


@require_safe
def register_file(request: HttpRequest) -> StreamingHttpResponse:
    """The register as it is shown, as a spreadsheet file."""
    person, at = _reader(request)
    form = RegisterForm(request.GET, teams=teams_covered(person, at, WORKS_IN_TEAMS).select_related("service"))
    wanted = form.wanted()
    rows = presenters.register_rows(needs_seen(person, at, wanted), clauses_seen(person, at, wanted))
    return csv_response("training-and-specification", presenters.REGISTER_HEADER, rows)


def _need_of_page(request: HttpRequest, need_id: UUID, page: str) -> tuple[Person, datetime, NeedStanding]:
    person, at = _reader(request)
    one = found(need_seen(person, at, need_id))
    record_look(by=person, at=at, page=page, story_id=None, detail=f"Training need {one.need.pk}")
    return person, at, one


def _keeps(person: Person, at: datetime, change: OperationalChange) -> bool:
    return allowed(check_can_keep_register, by=person, at=at, change=change)[0]


@require_safe
def need(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """One training need: who must learn what, and who has. Names are for whoever leads somewhere."""
    person, at, one = _need_of_page(request, need_id, "training need")
    holds = not hasattr(one.need, "dropped") and not hasattr(one.need, "replaced_by")
    may = _keeps(person, at, one.need.change) and holds
    names = bool(person.roles_anywhere(at) & SEES_INCIDENTS_OF_PLACE)
    context = {
        "one": one,
        "need": one.need,
        "tag": presenters.register_tag(one.state),
        "roles": presenters.roles_in_words(one.need.roles),
        "teams": presenters.teams_in_words(one),
        "dropped": getattr(one.need, "dropped", None),
        "later": getattr(one.need, "replaced_by", None),
        "rows": presenters.attendance_rows(one, may_take_back=may) if names else [],
        "may": may,
    }
    return render(request, "evidence/need.html", context)


def _change_to_keep(request: HttpRequest, change_id: UUID, page: str) -> tuple[Person, datetime, OperationalChange]:
    person, at = _reader(request)
    change = open_change(by=person, at=at, change_id=change_id, page=page).change
    must(_keeps(person, at, change))
    return person, at, change


def _before(request: HttpRequest, rows: Iterable[Row]) -> Row | None:
    """The row of a change that a form puts right (``?instead=``); None where it puts none right."""
    asked = request.GET.get("instead", "")
    before = next((one for one in rows if str(one.pk) == asked), None)
    must(before is not None or not asked)
    return before


def _record(
    request: HttpRequest,
    form: Form,
    do: Callable[[], object],
    change: OperationalChange,
    *,
    done: str,
    title: str,
    lead: str,
) -> HttpResponse:
    """The page on which something is recorded for a change, once however often the form is sent."""
    return one_form(
        request,
        form,
        lambda: twice_at_once(do),
        back=reverse("changes:change", args=[change.pk]),
        done=done,
        words={"title": title, "caption": change.title, "lead": lead, "button": "Record it"},
    )


def new_need(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Record a training need of a change, or (``?instead=``) put one right."""
    person, at, change = _change_to_keep(request, change_id, "recording a training need")
    before = _before(request, change.training_needs.all())
    initial: dict[str, Any] = {**new_key()}
    if before is not None:
        initial |= {
            "what": before.what,
            "roles": before.roles,
            "teams": [team.pk for team in before.teams.all()],
            "by_on": before.by_on,
        }
    form = NeedForm(request.POST or None, now=at, teams=teams_of_provider(change.provider_id), initial=initial)
    return _record(
        request,
        form,
        lambda: operations.record_need(
            by=person, at=at, change=change, replaces=before, submission_key=key_of(form), **form.given()
        ),
        change,
        done="Recorded. It is on the register, and owed until everybody is trained.",
        title="Put a training need right" if before else "What must people learn?",
        lead="What was recorded before stays. Whoever was trained still counts." if before else "",
    )


def drop_need(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """Say that nobody must learn it any more."""
    person, at, one = _need_of_page(request, need_id, "training need, dropping")
    must(_keeps(person, at, one.need.change))
    form = WhyForm(request.POST or None)
    return one_form(
        request,
        form,
        lambda: operations.drop_need(by=person, at=at, need=one.need, reason=form.cleaned_data["reason"]),
        back=reverse("evidence:need", args=[one.need.pk]),
        done="Dropped. It stays on record.",
        words={"title": "Nobody must learn it any more", "caption": one.need.change.title, "button": "Drop it"},
    )


def attend(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """Record who was trained."""
    person, at, one = _need_of_page(request, need_id, "training need, attendance")
    must(_keeps(person, at, one.need.change))
    waiting = [each.pk for each in one.audience if each.pk not in one.trained]
    form = AttendanceForm(request.POST or None, now=at, people=colleagues(person).filter(pk__in=waiting))
    return one_form(
        request,
        form,
        lambda: operations.record_attendance(
            by=person,
            at=at,
            need=one.need,
            people=list(form.cleaned_data["people"]),
            trained_on=form.cleaned_data["trained_on"],
        ),
        back=reverse("evidence:need", args=[one.need.pk]),
        done="Recorded.",
        words={
            "title": "Who was trained?",
            "caption": one.need.change.title,
            "lead": "Those who need it and are not recorded as trained yet.",
            "button": "Record it",
        },
    )


def take_back_attendance(request: HttpRequest, attendance_id: UUID) -> HttpResponse:
    """Say that somebody was recorded as trained by mistake."""
    person, at = _reader(request)
    row = found(attendance_seen(person, at, attendance_id))
    must(_keeps(person, at, row.need.change))
    record_look(by=person, at=at, page="attendance, taking back", story_id=None, detail=f"Training need {row.need_id}")
    form = WhyForm(request.POST or None)
    return one_form(
        request,
        form,
        lambda: operations.take_back_attendance(by=person, at=at, attendance=row, reason=form.cleaned_data["reason"]),
        back=reverse("evidence:need", args=[row.need_id]),
        done="Taken back. They are to be trained still.",
        words={"title": "Recorded by mistake", "caption": row.person.name, "button": "Take it back"},
    )


def new_clause(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Record a clause of the service specification, or (``?instead=``) one in the place of an earlier."""
    person, at, change = _change_to_keep(request, change_id, "recording a clause")
    before = _before(request, change.clauses.all())
    initial = new_key() | ({"clause": before.clause, "wording": before.wording} if before else {})
    form = ClauseForm(request.POST or None, now=at, initial=initial)
    return _record(
        request,
        form,
        lambda: operations.record_clause(
            by=person, at=at, change=change, replaces=before, submission_key=key_of(form), **form.given()
        ),
        change,
        done="Recorded. It is on the register.",
        title="A later wording, or what was agreed" if before else "What does it mean for the specification?",
        lead="What was recorded before stays." if before else "",
    )


@require_safe
def clause(request: HttpRequest, clause_id: UUID) -> HttpResponse:
    """One clause: its wording, and with whom it was agreed."""
    person, at = _reader(request)
    row = clause_seen(person, at, clause_id)
    if row is None:
        raise Http404
    record_look(by=person, at=at, page="clause", story_id=None, detail=f"Clause {row.pk}")
    standing = standing_of_clause(row, at)
    context = {
        "clause": row,
        "tag": presenters.register_tag(standing.state),
        "agreed": presenters.agreed_in_words(standing),
        "later": getattr(row, "replaced_by", None),
        "may": _keeps(person, at, row.change) and not hasattr(row, "replaced_by"),
    }
    return render(request, "evidence/clause.html", context)
