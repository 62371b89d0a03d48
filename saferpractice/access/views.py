"""Pages about people and places, for administrators. To everybody else each of them is a page that is not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saferpractice.access import operations, presenters
from saferpractice.access.forms import (
    AddPersonForm,
    CommissionerForm,
    NameForm,
    PeopleForm,
    PersonForm,
    ProfileForm,
    RoleForm,
)
from saferpractice.access.invitations import send_password_link
from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.permissions import can_manage_people
from saferpractice.access.queries import (
    PeopleFilter,
    commissioners_from_outside,
    last_access_review,
    people_listed,
    person_listed,
    places_of,
    service_of,
    trail_of_person,
)
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.design.exports import csv_response
from saferpractice.design.forms import Form
from saferpractice.design.words import number_asked

PAGE = 50
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _administrator(request: HttpRequest, at: datetime) -> Person:
    by = person_of(request)
    if not can_manage_people(by, at):
        raise Http404
    return by


def _one(by: Person, person_id: UUID) -> Person:
    found = person_listed(by, person_id)
    if found is None:
        raise Http404
    return found


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who works for the provider: searched, and narrowed by role, place and sign-in."""
    at = clock.now()
    by = _administrator(request, at)
    form = PeopleForm(request.GET, services=places_of(by))
    found = people_listed(by, at, form.wanted())
    page = number_asked(request.GET.get("page", ""), 0)
    rows = list(found[page * PAGE : (page + 1) * PAGE + 1])
    context = {
        "form": form,
        "rows": presenters.people_rows(rows[:PAGE], at),
        "older": page + 1 if len(rows) > PAGE else None,
        "newer": page - 1 if page else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "access/people.html", context)


@require_safe
def people_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same people as a spreadsheet file, all of them."""
    at = clock.now()
    by = _administrator(request, at)
    found = people_listed(by, at, PeopleForm(request.GET, services=places_of(by)).wanted())
    return csv_response("people", presenters.PEOPLE_HEADER, presenters.people_lines(found.iterator(500), at))


@get_or_post
def add_person(request: HttpRequest) -> HttpResponse:
    """Add somebody with their first role, and send them the link to set a password."""
    at = clock.now()
    by = _administrator(request, at)
    form = AddPersonForm(request.POST or None, provider=by.provider, services=places_of(by), now=at)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _add(by, at, form))
        if made is not None:
            _send(request, by, at, made)
            return redirect("access:person", made.pk)
    return _form_page(request, form, title="Add a person", button="Add this person", back=("access:people",), lead="")


def _add(by: Person, at: datetime, form: AddPersonForm) -> Person:
    data = form.cleaned_data
    with transaction.atomic():
        made = operations.create_person(by=by, at=at, provider=by.provider, name=data["name"], email=data["email"])
        _assign(by, at, made, form)
    return made


def _assign(by: Person, at: datetime, person: Person, form: RoleForm) -> RoleAssignment:
    data, place = form.cleaned_data, form.chosen_place()
    return operations.assign_role(by=by, at=at, person=person, role=data["role"], place=place, last_on=data["last_on"])


def _send(request: HttpRequest, by: Person, at: datetime, person: Person) -> None:
    form = Form({})
    if attempt(form, lambda: operations.ask_for_password(by=by, at=at, person=person)) is None:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
    elif send_password_link(request, person):
        messages.success(request, f"A link to set a password was sent to {person.email}.")
    else:
        messages.error(request, "The link could not be sent: the mail server did not take it. Send it again later.")


@require_safe
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person: the roles they hold and held, whether they can sign in, and what was done about it."""
    at = clock.now()
    by = _administrator(request, at)
    found = _one(by, person_id)
    context = {
        "them": found,
        "now_held": [
            (held, held.get_role_display(), presenters.place_words(held)) for held in presenters.held_now(found, at)
        ],
        "before": presenters.role_rows(presenters.held_before(found, at)),
        "last_sign_in": presenters.sign_in_words(found),
        "has_password": found.has_usable_password(),
        "questions": presenters.questions_about(found, at),
        "story": presenters.trail_story(trail_of_person(found)),
        "their_own": found.pk == by.pk,
    }
    return render(request, "access/person.html", context)


@get_or_post
def correct_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Correct a name or an e-mail address."""
    at = clock.now()
    by = _administrator(request, at)
    found = _one(by, person_id)
    form = PersonForm(request.POST or None, initial={"name": found.name, "email": found.email})
    return _do(
        request,
        form,
        lambda data: operations.correct_person(by=by, at=at, person=found, **data),
        done="The name and e-mail address are saved.",
        back=("access:person", found.pk),
        title="Correct a name or e-mail address",
        button="Save",
        lead="What they signed before keeps the name they had then.",
    )


@require_POST
def send_link(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Send somebody the link to set their password."""
    at = clock.now()
    by = _administrator(request, at)
    _send(request, by, at, _one(by, person_id))
    return redirect("access:person", person_id)


