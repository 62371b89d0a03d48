"""Pages of commissioners. They read what was published, and nothing else: everybody else finds no such page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.design.exports import csv_response
from saferpractice.evidence.forms.compare import CompareForm
from saferpractice.evidence.presenters import commissioning as presenters
from saferpractice.evidence.presenters.contract import schedule_pack
from saferpractice.evidence.queries.commissioning import (
    QUARTERS_SHOWN,
    Commissioned,
    Standing,
    commissioned,
    is_commissioner,
    quarters_of,
    quarters_read,
)
from saferpractice.evidence.queries.schedule import Line, schedule_read
from saferpractice.evidence.rendering import pdf
from saferpractice.evidence.rules.commissioning.judging import Kept
from saferpractice.evidence.rules.thematic.quarters import quarter_from


def commissioner_of(request: HttpRequest) -> tuple[Person, datetime]:
    """Who asks, when they commission anything; else there is no such page."""
    person, at = person_of(request), clock.now()
    if not is_commissioner(person, at):
        raise Http404
    return person, at


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a page, when, of which of all that they commission (``theirs``)."""

    person: Person
    at: datetime
    about: Commissioned
    theirs: list[Commissioned]

    def record(self, page: str, detail: str) -> None:
        """Leave the trace of the look."""
        record_look(by=self.person, at=self.at, page=page, story_id=None, detail=detail)


def asked_of(request: HttpRequest, provider_id: UUID) -> Asked:
    """What a page about a provider is asked for: of the service in the address, else of what comes first; or
    ``Http404``."""
    person, at = commissioner_of(request)
    theirs, service = commissioned(person, at), request.GET.get("service")
    for about in theirs:
        if about.provider.pk == provider_id and service in {None, about.place}:
            return Asked(person, at, about, theirs)
    raise Http404


def quarter_of_page(
    request: HttpRequest, provider_id: UUID, code: str, page: str
) -> tuple[Standing, list[Standing], Asked]:
    """The quarter of a page, and the published ones before it, newest first, with the look recorded; or ``Http404``."""
    asked = asked_of(request, provider_id)
    listed = quarters_of(asked.person, asked.at, asked.about)
    found = next((one for one in listed if one.quarter == quarter_from(code)), None)
    if found is None:
        raise Http404
    asked.record(page, f"{found.name}, {found.quarter.short}")
    return found, [one for one in listed if one.quarter < found.quarter][: QUARTERS_SHOWN - 1], asked


@require_safe
def commissioner(request: HttpRequest) -> HttpResponse:
    """The providers somebody commissions, and the quarters they published."""
    person, at = commissioner_of(request)
    read = quarters_read(person, at)
    published = {one.about for one in read}
    context = {
        "cards": presenters.provider_cards(read),
        "waiting": [one.name for one in commissioned(person, at) if one not in published],
    }
    return render(request, "evidence/commissioner.html", context)


@require_safe
def commissioner_quarter(request: HttpRequest, provider_id: UUID, quarter: str) -> HttpResponse:
    """One quarter: its numbers with what may be said of them, and what was learned."""
    one, before, asked = quarter_of_page(request, provider_id, quarter, "published quarter")
    beside = [each for each in quarters_read(asked.person, asked.at) if each.quarter == one.quarter]
    context = {
        "one": one,
        "chooser": presenters.chooser("commissioner_quarter", one.about, [each.about for each in beside], quarter),
        "file": presenters.address_of("commissioner_file", one.about, quarter),
        "quarter": one.quarter,
        "parts": presenters.parts(one, before),
        "learned": presenters.learned_rows(one.published.learned),
        "learned_chart": presenters.learned_chart(one.published.learned),
        "counted": presenters.quarter_label(one),
        "said": presenters.SAID_OF_NUMBERS,
        "columns": presenters.MEASURES,
    }
    return render(request, "evidence/commissioner_quarter.html", context)


@require_safe
def commissioner_file(request: HttpRequest, provider_id: UUID, quarter: str) -> StreamingHttpResponse:
    """The numbers of a quarter as a file for a spreadsheet."""
    one, before, _ = quarter_of_page(request, provider_id, quarter, "published quarter as a file")
    lines = presenters.file_lines(one, before)
    return csv_response(f"quarter-{one.quarter.code}", presenters.FILE_HEADER, lines)


@require_safe
def schedule(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """The contract's measures, quarter by quarter: met, not met, or why that is not said."""
    asked, lines = _schedule(request, provider_id, "contract measures")
    context = {
        "about": asked.about,
        "chooser": presenters.chooser("schedule", asked.about, asked.theirs),
        "file": presenters.address_of("schedule_file", asked.about),
        "pdf": presenters.address_of("schedule_pdf", asked.about),
        "rows": presenters.schedule_rows(lines),
        "columns": presenters.SCHEDULE,
        "words": [(one.value, one.words) for one in Kept],
        "said": presenters.SAID_OF_NUMBERS,
    }
    return render(request, "evidence/commissioner_schedule.html", context)


@require_safe
def schedule_file(request: HttpRequest, provider_id: UUID) -> StreamingHttpResponse:
    """The same as a file for a spreadsheet."""
    _, lines = _schedule(request, provider_id, "contract measures as a file")
    return csv_response("contract-measures", presenters.SCHEDULE_HEADER, presenters.schedule_lines(lines))


@require_safe
def schedule_pdf(request: HttpRequest, provider_id: UUID) -> HttpResponse:
    """The same as a PDF, to put into the papers of a meeting."""
    asked, lines = _schedule(request, provider_id, "contract measures as a PDF")
    role = asked.person.signature(asked.at).role
    response = HttpResponse(pdf(schedule_pack(asked.about.name, lines, at=asked.at, role=role)))
    response["Content-Type"] = "application/pdf"
    response["Content-Disposition"] = 'attachment; filename="contract-measures.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _schedule(request: HttpRequest, provider_id: UUID, page: str) -> tuple[Asked, list[Line]]:
    asked = asked_of(request, provider_id)
    asked.record(page, asked.about.name)
    return asked, schedule_read(asked.person, asked.at, asked.about)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """One measure of one quarter, across the providers that somebody commissions: a funnel plot and its numbers."""
    person, at = commissioner_of(request)
    read = quarters_read(person, at)
    form = CompareForm(request.GET, standings=read)
    quarter, code = form.wanted()
    detail = f"{code}, {quarter.short}" if quarter else ""
    record_look(by=person, at=at, page="published quarters compared", story_id=None, detail=detail)
    shares = presenters.shares_compared(read, quarter, code)
    context = {
        "form": form,
        "quarter": quarter,
        "compared": presenters.compared(shares, form.title_of(code)) if shares else None,
        "said": presenters.SAID_OF_NUMBERS,
    }
    return render(request, "evidence/commissioner_compare.html", context)
