"""Bringing a file: upload, mapping, preview, import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import own_team, teams_to_report_from
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.exchange import operations, presenters, queries
from saferpractice.exchange.forms import (
    BUILD,
    FROM_FILE,
    ColumnsForm,
    StartForm,
    UploadForm,
    ValuesForm,
    chosen_columns,
)
from saferpractice.exchange.models import ImportFile
from saferpractice.exchange.permissions import can_import, check_can_triage_on_import
from saferpractice.exchange.rules.mapping import ImportMapping, as_text, mapping_from_data
from saferpractice.exchange.rules.rows import LISTS
from saferpractice.exchange.rules.states import LineState
from saferpractice.exchange.rules.text import FileProblem
from saferpractice.incidents.rules import Answer
from saferpractice.lists.queries import Choice, choices


def _file(request: HttpRequest, file_id: UUID, page: str) -> tuple[Person, datetime, ImportFile]:
    """Who asks, when, and the file, with the look recorded; 404 for everybody who may not import it."""
    person, at = person_of(request), clock.now()
    return person, at, _looked_up(person, at, file_id, page)


def _looked_up(person: Person, at: datetime, file_id: UUID, page: str) -> ImportFile:
    file = queries.file_of(by=person, at=at, file_id=file_id)
    if file is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=None, detail=f"file {file.name}, {file.pk}")
    return file


def _lists(person: Person, at: datetime) -> dict[str, tuple[Choice, ...]]:
    day = local_day(at)
    return {answer: choices(code, provider_id=person.provider_id, on=day) for answer, code in LISTS.items()}


def new(request: HttpRequest) -> HttpResponse:
    """Upload a file and say how its columns are read."""
    person, at = person_of(request), clock.now()
    if not can_import(by=person, at=at):
        raise Http404
    form = UploadForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        teams=teams_to_report_from(person),
        mappings=queries.mapping_choices(person.provider_id),
        initial={"team": own_team(person, at)},
    )
    if request.method == "POST" and form.is_valid():
        upload, team, how = form.cleaned_data["file"], form.cleaned_data["team"], form.cleaned_data["how"]
        file = attempt(
            form,
            lambda: operations.bring_file(
                by=person, at=at, provider=person.provider, team=team, name=upload.name, source=upload
            ),
        )
        if file is not None:
            mapping = form.mapping if how == FROM_FILE else queries.find_mapping(how, person.provider_id)
            if mapping is None or how == BUILD:
                return redirect("exchange:columns", file.pk)
            operations.choose_mapping(by=person, at=at, file=file, mapping=mapping)
            return redirect("exchange:preview", file.pk)
    return render(request, "exchange/new.html", {"form": form})


def columns(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Say which column answers which question."""
    person, at, file = _file(request, file_id, "import columns")
    try:
        table = queries.table_of(file)
        first = next(table.rows, None)
    except FileProblem as problem:
        return render(request, "exchange/unreadable.html", {"file": file, "problem": problem.sentence})
    before = mapping_from_data(file.mapping) if file.mapping else None
    form = ColumnsForm(
        request.POST if request.method == "POST" else None,
        columns=table.columns,
        lists=_lists(person, at),
        initial=chosen_columns(before) if before else {},
    )
    if request.method == "POST" and form.is_valid() and form.mapping is not None:
        mapping = form.mapping
        operations.choose_mapping(by=person, at=at, file=file, mapping=mapping)
        unknown = queries.untranslated(file=file, mapping=mapping, at=at)
        return redirect("exchange:values" if unknown else "exchange:preview", file.pk)
    cells = first.cells if first else ()
    shown = [(name, presenters.cut(cell, 200)) for name, cell in zip(table.columns, cells, strict=False)]
    return render(request, "exchange/columns.html", {"form": form, "file": file, "first": shown, "before": before})


def _mapping(file: ImportFile) -> ImportMapping:
    if not file.mapping:
        raise Http404
    return mapping_from_data(file.mapping)


