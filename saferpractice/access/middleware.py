"""What holds for every request: how a refusal is answered, that no browser keeps a page, and what no text can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from saferpractice.trail.refusals import Refused

log = structlog.get_logger()


class RefusalMiddleware:
    """Turns ``Refused`` into "not found" for a look and into its sentence (403) for a deed.

    What went while the page was at work (a record is disposed of) is "not found" too, and in the log: no page means it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; refusals come through ``process_exception``."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Re-raise a refusal as what the error pages know."""
        if has_gone(exception):
            log.warning("something went while a page was at work on it", error=type(exception).__qualname__)
            raise Http404("It does not exist any more.") from exception
        if not isinstance(exception, Refused):
            return
        if request.method in {"GET", "HEAD"}:
            raise Http404(exception.sentence) from exception
        raise PermissionDenied(exception.sentence) from exception


def has_gone(error: Exception) -> bool:
    """Whether a row that was there is not any more: it was read again, or something was to be added to it."""
    if isinstance(error, IntegrityError):
        return getattr(error.__cause__, "sqlstate", "") == "23503" or "FOREIGN KEY constraint failed" in str(error)
    # The one that is also an AttributeError says that a row never had the other beside it.
    return isinstance(error, ObjectDoesNotExist) and not isinstance(error, AttributeError)


class NothingKeptMiddleware:
    """Says of every page and file that no browser may keep it: the next person at a shared computer presses "Back"."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and say so of the answer unless it says something itself."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


NUL = "\x00"
"""PostgreSQL keeps no text with it, SQLite keeps it and shows half: so it stops at the door, for every page alike."""


class CleanHeadersMiddleware:
    """Takes out of headers what none may hold: a NUL becomes a space (RFC 9110, 5.5), a cookie with one is not read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on as if it had come without."""
        odd = [name for name, value in request.META.items() if name.startswith("HTTP_") and NUL in value]
        for name in odd:
            request.META[name] = request.META[name].replace(NUL, " ")
        # A cookie can also say it in digits, between quotation marks.
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in name + value}
        return self.get_response(request)


class OddCharactersMiddleware:
    """An address with a NUL in its path is not there; what is asked or sent with one is read without it.

    It stands after sign-in, so that whoever is not signed in is asked to, as everywhere. Calls by other systems (which
    carry no token of a form) are left as they are: they answer in their own way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; addresses are judged once they are known to lead somewhere."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        """Raise for a part of the path, and take it out of the rest."""
        if any(isinstance(part, str) and NUL in part for part in (*args, *kwargs.values())):
            raise Http404
        if getattr(view, "csrf_exempt", False):
            return
        if _is_odd(request.GET):
            request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and _is_odd(request.POST):
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]


def _is_odd(given: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in given.lists())


def _without_nul(given: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True, encoding=given.encoding)
    for name, values in given.lists():
        kept.setlist(name.replace(NUL, ""), [value.replace(NUL, "") for value in values])
    kept._mutable = False
    return kept
