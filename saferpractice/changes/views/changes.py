"""The list of changes, the page of one, and the small forms about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.changes import operations, presenters
from saferpractice.changes.forms import BriefingForm, FilterForm, GoLiveForm, HandOverForm, WithdrawForm
from saferpractice.changes.looking import OpenChange, open_change
from saferpractice.changes.models import WORKS_IN_TEAMS
from saferpractice.changes.permissions import check_can_carry, check_can_withdraw
from saferpractice.changes.queries import changes_seen, mix_seen, owners_to_choose, page_after, services_of
from saferpractice.changes.views.shared import key_of, must, new_key, one_form
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.lists.queries import choices


def _filter(request: HttpRequest, person: Person, at: Any) -> FilterForm:
    must(bool(person.roles_anywhere(at) & WORKS_IN_TEAMS))
    types = choices("change-types", provider_id=person.provider_id, on=local_day(at))
    return FilterForm(request.GET, types=types, services=services_of(person))


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The changes the person may see, newest first, and how strong they are together."""
    person, at = person_of(request), clock.now()
    form = _filter(request, person, at)
    wanted = form.wanted()
    rows, last = page_after(changes_seen(person, at, wanted), _uuid(request.GET.get("after", "")))
    record_look(by=person, at=at, page="changes list", story_id=None, detail=f"{len(rows)} shown")
    kept = request.GET.copy()
    kept.pop("after", None)
    mix = mix_seen(person, at, wanted.service_id)
    context = {
        "form": form,
        "rows": [presenters.change_row(change) for change in rows],
        "narrowed": wanted.narrows,
        "older": last,
        "query": kept.urlencode(),
        "mix": mix,
        "mix_rows": presenters.mix_rows(mix),
    }
    return render(request, "changes/list.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_safe
def changes_file(request: HttpRequest) -> StreamingHttpResponse:
    """The list as shown, all its rows, as a file for a spreadsheet."""
    person, at = person_of(request), clock.now()
    wanted = _filter(request, person, at).wanted()
    record_look(by=person, at=at, page="changes export", story_id=None, detail=request.GET.urlencode())
    lines = presenters.export_lines(
        changes_seen(person, at, wanted).iterator(chunk_size=200), settings.BASE_URL.rstrip("/")
    )
    return csv_response(f"changes-{local_day(at).isoformat()}", presenters.EXPORT_HEADER, lines)


@require_safe
def change(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """One change: what is different on Monday first."""
    person, at = person_of(request), clock.now()
    opened = open_change(by=person, at=at, change_id=change_id, page="change")
    return render(request, "changes/change.html", presenters.change_page(opened, person, at))


def _opened_to_carry(request: HttpRequest, change_id: UUID, at: Any, page: str) -> tuple[Person, OpenChange, str]:
    """Who asks, the change, and the address of its page; 404 for somebody who may not carry it."""
    person = person_of(request)
    opened = open_change(by=person, at=at, change_id=change_id, page=page)
    must(allowed(check_can_carry, by=person, at=at, change=opened.change)[0])
    return person, opened, reverse("changes:change", args=[change_id])


def go_live(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Record that the change is live."""
    at = clock.now()
    person, opened, back = _opened_to_carry(request, change_id, at, "take a change live")
    form = GoLiveForm(request.POST or None, now=at, initial={"live_at": at})
    return one_form(
        request,
        form,
        lambda: operations.go_live(by=person, at=at, change=opened.change, **form.cleaned_data),
        back=back,
        done="The change is live. Proof for every team is due in 10 working days.",
        words={"title": "Take the change live", "caption": opened.change.title, "button": "It is live"},
    )


def briefing(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Keep a reminder or a message beside the change."""
    at = clock.now()
    person, opened, back = _opened_to_carry(request, change_id, at, "keep a briefing")
    form = BriefingForm(request.POST or None, initial=new_key())
    return one_form(
        request,
        form,
        lambda: operations.keep_briefing(
            by=person, at=at, change=opened.change, text=form.cleaned_data["text"], submission_key=key_of(form)
        ),
        back=back,
        done="The briefing was kept.",
        words={
            "title": "Keep a briefing",
            "caption": opened.change.title,
            "lead": "A reminder or message helps people get used to a change. It is kept beside it.",
            "button": "Keep it",
        },
    )


def hand_over(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Pass the change to another owner."""
    at = clock.now()
    person, opened, back = _opened_to_carry(request, change_id, at, "pass a change on")
    form = HandOverForm(request.POST or None, owners=owners_to_choose(person, at))
    return one_form(
        request,
        form,
        lambda: operations.hand_over_change(by=person, at=at, change=opened.change, **form.cleaned_data),
        back=back,
        done="The change was passed on, and its new owner is told.",
        words={
            "title": "Pass the change to another owner",
            "caption": opened.change.title,
            "lead": "What is still to be done passes with it. Its deadlines do not move.",
            "button": "Pass it on",
        },
    )


def withdraw(request: HttpRequest, change_id: UUID) -> HttpResponse:
    """Withdraw the change."""
    person, at = person_of(request), clock.now()
    opened = open_change(by=person, at=at, change_id=change_id, page="withdraw a change")
    must(allowed(check_can_withdraw, by=person, at=at, change=opened.change)[0])
    form = WithdrawForm(request.POST or None)
    return one_form(
        request,
        form,
        lambda: operations.withdraw_change(by=person, at=at, change=opened.change, **form.cleaned_data),
        back=reverse("changes:change", args=[change_id]),
        done="The change was withdrawn. Findings that nothing else answers need a change again.",
        words={
            "title": "Withdraw the change",
            "caption": opened.change.title,
            "lead": "It stays on record with your reason. What is owed about it is cancelled.",
            "button": "Withdraw it",
            "warning": True,
        },
    )