def values(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Say what the file's own words mean here."""
    person, at, file = _file(request, file_id, "import values")
    mapping = _mapping(file)
    try:
        unknown = queries.untranslated(file=file, mapping=mapping, at=at)
    except FileProblem as problem:
        return render(request, "exchange/unreadable.html", {"file": file, "problem": problem.sentence})
    known = {name: [(one.code, one.label) for one in listed] for name, listed in _lists(person, at).items()}
    known["still_at_risk"] = [(one.value, one.label) for one in Answer]
    form = ValuesForm(request.POST if request.method == "POST" else None, values=unknown, lists=known)
    if not unknown:
        return redirect("exchange:preview", file.pk)
    if request.method == "POST" and form.is_valid():
        wider = _with_translations(mapping, form.translations())
        operations.choose_mapping(by=person, at=at, file=file, mapping=wider)
        return redirect("exchange:preview", file.pk)
    return render(request, "exchange/values.html", {"form": form, "file": file})


def _with_translations(mapping: ImportMapping, meant: dict[str, dict[str, str]]) -> ImportMapping:
    answers = {
        name: fill.model_copy(update={"translate": {**fill.translate, **meant.get(name, {})}})
        for name, fill in mapping.answers.items()
    }
    return mapping.model_copy(update={"answers": answers})


def preview(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The first rows as they will become incidents, every row's problems, and the button that imports."""
    person, at = person_of(request), clock.now()
    begun = queries.batch_of_file(by=person, at=at, file_id=file_id)
    if begun is not None:  # the button pressed again, or the way back taken
        return redirect("exchange:batch", begun.pk)
    file = _looked_up(person, at, file_id, "import preview")
    if not file.mapping:
        return redirect("exchange:columns", file.pk)
    mapping = _mapping(file)
    may_triage, why_not = _may_triage(person, at, file, mapping)
    form = StartForm(request.POST if request.method == "POST" else None, initial={"triage": True})
    if mapping.triage is None or not may_triage:
        del form.fields["triage"]
    if request.method == "POST" and form.is_valid():
        chosen = mapping if form.cleaned_data.get("triage") else mapping.model_copy(update={"triage": None})
        batch = attempt(form, lambda: operations.start_import(by=person, at=at, file=file, mapping=chosen))
        if batch is not None:
            if batch.rows <= operations.IN_REQUEST:
                operations.carry_on(batch=batch, at=at, limit=operations.IN_REQUEST + 1)
            return redirect("exchange:batch", batch.pk)
    dry = queries.dry_run(file=file, mapping=mapping, at=at)
    teams = {team.pk: team for team in teams_to_report_from(person)}
    context: dict[str, Any] = {
        "form": form,
        "file": file,
        "mapping": mapping,
        "dry": dry,
        "how_read": presenters.how_read(dry, file.encoding),
        "unread": presenters.unread(dry, mapping),
        "first": [
            (one.row.number, presenters.preview(one, teams=teams, provider_id=file.provider_id)) for one in dry.first
        ],
        "trouble_columns": presenters.TROUBLE_COLUMNS,
        "troubles": list(presenters.trouble_rows(dry.troubles)),
        "held": dry.counts[LineState.HELD],
        "already": dry.counts[LineState.ALREADY],
        "may_not_triage": why_not if mapping.triage is not None and not may_triage else "",
        "unknown_values": _unknown(file, mapping, at) if dry.counts[LineState.HELD] else False,
        "more_troubles": dry.noted > len(dry.troubles),
        "long": dry.rows > operations.IN_REQUEST,
    }
    return render(request, "exchange/preview.html", context)


def _unknown(file: ImportFile, mapping: ImportMapping, at: datetime) -> bool:
    try:
        return bool(queries.untranslated(file=file, mapping=mapping, at=at))
    except FileProblem:
        return False


def _may_triage(person: Person, at: datetime, file: ImportFile, mapping: ImportMapping) -> tuple[bool, str]:
    team = None if "team" in mapping.answers else file.team
    return allowed(check_can_triage_on_import, by=person, at=at, provider_id=file.provider_id, team=team)


@require_safe
def problems(request: HttpRequest, file_id: UUID) -> StreamingHttpResponse:
    """Every problem of every row as a file."""
    _, at, file = _file(request, file_id, "import problems")
    mapping = _mapping(file)

    def rows() -> Iterator[list[Any]]:
        try:
            found = queries.judged(table=queries.table_of(file, mapping), mapping=mapping, file=file, at=at)
            yield from presenters.trouble_rows(one for one in found if one.note)
        except FileProblem as problem:
            yield [None, None, None, problem.sentence]

    return csv_response("import-problems", presenters.TROUBLE_COLUMNS, rows())


def _yaml(mapping: ImportMapping) -> HttpResponse:
    response = HttpResponse(as_text(mapping), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mapping.yml"'
    return response


@require_safe
def chosen_mapping_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The mapping chosen for a file, to be kept elsewhere or edited."""
    _, _, file = _file(request, file_id, "import mapping")
    return _yaml(_mapping(file))


@require_safe
def mapping_file(request: HttpRequest, key: str) -> HttpResponse:
    """A mapping that ships or was kept."""
    person, at = person_of(request), clock.now()
    mapping = queries.find_mapping(key, person.provider_id) if can_import(by=person, at=at) else None
    if mapping is None:
        raise Http404
    return _yaml(mapping)


@require_POST
def keep(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Keep the mapping to use it again."""
    person, at, file = _file(request, file_id, "import mapping")
    mapping = _mapping(file)
    operations.keep_mapping(by=person, at=at, provider=person.provider, mapping=mapping)
    messages.success(request, f"The mapping “{mapping.name}” is kept. It can be chosen for the next file.")
    return redirect("exchange:preview", file.pk)


@require_POST
def give_up(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Throw the file away without importing it."""
    person, at, file = _file(request, file_id, "import preview")
    operations.give_up_file(by=person, at=at, file=file)
    messages.success(request, f"The file {file.name} was thrown away. Nothing was imported.")
    return redirect("exchange:imports")
