"""Pages of the dated lists, for quality leads, safeguarding leads and administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.design.forms import Form
from saferpractice.lists import operations, presenters
from saferpractice.lists.forms import FORMS, DayForm, EndForm, EntryForm
from saferpractice.lists.permissions import can_see_lists, check_can_keep_lists
from saferpractice.lists.queries import (
    Choice,
    Version,
    choices,
    every_list,
    own_entries_count,
    shipped,
    versions,
)
from saferpractice.lists.rules import ListFile
from saferpractice.lists.rules.details import REFERENCES
from saferpractice.lists.rules.own import ending_problem, is_law, london_day
from saferpractice.trail.refusals import Invalid, Refused

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _reader(request: HttpRequest, at: datetime) -> Person:
    by = person_of(request)
    if not can_see_lists(by, at):
        raise Http404
    return by


def _list(list_code: str) -> ListFile:
    try:
        return shipped(list_code)
    except KeyError:
        raise Http404 from None


def _to_keep(by: Person, at: datetime, list_code: str) -> ListFile:
    """The list for a page that changes it; such a page is not there for whoever may not."""
    listed = _list(list_code)
    if not listed.editable_by_provider or not _may_keep(by, at)[0]:
        raise Http404
    return listed


def _may_keep(by: Person, at: datetime) -> tuple[bool, str]:
    return allowed(check_can_keep_lists, by=by, at=at, provider_id=by.provider_id)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every list, and how many entries of its own the provider has in each."""
    at = clock.now()
    by, day = _reader(request, at), london_day(at)
    own = own_entries_count(by.provider_id, day)
    context = {"rows": presenters.index_rows(every_list(), own, day), "advice": presenters.NO_LEGAL_ADVICE}
    return render(request, "lists/index.html", context)


@require_safe
def one(request: HttpRequest, list_code: str) -> HttpResponse:
    """One list as it stands today, or on another day."""
    at = clock.now()
    by, listed = _reader(request, at), _list(list_code)
    form = DayForm(request.GET)
    day = form.day(london_day(at))
    found = versions(list_code, provider_id=by.provider_id, on=day)
    if not form.cleaned_data.get("every"):
        found = tuple(version for version in found if version.in_force and not version.taken_off)
    may, why_not = _may_keep(by, at)
    context = {
        "listed": listed,
        "form": form,
        "day": day,
        "today": london_day(at),
        "rows": presenters.entry_rows(list_code, found, day),
        "may": may and listed.editable_by_provider and not listed.replaced_only,
        "why_not": _why_not_add(listed, why_not),
        "advice": presenters.NO_LEGAL_ADVICE,
    }
    return render(request, "lists/one.html", context)


def _why_not_add(listed: ListFile, why_not: str) -> str:
    if not listed.editable_by_provider:
        return operations.SAME_FOR_ALL
    return why_not or operations.ONLY_REPLACED


def _versions_of(by: Person, list_code: str, code: str, at: datetime) -> list[Version]:
    everything = versions(list_code, provider_id=by.provider_id, on=london_day(at))
    found = [version for version in everything if version.code == code]
    if not found:
        raise Http404
    return found


def _standing(found: list[Version]) -> Version:
    """What stands for a code, else what stood or will stand last."""
    real = [version for version in found if not version.taken_off]
    return next((version for version in real if version.in_force), real[-1])


@require_safe
def entry(request: HttpRequest, list_code: str, code: str) -> HttpResponse:
    """One entry whole, with what stood for it before and what will later."""
    at = clock.now()
    by, listed = _reader(request, at), _list(list_code)
    found = _versions_of(by, list_code, code, at)
    standing, (may, why_not) = _standing(found), _may_keep(by, at)
    offered = any(version.in_force and not version.taken_off for version in found)
    on_list = listed.entry(code, london_day(at))
    cannot_end = ending_problem(on_list) if on_list is not None and not standing.own else None
    if listed.replaced_only and not standing.own:
        cannot_end = operations.ONLY_REPLACED
    context = {
        "listed": listed,
        "one": standing,
        "offered": offered,
        "state": presenters.state_tag(standing, london_day(at)),
        "validity": presenters.validity(standing),
        "source": presenters.source_words(standing),
        "details": presenters.detail_rows(standing.detail),
        "history": presenters.version_rows(found, london_day(at)) if len(found) > 1 else [],
        "may": may and listed.editable_by_provider,
        "why_not": operations.SAME_FOR_ALL if not listed.editable_by_provider else why_not,
        "cannot_end": cannot_end,
        "advice": presenters.NO_LEGAL_ADVICE,
    }
    return render(request, "lists/entry.html", context)


