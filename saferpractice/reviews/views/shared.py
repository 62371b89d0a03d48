"""What the pages of a review share: opening it, and running an operation for a form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest

from saferpractice.access.models import Person
from saferpractice.access.web import attempt, person_of
from saferpractice.config import clock
from saferpractice.design.forms import Form
from saferpractice.reviews.looking import open_the_review
from saferpractice.reviews.models import Review


def opened(request: HttpRequest, review_id: UUID, page: str) -> tuple[Person, datetime, Review]:
    """Who asks, when, and the review with the look recorded; or 404."""
    person, at = person_of(request), clock.now()
    return person, at, open_the_review(by=person, at=at, review_id=review_id, page=page)


def run(request: HttpRequest, form: Form, do: Callable[[Any], object], done: str) -> bool:
    """Run the operation when the form was sent and is usable; otherwise the form holds what must be put right."""
    if request.method != "POST" or not form.is_valid():
        return False
    if attempt(form, lambda: do(form.cleaned_data)) is None:
        return False
    messages.success(request, done)
    return True
