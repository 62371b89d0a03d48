"""What every page needs: who is asking, and how an operation's "no" reaches the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from django import forms
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from saferpractice.access.models import Person
from saferpractice.design.forms import Form
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale

T = TypeVar("T")


def person_of(request: HttpRequest) -> Person:
    """Whoever is signed in. Every page but the front page and sign-in is behind sign-in (middleware)."""
    if not isinstance(request.user, Person):
        raise TypeError("this page must be behind sign-in")
    return request.user


def attempt(form: forms.BaseForm, do: Callable[[], T]) -> T | None:
    """Run an operation for ``form``; a refusal becomes an error beside its field and the answer is None.

    What was typed stays in the form, so the page can be shown again with nothing lost. A form that was sent before
    with other answers holds what is on record (``sent_before``) and a fresh key: sent once more, it is a later record.
    """
    try:
        return do()
    except SentBefore as earlier:
        if isinstance(form, Form) and "submission_key" in form.fields:
            form.say_sent_before(earlier, key=uuid4().hex)
        else:
            form.add_error(None, earlier.sentence)
    except Invalid as invalid:
        for name, sentence in invalid.problems.items():
            form.add_error(name if name in form.fields else None, sentence)
    except (Refused, Stale) as no:
        form.add_error(None, no.sentence)
    return None


def status_of(form: Form) -> int:
    """The status of the page that shows ``form`` again: 409 when what it holds differs from what is on record."""
    return 409 if form.sent_before is not None else 200


def back_to(request: HttpRequest, address: str, *, otherwise: str) -> str:
    """``address`` when it is a page of this site, as a form leads back to where it was opened; else ``otherwise``.

    An address that somebody else put into a link must not lead away from here.
    """
    here = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None, require_https=request.is_secure()
    )
    return address if here else otherwise
