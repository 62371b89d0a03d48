"""What the partners' pages share: who is in, and the case of an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from saferpractice.config import clock
from saferpractice.partners.models import Contact
from saferpractice.partners.queries.seeing import case_for, contact_in
from saferpractice.pathways.models import PathwayCase

SESSION, ASKED = "partner", "partner-asked"
"""Where the browser's session keeps who is in, and which code it may use."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is in, and the moment of this request."""

    contact: Contact
    at: datetime


Page = Callable[..., HttpResponse]


def for_partners(page: Page) -> Page:
    """A page of the partners' area: ``page(request, visit, …)``. Whoever is not in is led to the way in.

    Asked anew on every request, from the database: a session, contact or agency that ended is out at once.
    """

    @login_not_required
    @wraps(page)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = clock.now()
        contact = contact_in(request.session.get(SESSION) or "", at)
        if contact is None:
            return redirect("partner:sign_in")
        return page(request, Visit(contact, at), *args, **kwargs)

    return inside


def case_of(visit: Visit, case_id: UUID) -> PathwayCase:
    """The case of an address; "not found" for not shared, not any more, another agency's, closed, and never was."""
    found = case_for(visit.contact, visit.at, case_id)
    if found is None:
        raise Http404
    return found
