"""Pages of measures: all of a place, one through its periods, and the rows behind a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.assurance.forms.measures import MeasuresForm, day_in, page_in
from saferpractice.assurance.gone import lost_rows
from saferpractice.assurance.permissions.measures import can_read_measures, check_can_rebase
from saferpractice.assurance.presenters import charts
from saferpractice.assurance.presenters import measures as shown
from saferpractice.assurance.queries import measures as queries
from saferpractice.assurance.queries.measures.buckets import Each
from saferpractice.assurance.queries.measures.places import Placed, parts_of, places_read
from saferpractice.assurance.queries.measures.rows import PAGE, rows_behind
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import Length, between, last_periods
from saferpractice.assurance.rules.measures.reading import Read, for_reader
from saferpractice.assurance.rules.measures.series import Period
from saferpractice.assurance.rules.own_measures import LONGEST_BASELINE
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response

PERIODS = 24
"""How many periods a page shows, the running one included."""
LONGEST = timedelta(days=LONGEST_BASELINE)
"""The longest stretch of days whose rows are listed on one page: the baseline of an impact check leads here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and for which place and length of period."""

    by: Person
    at: datetime
    form: MeasuresForm
    query: str

    @property
    def placed(self) -> Placed:
        """The place asked for."""
        return self.form.placed

    @property
    def length(self) -> Length:
        """How long a period is."""
        return self.form.period_length

    def measures(self) -> list[Defined]:
        """The measures they read of the place."""
        found = queries.measures_of(self.by.provider_id, self.at)
        return [each for each in found if self.placed.everything or not each.tells_of_incidents]

    def one(self, key: str) -> Defined:
        """One of them. Any other is not there."""
        found = next((each for each in self.measures() if each.key == key), None)
        if found is None:
            raise Http404
        return found

    def over(self, how_many: int) -> tuple[Period, ...]:
        """The newest periods, the running one last."""
        return last_periods(self.length, local_day(self.at), how_many)

    def reads(self, measures: list[Defined], over: tuple[Period, ...]) -> dict[str, list[Read]]:
        """What they see of the numbers."""
        numbers = queries.read(measures, queries.where_of(self.placed.place, over, self.at))
        return {each.key: [self.as_read(each, read) for read in numbers[each.key][None]] for each in measures}

    def as_read(self, defined: Defined, read: Read) -> Read:
        """What they see of one number."""
        return for_reader(defined, read, everything=self.placed.everything)


def asked_of(request: HttpRequest, form: type[MeasuresForm] = MeasuresForm) -> Asked:
    """What an address of a measure asks for. Raises ``Http404`` for whoever reads no measures."""
    by, at = person_of(request), clock.now()
    places = places_read(by, at) if can_read_measures(by, at) else []
    if not places:
        raise Http404
    asked = form(request.GET, places=places)
    query = f"place={asked.placed.code}&length={asked.period_length.value}"
    return Asked(by, at, asked, query)


@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """The measures of a place with their newest finished numbers: those named for it, or every one."""
    asked, every = asked_of(request), request.GET.get("every") == "1"
    over = asked.over(3)[:-1]
    found = [each for each in asked.measures() if each.named or every]
    reads = asked.reads(found, over)
    sections: dict[str, list[Defined]] = {}
    for each in found:
        sections.setdefault(each.section, []).append(each)
    context = {
        "form": asked.form,
        "placed": asked.placed,
        "period": over[-1],
        "before": over[-2],
        "query": asked.query,
        "every": every,
        "lost": lost_rows(asked.by.provider_id, over[0].from_on, over[-1].to_on),
        "groups": [(title, shown.list_rows(inside, reads, asked.query)) for title, inside in sections.items()],
    }
    return render(request, "assurance/measures.html", context)


@require_safe
def measures_file(request: HttpRequest) -> StreamingHttpResponse:
    """Every measure of a place through its periods, as a file for a spreadsheet."""
    asked = asked_of(request)
    return _file(asked, asked.measures(), "measures")


@require_safe
def measure(request: HttpRequest, measure_key: str) -> HttpResponse:
    """One measure of a place through its periods, by service and team, with its definition."""
    asked = asked_of(request)
    defined, drawn = asked.one(measure_key), asked.over(charts.POINTS)
    made_of = parts_of(asked.placed)
    places = {each: [one.place for one in of] for each, of in made_of.items()}
    found = queries.read_parted(defined, asked.placed.place, drawn, asked.at, places)
    counted = [asked.as_read(defined, read) for read in found.whole]
    over, reads = drawn[-PERIODS:], counted[-PERIODS:]
    finished = over[-2]
    parts = {each: _part_rows(asked, defined, each, made_of[each], found.parts[each]) for each in made_of}
    context = {
        "form": asked.form,
        "placed": asked.placed,
        "defined": defined,
        "measure": defined.measure,
        "query": asked.query,
        "finished": finished,
        "newest": shown.words_of(defined.measure, reads[-2]),
        "newest_from": shown.out_of_words(defined.measure, reads[-2]),
        "rows": shown.series_rows(defined, over, reads, asked.at, asked.placed.code),
        "services": parts.get(Each.SERVICE, []),
        "teams": parts.get(Each.TEAM, []),
        "definition": shown.definition_rows(defined),
        "lost": lost_rows(asked.by.provider_id, drawn[0].from_on, drawn[-1].to_on),
        "chart": charts.chart_at(defined, asked.placed, drawn, by=asked.by, at=asked.at, reads=counted),
        "may_rebase": allowed(check_can_rebase, by=asked.by, at=asked.at, place=asked.placed.place)[0],
    }
    return render(request, "assurance/measure.html", context)


def _part_rows(
    asked: Asked, defined: Defined, each: Each, parts: list[Placed], numbers: Mapping[UUID | None, Read]
) -> list[list[Any]]:
    """The newest finished number of each service or team of the place, and of who works in no single one."""
    named = [(one.code, one.name, numbers[one.id]) for one in parts]
    return shown.part_rows(defined, each, named, numbers.get(None), asked.length)


@require_safe
def measure_file(request: HttpRequest, measure_key: str) -> StreamingHttpResponse:
    """One measure of a place through its periods, as a file for a spreadsheet."""
    asked = asked_of(request)
    return _file(asked, [asked.one(measure_key)], measure_key)


def _file(asked: Asked, found: list[Defined], name: str) -> StreamingHttpResponse:
    over = asked.over(PERIODS)
    record_look(by=asked.by, at=asked.at, page="measures export", story_id=None, detail=f"{name} {asked.query}")
    lines = shown.series_lines(found, over, asked.reads(found, over), asked.at)
    return csv_response(f"{name}-{local_day(asked.at).isoformat()}.csv", shown.SERIES_HEADER, lines)


def _stretch(request: HttpRequest) -> Period:
    from_on, to_on = day_in(request.GET, "from"), day_in(request.GET, "to")
    if from_on is None or to_on is None or to_on == date.max or not timedelta() <= to_on - from_on <= LONGEST:
        raise Http404  # also on the last day of all time, which no day follows
    return between(from_on, to_on)


@require_safe
def measure_rows(request: HttpRequest, measure_key: str) -> HttpResponse:
    """The rows behind a number, those that the person may open."""
    asked = asked_of(request)
    defined, period = asked.one(measure_key), _stretch(request)
    page = page_in(request.GET)
    where = queries.where_of(asked.placed.place, (period,), asked.at)
    found = rows_behind(defined, where, asked.by, page - 1)
    record_look(
        by=asked.by, at=asked.at, page="rows of a measure", story_id=None, detail=f"{measure_key}, {period.label}"
    )
    context = {
        "placed": asked.placed,
        "defined": defined,
        "measure": defined.measure,
        "period": period,
        "query": asked.query,
        "rows": shown.behind_rows(found.rows),
        "kept_back": shown.kept_back_words(found.kept_back, everything=asked.placed.everything),
        "file": shown.rows_address(defined, period, asked.placed.code, "assurance:measure_rows_file"),
        "page": page,
        "more": page * PAGE < found.opened,
    }
    return render(request, "assurance/measure_rows.html", context)


@require_safe
def measure_rows_file(request: HttpRequest, measure_key: str) -> StreamingHttpResponse:
    """The rows behind a number, as a file for a spreadsheet."""
    asked = asked_of(request)
    defined, period = asked.one(measure_key), _stretch(request)
    found = rows_behind(defined, queries.where_of(asked.placed.place, (period,), asked.at), asked.by, None)
    record_look(by=asked.by, at=asked.at, page="measure export", story_id=None, detail=f"{measure_key}, {period.label}")
    lines = shown.behind_lines(found.rows, settings.BASE_URL.rstrip("/"))
    return csv_response(f"{measure_key}-{period.from_on}-{period.to_on}.csv", shown.ROWS_HEADER, lines)
