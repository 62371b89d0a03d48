"""Error pages, in plain words. A page that is not there and one a person may not see look the same."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    return render(request, f"design/{name}.html", status=status, using="jinja2")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, "400", 400)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, for what is not there and for what this person may not see."""
    return _page(request, "404", 404)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 with the refusal's sentence, for a step this person may not take on a thing they may see.

    A refusal without a sentence looks like a missing page, so that nobody learns what exists by asking.
    """
    sentence = str(exception or "")
    if not sentence:
        return page_not_found(request, exception)
    return render(request, "design/403.html", {"sentence": sentence}, status=403, using="jinja2")


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Asks nothing of the request or the database: they may be what failed."""
    page = get_template("design/500.html", using="jinja2").render({"request": None})
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 where the form's token did not fit: usually a page left open for long, or a sign-in in another tab."""
    return _page(request, "csrf_failure", 403)
