"""How the trail stands, for administrators."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from saferpractice.access.permissions import can_manage_people
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.evidence.queries.heads import newest_stamp, outlets_of
from saferpractice.home.presenters import OUTLETS_HEADER, outlet_rows, stamp_shown, trail_shown
from saferpractice.trail import outside
from saferpractice.trail.keys import published_keys
from saferpractice.trail.queries import state_of


@require_safe
def trail_state(request: HttpRequest) -> HttpResponse:
    """The last seal, the last verification with what it found, and where heads go. Shows no entry."""
    person, at = person_of(request), clock.now()
    if not can_manage_people(person, at):
        raise Http404
    outlets = outlets_of(
        person.provider_id,
        at,
        addresses=settings.TRAIL_HEADS_TO,
        webhooks=settings.TRAIL_HEADS_WEBHOOK,
        authorities=settings.TRAIL_TIMESTAMPS,
    )
    stamp = newest_stamp(person.provider_id)
    context = {
        "shown": trail_shown(state_of(person.provider_id), at, outlets),
        "folder": outside.folder(),
        "header": OUTLETS_HEADER,
        "outlets": outlet_rows(outlets),
        "leaves": any(one.means != "time stamps" for one in outlets),
        "stamp": stamp_shown(stamp) if stamp is not None or settings.TRAIL_TIMESTAMPS else "",
        "keys": [str(key) for key in published_keys()],
    }
    return render(request, "home/trail.html", context)