def _form(request: HttpRequest, by: Person, at: datetime, list_code: str, before: Version | None = None) -> EntryForm:
    day = london_day(at)
    referred: dict[str, tuple[Choice, ...]] = {
        target: choices(target, provider_id=by.provider_id, on=day)
        for (owner, _), target in REFERENCES.items()
        if owner == list_code
    }
    initial: dict[str, Any] = {"valid_from": day}
    if before is not None:
        initial |= {"label": before.label, "hint": before.hint}
    return FORMS.get(list_code, EntryForm)(
        request.POST or None, now=at, before=before.detail if before else None, lists=referred, initial=initial
    )


def _saved(form: Form, do: Callable[[], object]) -> bool:
    """Run the operation; each mistake it finds goes beside the field that fills that part of the entry."""
    try:
        do()
    except Invalid as invalid:
        for part, sentence in invalid.problems.items():
            name = form.field_for(part) if isinstance(form, EntryForm) else part
            form.add_error(name if name in form.fields else None, sentence)
        return False
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return False
    return True


@get_or_post
def add(request: HttpRequest, list_code: str) -> HttpResponse:
    """Add an entry of the provider's own."""
    at = clock.now()
    by = _reader(request, at)
    listed = _to_keep(by, at, list_code)
    if listed.replaced_only:
        raise Http404
    form = _form(request, by, at, list_code)
    if request.method == "POST" and form.is_valid():
        taken = {version.code for version in versions(list_code, provider_id=by.provider_id, on=london_day(at))}
        data = form.entry(code=None, taken=taken)
        if _saved(
            form, lambda: operations.add_entry(by=by, at=at, provider=by.provider, list_code=list_code, data=data)
        ):
            messages.success(request, f"“{data['label']}” was added to the list.")
            return redirect("lists:entry", list_code, data["code"])
    context = {"listed": listed, "form": form, "title": "Add an entry", "button": "Add this entry", "lead": ""}
    return render(request, "lists/form.html", context)


@get_or_post
def replace(request: HttpRequest, list_code: str, code: str) -> HttpResponse:
    """Put an entry of the provider's own in place of one, from a day."""
    at = clock.now()
    by = _reader(request, at)
    listed = _to_keep(by, at, list_code)
    before = _standing(_versions_of(by, list_code, code, at))
    form = _form(request, by, at, list_code, before)
    if request.method == "POST" and form.is_valid():
        data = form.entry(code=code, taken=())
        if _saved(
            form, lambda: operations.add_entry(by=by, at=at, provider=by.provider, list_code=list_code, data=data)
        ):
            messages.success(request, f"“{data['label']}” now stands in the list from the day you chose.")
            return redirect("lists:entry", list_code, code)
    lead = "The entry as it is stays on record, for what was recorded with it."
    if is_law(before.detail):
        lead += " The paragraph, whose duty it is, and the times set by law or contract, stay as they ship."
    context = {
        "listed": listed,
        "form": form,
        "title": f"Replace “{before.label}”",
        "button": "Replace it",
        "lead": lead,
    }
    return render(request, "lists/form.html", context | {"code": code})


@get_or_post
def end(request: HttpRequest, list_code: str, code: str) -> HttpResponse:
    """End an entry: after its last day nobody is offered it."""
    at = clock.now()
    by = _reader(request, at)
    listed = _to_keep(by, at, list_code)
    before = _standing(_versions_of(by, list_code, code, at))
    if listed.replaced_only and not before.own:
        raise Http404
    form = EndForm(request.POST or None, now=at, initial={"last_day": london_day(at)})
    if request.method == "POST" and form.is_valid():
        done = _saved(
            form,
            lambda: operations.end_entry(
                by=by, at=at, provider=by.provider, list_code=list_code, code=code, **form.cleaned_data
            ),
        )
        if done:
            messages.success(request, f"“{before.label}” ends on the day you chose.")
            return redirect("lists:entry", list_code, code)
    replaced = before.own and listed.entry(code, london_day(at)) is not None
    lead = (
        "After that day the entry that ships with the product is offered again."
        if replaced
        else "After that day it is no longer offered. What was recorded with it stays as it was."
    )
    context = {"listed": listed, "form": form, "title": f"End “{before.label}”", "button": "End it", "lead": lead}
    return render(request, "lists/form.html", context | {"code": code})
