"""Pages of an inspection. The inspector's: where it starts, a quality statement, incidents, a draw, a story whole.
Those of whoever opens it: the list, one with everything that was looked at, its end, a release."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.queries import places_of
from saferpractice.access.rules import Role
from saferpractice.access.web import attempt, person_of, status_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence import operations, presenters
from saferpractice.evidence.forms import EndForm, OpenForm, ReleaseForm, SampleForm, SeedForm, WantedForm
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.permissions import check_can_disclose, check_can_oversee_inspections
from saferpractice.evidence.queries.inspected import story_of
from saferpractice.evidence.queries.inspections import (
    detail_of,
    drawn_incidents,
    incidents_in,
    incidents_shown,
    inspection_of,
    inspections_going_on,
    inspections_of,
    inspections_overseen,
    inspectors_of,
    looks_in,
    may_be_released,
    page_of,
    population_of,
    populations_of,
    power_words,
    references_open_to,
    services_of,
    wanted_of,
)
from saferpractice.evidence.queries.quality_statements import PROOFS, proofs_of, statements_of
from saferpractice.lists.queries import choices
from saferpractice.trail.operations import twice_at_once

PAGE = 25


# ---- the inspector


def _inspecting(
    request: HttpRequest, inspection_id: UUID, page: str, *, incident_id: UUID | None = None
) -> tuple[Person, datetime, Inspection]:
    """Who inspects, and the inspection, while it is open and theirs; with the look recorded. Else ``Http404``."""
    person, at = person_of(request), clock.now()
    found = inspection_of(person, at, inspection_id)
    shown = incident_id is None or (found is not None and incidents_shown(found, at).filter(pk=incident_id).exists())
    if found is None or not shown:
        raise Http404("There is no such page, or it is not yours to see.")
    record_look(by=person, at=at, page=f"inspection: {page}", story_id=incident_id, detail=detail_of(found))
    return person, at, found


@require_safe
def inspections(request: HttpRequest) -> HttpResponse:
    """The inspections a person carries out; every one of the provider for whoever opens them."""
    person, at = person_of(request), clock.now()
    if not presenters.may_reach_inspections(person, at):
        raise Http404
    waiting = [(one, may_be_released(one, person, at)) for one in inspections_going_on(person, at)]
    context = {
        "mine": inspections_of(person, at),
        "inspects": Role.INSPECTOR in person.roles_anywhere(at),
        "oversees": presenters.may_oversee(person, at),
        "rows": presenters.inspection_rows(inspections_overseen(person, at), at),
        "to_release": [(one, incident) for one, incidents in waiting for incident in incidents],
    }
    return render(request, "evidence/inspections.html", context)


@require_safe
def inspection(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """Where an inspector begins: the quality statements, each with what the records say to it."""
    _, at, found = _inspecting(request, inspection_id, "quality statements")
    statements = [
        {"statement": one, "counts": [proof.count for proof in proofs_of(found, one.code, at)]}
        for one in statements_of(found, at)
    ]
    context = {
        "inspection": found,
        "services": services_of(found, at),
        "period": presenters.period_words(found),
        "authority": power_words(found.authority, found),
        "identity_power": power_words(found.identity_power, found) if found.identity_power else "",
        "statements": statements,
        "samples": presenters.population_rows(populations_of(found)),
    }
    return render(request, "evidence/inspection.html", context)


@require_safe
def quality_statement(request: HttpRequest, inspection_id: UUID, code: str) -> HttpResponse:
    """One quality statement: what the records say to it, each record leading to its incident's story."""
    if code not in PROOFS:  # before a look is recorded: an address may hold what no database keeps
        raise Http404
    _, at, found = _inspecting(request, inspection_id, f"quality statement {code}")
    one = next((each for each in statements_of(found, at) if each.code == code), None)
    if one is None:
        raise Http404
    proofs = [presenters.proof_shown(proof, found) for proof in proofs_of(found, code, at)]
    context = {"inspection": found, "statement": one, "proofs": proofs}
    return render(request, "evidence/inspection_statement.html", context)