@require_POST
def set_sign_in(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Close or reopen somebody's sign-in."""
    at = clock.now()
    by = _administrator(request, at)
    found, active = _one(by, person_id), request.POST.get("active") == "yes"
    _at_once(
        request,
        lambda: operations.set_active(by=by, at=at, person=found, active=active),
        f"{found.name} can sign in again." if active else f"{found.name} can no longer sign in.",
    )
    return redirect("access:person", person_id)


@get_or_post
def give_role(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Give somebody a role at a place."""
    at = clock.now()
    by = _administrator(request, at)
    found = _one(by, person_id)
    form = RoleForm(request.POST or None, provider=by.provider, services=places_of(by), now=at)
    return _do(
        request,
        form,
        lambda data: _assign(by, at, found, form),
        done=f"{found.name} now holds this role.",
        back=("access:person", found.pk),
        title=f"Give {found.name} a role",
        button="Give this role",
        lead="",
    )


@require_POST
def end_role(request: HttpRequest, person_id: UUID, assignment_id: UUID) -> HttpResponse:
    """End a role now."""
    at = clock.now()
    by = _administrator(request, at)
    held = next((one for one in _one(by, person_id).role_assignments.all() if one.pk == assignment_id), None)
    if held is None:
        raise Http404
    _at_once(request, lambda: operations.end_role(by=by, at=at, assignment=held), "The role has ended.")
    return redirect("access:person", person_id)


@get_or_post
def commissioners(request: HttpRequest) -> HttpResponse:
    """The commissioners of other providers who read what this one publishes; let another one read it."""
    at = clock.now()
    by = _administrator(request, at)
    form = CommissionerForm(request.POST or None, provider=by.provider, services=places_of(by))
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: operations.let_commissioner_read(
                by=by, at=at, provider=by.provider, email=form.cleaned_data["email"], place=form.chosen_place()
            ),
        )
        if made is not None:
            messages.success(request, f"{made.person.name} reads from now on what you publish.")
            return redirect("access:commissioners")
    held = [(one, presenters.place_words(one)) for one in commissioners_from_outside(by, at)]
    return render(request, "access/commissioners.html", {"form": form, "held": held})


@require_POST
def end_commissioner(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """End what a commissioner of another provider may read, now."""
    at = clock.now()
    by = _administrator(request, at)
    held = commissioners_from_outside(by, at).filter(pk=assignment_id).first()
    if held is None:
        raise Http404
    _at_once(request, lambda: operations.end_role(by=by, at=at, assignment=held), "They read nothing here any more.")
    return redirect("access:commissioners")


@get_or_post
def review(request: HttpRequest) -> HttpResponse:
    """Who holds which role since when, to look through every quarter; and the record that it was done."""
    at = clock.now()
    by = _administrator(request, at)
    if request.method == "POST":
        _at_once(
            request,
            lambda: operations.record_access_review(by=by, at=at, provider=by.provider),
            "The review is on record.",
        )
        return redirect("access:review")
    rows = presenters.review_rows(people_listed(by, at, PeopleFilter()), at)
    outside = presenters.outside_rows(commissioners_from_outside(by, at))
    context = {"rows": rows, "outside": outside, "last": last_access_review(by), "now": at}
    return render(request, "access/review.html", context)


@require_safe
def review_file(request: HttpRequest) -> StreamingHttpResponse:
    """The review of access as a spreadsheet file."""
    at = clock.now()
    by = _administrator(request, at)
    found = people_listed(by, at, PeopleFilter()).iterator(500)
    return csv_response("access-review", presenters.REVIEW_HEADER, presenters.review_lines(found, at))


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """The services of the provider and their teams."""
    by = _administrator(request, clock.now())
    return render(request, "access/places.html", {"provider": by.provider, "services": places_of(by)})


@get_or_post
def add_service(request: HttpRequest) -> HttpResponse:
    """Add a service."""
    at = clock.now()
    by = _administrator(request, at)
    return _do(
        request,
        NameForm(request.POST or None),
        lambda data: operations.create_service(by=by, at=at, provider=by.provider, **data),
        done="The service was added. Add its teams next.",
        back=("access:places",),
        title="Add a service",
        button="Add this service",
        lead="",
    )


@get_or_post
def add_team(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Add a team to a service."""
    at = clock.now()
    by = _administrator(request, at)
    service = service_of(by, service_id)
    if service is None:
        raise Http404
    return _do(
        request,
        NameForm(request.POST or None),
        lambda data: operations.create_team(by=by, at=at, service=service, **data),
        done="The team was added.",
        back=("access:places",),
        title=f"Add a team to {service.name}",
        button="Add this team",
        lead="",
    )


@get_or_post
def provider(request: HttpRequest) -> HttpResponse:
    """What kind of provider this is."""
    at = clock.now()
    by = _administrator(request, at)
    names = ("health_service_body", "nhs_funded", "secure_unit", "repeat_window_days")
    form = ProfileForm(request.POST or None, initial={name: getattr(by.provider, name) for name in names})
    return _do(
        request,
        form,
        lambda data: operations.set_provider_profile(by=by, at=at, provider=by.provider, **data),
        done="The profile is saved.",
        back=("access:places",),
        title=f"Profile of {by.provider.name}",
        button="Save the profile",
        lead="It decides which duties triage offers. What was decided before keeps the duties it had.",
    )


def _do(
    request: HttpRequest, form: Form, do: Callable[[dict[str, Any]], object], *, done: str, **page: Any
) -> HttpResponse:
    """One form, one operation: run it when sent and valid, else show the form again with everything kept."""
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: do(form.cleaned_data)) is not None:
        messages.success(request, done)
        return redirect(*page["back"])
    return _form_page(request, form, **page)


def _form_page(request: HttpRequest, form: Form, **page: Any) -> HttpResponse:
    return render(request, "access/form.html", {"form": form, **page})


def _at_once(request: HttpRequest, do: Callable[[], object], done: str) -> None:
    """A button that does one thing: say what was done, or why not."""
    form = Form({})
    if attempt(form, do) is None:
        messages.error(request, " ".join(map(str, form.non_field_errors())))
    else:
        messages.success(request, done)
