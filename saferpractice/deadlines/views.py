"""Pages about days off and about who is told when work is late, for administrators only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from saferpractice.access.models import Person, Service
from saferpractice.access.permissions import allowed, can_manage_people
from saferpractice.access.queries import service_of
from saferpractice.access.rules import REPORTS, Role
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines import operations, presenters
from saferpractice.deadlines.forms import (
    ChainForm,
    CoverForm,
    DayOffForm,
    GoBackForm,
    OffCallForm,
    WorkedAgainForm,
)
from saferpractice.deadlines.ledger import calendar_for
from saferpractice.deadlines.permissions import can_see_cover, check_can_arrange_cover
from saferpractice.deadlines.queries import (
    chain_decisions,
    chain_to_change,
    chains_of,
    cover_to_end,
    days_off_record,
    default_is_set,
    directors_of,
    gaps_of,
    moves_of,
    moves_with,
    moves_without,
    own_day_off,
    own_days_off,
    rota_of,
    rota_record,
    services_of,
)
from saferpractice.deadlines.rules import BOUNDS, coming_bank_holidays, day_label, day_off_problem, local_day

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _administrator(request: HttpRequest, at: datetime) -> Person:
    by = person_of(request)
    if not can_manage_people(by, at):
        raise Http404
    return by


@require_safe
def days_off(request: HttpRequest) -> HttpResponse:
    """The days that are not worked in the coming two years, and everything decided about them."""
    at = clock.now()
    by = _administrator(request, at)
    calendar = calendar_for(by.provider_id)
    context = {
        "own": presenters.own_day_rows(own_days_off(by, at)),
        "nation": calendar.nation,
        "holidays": presenters.holiday_rows(coming_bank_holidays(calendar.nation, local_day(at))),
        "record": presenters.record_rows(days_off_record(by)),
    }
    return render(request, "deadlines/days_off.html", context)


@get_or_post
def add_day_off(request: HttpRequest) -> HttpResponse:
    """Make a day a day off: first the page shows which deadlines that moves, then it is done."""
    at = clock.now()
    by = _administrator(request, at)
    form = DayOffForm(request.POST or None, now=at)
    context: dict[str, object] = {"form": form, "seen": "", "moves": None}
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        problem = day_off_problem(day, calendar_for(by.provider_id), today=local_day(at))
        if problem:
            form.add_error("day", problem)
        elif form.cleaned_data["seen"] == day.isoformat():
            reason = form.cleaned_data["reason"]
            done = attempt(
                form,
                lambda: operations.add_non_working_day(by=by, at=at, provider=by.provider, day=day, reason=reason),
            )
            if done is not None:
                messages.success(request, f"{day_label(day)} is a day off.")
                return redirect("deadlines:day_off", done.pk)
        else:
            rows, hidden = presenters.move_rows(moves_with(by.provider_id, day, at=at))
            context |= {"seen": day.isoformat(), "moves": rows, "hidden": hidden, "day": day_label(day)}
    return render(request, "deadlines/add_day_off.html", context)


@require_safe
def day_off(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """One decision about a day, and the deadlines it moved."""
    by = _administrator(request, clock.now())
    found = moves_of(by, day_id)
    if found is None:
        raise Http404
    day, moved = found
    rows, hidden = presenters.moved_rows(moved)
    context = {"day": day, "label": day_label(day.day), "moves": rows, "hidden": hidden}
    return render(request, "deadlines/day_off.html", context)


@get_or_post
def day_worked(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """Make a day off a working day again, with what that moves in view."""
    at = clock.now()
    by = _administrator(request, at)
    day = own_day_off(by, day_id)
    if day is None:
        raise Http404
    form = WorkedAgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(form, lambda: operations.take_away_non_working_day(by=by, at=at, day_off=day, reason=reason))
        if done is not None:
            messages.success(request, f"{day_label(day.day)} is a working day again.")
            return redirect("deadlines:day_off", done.pk)
    rows, hidden = presenters.move_rows(moves_without(by.provider_id, day.day, at=at))
    context = {"form": form, "day": day, "label": day_label(day.day), "moves": rows, "hidden": hidden}
    return render(request, "deadlines/day_worked.html", context)


@require_safe
def who_is_told(request: HttpRequest) -> HttpResponse:
    """Who is told when work is late, service by service, and where nobody is."""
    at = clock.now()
    by = _administrator(request, at)
    chains = [
        {
            "service": chain.service,
            "role": chain.role,
            "whose": presenters.whose_words(chain.role),
            "source": presenters.source_words(chain),
            "own": chain.decision is not None and chain.decision.service_id is not None,
            "rows": presenters.chain_rows(chain),
        }
        for chain in chains_of(by.provider, at)
    ]
    context = {
        "chains": chains,
        "gaps": [presenters.gap_words(gap) for gap in gaps_of(by.provider, at)],
        "bounds": BOUNDS,
        "default_set": default_is_set(by.provider),
        "decisions": presenters.decision_rows(chain_decisions(by.provider)),
    }
    return render(request, "deadlines/who_is_told.html", context)


def _place_and_role(request: HttpRequest, by: Person) -> tuple[Service | None, Role | None]:
    """What the address asks about. Anything that does not exist here is a page that is not there."""
    wanted, role = request.GET.get("service", ""), request.GET.get("role", "")
    if role and role not in set(Role):
        raise Http404
    service = None
    if wanted:
        try:
            service = service_of(by, UUID(wanted))
        except ValueError:
            raise Http404 from None
        if service is None:
            raise Http404
    return service, Role(role) if role else None


@get_or_post
def set_chain(request: HttpRequest) -> HttpResponse:
    """Set who is told, for a service or for all that have no chain of their own."""
    at = clock.now()
    by = _administrator(request, at)
    service, role = _place_and_role(request, by)
    now_held = chain_to_change(by.provider, service, role).chain
    form = ChainForm(request.POST or None, initial=ChainForm.initial_of(now_held))
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.set_chain(
                by=by,
                at=at,
                provider=by.provider,
                service=service,
                role=role,
                chain=form.chain(),
                reason=form.cleaned_data["reason"],
            ),
        )
        if done is not None:
            messages.success(request, "It holds from now on.")
            return redirect("deadlines:who_is_told")
    context = {
        "form": form,
        "place": presenters.place_words(service),
        "whose": role,
        "bounds": BOUNDS,
        "label": presenters.whose_words(role or ""),
        "roles": [(one.value, presenters.whose_words(one)) for one in Role if one in REPORTS],
    }
    return render(request, "deadlines/set_chain.html", context)


@get_or_post
def go_back(request: HttpRequest) -> HttpResponse:
    """Let a service, or the provider, go back to the chain that would hold without its own."""
    at = clock.now()
    by = _administrator(request, at)
    service, role = _place_and_role(request, by)
    form = GoBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(
            form,
            lambda: operations.set_chain(
                by=by, at=at, provider=by.provider, service=service, role=role, chain=None, reason=reason
            ),
        )
        if done is not None:
            messages.success(request, "What was set stays on record.")
            return redirect("deadlines:who_is_told")
    context = {"form": form, "place": presenters.place_words(service), "label": presenters.whose_words(role or "")}
    return render(request, "deadlines/go_back.html", context)


def _arranger(request: HttpRequest, at: datetime) -> Person:
    by = person_of(request)
    if not can_see_cover(by, at):
        raise Http404
    return by


@get_or_post
def on_call(request: HttpRequest) -> HttpResponse:
    """Which director is on call, now and later; and putting one on call."""
    at = clock.now()
    by = _arranger(request, at)
    form = CoverForm(request.POST or None, people=directors_of(by, at), services=services_of(by))
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: operations.add_cover(by=by, at=at, provider=by.provider, **form.cleaned_data))
        if done is not None:
            messages.success(request, f"{done.person.name} is on the rota.")
            return redirect("deadlines:on_call")
    context = {
        "form": form,
        "rows": presenters.rota_rows(rota_of(by, at), at),
        "record": presenters.rota_record_rows(rota_record(by)),
        "administers": can_manage_people(by, at),
    }
    return render(request, "deadlines/on_call.html", context)


@get_or_post
def off_call(request: HttpRequest, cover_id: UUID) -> HttpResponse:
    """Take an entry off the rota, and say why."""
    at = clock.now()
    by = _arranger(request, at)
    cover = cover_to_end(by, at, cover_id)
    if cover is None:
        raise Http404
    if not allowed(check_can_arrange_cover, by=by, at=at, provider_id=by.provider_id, service=cover.service)[0]:
        raise Http404
    form = OffCallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(form, lambda: operations.take_cover_away(by=by, at=at, cover=cover, reason=reason))
        if done is not None:
            messages.success(request, f"{cover.person.name} is not on call then any more.")
            return redirect("deadlines:on_call")
    context = {"form": form, "cover": cover, "place": presenters.place_of(cover)}
    return render(request, "deadlines/off_call.html", context)