@require_safe
def inspected_incidents(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """The incidents of an inspection, newest first."""
    _, at, found = _inspecting(request, inspection_id, "incidents")
    form = WantedForm(request.GET, services=services_of(found, at))
    wanted = form.wanted()
    shown = wanted_of(incidents_shown(found, at), wanted)
    rows, more = page_of(shown, PAGE, _id(request.GET.get("after", "")))
    context = {
        "inspection": found,
        "form": form,
        "rows": presenters.incident_rows(rows, found),
        "hidden": wanted_of(incidents_in(found, at), wanted).count() - shown.count(),
        "older": more,
        "paged": "after" in request.GET,
    }
    return render(request, "evidence/inspection_incidents.html", context)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_safe
def inspected(request: HttpRequest, inspection_id: UUID, incident_id: UUID) -> HttpResponse:
    """One incident whole, without anything that says who anybody is."""
    _, at, found = _inspecting(request, inspection_id, "incident", incident_id=incident_id)
    incident = incidents_shown(found, at).get(pk=incident_id)
    told = story_of(found, incident)
    parts = [(part, [presenters.statement_shown(one) for one in part.statements]) for part in told.parts]
    return render(request, "evidence/inspection_story.html", {"inspection": found, "story": told, "parts": parts})


def new_sample(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """Choose what to draw from: the list is frozen before there is a seed."""
    person, at, found = _inspecting(request, inspection_id, "what to draw from")
    form = SampleForm(
        request.POST or None,
        services=services_of(found, at),
        now=at,
        initial={"submission_key": uuid4().hex, "harm": "2"},
    )
    if request.method == "POST" and form.is_valid():
        data, wanted = form.cleaned_data, form.wanted()
        frozen = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.freeze_incidents(
                    by=person,
                    at=at,
                    inspection=found,
                    wanted=wanted,
                    size=data["size"],
                    submission_key=data["submission_key"],
                )
            ),
        )
        if frozen is not None:
            return redirect("evidence:sample", found.pk, frozen.pk)
    context = {"inspection": found, "form": form}
    return render(request, "evidence/inspection_new_sample.html", context, status=status_of(form))


def sample(request: HttpRequest, inspection_id: UUID, population_id: UUID) -> HttpResponse:
    """A frozen list: enter the seed, then each incident drawn, and how anybody can draw it again."""
    person, at, found = _inspecting(request, inspection_id, "sample")
    population = population_of(found, population_id)
    if population is None:
        raise Http404
    form = SeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seed = form.cleaned_data["seed"]
        drawn = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.draw_incidents(by=person, at=at, population=population, seed=seed)
            ),
        )
        if drawn is not None:
            return redirect("evidence:sample", found.pk, population.pk)
    draw = getattr(population, "draw", None)
    shown = set(incidents_shown(found, at).filter(pk__in=draw.drawn).values_list("pk", flat=True)) if draw else set()
    context = {
        "inspection": found,
        "population": population,
        "draw": draw,
        "form": form,
        "rows": presenters.drawn_rows(draw, drawn_incidents(draw), shown) if draw else [],
    }
    return render(request, "evidence/inspection_sample.html", context)


