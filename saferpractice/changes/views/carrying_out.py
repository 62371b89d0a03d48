"""Naming the change that a version of a pathway carries out, and taking it off again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from saferpractice.access.permissions import allowed
from saferpractice.access.web import person_of
from saferpractice.changes import operations
from saferpractice.changes.forms import CarryOutForm, TakeOffForm
from saferpractice.changes.looking import open_change
from saferpractice.changes.permissions import check_can_carry
from saferpractice.changes.queries import changes_to_carry_out, link_seen
from saferpractice.changes.views.shared import found, must, one_form
from saferpractice.config import clock
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.queries import draft_seen


def carry_out(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Name a change that the version of a draft will carry out."""
    person, at = person_of(request), clock.now()
    draft = found(draft_seen(person, at, draft_id))
    form = CarryOutForm(request.POST or None, changes=changes_to_carry_out(draft, person, at))
    return one_form(
        request,
        form,
        lambda: operations.carry_out(by=person, at=at, change=form.cleaned_data["change"], draft=draft),
        back=reverse("pathways:draft", args=[draft.pk]),
        done="Named. The change goes live with this version.",
        words={
            "title": "Name a change it carries out",
            "caption": draft.title,
            "lead": "The change goes live when the version does, and what is then done on cases proves its rollout.",
            "button": "Name it",
        },
    )


def take_off(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Say that the version does not carry a change out after all."""
    person, at = person_of(request), clock.now()
    link = found(link_seen(person, at, link_id))
    open_change(by=person, at=at, change_id=link.change_id, page="taking a change off a pathway")
    must(allowed(check_can_draft, by=person, at=at, provider_id=link.draft.provider_id)[0])
    must(allowed(check_can_carry, by=person, at=at, change=link.change)[0])
    form = TakeOffForm(request.POST or None)
    return one_form(
        request,
        form,
        lambda: operations.take_off(by=person, at=at, link=link, reason=form.cleaned_data["reason"]),
        back=reverse("pathways:draft", args=[link.draft_id]),
        done="Taken off. The change is carried out otherwise.",
        words={"title": "Take the change off", "caption": link.change.title, "button": "Take it off"},
    )
