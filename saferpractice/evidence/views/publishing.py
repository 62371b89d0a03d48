"""Pages on which a provider publishes a quarter to its commissioners, and keeps the contract's targets."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence import operations
from saferpractice.evidence.forms.publishing import PublishForm, TargetForm
from saferpractice.evidence.permissions import check_can_publish
from saferpractice.evidence.presenters import commissioning as presenters
from saferpractice.evidence.queries.commissioning import (
    Commissioned,
    Standing,
    published_of,
    standing,
    targets_agreed,
)
from saferpractice.evidence.queries.schedule import own_schedule
from saferpractice.evidence.queries.thematic import quarters_to_review
from saferpractice.evidence.queries.to_publish import measures_offered, quarter_to_publish, told_changes
from saferpractice.evidence.rules.thematic.quarters import Quarter, quarter_from, quarter_of
from saferpractice.trail.operations import twice_at_once


def publisher(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when they publish for their provider; else there is no such page."""
    person, at = person_of(request), clock.now()
    if not allowed(check_can_publish, by=person, at=at, provider_id=person.provider_id)[0]:
        raise Http404
    return person, at


@require_safe
def publishing(request: HttpRequest) -> HttpResponse:
    """The finished quarters: which are published, and when."""
    person, at = publisher(request)
    published = published_of(person.provider)
    listed = sorted({*published, *quarters_to_review(person.provider, at)}, reverse=True)
    context = {
        "rows": presenters.publishing_rows(listed, published),
        "lines": presenters.schedule_rows(own_schedule(person.provider)),
        "schedule_columns": presenters.SCHEDULE,
        "targets": presenters.target_rows(targets_agreed(person.provider_id)),
    }
    return render(request, "evidence/publishing.html", context)


def publish(request: HttpRequest, quarter: str) -> HttpResponse:
    """What commissioners will read of a quarter, and the button that publishes it; or what they read of it."""
    person, at = publisher(request)
    asked = quarter_from(quarter)
    if asked is None or asked.last >= local_day(at):
        raise Http404
    published = published_of(person.provider)
    if asked in published:
        return _page(request, person, at, asked, form=None)
    offered = told_changes(person.provider, asked, at)
    form = PublishForm(request.POST or None, offered=offered.values())
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: operations.publish_quarter(
                by=person, at=at, provider=person.provider, quarter=asked, changes=form.chosen()
            ),
        )
        if done is not None:
            messages.success(request, f"{asked.short} is published. Its commissioners read it from now on.")
            return redirect("evidence:publish", asked.code)
    return _page(request, person, at, asked, form=form)


def _page(
    request: HttpRequest, person: Person, at: datetime, quarter: Quarter, form: PublishForm | None
) -> HttpResponse:
    about = Commissioned(person.provider, None)
    listed = [standing(about, row) for row in published_of(person.provider).values()]
    before = sorted((one for one in listed if one.quarter < quarter), key=lambda one: one.quarter, reverse=True)
    one = next((each for each in listed if each.quarter == quarter), None)
    shown = one or Standing(about, quarter, quarter_to_publish(person.provider, quarter, at), at)
    context = {
        "one": shown,
        "form": form,
        "quarter": quarter,
        "parts": presenters.parts(shown, before),
        "learned": presenters.learned_rows(shown.published.learned),
        "learned_chart": presenters.learned_chart(shown.published.learned),
        "counted": presenters.quarter_label(shown),
        "said": presenters.SAID_OF_NUMBERS,
        "columns": presenters.MEASURES,
    }
    return render(request, "evidence/publish.html", context, status=status_of(form) if form else 200)


def target(request: HttpRequest) -> HttpResponse:
    """Write down a target agreed with commissioners."""
    person, at = publisher(request)
    now = quarter_of(local_day(at))
    form = TargetForm(
        request.POST or None,
        measures=measures_offered(person.provider, at),
        quarters=[now.after(), *(now.before(many) for many in range(9))],
        initial={"submission_key": uuid4().hex, "quarter": now.code},
    )
    if request.method == "POST" and form.is_valid():
        key = str(form.cleaned_data.get("submission_key") or uuid4().hex)[:80]
        done = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.agree_target(
                    by=person, at=at, provider=person.provider, submission_key=key, **form.agreed()
                )
            ),
        )
        if done is not None:
            messages.success(request, "The target is written down.")
            return redirect("evidence:publishing")
    return render(request, "evidence/target.html", {"form": form}, status=status_of(form))