@require_safe
def sample_ids(request: HttpRequest, inspection_id: UUID, population_id: UUID) -> HttpResponse:
    """The frozen list as a file: its SHA-256 is the fingerprint shown. Ids only, which lead nowhere by themselves."""
    _, _, found = _inspecting(request, inspection_id, "ids of a sample")
    population = population_of(found, population_id)
    if population is None:
        raise Http404
    response = HttpResponse("\n".join(population.ids), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="list-{population.list_hash[:12]}.txt"'
    return response


# ---- whoever opens it


def _overseeing(request: HttpRequest) -> tuple[Person, datetime]:
    person, at = person_of(request), clock.now()
    if not allowed(check_can_oversee_inspections, by=person, at=at, provider_id=person.provider_id)[0]:
        raise Http404
    return person, at


def _overseen(request: HttpRequest, inspection_id: UUID) -> tuple[Person, datetime, Inspection]:
    person, at = _overseeing(request)
    found = inspections_overseen(person, at).filter(pk=inspection_id).first()
    if found is None:
        raise Http404
    return person, at, found


def open_inspection(request: HttpRequest) -> HttpResponse:
    """Open an inspection."""
    person, at = _overseeing(request)
    form = OpenForm(
        request.POST or None,
        inspectors=inspectors_of(person.provider_id, at),
        services=places_of(person),
        powers=choices("inspection-powers", provider_id=person.provider_id, on=local_day(at)),
        may_disclose=allowed(check_can_disclose, by=person, at=at, provider_id=person.provider_id)[0],
        now=at,
        initial={"submission_key": uuid4().hex},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.open_inspection(
                    by=person,
                    at=at,
                    provider=person.provider,
                    inspector=data["inspector"],
                    services=list(data["services"]),
                    authority=data["authority"],
                    reference=data["reference"],
                    period_from=data["period_from"],
                    period_to=data["period_to"],
                    ends_at=data["ends_at"],
                    identity=form.disclosure(),
                    submission_key=data["submission_key"],
                )
            ),
        )
        if made is not None:
            messages.success(request, "The inspection is open. Its inspector sees it when they sign in.")
            return redirect("evidence:inspection_overview", made.pk)
    return render(request, "evidence/inspection_open.html", {"form": form}, status=status_of(form))


@require_safe
def inspection_overview(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """What an inspection covers, and everything that was looked at in it."""
    person, at, found = _overseen(request, inspection_id)
    looks = looks_in(found)
    numbers = references_open_to(person, at, [one.story_id for one in looks if one.story_id])
    context: dict[str, Any] = {
        "inspection": found,
        "state": presenters.state_of(found, at),
        "over": hasattr(found, "end") or found.ends_at <= at,
        "period": presenters.period_words(found),
        "authority": power_words(found.authority, found),
        "identity_power": power_words(found.identity_power, found) if found.identity_power else "",
        "services": list(found.services.order_by("name")),
        "looks": presenters.looks_shown(looks, numbers),
    }
    return render(request, "evidence/inspection_overview.html", context)


def end_inspection(request: HttpRequest, inspection_id: UUID) -> HttpResponse:
    """End an inspection before its time."""
    person, at, found = _overseen(request, inspection_id)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        ended = attempt(form, lambda: operations.end_inspection(by=person, at=at, inspection=found, reason=reason))
        if ended is not None:
            messages.success(request, "The inspection is ended. Nothing can be seen through it any more.")
            return redirect("evidence:inspection_overview", found.pk)
    context = {"inspection": found, "form": form, "title": "End the inspection", "button": "End it now"}
    context["back_to"] = reverse("evidence:inspection_overview", args=[found.pk])
    return render(request, "evidence/inspection_form.html", context)


def release(request: HttpRequest, inspection_id: UUID, incident_id: UUID) -> HttpResponse:
    """Show a restricted incident that was drawn to its inspector."""
    person, at = person_of(request), clock.now()
    found = inspections_going_on(person, at).filter(pk=inspection_id).first()
    waiting = may_be_released(found, person, at) if found else []
    incident = next((one for one in waiting if one.pk == incident_id), None)
    if found is None or incident is None:
        raise Http404
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        released = attempt(
            form,
            lambda: twice_at_once(
                lambda: operations.release_incident(
                    by=person, at=at, inspection=found, incident=incident, reason=reason
                )
            ),
        )
        if released is not None:
            messages.success(request, f"Incident {incident.reference} is shown to the inspector.")
            return redirect("home:incident", incident.pk)
    context = {"inspection": found, "form": form, "title": f"Show incident {incident.reference} to the inspector"}
    context |= {"button": "Show it", "back_to": reverse("home:incident", args=[incident.pk]), "incident": incident}
    return render(request, "evidence/inspection_form.html", context)
