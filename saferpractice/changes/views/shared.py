"""What several pages of changes do alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from saferpractice.access.web import attempt, status_of
from saferpractice.changes.looking import NO_SUCH_PAGE
from saferpractice.design.forms import Form

T = TypeVar("T")


def new_key() -> dict[str, str]:
    """The start of a form that can be sent twice and still makes one thing."""
    return {"submission_key": uuid4().hex}


def key_of(form: Form) -> str:
    """The key of a form that was sent; a fresh one when somebody took it out."""
    return str(form.cleaned_data.get("submission_key") or uuid4().hex)[:40]


def found(row: T | None) -> T:
    """``row``, or the page that says there is none."""
    if row is None:
        raise Http404(NO_SUCH_PAGE)
    return row


def must(may: bool) -> None:  # noqa: FBT001
    """Show a page that a person has no business on as if it were not there."""
    if not may:
        raise Http404(NO_SUCH_PAGE)


def one_form(
    request: HttpRequest,
    form: Form,
    do: Callable[[], object],
    *,
    back: str,
    done: str,
    words: Mapping[str, Any],
) -> HttpResponse:
    """One form, one operation: run it when sent and valid, else show the form again with everything kept.

    Args:
        back: the address of the page it belongs to, where one goes afterwards and on "Cancel".
        done: what the next page says.
        words: title, caption, lead and button of the page.
    """
    if request.method == "POST" and form.is_valid() and attempt(form, do) is not None:
        messages.success(request, done)
        return redirect(back)
    context = {"form": form, "back": back, "files_again": bool(request.FILES), "lead": "", "caption": "", **words}
    return render(request, "changes/one_form.html", context, status=status_of(form))
