"""Why can I see this? For administrators: a person and an incident's number, and which rule decides."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from saferpractice.access.looks import record_look
from saferpractice.access.permissions import can_manage_people
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.home.forms import WhyForm
from saferpractice.home.queries.why import everybody, incident_numbered, why


@require_safe
def why_seen(request: HttpRequest) -> HttpResponse:
    """Whether somebody sees an incident, page by page, and by which rule. Of the incident only its number is shown."""
    by, at = person_of(request), clock.now()
    if not can_manage_people(by, at):
        raise Http404
    asked = bool(request.GET)
    form = WhyForm(request.GET if asked else None, people=everybody(by.provider_id))
    said, person, incident = [], None, None
    if asked and form.is_valid():
        person = form.cleaned_data["person"]
        incident = incident_numbered(by.provider_id, form.cleaned_data["reference"])
        if incident is None:
            form.add_error("reference", "There is no incident with this number. Check it, such as 2026-00014.")
        else:
            record_look(by=by, at=at, page="why seen", story_id=incident.pk, detail=f"about {person.name}")
            said = why(person, at, incident)
    context = {"form": form, "said": said, "about": person, "incident": incident}
    return render(request, "home/why.html", context)
