"""Pages that replay a version over recorded history: begin, watch, stop, read what it would have done."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.design.exports import csv_response
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.forms import ReplayFilterForm, ReplayForm
from saferpractice.pathways.models import Replay
from saferpractice.pathways.permissions import check_can_replay
from saferpractice.pathways.queries import replays as queries
from saferpractice.pathways.rules.reading import kept_definition
from saferpractice.pathways.rules.tally import Forestalled, Tally
from saferpractice.pathways.rules.words import differences
from saferpractice.trail.refusals import Invalid

NEWEST = 20
"""How many earlier replays the page shows."""
PAGE = 25
"""How many of the cases that differ the page shows at once."""


def replays(request: HttpRequest, pathway: str) -> HttpResponse:
    """Begin a replay beside the version in use (``?candidate=draft:<id>`` chooses), and find earlier ones."""
    person, at = person_of(request), clock.now()
    live = queries.live_version(person.provider_id, pathway, at)
    if live is None or not allowed(check_can_replay, by=person, at=at, provider_id=person.provider_id)[0]:
        raise Http404
    choices = {candidate.key: candidate for candidate in queries.candidates(live)}
    first = {"candidate": request.GET.get("candidate", ""), "submission_key": uuid4().hex}
    form = ReplayForm(request.POST or None, candidates=choices.values(), initial=first)
    if request.method == "POST" and form.is_valid():
        chosen, since = choices[form.cleaned_data["candidate"]], form.cleaned_data["since"]
        begun = attempt(
            form,
            lambda: operations.start_replay(
                by=person,
                at=at,
                live=live,
                candidate=chosen,
                since=at - timedelta(days=int(since)) if since else None,
                submission_key=form.cleaned_data["submission_key"],
            ),
        )
        if begun is not None:
            if begun.cases <= operations.IN_REQUEST:
                operations.carry_on_replay(replay=begun, at=at)
            return redirect("pathways:replay", begun.pk)
    found = list(queries.replays_of(person.provider_id, pathway)[:NEWEST])
    context = {
        "live": live,
        "form": form,
        "some": bool(choices),
        "running": queries.running(person.provider_id, pathway),
        "rows": presenters.replay_rows(found, {replay.pk: queries.cases_done(replay) for replay in found}),
    }
    return render(request, "pathways/replays.html", context)


def _replay(request: HttpRequest, replay_id: UUID) -> tuple[Person, datetime, Replay]:
    person, at = person_of(request), clock.now()
    found = queries.replay_seen(person, at, replay_id)
    if found is None:
        raise Http404
    return person, at, found


@require_safe
def replay(request: HttpRequest, replay_id: UUID) -> HttpResponse:
    """How far a replay is; and once it is done, what the candidate would have meant, beside the version in use."""
    person, at, found = _replay(request, replay_id)
    record_look(by=person, at=at, page="replay", story_id=None, detail=f"replay {found.pk}")
    live = kept_definition(found.live.content, name=str(found.live))
    candidate = kept_definition(found.candidate, name=found.candidate_name)
    done = queries.cases_done(found)
    context = {
        "replay": found,
        "done": done,
        "said": presenters.progress_words(done, found.cases),
        "tag": presenters.state_tag(found, done),
        "stopped": getattr(found, "stopped", None),
        "result": getattr(found, "result", None),
        "changed": differences(live, candidate),
    }
    if context["result"] is None:
        return render(request, "pathways/replay.html", context)
    names = queries.service_names(found.provider_id)
    tally = Tally.from_data(found.result.tally)
    before = Forestalled(**found.result.incidents)
    form = ReplayFilterForm(request.GET or None, kinds=tally.kinds, services=names)
    wanted = form.wanted()
    listed = queries.differing(found, person, at, wanted["kind"], wanted["service"])
    page = wanted["page"]
    shown = list(listed[(page - 1) * PAGE : page * PAGE + 1])
    incidents = queries.incidents_shown(shown[:PAGE], person, at)
    context |= {
        "form": form,
        "headlines": presenters.headlines(tally),
        "beside": presenters.beside(tally, before),
        "incident_sentences": presenters.incident_sentences(before),
        "obligations": presenters.obligation_rows(tally, live, candidate),
        "services": presenters.service_rows(tally, names, found.setting["duty_managers"]),
        "bars": presenters.week_bars(tally),
        "weeks": presenters.week_rows(tally),
        "unread": tally.unread,
        "differ": tally.differ,
        "hidden": queries.differing_hidden(found, person, at),
        "rows": presenters.replayed_rows(shown[:PAGE], incidents, live, candidate),
        "newer": page - 1,
        "older": page + 1 if len(shown) > PAGE else 0,
    }
    return render(request, "pathways/replay.html", context)


@require_safe
def replay_progress(request: HttpRequest, replay_id: UUID) -> JsonResponse:
    """How far a replay is, for its page to ask: numbers only, so the look is not written each time."""
    _, _, found = _replay(request, replay_id)
    done = queries.cases_done(found)
    working = not hasattr(found, "result") and not hasattr(found, "stopped")
    said = presenters.progress_words(done, found.cases)
    return JsonResponse({"said": said, "done": done, "rows": found.cases, "working": working})


@require_safe
def replay_file(request: HttpRequest, replay_id: UUID) -> StreamingHttpResponse:
    """The cases that differ and that the reader may open, as a spreadsheet file."""
    person, at, found = _replay(request, replay_id)
    if not hasattr(found, "result"):
        raise Http404
    record_look(by=person, at=at, page="replay as a file", story_id=None, detail=f"replay {found.pk}")
    live = kept_definition(found.live.content, name=str(found.live))
    candidate = kept_definition(found.candidate, name=found.candidate_name)
    form = ReplayFilterForm(
        request.GET or None, kinds=found.result.tally["kinds"], services=queries.service_names(found.provider_id)
    )
    wanted = form.wanted()
    rows = queries.differing(found, person, at, wanted["kind"], wanted["service"])
    incidents = queries.incidents_shown(rows, person, at)
    name = f"replay-{found.pathway}-{local_day(found.decided_at).isoformat()}"
    lines = presenters.replay_lines(rows.iterator(chunk_size=500), incidents, live, candidate)
    return csv_response(name, presenters.REPLAY_HEADER, lines)


@require_POST
def stop_replay(request: HttpRequest, replay_id: UUID) -> HttpResponse:
    """Stop a replay."""
    person, at, found = _replay(request, replay_id)
    try:
        operations.stop_replay(by=person, at=at, replay=found)
        messages.success(request, "The replay is stopped.")
    except Invalid as no:
        messages.error(request, str(no))
    return redirect("pathways:replay", found.pk)
